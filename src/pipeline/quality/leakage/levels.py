"""A column as levels: filled or not, its most frequent words, its numbers above and below the quartiles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.features.attributes import read_values
from pipeline.features.auto import values_of
from pipeline.quality.leakage.timing import THERE, Level
from pipeline.tables.columns import Floats, Objects, Texts
from pipeline.tables.frame import shown
from pipeline.tables.matching import distinct

Mask = NDArray[np.bool_]

MOST_WORDS = 8

DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./]\d{1,2}[./]\d{2,4}")
LOOKED_AT = 200


@dataclass(frozen=True)
class Column:
    """A column of n leads: numbers, or the codes of its words; NaN or -1 where it is empty. `since` is the age in days
    from which a lead has it: 0 for an attribute, that of the fact for a fact's number; infinite where it has none.
    """

    name: str
    values: Floats | Texts
    since: Floats

    @property
    def filled(self) -> Mask:
        """Where it is not empty."""
        found: Mask = ~np.isnan(self.values) if isinstance(self.values, np.ndarray) else self.values.codes >= 0
        return found


def attribute(name: str, values: Objects) -> Column:
    """An attribute as it stands, its values read as the training set would read them; dates as words."""
    found, _ = distinct(values)
    read = read_values(values, "categorical" if are_dates(found) else values_of(found), None)
    return Column(name, read, np.zeros(len(values)))


def are_dates(values: Objects) -> bool:
    """Whether the first of some different values are texts that look like dates."""
    seen = [value for value in values[:LOOKED_AT].tolist() if value is not None]
    return bool(seen) and all(isinstance(value, str) and DATE.match(value) for value in seen)


def levels(column: Column) -> Iterator[Level]:
    """The levels of a column: THERE among all, every other one among the filled."""
    filled = column.filled
    share = float(np.mean(filled[np.isfinite(column.since)])) if np.isfinite(column.since).any() else 0.0
    since = column.since
    if share < 0.995:
        yield Level(THERE, np.where(filled, since, np.inf), since)
    within = np.where(filled, since, np.inf)
    if isinstance(column.values, Texts):
        counts = np.bincount(column.values.codes[filled], minlength=len(column.values.words))
        frequent = np.argsort(-counts, kind="stable")[:MOST_WORDS]
        for code in frequent.tolist():
            if 0 < counts[code] < filled.sum():
                yield Level(
                    shown(column.values.words[code]), np.where(column.values.codes == code, since, np.inf), within
                )
        return
    numbers = column.values
    if not filled.any():
        return
    for q, side in ((0.25, "low"), (0.5, "low"), (0.5, "high"), (0.75, "high")):
        edge = float(np.quantile(numbers[filled], q))
        chosen = numbers < edge if side == "low" else numbers > edge
        if chosen.any() and not chosen[filled].all():
            yield Level(f"{'under' if side == 'low' else 'over'} {edge:g}", np.where(chosen, since, np.inf), within)

"""Columns that tell the time and not the lead: a date, a number that counts rows, a figure that is everybody's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.quality.leakage.levels import Column, are_dates
from pipeline.quality.leakage.odds import neighbours
from pipeline.tables.columns import Floats, Texts

ALIKE = 0.1
"""Neighbours in time differ by less than this share of what any two leads differ by: then a column is a clock."""

RUNS = 1.5
"""Words come in so few runs for each: a word that comes back, as a month's name does, is no clock."""

FEWEST = 100
UNIQUE = 0.98


@dataclass(frozen=True)
class Clock:
    """What a column is in disguise: "a clock", "the order of rows", "an id" or "a date", with the evidence."""

    what: str
    evidence: str


def clock(column: Column, time: Floats) -> Clock | None:
    """What a column is in disguise, by the leads in order of `time`; None where it is nothing of the kind."""
    order = np.argsort(time, kind="stable")
    order = order[column.filled[order]]
    if len(order) < FEWEST:
        return None
    if isinstance(column.values, Texts):
        return _words(column.values.take(order))
    values = column.values[order]
    unlike = neighbours(values)
    different = len(np.unique(values))
    if np.isnan(unlike) or unlike >= ALIKE or different < 3:
        return None
    if different >= UNIQUE * len(values):
        return Clock("the order of rows", f"{different:,} different numbers, which rise or fall with the creation")
    return Clock(
        "a clock",
        f"{different:,} different numbers; leads that came one after the other differ by {100 * unlike:.1f} % of what "
        "any two differ by",
    )


def _words(column: Texts) -> Clock | None:
    codes, size = column.codes, len(column)
    counts = np.bincount(codes, minlength=len(column.words))
    used = int((counts > 0).sum())
    if used >= 3 and are_dates(np.array(column.words, dtype=object)):
        return Clock("a date", f"{used:,} different texts, and they are dates")
    if used >= UNIQUE * size:
        return Clock("an id", f"{used:,} different texts in {size:,} leads")
    runs = 1 + int((codes[1:] != codes[:-1]).sum())
    if used >= 3 and runs <= RUNS * used and used < size / 5:
        return Clock("a clock", f"{used:,} different texts, each of leads that came one after the other")
    return None

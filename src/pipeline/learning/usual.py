"""What is usual among the observations that a model learned from: plain figures for its card, for sentences to tell.

Each lead counts once: with its latest observation of an age band where its facts are told, with its first one where
what does not move with its age is. Figures are shares of leads, rounded to four digits, so that equal rows give equal
cards. Nothing is told of fewer than LEAST leads.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.criteria import Criterion
from pipeline.definitions.spans import DAY
from pipeline.features.matrix import Definition
from pipeline.tables.columns import Floats, Instants

BANDS = (7, 30, 90)
"""Ages in days that end a band: (0, 7], (7, 30], (30, 90], and older."""
LEAST = 20
"""Leads below which a share says nothing."""
STEPS = (1, 2, 3, 5, 10, 20, 50, 100)
"""Counts of which "so many or more" is kept."""
FEW_NUMBERS = 25
"""Up to so many different numbers each has its share; more have deciles."""

Rows = NDArray[np.int64]
Plain = dict[str, Any]


def usual(
    matrix: Floats, definition: Definition, lead: NDArray[np.integer[Any]], cutoff: Instants, created_at: Instants
) -> Plain:
    """What is usual among n training observations with their matrix (n, p).

    `lead` (n,) tells leads apart; `cutoff` and `created_at` (n,) are UTC microseconds. The answer: `bands`, `leads` (a
    number of leads a band), `all` (leads), and `columns`, by name one of

    - `at_least`: {"1": a share a band, "2": ...} of leads with so many facts or more; null in a band of few leads
    - `values` (in the vocabulary's order), `other`, `missing`: shares of leads
    - `numbers`: [[value, share], ...], `missing`
    - `deciles`: nine numbers, among leads that have one; `missing`
    """
    age = (cutoff - created_at) / DAY
    band = np.searchsorted(BANDS, age, side="left")
    newest = [_last(lead, cutoff, band == place) for place in range(len(BANDS) + 1)]
    first, last = _last(lead, -cutoff), _last(lead, cutoff)
    found: Plain = {"bands": list(BANDS), "leads": [len(rows) for rows in newest], "all": len(first), "columns": {}}
    if len(first) < LEAST:
        return found
    for position, (name, word) in enumerate(_words(definition)):
        column = matrix[:, position]
        if word in ("count", "active_days", "distinct", "unanswered"):
            found["columns"][name] = {"at_least": _at_least(column, newest)}
        elif word in ("days_since_first", "days_since_last"):
            found["columns"][name] = {"at_least": {"1": [_share(~np.isnan(column[rows])) for rows in newest]}}
        elif name in definition.vocabularies:
            found["columns"][name] = _values(column[last if word else first], len(definition.vocabularies[name]))
        elif word in ("", "mean", "largest", "latest"):
            found["columns"][name] = _numbers(column[last if word else first])
    return found


def _words(definition: Definition) -> Iterator[tuple[str, str]]:
    """Column and its measure's word; "" for attributes, "age" and "persona" for what is not told."""
    for criterion in definition.criteria:
        yield from zip(criterion.columns, _of(criterion), strict=True)


def _of(criterion: Criterion) -> tuple[str, ...]:
    if criterion.measures:
        return tuple(measure.word for measure in criterion.measures)
    return ("persona" if criterion.persona else "age" if criterion.built_in == "age" else "",)


def _last(lead: NDArray[np.integer[Any]], cutoff: Instants, among: NDArray[np.bool_] | None = None) -> Rows:
    """Of each lead the row with the greatest cutoff, among some rows."""
    rows = np.arange(len(lead)) if among is None else np.flatnonzero(among)
    ordered = rows[np.lexsort((cutoff[rows], lead[rows]))]
    ends = np.append(lead[ordered][1:] != lead[ordered][:-1], True)[: len(ordered)]
    found: Rows = ordered[ends]
    return found


def _share(holds: NDArray[np.bool_]) -> float | None:
    return round(float(np.count_nonzero(holds)) / len(holds), 4) if len(holds) >= LEAST else None


def _at_least(column: Floats, newest: list[Rows]) -> dict[str, list[float | None]]:
    found = {str(step): [_share(column[rows] >= step) for rows in newest] for step in STEPS}
    return {step: shares for step, shares in found.items() if step == "1" or any(shares)}


def _values(column: Floats, size: int) -> Plain:
    known = column[~np.isnan(column)].astype(np.int64)
    counts = np.bincount(known, minlength=size + 1) / len(column)
    shares = [round(float(share), 4) for share in counts]
    return {"values": shares[:size], "other": shares[size], "missing": _share(np.isnan(column))}


def _numbers(column: Floats) -> Plain:
    known, missing = column[~np.isnan(column)], _share(np.isnan(column))
    numbers, counts = np.unique(known, return_counts=True)
    if 0 < len(numbers) <= FEW_NUMBERS:
        shares = counts / len(column)
        return {
            "numbers": [[float(n), round(float(share), 4)] for n, share in zip(numbers, shares, strict=True)],
            "missing": missing,
        }
    if len(known) < LEAST:
        return {"missing": missing}
    deciles = np.quantile(known, np.arange(1, 10) / 10, method="inverted_cdf")
    return {"deciles": [float(decile) for decile in deciles], "missing": missing}

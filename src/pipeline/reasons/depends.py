"""How a criterion's contribution depends on the value: medians by bin or by category, with intervals.

For analysts, who look at many leads: its intervals need SciPy, so that it is on no request's way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.learning.calibration import dot
from pipeline.learning.metrics import Figure, drawn_weights, figure_of_draws, independent
from pipeline.tables.columns import Floats

DRAWS = 300
BINS = 10
MOST_WORDS = 12
"""Categories that are shown by themselves: the most frequent."""
SEED = 7

Groups = NDArray[np.int64]
Indices = NDArray[np.int64]
Values = Floats | Sequence[str | None]
"""Numbers (n,), missing ones NaN, or words, missing ones None."""


def dependence(
    contribution: Floats, values: Values, group: Groups, bins: int = BINS, draws: int = DRAWS
) -> dict[str, Any]:
    """How contributions (n,) in log-odds go with the values (n,) that they are of.

    Parameters
    ----------
    values : numbers are cut into at most `bins` bins of about equal count, closed on the right; where there are no more
        values than that each has its own. Words are told one by one, the MOST_WORDS most frequent
    group : (n,) integers; observations of one group are drawn together for the intervals

    Returns
    -------
    `{"kind", "n", "points", "missing", "direction"}`. `kind` is "number" or "word". A point has `n`, `contribution`
    (the median, a figure), `low_tenth` and `high_tenth` (a tenth of the observations is below, above); of numbers also
    `from`, `to` and `value`, the median of the values; of words `value`. `missing` is such a point, or None where no
    value is missing. `direction` is the rank correlation of value and contribution, a figure; None of words.

    >>> found = dependence(np.array([-1.0, -1.0, 2.0, 2.0]), np.array([0.0, 0.0, 3.0, np.nan]), np.arange(4), draws=0)
    >>> [(point["value"], point["contribution"]["value"]) for point in found["points"]], found["missing"]["n"]
    ([(0.0, -1.0), (3.0, 2.0)], 1)
    """
    numeric = isinstance(values, np.ndarray)
    parts = _of_numbers(values, bins) if isinstance(values, np.ndarray) else _of_words(values)
    found = [(about, rows) for about, rows in parts if len(rows)]
    told = dict(zip(range(len(found)), _medians(contribution, [rows for _, rows in found], group, draws), strict=True))
    points = [about | told[place] for place, (about, _) in enumerate(found)]
    missing = [point for point in points if point["value"] is None]
    goes = direction(contribution, values, group, draws).to_json() if isinstance(values, np.ndarray) else None
    return {
        "kind": "number" if numeric else "word",
        "n": len(contribution),
        "points": [point for point in points if point["value"] is not None],
        "missing": missing[0] if missing else None,
        "direction": goes,
    }


def direction(contribution: Floats, values: Floats, group: Groups, draws: int = DRAWS, level: float = 0.95) -> Figure:
    """Rank correlation of values (n,) and contributions (n,), missing values left out: above 0, more speaks for a lead.

    >>> direction(np.array([1.0, 2.0, 3.0]), np.array([9.0, 8.0, np.nan]), np.arange(3), draws=0).value
    -1.0
    """
    known = np.flatnonzero(~np.isnan(values))
    if not len(known):
        return Figure(None, None, None, "no value is known")
    x, y = ranks(values[known]), ranks(contribution[known])
    if not x.any() or not y.any():
        return Figure(None, None, None, "all values or all contributions are alike")
    ids, owner = np.unique(group[known], return_inverse=True)
    drawn = [_correlation(x, y, weight) for weight in drawn_weights(owner, len(ids), draws, SEED)]
    value = _correlation(x, y, np.ones(len(x)))
    return figure_of_draws(value, np.array(drawn), None, level, independent(group[known]))


def ranks(values: Floats) -> Floats:
    """Ranks (n,) around 0, ties sharing theirs.

    >>> ranks(np.array([5.0, 1.0, 5.0])).tolist()
    [0.5, -1.0, 0.5]
    """
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    shared = np.cumsum(count) - (count + 1) / 2
    centred: Floats = shared[place] - (len(values) - 1) / 2
    return centred


def _correlation(x: Floats, y: Floats, weight: Floats) -> float:
    whole = dot(weight, np.ones(len(weight)))
    if not whole:
        return float("nan")
    a, b = x - dot(weight, x) / whole, y - dot(weight, y) / whole
    size = dot(weight, a * a) * dot(weight, b * b)
    return min(1.0, max(-1.0, dot(weight, a * b) / size**0.5)) if size > 0 else float("nan")


def _of_numbers(values: Floats, bins: int) -> Iterator[tuple[dict[str, Any], Indices]]:
    known = values[~np.isnan(values)]
    distinct = np.unique(known)
    ends = distinct
    if len(distinct) > bins:
        # Values of the data, and no means of two: the bin of a value is then the same on every machine.
        ends = np.unique(np.quantile(known, np.arange(1, bins + 1) / bins, method="inverted_cdf"))
    place = np.searchsorted(ends, values)
    for number in range(len(ends)):
        rows = np.flatnonzero((place == number) & ~np.isnan(values))
        inside = values[rows]
        middle = float(np.median(inside))
        yield {"from": float(inside.min()), "to": float(inside.max()), "value": middle}, rows
    yield {"value": None}, np.flatnonzero(np.isnan(values))


def _of_words(values: Sequence[str | None]) -> Iterator[tuple[dict[str, Any], Indices]]:
    where: dict[str | None, list[int]] = {}
    for row, word in enumerate(values):
        where.setdefault(word, []).append(row)
    words = sorted((word for word in where if word is not None), key=lambda word: (-len(where[word]), word))
    for word in (*words[:MOST_WORDS], None):
        yield {"value": word}, np.array(where.get(word, []), dtype=np.int64)


def _medians(contribution: Floats, parts: Sequence[Indices], group: Groups, draws: int) -> Iterator[dict[str, Any]]:
    """Of each part (rows of the observations) its size and spread, and the median with an interval."""
    ids, owner = np.unique(group, return_inverse=True)
    ordered = [rows[np.argsort(contribution[rows], kind="stable")] for rows in parts]
    drawn: list[list[float]] = [[] for _ in parts]
    for weight in drawn_weights(owner, len(ids), draws, SEED):
        for found, rows in zip(drawn, ordered, strict=True):
            found.append(weighted_median(contribution[rows], weight[rows]))
    for rows, found in zip(ordered, drawn, strict=True):
        inside = contribution[rows]
        value = weighted_median(inside, np.ones(len(rows)))
        low, high = np.quantile(inside, [0.1, 0.9])
        yield {
            "n": len(rows),
            "contribution": figure_of_draws(value, np.array(found), groups=independent(owner[rows])).to_json(),
            "low_tenth": float(low),
            "high_tenth": float(high),
        }


def weighted_median(rising: Floats, weight: Floats) -> float:
    """The first of rising values (n,) with half of the weight (n,) at or below it; NaN without weight.

    >>> weighted_median(np.array([1.0, 2.0, 9.0]), np.array([1.0, 0.0, 2.0]))
    9.0
    """
    summed = np.cumsum(weight)
    if not len(summed) or not summed[-1]:
        return float("nan")
    return float(rising[np.searchsorted(summed, summed[-1] / 2)])

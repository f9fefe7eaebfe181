"""Explanations of many leads: which criteria, families and sides count, how much, and how sure that is.

For analysts; how a contribution depends on its value, and what turned between two models, stand beside it. The
intervals need SciPy, so that none of this is on a request's way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.criteria import Criterion
from pipeline.learning.calibration import dot
from pipeline.learning.metrics import drawn_weights, figure_of_draws, independent
from pipeline.reasons import explain
from pipeline.reasons.depends import dependence
from pipeline.reasons.turned import turned
from pipeline.tables.columns import Floats

__all__ = ["dependence", "families", "importance", "importance_by", "sides", "turned"]

DRAWS = 500
SEED = 7

Groups = NDArray[np.int64]
Row = dict[str, Any]


def importance(
    contributions: Floats, criteria: Sequence[Criterion], group: Groups, draws: int = DRAWS, language: str = "en"
) -> list[Row]:
    """Mean |contribution| of each criterion over n observations, the largest first, equal ones by name.

    Parameters
    ----------
    contributions : (n, criteria) in calibrated log-odds
    group : (n,) integers; observations of one group are drawn together for the intervals
    language : of the labels, where the workspace gives any in it

    Returns
    -------
    A row a criterion: `criterion`, `family`, `side`, `label`, `importance` (a figure), `share` of the sum over all
    criteria, `share_between` its 95 % interval or None, and `mean`, the signed mean (a figure).

    >>> calls = Criterion("calls", "engagement", attribute="calls"), Criterion("sector", "demographics", attribute="s")
    >>> found = importance(np.array([[1.0, -3.0], [-1.0, -3.0]]), calls, np.array([0, 1]), draws=0)
    >>> [(row["criterion"], row["importance"]["value"], row["share"], row["mean"]["value"]) for row in found]
    [('sector', 3.0, 0.75, -3.0), ('calls', 1.0, 0.25, 0.0)]
    """
    about = [
        {"criterion": one.name, "family": one.family, "side": one.side, "label": one.title(language)}
        for one in criteria
    ]
    return _ranked(contributions, about, group, draws)


def families(contributions: Floats, criteria: Sequence[Criterion], group: Groups, draws: int = DRAWS) -> list[Row]:
    """The same of families: mean |sum of the family's contributions|, with `family` and `side`."""
    sums = explain.by_family(contributions, criteria)
    side_of = {criterion.family: criterion.side for criterion in criteria}
    about = [{"family": family, "side": side_of[family]} for family in sums]
    return _ranked(np.column_stack([*sums.values()]) if sums else contributions[:, :0], about, group, draws)


def sides(contributions: Floats, criteria: Sequence[Criterion], group: Groups, draws: int = DRAWS) -> list[Row]:
    """The same of both sides, fit and intent, with `side`."""
    parts = np.column_stack(explain.by_side(contributions, criteria))
    return _ranked(parts, [{"side": "fit"}, {"side": "intent"}], group, draws)


def importance_by(
    contributions: Floats,
    criteria: Sequence[Criterion],
    group: Groups,
    segment: Sequence[str | None],
    most: int = 8,
    draws: int = DRAWS,
) -> dict[str, list[Row]]:
    """Importance within each of the `most` frequent segments (n,), by their size; who is in none is left out."""
    where: dict[str, list[int]] = {}
    for row, name in enumerate(segment):
        if name is not None:
            where.setdefault(name, []).append(row)
    names = sorted(where, key=lambda name: (-len(where[name]), name))[:most]
    return {name: importance(contributions[where[name]], criteria, group[where[name]], draws) for name in names}


def _ranked(parts: Floats, about: Sequence[Mapping[str, Any]], group: Groups, draws: int) -> list[Row]:
    """Rows of columns of contributions (n, k), each with what is `about` it."""
    if not len(parts) or not about:
        none = {"value": None, "low": None, "high": None, "why": "there are no observations"}
        return [{**each, "importance": none, "share": None, "share_between": None, "mean": none} for each in about]
    size, size_drawn = means(np.abs(parts), group, draws)
    mean, mean_drawn = means(parts, group, draws)
    share, share_drawn = (_shares(sizes) for sizes in (size[None, :], size_drawn))
    behind = independent(group)
    rows = []
    for place, each in enumerate(about):
        part = figure_of_draws(float(share[0, place]), share_drawn[:, place], groups=behind)
        rows.append(
            {
                **each,
                "importance": figure_of_draws(float(size[place]), size_drawn[:, place], groups=behind).to_json(),
                "share": part.value,
                "share_between": None if part.low is None else [part.low, part.high],
                "mean": figure_of_draws(float(mean[place]), mean_drawn[:, place], groups=behind).to_json(),
            }
        )
    return sorted(rows, key=lambda row: (-row["importance"]["value"], next(iter(row.values()))))


def means(parts: Floats, group: Groups, draws: int = DRAWS) -> tuple[Floats, Floats]:
    """Means of columns (n, k): (k,) of all observations, and (draws, k) where groups are drawn anew."""
    ids, owner = np.unique(group, return_inverse=True)
    sums = np.column_stack([np.bincount(owner, column, len(ids)) for column in parts.T])
    counts = np.bincount(owner, minlength=len(ids)).astype(np.float64)
    drawn = [
        # Not by BLAS, whose bits depend on the number of threads.
        np.einsum("g,gc->c", weight, sums) / dot(weight, counts)
        for weight in drawn_weights(np.arange(len(ids)), len(ids), draws, SEED)
    ]
    return sums.sum(axis=0) / len(parts), np.array(drawn).reshape(-1, parts.shape[1])


def _shares(sizes: Floats) -> Floats:
    total = sizes.sum(axis=1, keepdims=True)
    shares: Floats = np.divide(sizes, total, out=np.zeros_like(sizes), where=total > 0)
    return shares

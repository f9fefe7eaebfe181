"""Rolling folds: what was known then is fitted on, what came after it validates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.tables.columns import Instants

SHARES = 5
MIN_WON_LEADS = 20
"""Won leads that a fold's fitted rows must hold."""

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Fold:
    """Two sets of rows: every row of `fit` has `cutoff + horizon <= start`, and `start` is the first of `validate`."""

    number: int
    start: int
    fit: Rows
    validate: Rows


def won_leads(lead: NDArray[np.integer], label: NDArray[np.integer]) -> int:
    """How many different leads have an observation that is won."""
    return len(np.unique(lead[label == 1]))


def rolling_folds(
    cutoff: Instants,
    horizon: int | None,
    label: NDArray[np.integer],
    lead: NDArray[np.int64],
    min_won: int = MIN_WON_LEADS,
) -> list[Fold]:
    """Cut the rows in time order into five equal shares; the last four validate, each fitted on what was known before.

    Parameters
    ----------
    cutoff : (n,) instants, in any order
    horizon : microseconds; None where time is only an order, and then an earlier cutoff is known
    label : (n,) 0 or 1
    lead : (n,) integers; equal means the same lead
    min_won : won leads that the fitted rows must hold; a share with fewer gives no fold

    Returns
    -------
    Up to four folds in time order, numbered 1 to 4 by their share. Rows are indices in time order, equal cutoffs in the
    order given. A share starts with all rows of its first cutoff, so that one cutoff is never on both sides: shares
    are equal up to that, and one without rows gives no fold.

    >>> import numpy as np
    >>> folds = rolling_folds(np.arange(10), 3, np.ones(10, int), np.arange(10), min_won=1)
    >>> [(fold.number, fold.fit.tolist(), fold.validate.tolist()) for fold in folds][:2]
    [(2, [0, 1], [4, 5]), (3, [0, 1, 2, 3], [6, 7])]
    """
    order = np.argsort(cutoff, kind="stable")
    ordered = cutoff[order]
    cuts = [len(order) * share // SHARES for share in range(1, SHARES)]
    if not len(order):
        return []
    starts = [int(np.searchsorted(ordered, ordered[cut], side="left")) for cut in cuts]
    folds = []
    for number, (begin, end) in enumerate(zip(starts, [*starts[1:], len(order)], strict=True), start=1):
        if begin == end:
            continue
        start = int(ordered[begin])
        known = int(np.searchsorted(ordered, start - (1 if horizon is None else horizon), side="right"))
        fit = order[: min(known, begin)]
        if won_leads(lead[fit], label[fit]) >= min_won:
            folds.append(Fold(number, start, fit, order[begin:end]))
    return folds

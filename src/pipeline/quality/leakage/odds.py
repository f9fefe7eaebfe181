"""The few tests that the checks rest on: shares with their bounds, strata put together, how alike neighbours are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from pipeline.tables.columns import Floats

Mask = NDArray[np.bool_]
Indices = NDArray[np.int64]


def wilson(part: float, whole: float, confidence: float = 0.95) -> tuple[float, float]:
    """The interval of a share (Wilson 1927); (0, 1) where there is nothing to count.

    >>> [round(end, 3) for end in wilson(9, 10)]
    [0.596, 0.982]
    """
    if whole <= 0:
        return 0.0, 1.0
    z = float(stats.norm.ppf(0.5 + confidence / 2))
    p, spread = part / whole, z * z / whole
    middle = (p + spread / 2) / (1 + spread)
    width = z * np.sqrt(p * (1 - p) / whole + spread / (4 * whole)) / (1 + spread)
    return float(max(0.0, middle - width)), float(min(1.0, middle + width))


def strata(order: Floats, rows: Mask, size: int = 50) -> Indices:
    """A stratum for each row: neighbours in `order` share one, `size` of them; -1 for those not asked."""
    found = np.full(len(order), -1, dtype=np.int64)
    chosen = np.flatnonzero(rows)
    place = np.argsort(order[chosen], kind="stable")
    found[chosen[place]] = np.arange(len(chosen)) // size
    return found


def together(holds: Mask, case: Mask, stratum: Indices) -> tuple[float, float]:
    """Mantel and Haenszel (1959): whether cases hold it more often than others of their stratum.

    Gives z, positive where they do, and the common odds ratio; rows with stratum -1 do not count. (0, 1) where no
    stratum has both cases and others, or all of them are alike.
    """
    rows = stratum >= 0
    count = int(stratum.max(initial=-1)) + 1
    if not count:
        return 0.0, 1.0
    a, b, c, d = (
        np.bincount(stratum[rows & one & two], minlength=count).astype(float)
        for one, two in ((holds, case), (holds, ~case), (~holds, case), (~holds, ~case))
    )
    whole = a + b + c + d
    informative = whole > 1
    a, b, c, d, whole = (part[informative] for part in (a, b, c, d, whole))
    variance = (a + b) * (c + d) * (a + c) * (b + d) / (whole * whole * (whole - 1))
    if not variance.sum() > 0:
        return 0.0, 1.0
    excess = a - (a + b) * (a + c) / whole
    ratio = (np.sum(a * d / whole) + 0.5) / (np.sum(b * c / whole) + 0.5)
    return float(excess.sum() / np.sqrt(variance.sum())), float(ratio)


def upper(z: float) -> float:
    """The chance of a normal deviate this high or higher."""
    return float(stats.norm.sf(z))


def neighbours(values: Floats) -> float:
    """How much neighbours differ beside any two (von Neumann 1941), by ranks: 1 in random order, 0 for a clock.

    A constant column has no answer: NaN.
    """
    ranks = stats.rankdata(values)
    variance = float(np.var(ranks))
    if len(values) < 3 or not variance > 0:
        return float("nan")
    return float(np.mean(np.diff(ranks) ** 2) / (2 * variance))


def area(score: Floats, won: Mask) -> tuple[float, float]:
    """The AUC of a score, ties by half, and its standard error (Hanley and McNeil 1982); NaN where all are alike."""
    positives, negatives = int(won.sum()), int((~won).sum())
    if not positives or not negatives:
        return float("nan"), float("nan")
    ranks = stats.rankdata(score)
    auc = float((ranks[won].sum() - positives * (positives + 1) / 2) / (positives * negatives))
    one, two = auc / (2 - auc), 2 * auc * auc / (1 + auc)
    spread = auc * (1 - auc) + (positives - 1) * (one - auc * auc) + (negatives - 1) * (two - auc * auc)
    return auc, float(np.sqrt(max(spread, 0.0) / (positives * negatives)))

"""Totals of what happens by chance, with intervals that hold for few: conversions, amounts, costs per conversion.

A total is the sum of what groups (accounts, contacts, leads) contribute, each by chance. Its interval is that of Fay
and Feuer (1997, Confidence intervals for directly standardized rates: a method based on the gamma distribution), which
is the exact one of a Poisson count where every group contributes 0 or 1, and widens where one contributes more at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import gamma

from pipeline.learning.metrics import Figure
from pipeline.tables.columns import Floats

LEVEL, Z = 0.95, 1.959964
NOTHING = "nothing was spent"
NO_UPPER = "none yet: no upper bound"


@dataclass(frozen=True)
class Total:
    """A sum with what its chance is made of: `variance`, the sum of squares of the groups' parts, and the largest."""

    value: float
    variance: float
    largest: float

    @classmethod
    def of(cls, parts: Floats, group: NDArray[np.int64], unit: float = 1.0) -> Total:
        """The total of parts (n,), those of one group (n,) coming together; `unit` is the least that could come next.

        >>> Total.of(np.array([1.0, 1.0, 1.0]), np.array([0, 0, 1]))
        Total(value=3.0, variance=5.0, largest=2.0)
        """
        if not len(parts):
            return cls(0.0, 0.0, unit)
        sums = np.bincount(np.unique(group, return_inverse=True)[1], parts)
        return cls(float(sums.sum()), float((sums * sums).sum()), max(unit, float(sums.max())))

    def __add__(self, other: Total) -> Total:
        """Of two that are independent."""
        return Total(self.value + other.value, self.variance + other.variance, max(self.largest, other.largest))

    @property
    def together(self) -> float:
        """How many units come at once: 1 where each group gives one."""
        return self.variance / self.value if self.value > 0 else 1.0

    @property
    def low(self) -> float:
        """The lower end of the interval."""
        return 0.0 if self.value <= 0 else self._quantile(0.0, (1 - LEVEL) / 2)

    @property
    def high(self) -> float:
        """The upper end."""
        return self._quantile(self.largest, (1 + LEVEL) / 2)

    def _quantile(self, more: float, share: float) -> float:
        mean, variance = self.value + more, self.variance + more * more
        return float(gamma.ppf(share, mean * mean / variance, scale=variance / mean))

    @property
    def figure(self) -> Figure:
        """The total with its interval."""
        return Figure(self.value, self.low, self.high)

    def over(self, cost: float) -> Figure:
        """The total a unit of cost."""
        if cost <= 0:
            return Figure(None, None, None, NOTHING)
        return Figure(self.value / cost, self.low / cost, self.high / cost)

    def under(self, cost: float) -> Figure:
        """The cost of a unit of the total; without an upper end where none came.

        >>> Total(0.0, 0.0, 1.0).under(100.0).high is None
        True
        """
        if cost <= 0:
            return Figure(None, None, None, NOTHING)
        if self.value <= 0:
            return Figure(None, cost / self.high, None, NO_UPPER)
        return Figure(cost / self.value, cost / self.high, cost / self.low if self.low > 0 else None)

    def drawn(self, random: np.random.Generator, draws: int) -> Floats:
        """What the true mean may be, (draws,): a gamma whose shape knows half a contribution more than was seen."""
        unit = self.variance / self.value if self.value > 0 else self.largest
        return unit * random.gamma(self.value / unit + 0.5, size=draws)


def share(part: float, whole: float, together: float, why: str) -> Figure:
    """A share of so many, by Wilson's interval (1927), widened by how much comes `together`; `why` there is none.

    >>> figure = share(5.0, 10.0, 1.0, "nobody")
    >>> figure.value, round(figure.low, 3), round(figure.high, 3)
    (0.5, 0.237, 0.763)
    """
    if whole <= 0:
        return Figure(None, None, None, why)
    size, p = whole / together, part / whole
    middle = (p + Z * Z / (2 * size)) / (1 + Z * Z / size)
    half = Z * (p * (1 - p) / size + Z * Z / (4 * size * size)) ** 0.5 / (1 + Z * Z / size)
    return Figure(p, max(0.0, middle - half), min(1.0, middle + half))


def change(
    before: Total,
    cost_before: float | None,
    after: Total,
    cost_after: float | None,
    why: str | None = None,
) -> Figure:
    """By what factor the cost of a unit changed, with its log-normal interval; `why` says that it cannot be told.

    >>> round(change(Total(10.0, 10.0, 1.0), 500.0, Total(20.0, 20.0, 1.0), 500.0).value, 3)
    0.5
    """
    if why is None and (not cost_before or not cost_after):
        why = "a period without spend"
    if why is None and min(before.value, after.value) <= 0:
        why = "a period without conversions"
    if why is not None or cost_before is None or cost_after is None or cost_before * cost_after < 0:
        return Figure(None, None, None, why or "a period with more paid back than spent")
    ratio = (cost_after / after.value) / (cost_before / before.value)
    spread = math.exp(Z * math.sqrt(before.variance / before.value**2 + after.variance / after.value**2))
    return Figure(ratio, ratio / spread, ratio * spread)

"""Ratios of sums over groups of observations, each with a bootstrap interval: one draw weighs every sum at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.learning.metrics import DRAWS, UNDEFINED_SHARE, Figure
from pipeline.tables.columns import Floats


@dataclass(frozen=True)
class Sums:
    """Named sums of all observations, and of each draw. `values`: (1 + draws, parts), the first row of all."""

    names: tuple[str, ...]
    values: Floats

    @classmethod
    def of(cls, group: NDArray[np.int64], parts: Mapping[str, Floats], draws: int = DRAWS, seed: int = 7) -> Sums:
        """Sums of parts (n,) over the groups (n,) of 0, 1, ...; a draw takes as many groups as there are, with repeats.

        One group gives no draws: an interval of no width would claim a certainty that is not there.
        """
        groups = int(group.max(initial=-1)) + 1
        sums = np.column_stack([np.bincount(group, part, groups) for part in parts.values()])
        random = np.random.default_rng(seed)
        values = [sums.sum(axis=0)]
        for _ in range(draws if groups > 1 else 0):
            weight = np.bincount(random.integers(0, groups, groups), minlength=groups).astype(np.float64)
            # Not by BLAS, whose bits depend on the number of threads.
            values.append(np.einsum("g,gp->p", weight, sums))
        return cls(tuple(parts), np.array(values))

    def total(self, name: str) -> float:
        """The sum of all observations."""
        return float(self.values[0, self.names.index(name)])

    def over(self, above: str, below: str) -> Floats:
        """One sum over another, of all and of each draw (1 + draws,); NaN where the other is 0."""
        a, b = (self.values[:, self.names.index(name)] for name in (above, below))
        shares: Floats = np.divide(a, b, out=np.full(len(a), np.nan), where=b > 0)
        return shares

    def ratio(self, above: str, below: str, scale: float = 1.0) -> Figure:
        """One sum over another, times `scale`, with its 95 % interval.

        >>> sums = Sums.of(np.array([0, 1]), {"won": np.array([1.0, 0.0]), "all": np.ones(2)}, draws=0)
        >>> sums.ratio("won", "all").value
        0.5
        """
        return figure(scale * self.over(above, below))


def figure(values: Floats) -> Figure:
    """A figure of its value and its draws (1 + draws,), NaN where undefined; percentiles 2.5 to 97.5 of the draws."""
    value, drawn = float(values[0]), values[1:]
    if np.isnan(value):
        return Figure(None, None, None, "there is nothing to divide by")
    defined = drawn[~np.isnan(drawn)]
    if not len(drawn):
        return Figure(value, None, None, "no interval: nothing was drawn")
    if len(defined) < (1 - UNDEFINED_SHARE) * len(drawn):
        return Figure(value, None, None, f"{len(drawn) - len(defined)} of {len(drawn)} draws have no value")
    low, high = np.percentile(defined, [2.5, 97.5])
    return Figure(value, float(low), float(high))

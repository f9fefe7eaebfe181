"""Eight figures of how good probabilities are, as functions of a weight an observation.

A weight of 2 means a row twice, so the same function gives the value (all weights 1) and every draw of a bootstrap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.learning.calibration import IDENTITY, Line, chances, dot, fit_line
from pipeline.tables.columns import Floats

FIGURES = (
    "auc",
    "average_precision",
    "log_loss",
    "brier",
    "lift_10",
    "calibration_error",
    "calibration_slope",
    "calibration_intercept",
)
"""Their names, in the order of every array of figures."""

NEED_BOTH = ("auc", "average_precision", "lift_10", "calibration_slope", "calibration_intercept")
"""Those that need observations won and lost."""

TOP_SHARE = 0.1
BINS = 10

Groups = NDArray[np.int64]
Lines = tuple[Line | None, Line | None]
Starts = tuple[tuple[Line, Floats | None], tuple[Line, Floats | None]]


def safe_log(p: Floats) -> Floats:
    """Logarithms of probabilities, finite at 0."""
    return np.log(np.maximum(p, np.finfo(np.float64).eps))


@dataclass(frozen=True)
class Ranked:
    """Observations by descending probability; those with equal probability are one place. What all draws share."""

    order: Groups  # observations by descending probability
    label: Floats  # in that order
    starts: Groups | None  # where each place starts; None if no two probabilities are equal
    p: Floats  # one a place, like all below
    log_p: Floats
    log_rest: Floats
    margin: Floats
    miss_won: Floats
    miss_lost: Floats

    @classmethod
    def of(cls, y: Floats, p: Floats, group: Groups) -> Ranked:
        """Rank labels, probabilities in [0, 1] and groups, all (n,) with n > 0."""
        # Ordered by the label too, so that the sums of a place do not depend on the order of arrival.
        order = np.lexsort((group, y, -p))
        places = np.flatnonzero(np.diff(p[order], prepend=2.0))
        unique = p[order][places]
        log_p, log_rest = safe_log(unique), safe_log(1 - unique)
        starts = places if len(places) < len(p) else None
        return cls(order, y[order], starts, unique, log_p, log_rest, log_p - log_rest, (1 - unique) ** 2, unique**2)

    def weigh(self, weight: Floats) -> tuple[Floats, Floats]:
        """Weight won and weight in all, a place."""
        total = weight[self.order]
        won = total * self.label
        if self.starts is None:
            return won, total
        return np.add.reduceat(won, self.starts), np.add.reduceat(total, self.starts)

    def figures(self, weight: Floats, starts: Starts | None = None) -> tuple[Floats, Lines]:
        """FIGURES under a weight an observation, NaN where undefined, and the lines behind the last two.

        With `starts` (draws), the lines are found from there, and to a hundredth of a standard error only.
        """
        won, total = self.weigh(weight)
        lost = total - won
        all_won, all_lost, size = float(won.sum()), float(lost.sum()), float(total.sum())
        values = np.full(len(FIGURES), np.nan)
        sum_won, sum_total = _running(won), _running(total)
        values[2] = -(dot(won, self.log_p) + dot(lost, self.log_rest)) / size
        values[3] = (dot(won, self.miss_won) + dot(lost, self.miss_lost)) / size
        # A place that straddles an edge is cut in proportion: interpolation of the running sums does exactly that.
        excess = np.interp(np.linspace(0.0, size, BINS + 1), sum_total, _running(won - total * self.p))
        values[5] = np.abs(np.diff(excess)).sum() / size
        if not all_won or not all_lost:
            return values, (None, None)
        values[0] = dot(lost, sum_won[1:] - won / 2) / (all_won * all_lost)
        reached = np.flatnonzero(won)
        values[1] = dot(won[reached], sum_won[reached + 1] / sum_total[reached + 1]) / all_won
        values[4] = np.interp(TOP_SHARE * size, sum_total, sum_won) / (TOP_SHARE * all_won)
        # From the base rate alone, where Newton's method is safe, to the lines of all; draws start from those.
        joint, fixed = starts or ((Line(0.0, float(np.log(all_won / all_lost))), None), (IDENTITY, None))
        precision = 1e-18 if starts is None else 1e-4
        both = None
        if not _separated(won, lost):
            centre = dot(total, self.margin) / size
            both = fit_line(self.margin, won, total, centre=centre, start=joint[0], begun=joint[1], tolerance=precision)
            values[6] = both.slope
        level = fit_line(self.margin, won, total, free_slope=False, start=fixed[0], begun=fixed[1], tolerance=precision)
        values[7] = level.intercept
        return values, (both, level)

    def starts_from(self, lines: Lines) -> Starts:
        """The lines with the chances they give each place: worked out once for all draws."""
        joint, fixed = ((line, None if line is None else chances(line, self.margin)) for line in lines)
        return (joint[0] or IDENTITY, joint[1]), (fixed[0] or IDENTITY, fixed[1])

    def reasons(self) -> dict[str, str]:
        """Figure -> why it is undefined for these observations."""
        won, total = self.weigh(np.ones(len(self.order)))
        if not won.any() or not (total - won).any():
            why = "no observation is won" if not won.any() else "every observation is won"
            return dict.fromkeys(NEED_BOTH, why)
        if len(self.p) == 1:
            return {"calibration_slope": "every probability is the same"}
        if _separated(won, total - won):
            return {"calibration_slope": "the probabilities separate won from lost completely"}
        return {}


def _running(values: Floats) -> Floats:
    """Sums of the first 0, 1, ... values."""
    sums = np.zeros(len(values) + 1)
    np.cumsum(values, out=sums[1:])
    return sums


def _separated(won: Floats, lost: Floats) -> bool:
    """Whether no slope is best: nothing won is ranked below something lost, or the other way round."""
    is_won, is_lost = won > 0, lost > 0
    first_won, first_lost = int(is_won.argmax()), int(is_lost.argmax())
    last = len(won) - 1
    last_won, last_lost = last - int(is_won[::-1].argmax()), last - int(is_lost[::-1].argmax())
    return last_won <= first_lost or last_lost <= first_won

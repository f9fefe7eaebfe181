"""How good probabilities are: eight figures, each with a bootstrap interval over groups of observations.

Observations of one lead, contact or account share their fate, so groups are drawn, not observations. A draw is a weight
a group; the point value and every draw come from the same function of weights, where a weight of 2 means a row twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pipeline.learning.calibration import dot
from pipeline.learning.figures import FIGURES, Groups, Ranked, safe_log
from pipeline.tables.columns import Floats

__all__ = ["FIGURES", "Figure", "paired_log_loss", "quality"]

DRAWS = 1_000
"""Bootstrap draws behind an interval."""

UNDEFINED_SHARE = 0.05
"""Above this share of draws without a value, a figure has no interval."""


@dataclass(frozen=True)
class Figure:
    """A value with its interval (95 % unless said otherwise). What is undefined is None, and `why` says so."""

    value: float | None
    low: float | None
    high: float | None
    why: str | None = None

    def to_json(self) -> dict[str, float | str | None]:
        """`{"value", "low", "high"}`, and "why" where something is undefined."""
        plain: dict[str, float | str | None] = {"value": self.value, "low": self.low, "high": self.high}
        return plain if self.why is None else plain | {"why": self.why}


def quality(
    label: ArrayLike, probability: ArrayLike, group: ArrayLike, draws: int = DRAWS, seed: int = 7
) -> dict[str, Figure]:
    """The eight FIGURES of `n` observations.

    Parameters
    ----------
    label : (n,) 0 or 1
    probability : (n,) in [0, 1]; clipped only where a logarithm needs it
    group : (n,) integers; equal means drawn together
    draws : draws with replacement of as many groups as there are; intervals are percentiles 2.5 to 97.5

    Raises
    ------
    ValueError
        If lengths differ, a label is neither 0 nor 1, or a probability is outside [0, 1] or missing.

    Notes
    -----
    auc: chance that a won observation has the higher probability, ties counting half. average_precision: precision
    averaged over the recall gained, equal probabilities taken together. lift_10: won share among the tenth with the
    highest probabilities over the won share of all; ties at the edge count in part. calibration_error: mean over 10
    bins of equal size, cut by rank (ties in part), of |won share - mean probability|. calibration_slope: of a logistic
    regression of the label on the log-odds, with an intercept of its own. calibration_intercept: with the slope at 1.

    >>> figures = quality([0, 1, 0, 1], [0.1, 0.4, 0.6, 0.9], [0, 1, 2, 3], draws=0)
    >>> figures["auc"].value, round(figures["brier"].value, 4), figures["auc"].low
    (0.75, 0.185, None)
    """
    y, p = _checked(label, probability)
    ids, group = np.unique(np.asarray(group), return_inverse=True)
    if len(group) != len(y):
        raise ValueError(f"{len(group)} groups for {len(y)} observations")
    if not len(y):
        return dict.fromkeys(FIGURES, Figure(None, None, None, "there are no observations"))
    ranked = Ranked.of(y, p, group)
    values, lines = ranked.figures(np.ones(len(y)))
    starts = ranked.starts_from(lines)
    drawn = np.array([ranked.figures(weight, starts)[0] for weight in _draws(group, len(ids), draws, seed)])
    reasons = ranked.reasons()
    return {
        name: _figure(float(value), column, reasons.get(name), 0.95)
        for name, value, column in zip(FIGURES, values, drawn.reshape(-1, len(FIGURES)).T, strict=True)
    }


def paired_log_loss(
    label: ArrayLike,
    p_a: ArrayLike,
    p_b: ArrayLike,
    group: ArrayLike,
    draws: int = DRAWS,
    seed: int = 7,
    level: float = 0.95,
) -> Figure:
    """Mean log loss of `p_a` minus that of `p_b` on the same observations: below 0, `a` is better.

    Both are drawn together, so what makes an observation hard for both does not widen the interval.

    >>> round(paired_log_loss([0, 1], [0.2, 0.8], [0.5, 0.5], [0, 1]).value, 4)
    -0.47
    """
    y, a = _checked(label, p_a)
    _, b = _checked(label, p_b)
    if not len(y):
        return Figure(None, None, None, "there are no observations")
    ids, group = np.unique(np.asarray(group), return_inverse=True)
    losses = np.where(y == 1, safe_log(b) - safe_log(a), safe_log(1 - b) - safe_log(1 - a))
    difference = np.bincount(group, losses).astype(np.float64)
    size = np.bincount(group).astype(np.float64)
    single = np.arange(len(ids))
    drawn = np.array([dot(weight, difference) / dot(weight, size) for weight in _draws(single, len(ids), draws, seed)])
    return _figure(float(difference.sum() / size.sum()), drawn, None, level)


def _checked(label: ArrayLike, probability: ArrayLike) -> tuple[Floats, Floats]:
    y, p = np.asarray(label, dtype=np.float64), np.asarray(probability, dtype=np.float64)
    if y.shape != p.shape or y.ndim != 1:
        raise ValueError(f"labels of shape {y.shape}, probabilities of shape {p.shape}; expected one flat length")
    if not np.isin(y, (0.0, 1.0)).all():
        raise ValueError("a label is neither 0 nor 1; immature observations must be left out")
    if not ((p >= 0.0) & (p <= 1.0)).all():
        raise ValueError("a probability is missing or outside [0, 1]")
    return y, p


def _draws(group: Groups, groups: int, draws: int, seed: int) -> Iterator[Floats]:
    """Weights of the observations, draw by draw: how often each one's group was drawn."""
    random = np.random.default_rng(seed)
    # Drawing one group from one gives itself: an interval of no width would claim a certainty that is not there.
    for _ in range(draws if groups > 1 else 0):
        yield np.bincount(random.integers(0, groups, groups), minlength=groups).astype(np.float64)[group]


def _figure(value: float, drawn: Floats, why: str | None, level: float) -> Figure:
    if why is not None or np.isnan(value):
        return Figure(None, None, None, why or "no finite value is best")
    if not len(drawn):
        return Figure(value, None, None, "no interval: nothing was drawn")
    defined = drawn[~np.isnan(drawn)]
    if len(defined) < (1 - UNDEFINED_SHARE) * len(drawn):
        return Figure(value, None, None, f"{len(drawn) - len(defined)} of {len(drawn)} draws have no value")
    low, high = np.percentile(defined, [50 * (1 - level), 50 * (1 + level)])
    return Figure(value, float(low), float(high))

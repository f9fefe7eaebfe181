"""Which traits won leads have more often than all leads: lifts, with intervals and a correction for many looks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from pipeline.learning.metrics import Behind, Figure, figure_of_draws, independent
from pipeline.quality.worked import drawn_sums
from pipeline.tables.columns import Floats

Mask = NDArray[np.bool_]

LOOKS = "the interval of so many looks needs draws in which the trait was won and not"


@dataclass(frozen=True)
class Lift:
    """A trait among n leads: how many have it, and won of these; `lift` is its share among won over its share of all.

    `corrected` is the lift's interval for as many traits as were looked at (Bonferroni): all of them hold their lifts
    at once in 95 of 100 exports.
    """

    leads: int
    won: int
    of_won: Figure
    of_all: Figure
    lift: Figure
    corrected: Figure

    @property
    def shown(self) -> bool:
        """Whether the trait is more frequent among won leads beyond what chance makes of so many looks."""
        return all(figure.low is not None and figure.low > 1 for figure in (self.lift, self.corrected))


def lifts(won: Mask, group: NDArray[np.integer], traits: Mask) -> list[Lift]:
    """Of each trait its lift.

    Parameters
    ----------
    won : (n,) whether a lead was won
    group : (n,) leads that are drawn together
    traits : (n, k) which leads have which trait

    >>> won, has = np.arange(400) % 4 == 0, np.arange(400) % 8 == 0
    >>> found = lifts(won, np.arange(400), has[:, None])[0]
    >>> found.leads, found.won, found.lift.value, found.shown
    (50, 50, 4.0, True)
    """
    ids, who = np.unique(group, return_inverse=True)
    count = traits.shape[1]
    sums = np.zeros((len(ids), 2 + 2 * count))
    sums[:, 0], sums[:, 1] = np.bincount(who, minlength=len(ids)), np.bincount(who[won], minlength=len(ids))
    for place in range(count):
        has = traits[:, place]
        sums[:, 2 + place] = np.bincount(who[has], minlength=len(ids))
        sums[:, 2 + count + place] = np.bincount(who[has & won], minlength=len(ids))
    value, drawn = _shares(sums.sum(axis=0)[None, :], count), _shares(drawn_sums(sums), count)
    everybody, winners = independent(who), independent(who[won])
    needed = -float(ndtri(0.05 / (2 * max(count, 1))))
    found = []
    for place in range(count):
        has = traits[:, place]
        fewer = min((winners, independent(who[has])), key=lambda one: one.alike)
        of_won, of_all = (
            figure_of_draws(float(value[side][0, place]), drawn[side][:, place], groups=behind)
            for side, behind in ((0, winners), (1, everybody))
        )
        ratio, draws = (_ratio(each[0][:, place], each[1][:, place]) for each in (value, drawn))
        lift = figure_of_draws(float(ratio[0]), draws, groups=fewer)
        found.append(
            Lift(int(has.sum()), int((has & won).sum()), of_won, of_all, lift, _corrected(lift, draws, needed, fewer))
        )
    return found


def _shares(sums: Floats, count: int) -> tuple[Floats, Floats]:
    """Of sums a row each trait's share among won leads and among all."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return sums[:, 2 + count :] / sums[:, 1:2], sums[:, 2 : 2 + count] / sums[:, :1]


def _ratio(part: Floats, whole: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(part / whole, dtype=np.float64)


def _corrected(lift: Figure, draws: Floats, needed: float, groups: Behind) -> Figure:
    """The lift with so many standard errors on either side, on the scale of logarithms, where it is nearly normal."""
    if lift.value is None or lift.low is None or lift.value <= 0 or not (draws > 0).all():
        return Figure(lift.value, None, None, lift.why or LOOKS)
    # As the draws are too narrow where groups are few, so is their spread.
    spread = float(np.log(draws).std()) * (groups.alike / max(groups.alike - 1, 1.0)) ** 0.5
    low, high = (float(lift.value * np.exp(side * needed * spread)) for side in (-1, 1))
    return Figure(lift.value, low, high)

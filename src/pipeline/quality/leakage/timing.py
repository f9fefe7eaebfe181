"""Was it there before the end? Open leads of today beside older leads when they were as old and as open.

What a lead has from its creation on, older leads had in the same shares when they were as young, whatever it does to
the outcome: open leads of today are compared with leads of the same age that were open *then*. Where today's open leads
hold a value much more rarely, it came to the older ones later. That alone is no leak: a provider may have filled it in
for all alike, or fashions changed. It is one where, among leads created at the same time, those that ended hold it and
those still open do not.

1. Open leads are put into bins by age. Of each bin the older leads are taken that were open at that age, and are older
   by at least the time in which three quarters of the wins come.
2. A level's share among these is what the open leads are expected to hold. How the share moved from cohort to cohort
   of older leads says how far it may have moved since: a level is rarer than expected only if it is both without and
   with their trend carried on, and what is left of their differences counts as spread.
3. Among leads created together (neighbours by age, 50 at a time) the won, and the lost, are compared with the open.
4. A level is *late* if it is rarer among open leads than expected, and *of the outcome* if it stands with the ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from pipeline.quality.leakage.ends import Ends
from pipeline.quality.leakage.odds import strata, together, upper
from pipeline.quality.leakage.said import FEWEST_WON
from pipeline.tables.columns import Floats

Mask = NDArray[np.bool_]
Indices = NDArray[np.int64]

FEWEST_OPEN, FEWEST_OLDER = 15, 50
BINS, COHORTS = 12, 8
TREND = 2.5
"""A trend of the share over cohorts is believed, and carried on, from so many standard errors on."""

DOUBTFUL = 0.2
"""With a chance above this a level is where it was expected, and is not looked at further."""

THERE = ""
"""The name of the level that something is there at all."""


@dataclass(frozen=True)
class Level:
    """What a lead may hold: from which age in days on it does (infinite: never), among leads that are `within` from an
    age on, as those whose field is filled.
    """

    name: str
    holds: Floats
    within: Floats


@dataclass(frozen=True)
class Timed:
    """A level by its timing. `open_with` of `open_leads` hold it where `expected` were to be expected.

    `late` and `of_outcome` are chances of seeing so much were it honest; `odds` are of holding it if ended against
    still open; `ended_share` and `open_share` are among leads created together; `side` is "won" or "lost".
    """

    level: Level
    open_leads: int
    open_with: int
    expected: float
    late: float
    of_outcome: float
    odds: float
    side: str


@dataclass(frozen=True)
class _Bin:
    now: Indices
    then: Indices
    age: float


class Clockwork:
    """The bins, cohorts and strata of one set of leads: made once, asked for each level."""

    def __init__(self, ends: Ends) -> None:
        self.ends = ends
        lasted = ends.lasts[ends.won]
        self.gap = float(np.quantile(lasted, 0.75)) if len(lasted) else np.inf
        self.whole = float(np.quantile(lasted, 0.95)) if len(lasted) else np.inf

    @cached_property
    def not_applicable(self) -> str | None:
        """Why nothing can be said of timing; None where it can."""
        won, now = int(self.ends.won.sum()), sum(len(b.now) for b in self.bins)
        if won < FEWEST_WON:
            return f"{won} leads are won, and under {FEWEST_WON} nothing can be told"
        if now < FEWEST_OPEN:
            return f"{now} open leads have older ones to be compared with, and under {FEWEST_OPEN} nothing can be told"
        return None

    @cached_property
    def bins(self) -> tuple[_Bin, ...]:
        """Open leads by age, and the older leads that were open at that age."""
        ends = self.ends
        now = np.flatnonzero(ends.open)
        now = now[np.argsort(ends.age[now], kind="stable")]
        found = []
        for rows in np.array_split(now, min(BINS, max(1, len(now) // FEWEST_OPEN))):
            if not len(rows):
                continue
            age = float(np.median(ends.age[rows]))
            then = np.flatnonzero((ends.age > age + self.gap) & (ends.lasts > age))
            if len(then) >= FEWEST_OLDER:
                found.append(_Bin(rows, then, age))
        return tuple(found)

    @cached_property
    def _together(self) -> tuple[Indices, Indices]:
        """Strata of leads created together: of won and open ones, and of lost and open ones."""
        ends = self.ends
        return strata(ends.age, ends.won | ends.open), strata(ends.age, ends.lost | ends.open)

    def time(self, level: Level) -> Timed | None:
        """A level's timing; None where too few open leads are within."""
        open_leads, open_with, expected, late = self._expected(level)
        if open_leads < FEWEST_OPEN:
            return None
        ends, most = self.ends, (1.0, 1.0, "won")
        if late < DOUBTFUL:
            known, holds = np.isfinite(level.within), np.isfinite(level.holds)
            for side, case, stratum in zip(("won", "lost"), (ends.won, ends.lost), self._together, strict=True):
                z, odds = together(holds, case, np.where(known, stratum, -1))
                most = min(most, (min(1.0, 2 * upper(z)), odds, side))
        return Timed(level, open_leads, open_with, expected, late, *most)

    def _expected(self, level: Level) -> tuple[int, int, float, float]:
        """Open leads that are within, how many hold it, how many were to be expected, and the chance of so few."""
        ends = self.ends
        open_leads = open_with = 0
        expected = variance = error = moved = 0.0
        for found in self.bins:
            now = found.now[level.within[found.now] < ends.age[found.now]]
            then = found.then[level.within[found.then] < found.age]
            if not len(now) or len(then) < FEWEST_OLDER // 2:
                continue
            share = float(np.mean(level.holds[then] < found.age))
            # Half a lead more on either side: a share of older leads is not known to be 0 or 1.
            p = (share * len(then) + 0.5) / (len(then) + 1)
            open_leads += len(now)
            open_with += int((level.holds[now] < ends.age[now]).sum())
            expected += len(now) * share
            variance += p * (1 - p) * len(now)
            # Bins share most of their older leads: their errors add up.
            error += len(now) * np.sqrt(p * (1 - p) / len(then))
            moved += len(now) * float(ends.age[then].mean() - ends.age[now].mean())
        if not open_leads:
            return 0, 0, 0.0, 1.0
        slope, slope_error, spread = self._drift(level)
        variance += error**2 + (open_leads * spread) ** 2
        moving = float(np.clip(expected + slope * moved, 0, open_leads))
        unlikely = [
            upper((expected - open_with) / np.sqrt(variance)),
            upper((moving - open_with) / np.sqrt(variance + (slope_error * moved) ** 2)),
        ]
        return open_leads, open_with, expected, max(unlikely)

    def _drift(self, level: Level) -> tuple[float, float, float]:
        """How the share moved over the cohorts of older leads: its slope a day and the slope's error, 0 where there is
        no trend to believe; and the standard deviation between cohorts beyond chance.

        It is looked for among leads that ended alike. More wins in one cohort than in another, or wins still to come,
        move the share of what comes with a win, and are no change of fashion.
        """
        ends = self.ends
        if not self.bins:
            return 0.0, 0.0, 0.0
        # Of the bin of whose older leads most hold it.
        found = max(self.bins, key=lambda each: np.count_nonzero(level.holds[each.then] < each.age))
        then = found.then[level.within[found.then] < found.age]
        then = then[np.argsort(-ends.age[then], kind="stable")]
        groups = [g for g in np.array_split(np.arange(len(then)), COHORTS) if len(g) >= 5]
        if len(groups) < 4:
            return 0.0, 0.0, 0.0
        holds, outcome = (level.holds[then] < found.age).astype(float), ends.outcome[then]
        usual = (np.bincount(outcome, weights=holds, minlength=3) / np.maximum(1, np.bincount(outcome, minlength=3)))[
            outcome
        ]
        size = np.array([len(g) for g in groups], dtype=float)
        moved = np.array([(holds - usual)[g].mean() for g in groups])
        born = np.array([-ends.age[then[g]].mean() for g in groups])
        chance = np.array([np.mean(usual[g] * (1 - usual[g])) for g in groups])
        chance = np.maximum(chance, 0.5 / size.sum()) / size
        centred = born - np.average(born, weights=1 / chance)
        strength = float(np.sum(centred**2 / chance))
        slope = float(np.sum(centred * moved / chance)) / strength if strength > 0 else 0.0
        rest, freedom = moved - slope * centred, len(groups) - 2
        inflation = max(1.0, float(np.sum(rest**2 / chance)) / freedom)
        error = float(np.sqrt(inflation / strength)) if strength > 0 else 0.0
        if abs(slope) <= TREND * error:
            slope = error = 0.0
            rest, freedom = moved, len(groups) - 1
        excess = float(np.sum(rest**2 / chance)) - float(stats.chi2.ppf(0.9, freedom))
        spread = np.sqrt(max(0.0, excess / freedom) * float(np.mean(chance)))
        return slope, error, float(spread)

"""When timing and separation together make a column suspect: the less it alone tells, the more proof is asked.

A strong column is no leak for being strong. What was there before the end is cleared, however well it separates; what
came with the end is suspected, however weak it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from pipeline.quality.leakage.said import share
from pipeline.quality.leakage.separates import Separation
from pipeline.quality.leakage.timing import THERE, Clockwork, Level, Timed

LATE, OF_OUTCOME = 0.04, 1e-6
"""Chances, counted for all levels of a column, below which it came later than it should and stands with the outcome."""

STRONG, STRONG_LATE, STRONG_OF_OUTCOME, STRONG_ODDS = 0.70, 0.2, 1e-9, 15.0
"""Of a column whose AUC is surely above STRONG a little more may be chance, if hardly an open lead has what ended
ones have: with 15 times the odds."""

ALONE, NOT_CLEARED = 0.88, 0.5
"""A column whose AUC is surely above this is suspect unless timing clears it: its chance is at least NOT_CLEARED."""

ALONE_UNTIMED = 0.93
"""... and where timing cannot be looked at, from here on: no column that is known before the end tells so much."""

LATE_FOR_ALL, ALIKE = 1e-3, 0.01
"""Filled later for all leads alike: surely late, and not surely of the outcome."""


@dataclass(frozen=True)
class Suspicion:
    """Of one column or kind: a check's code and the evidence; `suspect` is False for what is only to be known."""

    code: str
    evidence: str
    suspect: bool


def suspicion(name: str, levels: Iterable[Level], clockwork: Clockwork, separation: Separation) -> Suspicion | None:
    """What timing and separation say of a column; None where it is clean."""
    alone = _alone(separation)
    if clockwork.not_applicable is not None:
        if separation.low < ALONE_UNTIMED:
            return None
        return Suspicion("separates", f"{alone}; when it was filled cannot be seen: {clockwork.not_applicable}.", True)
    timed = [found for level in levels if (found := clockwork.time(level)) is not None]
    many = max(1, len(timed))
    late = [found for found in timed if _is_late(found, many, separation)]
    if late:
        worst = min(late, key=lambda found: (found.late, found.of_outcome))
        return Suspicion("filled-later", f"{_told(name, worst)} {alone}.", True)
    least = min((found.late for found in timed), default=0.0) * many
    if separation.low >= (ALONE if timed else ALONE_UNTIMED) and least < NOT_CLEARED:
        return Suspicion("separates", f"{alone}, and its timing does not clear it.", True)
    filled = next((found for found in timed if found.level.name == THERE), None)
    if filled is not None and filled.late < LATE_FOR_ALL and filled.of_outcome >= ALIKE:
        told = (
            f"{filled.open_with:,} of {filled.open_leads:,} open leads have {name}, where {filled.expected:,.0f} were "
            "to be expected of leads as old; won, lost and open leads created together have it alike, so that it is "
            "there tells nothing of the outcome."
        )
        return Suspicion("filled-later", told, False)
    return None


def _is_late(found: Timed, many: int, separation: Separation) -> bool:
    late, outcome = found.late * many, found.of_outcome * many
    return (late < LATE and outcome < OF_OUTCOME) or (
        separation.low >= STRONG and late < STRONG_LATE and outcome < STRONG_OF_OUTCOME and found.odds >= STRONG_ODDS
    )


def _told(name: str, found: Timed) -> str:
    what = f"{name} {found.level.name}".strip()
    rare = share(found.open_with, found.open_leads)
    odds = "more than 100" if found.odds > 100 else f"{found.odds:.0f}" if found.odds >= 10 else f"{found.odds:.1f}"
    return (
        f"{found.open_with:,} of {found.open_leads:,} open leads ({rare}) have {what}, where {found.expected:,.0f} "
        f"were to be expected of leads that were as old and as open ({_chance(found.late)}); among leads created "
        f"together the odds of it are {odds} times as high for {found.side} ones as for open ones "
        f"({_chance(found.of_outcome)})."
    )


def _alone(separation: Separation) -> str:
    """The AUC of the column alone with its interval."""
    if np.isnan(separation.auc):
        return "No AUC: all leads that are old enough ended alike"
    return (
        f"Alone it tells won leads from others with an AUC of {separation.auc:.2f} "
        f"({separation.low:.2f} to {separation.high:.2f})"
    )


def _chance(p: float) -> str:
    return "p < 0.000001" if p < 1e-6 else f"p = {p:.2g}"

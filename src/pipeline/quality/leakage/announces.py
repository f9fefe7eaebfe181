"""Kinds that go with the outcome: almost only just before it or after it, almost only for one of the two.

What is logged with the outcome announces it instead of predicting it: a contract, a signature, the order itself. Two
ways of going with it are told apart: the *first* such fact of a lead stands within DAYS before its end, or after it,
and the end is of one kind; or the *last* one stands within HOURS of nearly every end, and leads with it end far more
often one way: the outcome's last step. What a lively company does every day is near every end too: a kind counts only
where it is there twice as often as facts that fall anywhere into a lead's life.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.quality.leakage.ends import Ends
from pipeline.quality.leakage.facts import Kind
from pipeline.quality.leakage.odds import wilson
from pipeline.quality.leakage.said import share

Mask = NDArray[np.bool_]

DAYS, HOURS = 3.0, 0.1
"""How near, in days, a first and a last fact is to an end that it goes with."""

FEWEST = 10
"""Leads with a kind below which nothing is said of it."""

MOSTLY, NEARLY_ALWAYS = 0.5, 0.75
"""Shares of the leads with a kind, by the lower end of the 95 % interval, that end with the first and the last fact."""

ODDS = 4.0
"""How much more often, in odds, a lead near whose end the kind stands ends this way than the other ended leads."""


@dataclass(frozen=True)
class Announced:
    """A kind and the outcome that it goes with, "won" or "lost": `near` of `leads` with it; `low` of the interval."""

    name: str
    outcome: str
    leads: int
    near: int
    after: int
    first: bool
    evidence: str


def announced(kind: Kind, ends: Ends) -> Announced | None:
    """Whether a kind goes with an outcome, and which; None where it does not, or where under FEWEST leads have it."""
    first, last = kind.first(len(ends)), kind.last(len(ends))
    has = np.isfinite(first)
    if has.sum() < FEWEST:
        return None
    for outcome, ended, other in (("won", ends.won, ends.lost), ("lost", ends.lost, ends.won)):
        starts = has & ended & (first >= ends.lasts - DAYS)
        by_chance = np.minimum(1.0, DAYS / np.maximum(ends.lasts[has & ended], 1e-9)).sum()
        near, leads = int(starts.sum()), int(has.sum())
        after = int((has & ended & (first >= ends.lasts)).sum())
        against = has & other & (first >= ends.lasts - DAYS)
        if (
            near >= FEWEST
            and wilson(near, leads)[0] >= MOSTLY
            and near >= 2 * by_chance
            and _odds(near, int(against.sum()), int(ended.sum()), int(other.sum())) >= ODDS
        ):
            told = (
                f"Of {leads:,} leads with it {near:,} ({share(near, leads)}) are {outcome} within {DAYS:g} days of the "
                f"first one"
            )
            told += f"; for {after:,} it stands at the end or after it." if after else "."
            return Announced(kind.name, outcome, leads, near, after, True, told)
        found = _last_step(kind, ends, outcome, ended, other, has, last)
        if found is not None:
            return found
    return None


def _last_step(
    kind: Kind, ends: Ends, outcome: str, ended: Mask, other: Mask, has: Mask, last: NDArray[np.float64]
) -> Announced | None:
    """A kind whose last fact stands at nearly every end of leads that have it, most of them of one outcome."""
    # Several facts of a lead: any of them may be near its end.
    closing = has & np.isfinite(ends.lasts) & (last >= ends.lasts - HOURS)
    near, leads = int(closing.sum()), int(has.sum())
    mine, rest = int((has & ended).sum()), int((has & other).sum())
    counts = np.bincount(kind.lead, minlength=len(ends))[closing]
    by_chance = (1 - (1 - np.minimum(1.0, HOURS / np.maximum(ends.lasts[closing], 1e-9))) ** counts).sum()
    if (
        near < FEWEST
        or wilson(near, leads)[0] < NEARLY_ALWAYS
        or near < 2 * by_chance
        or wilson(mine, leads)[0] < MOSTLY
        or _odds(mine, rest, int(ended.sum()), int(other.sum())) < ODDS
    ):
        return None
    usual = share(int(ended.sum()), int(ended.sum() + other.sum()))
    told = (
        f"Of {leads:,} leads with it {near:,} ({share(near, leads)}) end within {HOURS * 24:.1f} hours of the last "
        f"one, and {share(mine, leads)} are {outcome}, where {usual} of all ended leads are."
    )
    return Announced(kind.name, outcome, leads, near, int((closing & (last >= ends.lasts)).sum()), False, told)


def _odds(near: int, against: int, ended: int, other: int) -> float:
    """The odds of this outcome where the kind is near, against those of ended leads where it is not."""
    return ((near + 0.5) / (against + 0.5)) / ((ended - near + 0.5) / (other - against + 0.5))

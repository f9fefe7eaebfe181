"""What figures of channels are made of: leads and how they went on, amounts spent, and the periods they fall into."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.spans import DAY
from pipeline.definitions.zones import iso
from pipeline.quality.advice import near
from pipeline.tables.columns import NEVER, Floats, Instants, Texts

Mask = NDArray[np.bool_]
Period = tuple[int, int]

MONTH = 31 * DAY
"""Spend is written by the month at the latest: a longer silence at either end of a period is said."""


@dataclass(frozen=True)
class Came:
    """n leads and how they went on. Instants are UTC microseconds.

    `won_at` is when the first won deal counts, NEVER where none does; `amount` what the deals won within the given time
    brought in, NaN where not known; `again` whether their contact or account won once more later, NaN where they never
    won or have neither; `probability` that of an open lead, NaN of a closed one, None where no model serves; `group`
    the coarsest entity shared.
    """

    created_at: Instants
    channel: Texts
    campaign: Texts
    group: NDArray[np.int64]
    won_at: Instants
    amount: Floats
    again: Floats
    probability: Floats | None

    def in_time(self, within: int) -> Mask:
        """Who was won within the time that every lead is given."""
        mask: Mask = (self.won_at != NEVER) & (self.won_at < self.created_at + within)
        return mask

    def take(self, rows: NDArray[np.generic]) -> Came:
        """The given rows (indices or a mask)."""
        return Came(
            self.created_at[rows],
            self.channel.take(rows),
            self.campaign.take(rows),
            self.group[rows],
            self.won_at[rows],
            self.amount[rows],
            self.again[rows],
            None if self.probability is None else self.probability[rows],
        )


@dataclass(frozen=True)
class Spent:
    """m amounts: when, on which channel and campaign."""

    at: Instants
    channel: Texts
    campaign: Texts
    amount: Floats

    def take(self, rows: NDArray[np.generic]) -> Spent:
        """The given rows (indices or a mask)."""
        return Spent(self.at[rows], self.channel.take(rows), self.campaign.take(rows), self.amount[rows])

    def during(self, period: Period) -> float:
        """What was spent in a period."""
        return float(self.amount[during(self.at, period)].sum())


@dataclass(frozen=True)
class Periods:
    """The three periods `[from, to)` in UTC microseconds, of one length.

    >>> Periods(until=100, within=20, length=30).settled
    (50, 80)
    """

    until: int
    within: int
    length: int = 365 * DAY

    @property
    def settled(self) -> Period:
        """Of leads whose time to convert is over."""
        return self.until - self.within - self.length, self.until - self.within

    @property
    def before(self) -> Period:
        """The one before the settled."""
        return self.settled[0] - self.length, self.settled[0]

    @property
    def latest(self) -> Period:
        """The newest."""
        return self.until - self.length, self.until


def during(at: Instants, period: Period) -> Mask:
    """Which instants are in a period."""
    mask: Mask = (at >= period[0]) & (at < period[1])
    return mask


def doubts(came: Came, spent: Spent | None, periods: Periods) -> Iterator[str]:
    """What the tables may lack: two spellings of one channel, days without leads, days without spend."""
    start, end = periods.settled
    begun = int(came.created_at.min(initial=end))
    if start < begun < end:
        yield f"The leads begin on {iso(begun)[:10]}, within the settled period; shorten it by --period."
    if spent is None or not len(spent.at):
        return
    yield from near(came.channel, spent.channel)
    first, last = int(spent.at.min()), int(spent.at.max())
    if first > start + MONTH:
        yield f"The spend begins on {iso(first)[:10]}, within or after the settled period: costs are too low."
    if last < periods.until - MONTH:
        yield f"The spend ends on {iso(last)[:10]}, before the latest period does: costs after that are missing."

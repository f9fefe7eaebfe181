"""Small exports of one world, and as large a sample of that world as one likes: the same leads, observed the same way.

Leads come over a year and a half, most of them not alone in their account. What decides over a lead is partly its
account's (seen, or hidden from every model) and partly its own; its outcome is drawn once, and so is when it ends.
It is looked at every week while it is open. So observations of one lead share a fate, and leads of one account nearly
do: an interval that takes rows, or leads, for independent is too narrow here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.spans import DAY
from pipeline.tables.columns import Floats, Instants

WEEK = 7 * DAY
HORIZON_WEEKS = 4
WEEKS = 78
LONGEST = 16
"""Weeks. A lead ends after 2 to LONGEST, whatever its outcome; those won end sooner."""
QUARTER = 13

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class World:
    """How a company's leads come and end: what is drawn once and stays."""

    leads: int
    level: float
    seen: float  # how much what is seen of a lead decides
    hidden: float  # spread of what is hidden in a lead
    account_hidden: float  # ... and in its account
    account_size: float  # leads an account, on average
    crowded: bool  # a few accounts hold many of the leads
    lasting: bool  # leads of an account come at any time, and not within a quarter of each other


@dataclass(frozen=True)
class Observed:
    """n mature weekly observations: measures (n, p), labels, cutoffs (microseconds), leads and accounts as integers."""

    X: Floats
    label: NDArray[np.int8]
    cutoff: Instants
    lead: Ints
    account: Ints

    def take(self, rows: NDArray[np.generic]) -> Observed:
        """Some of the observations, by a mask or by their places."""
        return Observed(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def draw_world(random: np.random.Generator, *, lasting: bool = False) -> World:
    """A company of 150 to 600 leads."""
    return World(
        leads=int(random.integers(150, 601)),
        level=float(random.uniform(-2.5, 0.0)),
        seen=float(random.uniform(0.4, 2.5)),
        hidden=float(random.uniform(0.3, 1.2)),
        account_hidden=float(random.uniform(0.3, 1.5)),
        account_size=float(random.uniform(1.2, 4.0)),
        crowded=bool(random.random() < 0.3),
        lasting=lasting,
    )


def observe(world: World, random: np.random.Generator, leads: int | None = None) -> Observed:
    """So many leads of a world (its own number by default) over WEEKS, and every mature observation of them."""
    count = leads or world.leads
    account = _accounts(world, count, random)
    whole = int(account.max()) + 1
    size, sector = random.normal(size=whole)[account], random.integers(0, 6, whole)[account]
    intent, source = random.normal(size=count), random.integers(0, 4, count)
    hidden = world.account_hidden * random.normal(size=whole)[account] + world.hidden * random.normal(size=count)
    known = 0.6 * size + 0.7 * (sector % 3 == 0) + 0.8 * intent - 0.6 * (source == 1)
    won = random.random(count) < 1 / (1 + np.exp(-(world.level + world.seen * known + hidden)))
    lasts = 2 + np.floor((LONGEST - 2) * random.beta(np.where(won, 1.5, 2.0), np.where(won, 2.5, 2.0)))
    created = random.integers(-LONGEST, WEEKS, count)
    if not world.lasting:
        begun = random.integers(-LONGEST - QUARTER, WEEKS, whole)
        created = begun[account] + random.integers(0, QUARTER + 1, count)
    lead = np.repeat(np.arange(count), lasts.astype(np.int64))
    first = np.cumsum(lasts.astype(np.int64)) - lasts.astype(np.int64)
    age = np.arange(len(lead)) - first[lead]
    week = created[lead] + age
    # Contacts so far: more where intent is high, told a little more every week.
    more = random.poisson(np.exp(0.5 * intent[lead] - 0.7)).astype(np.float64)
    running = np.cumsum(more)
    contacts = running - (running - more)[first][lead]
    X = np.column_stack(
        [size[lead], sector[lead], source[lead], contacts, more, age, random.normal(size=(len(lead), 3))]
    )
    X[random.random(len(lead)) < 0.15, 0] = np.nan
    label = (won[lead] & (lasts[lead] - age <= HORIZON_WEEKS)).astype(np.int8)
    mature = np.flatnonzero((week >= 0) & (week + HORIZON_WEEKS <= WEEKS))
    return Observed(X, label, week * WEEK, lead, account[lead]).take(mature)


def _accounts(world: World, count: int, random: np.random.Generator) -> Ints:
    """An account a lead. Where leads are crowded, a tenth of the accounts hold half of them.

    A larger sample has more accounts of the same sizes, not larger ones.
    """
    whole = max(2, round(count / world.account_size))
    account = random.integers(0, whole, count)
    if world.crowded:
        crowd = random.random(count) < 0.5
        account[crowd] = random.integers(0, max(1, whole // 10), int(crowd.sum()))
    return account

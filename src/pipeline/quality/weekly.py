"""Weekly lists of open leads, and who of them is called when only so many calls can be made a week."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.zones import local_day
from pipeline.tables.columns import Floats, Instants

Rows = NDArray[np.int64]

WEEK = 7
"""Days."""


@dataclass(frozen=True)
class Lists:
    """The entries of all lists, in the order of their weeks: each lead that was open stands in a week's list once.

    `row` (m,) is the observation that an entry is, `week` (m,) its list from 0 on, and `lead` (m,) counts the leads.
    `day` (weeks,) is when each list starts; weeks without an open lead have none.
    """

    row: Rows
    week: Rows
    lead: Rows
    day: Rows

    @property
    def weeks(self) -> int:
        """How many lists there are."""
        return len(self.day)

    def slices(self) -> Iterator[slice]:
        """Where each list stands."""
        edges = np.searchsorted(self.week, np.arange(self.weeks + 1))
        for begin, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            yield slice(begin, end)


def weekly_lists(cutoff: Instants, lead: NDArray[np.integer], timezone: str, days: int = WEEK) -> Lists:
    """A list for every `days` local days from the first cutoff on: of each lead the first observation in them.

    >>> from pipeline.definitions.spans import DAY
    >>> lists = weekly_lists(np.array([0, 7, 9, 14]) * DAY, np.array([5, 5, 5, 6]), "UTC")
    >>> lists.row.tolist(), lists.week.tolist(), lists.lead.tolist(), lists.day.tolist()
    ([0, 1, 3], [0, 1, 2], [0, 0, 1], [0, 7, 14])
    """
    if not len(cutoff):
        nobody = np.empty(0, dtype=np.int64)
        return Lists(nobody, nobody, nobody, nobody)
    # By calendar days: a local week is an hour shorter or longer where the clocks change.
    day = local_day(cutoff, timezone)
    first = int(day.min())
    week = (day - first) // days
    order = np.lexsort((cutoff, lead, week))
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = (np.diff(week[order]) != 0) | (np.diff(lead[order]) != 0)
    row = order[new]
    held, listed = np.unique(week[row], return_inverse=True)
    who = np.unique(lead[row], return_inverse=True)[1]
    return Lists(row, listed.astype(np.int64), who.astype(np.int64), first + held * days)


def calls(lists: Lists, score: Floats, calls_a_list: float, rest: int) -> Floats:
    """How much of each entry (m,) is called, 0 to 1: on each list those not called in the last `rest` days with the
    highest scores. Equal scores at the edge share the calls that are left: the average of a draw among them.

    >>> from pipeline.definitions.spans import DAY
    >>> lists = weekly_lists(np.array([0, 0, 0, 7, 7]) * DAY, np.array([1, 2, 3, 1, 2]), "UTC")
    >>> score = np.array([0.9, 0.5, 0.5, 0.9, 0.1])
    >>> calls(lists, score, 2, rest=30).tolist(), calls(lists, score, 2, rest=7).tolist()
    ([1.0, 0.5, 0.5, 0.0, 0.5], [1.0, 0.5, 0.5, 1.0, 1.0])
    """
    return _in_turn(lists, rest, lambda where, free: _best(score[where], free, calls_a_list))


def random_calls(lists: Lists, calls_a_list: float, rest: int) -> Floats:
    """How much of each entry (m,) is called where calls are drawn among the leads not called in the last `rest` days.

    What is left of a lead is by the chances of the lists before, as if leads were many.
    """

    def drawn(_: slice, free: Floats) -> Floats:
        whole = float(free.sum())
        return free * (min(1.0, calls_a_list / whole) if whole > 0 else 0.0)

    return _in_turn(lists, rest, drawn)


def _in_turn(lists: Lists, rest: int, choose: Callable[[slice, Floats], Floats]) -> Floats:
    """List by list, what `choose` takes of the entries that are free again."""
    free = np.ones(int(lists.lead.max(initial=-1)) + 1)
    taken = np.zeros(len(lists.row))
    resting: deque[tuple[int, slice]] = deque()
    for day, where in zip(lists.day.tolist(), lists.slices(), strict=True):
        while resting and resting[0][0] + rest <= day:
            back = resting.popleft()[1]
            free[lists.lead[back]] += taken[back]
        lead = lists.lead[where]
        taken[where] = choose(where, np.clip(free[lead], 0.0, 1.0))
        free[lead] -= taken[where]
        resting.append((day, where))
    return taken


def lowest(lists: Lists, score: Floats, share: float) -> Floats:
    """How much of each entry (m,) belongs to the `share` of its list with the lowest scores; equal ones share the edge.

    >>> lists = weekly_lists(np.zeros(4, dtype=np.int64), np.arange(4), "UTC")
    >>> lowest(lists, np.array([0.3, 0.1, 0.2, 0.2]), 0.5).tolist()
    [0.0, 1.0, 0.5, 0.5]
    """
    taken = np.zeros(len(lists.row))
    for where in lists.slices():
        size = where.stop - where.start
        taken[where] = _best(-score[where], np.ones(size), share * size)
    return taken


def _best(score: Floats, available: Floats, most: float) -> Floats:
    """Of what is available of each entry, `most` in all from the highest scores on; ties at the edge in proportion."""
    order = np.argsort(-score, kind="stable")
    ranked = score[order]
    starts = np.flatnonzero(np.diff(ranked, prepend=np.inf))
    sizes = np.add.reduceat(available[order], starts)
    before = np.cumsum(sizes) - sizes
    share = np.clip((most - before) / np.where(sizes > 0, sizes, 1.0), 0.0, 1.0)
    taken = np.empty(len(score))
    taken[order] = np.repeat(share, np.diff(np.append(starts, len(score))))
    return taken * available

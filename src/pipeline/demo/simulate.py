"""Three years, day by day: who is contacted, who comes back, who signs and who is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from pipeline.demo import world
from pipeline.demo.people import NOBODY, People
from pipeline.demo.state import Mask, Profile, Rows, Small, State, profile
from pipeline.demo.step import Today, after, closing, happen

OPEN, WON, LOST = 0, 1, 2

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


@dataclass(frozen=True)
class Simulated:
    """What happened. `lead`, `day`: (m,) one row a lead and day on which something did; `what`: the facts of each.

    `before`: the time frame known at the start of that day. `closed_day` is -1 for leads that are open at the end;
    `timeframe` is what is known of it there. `mondays`, for tests: day -> (rows, state) of the leads open as it starts.
    """

    lead: Rows
    day: Rows
    what: Today
    before: Small
    closed_day: Rows
    outcome: NDArray[np.int8]
    timeframe: Small
    mondays: dict[int, tuple[Rows, State]]


def simulate(
    people: People, random: np.random.Generator, progress: Progress | None = None, keep_states: bool = False
) -> Simulated:
    """Simulate the given leads from the first day to the last; `keep_states` fills `mondays`."""
    size = len(people)
    plain = profile(people.attributes)
    deals = np.zeros((3, int(people.account.max(initial=0)) + 1), dtype=np.intp)
    starts = np.searchsorted(people.day, np.arange(world.DAYS + 1))
    rows, known, state = np.empty(0, dtype=np.intp), plain.take(np.empty(0, dtype=np.intp)), State.new(0)
    closed_day, outcome = np.full(size, -1), np.zeros(size, dtype=np.int8)
    timeframe = np.zeros(size, dtype=np.uint8)
    found: list[tuple[Rows, Rows, Today, Small]] = []
    mondays: dict[int, tuple[Rows, State]] = {}

    for number in range(world.DAYS):
        day = world.calendar_day(number)
        if keep_states and world.weekday(number) == 0:
            mondays[number] = (rows, state)
        won, lost = closing(known, state, day)
        luck = random.random(len(rows))
        ending = np.where(luck < won, WON, np.where(luck < won + lost, LOST, OPEN)).astype(np.int8)
        today = happen(known, state, day, random)
        _note(found, number, rows, today, state)
        state = after(state, today)
        timeframe[rows] = state.timeframe

        done = ending != OPEN
        closed_day[rows[done]], outcome[rows[done]] = number, ending[done]
        new = np.arange(starts[number], starts[number + 1])
        born = _born(people, plain, new, deals)
        entry = _entry(people, new, random)
        _note(found, number, new, entry, State.new(len(new)))
        owned = people.account[rows[done]]
        np.add.at(deals, (ending[done][owned != NOBODY], owned[owned != NOBODY]), 1)
        stay = np.flatnonzero(~done)
        rows = np.concatenate([rows[stay], new])
        known = Profile.join([known.take(stay), born])
        state = State.join([state.take(stay), after(State.new(len(new)), entry)])
        if progress is not None:
            progress("days", number + 1, world.DAYS)

    lead, days, parts, before = zip(*found, strict=True)
    what = Today(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Today)))
    return Simulated(
        np.concatenate(lead),
        np.concatenate(days),
        what,
        np.concatenate(before),
        closed_day,
        outcome,
        timeframe,
        mondays,
    )


def _note(found: list[tuple[Rows, Rows, Today, Small]], number: int, rows: Rows, today: Today, state: State) -> None:
    """Keep the leads to whom something happened: a visit, an attempt, a conversation or a request."""
    some: Mask = np.logical_or.reduce(
        [getattr(today, field.name) for field in fields(Today) if field.name != "timeframe"]
    )
    kept = np.flatnonzero(some)
    taken = Today(*(getattr(today, field.name)[kept] for field in fields(Today)))
    found.append((rows[kept], np.full(len(kept), number), taken, state.timeframe[kept]))


def _born(people: People, plain: Profile, new: Rows, deals: NDArray[np.intp]) -> Profile:
    account = people.account[new]
    won, lost = (np.where(account == NOBODY, 0, deals[ending][account]) for ending in (WON, LOST))
    return plain.take(new).with_account(won, lost)


def _entry(people: People, new: Rows, random: np.random.Generator) -> Today:
    """What the new leads did as they were created: at most one thing, by their source, and a visit before it."""
    size = len(new)
    source = people.lead["source"][new]
    luck = random.random(size)
    did = {
        kind: np.zeros(size, dtype=np.bool_) for kind in ("demo_request", "quote_request", "download", "webinar_signup")
    }
    for name, chances in world.ENTRY.items():
        low = 0.0
        for kind, chance in chances.items():
            did[kind] |= (source == name) & (luck >= low) & (luck < low + chance)
            low += chance
    visited = (source != "trade_show") & (random.random(size) < world.ENTRY_VISITED)
    priced = visited & (random.random(size) < world.ENTRY_PRICED)
    none = np.zeros(size, dtype=np.bool_)
    return Today(
        visited, priced, did["download"], did["webinar_signup"], did["demo_request"], did["quote_request"],
        none, none, none, none, none, np.zeros(size, dtype=np.uint8),
    )  # fmt: skip

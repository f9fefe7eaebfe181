"""From what happened on a day to dated rows, as a CRM and its web tracker would have kept them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.demo import words, world
from pipeline.demo.people import SECOND, Instants, Objects, People
from pipeline.demo.simulate import Simulated
from pipeline.demo.state import Mask, Rows
from pipeline.tables.columns import NEVER

HOUR = 3600

TALKS = ("call_answered", "email_reply", "inbound_call")
INBOUND = (*TALKS, "demo_request", "quote_request")
OUTBOUND = ("call", "email_sent")


@dataclass(frozen=True)
class Facts:
    """(m,) interactions in order of time: rows of leads, UTC microseconds, kind, and what only some kinds have."""

    lead: Rows
    at: Instants
    kind: Objects
    duration: NDArray[np.float64]
    page: Objects
    asset: Objects

    def __len__(self) -> int:
        return len(self.at)

    @classmethod
    def of(
        cls,
        lead: Rows,
        at: Instants,
        kind: str,
        *,
        duration: object = np.nan,
        page: object = None,
        asset: object = None,
    ) -> Facts:
        """Rows of one kind; a single value stands for all of them."""
        size = len(lead)
        return cls(
            lead, at, np.full(size, kind, dtype=object), np.broadcast_to(np.asarray(duration, dtype=np.float64), size),
            *(np.broadcast_to(np.asarray(texts, dtype=object), size) for texts in (page, asset)),
        )  # fmt: skip


@dataclass(frozen=True)
class Told:
    """All that happened, dated: interactions, changes (c,), and the times of each lead's deal (NEVER without)."""

    facts: Facts
    changes: Mapping[str, Rows | Instants | Objects]
    opened_at: Instants
    closed_at: Instants


def tell(people: People, simulated: Simulated, random: np.random.Generator) -> Told:
    """Give every fact its time within its day.

    Reps try from 8:30 to 11:30, answers and requests come after noon: so the order of a day's facts is the one by which
    the state counts what is unanswered. A lead's first visit ends with the form that creates it.
    """
    s, today = simulated, simulated.what
    first = s.day == people.day[s.lead]
    born = people.created_at[s.lead]

    def between(start: float, stop: float) -> Instants:
        seconds = random.uniform(start * HOUR, stop * HOUR, size=len(s.lead))
        return world.MIDNIGHTS[s.day] + (seconds * SECOND).astype(np.int64)

    asks = today.demo | today.quote
    session = np.where(asks, between(12, 20.5), between(7, 20.5))
    session = np.where(first, born - (random.uniform(40, 900, size=len(born)) * SECOND).astype(np.int64), session)
    form = np.where(first, born, session + (random.uniform(60, 1500, size=len(born)) * SECOND).astype(np.int64))
    tried, back, rung = between(8.5, 11.4), between(12, 18.5), between(12, 18.5)
    picked_up = tried + random.integers(8, 30, size=len(born)) * SECOND
    parts = [
        _pages(s.lead, session, today.visited, today.priced, np.where(first, born, np.iinfo(np.int64).max), random),
        *(
            _kind(s.lead, at, happened, kind, random)
            for happened, at, kind in (
                (today.download, form, "download"), (today.webinar, form, "webinar_signup"),
                (today.demo, form, "demo_request"), (today.quote, form + 7 * SECOND, "quote_request"),
                (today.call, tried, "call"), (today.email, tried, "email_sent"),
                (today.answered, picked_up, "call_answered"), (today.reply, back, "email_reply"),
                (today.ring, rung, "inbound_call"),
            )
        ),
    ]  # fmt: skip
    changed = np.flatnonzero(s.before != today.timeframe)
    spoke = np.where(today.ring, rung, picked_up)[changed]
    changes = {
        "lead": s.lead[changed],
        "at": spoke + (random.uniform(300, 2400, size=len(changed)) * SECOND).astype(np.int64),
        "value": _frames(today.timeframe[changed]),
        "old": _frames(s.before[changed]),
    }
    facts = _in_order(parts)
    evening = (random.uniform(16.5, 19.5, size=len(people)) * HOUR * SECOND).astype(np.int64)
    closed_at = np.where(s.closed_day < 0, NEVER, world.MIDNIGHTS[s.closed_day] + evening)
    opened_at = _opened(facts, len(people), random)
    opened_at[(closed_at != NEVER) & (opened_at >= closed_at)] = NEVER
    return Told(facts, changes, opened_at, closed_at)


def _frames(codes: NDArray[np.uint8]) -> Objects:
    return np.array(world.TIMEFRAMES, dtype=object)[codes]


def _kind(lead: Rows, at: Instants, happened: Mask, kind: str, random: np.random.Generator) -> Facts:
    rows = np.flatnonzero(happened)
    duration: object = np.nan
    if kind in ("call_answered", "inbound_call"):
        duration = np.round(random.lognormal(5.3, 0.7, size=len(rows)))
    asset = np.array(words.ASSETS, dtype=object)[random.choice(4, size=len(rows), p=(0.5, 0.25, 0.15, 0.1))]
    return Facts.of(lead[rows], at[rows], kind, duration=duration, asset=asset if kind == "download" else None)


def _pages(
    lead: Rows, session: Instants, visited: Mask, priced: Mask, before: Instants, random: np.random.Generator
) -> Facts:
    """The page views of the visits: one to seven pages, the first a price page where prices were seen.

    Pages that would come at or after `before`, the creation of the lead on its first day, are not told, save the first.
    """
    rows = np.flatnonzero(visited)
    pages = np.minimum(random.geometric(0.5, size=len(rows)), 6) + priced[rows]
    visit = np.repeat(np.arange(len(rows)), pages)
    place = np.arange(len(visit)) - np.repeat(np.cumsum(pages) - pages, pages)
    dwell = np.round(np.minimum(random.lognormal(3.4, 0.9, size=len(visit)), 900)) + 1
    spent = np.cumsum(dwell) - dwell
    since = spent - np.repeat(spent[np.cumsum(pages) - pages], pages)
    at = session[rows][visit] + (since * SECOND).astype(np.int64)
    weights = np.array([3, 4, 2, 2, 1, 2, 1.5, 1.5, 1, 0.6, 1.5])
    page = np.array(words.OTHER_PAGES, dtype=object)[
        random.choice(len(weights), size=len(visit), p=weights / weights.sum())
    ]
    price = np.array(words.PRICE_PAGES, dtype=object)[random.choice(3, size=len(visit), p=(0.6, 0.25, 0.15))]
    page = np.where(priced[rows][visit] & (place == 0), price, page)
    told = (at < before[rows][visit]) | (place == 0)
    return Facts.of(lead[rows][visit][told], at[told], "page_view", duration=dwell[told], page=page[told])


def _in_order(parts: list[Facts]) -> Facts:
    columns = [np.concatenate([getattr(part, name) for part in parts]) for name in Facts.__dataclass_fields__]
    order = np.lexsort((columns[0], columns[1]))
    return Facts(*(column[order] for column in columns))


def _opened(facts: Facts, size: int, random: np.random.Generator) -> Instants:
    """When each lead's deal was opened: minutes after its first inbound fact; NEVER where there is none."""
    rows = np.flatnonzero(np.isin(facts.kind.astype(str), INBOUND))
    lead, earliest = np.unique(facts.lead[rows], return_index=True)
    opened = np.full(size, NEVER)
    wait = (random.uniform(120, 1800, size=len(lead)) * SECOND).astype(np.int64)
    opened[lead] = facts.at[rows[earliest]] + wait
    return opened

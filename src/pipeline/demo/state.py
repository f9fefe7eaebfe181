"""A lead as the simulator sees it: what it is (profile) and what has visibly happened to it (state)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.maps import apply_map, shipped_map
from pipeline.demo import world

Floats = NDArray[np.float32]
Small = NDArray[np.uint8]
Bits = NDArray[np.uint32]
Rows = NDArray[np.intp]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Profile:
    """What does not change, one row a lead: the sum of its terms for a won deal, and what else attributes decide."""

    won: Floats
    answer: Floats
    purchasing: Mask
    student: Mask

    def take(self, rows: Rows) -> Profile:
        """The given rows."""
        return Profile(self.won[rows], self.answer[rows], self.purchasing[rows], self.student[rows])

    def with_account(self, won: Rows, lost: Rows) -> Profile:
        """With the terms of the account's deals: (n,) counts of those closed before the local day of creation."""
        term = world.ACCOUNT_WON * np.minimum(won, 2) + world.ACCOUNT_LOST * np.minimum(lost, 2)
        return replace(self, won=self.won + term.astype(np.float32))

    @classmethod
    def join(cls, parts: Sequence[Profile]) -> Profile:
        """Rows one below the other."""
        return cls(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)))


def profile(attributes: Mapping[str, Sequence[str | None]]) -> Profile:
    """The profile of leads by their attributes, without their account's deals.

    `attributes`: job_title, sector, company_size, country, source, campaign -> n values as the files give them; None,
    not given, adds nothing.
    """
    titles = attributes["job_title"]
    function, rank = (_mapped(name, titles) for name in ("job_function", "job_rank"))
    campaigns = {name: term for names in world.CAMPAIGNS.values() for name, (_, term, _) in names.items()}
    terms = (
        (function, world.FUNCTION_WON),
        (rank, world.RANK_WON),
        (attributes["sector"], world.SECTOR_WON),
        (attributes["company_size"], world.SIZE_WON),
        (attributes["country"], world.COUNTRY_WON),
        (attributes["source"], world.SOURCE_WON),
        (attributes["campaign"], campaigns),
    )
    won = sum((_looked_up(values, table) for values, table in terms), np.zeros(len(titles), dtype=np.float32))
    return Profile(
        won,
        _looked_up(function, world.FUNCTION_ANSWER),
        np.array([value == "purchasing" for value in function], dtype=np.bool_),
        np.array([value == "student" for value in function], dtype=np.bool_),
    )


def _mapped(name: str, titles: Sequence[str | None]) -> list[str | None]:
    distinct = sorted({title for title in titles if title is not None})
    values: dict[str | None, str | None] = dict(zip(distinct, apply_map(shipped_map(name), distinct), strict=True))
    values[None] = None
    return [values[title] for title in titles]


def _looked_up(values: Sequence[str | None], table: Mapping[str, float]) -> Floats:
    return np.array([0.0 if value is None else table.get(value, 0.0) for value in values], dtype=np.float32)


@dataclass(frozen=True)
class State:
    """What has visibly happened, at a local midnight, one row a lead. Counts and days stop at 255.

    `visits`, `prices`: bit i is set if the site (its price pages) was seen i + 1 days ago. `since_*`: days since the
    last, 1 = yesterday, 255 = never. `talks`: answered calls, replies and calls received. Inbound: those and requests.
    """

    age: Small
    visits: Bits
    prices: Bits
    downloads: Small
    webinars: Small
    demos: Small
    quotes: Small
    talks: Small
    unanswered: Small
    since_demo: Small
    since_quote: Small
    since_inbound: Small
    since_outbound: Small
    timeframe: Small

    def __len__(self) -> int:
        return len(self.age)

    def take(self, rows: Rows) -> State:
        """The given rows."""
        return State(*(getattr(self, field.name)[rows] for field in fields(self)))

    @classmethod
    def new(cls, size: int) -> State:
        """Leads as they are created: nothing has happened."""
        none, never = np.zeros(size, dtype=np.uint8), np.full(size, world.NEVER_DAYS, dtype=np.uint8)
        unseen = np.zeros(size, dtype=np.uint32)
        return cls(
            age=none, visits=unseen, prices=unseen, downloads=none, webinars=none, demos=none, quotes=none, talks=none,
            unanswered=none, timeframe=none,
            since_demo=never, since_quote=never, since_inbound=never, since_outbound=never,
        )  # fmt: skip

    @classmethod
    def join(cls, parts: Sequence[State]) -> State:
        """Rows one below the other."""
        return cls(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)))

"""One lead, from Python objects to its 40 measures: what a request costs before the model sees it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from benchmarks.large.crm import START
from benchmarks.large.measures import COLUMNS, CRITERIA, DAY, KINDS
from benchmarks.rounds import timed
from pipeline.definitions.criteria import Criterion
from pipeline.features.measures import measure
from pipeline.tables.columns import (
    FLOWS,
    Deals,
    Floats,
    History,
    Interactions,
    Leads,
    Texts,
    no_changes,
    nowhen,
)

CUTOFF = START + 365 * DAY
NO_DEALS = Deals(
    *(Texts.missing(0), Texts.missing(0)), np.empty(0, np.int8), *([nowhen(0)] * 4), np.empty(0, dtype=np.float64)
)


@dataclass(frozen=True, slots=True)
class Fact:
    """An interaction as a program holds it."""

    at: int
    kind: str
    flow: str | None
    duration: float | None


def facts(count: int, seed: int = 3) -> list[Fact]:
    """So many interactions of a year, in the order in which they happened."""
    random = np.random.default_rng(seed)
    at = np.sort(random.integers(START, CUTOFF, count)).tolist()
    kinds = random.choice(list(KINDS), count, p=[share for share, _ in KINDS.values()]).tolist()
    durations = np.round(random.exponential(240, count), 1).tolist()
    missing = (random.random(count) < 0.3).tolist()
    return [
        Fact(when, kind, KINDS[kind][1], None if none else duration)
        for when, kind, duration, none in zip(at, kinds, durations, missing, strict=True)
    ]


@dataclass(frozen=True)
class Measurer:
    """Knows the 40 measures; what can be worked out before a lead comes is."""

    @cached_property
    def criteria(self) -> Sequence[Criterion]:
        """Those of the large CRM."""
        return [Criterion.from_json(plain) for plain in CRITERIA]

    def __call__(self, history: Sequence[Fact]) -> dict[str, Floats | Texts]:
        """The measures at the year's end."""
        count = len(history)
        table = Interactions(
            entity="lead",
            entity_id=Texts(np.zeros(count, dtype=np.int32), ("L",)),
            at=np.array([fact.at for fact in history], dtype=np.int64),
            kind=Texts.of([fact.kind for fact in history]),
            id=Texts.missing(count),
            known_at=nowhen(count),
            flow=np.array([FLOWS[fact.flow] for fact in history], dtype=np.int8),
            numbers={"duration": np.array([fact.duration for fact in history], dtype=np.float64)},
        )
        leads = Leads(Texts.of(["L"]), np.array([START], dtype=np.int64))
        crm = History(leads, (table,), NO_DEALS, no_changes(), CUTOFF)
        return measure(crm, np.zeros(1, dtype=np.int64), np.array([CUTOFF], dtype=np.int64), self.criteria, {})


def one_lead(count: int, calls: int) -> list[float]:
    """Seconds of each call for a lead of so many interactions, after a call that does not count."""
    measurer, history = Measurer(), facts(count)
    columns = measurer(history)
    assert list(columns) == [column.name for column in COLUMNS], "these are not the 40 measures"
    call: Callable[[], float] = timed(lambda: measurer(history))
    return [call() for _ in range(calls)]

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
from pipeline.features.one_lead import measure_one
from pipeline.tables.columns import Floats, Texts

CUTOFF = START + 365 * DAY


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
    def criteria(self) -> tuple[Criterion, ...]:
        """Those of the large CRM."""
        return tuple(Criterion.from_json(plain) for plain in CRITERIA)

    def __call__(self, history: Sequence[Fact]) -> dict[str, Floats | Texts]:
        """The measures at the year's end."""
        return measure_one(
            self.criteria,
            CUTOFF,
            [fact.at for fact in history],
            [fact.kind for fact in history],
            [fact.flow for fact in history],
            numbers={"duration": [fact.duration for fact in history]},
        )


def one_lead(count: int, calls: int) -> list[float]:
    """Seconds of each call for a lead of so many interactions, after a call that does not count."""
    measurer, history = Measurer(), facts(count)
    columns = measurer(history)
    assert list(columns) == [column.name for column in COLUMNS], "these are not the 40 measures"
    call: Callable[[], float] = timed(lambda: measurer(history))
    return [call() for _ in range(calls)]

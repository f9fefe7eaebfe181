"""An engine without a cluster: the plan of `pipeline.distributed` in this process, or in a pool of others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import pyarrow as pa

from pipeline.distributed.engine import Task, run
from pipeline.distributed.parcels import Parcel

Mapped = Callable[[Callable[..., Any], Iterable[Any]], Iterable[Any]]


class Processes:
    """`mapped` runs the tasks: `map`, or that of a pool of processes. Everything travels as bytes."""

    name = "processes"

    def __init__(self, width: int, mapped: Mapped = map) -> None:
        self.width = width
        self.mapped = mapped

    def each(self, task: Task, shared: Parcel, parcels: Sequence[Parcel]) -> list[Parcel]:
        packed = [parcel.to_bytes() for parcel in parcels]
        return [Parcel.from_bytes(answer) for answer in self.mapped(partial(answered, task, shared.to_bytes()), packed)]

    def sort(
        self, task: Task, shared: Parcel, parcels: Sequence[Parcel], parts: int
    ) -> tuple[dict[int, list[pa.Table]], list[Parcel]]:
        answers = self.each(task, shared, parcels)
        pile: dict[int, list[pa.Table]] = {part: [] for part in range(parts)}
        # Pieces may come in any order; a partition has to put its rows right.
        for answer in reversed(answers):
            for part, table in answer.tables.items():
                pile[int(part)].append(table)
        return pile, [Parcel(answer.plain) for answer in answers]

    def within(
        self, task: Task, shared: Parcel, pile: dict[int, list[pa.Table]], parcels: Mapping[int, Parcel]
    ) -> dict[int, Parcel]:
        own = [
            (parcel.to_bytes(), [Parcel({}, {"facts": table}).to_bytes() for table in pile[part]])
            for part, parcel in parcels.items()
        ]
        answers = self.mapped(partial(answered_within, task, shared.to_bytes()), own)
        return dict(zip(parcels, map(Parcel.from_bytes, answers), strict=True))


def answered(task: Task, shared: bytes, own: bytes) -> bytes:
    """The answer to one parcel."""
    return run(task, Parcel.from_bytes(shared), Parcel.from_bytes(own)).to_bytes()


def answered_within(task: Task, shared: bytes, own: tuple[bytes, list[bytes]]) -> bytes:
    """The answer of one partition."""
    facts = [Parcel.from_bytes(table).tables["facts"] for table in own[1]]
    return run(task, Parcel.from_bytes(shared), Parcel.from_bytes(own[0]), facts).to_bytes()

"""What a cluster has to be able to do for us: run a task on each parcel, and bring the facts of some leads together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

import pyarrow as pa

from pipeline.definitions.yaml_lines import DataError, WorkspaceError
from pipeline.distributed.parcels import Parcel

Task = Callable[..., Parcel]
"""`task(shared, own)`, and `task(shared, own, facts)` where the facts of a partition are there too."""

Pile = Any
"""Facts by partition, as an engine keeps them on its workers."""


class Engine(Protocol):
    """A cluster. `width` is how many tasks it runs at a time."""

    name: str
    width: int

    def each(self, task: Task, shared: Parcel, parcels: Sequence[Parcel]) -> list[Parcel]:
        """The task's answers to the parcels, in their order."""

    def sort(self, task: Task, shared: Parcel, parcels: Sequence[Parcel], parts: int) -> tuple[Pile, list[Parcel]]:
        """The plain part of each answer; the tables of the answers, named by partition, are piled up by partition."""

    def within(self, task: Task, shared: Parcel, pile: Pile, parcels: Mapping[int, Parcel]) -> dict[int, Parcel]:
        """The task's answer in each partition that has a parcel, given that parcel and the partition's facts."""


def run(task: Task, shared: Parcel, own: Parcel, *facts: Sequence[pa.Table]) -> Parcel:
    """A task on a worker. What it finds wrong with the data is an answer: an engine would wrap the error in its own."""
    try:
        return task(shared, own, *facts)
    except (WorkspaceError, DataError) as error:
        return Parcel({"refused": str(error)})


def refusal(answers: Iterable[Mapping[str, Any]]) -> str | None:
    """The first thing that a worker found wrong."""
    return next((answer["refused"] for answer in answers if "refused" in answer), None)

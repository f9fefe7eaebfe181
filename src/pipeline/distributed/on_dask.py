"""The tasks on a Dask cluster: one that is running, or two worker processes of this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
from dask.distributed import Client, Future, LocalCluster

from pipeline.definitions.yaml_lines import WorkspaceError
from pipeline.distributed.engine import Task, run
from pipeline.distributed.parcels import Parcel

Pile = Mapping[int, Sequence[Future]]

PATIENCE = "20s"
"""How long a cluster may take to answer."""


class OnDask:
    """An engine on the workers of a client."""

    name = "dask"

    def __init__(self, client: Client) -> None:
        self.client = client
        self.width = max(1, sum(client.nthreads().values()))

    def each(self, task: Task, shared: Parcel, parcels: Sequence[Parcel]) -> list[Parcel]:
        """The task's answers to the parcels, in their order."""
        return self._gathered([self._submit(run, task, self._everywhere(shared), own) for own in self._sent(parcels)])

    def sort(self, task: Task, shared: Parcel, parcels: Sequence[Parcel], parts: int) -> tuple[Pile, list[Parcel]]:
        """Answers stay where they were made; from there each of their tables goes to where it is asked for."""
        everywhere = self._everywhere(shared)
        answers = [self._submit(run, task, everywhere, own) for own in self._sent(parcels)]
        told = self._gathered([self._submit(_without_tables, answer) for answer in answers])
        pile: dict[int, list[Future]] = {part: [] for part in range(parts)}
        for answer, own in zip(answers, told, strict=True):
            for name in own.plain.get("tables", ()):
                pile[int(name)].append(self._submit(_table, answer, name))
        return pile, told

    def within(self, task: Task, shared: Parcel, pile: Pile, parcels: Mapping[int, Parcel]) -> dict[int, Parcel]:
        """The task's answer in each partition that has a parcel."""
        everywhere = self._everywhere(shared)
        sent = self._sent(list(parcels.values()))
        asked = [self._submit(run, task, everywhere, own, list(pile[p])) for p, own in zip(parcels, sent, strict=True)]
        return dict(zip(parcels, self._gathered(asked), strict=True))

    def _submit(self, function: Any, *arguments: Any) -> Future:
        # The same question twice is asked twice: what is kept of the first answer would only fill the workers.
        return self.client.submit(function, *arguments, pure=False)

    def _everywhere(self, shared: Parcel) -> Future:
        return self.client.scatter(shared, broadcast=True, hash=False)

    def _sent(self, parcels: Sequence[Parcel]) -> list[Future]:
        return list(self.client.scatter(list(parcels), hash=False)) if parcels else []

    def _gathered(self, answers: Sequence[Future]) -> list[Parcel]:
        return list(self.client.gather(list(answers)))


def _without_tables(answer: Parcel) -> Parcel:
    return Parcel({**answer.plain, "tables": list(answer.tables)})


def _table(answer: Parcel, name: str) -> pa.Table:
    return answer.tables[name]


def _mute() -> None:
    """Workers that we start have our standard output, which is for the answer; LightGBM tells there who listens."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


@contextmanager
def connected(address: str | None) -> Iterator[Client]:
    """A client of the cluster at an address, which goes on after us, or of one on loopback while this lasts."""
    if address is None:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        # Even without a dashboard the scheduler answers how it is: on a port that nobody else has.
        ports = {"dashboard_address": "127.0.0.1:0"}
        with (
            LocalCluster(
                n_workers=max(2, cores),
                threads_per_worker=1,
                processes=True,
                dashboard_address=None,
                host="127.0.0.1",
                scheduler_kwargs=ports,
            ) as cluster,
            Client(cluster) as client,
        ):
            client.run(_mute)
            yield client
        return
    try:
        client = Client(address, timeout=PATIENCE)
    except (OSError, ValueError, TimeoutError) as error:
        raise WorkspaceError(f"--address {address}: no Dask cluster answers there ({type(error).__name__})") from None
    with client:
        if not client.nthreads():
            raise WorkspaceError(f"--address {address}: the cluster has no worker; start one: dask worker {address}")
        yield client

"""The tasks on a Spark cluster: `mapInArrow` over parcels, `applyInArrow` over partitions.

To Spark a parcel is a cell of bytes: a table that passes through its own types would come back as others.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from pipeline.definitions.yaml_lines import WorkspaceError
from pipeline.distributed.engine import Task, run
from pipeline.distributed.parcels import Parcel

CELLS = "part long, place long, data binary"
"""`part` is a partition, or ASIDE; `place` tells the order."""

ASIDE = -1

NO_JAVA = "--engine spark: Spark needs Java and there is none; on Debian: apt-get install default-jre-headless"

SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.ui.showConsoleProgress": "false",
    # A cell may be large: few of them at a time.
    "spark.sql.execution.arrow.maxRecordsPerBatch": "16",
}
LOCAL = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.driver.memory": "2g",
    "spark.driver.maxResultSize": "0",
    "spark.log.level": "ERROR",
    # Here it only moves bytes, and not for long: what makes a server fast would take most of the processor's time.
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}


class OnSpark:
    """An engine on a Spark session."""

    name = "spark"

    def __init__(self, session: SparkSession) -> None:
        self.session = session
        self.width = max(1, session.sparkContext.defaultParallelism)
        self._kept: DataFrame | None = None

    def each(self, task: Task, shared: Parcel, parcels: Sequence[Parcel]) -> list[Parcel]:
        """The task's answers to the parcels, in their order."""
        return _answers(self._answered(task, shared, parcels))

    def sort(self, task: Task, shared: Parcel, parcels: Sequence[Parcel], parts: int) -> tuple[DataFrame, list[Parcel]]:
        """The tables become rows of their partition; what they were made from is not read twice."""
        if self._kept is not None:
            # What an earlier export took is free again; whoever still asks for it has it made anew.
            self._kept.unpersist()
        self._kept = made = self._answered(task, shared, parcels).persist()
        return made.where(made.part != ASIDE), _answers(made.where(made.part == ASIDE))

    def within(self, task: Task, shared: Parcel, pile: DataFrame, parcels: Mapping[int, Parcel]) -> dict[int, Parcel]:
        """The task's answer in each partition that has a parcel, which stands as one more row beside its facts."""
        sent = self.session.sparkContext.broadcast(shared.to_bytes())
        own = self.session.createDataFrame(
            pa.concat_tables(_row(part, ASIDE, parcel) for part, parcel in parcels.items())
        )
        wanted = pile.where(pile.part.isin(list(parcels))).unionByName(own).repartition(len(parcels), "part")

        def answered(_: tuple[Any, ...], rows: pa.Table) -> pa.Table:
            cells = [(place, Parcel.from_bytes(data)) for place, data in _pairs(rows, "place")]
            mine = next(parcel for place, parcel in cells if place == ASIDE)
            facts = [parcel.tables["facts"] for place, parcel in cells if place != ASIDE]
            answer = run(task, Parcel.from_bytes(sent.value), mine, facts)
            return _row(rows.column("part")[0].as_py(), 0, answer)

        with _unwarned():
            rows = wanted.groupBy("part").applyInArrow(answered, CELLS).toArrow()
        return {part: Parcel.from_bytes(data) for part, data in _pairs(rows, "part")}

    def _answered(self, task: Task, shared: Parcel, parcels: Sequence[Parcel]) -> DataFrame:
        """Every parcel's answer: a row of its plain part, set aside, and one of each of its tables."""
        sent = self.session.sparkContext.broadcast(shared.to_bytes())

        def mapped(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            for batch in batches:
                for place, data in zip(batch.column("place"), batch.column("data"), strict=True):
                    answer = run(task, Parcel.from_bytes(sent.value), Parcel.from_bytes(data.as_buffer()))
                    yield from _row(ASIDE, place.as_py(), Parcel(answer.plain)).to_batches()
                    for part, table in answer.tables.items():
                        yield from _row(int(part), place.as_py(), Parcel({}, {"facts": table})).to_batches()

        if not parcels:
            return self.session.createDataFrame([], CELLS)
        rows = pa.concat_tables(_row(ASIDE, place, parcel) for place, parcel in enumerate(parcels))
        with _unwarned():
            return self.session.createDataFrame(rows).mapInArrow(mapped, CELLS)


@contextmanager
def _unwarned() -> Iterator[None]:
    """Without what PySpark says of pandas 3: nothing passes through pandas here."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
        yield


def _row(part: int, place: int, parcel: Parcel) -> pa.Table:
    return pa.table({"part": [part], "place": [place], "data": pa.array([parcel.to_bytes()], pa.binary())})


def _answers(frame: DataFrame) -> list[Parcel]:
    return [Parcel.from_bytes(data) for _, data in sorted(_pairs(frame.toArrow(), "place"), key=lambda pair: pair[0])]


def _pairs(rows: pa.Table, key: str) -> Iterator[tuple[int, pa.Buffer]]:
    for number, data in zip(rows.column(key), rows.column("data"), strict=True):
        yield number.as_py(), data.as_buffer()


def _answers_at(address: str) -> bool:
    """Whether somebody listens at a master's address; Spark itself would try for a minute and end in a trace."""
    found = re.fullmatch(r"spark://([\w.-]+):(\d+)", address)
    if found is None:
        return True
    try:
        with socket.create_connection((found[1], int(found[2])), timeout=10):
            return True
    except OSError:
        return False


@contextmanager
def connected(address: str | None) -> Iterator[SparkSession]:
    """A session on the cluster at an address, or on this machine's loopback for as long as this lasts."""
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        raise WorkspaceError(NO_JAVA)
    if address is not None and not _answers_at(address):
        raise WorkspaceError(f"--address {address}: no Spark master answers there")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    if address is None:
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    builder = SparkSession.builder.appName("leadlight").master(address or "local[2]")
    for name, value in {**SETTINGS, **({} if address else LOCAL)}.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    try:
        yield session
    finally:
        session.stop()

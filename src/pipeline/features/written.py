"""Observations with their measures on their way into a Parquet file: part by part, and what their whole comes to."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipeline.features.matrix import CATEGORIES, Definition
from pipeline.features.observations import Observations
from pipeline.tables.columns import Floats, History, Texts

Columns = Mapping[str, Floats | Texts]
Mask = NDArray[np.bool_]

ROWS_A_GROUP = 1 << 17
"""Rows of a group of the Parquet file."""

GROUPS = 2
"""So many groups are in memory: one is filled while the one before is written."""

STAMP = pa.timestamp("us", "UTC")


class _Group:
    """Room for a group's rows of each column, filled from the first on and used again; texts are kept as they come."""

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self.numbers: dict[str, Floats] = {}
        self.texts: dict[str, list[pa.Array]] = {}
        self.busy: list[Future[None]] = []

    def fill(self, begin: int, columns: Columns, rows: slice) -> None:
        """Some rows of columns, from `begin` on in the group."""
        end = begin + rows.stop - rows.start
        for name, column in columns.items():
            if isinstance(column, Texts):
                codes = column.codes[rows]
                words = pa.array(list(column.words), type=pa.string())
                self.texts.setdefault(name, []).append(words.take(pa.array(codes, mask=codes < 0)))
                continue
            room = self.numbers.get(name)
            if room is None:
                room = self.numbers[name] = np.empty(self._rows)
            room[begin:end] = column[rows]

    def free(self) -> None:
        """Wait until nobody reads it any more."""
        for job in self.busy:
            job.result()
        self.busy, self.texts = [], {}


class Written:
    """A Parquet file of observations, written in their order. Vocabularies and the hash are those of all its rows.

    The hash is of values, column by column: the same rows in other parts, or from another source, have the same. While
    rows come in, those before them are written by one thread and hashed by another.
    """

    def __init__(self, path: Path, history: History, rows: Observations, training: Mask) -> None:
        """Nothing is written yet; `training` are the rows that vocabularies are counted in."""
        self._path, self._rows, self._training = path, rows, training
        self._ids = pa.array(list(history.leads.id.words), type=pa.string())
        self._codes, self._created = history.leads.id.codes, history.leads.created_at
        self._group = groups(history, rows.lead)
        self._digests: dict[str, Any] = {}
        self._counts: dict[str, Counter[str]] = {}
        self._file: pq.ParquetWriter | None = None
        self._rooms = [_Group(min(ROWS_A_GROUP, len(rows))) for _ in range(GROUPS)]
        self._done, self._filled = 0, 0
        self._names: list[str] = []
        self._writer, self._hasher = ThreadPoolExecutor(1), ThreadPoolExecutor(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, failed: type[BaseException] | None, *ended: object) -> None:
        try:
            if failed is None:
                if self._filled:
                    self._hand_over()
                for room in self._rooms:
                    room.free()
        finally:
            self._writer.shutdown(cancel_futures=True)
            self._hasher.shutdown(cancel_futures=True)
            if self._file is not None:
                self._file.close()

    def add(self, where: slice, columns: Columns) -> None:
        """Write the observations of a range of rows, the one after those of the last call."""
        if not self._names:
            self._names = list(columns)
        for name, column in columns.items():
            if isinstance(column, Texts):
                self._count(name, column.take(self._training[where]))
        begin, size = 0, where.stop - where.start
        while begin < size:
            take = min(size - begin, ROWS_A_GROUP - self._filled)
            self._rooms[0].fill(self._filled, columns, slice(begin, begin + take))
            begin, self._filled = begin + take, self._filled + take
            if self._filled == ROWS_A_GROUP:
                self._hand_over()

    def _hand_over(self) -> None:
        """Have the group that was filled written and hashed, and go on with the one that is free first."""
        room, rows = self._rooms.pop(0), slice(self._done, self._done + self._filled)
        table = self._table(room, rows)
        room.busy = [self._writer.submit(self._write, table), self._hasher.submit(self._digest, table, room, rows)]
        self._done, self._filled = rows.stop, 0
        self._rooms.append(room)
        self._rooms[0].free()

    def _table(self, room: _Group, where: slice) -> pa.Table:
        rows = self._rows
        lead, mature = rows.lead[where], rows.mature[where]
        head = {
            "lead_id": self._ids.take(pa.array(self._codes[lead])),
            "cutoff": pa.array(rows.cutoff[where]).cast(STAMP),
            "created_at": pa.array(self._created[lead]).cast(STAMP),
            "mature": pa.array(mature),
            "label": pa.array(rows.label[where], mask=~mature),
            "group": pa.array(self._group[where]),
        }
        size = where.stop - where.start
        data = {
            name: pa.array(room.numbers[name][:size], from_pandas=True)
            if name in room.numbers
            else pa.concat_arrays(room.texts[name])
            for name in self._names
        }
        return pa.table(head | data)

    def _write(self, table: pa.Table) -> None:
        if self._file is None:
            # Hardly two numbers of a column of days are alike: only texts are worth a dictionary.
            named = [field.name for field in table.schema if pa.types.is_string(field.type)]
            self._file = pq.ParquetWriter(self._path, table.schema, use_dictionary=named, write_statistics=False)
        self._file.write_table(table, row_group_size=ROWS_A_GROUP)

    def _digest(self, table: pa.Table, room: _Group, where: slice) -> None:
        rows = self._rows
        plain = {
            "cutoff": rows.cutoff[where],
            "created_at": self._created[rows.lead[where]],
            "mature": rows.mature[where],
            "label": rows.label[where],
            "group": self._group[where],
        }
        for name, values in plain.items():
            self._add_to_digest(name, values)
        self._add_texts_to_digest("lead_id", table.column("lead_id"))
        for name in self._names:
            if name in room.numbers:
                self._add_to_digest(name, room.numbers[name][: where.stop - where.start])
            else:
                self._add_texts_to_digest(name, table.column(name))

    def vocabularies(self, definition: Definition) -> dict[str, list[str]]:
        """Of each categorical column its most frequent training values, ties by text."""
        return {
            name: sorted(self._counts[name], key=lambda word: (-self._counts[name][word], word))[:CATEGORIES]
            for name in definition.columns
            if name in self._counts
        }

    def data_hash(self) -> str:
        """Hash of every value written."""
        whole = hashlib.sha256()
        for name, digest in self._digests.items():
            whole.update(name.encode() + b"\0" + digest.digest())
        return whole.hexdigest()

    def _add_to_digest(self, name: str, values: NDArray[Any]) -> None:
        self._digests.setdefault(name, hashlib.sha256()).update(np.ascontiguousarray(values).view(np.uint8).data)

    def _add_texts_to_digest(self, name: str, texts: pa.ChunkedArray) -> None:
        """A missing text has another length than any that is there."""
        taken = texts.combine_chunks()
        taken = taken.chunk(0) if isinstance(taken, pa.ChunkedArray) else taken
        lengths = np.asarray(pa.compute.binary_length(taken).fill_null(-1), dtype=np.int32)
        self._add_to_digest(f"{name}\0lengths", lengths)
        content = taken.buffers()[2]
        self._add_to_digest(
            name, np.frombuffer(content, dtype=np.uint8)[: int(lengths[lengths > 0].sum())] if content else np.empty(0)
        )

    def _count(self, name: str, column: Texts) -> None:
        counts = self._counts.setdefault(name, Counter())
        found = np.bincount(column.codes[column.codes >= 0], minlength=len(column.words))
        for code in np.flatnonzero(found).tolist():
            counts[column.words[code]] += int(found[code])


def groups(history: History, lead: NDArray[np.int64]) -> NDArray[np.int64]:
    """The coarsest entity shared, as a number for each observation: account, else contact, else the lead itself."""
    leads = history.leads
    group = leads.id.codes.astype(np.int64)
    for entity in ("contact", "account"):
        if entity in leads.entities:
            codes = leads.entities[entity].codes.astype(np.int64)
            # Numbers of entities stand apart from those of leads and of the other entity.
            base = (1 + ("contact", "account").index(entity)) * (1 << 40)
            group = np.where(codes >= 0, base + codes, group)
    return np.unique(group, return_inverse=True)[1][lead].astype(np.int64)

"""Observations with their measures on their way into a Parquet file: part by part, and what their whole comes to."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
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

STAMP = pa.timestamp("us", "UTC")


class Written:
    """A Parquet file of observations, written in their order. Vocabularies and the hash are those of all its rows.

    The hash is of values, column by column: the same rows in other parts, or from another source, have the same.
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
        self._waiting: list[pa.Table] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, failed: type[BaseException] | None, *ended: object) -> None:
        if failed is None and self._waiting:
            self._write(last=True)
        if self._file is not None:
            self._file.close()

    def add(self, where: slice, columns: Columns) -> None:
        """Write the observations of a range of rows, the one after those of the last call."""
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
        for name, plain in (
            ("cutoff", rows.cutoff[where]),
            ("created_at", self._created[lead]),
            ("mature", mature),
            ("label", rows.label[where]),
            ("group", self._group[where]),
        ):
            self._digest(name, plain)
        self._digest_texts("lead_id", self._codes[lead], self._ids)
        data: dict[str, pa.Array] = {}
        for name, column in columns.items():
            if isinstance(column, Texts):
                words = pa.array(list(column.words), type=pa.string())
                self._digest_texts(name, column.codes, words)
                self._count(name, column.take(self._training[where]))
                data[name] = words.take(pa.array(column.codes, mask=column.codes < 0))
            else:
                self._digest(name, column)
                data[name] = pa.array(column, from_pandas=True)
        self._waiting.append(pa.table(head | data))
        if sum(map(len, self._waiting)) >= ROWS_A_GROUP:
            self._write(last=False)

    def _write(self, *, last: bool) -> None:
        """Write what waits, in groups of ROWS_A_GROUP rows: the file's bytes do not depend on the parts."""
        table = pa.concat_tables(self._waiting)
        if self._file is None:
            # Hardly two numbers of a column of days are alike: only texts are worth a dictionary.
            named = [field.name for field in table.schema if pa.types.is_string(field.type)]
            self._file = pq.ParquetWriter(self._path, table.schema, use_dictionary=named, write_statistics=False)
        whole = len(table) if last else len(table) // ROWS_A_GROUP * ROWS_A_GROUP
        self._file.write_table(table[:whole].combine_chunks(), row_group_size=ROWS_A_GROUP)
        self._waiting = [table[whole:]]

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

    def _digest(self, name: str, values: NDArray[Any]) -> None:
        self._digests.setdefault(name, hashlib.sha256()).update(np.ascontiguousarray(values).view(np.uint8).data)

    def _digest_texts(self, name: str, codes: NDArray[np.int32], words: pa.Array) -> None:
        """A missing text has another length than any that is there."""
        taken = words.take(pa.array(codes, mask=codes < 0))
        lengths = np.asarray(pa.compute.binary_length(taken).fill_null(-1), dtype=np.int32)
        self._digest(f"{name}\0lengths", lengths)
        content = taken.buffers()[2]
        self._digest(
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

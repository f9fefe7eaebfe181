"""Parquet files by their row groups, each read by whoever wants it: threads read several at a time, in any order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

PIECE = 1 << 20
"""Rows of a piece of a table; a row group larger than two of them is not read alone."""

BYTES_OF_A_CODE = 2
"""A column of texts that takes fewer bytes a row than this has few different ones, and is read as codes."""


@dataclass(frozen=True)
class RowGroups:
    """Files of plain columns. `codes` names the texts that come as dictionaries."""

    files: tuple[str, ...]
    footers: tuple[pq.FileMetaData, ...]
    codes: frozenset[str]

    @classmethod
    def of(cls, files: Sequence[str], columns: Sequence[str], largest: int | None = 2) -> RowGroups | None:
        """None where DuckDB would read another type, or where a row group is larger than `largest` times PIECE rows.

        A folder named `year=2024` is a column to DuckDB.
        """
        if any("=" in file for file in files):
            return None
        try:
            footers = tuple(pq.read_metadata(file) for file in files)
            schemas = [footer.schema.to_arrow_schema() for footer in footers]
        except (pa.ArrowException, OSError):
            # A file that Arrow cannot read, or a type that it does not know: DuckDB may, or says what is wrong.
            return None
        for footer, schema in zip(footers, schemas, strict=True):
            if any(schema.names.count(name) != 1 or not _plain(schema.field(name).type) for name in columns):
                return None
            if len({name.lower() for name in schema.names}) < len(schema.names):
                return None
            rows = [footer.row_group(group).num_rows for group in range(footer.num_row_groups)]
            if largest is not None and max(rows, default=0) > largest * PIECE:
                return None
        if any(schema.field(name).type != schemas[0].field(name).type for schema in schemas for name in columns):
            return None
        return cls(tuple(files), footers, frozenset(_coded(footers, columns)))

    @property
    def rows(self) -> int:
        """How many there are."""
        return sum(footer.num_rows for footer in self.footers)

    def whole(self, columns: Sequence[str]) -> pa.Table | None:
        """All rows, texts as they are; None where a file cannot be read, or holds texts that are none."""
        plain = replace(self, codes=frozenset())
        try:
            return pa.concat_tables([read() for _, read in plain.pieces(columns)] or [self._none(columns)])
        except (pa.ArrowException, OSError):
            return None

    def _none(self, columns: Sequence[str]) -> pa.Table:
        return _as_duckdb(self.footers[0].schema.to_arrow_schema().empty_table().select(list(columns)))

    def pieces(self, columns: Sequence[str]) -> Iterator[tuple[int, Callable[[], pa.Table]]]:
        """Consecutive row groups of about PIECE rows: how many rows, and what reads them."""
        for place, footer in enumerate(self.footers):
            groups: list[int] = []
            rows = 0
            for group in range(footer.num_row_groups):
                more = footer.row_group(group).num_rows
                if groups and rows + more > PIECE:
                    yield rows, partial(self._read, place, groups, columns)
                    groups, rows = [], 0
                groups, rows = [*groups, group], rows + more
            if groups:
                yield rows, partial(self._read, place, groups, columns)

    def _read(self, place: int, groups: Sequence[int], columns: Sequence[str]) -> pa.Table:
        coded = [name for name in columns if name in self.codes]
        with pq.ParquetFile(self.files[place], metadata=self.footers[place], read_dictionary=coded) as file:
            # A name with a dot would be taken for a field of a structure: only what was asked for is handed on.
            table = file.read_row_groups(groups, columns=list(columns), use_threads=False).select(list(columns))
        return _as_duckdb(table)


def _as_duckdb(table: pa.Table) -> pa.Table:
    """Texts of any length as the usual ones. ArrowInvalid where bytes are no text, or too many."""
    for place, column in enumerate(table.columns):
        if pa.types.is_large_string(column.type):
            table = table.set_column(place, table.field(place).name, column.cast(pa.string()))
        coded = pa.types.is_dictionary(column.type)
        if coded or pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            for chunk in column.chunks:
                _check(chunk.dictionary if coded else chunk)
    return table


def _check(texts: pa.Array) -> None:
    content = texts.buffers()[2]
    # To look at all bytes at once is many times faster than text by text, and hardly ever is one of them large.
    if content is not None and content.size and np.frombuffer(content, dtype=np.uint8).max() >= 0x80:
        texts.validate(full=True)


def _plain(kind: pa.DataType) -> bool:
    """Whether DuckDB hands on the same type, or the texts that stand as codes here."""
    if pa.types.is_dictionary(kind):
        return bool(pa.types.is_string(kind.value_type))
    if pa.types.is_timestamp(kind):
        return bool(kind.unit == "us" and kind.tz in (None, "UTC"))
    named = (pa.types.is_string, pa.types.is_large_string, pa.types.is_float64, pa.types.is_float32)
    others = (pa.types.is_integer, pa.types.is_boolean, pa.types.is_date32)
    return any(of_type(kind) for of_type in (*named, *others))


def _coded(footers: Sequence[pq.FileMetaData], columns: Sequence[str]) -> Iterator[str]:
    """The texts of which every row group has few different ones."""
    schema = footers[0].schema.to_arrow_schema()
    for name in columns:
        if not pa.types.is_string(schema.field(name).type):
            continue
        chunks = [chunk for footer in footers for chunk in _chunks(footer, name)]
        if chunks and all(chunk.total_uncompressed_size < BYTES_OF_A_CODE * chunk.num_values for chunk in chunks):
            yield name


def _chunks(footer: pq.FileMetaData, name: str) -> Iterator[pq.ColumnChunkMetaData]:
    paths = [footer.schema.column(place).path for place in range(len(footer.schema))]
    place = paths.index(name)
    for group in range(footer.num_row_groups):
        yield footer.row_group(group).column(place)

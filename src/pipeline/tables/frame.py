"""A table as it is read: columns by name, cells that can be pointed at in an error, texts as codes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.definitions.numerals import read_number
from pipeline.definitions.yaml_lines import WorkspaceError
from pipeline.tables.columns import Codes, Texts
from pipeline.tables.remarks import Remark

HIDDEN = "a value (not shown)"
"""What stands in an error for what may be somebody's."""


class CellError(WorkspaceError):
    """A column holds what cannot be read as what the workspace says it is."""

    def __init__(self, table: str, column: str, sentence: str) -> None:
        super().__init__(sentence)
        self.table, self.column = table, column


@dataclass(frozen=True)
class Frame:
    """A table as it is read: its name in the workspace, its place for people, its columns and how many rows it has.

    `read` gives columns by name, each time anew where they are not kept; `missing` are the texts that mean no value;
    `remarks` gathers what was read in a way to know of, `decimals` the marks found in columns of numbers, by
    `table.column`.
    """

    table: str
    file: str
    columns: tuple[str, ...]
    rows: int
    read: Callable[[Sequence[str]], pa.Table]
    header_lines: int = 0
    missing: tuple[str, ...] = ()
    remarks: list[Remark] = field(default_factory=list, compare=False)
    decimals: dict[str, str] = field(default_factory=dict, compare=False)
    is_piece: bool = False

    @classmethod
    def of(cls, table: str, file: str, data: pa.Table, header_lines: int = 0, missing: Sequence[str] = ()) -> Frame:
        """A table that is in memory."""
        return cls(table, file, tuple(data.column_names), len(data), data.select, header_lines, tuple(missing))

    def piece(self, data: pa.Table) -> Frame:
        """Some rows of this table, read already; what is remarked of them is remarked of the whole."""
        return replace(self, columns=tuple(data.column_names), rows=len(data), read=data.select, is_piece=True)

    def coded(self, name: str) -> Iterator[tuple[pa.Array, Codes]] | None:
        """Of a column that came as dictionaries its chunks: the texts that rows have, and each row's place among them.

        -1 for a missing one. None where it came otherwise.
        """
        column = self.read([name]).column(0)
        if not pa.types.is_dictionary(column.type) or not is_text(column.type.value_type):
            return None
        return map(_used, column.chunks)

    def column(self, name: str) -> pa.Array:
        """One column, whole; a text without its outer blanks, and null where it is empty or means no value."""
        return self.clean(self.chunks(name).combine_chunks())

    def chunks(self, name: str) -> pa.ChunkedArray:
        """One column as it came, of plain values."""
        if not self.is_piece:
            # What the column before took would else be kept for this one.
            pa.default_memory_pool().release_unused()
        column = self.read([name]).column(0)
        kind = column.type
        if pa.types.is_dictionary(kind):
            column = column.cast(kind.value_type)
        elif pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
            sentence = f"{self.table} ({self.file}), column {name}: holds {kind}, no plain values"
            raise CellError(self.table, name, f"{sentence}; export it as text")
        return column

    def texts(self, name: str) -> Texts:
        """One column as texts in codes: a text is looked at once, however many rows have it."""
        column = self.chunks(name)
        if not is_text(column.type):
            return to_texts(self.column(name))
        if _hardly_alike(column):
            return _sorted(self.clean(column.combine_chunks()))
        encoded = column.dictionary_encode().combine_chunks()
        if isinstance(encoded, pa.ChunkedArray):
            encoded = pa.array([], pa.dictionary(pa.int32(), column.type))
        own = to_texts(self.clean(encoded.dictionary))
        codes = encoded.indices.fill_null(len(own)).to_numpy(zero_copy_only=False)
        return Texts(np.append(own.codes, np.int32(-1))[codes], own.words)

    def plain_texts(self, name: str) -> pa.ChunkedArray:
        """One column as texts, piece by piece: for a column of which hardly two texts are alike."""
        column = self.chunks(name)
        clean = pa.chunked_array([self.clean(chunk) for chunk in column.chunks], column.type)
        return clean if is_text(column.type) else clean.cast(pa.string())

    def clean(self, column: pa.Array) -> pa.Array:
        """A text without its outer blanks, and null where it is empty; null where a value means none."""
        if not is_text(column.type):
            numeric = pa.types.is_integer(column.type) or pa.types.is_floating(column.type)
            stand_ins = (
                [number for text in self.missing if not np.isnan(number := read_number(text))] if numeric else []
            )
            if not stand_ins:
                return column
            # What a text file writes as a stand-in for no value, a typed one holds as the number.
            return pc.if_else(pc.is_in(column.cast(pa.float64(), safe=False), pa.array(stand_ins)), None, column)
        column = pc.utf8_trim_whitespace(column)
        return pc.if_else(pc.is_in(column, pa.array(["", *self.missing], column.type)), None, column)

    def error(self, column: str, row: int, value: object, remedy: str) -> CellError:
        """The error of one cell; `row` counts from 0."""
        line = f" (line {row + 1 + self.header_lines})" if self.header_lines else ""
        place = f"{self.table} ({self.file}), column {column}, row {row + 1}{line}"
        return CellError(self.table, column, f"{place}: {shown(value)} {remedy}")


def shown(value: object) -> str:
    """A value in an error: never an address, a number to call, or a long text."""
    text = str(value)
    if (
        "@" in text
        or len(text) > 40
        or (len(re.findall(r"\d", text)) > 8 and not re.search(r"\d{4}-\d\d|\d[:/]\d", text))
    ):
        return HIDDEN
    return repr(text)


def is_text(kind: pa.DataType) -> bool:
    """Whether a column is of texts."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def strings(column: pa.Array) -> pa.Array:
    """A column as Arrow strings; empty texts are missing."""
    if not is_text(column.type):
        column = column.cast(pa.string())
    return pc.if_else(pc.equal(pc.utf8_trim_whitespace(column), ""), None, column)


def _used(chunk: pa.DictionaryArray) -> tuple[pa.Array, Codes]:
    """The texts of a dictionary that rows have, and each row's place among them, -1 for a missing one."""
    size = len(chunk.dictionary)
    indices = chunk.indices.fill_null(size) if chunk.null_count else chunk.indices
    codes = indices.to_numpy(zero_copy_only=False)
    there = np.zeros(size + 1, dtype=np.bool_)
    there[codes] = True
    place = np.cumsum(there, dtype=np.int32) - np.int32(1)
    place[-1] = -1
    return chunk.dictionary.filter(pa.array(there[:-1])), codes if there[:-1].all() and not there[-1] else place[codes]


PROBED, WHOLE = 1 << 16, 1 << 30
"""So many rows tell whether a column's texts are alike; a longer column than so many bytes is not put together."""


def _hardly_alike(column: pa.ChunkedArray) -> bool:
    """Whether most of a long column's texts are different."""
    return len(column) > PROBED and column.nbytes < WHOLE and 2 * len(column[:PROBED].unique()) > PROBED


def _sorted(column: pa.Array) -> Texts:
    """Clean texts as codes into sorted words, by their order: quicker than a table where hardly two are alike."""
    order = pc.array_sort_indices(column).to_numpy()[: len(column) - column.null_count]
    there = column.take(pa.array(order))
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = pc.not_equal(there[1:], there[:-1]).to_numpy(zero_copy_only=False)
    codes = np.full(len(column), -1, dtype=np.int32)
    codes[order] = np.cumsum(new, dtype=np.int32) - np.int32(1)
    return Texts(codes, tuple(there.filter(pa.array(new)).to_pylist()))


def to_texts(column: pa.Array) -> Texts:
    """Arrow strings as codes into sorted words (code point order is the order of UTF-8 bytes)."""
    encoded = strings(column).dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    order = pc.array_sort_indices(encoded.dictionary).to_numpy()
    rank = np.full(len(order) + 1, -1, dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return Texts(rank[codes], tuple(encoded.dictionary.take(pa.array(order)).to_pylist()))

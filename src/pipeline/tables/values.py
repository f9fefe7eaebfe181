"""Values of a file's columns as they are meant: ids as text, numbers as floats, attributes as either.

What cannot be read is an error that names table, column, row, value and remedy; what is empty is missing.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.definitions.yaml_lines import WorkspaceError
from pipeline.tables.columns import Floats, Objects, Texts

_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
_PADDED = re.compile(r"[-+]?0\d")

LARGEST = 1e100
"""No number of an interaction is larger, so that no sum of them is infinite."""


@dataclass(frozen=True)
class Frame:
    """A table as it was read: its name in the workspace, its file for people, and its Arrow columns."""

    table: str
    file: str
    data: pa.Table
    header_lines: int = 0

    def column(self, name: str) -> pa.Array:
        """One column, whole."""
        column = self.data.column(name).combine_chunks()
        column = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
        if pa.types.is_nested(column.type) or pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
            raise WorkspaceError(
                f"{self.table} ({self.file}), column {name}: holds {column.type}, no plain values; export it as text"
            )
        return column

    def error(self, column: str, row: int, value: object, remedy: str) -> WorkspaceError:
        """The error of one cell; `row` counts from 0."""
        line = f" (line {row + 1 + self.header_lines})" if self.header_lines else ""
        return WorkspaceError(
            f"{self.table} ({self.file}), column {column}, row {row + 1}{line}: {_shown(value)} {remedy}"
        )


def _shown(value: object) -> str:
    """A value in an error: never an address, a number to call, or a long text."""
    text = str(value)
    if (
        "@" in text
        or len(text) > 40
        or (len(re.findall(r"\d", text)) > 8 and not re.search(r"\d{4}-\d\d|\d[:/]\d", text))
    ):
        return "a value (not shown)"
    return repr(text)


def strings(column: pa.Array) -> pa.Array:
    """A column as Arrow strings; empty texts are missing."""
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        column = column.cast(pa.string())
    return pc.if_else(pc.equal(pc.utf8_trim_whitespace(column), ""), None, column)


def to_texts(column: pa.Array) -> Texts:
    """Arrow strings as codes into sorted words (code point order is the order of UTF-8 bytes)."""
    encoded = strings(column).dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    words = encoded.dictionary.to_pylist()
    order = sorted(range(len(words)), key=words.__getitem__)
    rank = np.empty(len(words) + 1, dtype=np.int32)
    rank[order] = np.arange(len(words), dtype=np.int32)
    rank[-1] = -1
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return Texts(rank[codes], tuple(words[position] for position in order))


def ids(frame: Frame, name: str) -> Texts:
    """Ids as text. A column of floats is refused where it may have lost digits."""
    column = frame.column(name)
    if pa.types.is_floating(column.type):
        values = column.to_numpy(zero_copy_only=False)
        lost = np.flatnonzero((np.abs(values) >= 2**53) | (values != np.floor(values)) & ~np.isnan(values))
        if len(lost):
            row = int(lost[0])
            raise frame.error(name, row, values[row], "is a float and may have lost digits; export the ids as text")
        column = pc.if_else(pc.is_nan(column), None, column).cast(pa.int64())
    return to_texts(column)


def texts(frame: Frame, name: str) -> Texts:
    """Any column as texts; whole floats without their point, booleans as true and false."""
    column = frame.column(name)
    if pa.types.is_floating(column.type):
        values = [
            None if v is None or math.isnan(v) else str(int(v)) if float(v).is_integer() else str(v)
            for v in column.to_pylist()
        ]
        return Texts.of(values)
    return to_texts(column)


def numbers(frame: Frame, name: str) -> Floats:
    """A column of numbers; a text that is none is an error."""
    column = frame.column(name)
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    if _is_numeric(column):
        values = _floats(column)
        wrong = np.flatnonzero(np.abs(values) > LARGEST)
        if len(wrong):
            raise frame.error(name, int(wrong[0]), values[wrong[0]], "is too large; correct it or leave it empty")
        return values
    coded = to_texts(column)
    read = np.array([_number(word) for word in coded.words] + [0.0], dtype=np.float64)
    read[np.abs(read) > LARGEST] = np.nan
    wrong = np.flatnonzero(np.isnan(read)[coded.codes])
    if len(wrong):
        row = int(wrong[0])
        remedy = "is no number; correct it, leave it empty, or take the column from `numbers`"
        raise frame.error(name, row, coded.words[coded.codes[row]], remedy)
    read[-1] = np.nan
    return read[coded.codes]


def _is_numeric(column: pa.Array) -> bool:
    kind = column.type
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _floats(column: pa.Array) -> Floats:
    """Numbers of any type as floats, the nearest where a float holds fewer digits; infinite is missing."""
    values = column.cast(pa.float64(), safe=False).fill_null(np.nan).to_numpy(zero_copy_only=False)
    return np.where(np.isinf(values), np.nan, values)


def _number(word: str) -> float:
    word = word.strip()
    return float(word) if _NUMBER.fullmatch(word) and np.isfinite(float(word)) else np.nan


def attributes(frame: Frame, name: str) -> Objects:
    """An attribute's values: numbers if all of them are written as numbers without leading zeros, else texts."""
    column = frame.column(name)
    if _is_numeric(column):
        values = _floats(column).astype(object)
        values[pd.isna(values)] = None
        return values
    coded = to_texts(column)
    read = [_number(word) for word in coded.words]
    if coded.words and not any(np.isnan(value) for value in read) and not any(map(_PADDED.match, coded.words)):
        return np.array([*read, None], dtype=object)[coded.codes]
    return coded.objects()

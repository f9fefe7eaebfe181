"""Values of a file's columns as they are meant: ids as text, numbers as floats, attributes as either.

What cannot be read is an error that names table, column, row, value and remedy; what is empty is missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.definitions.cells import NumberColumn
from pipeline.definitions.numerals import decimal_of, read_number
from pipeline.native import library
from pipeline.tables.columns import Floats, Objects, Texts
from pipeline.tables.frame import Frame, shown, to_texts
from pipeline.tables.remarks import Remark
from pipeline.tables.words import many_texts

_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
_PADDED = re.compile(r"[-+]?0\d")
_WHOLE_FLOAT = r"^\d+\.0+$"
_SCIENTIFIC = r"^\d([.,]\d+)?[eE]\+\d+$"
_ROUNDED = "is a rounded number and has lost digits; export the ids as text"
_LOST = "is a float and may have lost digits; export the ids as text"

LOST_DIGITS = rf"({_WHOLE_FLOAT})|({_SCIENTIFIC})"
"""An id that has been a float: whether it is sound, its whole column tells."""

LARGEST = 1e100
"""No number of an interaction is larger, so that no sum of them is infinite."""

EXACT = 2**53
"""From here on a float does not tell two whole numbers apart."""


def renamed(column: Texts, names: Sequence[str]) -> Texts:
    """The column with other words, one for each of its own; equal ones become one."""
    words = tuple(sorted(set(names)))
    place = {word: code for code, word in enumerate(words)}
    table = np.array([*(place[name] for name in names), -1], dtype=np.int32)
    return Texts(table[column.codes], words)


def ids(frame: Frame, name: str, *, lean: bool = False) -> Texts:
    """Ids as text, whole: a number that may have lost digits on its way through a float is refused.

    A column with gaps that a program wrote as floats (`123.0`) holds whole numbers, and is read as such. `lean` leaves
    the words in Arrow: for ids of facts, of which there are many and at which nobody looks.
    """
    if pa.types.is_floating(frame.chunks(name).type):
        return to_texts(float_ids(frame, name))
    if lean:
        column = frame.plain_texts(name)
        _refuse(frame, name, _first(column, lambda part: pc.match_substring_regex(part, _SCIENTIFIC)), _ROUNDED)
        odd = _first(column, lambda part: pc.invert(pc.match_substring_regex(part, _WHOLE_FLOAT)))
        if odd is not None or column.null_count == len(column):
            return many_texts(column)
    found = frame.texts(name)
    # Arrow looks at all words at once.
    words = pa.array(list(found.words), type=pa.string())
    rounded = np.flatnonzero(pc.match_substring_regex(words, _SCIENTIFIC).to_numpy(zero_copy_only=False))
    _refuse(frame, name, _row_of(found, rounded.tolist()), _ROUNDED)
    if not found.words or not pc.all(pc.match_substring_regex(words, _WHOLE_FLOAT)).as_py():
        return found
    whole = [word.partition(".")[0] for word in found.words]
    _refuse(frame, name, _row_of(found, [code for code, word in enumerate(whole) if int(word) >= EXACT]), _LOST)
    return renamed(found, whole)


def _refuse(frame: Frame, name: str, row: int | None, remedy: str) -> None:
    if row is not None:
        raise frame.error(name, row, frame.chunks(name)[row].as_py(), remedy)


def _row_of(column: Texts, codes: Sequence[int]) -> int | None:
    """The first row with one of the codes."""
    return int(np.flatnonzero(np.isin(column.codes, codes))[0]) if codes else None


def float_ids(frame: Frame, name: str) -> pa.Array:
    """Ids that came as floats, as texts; refused where one may have lost digits."""
    column = frame.column(name)
    values = column.to_numpy(zero_copy_only=False)
    wrong = np.flatnonzero((np.abs(values) >= EXACT) | (values != np.floor(values)) & ~np.isnan(values))
    if len(wrong):
        raise frame.error(name, int(wrong[0]), values[wrong[0]], _LOST)
    return pc.if_else(pc.is_nan(column), None, column).cast(pa.int64()).cast(pa.string())


def _first(column: pa.ChunkedArray, holds: Callable[[pa.Array], pa.Array]) -> int | None:
    """The first row for which something holds; a piece of the column is looked at at a time."""
    before = 0
    for chunk in column.chunks:
        row = int(pc.index(holds(chunk).fill_null(False), True).as_py())
        if row >= 0:
            return before + row
        before += len(chunk)
    return None


def texts(frame: Frame, name: str) -> Texts:
    """Any column as texts, the same whether a file keeps types or not: `30.0` is 30, `True` is true."""
    if pa.types.is_floating(frame.chunks(name).type):
        column = frame.column(name)
        return Texts.of([None if v is None or np.isnan(v) else _float_text(v) for v in column.to_pylist()])
    found = frame.texts(name)
    return renamed(found, as_typed(found.words))


def _float_text(value: float) -> str:
    return str(int(value)) if value.is_integer() else str(value)


def as_typed(words: Sequence[str]) -> Sequence[str]:
    """Words as a typed file gives them, where every one of them is a float or a truth value as programs write those."""
    if words and all(re.fullmatch(r"-?\d+\.\d+", word) and repr(float(word)) == word for word in words):
        return [_float_text(float(word)) for word in words]
    return [word.lower() for word in words] if set(words) <= {"True", "False"} or set(words) <= _CAPITALS else words


_CAPITALS = {"TRUE", "FALSE"}


def numbers(frame: Frame, spec: NumberColumn) -> Floats:
    """A column of numbers, however they are written; a text that is none is an error."""
    name = spec.column
    kind = frame.chunks(name).type
    if _is_numeric(kind) or pa.types.is_boolean(kind):
        column = frame.column(name)
        values, large = _measured(column.cast(pa.int8()) if pa.types.is_boolean(kind) else column)
        if large >= 0:
            raise frame.error(name, large, values[large], "is too large; correct it or leave it empty")
        return values
    coded = frame.texts(name)
    if coded.words and {word.lower() for word in coded.words} <= {"true", "false"}:
        return np.array([*(float(word.lower() == "true") for word in coded.words), np.nan])[coded.codes]
    decimal = spec.decimal or decimal_of(coded.words)
    frame.decimals[f"{frame.table}.{name}"] = decimal
    if spec.decimal is None:
        _either_way(frame, name, coded.words)
    read = np.array([read_number(word, decimal) for word in coded.words] + [0.0], dtype=np.float64)
    read[np.abs(read) > LARGEST] = np.nan
    wrong = np.flatnonzero(np.isnan(read)[coded.codes])
    if len(wrong):
        row = int(wrong[0])
        mark = (
            "" if spec.decimal else f" with {decimal!r} as its decimal mark (declare {{column: {name}, decimal: ...}})"
        )
        remedy = f"is no number{mark}; correct it, leave it empty, name it under `missing`, or take the column out"
        raise frame.error(name, row, coded.words[coded.codes[row]], remedy)
    read[-1] = np.nan
    return read[coded.codes]


def decimal_in(frame: Frame, spec: NumberColumn, words: Sequence[str]) -> str | None:
    """The mark before the fraction of a column with these words; None where truth values stand among others."""
    truths = {word.lower() for word in words} & {"true", "false"}
    if truths and len({word.lower() for word in words}) > len(truths):
        return None
    if spec.decimal is None and not truths:
        _either_way(frame, spec.column, words)
    return spec.decimal or decimal_of(words)


def _either_way(frame: Frame, name: str, words: Sequence[str]) -> None:
    """Say how a column was read of which every number with a mark has three digits after it."""
    marked = [word for word in words if re.search(r"\d[.,]\d", word)]
    unsure = [word for word in marked if re.search(r"(?<![\d.,])[1-9]\d{0,2}[.,]\d{3}(?![\d.,])", word)]
    marks = {mark for word in unsure for mark in word if mark in ".,"}
    if len(unsure) >= 3 and len(unsure) == len(marked) and len(marks) == 1:
        meant = "thousands" if "," in marks else "a fraction"
        evidence = f"Three digits follow the mark in every number of {name}, as {shown(unsure[0])}: read as {meant}."
        remedy = f"Declare {{column: {name}, decimal: ','}}, or decimal: '.', to say which mark is which."
        frame.remarks.append(Remark(frame.table, name, "A mark could mean a thousand or a fraction", evidence, remedy))


def _is_numeric(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _floats(column: pa.Array) -> Floats:
    """Numbers of any type as floats, the nearest where a float holds fewer digits; infinite is missing."""
    values = column.cast(pa.float64(), safe=False).fill_null(np.nan).to_numpy(zero_copy_only=False)
    return np.where(np.isinf(values), np.nan, values)


def _measured(column: pa.Array) -> tuple[Floats, int]:
    """Numbers of any type as floats, as `_floats` gives them, and the first row with one that is too large, or -1."""
    whole = column.cast(pa.float64(), safe=False)
    values: Floats = np.empty(len(whole))
    if len(whole) == 0:
        return values, -1
    validity, content = whole.buffers()
    numbers = np.frombuffer(content, dtype=np.float64)[whole.offset :]
    bits = None if validity is None or not whole.null_count else np.frombuffer(validity, dtype=np.uint8)
    address = None if bits is None else bits.ctypes.data
    wrong = library().leadlight_numbers(
        numbers.ctypes.data, address, whole.offset, len(whole), LARGEST, values.ctypes.data
    )
    return values, int(wrong)


def _number(word: str) -> float:
    return float(word) if _NUMBER.fullmatch(word) and np.isfinite(float(word)) else np.nan


def attributes(frame: Frame, name: str, *, commas: bool = False) -> Objects:
    """An attribute's values: numbers if all of them are written as numbers without leading zeros, else texts.

    With `commas` the column has decimal commas, and 1.234 is no number yet: texts stay texts.
    """
    if _is_numeric(frame.chunks(name).type):
        # One object for all rows of a value: it takes less memory, and is looked at once.
        bits, codes = np.unique(_floats(frame.column(name)).view(np.int64), return_inverse=True)
        values = bits.view(np.float64).astype(object)
        values[pd.isna(values)] = None
        return values[codes]
    coded = frame.texts(name)
    coded = renamed(coded, as_typed(coded.words))
    read = [_number(word) for word in coded.words]
    if (
        coded.words
        and not commas
        and not any(np.isnan(value) for value in read)
        and not any(map(_PADDED.match, coded.words))
    ):
        return np.array([*read, None], dtype=object)[coded.codes]
    return coded.objects()

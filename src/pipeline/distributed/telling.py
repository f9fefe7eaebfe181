"""The cells of a column that decide how all of it is read.

A column that is written as texts is read as a whole: whether its numbers have decimal commas, its days clocks, its ids
a `.0` behind them. A worker sees a piece of it. So every piece is read together with a few cells from all the others,
those that tell, and by the same functions: what is found of the piece is what is found of the whole.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa

from pipeline.definitions.numerals import decimal_of
from pipeline.definitions.sources import InteractionsSource
from pipeline.tables.asked import of_interactions
from pipeline.tables.frame import Frame
from pipeline.tables.values import as_typed, ids

Cells = Mapping[str, Sequence[str]]
"""Column -> the cells of it that tell, as texts."""

OF_A_SHAPE = 3
"""So many cells that differ in digits alone: three numbers are what it takes to doubt a decimal mark."""


def telling(frame: Frame, source: InteractionsSource, excluded: Sequence[str]) -> dict[str, list[str]]:
    """The telling cells of a piece of a table of facts, as far as its columns are there."""
    found: dict[str, list[str]] = {}
    for column in of_interactions(frame.table, source, excluded).columns:
        if column.name not in frame.columns:
            continue
        kind = frame.chunks(column.name).type
        if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_decimal(kind):
            words = sorted(frame.plain_texts(column.name).unique().drop_null().to_pylist())
            found[column.name] = sorted({*found.get(column.name, ()), *of_role(column.role, words)})
    return found


def of_role(role: str, words: Sequence[str]) -> list[str]:
    """Of a column's different texts, in order, those that tell.

    >>> of_role("id", ["1.0", "2.0", "x", "y"]), of_role("id", ["1.0", "2.0"])
    (['x'], ['1.0'])
    >>> of_role("text", ["30.0", "a", "b"]), of_role("text", ["30.0", "31.0"])
    (['30.0', 'a'], ['30.0'])
    >>> of_role("number", ["1,5", "1,6", "1,7", "1,8", "10"]), of_role("kind", ["call", "visit"])
    (['1,5', '1,6', '1,7', '10'], ['call', 'visit'])
    """
    if role == "kind":
        return list(words)
    if role in ("entity_id", "id"):
        return list(words[:1]) if _whole(words) else [next(word for word in words if not _whole([word]))]
    if role in ("text", "flow"):
        return sorted({*_untyped(words)}) or list(words[:1])
    shapes: Counter[str] = Counter()
    kept = []
    for word in words:
        shape = re.sub(r"\d", "9", re.sub(r"^(\D*)0", r"\1o", word))
        shapes[shape] += 1
        if shapes[shape] <= OF_A_SHAPE:
            kept.append(word)
    return kept


def _whole(words: Sequence[str]) -> bool:
    """Whether ids are whole numbers that a program wrote as floats."""
    frame = Frame.of("", "", pa.table({"id": [*words, "1.0"]}))
    return ids(frame, "id").values()[-1] == "1"


def _untyped(words: Sequence[str]) -> Iterable[str]:
    """For each way in which a typed file would write its values, a text that is not written so."""
    for typed in ("30.0", "True", "TRUE"):
        if as_typed([*words, typed])[-1] == typed:
            yield next((word for word in words if as_typed([word, typed])[-1] == typed), words[0])


def together(all_cells: Iterable[Cells], source: InteractionsSource, excluded: Sequence[str]) -> dict[str, list[str]]:
    """The telling cells of the whole from those of its pieces."""
    words: dict[str, set[str]] = {}
    for cells in all_cells:
        for name, own in cells.items():
            words.setdefault(name, set()).update(own)
    found: dict[str, set[str]] = {name: set() for name in words}
    for column in of_interactions("", source, excluded).columns:
        if column.name in words:
            found[column.name].update(of_role(column.role, sorted(words[column.name])))
    return {name: sorted(own) for name, own in found.items()}


def two_minded(cells: Cells, source: InteractionsSource) -> str | None:
    """A column of numbers some of which have a decimal point and some a comma, where the workspace declares none.

    The whole column would be read as most of its numbers are written, and no few cells tell which these are.
    """
    for spec in source.numbers:
        words = cells.get(spec.column, ())
        commas = any(decimal_of([word]) == "," for word in words)
        points = any(decimal_of([word, "1,5"]) == "." for word in words)
        if spec.decimal is None and commas and points:
            return spec.column
    return None


def beside(table: pa.Table, cells: Cells) -> pa.Table:
    """A piece of a table with the telling cells below its rows, each column's own; what is left over is missing."""
    longest = max((len(own) for own in cells.values()), default=0)
    if not longest:
        return table
    below = {}
    for field in table.schema:
        own = list(cells.get(field.name, ()))
        below[field.name] = pa.array(own + [None] * (longest - len(own)), pa.string()).cast(field.type)
    return pa.concat_tables([table, pa.table(below, table.schema)])

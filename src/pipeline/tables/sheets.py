"""Sheets of xlsx files as Arrow tables: cells keep their meaning, and a column of several kinds becomes texts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook

from pipeline.tables.delimited import caseless, column_names

Rows = list[list[Any]]


def sheet_names(path: Path) -> list[str]:
    """The visible sheets, in order; ValueError where the file is no workbook."""
    return [sheet.name for sheet in _workbook(path).sheets_metadata if str(sheet.visible).endswith("Visible")]


def sheet_rows(path: Path, sheet: str | None = None) -> Rows:
    """The cells of a sheet (default the first visible one), from its first row on; an empty cell is ''."""
    book, there = _workbook(path), sheet_names(path)
    if sheet is not None and sheet not in book.sheet_names:
        raise ValueError(f"no sheet {sheet!r}; it has {', '.join(there)}: correct `sheet` in the workspace")
    if not there:
        raise ValueError("it has no visible sheet")
    found = book.get_sheet_by_name(sheet or there[0])
    if found.start is None:
        return []
    rows: Rows = [[] for _ in range(found.start[0])]
    return [*rows, *([""] * found.start[1] + row for row in found.to_python())]


def read_sheet(path: Path, sheet: str | None = None, header: int = 1) -> pa.Table:
    """The table below the header row (from 1): numbers, days or instants where all cells are such, else texts.

    Rows without any value at the end are no rows.
    """
    rows = sheet_rows(path, sheet)
    names = [as_text(cell) or "" for cell in rows[header - 1]] if len(rows) >= header else []
    while names and not names[-1].strip():
        names.pop()
    if not names:
        others = sheet_names(path)[1:] if sheet is None else []
        hint = (
            f"; it also has {', '.join(others)}: name a sheet, as in {{file: ..., sheet: {others[0]}}}"
            if others
            else ""
        )
        raise ValueError(f"it is empty; row {header} must name the columns{hint}")
    body = rows[header:]
    while body and all(cell == "" for cell in body[-1]):
        body.pop()
    columns = [[row[place] if place < len(row) else "" for row in body] for place in range(len(names))]
    return pa.table(dict(zip(column_names(names), map(_column, columns), strict=True)))


def stacked(tables: Sequence[pa.Table]) -> pa.Table:
    """The rows of several sheets as one table: days among instants become instants, other kinds of values texts."""
    # One column may be spelt with other capitals in each; the first spelling stands for all.
    spelt: dict[bytes, str] = {}
    tables = [
        table.rename_columns([spelt.setdefault(caseless(name), name) for name in table.column_names])
        for table in tables
    ]
    types: dict[str, set[pa.DataType]] = {}
    for table in tables:
        for name in table.column_names:
            # A column without any value is of whatever kind it is in the other sheets.
            types.setdefault(name, set()).update({table[name].type} if table[name].null_count < len(table) else ())
    moment = pa.timestamp("us")

    def of_one_kind(name: str, column: pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
        kinds = types[name] or {column.type}
        if len(kinds) == 1 or kinds == {pa.date32(), moment}:
            return column.cast(moment if len(kinds) > 1 else next(iter(kinds)))
        return pa.array([as_text(value) for value in column.to_pylist()], pa.string())

    return pa.concat_tables(
        [pa.table({name: of_one_kind(name, table[name]) for name in table.column_names}) for table in tables],
        promote_options="default",
    )


def _workbook(path: Path) -> CalamineWorkbook:
    try:
        return CalamineWorkbook.from_path(str(path))
    except (CalamineError, OSError) as error:
        remedy = "save it as one, or if it is a csv name it .csv"
        raise ValueError(f"it is no xlsx workbook that can be opened ({type(error).__name__}); {remedy}") from None


def _column(cells: list[Any]) -> pa.Array:
    values = [None if cell == "" else cell for cell in cells]
    kinds = {type(value) for value in values if value is not None}
    if kinds and kinds <= {int, float}:
        return pa.array([None if value is None else float(value) for value in values], pa.float64())
    if kinds == {bool}:
        return pa.array(values, pa.bool_())
    if kinds == {date}:
        return pa.array(values, pa.date32())
    if kinds in ({datetime}, {date, datetime}):
        moments = [
            value if value is None or isinstance(value, datetime) else datetime.combine(value, time())
            for value in values
        ]
        return pa.array(moments, pa.timestamp("us"))
    return pa.array([as_text(value) for value in values], pa.string())


def as_text(value: Any) -> str | None:
    """A cell as text: whole numbers without a point, times in ISO 8601; None where it is empty."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return value.isoformat() if isinstance(value, date | time) else str(value)

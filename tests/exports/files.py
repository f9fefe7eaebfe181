"""How the exports are written: csv as CRMs write it, and xlsx that is the same bytes every time."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl

Row = Mapping[str, object]
"""One row: column name -> value; every row of a table has the same columns. None and "" are empty."""


@dataclass(frozen=True)
class Sheet:
    """The lines of a sheet as they stand; a hidden one is there for the program that wrote it."""

    lines: Sequence[Sequence[object]]
    hidden: bool = False


def table(rows: Iterable[Row]) -> list[list[object]]:
    """The header and the rows as lines."""
    rows = list(rows)
    return [list(rows[0]), *(list(row.values()) for row in rows)]


def text(rows: Iterable[Row], separator: str = ",") -> str:
    """Rows as csv, with their header."""
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="\r\n").writerows(table(rows))
    return out.getvalue()


def write_csv(path: Path, rows: Iterable[Row], separator: str = ",", encoding: str = "utf-8") -> None:
    """One csv file."""
    path.write_bytes(text(rows, separator).encode(encoding))


def write_xlsx(path: Path, sheets: Mapping[str, Sheet]) -> None:
    """One workbook. openpyxl writes the moment of writing into it; here it is always the same."""
    book = openpyxl.Workbook(write_only=True)
    for name, sheet in sheets.items():
        page = book.create_sheet(name)
        for line in sheet.lines:
            page.append(list(line))
        page.sheet_state = "veryHidden" if sheet.hidden else "visible"
    written = io.BytesIO()
    book.save(written)
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for item in source.infolist():
            content = source.read(item)
            if item.filename == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2026-06-30T00:00:00Z", content)
            target.writestr(zipfile.ZipInfo(item.filename, (2026, 6, 30, 0, 0, 0)), content)


def clock(at: datetime | None, zone: ZoneInfo, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    """An instant as the zone's clock shows it; no instant is an empty text."""
    return "" if at is None else at.astimezone(zone).strftime(form)

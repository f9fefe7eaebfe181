"""Defects of the sound workspace that are no exchange of one text: in every row of a column, or in a file of bytes."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq


def _rewritten(path: Path, column: str, value: Callable[[str], str]) -> None:
    """Write one column of a csv anew."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(row | {column: value(row[column])} for row in rows)


def _empty_ids(folder: Path) -> None:
    _rewritten(folder / "leads.csv", "lead_id", lambda _: "")


def _no_creation_times(folder: Path) -> None:
    _rewritten(folder / "leads.csv", "created_at", lambda _: "")


def _a_year_later(folder: Path) -> None:
    _rewritten(folder / "leads.csv", "created_at", lambda at: at.replace("2026-", "2027-"))


def _month_first(folder: Path) -> None:
    def american(at: str) -> str:
        return re.sub(r"(\d{4})-(\d\d)-(\d\d)", r"\2/\3/\1", at)

    _rewritten(folder / "calls.csv", "called_at", american)


def _everything_excluded(folder: Path) -> None:
    path = folder / "leadlight.yaml"
    text = path.read_text(encoding="utf-8").partition("criteria:")[0]
    names = "country, employees, job_title, sector, revenue, call, visit, age, created_weekday, created_hour"
    names += ", deal_*"
    path.write_text(f"{text}exclude: [{names}]\ncriteria: auto\n", encoding="utf-8")


def _ids_as_floats(folder: Path) -> None:
    """The accounts' ids as a program writes a column of whole numbers with gaps."""
    accounts = pq.read_table(folder / "accounts.parquet")
    numbers = [float(9_007_199_254_740_993_000 + row) for row in range(accounts.num_rows)]
    pq.write_table(accounts.set_column(0, "account_id", pa.array(numbers)), folder / "accounts.parquet")


def _lists(folder: Path) -> None:
    """Sectors as lists: an account may be in several."""
    accounts = pq.read_table(folder / "accounts.parquet")
    sectors = pa.array([[sector, "other"] for sector in accounts["sector"].to_pylist()])
    place = accounts.column_names.index("sector")
    pq.write_table(accounts.set_column(place, "sector", sectors), folder / "accounts.parquet")


def _csv_as_xlsx(folder: Path) -> None:
    (folder / "contacts.xlsx").write_text("contact_id,job_title\nK1,Buyer\n", encoding="utf-8")


def _half_a_gz(folder: Path) -> None:
    """The changes compressed, as a download leaves them that was stopped."""
    packed = gzip.compress((folder / "changes.csv").read_bytes(), mtime=0)
    (folder / "changes.csv.gz").write_bytes(packed[: len(packed) // 2])


def _half_a_parquet(folder: Path) -> None:
    whole = (folder / "accounts.parquet").read_bytes()
    (folder / "accounts.parquet").write_bytes(whole[: len(whole) // 2])


def _empty_sheet(folder: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].title = "Contacts"
    book.save(folder / "contacts.xlsx")


BUILDERS: Mapping[str, Callable[[Path], None]] = {
    "empty ids": _empty_ids,
    "no creation times": _no_creation_times,
    "a year later": _a_year_later,
    "month first": _month_first,
    "everything excluded": _everything_excluded,
    "ids as floats": _ids_as_floats,
    "lists": _lists,
    "csv as xlsx": _csv_as_xlsx,
    "half a gz": _half_a_gz,
    "half a parquet": _half_a_parquet,
    "empty sheet": _empty_sheet,
}
"""Name, as a defect's file says it -> what it does in the folder of the sound workspace."""

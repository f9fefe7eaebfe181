"""Exports that are odd as files: two encodings, ids that went through floats, two date formats, a title above."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from tests.exports.company import simulate
from tests.exports.export import Export
from tests.exports.files import Row, Sheet, table, text, write_csv, write_xlsx
from tests.exports.plain import plain_deals, plain_interactions, plain_leads


def write_mixed_encodings(folder: Path) -> None:
    """Semicolons, decimal commas, and lines of an older program (cp1252) before those of the newer one (UTF-8)."""
    leads = simulate(17, 480)
    rows = plain_leads(leads)
    for row, lead in zip(rows, leads, strict=True):
        row["city"] = {"France": "Besançon", "Germany": "Köln", "Spain": "Cádiz"}.get(lead.country, "Liège")
        row["annual_revenue"] = _comma(lead.employees * 81_250.5)
    deals = [row | {"amount": _comma(float(str(row["amount"])))} for row in plain_deals(leads)]
    contacts = [
        row | {"duration": _comma(row["duration"], 1) if row["duration"] else ""} for row in plain_interactions(leads)
    ]
    for name, lines in (("leads", rows), ("interactions", contacts), ("deals", deals)):
        split = len(lines) * 3 // 5
        whole = text(lines, ";").splitlines(keepends=True)
        older, newer = whole[: split + 1], whole[split + 1 :]
        (folder / f"{name}.csv").write_bytes("".join(older).encode("cp1252") + "".join(newer).encode("utf-8"))


def _comma(number: object, digits: int = 2) -> str:
    """1234.5 as 1.234,50."""
    assert isinstance(number, int | float)
    return f"{number:,.{digits}f}".translate(str.maketrans(",.", ".,"))


def write_float_ids(folder: Path) -> None:
    """Leads whose contact's id is a float, since some have none; contacts and calls carry the same ids whole."""
    leads, draw = simulate(18, 520), random.Random(18)
    contacts = {lead.number: 4_500_000 + lead.number * 37 for lead in leads if draw.random() < 0.93}
    person = ("name", "email", "job_title")
    rows = plain_leads(leads)
    lines, people = [], []
    for row, lead in zip(rows, leads, strict=True):
        contact = contacts.get(lead.number)
        known = {name: value for name, value in row.items() if name not in {"lead_id", *person}}
        lines.append({"lead_id": lead.number + 88_000, "contact_id": f"{contact}.0" if contact else "", **known})
        if contact:
            people.append({"contact_id": contact, **{name: row[name] for name in person}})
    interactions = plain_interactions(leads)
    calls, visits = [], []
    for row in interactions:
        number = _number(row)
        if row["type"] == "page_view":
            seen = ("interaction_id", "occurred_at", "page")
            visits.append({"lead_id": number + 88_000, **{name: row[name] for name in seen}})
        elif number in contacts:
            told = ("interaction_id", "occurred_at", "type", "direction", "duration")
            calls.append({"contact_id": contacts[number], **{name: row[name] for name in told}})
    deals = [row | {"lead_id": _number(row) + 88_000} for row in plain_deals(leads)]
    for name, found in (("leads", lines), ("contacts", people), ("calls", calls), ("visits", visits), ("deals", deals)):
        write_csv(folder / f"{name}.csv", found)


def _number(row: Row) -> int:
    return int(str(row["lead_id"])[1:])


def write_two_date_formats(folder: Path) -> None:
    """In every column of days the rows of the old system say 2025-03-14 and those of the new one 14/03/2025."""
    leads, draw = simulate(19, 500), random.Random(19)
    for name, rows, columns in (
        ("leads", plain_leads(leads, "%Y-%m-%d"), ("created_at",)),
        ("interactions", plain_interactions(leads, "%Y-%m-%d"), ("occurred_at",)),
        ("deals", plain_deals(leads, "%Y-%m-%d"), ("opened_at", "closed_at")),
    ):
        for row in rows:
            if draw.random() < 0.4:
                row |= {column: _slashed(str(row[column])) for column in columns}
        write_csv(folder / f"{name}.csv", rows)


def _slashed(day: str) -> str:
    return "/".join(reversed(day.split("-")))


def write_title_rows(folder: Path) -> None:
    """One workbook of three sheets: a title and a blank row above each header, a row of totals at the end."""
    leads = simulate(20, 460)
    deals = [_dated(row, "opened_at", "closed_at") for row in plain_deals(leads)]
    total = sum(lead.amount for lead in leads if lead.opened is not None or lead.outcome == "lost")
    sheets = {
        "Leads": _report("Leads", [_dated(row, "created_at") for row in plain_leads(leads)], {}),
        "Activities": _report("Activities", [_dated(row, "occurred_at") for row in plain_interactions(leads)], {}),
        "Deals": _report("Deals", deals, {"amount": total}),
    }
    write_xlsx(folder / "report.xlsx", sheets)


def _dated(row: dict[str, object], *columns: str) -> dict[str, object]:
    """Times as cells of dates, and empty cells for empty texts."""
    cells = {name: None if value == "" else value for name, value in row.items()}
    return cells | {name: datetime.fromisoformat(str(row[name])) if row[name] else None for name in columns}


def _report(title: str, rows: Iterable[Row], totals: dict[str, object]) -> Sheet:
    header, *lines = table(rows)
    last = [totals.get(str(name)) for name in header]
    last[0] = f"Total: {len(lines)}"
    return Sheet([[f"{title} - all, exported 30/06/2026"], [], header, *lines, last])


MIXED_ENCODINGS = Export("mixed_encodings", write_mixed_encodings, ("deals.csv", "interactions.csv", "leads.csv"))
FLOAT_IDS = Export("float_ids", write_float_ids, ("calls.csv", "contacts.csv", "deals.csv", "leads.csv", "visits.csv"))
TWO_DATE_FORMATS = Export("two_date_formats", write_two_date_formats, ("deals.csv", "interactions.csv", "leads.csv"))
TITLE_ROWS = Export("title_rows", write_title_rows, ("report.xlsx",))

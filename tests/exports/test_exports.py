"""The exports are what they say: deterministic files, leads that were won, lost and left open, and nobody real."""

from __future__ import annotations

import csv
import re
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from tests.exports import CRMS, EXPORTS, Export
from tests.exports.company import END, Lead, simulate

BY_NAME = {export.name: export for export in EXPORTS}
LEADS = {
    "hubspot": "contacts.csv",
    "salesforce": "Lead.csv",
    "dynamics": "All Leads.xlsx",
    "pipedrive": "deals.csv",
    "zoho": "Leads.csv",
    "odoo": "crm_lead.xlsx",
    "title_rows": "report.xlsx",
    "other_language": "prospects.csv",
}
"""Which file holds the leads, where it is not leads.csv."""
OUTCOMES = {
    "hubspot": ("deals.csv", "Deal Stage", {"Closed Won"}, {"Closed Lost"}),
    "salesforce": ("Opportunity.csv", "StageName", {"Closed Won"}, {"Closed Lost"}),
    "dynamics": ("All Opportunities.xlsx", "Status", {"Won"}, {"Lost"}),
    "pipedrive": ("deals.csv", "Deal - Status", {"Won"}, {"Lost"}),
    "zoho": ("Deals.csv", "Stage", {"Closed Won"}, {"Closed Lost", "Closed-Lost to Competition"}),
    "odoo": ("crm_lead.xlsx", "lost_reason_id", set(), set()),
    "title_rows": ("report.xlsx:Deals", "status", {"won"}, {"lost"}),
    "other_language": ("affaires.csv", "Statut", {"Gewonnen"}, {"Verloren"}),
}
"""Where the outcome stands, where it is not the status of deals.csv; Odoo has no such column."""
PLAIN = ("deals.csv", "status", {"won"}, {"lost"})


# They are written once, by the worker that has all of these tests.
pytestmark = pytest.mark.xdist_group("exports")


@pytest.fixture
def written(exports: dict[str, Path]) -> dict[str, Path]:
    """Every export, written once."""
    return exports


def read(path: Path, sheet: str | None = None) -> list[dict[str, str]]:
    """The rows of a csv or of a sheet, below its header, as texts."""
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path, read_only=True)
        lines = [
            ["" if cell is None else str(cell) for cell in row] for row in book[sheet or book.sheetnames[0]].values
        ]
        book.close()
        # A title and a blank row may stand above the header.
        while sum(cell != "" for cell in lines[0]) < 2:
            del lines[0]
        return [dict(zip(lines[0], line, strict=False)) for line in lines[1:]]
    whole = path.read_bytes()
    try:
        decoded = whole.decode("utf-8-sig")
    except UnicodeDecodeError:
        decoded = whole.decode("cp1252", "replace")
    separator = ";" if decoded.splitlines()[0].count(";") else ","
    return list(csv.DictReader(decoded.splitlines(), delimiter=separator))


def leads_of(export: Export, folder: Path) -> list[dict[str, str]]:
    rows = read(folder / LEADS.get(export.name, "leads.csv"))
    return rows[:-1] if export.name == "title_rows" else rows


def every(names: list[str]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("export", [BY_NAME[name] for name in names], ids=names)


def test_there_are_six_crms_and_six_odd_ones() -> None:
    assert len(CRMS) == 6
    assert len(EXPORTS) == len(BY_NAME) == 12


@every(list(BY_NAME))
def test_an_export_writes_the_files_that_a_person_would_name(export: Export, written: dict[str, Path]) -> None:
    names = sorted(path.name for path in written[export.name].iterdir())
    assert names == sorted(argument for argument in export.arguments if not argument.startswith("-"))


@every(list(BY_NAME))
def test_an_export_is_the_same_bytes_every_time(export: Export, written: dict[str, Path], tmp_path: Path) -> None:
    simulate.cache_clear()
    export.write(tmp_path)
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (written[export.name] / path.name).read_bytes(), path.name


@every(list(BY_NAME))
def test_an_export_holds_hundreds_of_leads(export: Export, written: dict[str, Path]) -> None:
    assert 400 <= len(leads_of(export, written[export.name])) <= 1000


@every([name for name in BY_NAME if name not in {"no_deals", "odoo"}])
def test_leads_were_won_lost_and_left_open(export: Export, written: dict[str, Path]) -> None:
    place, column, won, lost = OUTCOMES.get(export.name, PLAIN)
    file, _, sheet = place.partition(":")
    outcomes = [row[column] for row in read(written[export.name] / file, sheet or None)]
    count = len(leads_of(export, written[export.name]))
    assert 0.15 <= sum(value in won for value in outcomes) / count <= 0.25
    assert sum(value in lost for value in outcomes) > count / 10
    assert sum(value not in won | lost for value in outcomes) > 20


def test_a_lead_of_odoo_is_lost_where_it_is_not_active(written: dict[str, Path]) -> None:
    rows = read(written["odoo"] / "crm_lead.xlsx")
    lost = {row["id"] for row in rows if row["active"] == "False"}
    won = {row["id"] for row in rows if row["stage_id"] == "Won"}
    assert not lost & won
    assert all(row["date_closed"] for row in rows if row["id"] in lost | won)
    assert 0.15 <= len(won) / len(rows) <= 0.25
    assert len(lost) > len(rows) / 10
    assert len(rows) - len(won) - len(lost) > 20


def test_without_deals_nothing_says_how_a_lead_ended(written: dict[str, Path]) -> None:
    words = (written["no_deals"] / "leads.csv").read_text().lower()
    assert not re.search(r"\b(won|lost|closed|customer)\b", words)
    assert BY_NAME["no_deals"].wants


@every(list(BY_NAME))
def test_nobody_has_an_address_that_could_be_real(export: Export, written: dict[str, Path]) -> None:
    domains = set()
    for path in written[export.name].iterdir():
        parts = [path.read_bytes()]
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                parts = [book.read(name) for name in book.namelist() if "sheet" in name or "Strings" in name]
        domains |= {domain.lower() for part in parts for domain in re.findall(rb"@([\w.-]+)", part)}
    assert domains <= {b"example.com", b"example.org"}
    assert domains


@pytest.fixture(scope="module")
def leads() -> tuple[Lead, ...]:
    return simulate(1, 900)


def test_history_is_in_order_and_ends_with_the_lead(leads: tuple[Lead, ...]) -> None:
    for lead in leads:
        times = [fact.at for fact in lead.facts]
        assert times == sorted(times)
        assert lead.created <= times[0] <= times[-1] <= (lead.closed or END)
        assert lead.opened is None or lead.created <= lead.opened <= (lead.closed or END)
    assert (END - min(lead.created for lead in leads)).days > 15 * 30
    assert max(lead.closed for lead in leads if lead.closed).date() >= date(2026, 6, 20)


def test_who_was_won_had_asked_more_in_the_two_weeks_before(leads: tuple[Lead, ...]) -> None:
    def asked(lead: Lead) -> float:
        assert lead.closed is not None
        return sum(fact.inbound and (lead.closed - fact.at).days < 14 for fact in lead.facts)

    won = [asked(lead) for lead in leads if lead.outcome == "won"]
    lost = [asked(lead) for lead in leads if lead.outcome == "lost"]
    assert sum(won) / len(won) > 1.3 * sum(lost) / len(lost)

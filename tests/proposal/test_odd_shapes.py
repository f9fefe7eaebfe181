"""Exports in the shapes that life gives them: each was once read wrongly, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from pipeline.definitions.workspace import Workspace, load_workspace
from pipeline.proposal.propose import Proposed, propose
from pipeline.workflow.stages import check

START = datetime(2025, 1, 6, 9, 0)
STATUS = ("Won", "Lost", "Lost", "Open")


def leads(count: int = 400, first: int = 0, **columns: Sequence[object]) -> list[str]:
    """Leads with their outcome: a header and lines of csv; every fourth is won, and closed ten days after it came."""
    names = ["lead_id", "created_at", "closed_at", "status", "source", *columns]
    lines = [",".join(names)]
    for n in range(first, first + count):
        created, status = START + timedelta(hours=15 * n), STATUS[n % 4]
        closed = "" if status == "Open" else (created + timedelta(days=3 + n % 40)).isoformat(" ")
        more = [str(values[(n - first) % len(values)]) for values in columns.values()]
        lines.append(",".join([f"L{n:05d}", created.isoformat(" "), closed, status, ("web", "fair")[n % 2], *more]))
    return lines


def proposal(folder: Path, **files: Sequence[str]) -> tuple[Proposed, Workspace]:
    for name, lines in files.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    said = propose([str(folder / f"{name}.csv") for name in files], folder / "leadlight.yaml")
    assert said.missing == [], said.missing
    workspace = load_workspace(said.output)
    assert check(workspace)["ok"]
    return said, workspace


def test_files_of_one_table_by_year_are_one_table(tmp_path: Path) -> None:
    said, workspace = proposal(tmp_path, leads_2024=leads(300), leads_2025=leads(300, first=300))
    assert list(said.tables.values()) == ["leads and deals"]
    assert check(workspace)["tables"]["leads"]["used"] == 600


def test_an_address_is_no_id_where_there_is_one(tmp_path: Path) -> None:
    mails = [f"p{n}@example.com" for n in range(400)]
    letters = [
        "Email,occurred_at,type",
        *(f"{mail.upper()},2025-03-0{1 + n % 9} 10:00,click" for n, mail in enumerate(mails)),
    ]
    _, workspace = proposal(tmp_path, leads=leads(email=mails), newsletter=letters)
    assert workspace.sources.leads.id == "lead_id"
    assert check(workspace)["tables"]["interactions"]["used"] == 400


def test_a_number_that_knows_the_end_is_excluded_and_a_weak_one_is_not(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    told = [int(n % 4 == 0) * (1 + n % 3) for n in range(400)]
    size = rng.integers(1, 500, 400).tolist()
    _, workspace = proposal(tmp_path, leads=leads(orders_since=told, employees=size))
    assert "orders_since" in workspace.excluded_columns
    assert "employees" not in workspace.excluded_columns


def test_values_with_a_closing_date_that_no_word_knows_are_lost(tmp_path: Path) -> None:
    said, workspace = proposal(tmp_path, leads=[line.replace(",Lost,", ",Zzz,") for line in leads()])
    assert workspace.sources.deals.lost == ("Zzz",)
    assert any("Zzz" in doubt for doubt in said.doubts)


def test_a_table_of_orders_alone_is_one_of_wins(tmp_path: Path) -> None:
    people = [",".join(line.split(",")[i] for i in (0, 1, 4)) for line in leads()]
    orders = [
        "order_id,lead_id,ordered_at,amount",
        *(f"O{n},L{n:05d},2025-11-{1 + n % 28:02d},10{n}" for n in range(0, 400, 5)),
    ]
    said, workspace = proposal(tmp_path, leads=people, orders=orders)
    assert workspace.sources.deals.outcome.value == "won"
    assert any("is a win" in doubt for doubt in said.doubts)


def test_a_file_may_be_named_by_its_day(tmp_path: Path) -> None:
    contacts = [
        ",".join(line.split(",")[i] for i in (0, 1, 4)) + (",Customer", ",Lead")[n % 4 > 1]
        for n, line in enumerate(leads())
    ]
    contacts[0] = "Record ID,Create Date,Original Source,Lifecycle Stage"
    deals = [f"D{n},{line.split(',')[2]},{line.split(',')[3]},{line.split(',')[0]}" for n, line in enumerate(leads())]
    deals[0] = "Deal ID,Close Date,Deal Stage,Associated Contact IDs"
    files = {"crm-exports-all-contacts-2025-12-30": contacts, "crm-exports-all-deals-2025-12-30": deals}
    said, workspace = proposal(tmp_path, **files)
    assert list(said.tables.values()) == ["leads", "deals"]
    assert "Lifecycle Stage" in workspace.excluded_columns


def test_two_digit_years_may_stand_first(tmp_path: Path) -> None:
    def short(line: str) -> str:
        cells = line.split(",")
        return ",".join([cells[0], *(cell[2:10] for cell in cells[1:3]), *cells[3:]])

    lines = leads()
    _, workspace = proposal(tmp_path, leads=[lines[0], *map(short, lines[1:])])
    assert workspace.sources.leads.created_at is not None
    assert workspace.sources.leads.created_at.format == ("%y-%m-%d",)
    assert check(workspace)["tables"]["leads"]["used"] == 400


def test_a_row_is_called_by_its_number_where_nothing_else_tells_rows_apart(tmp_path: Path) -> None:
    said, workspace = proposal(tmp_path, leads=[line.split(",", 1)[1] for line in leads()])
    assert workspace.sources.leads.id is None
    assert any("called by its number" in doubt for doubt in said.doubts)


def test_people_are_no_attributes(tmp_path: Path) -> None:
    names = ["Surname", "Ansprechpartner", "WhatsApp", "NIF", "Straße", "Conseiller", "Sales rep"]
    _, workspace = proposal(tmp_path, leads=leads(**{name: ["Meier", "Dupont", "Rossi"] for name in names}))
    assert workspace.sources.leads.attributes == ("source",)


def test_an_export_ends_after_its_last_close(tmp_path: Path) -> None:
    # The last lead came long before the last close.
    _, workspace = proposal(tmp_path, leads=[line.replace("2025-09-", "2025-10-") for line in leads(380)])
    closes = [line.split(",")[2] for line in leads(380)[1:] if line.split(",")[2]]
    assert str(workspace.data_until_text) > max(closes)[:10].replace("2025-09-", "2025-09-")


def test_ids_that_begin_with_three_capitals_are_no_amounts(tmp_path: Path) -> None:
    accounts = ["Account ID,Industry", *(f"ACC{n},{('food', 'steel')[n % 2]}" for n in range(80))]
    _, workspace = proposal(tmp_path, leads=leads(account_id=[f"ACC{n}" for n in range(80)]), accounts=accounts)
    assert workspace.sources.accounts is not None
    assert workspace.sources.leads.entities == {"account": "account_id"}

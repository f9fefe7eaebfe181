"""One CRM in every kind of file and database: the same training set, to the bit."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import psycopg
import pytest

from pipeline.definitions.workspace import load_workspace
from pipeline.features.training_set import TrainingSet, build_training_set
from pipeline.tables.sources import read_history
from tests.tables.conftest import Database

WORKSPACE = """\
name: same
timezone: Europe/Paris
data_until: 2026-06-30
sources:
  leads:
    from: {leads}
    id: id
    created_at: created
    attributes: [country, employees, zip, opted, plan, revenue, signed]
    entities: {{contact: contact}}
  contacts: {{from: {contacts}, id: contact, attributes: [title]}}
  interactions:
    from: {facts}
    entity_id: lead
    id: fact
    at: at
    kind: kind
    flow: {{column: way, outbound: [out], inbound: [in]}}
    numbers: [minutes, score]
    texts: [page, code, done]
  deals: {{from: {deals}, id: deal, lead_id: lead, closed_at: closed, outcome: status, amount: amount}}
goal: {{horizon: 20d}}
observe: {{every: 7d, until: 60d}}
"""
TYPES = {
    "contact": "bigint", "created": "timestamp", "employees": "double precision", "opted": "boolean", "plan": "bigint",
    "revenue": "numeric(12, 2)", "id": "bigint", "lead": "bigint", "fact": "bigint", "at": "timestamp",
    "minutes": "double precision", "score": "bigint", "done": "boolean", "closed": "date", "amount": "numeric(12, 2)",
    "code": "double precision", "signed": "date",
}  # fmt: skip
BIG = 9007199254740993001

Rows = list[dict[str, Any]]


def crm() -> dict[str, Rows]:
    """Rows as Python holds them: ids of 19 digits, gaps in numbers, days, instants, truth values."""
    draw = random.Random(5)
    leads: Rows = []
    facts: Rows = []
    deals: Rows = []
    for row in range(70):
        created = datetime(2026, 1, 5, 8) + timedelta(hours=41 * row, seconds=row)
        calls = draw.randrange(7)
        leads.append(
            {
                "id": BIG + row,
                "created": created,
                "country": draw.choice(["FR", " DE", None]),
                "employees": draw.choice([None, 5.0, 30.5, 200.0]),
                "zip": draw.choice(["01000", "75001"]),
                "opted": draw.choice([True, False, None]),
                "plan": draw.choice([1, 2, 30]),
                "revenue": draw.choice([None, 1000.0, 12.25]),
                "signed": draw.choice([None, date(2026, 1, 1)]),
                "contact": draw.choice([None, BIG + row // 2]),
            }
        )
        for step in range(calls):
            facts.append(
                {
                    "lead": BIG + row,
                    "fact": draw.choice([None, BIG + len(facts)]),
                    "at": created + timedelta(hours=31 * step),
                    "kind": draw.choice(["call", "visit ", "reply"]),
                    "way": draw.choice(["in", "out", None]),
                    "minutes": draw.choice([None, 3.0, 7.25]),
                    "score": step,
                    "page": draw.choice([None, "/prices", '/été, "x"; 1']),
                    "code": draw.choice([None, 30.0, 31.0]),
                    "done": draw.choice([True, False]),
                }
            )
        if draw.random() < 0.6:
            won = calls > 3 or draw.random() < 0.3
            ended = draw.random() < 0.9
            deals.append(
                {
                    "deal": f"d{row}",
                    "lead": BIG + row,
                    "closed": (created + timedelta(days=draw.randrange(2, 30))).date() if ended else None,
                    "status": ("won" if won else "lost") if ended else "open",
                    "amount": draw.choice([None, 1234.5]),
                }
            )
    contacts = [{"contact": BIG + row, "title": draw.choice(["Buyer", "Pilot", "#N/A"])} for row in range(35)]
    return {"leads": leads, "contacts": contacts, "facts": facts, "deals": deals}


def frame(rows: Rows) -> pd.DataFrame:
    table = pd.DataFrame(rows)
    for name, type_ in TYPES.items():
        if name in table.columns and type_ == "bigint":
            table[name] = pd.array([row[name] for row in rows], dtype="Int64")
        elif name in table.columns and type_ == "boolean" and "true" not in table[name].tolist():
            table[name] = pd.array([row[name] for row in rows], dtype="boolean")
    return table


def text(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value


def csv(folder: Path, name: str, rows: Rows) -> str:
    frame(rows).to_csv(folder / f"{name}.csv", index=False)
    return f"{name}.csv"


def zipped(folder: Path, name: str, rows: Rows) -> str:
    frame(rows).to_csv(folder / f"{name}.csv.gz", index=False)
    return f"{name}.csv.gz"


def sql(folder: Path, name: str, rows: Rows) -> str:
    return f"{{sql: \"select * from '{csv(folder, name, rows)}'\"}}"


def parquet(folder: Path, name: str, rows: Rows) -> str:
    frame(rows).to_parquet(folder / f"{name}.parquet", index=False)
    return f"{name}.parquet"


def xlsx(folder: Path, name: str, rows: Rows) -> str:
    path = folder / "export.xlsx"
    book = openpyxl.load_workbook(path) if path.exists() else openpyxl.Workbook()
    sheet = book.create_sheet(name)
    sheet.append(list(rows[0]))
    for row in rows:
        # A sheet's numbers hold 15 digits: ids that are longer are texts.
        sheet.append([str(value) if isinstance(value, int) and value >= BIG else value for value in row.values()])
    book.save(path)
    return f"{{file: export.xlsx, sheet: {name}}}"


def sqlite(folder: Path, name: str, rows: Rows) -> str:
    """SQLite knows no truth values: they are stored as words."""
    with sqlite3.connect(folder / "crm.db") as connection:
        table = frame([{key: text(value) for key, value in row.items()} for row in rows]).infer_objects()
        table.to_sql(name, connection, index=False)
    connection.close()
    return f"{{url: 'sqlite:///crm.db', table: {name}}}"


def training(folder: Path, write: Callable[[Path, str, Rows], str], more: str = "") -> TrainingSet:
    places = {name: write(folder, name, rows) for name, rows in crm().items()}
    (folder / "leadlight.yaml").write_text(WORKSPACE.format(**places) + more, encoding="utf-8")
    workspace = load_workspace(folder / "leadlight.yaml")
    history, _ = read_history(workspace)
    build_training_set(history, workspace, folder / "training")
    return TrainingSet.load(folder / "training")


def agree(ours: TrainingSet, theirs: TrainingSet) -> None:
    """The parts first, since a hash does not say what differs."""
    assert ours.lead_id.values() == theirs.lead_id.values()
    assert ours.cutoff.tolist() == theirs.cutoff.tolist()
    assert ours.label.tolist() == theirs.label.tolist()
    assert ours.definition.to_json() == theirs.definition.to_json()
    for place, name in enumerate(theirs.definition.columns):
        assert np.array_equal(ours.X[:, place], theirs.X[:, place], equal_nan=True), name
    assert ours.data_hash == theirs.data_hash


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> TrainingSet:
    found = training(tmp_path_factory.mktemp("parquet"), parquet)
    assert len(found.cutoff) > 200
    assert 20 < found.label[found.mature].sum() < found.mature.sum() - 20
    assert len(found.definition.columns) > 40
    return found


@pytest.mark.parametrize("write", [csv, zipped, sql, xlsx, sqlite])
def test_a_training_set_is_the_same_from_every_place(
    tmp_path: Path, expected: TrainingSet, write: Callable[[Path, str, Rows], str]
) -> None:
    agree(training(tmp_path, write), expected)


def test_a_training_set_is_the_same_from_postgresql(postgres_database: Database, expected: TrainingSet) -> None:
    def write(_: Path, name: str, rows: Rows) -> str:
        columns = ", ".join(f'"{column}" {TYPES.get(column, "text")}' for column in rows[0])
        with psycopg.connect(postgres_database.url, autocommit=True) as connection:
            connection.execute(f"create table {name} ({columns})")
            with connection.cursor().copy(f"copy {name} from stdin") as copy:
                for row in rows:
                    copy.write_row(list(row.values()))
        return f"{{url: '{postgres_database.url}', table: {name}}}"

    agree(training(postgres_database.root, write), expected)

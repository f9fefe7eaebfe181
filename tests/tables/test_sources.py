"""Files to canonical tables: what each column means, whatever the file's format."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline.definitions.workspace import WorkspaceError, load_workspace
from pipeline.definitions.zones import instant, iso
from pipeline.tables.account import Account
from pipeline.tables.columns import History
from pipeline.tables.sources import read_history

LEADS = {
    "lead_id": ["9007199254740993001", "9007199254740993002", "0003"],
    "created_at": ["2026-01-05T09:00:00Z", "2026-01-06T10:00:00+01:00", "2026-01-07 11:00:00"],
    "country": ["FR", None, "NO"],
    "employees": ["10", "25", None],
    "contact_id": ["k1", "k1", None],
}
INTERACTIONS = {
    "event": ["e1", "e2", "e2", None],
    "who": ["9007199254740993001"] * 3 + ["0003"],
    "at": ["2026-01-08T00:00:00Z", "2026-01-09T00:00:00Z", "2026-01-09T00:00:00Z", "2026-01-10T00:00:00Z"],
    "type": ["call", "visit", "visit", "call"],
    "duration": ["30.5", None, None, "12"],
    "page": [None, "/a", "/a", None],
}
DEALS = {
    "lead_id": ["9007199254740993001", "0003"],
    "closed_at": ["2026-02-01T00:00:00Z", None],
    "status": ["won", "talking"],
}
CONTACTS = {"contact_id": ["k1", "k2", "k2"], "job_title": ["Buyer", "Pilot", "Pilot"]}

WORKSPACE = """\
name: small
timezone: Europe/Paris
data_until: 2026-06-30
sources:
  leads:
    from: leads.{end}
    id: lead_id
    created_at: created_at
    attributes: [country, employees]
    entities: {{contact: contact_id}}
  contacts: {{from: contacts.{end}, id: contact_id, attributes: [job_title]}}
  interactions:
    - from: interactions.{end}
      id: event
      entity_id: who
      at: at
      kind: type
      flow: {{outbound: [call]}}
      numbers: [duration]
      texts: [page]
  deals: {{from: deals.{end}, lead_id: lead_id, closed_at: closed_at, outcome: status}}
"""


def write(folder: Path, end: str, **changed: dict[str, list[object]]) -> Path:
    tables = {"leads": LEADS, "interactions": INTERACTIONS, "deals": DEALS, "contacts": CONTACTS} | changed
    for name, columns in tables.items():
        frame = pd.DataFrame(columns)
        if end == "parquet":
            frame.to_parquet(folder / f"{name}.parquet")
        else:
            frame.to_csv(folder / f"{name}.{end}", index=False)
    path = folder / "leadlight.yaml"
    path.write_text(WORKSPACE.format(end=end), encoding="utf-8")
    return path


def read(path: Path) -> tuple[History, Account]:
    return read_history(load_workspace(path))


@pytest.mark.parametrize("end", ["csv", "csv.gz", "parquet"])
def test_a_table_means_the_same_in_every_format(tmp_path: Path, end: str) -> None:
    history, account = read(write(tmp_path, end))
    leads = history.leads
    assert leads.id.values() == LEADS["lead_id"]
    assert [iso(at) for at in leads.created_at.tolist()] == [
        "2026-01-05T09:00:00Z",
        "2026-01-06T09:00:00Z",
        "2026-01-07T10:00:00Z",
    ]
    assert leads.attributes["country"].tolist() == ["FR", None, "NO"]
    assert leads.attributes["employees"].tolist() == [10.0, 25.0, None]
    assert leads.attributes["job_title"].tolist() == ["Buyer", "Buyer", None]
    (facts,) = history.interactions
    assert facts.kind.values() == ["call", "visit", "call"]
    assert facts.flow.tolist() == [2, 0, 2]
    assert np.array_equal(facts.numbers["duration"], [30.5, np.nan, 12.0], equal_nan=True)
    assert facts.texts["page"].values() == [None, "/a", None]
    assert account.tables["interactions"].to_json() == {
        "rows": 4,
        "used": 3,
        "set_aside": {"repeated id": 1},
        "first_rows": {"repeated id": [3]},
        "from": f"interactions.{end}",
    }
    assert account.tables["contacts"].to_json() == {
        "rows": 3,
        "used": 2,
        "set_aside": {"repeated id": 1},
        "first_rows": {"repeated id": [3]},
        "from": f"contacts.{end}",
    }
    assert account.outcomes == {"won": ("won", 1), "talking": ("open", 1)}


def test_typed_columns_mean_what_their_texts_mean(tmp_path: Path) -> None:
    path = write(tmp_path, "parquet")
    texts, _ = read(path)
    leads = pd.DataFrame(LEADS)
    leads["created_at"] = [pd.Timestamp(iso(at)) for at in texts.leads.created_at.tolist()]
    leads["employees"] = [10.0, 25.0, np.nan]
    leads.to_parquet(tmp_path / "leads.parquet")
    typed, _ = read(path)
    assert np.array_equal(typed.leads.created_at, texts.leads.created_at)
    assert typed.leads.attributes["employees"].tolist() == texts.leads.attributes["employees"].tolist()


def test_days_are_known_at_their_end_and_created_at_their_start(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "csv",
        leads=LEADS | {"created_at": ["2026-01-05", "2026-01-06", "2026-03-29"]},
        interactions=INTERACTIONS | {"at": ["2026-01-08", "2026-01-09", "2026-01-09", "2026-03-29"]},
    )
    history, _ = read(path)
    assert iso(int(history.leads.created_at[0])) == "2026-01-04T23:00:00Z"
    at = history.interactions[0].at
    assert iso(int(at[0])) == "2026-01-08T22:59:59.999999Z"
    # On the day of the change to summer time in Paris the next midnight comes an hour early.
    assert iso(int(at[-1])) == "2026-03-29T21:59:59.999999Z"


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ("{column: created_at, format: '%d.%m.%Y %H:%M'}", "06.01.2026 10:00"),
        ("{column: created_at, dayfirst: true}", "06/01/2026 10:00"),
        ("{column: created_at, format: '%Y-%m-%dT%H:%M%z'}", "2026-01-06T09:00+0000"),
    ],
)
def test_a_declared_format_is_followed(tmp_path: Path, spec: str, text: str) -> None:
    path = write(tmp_path, "csv", leads=LEADS | {"created_at": [text] * 3})
    path.write_text(path.read_text().replace("created_at: created_at", f"created_at: {spec}"))
    history, _ = read(path)
    assert history.leads.created_at[0] == instant(datetime(2026, 1, 6, 9, tzinfo=UTC))


WITHOUT_ID = {name: column for name, column in LEADS.items() if name != "lead_id"} | {"leadid": LEADS["lead_id"]}


@pytest.mark.parametrize(
    ("table", "columns", "said"),
    [
        ("leads", LEADS | {"created_at": ["2026-01-05", "soon", None]}, ("created_at", "row 2", "'soon'", "format")),
        (
            "interactions",
            INTERACTIONS | {"duration": ["1", "2", "3", "long"]},
            ("duration", "row 4", "'long'", "`missing`"),
        ),
        ("leads", WITHOUT_ID, ("lead_id", "did you mean leadid")),
        ("interactions", INTERACTIONS | {"duration": ["1", "2", "3", "a@b.example"]}, ("row 4", "not shown")),
    ],
)
def test_what_cannot_be_read_is_named(
    tmp_path: Path, table: str, columns: dict[str, list[object]], said: tuple[str, ...]
) -> None:
    path = write(tmp_path, "csv", **{table: columns})
    with pytest.raises(WorkspaceError) as caught:
        read(path)
    assert all(part in str(caught.value) for part in (table, *said)), str(caught.value)


def test_ids_that_went_through_a_float_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "parquet")
    pd.DataFrame(LEADS | {"lead_id": [9007199254740993001.0, 2.0, np.nan]}).to_parquet(tmp_path / "leads.parquet")
    with pytest.raises(WorkspaceError, match="lost digits"):
        read(path)


def test_a_missing_file_names_its_table(tmp_path: Path) -> None:
    path = write(tmp_path, "csv")
    (tmp_path / "deals.csv").unlink()
    with pytest.raises(WorkspaceError, match=r"deals \(deals.csv\): there is no such file"):
        read(path)


def test_sql_over_files_is_a_table(tmp_path: Path) -> None:
    path = write(tmp_path, "csv")
    query = "{sql: \"select * from read_csv('deals.csv', all_varchar = true) where status = 'won'\"}"
    path.write_text(path.read_text().replace("{from: deals.csv,", f"{{from: {query},"))
    history, account = read(path)
    assert len(history.deals) == 1
    assert account.tables["deals"].rows == 1


def test_declared_instants_are_not_days(tmp_path: Path) -> None:
    path = write(tmp_path, "parquet")
    facts = pd.DataFrame(INTERACTIONS)
    facts["at"] = pd.to_datetime(facts["at"]).dt.date
    facts.to_parquet(tmp_path / "interactions.parquet")
    text = path.read_text().replace("at: at", "at: {column: at, precision: instant}")
    path.write_text(text)
    history, _ = read(path)
    assert iso(int(history.interactions[0].at[0])) == "2026-01-07T23:00:00Z"

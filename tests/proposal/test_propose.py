"""What `init` does with files as such: nothing is asked, nothing is written over, what cannot be is said."""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
from pathlib import Path

import pandas as pd
import pytest

from pipeline.cli import main
from pipeline.definitions.workspace import WorkspaceError, load_workspace
from pipeline.proposal.propose import propose
from pipeline.proposal.tables import header_row
from pipeline.proposal.write import Block, plain
from pipeline.workflow.stages import check
from tests.exports import EXPORTS

PLAIN = next(export for export in EXPORTS if export.name == "mixed_encodings")


pytestmark = pytest.mark.xdist_group("exports")


@pytest.fixture
def export(exports: dict[str, Path], tmp_path: Path) -> Path:
    shutil.copytree(exports[PLAIN.name], tmp_path, dirs_exist_ok=True)
    return tmp_path


def files(folder: Path) -> list[str]:
    return [str(folder / name) for name in PLAIN.arguments]


def test_a_file_that_is_there_is_not_written_over(export: Path) -> None:
    (export / "leadlight.yaml").write_text("mine")
    with pytest.raises(WorkspaceError, match=r"is there already.*-o"):
        propose(files(export), export / "leadlight.yaml")
    assert (export / "leadlight.yaml").read_text() == "mine"


def test_nothing_but_the_workspace_is_written(export: Path) -> None:
    before = {path.name: path.read_bytes() for path in export.iterdir()}
    propose(files(export), export / "leadlight.yaml")
    after = {path.name: path.read_bytes() for path in export.iterdir()}
    assert after.pop("leadlight.yaml")
    assert after == before


def test_a_proposal_is_the_same_every_time(export: Path) -> None:
    texts = []
    for name in ("a.yaml", "b.yaml"):
        propose(files(export), export / name)
        texts.append((export / name).read_text(encoding="utf-8").replace("name: a\n", "").replace("name: b\n", ""))
    assert texts[0] == texts[1]


def test_a_folder_is_its_files(export: Path) -> None:
    said = propose([str(export)], export.parent / f"{export.name}.yaml")
    assert set(said.tables.values()) == {"leads", "deals", "interactions"}
    assert load_workspace(said.output)


def test_a_person_may_say_which_file_is_what(export: Path) -> None:
    chosen = {"leads": [str(export / "leads.csv")], "deals": [str(export / "deals.csv")]}
    said = propose([str(export / "interactions.csv")], export / "leadlight.yaml", chosen)
    assert said.tables == {"leads.csv": "leads", "deals.csv": "deals", "interactions.csv": "interactions"}


def test_a_database_is_looked_at_table_by_table(export: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with sqlite3.connect(export / "crm.db") as connection:
        for name in ("leads", "deals", "interactions"):
            table = pd.read_csv(export / f"{name}.csv", sep=";", encoding="cp1252", dtype=str)
            table.to_sql(name, connection, index=False)
    connection.close()
    monkeypatch.chdir(export)
    said = propose(["sqlite:///crm.db"], export / "leadlight.yaml")
    assert not said.missing
    workspace = load_workspace(said.output)
    assert workspace.sources.leads.from_.table == "leads"
    assert check(workspace)["ok"]


def test_one_table_without_dates_is_read_in_its_order(tmp_path: Path) -> None:
    rows = [f"{20 + n % 50};{'admin' if n % 3 else 'student'};{'yes' if n % 4 == 0 else 'no'}" for n in range(400)]
    (tmp_path / "calls.csv").write_text("\n".join(["age;job;y", *rows]) + "\n")
    propose([str(tmp_path / "calls.csv")], tmp_path / "leadlight.yaml")
    workspace = load_workspace(tmp_path / "leadlight.yaml")
    assert workspace.order == "file"
    assert workspace.sources.deals.won == ("yes",) and workspace.sources.deals.lost == ("no",)
    assert workspace.sources.leads.attributes == ("age", "job")
    assert check(workspace)["ok"]


@pytest.mark.parametrize(
    ("content", "said"),
    [("", "it is empty"), ("a\n1\n2\n", "no table looks like one of leads|no table tells the outcome")],
)
def test_what_cannot_be_a_table_of_leads_is_said(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "x.csv").write_text(content)
    try:
        found = "; ".join(propose([str(tmp_path / "x.csv")], tmp_path / "leadlight.yaml").missing)
    except WorkspaceError as error:
        found = str(error)
        assert not (tmp_path / "leadlight.yaml").exists()
    assert any(part in found for part in said.split("|")), found


def test_the_command_prints_one_object_with_json(
    export: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(export)
    monkeypatch.setattr(sys, "argv", ["leadlight", "init", *PLAIN.arguments, "--json", "--timezone", "Europe/Paris"])
    with pytest.raises(SystemExit) as ended:
        main()
    printed = json.loads(capsys.readouterr().out)
    assert not ended.value.code
    assert list(printed) == ["output", "tables", "doubts", "missing"]
    assert load_workspace(export / "leadlight.yaml").timezone == "Europe/Paris"


def test_the_header_is_the_first_row_as_wide_as_the_table() -> None:
    rows = [["Leads, exported today", "", ""], ["", "", ""], ["id", "created", "country"], ["1", "2026-01-01", "FR"]]
    assert header_row(rows) == 3
    assert header_row(rows[2:]) == 1


def test_what_a_program_could_take_for_something_else_is_quoted() -> None:
    assert (
        plain({"a": "yes", "b": "2026-06-30", "c": "x: y", "d": "#REF!"})
        == '{a: "yes", b: 2026-06-30, c: "x: y", d: "#REF!"}'
    )
    block = Block()
    block.put("won", ["yes"], "one of them")
    assert list(block.lines()) == ["# one of them", 'won: ["yes"]']


@pytest.mark.parametrize(
    ("name", "values", "proposed"),
    [
        ("hs_email_optout", ["true", "false"], True),
        ("HasOptedOutOfEmail", ["1", "0"], True),
        ("Do Not Contact", ["No", "No"], True),
        ("unsubscribed", ["2025-01-02", "2025-03-04"], False),
        ("newsletter", ["true", "false"], False),
    ],
)
def test_the_column_of_who_opted_out_is_proposed_as_that(
    tmp_path: Path, name: str, values: list[str], proposed: bool
) -> None:
    rows = range(60)
    leads = pd.DataFrame({"lead_id": [f"L{row}" for row in rows], "created_at": "2025-03-01T10:00:00Z"})
    leads["country"] = [["FR", "DE", "NO"][row % 3] for row in rows]
    leads[name] = [values[row % 2] for row in rows]
    leads.to_csv(tmp_path / "leads.csv", index=False)
    propose([str(tmp_path / "leads.csv")], tmp_path / "leadlight.yaml")
    text = (tmp_path / "leadlight.yaml").read_text(encoding="utf-8")
    assert ("opted_out: " in text) == proposed
    attributes = text.partition("attributes: ")[2].partition("]")[0]
    assert "country" in attributes
    assert not proposed or name not in attributes

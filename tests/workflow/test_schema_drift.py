"""Columns that are not as they were when the champion was trained: named by check, score and explain."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline.definitions.workspace import load_workspace
from pipeline.learning.bundle import Bundle, bundle_path
from pipeline.tables import reader
from pipeline.tables.databases.fetch import fetch
from pipeline.workflow.scoring import score_leads
from tests.workflow import small_crm
from tests.workflow.drifting import (
    champion,
    found,
    places,
    refused,
    refused_check,
    renamed,
    scored,
    with_values,
)
from tests.workflow.small_crm import change, edit

# The small CRM is trained once, by the worker that has all of these tests.
pytestmark = pytest.mark.xdist_group("small crm")


def test_an_untouched_export_has_no_findings_and_the_same_scores(crm: Path, small: Path) -> None:
    assert found(crm) == []
    summary, scores, _ = score_leads(load_workspace(crm / "leadlight.yaml"))
    assert "warnings" not in summary
    assert [score.to_json() for score in scores] == [score.to_json() for score in scored(small)]


def test_the_card_says_what_the_model_reads_of_each_table(crm: Path) -> None:
    schema = champion(crm).card["schema"]
    held = {(entry["table"], entry["role"], entry["column"]): entry["type"] for entry in schema}
    assert held["leads", "attribute", "country"] == held["contacts", "attribute", "sector"] == "text"
    assert held["leads", "attribute", "employees"] == held["interactions", "number", "duration"] == "number"
    assert held["leads", "attribute", "band"] == held["interactions", "text", "page"] == "text"
    assert held["deals", "outcome", "deal_status"] == held["changes", "old", "old"] == "text"
    assert {entry["role"] for entry in schema if entry["table"] == "changes"} == {
        "lead_id", "at", "changed", "value", "old",
    }  # fmt: skip
    assert "company" not in {entry["column"] for entry in schema}
    assert json.loads(json.dumps(schema)) == schema


def test_a_column_renamed_in_the_file_is_named_with_its_likely_name(crm: Path) -> None:
    change(crm, "leads", renamed("country", "Country Code"))
    for said in (refused(crm), refused_check(crm)):
        assert "leads, column country: " in said
        assert "Renamed to Country Code?" in said
        assert champion(crm).version in said
        assert "leadlight train" in said


def test_a_name_without_likeness_is_found_by_what_the_column_holds(crm: Path) -> None:
    change(crm, "leads", lambda table: table.rename(columns={"employees": "Effectif"}).assign(remark="as written"))
    assert "column employees" in refused(crm)
    assert "Renamed to Effectif?" in refused(crm)


def test_every_missing_column_of_every_table_is_named_at_once(crm: Path) -> None:
    change(crm, "leads", lambda table: table.drop(columns=["country", "company"]))
    change(crm, "contacts", lambda table: table.drop(columns="sector"))
    change(crm, "deals", renamed("deal_status", "status"))
    for said in (refused(crm), refused_check(crm)):
        for place in ("leads, column country", "contacts, column sector", "deals, column deal_status"):
            assert place in said
        assert "no column 'company'" in said, "what the model does not read is missing too"
        assert "Renamed to status?" in said


def test_without_a_champion_a_check_names_every_missing_column(crm: Path) -> None:
    shutil.rmtree(crm / "models")
    change(crm, "leads", renamed("country", "countries"))
    change(crm, "contacts", lambda table: table.drop(columns="sector"))
    said = refused_check(crm)
    assert "leads (leads." in said
    assert "no column 'country'; did you mean countries?" in said
    assert "no column 'sector'" in said
    assert "model" not in said


def test_a_column_renamed_in_file_and_workspace_is_named(crm: Path) -> None:
    change(crm, "leads", renamed("country", "land"))
    edit(crm, "[country, employees,", "[land, employees,")
    edit(crm, "name: country, attribute: country", "name: country, attribute: land")
    (finding,) = found(crm)
    assert (finding["table"], finding["column"], finding["severity"]) == ("leads", "country", "warning")
    assert "Renamed to land?" in finding["evidence"]
    assert "leads, column country: " in refused(crm)
    assert "Renamed to land?" in refused(crm)


def test_an_attribute_that_the_workspace_dropped_is_named_and_still_there(crm: Path) -> None:
    edit(crm, ", attributes: [sector]", "")
    edit(crm, "  - {name: sector, attribute: sector}\n", "")
    assert places(crm) == [("contacts", "sector")]
    assert "still has it" in found(crm)[0]["evidence"]
    assert "contacts, column sector: " in refused(crm)


def test_a_criterion_that_lost_its_attribute_is_an_error_that_names_the_table(crm: Path) -> None:
    edit(crm, ", attributes: [sector]", "")
    said = refused_check(crm)
    assert "criteria, sector: no attribute 'sector'" in said
    assert "contacts, column sector: It held texts" in said


def test_a_number_of_interactions_that_the_workspace_dropped_is_named(crm: Path) -> None:
    edit(crm, "      numbers: [duration]\n", "")
    edit(crm, "total duration, ", "")
    assert places(crm) == [("interactions", "duration")]
    assert "interactions, column duration: " in refused(crm)


def test_a_number_column_dropped_from_the_interactions_is_named(crm: Path) -> None:
    change(crm, "interactions", lambda table: table.drop(columns="duration"))
    for said in (refused(crm), refused_check(crm)):
        assert "interactions, column duration: " in said
        assert "held numbers" in said


def test_a_role_may_change_its_columns_name_in_file_and_workspace(crm: Path, small: Path) -> None:
    change(crm, "leads", renamed("created_at", "created"))
    change(crm, "interactions", renamed("type", "kind of contact"))
    edit(crm, "created_at: created_at", "created_at: created")
    edit(crm, "kind: type", "kind: kind of contact")
    assert found(crm) == []
    assert [score.to_json() for score in scored(crm)] == [score.to_json() for score in scored(small)]


def test_old_values_of_changes_that_are_gone_are_named(crm: Path) -> None:
    change(crm, "changes", lambda table: table.drop(columns="old"))
    assert places(crm) == [("changes", "old")]
    assert "changes, column old: " in refused(crm)


def test_changes_that_the_workspace_names_no_more_are_named(crm: Path) -> None:
    text = (crm / "leadlight.yaml").read_text()
    edit(crm, next(line for line in text.splitlines(keepends=True) if "changes:" in line), "")
    assert places(crm) == [("changes", None)]
    assert "changes: Model" in refused(crm)


def test_what_was_excluded_since_is_no_drift(crm: Path, small: Path) -> None:
    edit(crm, "criteria:\n", "exclude: [sector, {column: duration}, {kind: visit}]\ncriteria:\n")
    edit(crm, "  - {name: sector, attribute: sector}\n", "")
    edit(crm, "total duration, ", "")
    assert found(crm) == []
    assert [score.to_json() for score in scored(crm)] == [score.to_json() for score in scored(small)]


def test_another_order_of_tables_of_interactions_is_no_drift(crm: Path, small: Path) -> None:
    text = (crm / "leadlight.yaml").read_text()
    block = text[text.index("    - from: interactions") : text.index("  deals:")]
    empty = block.replace("from: interactions", "from: more").replace("      numbers: [duration]\n", "")
    (path,) = crm.glob("interactions.*")
    small_crm.save(small_crm.tables()["interactions"].iloc[:0], path.with_stem("more"))
    edit(crm, block, empty + block)
    assert found(crm) == []
    assert [score.to_json() for score in scored(crm)] == [score.to_json() for score in scored(small)]


def test_a_select_gives_a_renamed_column_its_name_back(crm: Path, small: Path) -> None:
    change(crm, "leads", renamed("country", "land"))
    (path,) = crm.glob("leads.*")
    edit(crm, f"from: {path.name}", f"from: {{sql: \"select *, land as country from '{path.name}'\"}}")
    assert found(crm) == []
    assert [score.to_json() for score in scored(crm)] == [score.to_json() for score in scored(small)]


def test_a_database_is_asked_once(crm: Path, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path,) = crm.glob("leads.*")
    leads = pd.read_csv(path, dtype="str") if path.suffix == ".csv" else pd.read_parquet(path)
    with sqlite3.connect(crm / "crm.db") as database:
        leads.to_sql("leads", database, index=False)
    asked: list[str] = []

    def fetched(url: str, query: str | None, table: str | None, *where: Any, **how: Any) -> int:
        asked.append(str(table))
        return fetch(url, query, table, *where, **how)

    monkeypatch.setattr(reader, "fetch", fetched)
    edit(crm, f"from: {path.name}", 'from: {url: "sqlite:///crm.db", table: leads}')
    assert [score.to_json() for score in scored(crm)] == [score.to_json() for score in scored(small)]
    assert asked == ["leads"]
    edit(crm, "[country, employees,", "[land, employees,")
    asked.clear()
    assert "leads (database, leads): no column 'land'" in refused_check(crm)
    assert asked == ["leads"]


def test_an_older_champion_without_a_schema_is_scored(crm: Path) -> None:
    version = champion(crm).version
    folder = bundle_path(crm / "models", version)
    bundle = Bundle.load(folder)
    plain = {key: value for key, value in bundle.card.items() if key != "schema"}
    tested = shutil.move(folder / "tested", crm / "tested")
    shutil.rmtree(folder)
    Bundle(version, bundle.definition, bundle.model, bundle.reference, plain).save(folder)
    shutil.move(tested, folder / "tested")
    change(crm, "leads", with_values("employees", lambda _: "ten"))
    assert found(crm) == []
    assert scored(crm)

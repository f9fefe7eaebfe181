"""Columns that hold something else than when the champion was trained: another type, nothing, or unknown words."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.definitions.workspace import load_workspace
from pipeline.workflow.scoring import explain_lead
from tests.workflow import small_crm
from tests.workflow.drifting import (
    champion,
    found,
    places,
    refused,
    refused_check,
    schema_type,
    scored,
    warnings,
    with_values,
)
from tests.workflow.small_crm import change, edit

# The small CRM is trained once, by the worker that has all of these tests.
pytestmark = pytest.mark.xdist_group("small crm")


def test_numbers_that_became_texts_are_named_with_the_first_of_them(crm: Path) -> None:
    words = iter(["10", "250", *["ten"] * small_crm.LEADS])
    change(crm, "leads", with_values("employees", lambda _: next(words)))
    (finding,) = found(crm)
    assert (finding["table"], finding["column"]) == ("leads", "employees")
    assert "held numbers" in finding["evidence"]
    assert "258 of its 260 values are no numbers, the first 'ten' in row 3" in finding["evidence"]
    assert "the first 'ten' in row 3" in refused(crm)


def test_a_value_that_could_be_somebodys_is_not_shown(crm: Path) -> None:
    change(crm, "leads", with_values("employees", lambda _: "jane.doe@example.com"))
    assert "jane" not in refused(crm)
    assert "not shown" in refused(crm)


def test_numbers_written_as_texts_are_no_drift(crm: Path, small: Path) -> None:
    change(crm, "leads", with_values("employees", lambda value: f"{value} "))
    assert found(crm) == []
    assert [score.to_json() for score in scored(crm)] == [score.to_json() for score in scored(small)]


def test_a_few_numbers_that_cannot_be_read_are_a_warning(crm: Path) -> None:
    words = iter(["10", "about ten", *["20"] * small_crm.LEADS])
    change(crm, "leads", with_values("employees", lambda _: next(words)))
    (said,) = warnings(crm)
    assert "leads, column employees: 1 of its 260 values are no numbers, the first 'about ten' in row 2" in said
    assert places(crm) == [("leads", "employees")]


@pytest.mark.parametrize("column", ["country", "band"])
def test_texts_that_became_numbers_are_named(crm: Path, column: str) -> None:
    change(
        crm, "leads", with_values(column, lambda value: {"FR": 330, "DE": 490, "1-10": 7, "11-50": 30}.get(value, 999))
    )
    (finding,) = found(crm)
    assert (finding["table"], finding["column"]) == ("leads", column)
    assert "held texts" in finding["evidence"]
    assert "in row 1" in finding["evidence"]
    assert f"leads, column {column}: " in refused(crm)


def test_texts_of_contacts_that_became_numbers_are_named_with_their_table(crm: Path) -> None:
    change(crm, "contacts", with_values("sector", len))
    assert places(crm) == [("contacts", "sector")]
    assert "contacts, column sector: " in refused(crm)


def test_texts_of_interactions_that_became_numbers_are_named(crm: Path) -> None:
    change(crm, "interactions", with_values("page", lambda page: len(page) if isinstance(page, str) else None))
    assert places(crm) == [("interactions", "page")]
    assert "interactions, column page: " in refused(crm)


def test_numbers_of_interactions_that_became_texts_are_named(crm: Path) -> None:
    change(crm, "interactions", with_values("duration", lambda value: f"about {value}"))
    for said in (refused(crm), refused_check(crm)):
        assert "interactions (interactions." in said
        assert "column duration, row 1" in said
        assert f"It held numbers when model {champion(crm).version} was trained" in said


def test_categories_that_look_like_numbers_are_no_drift(crm: Path, small: Path) -> None:
    assert schema_type(crm, "plan") == "number"
    change(crm, "leads", with_values("plan", lambda value: f"{float(value)}"))
    assert found(crm) == []
    assert [score.to_json() for score in scored(crm)] == [score.to_json() for score in scored(small)]


def test_an_export_that_holds_only_the_numeric_of_known_categories_is_no_drift(crm: Path) -> None:
    assert schema_type(crm, "country") == "text"
    change(crm, "leads", with_values("country", lambda _: 33))
    assert found(crm) == []
    assert scored(crm)


def test_a_column_that_is_empty_now_is_a_warning(crm: Path) -> None:
    change(crm, "leads", with_values("country", lambda _: None))
    change(crm, "changes", lambda table: table.iloc[:0])
    change(crm, "interactions", with_values("duration", lambda _: None))
    said = warnings(crm)
    assert [sentence.split(":")[0] for sentence in said] == ["leads, column country", "interactions, column duration"]
    assert "It is empty for all 260 leads; it held texts" in said[0]
    assert places(crm) == [("leads", "country"), ("interactions", "duration")]
    assert set(said) <= set(explain_lead(load_workspace(crm / "leadlight.yaml"), "L0259").score.warnings)


def test_kinds_of_which_none_is_known_are_a_warning(crm: Path) -> None:
    change(crm, "interactions", with_values("type", {"call": "Anruf", "visit": "Besuch", "reply": "Antwort"}.get))
    (said,) = warnings(crm)
    assert "interactions, column type: None of the 3 kinds" in said
    assert "call, reply, visit" in said
    assert "Anruf, Antwort, Besuch" in said
    assert places(crm) == [("interactions", "type")]


def test_flows_that_vanished_are_a_warning(crm: Path) -> None:
    edit(crm, "      flow: {outbound: [call], inbound: [reply]}\n", "")
    assert places(crm) == [("interactions", None)]
    assert "No interaction is inbound or outbound" in warnings(crm)[0]


def test_outcomes_that_nobody_knows_are_a_warning(crm: Path) -> None:
    change(crm, "deals", with_values("deal_status", {"won": "gewonnen", "lost": "verloren"}.get))
    (said,) = warnings(crm)
    assert "deals, column deal_status: " in said
    assert "gewonnen, verloren" in said

"""What a check suspects is left out of features and models, and said; what was not checked is said, too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from pipeline.definitions.workspace import Workspace, load_workspace
from pipeline.learning.bundle import Bundle
from pipeline.workflow import stages
from pipeline.workflow.places import Places
from pipeline.workflow.suspected import NOT_CHECKED, as_checked, leaving_out, without
from pipeline.workflow.train import train
from tests.workflow import small_crm

SUSPECTS = [{"column": "plan", "why": "suspected"}, {"kind": "call", "why": "suspected"}]


@pytest.fixture
def crm(tmp_path: Path) -> Path:
    """A small CRM of one's own, nothing trained."""
    small_crm.write(tmp_path / "crm", "parquet")
    return tmp_path / "crm"


def edit(crm: Path, **changed: object) -> Workspace:
    settings = crm / "leadlight.yaml"
    plain = yaml.safe_load(settings.read_text(encoding="utf-8")) | changed
    settings.write_text(yaml.safe_dump(plain, sort_keys=False), encoding="utf-8")
    return load_workspace(settings)


def checked(workspace: Workspace, suspects: list[dict[str, str]]) -> None:
    """A check of the workspace, with suspects of one's own."""
    result = stages.check(workspace)
    stages.write_check(result | {"suspects": suspects}, Places(workspace.root).check)


def test_features_leave_out_what_the_check_suspects_and_say_so(crm: Path) -> None:
    workspace = load_workspace(crm / "leadlight.yaml")
    checked(workspace, SUSPECTS)
    result = stages.features(workspace)
    assert "call" in result["said"][0] and "plan" in result["said"][0]
    assert [told for told in result["said"] if told.startswith("Criterion calls is left out")]
    definition = json.loads((Places(workspace.root).training / "definition.json").read_text())
    assert "plan" not in {criterion.get("attribute") for criterion in definition["criteria"]}
    assert "calls" not in {criterion["name"] for criterion in definition["criteria"]}
    assert (definition["excluded_columns"], definition["excluded_kinds"]) == (["plan"], ["call"])


def test_the_same_check_gives_the_same_training_set(crm: Path) -> None:
    workspace = load_workspace(crm / "leadlight.yaml")
    checked(workspace, SUSPECTS)
    assert not stages.features(workspace)["unchanged"]
    again = stages.features(workspace)
    assert again["unchanged"] and again["said"]
    checked(workspace, [])
    changed = stages.features(workspace)
    assert (changed["unchanged"], changed["said"]) == (False, [])


def test_a_model_is_without_suspects_and_its_card_says_why(crm: Path) -> None:
    workspace = load_workspace(crm / "leadlight.yaml")
    checked(workspace, SUSPECTS)
    stages.features(workspace)
    stages.fit(workspace)
    served = Bundle.load(Places(workspace.root).candidate / "served")
    assert served.definition.excluded_columns == ("plan",)
    assert served.definition.excluded_kinds == ("call",)
    assert {"column": "plan", "why": "suspected"} in served.card["excluded"]
    checked(workspace, [{**each, "why": "another reason"} for each in SUSPECTS])
    stages.features(workspace)
    stages.fit(workspace)
    assert "another reason" in json.dumps(Bundle.load(Places(workspace.root).candidate / "served").card["excluded"])


@pytest.mark.parametrize("what", ["nothing", "settings", "data", "an older file"])
def test_without_a_check_of_this_data_nothing_is_left_out_and_that_is_said(crm: Path, what: str) -> None:
    workspace = load_workspace(crm / "leadlight.yaml")
    checked(workspace, SUSPECTS)
    if what == "nothing":
        Places(workspace.root).check.unlink()
    elif what == "settings":
        workspace = edit(crm, keep={"plan": "set at intake"})
    elif what == "data":
        leads = next(crm.glob("deals.*"))
        leads.write_bytes(leads.read_bytes() + b"\n")
    else:
        stages.write_check({"tables": {}, "findings": []}, Places(workspace.root).check)
    left = as_checked(workspace)
    assert (left.workspace, left.suspects, left.said) == (workspace, (), (NOT_CHECKED,))


def test_train_checks_first_and_writes_what_it_found(crm: Path) -> None:
    places = Places(crm)
    places.check.unlink(missing_ok=True)
    result = train(load_workspace(crm / "leadlight.yaml"), crm / "leadlight.yaml", 0)
    assert NOT_CHECKED not in result["said"]
    found = json.loads(places.check.read_text())
    assert found["suspects"] == []
    assert [check["code"] for check in found["checks"]]


def test_a_criterion_loses_only_what_it_needs(crm: Path) -> None:
    workspace = load_workspace(crm / "leadlight.yaml")
    left = leaving_out(workspace, [{"column": "duration", "why": "suspected"}])
    assert left.workspace.criteria != "auto"
    calls = next(criterion for criterion in left.workspace.criteria if criterion.name == "calls")
    assert [measure.text for measure in calls.measures] == ["count 7d", "count", "days_since_last"]
    assert "Criterion calls is left without duration." in left.said
    assert [c.name for c in left.workspace.criteria] == [c.name for c in workspace.criteria]
    assert leaving_out(workspace, []).workspace is workspace


def test_what_is_asked_of_a_suspects_criterion_asks_nothing(crm: Path) -> None:
    workspace = edit(
        crm,
        scorecard={"plan": {"a": 5}, "calls": 10, "prices": 3},
        monotone={"calls": "up", "prices": "up"},
        segments=["plan", "country"],
        model={"trees": 10, "segment_by": "plan"},
    )
    asked = without(workspace, SUSPECTS)
    assert [rule.of for rule in asked.scorecard] == ["prices"]
    assert dict(asked.monotone) == {"prices": "up"}
    assert [segment.column for segment in asked.segments] == ["country"]
    assert asked.model.segment_by is None
    checked(workspace, SUSPECTS)
    assert any("plan" in told and "segments" in told for told in stages.features(workspace)["said"])
    stages.fit(workspace)
    assert "country" in stages.evaluate(workspace)["segments"]


def test_of_criteria_by_themselves_too(crm: Path) -> None:
    workspace = edit(crm, criteria="auto", scorecard={"call": 10, "visit": 3}, segments=["plan"])
    checked(workspace, SUSPECTS)
    stages.features(workspace)
    stages.fit(workspace)
    assert stages.evaluate(workspace)["segments"] == {}

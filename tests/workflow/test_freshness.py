"""What a run takes over, and what it must not: words, families and exclusions that were edited since."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml

from pipeline.definitions.workspace import load_workspace
from pipeline.demo.workspace import write_workspace
from pipeline.demo.write import write_demo
from pipeline.reasons.scores import Score
from pipeline.workflow import stages
from pipeline.workflow.scoring import explain_lead, score_leads
from pipeline.workflow.train import train


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small demo CRM and its champion."""
    folder = tmp_path_factory.mktemp("fresh")
    write_demo(folder / "data" / "demo", leads=700)
    write_workspace(folder / "leadlight.yaml")
    train(load_workspace(folder / "leadlight.yaml"), folder / "leadlight.yaml", 0)
    return folder


@pytest.fixture
def settings(trained: Path, tmp_path: Path) -> Path:
    """The workspace file of a copy of one's own."""
    shutil.copytree(trained, tmp_path / "work")
    return tmp_path / "work" / "leadlight.yaml"


def edit(settings: Path, **changed: object) -> None:
    plain = yaml.safe_load(settings.read_text(encoding="utf-8"))
    settings.write_text(yaml.safe_dump(plain | changed, sort_keys=False, allow_unicode=True), encoding="utf-8")


def scores(settings: Path) -> list[Score]:
    return score_leads(load_workspace(settings))[1]


def test_an_edited_label_and_family_reach_the_next_model(settings: Path) -> None:
    criteria = yaml.safe_load(settings.read_text(encoding="utf-8"))["criteria"]
    criteria[0] |= {"label": {"en": "Line of work"}, "family": "acquisition"}
    edit(settings, criteria=criteria)
    workspace = load_workspace(settings)
    stages.features(workspace)
    assert not stages.fit(workspace)["unchanged"]
    written = json.loads((settings.parent / "models" / "candidate" / "served" / "definition.json").read_text())
    assert written["criteria"][0]["label"] == {"en": "Line of work"}
    assert written["criteria"][0]["family"] == "acquisition"


def test_an_edited_reason_of_an_exclusion_reaches_the_next_model(settings: Path) -> None:
    edit(settings, exclude=[{"kind": "contract_sent", "why": "another reason"}, "budget_confirmed", "rep_grade"])
    workspace = load_workspace(settings)
    stages.features(workspace)
    stages.fit(workspace)
    card = json.loads((settings.parent / "models" / "candidate" / "served" / "card.json").read_text())
    assert card["excluded"][0]["why"] == "another reason"


def test_an_edited_exclusion_changes_nothing_that_a_served_model_sees(settings: Path) -> None:
    before = scores(settings)
    excluded = yaml.safe_load(settings.read_text(encoding="utf-8"))["exclude"]
    edit(settings, exclude=[*excluded, {"kind": "page_view"}, {"column": "duration"}, {"column": "sector"}])
    after = scores(settings)
    assert [score.to_json() for score in after] == [score.to_json() for score in before]
    lead = before[0].lead_id
    assert explain_lead(load_workspace(settings), lead).score.log_odds == before[0].log_odds


def test_an_exclusion_taken_back_brings_nothing_to_a_served_model(settings: Path) -> None:
    before = scores(settings)
    edit(settings, exclude=[])
    after = scores(settings)
    assert np.array_equal([score.log_odds for score in after], [score.log_odds for score in before])
    assert [score.warnings for score in after] == [score.warnings for score in before]

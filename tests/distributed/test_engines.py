"""The contract of every engine: what one process finds, to the last bit."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pipeline.definitions.workspace import load_workspace
from pipeline.distributed.open import of
from pipeline.distributed.reading import Afar
from pipeline.workflow import stages
from pipeline.workflow.hands import HERE, Hands
from pipeline.workflow.scoring import score_leads
from tests.distributed.conftest import Answers, training_set
from tests.distributed.processes import Processes

pytestmark = pytest.mark.xdist_group("engines")


@pytest.mark.parametrize("name", ["demo", "counted", "written"])
def test_the_training_set_is_the_same_to_the_bit(
    engine: Hands, crms: dict[str, Answers], name: str, tmp_path: Path
) -> None:
    crm = crms[name]
    stages.features(crm.workspace, tmp_path / "training", hands=engine)
    made = training_set(tmp_path / "training")
    amounts = ["amounts.parquet"] if "amounts.parquet" in crm.training else []
    assert list(made) == [*amounts, "definition.json", "observations.parquet", "training.json"]
    assert [name for name in made if made[name] != crm.training[name]] == []


@pytest.mark.parametrize("name", ["demo", "written"])
def test_scores_and_contributions_are_the_same_to_the_bit(engine: Hands, crms: dict[str, Answers], name: str) -> None:
    crm = crms[name]
    _, scores, history = score_leads(crm.workspace, hands=engine)
    assert isinstance(history, Afar)
    assert len(scores) > 20
    # Of floats that are equal only the two zeros differ, and JSON tells them apart.
    assert [json.dumps(score.to_json()) for score in scores] == [json.dumps(score.to_json()) for score in crm.scores]


def test_kinds_that_no_model_knows_are_named_as_ever(crms: dict[str, Answers], tmp_path: Path) -> None:
    # So many that none is named: a partition, which sees a few of them, has to know that.
    shutil.copytree(crms["written"].workspace.root, tmp_path / "crm")
    with (tmp_path / "crm" / "web-1.csv").open("a", encoding="utf-8") as file:
        for score, lead in zip(crms["written"].scores, range(12), strict=False):
            file.write(f"{score.lead_id}.0,,2026-05-01,,kind of {'abcdefghijkl'[lead]},,,,\n")
    workspace = load_workspace(tmp_path / "crm" / "leadlight.yaml")
    here, there = (score_leads(workspace, hands=hands)[1] for hands in (HERE, of(Processes(5))))
    assert any("some kinds" in warning for score in here for warning in score.warnings)
    assert here == there


@pytest.mark.parametrize("name", ["counted", "written"])
def test_the_account_and_its_findings_are_the_same(engine: Hands, crms: dict[str, Answers], name: str) -> None:
    crm = crms[name]
    checked = stages.check(crm.workspace, hands=engine)
    # What looks at every fact for leakage says that it cannot: the facts are with the workers.
    unable = {check["code"] for check in checked["checks"] if "workers" in (check["why"] or "")}
    assert {"announces", "after-outcome"} <= unable
    here, there = ({name: plain[name] for name in ("tables", "outcomes", "ok")} for plain in (crm.checked, checked))
    assert json.dumps(here) == json.dumps(there)
    told = [[each for each in plain["findings"] if each["code"] not in unable] for plain in (crm.checked, checked)]
    assert json.dumps(told[0]) == json.dumps(told[1])

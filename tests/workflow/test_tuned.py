"""`--tune N` and the workspace's `tune`: what the candidate then says of itself, and when it is fitted anew."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.cli import main
from pipeline.definitions.workspace import Workspace, WorkspaceError, load_workspace
from pipeline.features.training_set import TrainingSet
from pipeline.learning.bundle import Bundle
from pipeline.learning.tuning import SPACE
from pipeline.workflow.fitting import estimator_of
from pipeline.workflow.places import Places
from pipeline.workflow.stages import evaluate, features, fit
from pipeline.workflow.tuned import tuned
from tests.workflow import small_crm


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small CRM whose training set stands."""
    folder = tmp_path_factory.mktemp("tuned")
    small_crm.write(folder, "parquet")
    workspace = folder / "leadlight.yaml"
    workspace.write_text(workspace.read_text().replace("trees: 20", "trees: 5"))
    features(load_workspace(workspace))
    return folder


@pytest.fixture(scope="module")
def workspace(site: Path) -> Workspace:
    return load_workspace(site / "leadlight.yaml")


def test_the_candidate_tells_of_the_search_and_is_fitted_with_what_it_found(site: Path, workspace: Workspace) -> None:
    found = fit(workspace.tuning(4))
    assert found["tuned"]["trials"] == 4
    assert found["tuned"]["sentence"] in found["said"]
    told = Bundle.load(Places(site).candidate / "tested").card["settings"]
    own = workspace.model.model_dump(mode="json")
    used = found["tuned"]["best"] if found["tuned"]["taken"] else {name: own[name] for name in SPACE}
    assert told == own | used
    assert json.loads((site / "data" / "work" / "tuning" / "trials.json").read_text())["trials"]


def test_what_is_evaluated_is_the_candidate_that_stands(workspace: Workspace) -> None:
    fit(workspace.tuning(4))
    assert evaluate(workspace)["test"]["n"] > 0
    assert fit(workspace.tuning(4))["unchanged"]
    assert not fit(workspace.tuning(5))["unchanged"], "another number of trials is another candidate"
    assert "tuned" not in fit(workspace), "without the option it is not tuned"
    with pytest.raises(WorkspaceError, match="other data or settings"):
        evaluate(workspace.tuning(4))


def test_nothing_of_the_test_is_in_the_search(site: Path, workspace: Workspace) -> None:
    rows = TrainingSet.load(Places(site).training)
    asked = workspace.tuning(4)
    found = tuned(asked, rows, estimator_of(asked, rows.definition))
    (site / "data" / "work" / "tuning" / "trials.json").unlink()
    rows.label[~rows.training] = 1 - np.abs(rows.label[~rows.training])
    rows.X[~rows.training] = -1.0
    assert tuned(asked, rows, estimator_of(asked, rows.definition)) == found


def test_who_does_not_ask_gets_no_search(site: Path, workspace: Workspace) -> None:
    rows = TrainingSet.load(Places(site).training)
    assert tuned(workspace, rows, estimator_of(workspace, rows.definition)) is None


@pytest.fixture
def asked(site: Path, monkeypatch: pytest.MonkeyPatch) -> list[int | None]:
    """What the stages were asked for, instead of being run; the workspace asks for 2 trials."""
    settings, seen = site / "own.yaml", list[int | None]()
    settings.write_text((site / "leadlight.yaml").read_text() + "tune: {trials: 2}\n")

    def run(workspace: Workspace, *_: Any) -> dict[str, Any]:
        seen.append(workspace.tune and workspace.tune.trials)
        raise WorkspaceError("seen")

    monkeypatch.setattr("pipeline.workflow.stages.fit", run)
    monkeypatch.setattr("pipeline.workflow.train.train", run)
    monkeypatch.chdir(site)
    return seen


@pytest.mark.parametrize(("words", "trials"), [([], 2), (["--tune", "3"], 3)])
@pytest.mark.parametrize("command", ["fit", "train"])
def test_the_option_wins_over_the_workspace(
    command: str, words: list[str], trials: int, asked: list[int | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["leadlight", command, "-c", "own.yaml", *words])
    with pytest.raises(SystemExit):
        main()
    assert asked == [trials]


def test_a_search_of_one_trial_is_refused(tmp_path: Path) -> None:
    small_crm.write(tmp_path, "csv")
    settings = tmp_path / "leadlight.yaml"
    settings.write_text(settings.read_text() + "tune: {trials: 1}\n")
    with pytest.raises(WorkspaceError, match=r"tune\.trials is 1: expected greater than or equal to 2"):
        load_workspace(settings)

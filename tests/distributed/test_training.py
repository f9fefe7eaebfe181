"""Trees that the workers of a Dask cluster grow together: others than one process grows, and as good."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from pipeline.definitions.workspace import Workspace, load_workspace
from pipeline.features.training_set import TrainingSet
from pipeline.learning.boosting import MOST_TREES, Forest, Growth
from pipeline.learning.bundle import Bundle
from pipeline.learning.metrics import paired_log_loss
from pipeline.workflow import stages
from pipeline.workflow.hands import Hands
from pipeline.workflow.places import Places
from tests.distributed.conftest import Answers

pytestmark = [pytest.mark.xdist_group("engines"), pytest.mark.parametrize("engine", ["dask"], indirect=True)]


@pytest.fixture
def workspace(crms: dict[str, Answers], tmp_path: Path) -> Workspace:
    """A copy of the demo CRM, with a number of trees that is settled."""
    shutil.copytree(crms["demo"].workspace.root, tmp_path / "demo")
    settings = tmp_path / "demo" / "leadlight.yaml"
    text = settings.read_text(encoding="utf-8").replace("trees: auto", "trees: 40")
    settings.write_text(text, encoding="utf-8")
    return load_workspace(settings)


def test_workers_grow_a_model_that_is_as_good(engine: Hands, workspace: Workspace) -> None:
    places = Places(workspace.root)
    rows = TrainingSet.load(places.training)
    stages.fit(workspace)
    here = Bundle.load(places.candidate / "tested")
    stages.fit(workspace, hands=engine)
    there = Bundle.load(places.candidate / "tested")
    assert (here.card.get("grown_by"), there.card["grown_by"]) == (None, "dask")
    assert there.model.booster is not None
    assert there.model.booster.num_trees() == 40
    ours, theirs = (bundle.model.probability(rows.X[rows.test]) for bundle in (here, there))
    assert np.abs(ours - theirs).max() > 0
    difference = paired_log_loss(rows.label[rows.test], theirs, ours, rows.group[rows.test])
    assert difference.low is not None
    assert difference.high is not None
    assert difference.low <= 0 <= difference.high
    # A later command knows whose trees they are, and this process grows its own.
    assert not stages.evaluate(workspace)["unchanged"]
    assert not stages.fit(workspace)["unchanged"]


def test_the_number_of_trees_is_found_as_here(engine: Hands) -> None:
    random = np.random.default_rng(5)
    X = random.normal(size=(1_200, 4))
    label = (random.random(1_200) < 1 / (1 + np.exp(-3 * X[:, 0] - X[:, 1]))).astype(np.int8)
    growth = Growth(
        leaves=7, depth=3, learning_rate=0.2, l2=5.0, columns_share=1.0, rows_share=1.0, rows_per_leaf=20, seed=7
    )
    here, there = (grow(growth, X[:800], label[:800], ()) for grow in (Forest, engine.grower))
    found, told = here.best(X[800:], label[800:]), there.best(X[800:], label[800:])
    assert abs(found - told) <= 20
    assert 1 < told < MOST_TREES
    few, many = there.grown(5), there.grown(told)
    assert (few.num_trees(), many.num_trees()) == (5, told)
    first = many.predict(X, raw_score=True, num_iteration=5)
    assert np.array_equal(np.asarray(few.predict(X, raw_score=True)), np.asarray(first))

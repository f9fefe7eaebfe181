"""What the workspace's `tune` asks for: a search among the training observations before the candidate is fitted."""

from __future__ import annotations

import numpy as np

from pipeline.definitions.workspace import Workspace
from pipeline.features.training_set import TrainingSet
from pipeline.learning.estimator import LeadClassifier
from pipeline.learning.tuning import Tuned, tune
from pipeline.workflow.hands import HERE, Hands
from pipeline.workflow.places import Places, fit_key
from pipeline.workflow.schema import Progress, quiet


def tuned(
    workspace: Workspace,
    rows: TrainingSet,
    estimator: LeadClassifier,
    progress: Progress = quiet,
    hands: Hands = HERE,
) -> Tuned | None:
    """The settings that `tune` found for an estimator, or None where nobody asked.

    Trials stand in `data/work/tuning` until a search on other observations, settings or code writes its own there: a
    search that was killed goes on, and one for more trials adds to them.
    """
    if workspace.tune is None:
        return None
    train = rows.training
    return tune(
        estimator,
        rows.X[train],
        rows.label[train],
        cutoff=rows.cutoff[train],
        horizon=rows.definition.horizon,
        lead=rows.lead_id.codes[train].astype(np.int64),
        group=rows.group[train],
        categorical=rows.definition.categorical,
        trials=workspace.tune.trials,
        journal=Places(workspace.root).tuning / "trials.json",
        key=fit_key(workspace.model_copy(update={"tune": None}), rows, hands.grown_by),
        grower=hands.grower,
        progress=progress,
    )

"""The stage `fit`: from the training set to a candidate, the tested and the served bundle. Whole or not at all."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.definitions.workspace import Workspace, WorkspaceError
from pipeline.definitions.zones import iso
from pipeline.features.matrix import Definition
from pipeline.features.training_set import TrainingSet
from pipeline.learning.bundle import Bundle
from pipeline.learning.candidate import fit_candidate
from pipeline.learning.directions import directions
from pipeline.learning.estimator import LeadClassifier
from pipeline.learning.model import BASE_RATE, Model
from pipeline.learning.scorecard import bind
from pipeline.learning.usual import usual
from pipeline.tables.columns import Floats
from pipeline.tables.files import arriving, lock
from pipeline.workflow.acting import check_known
from pipeline.workflow.hands import HERE, Hands
from pipeline.workflow.places import Places, fit_key, read_summary, version_of
from pipeline.workflow.schema import Progress, quiet
from pipeline.workflow.suspected import without
from pipeline.workflow.tuned import tuned

NOT_GROWTH = {"refit", "segment_by"}
"""Of the workspace's `model`: what says which models there are, and nothing of how one is fitted."""


def estimator_of(workspace: Workspace, definition: Definition) -> LeadClassifier:
    """The estimator that a workspace asks for, not fitted yet: how trees grow, the scorecard, directions.

    WorkspaceError where the scorecard or `monotone` names what the definition does not have. Criteria of the workspace
    that were left out of the definition ask nothing.
    """
    written = () if workspace.criteria == "auto" else workspace.criteria
    left_out = {criterion.name for criterion in written} - {criterion.name for criterion in definition.criteria}
    return LeadClassifier(
        **workspace.model.model_dump(exclude=NOT_GROWTH),
        scorecard=bind(workspace.scorecard, definition, left_out),
        monotone=directions(workspace.monotone, definition, left_out),
    )


def segment_of(workspace: Workspace, definition: Definition) -> int | None:
    """The position of the column that `model.segment_by` names; WorkspaceError where it is no categorical one."""
    name = workspace.model.segment_by
    if name is None:
        return None
    words = [definition.columns[position] for position in definition.categorical]
    if name not in words:
        raise WorkspaceError(f"model.segment_by: {name!r}; expected a criterion of words, one of {', '.join(words)}")
    return definition.columns.index(name)


def fit(workspace: Workspace, progress: Progress = quiet, hands: Hands = HERE) -> dict[str, Any]:
    """The candidate: the tested and the served bundle and the out-of-fold margins, from the training set."""
    places = Places(workspace.root)
    folder = places.candidate
    rows = TrainingSet.load(places.training)
    workspace = without(workspace, rows.suspects)
    key = fit_key(workspace, rows, hands.grown_by)
    standing = read_summary(folder / "fit.json")
    if standing is not None and standing.get("inputs") == key:
        return standing | {"output": str(folder), "unchanged": True}
    check_known(workspace, rows.definition)
    estimator = estimator_of(workspace, rows.definition)
    search = tuned(workspace, rows, estimator, progress, hands)
    if search is not None:
        estimator.set_params(**search.settings)
    found = fit_candidate(
        estimator,
        rows,
        refit=workspace.model.refit,
        segment=segment_of(workspace, rows.definition),
        grower=hands.grower,
        progress=progress,
    )
    tested, served = found.tested, found.served
    said = [*(estimator.scorecard.said if estimator.scorecard else ()), *found.said]
    said += [] if search is None else [search.sentence]
    train = rows.training
    judged = rows.X[rows.test if rows.test.any() else train]
    reference = np.sort(found.tested_model.probability(judged))
    # By the base rate all leads are alike, and so is the reference: all in the middle, whatever the refit moved.
    ranked = reference if served.model_.kind != BASE_RATE else served.model_.probability(judged)
    card = _card(workspace, rows, estimator) | ({"grown_by": hands.grown_by} if hands.grown_by else {})
    card["usual"] = usual(
        *(rows.X[train], rows.definition, rows.lead_id.codes[train], rows.cutoff[train], rows.created_at[train])
    )
    learnt = rows.mature if workspace.model.refit else train
    bundles = {
        "tested": _bundle(rows, found.tested_model, reference, card, train, tested, said),
        "served": _bundle(rows, found.served_model, ranked, card, learnt, served, said),
    }
    version = version_of(workspace, [bundle.contents() for bundle in bundles.values()])
    progress("writing")
    summary: dict[str, Any] = {
        "inputs": key,
        "grown_by": hands.grown_by,
        "model_version": version,
        "kind": tested.model_.kind,
        "trees": tested.trees_,
        "said": [*tested.said_, *said],
        "slope": tested.model_.slope,
        "intercept": tested.model_.intercept,
        **({} if search is None else {"tuned": dict(search.figures)}),
    }
    with lock(places.training.parent), lock(folder.parent), arriving(folder) as partial:
        for name, bundle in bundles.items():
            (partial / name).mkdir()
            replace(bundle, version=version).write(partial / name)
        pq.write_table(_margins(rows, served), partial / "margins.parquet")
        (partial / "fit.json").write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
    return summary | {"output": str(folder), "unchanged": False}


def _card(workspace: Workspace, rows: TrainingSet, estimator: LeadClassifier) -> dict[str, Any]:
    """What the tested and the served version have in common."""
    cutoffs = rows.cutoff[rows.test]
    observe = workspace.observed
    oldest = observe.until if observe.until is not None else max(*observe.ages, 1) if observe.ages else None
    if workspace.order is not None:
        oldest = None
    return {
        "name": workspace.name,
        "kinds": list(rows.kinds),
        "flows": dict(rows.flows),
        "schema": list(rows.schema),
        "decimals": dict(rows.decimals),
        "until": oldest,
        "data_until": iso(rows.data_until),
        "data_hash": rows.data_hash,
        "fingerprint": rows.definition.fingerprint,
        "settings": {name: estimator.get_params().get(name, value) for name, value in workspace.model},
        **({"scorecard": {r.text: r.points for r in workspace.scorecard}} if workspace.scorecard else {}),
        **({"monotone": dict(workspace.monotone)} if workspace.monotone else {}),
        "rules": workspace.acting.to_json(),
        "tested": {
            "from": iso(int(cutoffs.min())) if len(cutoffs) else None,
            "to": iso(int(cutoffs.max())) if len(cutoffs) else None,
            "n": len(cutoffs),
            "start": rows.test_from,
        },
        "excluded": [*(item.model_dump(exclude_none=True) for item in workspace.exclude), *map(dict, rows.suspects)],
    }


def _bundle(
    rows: TrainingSet,
    model: Model,
    reference: Floats,
    card: dict[str, Any],
    known: np.ndarray[Any, np.dtype[np.bool_]],
    estimator: LeadClassifier,
    said: list[str],
) -> Bundle:
    # Without a horizon a label is known at its own cutoff, which the model has seen.
    latest = int(rows.cutoff[known].max()) + (1 if rows.definition.horizon is None else rows.definition.horizon)
    own = {
        "knows_until": iso(latest),
        "base_rate": float(rows.label[known].mean()),
        "trained_on": {"observations": int(known.sum()), "won_leads": estimator.won_leads_, "trees": estimator.trees_},
        "said": [*estimator.said_, *said],
    }
    return Bundle("", rows.definition, model, reference, card | own)


def _margins(rows: TrainingSet, served: LeadClassifier) -> pa.Table:
    margins = served.margins_
    ids = pa.array(rows.lead_id.words, type=pa.string()).take(pa.array(margins.lead))
    return pa.table(
        {
            "lead_id": ids,
            "cutoff": pa.array(margins.cutoff).cast(pa.timestamp("us", "UTC")),
            "fold": margins.fold,
            "margin": margins.margin,
            "label": margins.label,
        }
    )

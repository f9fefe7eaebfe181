"""The four stages: check, features, fit, evaluate. Each writes its output whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.definitions.workspace import Workspace, WorkspaceError
from pipeline.definitions.zones import iso
from pipeline.features.define import check_criteria
from pipeline.features.training_set import TrainingSet, build_training_set
from pipeline.learning.bundle import Bundle, BundleError, load_champion, read_champion
from pipeline.learning.estimator import LeadClassifier
from pipeline.learning.evaluation import evaluate as evaluate_model
from pipeline.learning.model import Model
from pipeline.tables.account import Account
from pipeline.tables.columns import Floats, History
from pipeline.tables.files import arriving, lock, replace_text
from pipeline.tables.findings import Finding, find
from pipeline.tables.pieces import NotInPieces
from pipeline.workflow.hands import HERE, Hands
from pipeline.workflow.out_of_core import out_of_core
from pipeline.workflow.places import Places, features_key, fit_key, stamps, version_of
from pipeline.workflow.schema import Progress, quiet, read_beside, sentence


def check(
    workspace: Workspace, output: Path | None = None, progress: Progress = quiet, hands: Hands = HERE
) -> dict[str, Any]:
    """Read every table and say what was used, set aside and found: section 9's JSON, written to `output` if given.

    What drifted since the champion was trained is found too, if one stands.
    """
    export = read_beside(_standing(Places(workspace.root)), workspace, progress, hands.read)
    if workspace.criteria != "auto":
        try:
            check_criteria(workspace.criteria, export.history, workspace.excluded_columns)
        except WorkspaceError as error:
            raise WorkspaceError("\n".join([str(error), *map(sentence, export.told)])) from None
    result = report(workspace, export.history, export.account, export.told)
    if output is not None:
        write_check(result, output)
    return result


def write_check(result: dict[str, Any], output: Path) -> None:
    """What `check` found, as a file: whole or not at all."""
    output.parent.mkdir(parents=True, exist_ok=True)
    replace_text(output, json.dumps(result, indent=1, ensure_ascii=False) + "\n")


def _standing(places: Places) -> Bundle | None:
    """The champion, if one stands that can be read: a check of the tables says nothing of a broken bundle."""
    try:
        return None if read_champion(places.models) is None else load_champion(places.models)
    except BundleError:
        return None


def report(workspace: Workspace, history: History, account: Account, drifted: Sequence[Finding] = ()) -> dict[str, Any]:
    """The account and the findings as section 9's JSON."""
    findings = sorted((*find(workspace, history, account), *drifted), key=lambda finding: finding.rank)
    return {
        "tables": {name: table.to_json() for name, table in account.tables.items()},
        "outcomes": {value: {"read_as": read, "rows": rows} for value, (read, rows) in account.outcomes.items()},
        "findings": [finding.to_json() for finding in findings],
        "ok": not any(finding.severity == "error" for finding in findings),
    }


def features(
    workspace: Workspace, output: Path | None = None, progress: Progress = quiet, hands: Hands = HERE
) -> dict[str, Any]:
    """The training set of a workspace; unchanged inputs are recognised and nothing is computed again."""
    folder = output or Places(workspace.root).training
    standing = _read(folder / "training.json")
    with ThreadPoolExecutor(1) as beside:
        # Where nothing stands there is nothing to compare with, and files are hashed while they are read.
        before, hashed = stamps(workspace), beside.submit(features_key, workspace)

        def inputs() -> str | None:
            # What was replaced meanwhile may have been read before and hashed after, or the other way round.
            key = hashed.result()
            return key if stamps(workspace) == before else None

        if standing is not None and standing.get("inputs") is not None and standing["inputs"] == inputs():
            return standing | {"output": str(folder), "unchanged": True}
        with lock(folder.parent):
            summary = _features(workspace, folder, inputs, progress, hands)
    return summary | {"output": str(folder), "unchanged": False}


def _features(
    workspace: Workspace, folder: Path, inputs: Callable[[], str | None], progress: Progress, hands: Hands
) -> dict[str, Any]:
    try:
        if workspace.order == "file" or hands is not HERE:
            raise NotInPieces
        return out_of_core(workspace, folder, inputs, progress)
    except (NotInPieces, WorkspaceError):
        # Read at once: what is wrong with a cell is then named by its row, and what only its whole tells is known.
        history, account = hands.read(workspace, progress)
        return build_training_set(
            history,
            workspace,
            folder,
            inputs(),
            progress,
            account.decimals,
            observe=hands.observe,
            define=hands.define,
            measure=hands.measure,
        )


def fit(workspace: Workspace, progress: Progress = quiet, hands: Hands = HERE) -> dict[str, Any]:
    """The candidate: the tested and the served bundle and the out-of-fold margins, from the training set."""
    places = Places(workspace.root)
    folder = places.candidate
    rows = TrainingSet.load(places.training)
    key = fit_key(workspace, rows, hands.grown_by)
    standing = _read(folder / "fit.json")
    if standing is not None and standing.get("inputs") == key:
        return standing | {"output": str(folder), "unchanged": True}
    settings = workspace.model.model_dump(exclude={"refit"})
    horizon, lead = rows.definition.horizon, rows.lead_id.codes.astype(np.int64)
    train, mature = rows.training, rows.mature
    progress("tested model: folds, trees, calibration")
    tested = LeadClassifier(**settings).fit(
        rows.X[train],
        rows.label[train],
        cutoff=rows.cutoff[train],
        horizon=horizon,
        lead=lead[train],
        categorical=rows.definition.categorical,
        grower=hands.grower,
    )
    served = tested
    if workspace.model.refit:
        progress("served model: all mature observations")
        served = tested.refit(
            rows.X[mature], rows.label[mature], test=rows.test[mature], cutoff=rows.cutoff[mature], lead=lead[mature]
        )
    judged = rows.X[rows.test if rows.test.any() else train]
    reference = np.sort(tested.model_.probability(judged))
    # Without trees all leads are alike, and so is the reference: each stands in the middle, whatever the refit moved.
    ranked = reference if served.model_.booster is not None else served.model_.probability(judged)
    card = _card(workspace, rows) | ({"grown_by": hands.grown_by} if hands.grown_by else {})
    learnt = mature if workspace.model.refit else train
    bundles = {
        "tested": _bundle(rows, tested.model_, reference, card, train, tested),
        "served": _bundle(rows, served.model_, ranked, card, learnt, served),
    }
    version = version_of(workspace, [bundle.contents() for bundle in bundles.values()])
    progress("writing")
    summary: dict[str, Any] = {
        "inputs": key,
        "grown_by": hands.grown_by,
        "model_version": version,
        "kind": tested.model_.kind,
        "trees": tested.trees_,
        "said": tested.said_,
        "slope": tested.model_.slope,
        "intercept": tested.model_.intercept,
    }
    with lock(folder.parent), arriving(folder) as partial:
        for name, bundle in bundles.items():
            (partial / name).mkdir()
            replace(bundle, version=version).write(partial / name)
        pq.write_table(_margins(rows, served), partial / "margins.parquet")
        (partial / "fit.json").write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
    return summary | {"output": str(folder), "unchanged": False}


def _card(workspace: Workspace, rows: TrainingSet) -> dict[str, Any]:
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
        "settings": workspace.model.model_dump(mode="json"),
        "tested": {
            "from": iso(int(cutoffs.min())) if len(cutoffs) else None,
            "to": iso(int(cutoffs.max())) if len(cutoffs) else None,
            "n": len(cutoffs),
            "start": rows.test_from,
        },
        "excluded": [item.model_dump(exclude_none=True) for item in workspace.exclude],
    }


def _bundle(
    rows: TrainingSet,
    model: Model,
    reference: Floats,
    card: dict[str, Any],
    known: np.ndarray[Any, np.dtype[np.bool_]],
    estimator: LeadClassifier,
) -> Bundle:
    # Without a horizon a label is known at its own cutoff, which the model has seen.
    latest = int(rows.cutoff[known].max()) + (1 if rows.definition.horizon is None else rows.definition.horizon)
    own = {
        "knows_until": iso(latest),
        "base_rate": float(rows.label[known].mean()),
        "trained_on": {"observations": int(known.sum()), "won_leads": estimator.won_leads_, "trees": estimator.trees_},
        "said": estimator.said_,
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


def evaluate(workspace: Workspace, progress: Progress = quiet) -> dict[str, Any]:
    """The tested version's figures on the test observations, each with its interval, beside the baselines."""
    places = Places(workspace.root)
    folder = places.evaluation
    rows = TrainingSet.load(places.training)
    done = _read(places.candidate / "fit.json")
    if done is None:
        raise WorkspaceError(f"{places.candidate}: there is no candidate; run `leadlight fit`")
    if done["inputs"] != fit_key(workspace, rows, done.get("grown_by", "")):
        raise WorkspaceError(f"{places.candidate}: the candidate is of other data or settings; run `leadlight fit`")
    standing = _read(folder / "evaluation.json")
    if standing is not None and standing.get("inputs") == done["inputs"]:
        return standing | {"output": str(folder), "unchanged": True}
    tested = Bundle.load(places.candidate / "tested")
    progress("figures and their intervals")
    result = evaluate_model(rows, tested.model, ages=workspace.observed.ages)
    if workspace.order == "file":
        # The instants of rows without dates are places in the file; nobody should read them as days.
        for group in (result["test"], *result["by_age"].values(), *result["baselines"].values()):
            group |= {"from": None, "to": None}
    summary = {
        "inputs": done["inputs"],
        "model_version": tested.version,
        "observations": {
            "all": len(rows.cutoff),
            "training": int(rows.training.sum()),
            "test": int(rows.test.sum()),
            "immature": int((~rows.mature).sum()),
        },
        **result,
    }
    with lock(folder.parent), arriving(folder) as partial:
        (partial / "evaluation.json").write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
    return summary | {"output": str(folder), "unchanged": False}


def _read(path: Path) -> dict[str, Any] | None:
    """What a stage wrote, if it did."""
    try:
        plain: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError):
        return None
    return plain

"""The four stages: check, features, fit, evaluate. Each writes its output whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from pipeline.definitions.workspace import Workspace, WorkspaceError
from pipeline.features.define import check_criteria
from pipeline.features.training_set import TrainingSet, build_training_set
from pipeline.learning.bundle import Bundle, BundleError, load_champion, read_champion
from pipeline.quality.curves import curves
from pipeline.quality.evaluation import evaluate as evaluate_model
from pipeline.quality.leakage.find import find_leaks
from pipeline.quality.segments import by_segment
from pipeline.tables.account import Account
from pipeline.tables.columns import History
from pipeline.tables.files import arriving, lock, replace_text
from pipeline.tables.findings import Finding, find
from pipeline.tables.pieces import NotInPieces
from pipeline.workflow.fitting import fit
from pipeline.workflow.hands import HERE, Hands
from pipeline.workflow.judging import capacities, capacity_key
from pipeline.workflow.out_of_core import out_of_core
from pipeline.workflow.places import Places, check_key, features_key, fit_key, read_summary, segments_key, stamps
from pipeline.workflow.schema import Progress, quiet, read_beside, sentence
from pipeline.workflow.suspected import LeftOut, as_checked, leaving_out, without

__all__ = ["check", "evaluate", "features", "fit", "report", "write_check"]


def check(
    workspace: Workspace, output: Path | None = None, progress: Progress = quiet, hands: Hands = HERE
) -> dict[str, Any]:
    """Read every table and say what was used, set aside and found: section 9's JSON, written to `output` if given.

    What drifted since the champion was trained is found too, if one stands, and what is suspected of leaking.
    """
    with ThreadPoolExecutor(1) as beside:
        key = beside.submit(check_key, workspace)
        result = _check(workspace, progress, hands)
        result["inputs"] = key.result()
    if output is not None:
        write_check(result, output)
    return result


def _check(workspace: Workspace, progress: Progress, hands: Hands) -> dict[str, Any]:
    export = read_beside(_standing(Places(workspace.root)), workspace, progress, hands.read)
    if workspace.criteria != "auto":
        try:
            check_criteria(workspace.criteria, export.history, workspace.excluded_columns)
        except WorkspaceError as error:
            raise WorkspaceError("\n".join([str(error), *map(sentence, export.told)])) from None
    elsewhere = None if hands.read is HERE.read else "interactions are with the workers of a cluster"
    leaks = find_leaks(workspace, export.history, progress, elsewhere)
    return report(workspace, export.history, export.account, (*leaks.findings, *export.told)) | leaks.to_json()


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


def report(workspace: Workspace, history: History, account: Account, more: Sequence[Finding] = ()) -> dict[str, Any]:
    """The account and the findings as section 9's JSON, `more` that others found among them."""
    findings = sorted((*find(workspace, history, account), *more), key=lambda finding: finding.rank)
    return {
        "tables": {name: table.to_json() for name, table in account.tables.items()},
        "outcomes": {value: {"read_as": read, "rows": rows} for value, (read, rows) in account.outcomes.items()},
        "findings": [finding.to_json() for finding in findings],
        "ok": not any(finding.severity == "error" for finding in findings),
    }


def features(
    workspace: Workspace,
    output: Path | None = None,
    progress: Progress = quiet,
    hands: Hands = HERE,
    suspects: Sequence[Mapping[str, str]] | None = None,
) -> dict[str, Any]:
    """The training set of a workspace; unchanged inputs are recognised and nothing is computed again.

    What leaks is left out, and `said`: `suspects`, or by default those of the last check of the same data.
    """
    folder = output or Places(workspace.root).training
    left = as_checked(workspace) if suspects is None else leaving_out(workspace, suspects)
    workspace = left.workspace
    standing = read_summary(folder / "training.json")
    with ThreadPoolExecutor(1) as beside:
        # Where nothing stands there is nothing to compare with, and files are hashed while they are read.
        before, hashed = stamps(workspace), beside.submit(features_key, workspace)

        def inputs() -> str | None:
            # What was replaced meanwhile may have been read before and hashed after, or the other way round.
            key = hashed.result()
            return key if stamps(workspace) == before else None

        if standing is not None and standing.get("inputs") is not None and standing["inputs"] == inputs():
            return standing | {"said": list(left.said), "output": str(folder), "unchanged": True}
        with lock(folder.parent):
            summary = _features(left, folder, inputs, progress, hands)
    return summary | {"said": list(left.said), "output": str(folder), "unchanged": False}


def _features(
    left: LeftOut, folder: Path, inputs: Callable[[], str | None], progress: Progress, hands: Hands
) -> dict[str, Any]:
    workspace = left.workspace
    try:
        if workspace.order == "file" or hands is not HERE:
            raise NotInPieces
        return out_of_core(workspace, folder, inputs, progress, left.suspects)
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
            suspects=left.suspects,
        )


def evaluate(workspace: Workspace, progress: Progress = quiet) -> dict[str, Any]:
    """The tested version's figures on the test observations, each with its interval, beside the baselines."""
    places = Places(workspace.root)
    folder = places.evaluation
    rows = TrainingSet.load(places.training)
    workspace = without(workspace, rows.suspects)
    done = read_summary(places.candidate / "fit.json")
    if done is None:
        raise WorkspaceError(f"{places.candidate}: there is no candidate; run `leadlight fit`")
    # What `--tune` asked for stands with the candidate, and not in the workspace.
    asked = workspace.tuning(done.get("tuned", {}).get("trials"))
    if done["inputs"] != fit_key(asked, rows, done.get("grown_by", "")):
        raise WorkspaceError(f"{places.candidate}: the candidate is of other data or settings; run `leadlight fit`")
    standing = read_summary(folder / "evaluation.json")
    weighed = capacity_key(workspace, places.training)
    inputs = {"inputs": done["inputs"], "capacity_inputs": weighed, "segment_inputs": segments_key(workspace)}
    if standing is not None and all(standing.get(name) == value for name, value in inputs.items()):
        return standing | {"output": str(folder), "unchanged": True}
    tested = Bundle.load(places.candidate / "tested")
    progress("figures and their intervals")
    result = evaluate_model(rows, tested.model, ages=workspace.observed.ages)
    result["segments"] = by_segment(rows, tested.model, workspace.segments, workspace.observed.ages)
    if workspace.order == "file":
        # The instants of rows without dates are places in the file; nobody should read them as days.
        parts = result["by_age"], result["baselines"], *result["segments"].values()
        for group in (result["test"], *(group for part in parts for group in part.values())):
            group |= {"from": None, "to": None}
    probability = tested.model.probability(rows.X[rows.test])
    summary = {
        **inputs,
        "model_version": tested.version,
        "observations": {
            "all": len(rows.cutoff),
            "training": int(rows.training.sum()),
            "test": int(rows.test.sum()),
            "immature": int((~rows.mature).sum()),
        },
        **result,
        "curves": curves(rows.label[rows.test], probability, rows.group[rows.test]),
        "capacity": capacities(workspace, places.training, rows, probability),
    }
    with lock(folder.parent), arriving(folder) as partial:
        (partial / "evaluation.json").write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
    return summary | {"output": str(folder), "unchanged": False}

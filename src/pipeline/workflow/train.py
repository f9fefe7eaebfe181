"""train: the stages, then register and, if it wins, promote. Killed anywhere, the champion stands."""

from __future__ import annotations

import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.champions import signing
from pipeline.champions.promotion import Entry, PromotionError, install, promote, rollback, settle
from pipeline.champions.registry import mend_alias, tell_signed
from pipeline.champions.verdict import Verdict, decide, decide_first, gated
from pipeline.definitions.workspace import Workspace, WorkspaceError
from pipeline.definitions.yaml_lines import DataError
from pipeline.definitions.zones import parse_instant
from pipeline.features.training_set import TrainingSet
from pipeline.learning.bundle import Bundle, bundle_path, load_champion, read_champion
from pipeline.quality.evaluation import TOO_FEW
from pipeline.tables.files import lock
from pipeline.workflow.beside import alike, matrix_for
from pipeline.workflow.hands import HERE, Hands
from pipeline.workflow.places import Places
from pipeline.workflow.record import record
from pipeline.workflow.schema import Progress, SchemaDriftError, quiet
from pipeline.workflow.stages import check, evaluate, features, fit, write_check


def train(
    workspace: Workspace, workspace_file: Path, now: int, progress: Progress = quiet, hands: Hands = HERE
) -> dict[str, Any]:
    """Check, features, fit, evaluate, register, promote if it wins; section 9's JSON. `now` is the clock's instant.

    Stages whose inputs did not change are not run again.
    """
    started = time.perf_counter()
    places = Places(workspace.root)
    with lock(places.training.parent):
        found = check(workspace, None, progress, hands)
        if not found["ok"]:
            first = next(finding for finding in found["findings"] if finding["severity"] == "error")
            raise DataError(f"{first['title']}: {first['evidence']} {first['remedy']}")
        left = features(workspace, None, progress, hands, found["suspects"])
        write_check(found, places.check)
        fit(workspace, progress, hands)
        judged = evaluate(workspace, progress)
        progress("registering")
        served, tested = (_with_figures(Bundle.load(places.candidate / name), judged) for name in ("served", "tested"))
        # Only now: until here a rollback need not wait for a training.
        with lock(places.models):
            folder = install(places.models, served, tested)
            record(places.models, folder, served, judged, workspace, workspace_file)
            progress("champion or challenger")
            entry = _settle(workspace, places, judged, now, hands)
            mend_alias(places.models)
            serves = read_champion(places.models) == served.version
    return {
        "model_version": served.version,
        "promoted": serves,
        "reason": entry.reason,
        "observations": judged["observations"]["all"],
        "rows": judged["observations"],
        "excluded_columns": list(served.definition.excluded_columns),
        "excluded": served.card["excluded"],
        "test": judged["test"],
        "by_age": judged["by_age"],
        "baselines": judged["baselines"],
        "segments": judged["segments"],
        "curves": judged["curves"],
        "verdict": judged["verdict"],
        "capacity": judged["capacity"],
        "said": [*left["said"], *served.card["said"], *judged["said"]],
        "findings": found["findings"],
        "seconds": round(time.perf_counter() - started, 1),
    }


def _with_figures(bundle: Bundle, judged: dict[str, Any]) -> Bundle:
    figures = {name: judged[name] for name in ("test", "by_age", "baselines", "verdict")}
    return replace(bundle, card={**bundle.card, **figures})


def _settle(workspace: Workspace, places: Places, judged: dict[str, Any], now: int, hands: Hands) -> Entry:
    version = str(judged["model_version"])
    standing = read_champion(places.models)
    if standing == version:
        return promote(places.models, version, "It serves already.", now)
    if standing is None:
        verdict = _alone(places, judged)
    else:
        try:
            verdict = _compare(workspace, places, load_champion(places.models), hands)
        except SchemaDriftError:
            # A champion that cannot score the export serves nobody: the new model is judged as if none stood.
            alone = _alone(places, judged)
            said = f"Champion {standing} was not compared: the columns that it was trained with have changed."
            verdict = replace(alone, reason=f"{alone.reason} {said}")
    return settle(places.models, version, _signed_off(workspace, places.models, version, verdict), now)


def _signed_off(workspace: Workspace, models: Path, version: str, verdict: Verdict) -> Verdict:
    """The verdict, held where the workspace asks for a sign-off and the version has none that approves it."""
    lacks = signing.lacking(models, version) if workspace.gates.sign_off and verdict.promote else None
    if lacks is None:
        return verdict
    reason = f"Held: {lacks} and train again, or `leadlight promote {version}`. But for that: {verdict.reason}"
    return replace(verdict, promote=False, reason=reason)


def _alone(places: Places, judged: dict[str, Any]) -> Verdict:
    """The candidate beside the baselines, where there is no champion to compare it with."""
    baselines = {
        "base rate": judged["baselines"]["base_rate"]["log_loss"]["value"],
        "scorecard": judged["baselines"]["scorecard"]["log_loss"]["value"],
    }
    candidate = Bundle.load(places.candidate / "tested")
    verdict = decide_first(judged["test"]["log_loss"]["value"], baselines, trees=candidate.model.booster is not None)
    if verdict.promote and judged["verdict"].startswith(TOO_FEW):
        return replace(verdict, reason=f"{verdict.reason} Of its quality the test says little: {judged['verdict']}")
    return verdict


def _compare(workspace: Workspace, places: Places, champion: Bundle, hands: Hands) -> Verdict:
    """The challenger's tested version against the champion as served, on what neither has learnt from."""
    rows = TrainingSet.load(places.training)
    tested = Bundle.load(places.candidate / "tested")
    knows_until = parse_instant(champion.card["knows_until"], "UTC")
    fresh = np.flatnonzero(rows.mature & (rows.cutoff >= max(knows_until, rows.test_from)))
    lead, mine = rows.lead_id.codes[fresh].astype(np.int64), rows.X[fresh]
    theirs = matrix_for(champion, rows, fresh, workspace, hands=hands)
    verdict = decide(
        rows.label[fresh],
        tested.model.probability(mine),
        champion.model.probability(theirs),
        rows.group[fresh],
        lead,
        champion_age=rows.data_until - knows_until,
        max_age=workspace.max_age,
    )
    return gated(verdict, alike(tested, mine, champion, theirs, rows, fresh), workspace.gates)


def promote_version(workspace: Workspace, version: str, reason: str, now: int) -> dict[str, Any]:
    """Let a registered version serve, because the analyst says so; `signed_off` is the newest review, or None.

    PromotionError where the workspace's gates ask for a sign-off and the version has none that approves it.
    """
    models = Places(workspace.root).models
    with lock(models):
        asked = workspace.gates.sign_off and version != read_champion(models)
        # Of a version that is not there, promoting says so.
        lacks = signing.lacking(models, version) if asked and bundle_path(models, version).is_dir() else None
        if lacks is not None:
            raise PromotionError(f"{version} was not promoted: {lacks}.")
        told = _told(models, promote(models, version, reason, now))
        found = signing.newest(models, version)
    return told | {"signed_off": None if found is None else asdict(found)}


def sign_off(
    workspace: Workspace, version: str | None, reviewer: str, verdict: str, notes: str, now: int
) -> signing.SignOff:
    """Record a review of a version, by default the champion; MLflow is told the verdict, and not who gave it.

    PromotionError where there is no such version, or the review lacks something; WorkspaceError where nothing serves.
    """
    models = Places(workspace.root).models
    chosen = version or read_champion(models)
    if chosen is None:
        raise WorkspaceError("no model serves yet, so name the version to sign off; `leadlight train` makes one")
    found = signing.sign(models, chosen, reviewer, verdict, notes, now)
    tell_signed(models, chosen)
    return found


def roll_back(workspace: Workspace, reason: str, now: int, to: str | None = None) -> dict[str, Any]:
    """Let the champion before, or `to`, serve again."""
    models = Places(workspace.root).models
    return _told(models, rollback(models, reason, now, to))


def _told(models: Path, entry: Entry) -> dict[str, Any]:
    if (models / "mlflow.db").exists():
        mend_alias(models)
    return {
        "model_version": entry.version,
        "previous": entry.previous,
        "action": entry.action,
        "reason": entry.reason,
        "at": entry.at,
    }

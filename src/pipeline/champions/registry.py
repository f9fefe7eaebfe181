"""What MLflow is told: a run a version, its figures, and the bundle as a registered model that needs no pickle.

With `mlflow_model`, which MLflow itself runs, the only module that knows MLflow. The pointer says what serves and the
history what was decided; MLflow's aliases and verdicts follow them. A registration killed half-way is done anew by the
next one.
"""

from __future__ import annotations

import json
import logging
import os
import re
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from importlib import import_module
from importlib.metadata import version as installed
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.champions import signing
from pipeline.champions.promotion import HELD, ROLLED_BACK, Entry, read_promotions
from pipeline.features.matrix import Definition
from pipeline.learning.bundle import Bundle, read_champion
from pipeline.tables.disk import room
from pipeline.tables.files import PARTIAL, lock

if TYPE_CHECKING:
    from mlflow import MlflowClient

NAME = "leadlight"
"""Of the experiment and of the registered model."""

ALIAS, CHALLENGER = "champion", "challenger"
"""What serves, and what was judged last and held."""
VERSION_TAG, TOLD_TAG = "version", "verdict_at"
MOST_TEXT, MOST_METRICS = 4_000, 500
"""Characters of a tag, and metrics at a time, that MLflow takes."""
REQUIREMENTS = ("leadlight", "lightgbm", "mlflow", "numpy", "pandas")

# Read by MLflow as it is imported: nothing is sent anywhere, and nothing is drawn over a command's output.
QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_UV_AUTO_DETECT": "false",
    "GIT_PYTHON_REFRESH": "quiet",
}


def store_uri(models: Path) -> str:
    """MLflow's tracking and registry address of a models folder."""
    return f"sqlite:///{_database(models).resolve()}"


def register(
    models: Path,
    bundle_folder: Path,
    params: Mapping[str, Any],
    metrics: Mapping[str, Any],
    data_hash: str,
    workspace_file: Path | None = None,
    tags: Mapping[str, str] | None = None,
    documents: Mapping[str, str] | None = None,
) -> str:
    """Tell MLflow of an installed version and give its run id; a version that it knows is left as it is.

    Parameters
    ----------
    bundle_folder : the served bundle; it is copied into MLflow's artifacts
    params : plain values by name
    metrics : numbers, or figures as `{"value", "low", "high"}`, which give `name`, `name_low` and `name_high`; or
        mappings of such, whose names then follow a slash. What is None or no number is left out
    workspace_file : kept beside the model as an artifact
    documents : file name -> text of further artifacts, as pictures in SVG
    """
    bundle = Bundle.load(bundle_folder)
    with lock(models), _client(models) as client:
        known = _model_version(client, bundle.version)
        if known is not None:
            mend_alias(models)
            return str(known.run_id)
        experiment = _experiment(client, models)
        # Runs of this version that no model version came from: a killed registration's.
        for run in client.search_runs([experiment], f"tags.{VERSION_TAG} = '{bundle.version}'"):
            client.delete_run(run.info.run_id)
        run = client.create_run(experiment, run_name=bundle.version, tags={**(tags or {}), VERSION_TAG: bundle.version})
        run_id = str(run.info.run_id)
        for name, value in {"data_hash": data_hash, "fingerprint": bundle.definition.fingerprint, **params}.items():
            client.log_param(run_id, name, value)
        _log_metrics(client, run_id, metrics)
        for name, text in (documents or {}).items():
            client.log_text(run_id, text, name)
        if workspace_file is not None:
            client.log_artifact(run_id, str(workspace_file))
        _log_model(client, run_id, bundle_folder, bundle.definition)
        client.set_terminated(run_id)
        client.create_model_version(
            NAME, f"{run.info.artifact_uri}/model", run_id, tags={VERSION_TAG: bundle.version}, await_creation_for=0
        )
        mend_alias(models)
    return run_id


def mend_alias(models: Path) -> str | None:
    """Let MLflow say what the folder says: the alias `champion`, `challenger`, and the newest verdict.

    Gives MLflow's number of the champion. None, and no such alias, where nothing serves or MLflow has not been told of
    the version. The challenger is the version that was judged last, if it was held.
    """
    if not _database(models).exists():
        return None
    with lock(models), _client(models) as client:
        entries = read_promotions(models)
        judged = next((entry for entry in reversed(entries) if entry.action != ROLLED_BACK), None)
        champion = read_champion(models)
        held = judged.version if judged and judged.action == HELD and judged.version != champion else None
        if entries:
            _tell_verdict(client, entries[-1])
        _alias(client, CHALLENGER, held)
        return _alias(client, ALIAS, champion)


def tell_signed(models: Path, version: str) -> None:
    """Let the tags of a version say how its newest review ended and when; who reviewed it is told to nobody."""
    found = signing.newest(models, version)
    if found is None or not _database(models).exists():
        return
    with lock(models), _client(models) as client:
        known = _model_version(client, version)
        if known is not None:
            for name, value in (("sign_off", found.verdict), ("sign_off_at", found.at)):
                client.set_model_version_tag(NAME, known.version, name, value)


def _alias(client: MlflowClient, alias: str, version: str | None) -> str | None:
    """Let an alias stand at a version, or nowhere; gives MLflow's number of it."""
    there = {name: number for model in _registered(client) for name, number in model.aliases.items()}
    known = _model_version(client, version) if version else None
    if known is None:
        if alias in there:
            client.delete_registered_model_alias(NAME, alias)
        return None
    if str(there.get(alias)) != str(known.version):
        client.set_registered_model_alias(NAME, alias, known.version)
    return str(known.version)


def _tell_verdict(client: MlflowClient, entry: Entry) -> None:
    """What was decided over a version, as tags, figures and `verdict.json` of its run; once."""
    known = _model_version(client, entry.version)
    if known is None or client.get_run(known.run_id).data.tags.get(TOLD_TAG) == entry.at:
        return
    text = json.dumps(asdict(entry), indent=1, ensure_ascii=False, allow_nan=False)
    client.log_text(known.run_id, f"{text}\n", "verdict.json")
    _log_metrics(client, known.run_id, {"verdict": entry.figures})
    for name, value in (("verdict", entry.action), ("reason", entry.reason[:MOST_TEXT]), (TOLD_TAG, entry.at)):
        client.set_tag(known.run_id, name, value)


@contextmanager
def _client(models: Path) -> Iterator[MlflowClient]:
    """A client of this folder's own store, without MLflow's global settings and without its chatter."""
    loggers = [logging.getLogger(name) for name in ("mlflow", "alembic", "sqlalchemy")]
    before = [logger.level for logger in loggers]
    models.mkdir(parents=True, exist_ok=True)
    # The warnings in here are between MLflow and its own libraries.
    with warnings.catch_warnings(action="ignore"), room(models):
        mlflow = _mlflow()
        for logger in loggers:
            logger.setLevel(logging.CRITICAL)  # what they would log as an error is raised as well
        try:
            if not _database(models).exists():
                _create(mlflow, models)
            yield mlflow.MlflowClient(store_uri(models), store_uri(models))
        finally:
            for logger, level in zip(loggers, before, strict=True):
                logger.setLevel(level)


def _database(models: Path) -> Path:
    return models / "mlflow.db"


def _create(mlflow: Any, models: Path) -> None:
    """Make the database under another name first: MLflow cannot go on where a kill cut its migrations short."""
    partial = models / f".mlflow.db{PARTIAL}"
    for leftover in models.glob(f"{partial.name}*"):
        leftover.unlink()
    mlflow.MlflowClient(f"sqlite:///{partial.resolve()}")
    os.replace(partial, _database(models))


def _mlflow() -> Any:
    """MLflow, imported late: after the settings that silence it, and at no cost to a program that does not register."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    return import_module("mlflow")


def _experiment(client: MlflowClient, models: Path) -> str:
    """The experiment's id; it and the registered model are created where they are not."""
    if not _registered(client):
        client.create_registered_model(NAME, description="Probability that a lead converts within the horizon.")
    found = client.get_experiment_by_name(NAME)
    if found is not None:
        return str(found.experiment_id)
    return str(client.create_experiment(NAME, artifact_location=(models / "mlartifacts").resolve().as_uri()))


def _registered(client: MlflowClient) -> list[Any]:
    return list(client.search_registered_models(f"name = '{NAME}'"))


def _model_version(client: MlflowClient, version: str) -> Any | None:
    """MLflow's record of a version; the newest if there are several."""
    found = [one for one in client.search_model_versions(f"name = '{NAME}'") if one.tags.get(VERSION_TAG) == version]
    return max(found, key=lambda one: int(one.version), default=None)


def _log_model(client: MlflowClient, run_id: str, bundle_folder: Path, definition: Definition) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "model"
        _mlflow().pyfunc.save_model(
            folder,
            python_model=str(Path(__file__).with_name("mlflow_model.py")),
            artifacts={"bundle": str(bundle_folder)},
            pip_requirements=[f"{name}=={installed(name)}" for name in REQUIREMENTS],
            signature=_signature(definition),
        )
        client.log_artifacts(run_id, str(folder), "model")


def _signature(definition: Definition) -> Any:
    """What goes in and what comes out: words for categorical measures, doubles for all others, which may be missing."""
    mlflow, types = _mlflow(), import_module("mlflow.types")
    kinds = ["string" if name in definition.vocabularies else "double" for name in definition.columns]
    inputs = [types.ColSpec(kind, name) for kind, name in zip(kinds, definition.columns, strict=True)]
    outputs = [types.ColSpec("double", name) for name in ("probability", "log_odds")]
    return mlflow.models.ModelSignature(types.Schema(inputs), types.Schema(outputs))


def _log_metrics(client: MlflowClient, run_id: str, metrics: Mapping[str, Any]) -> None:
    entities = import_module("mlflow.entities")
    flat = [entities.Metric(name, number, 0, 0) for name, number in _flat(metrics).items()]
    for start in range(0, len(flat), MOST_METRICS):
        client.log_batch(run_id, metrics=flat[start : start + MOST_METRICS])


def _flat(metrics: Mapping[str, Any], place: str = "") -> dict[str, float]:
    """
    >>> _flat({"auc": {"value": 0.7, "low": 0.6, "high": 0.8}, "seconds": 3, "lift_10": {"value": None}})
    {'auc': 0.7, 'auc_low': 0.6, 'auc_high': 0.8, 'seconds': 3.0}
    >>> _flat({"segments": {"source": {"R&D": {"auc": 0.7, "from": "2026-01-01"}}}})
    {'segments/source/R_D/auc': 0.7}
    """
    flat: dict[str, float] = {}
    for key, metric in metrics.items():
        # MLflow knows no other characters in a name.
        name = place + re.sub(r"[^\w. :-]", "_", key).strip(". ")
        if isinstance(metric, Mapping) and "value" not in metric:
            flat |= _flat(metric, f"{name}/")
            continue
        parts = metric if isinstance(metric, Mapping) else {"value": metric}
        for part, ending in (("value", ""), ("low", "_low"), ("high", "_high")):
            if isinstance(parts.get(part), int | float) and not isinstance(parts[part], bool):
                flat[name + ending] = float(parts[part])
    return flat

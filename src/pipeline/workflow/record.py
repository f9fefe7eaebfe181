"""What MLflow keeps of a training: parameters, every figure, pictures, hashes of the data, the version of the code."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pipeline
from pipeline.champions.registry import register
from pipeline.definitions.workspace import Workspace
from pipeline.learning.bundle import Bundle
from pipeline.learning.metrics import FIGURES
from pipeline.views.curves import gain_svg, reliability_svg
from pipeline.workflow.places import source_files

COUNTS = ("n", "won", "won_leads", "base_rate")
SEGMENT_FIGURES = ("auc", "log_loss", "mean_probability", "excess")


def record(
    models: Path, folder: Path, served: Bundle, judged: Mapping[str, Any], workspace: Workspace, workspace_file: Path
) -> str:
    """Tell MLflow of an installed version in its `folder`, with what `evaluate` found of it; gives the run's id."""
    data = data_hashes(workspace, served.card["data_hash"])
    parameters = {
        **served.card["settings"],
        "horizon": served.definition.horizon,
        "trees_grown": served.card["trained_on"]["trees"],
        "sources_hash": data["sources_hash"],
    }
    documents = {
        "data.json": _json(data),
        "evaluation.json": _json(dict(judged)),
        "reliability.svg": reliability_svg(judged["curves"]["reliability"], served.version),
        "gain.svg": gain_svg(judged["curves"]["gain"], served.version),
    }
    return register(
        models,
        folder,
        parameters,
        metrics_of(judged),
        served.card["data_hash"],
        workspace_file,
        code_version(),
        {name: text for name, text in documents.items() if text},
    )


def metrics_of(judged: Mapping[str, Any]) -> dict[str, Any]:
    """Figures by name as `register` takes them: `test_auc`, `by_age/0-7d/auc`, `baselines/...`, `segments/...`."""
    return {
        **{f"test_{name}": judged["test"][name] for name in (*COUNTS, *FIGURES)},
        "by_age": {age: _chosen(group, (*COUNTS, *FIGURES)) for age, group in judged["by_age"].items()},
        "baselines": {name: _chosen(group, FIGURES) for name, group in judged["baselines"].items()},
        "segments": {
            column: {value: _chosen(group, (*COUNTS, *SEGMENT_FIGURES)) for value, group in groups.items()}
            for column, groups in judged["segments"].items()
        },
    }


def data_hashes(workspace: Workspace, training_set: str) -> dict[str, Any]:
    """The training set's hash, and `sources`: the sha256 and size of each file that the tables were read from.

    `sources_hash` is of all of them together. Tables that are no files (a database, SQL) have none: `why` says so.
    """
    files = source_files(workspace)
    if files is None:
        why = "a table is read from a database or by SQL, and only its training set has a hash"
        return {"training_set": training_set, "sources": {}, "sources_hash": None, "why": why}
    sources = {}
    for path in files:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        sources[os.path.relpath(path, workspace.root)] = {"sha256": digest, "bytes": path.stat().st_size}
    whole = hashlib.sha256(json.dumps(sources, sort_keys=True).encode()).hexdigest()
    return {"training_set": training_set, "sources": sources, "sources_hash": whole}


def code_version() -> dict[str, str]:
    """Tags: Leadlight's version, and the commit it is at where its code stands in a git checkout.

    `code_changed` says whether files differ from that commit.
    """
    tags = {"leadlight_version": version("leadlight")}
    package = Path(pipeline.__file__).parent
    if _git(package, "ls-files", "--error-unmatch", "__init__.py") is None:
        return tags
    commit, changed = _git(package, "rev-parse", "HEAD"), _git(package, "status", "--porcelain", "--", ".")
    if commit:
        tags |= {"mlflow.source.git.commit": commit, "code_changed": "true" if changed else "false"}
    return tags


def _git(folder: Path, *words: str) -> str | None:
    """What git prints, None where there is no git or it does not know."""
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words], capture_output=True, text=True, check=False, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _chosen(group: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: group[name] for name in names}


def _json(plain: Mapping[str, Any]) -> str:
    return json.dumps(plain, indent=1, ensure_ascii=False) + "\n"

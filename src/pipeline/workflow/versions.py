"""The versions and training sets that a person names: champion, candidate, a registered version, a folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.definitions.workspace import WorkspaceError
from pipeline.learning.bundle import MANIFEST, TESTED, Bundle, BundleError, bundle_path, read_champion
from pipeline.workflow.places import Places, read_summary


@dataclass(frozen=True)
class Side:
    """One of two versions: as it serves, as it was tested (None where only one of them is there), its test figures."""

    name: str
    served: Bundle
    tested: Bundle | None
    figures: Mapping[str, Any]

    @property
    def told(self) -> dict[str, Any]:
        """What it is, as plain JSON."""
        card = self.served.card
        return {
            "asked": self.name,
            "version": self.served.version,
            "kind": self.served.model.kind,
            "trees": card.get("trained_on", {}).get("trees"),
            "observations": card.get("trained_on", {}).get("observations"),
            "won_leads": card.get("trained_on", {}).get("won_leads"),
            "data_until": card.get("data_until"),
            "data_hash": card.get("data_hash"),
            "knows_until": card.get("knows_until"),
            "tested": card.get("tested"),
            "calibration": {"slope": self.served.model.slope, "intercept": self.served.model.intercept},
            "test": self.figures.get("test"),
            "verdict": self.figures.get("verdict"),
        }


def side_of(places: Places, name: str) -> Side:
    """The version of a name: `champion`, `candidate`, a registered version, or a bundle's folder below the workspace's.

    WorkspaceError names what there is where it is none; BundleError where it is not whole.
    """
    folder, tested = _folders(places, name)
    served = Bundle.load(folder)
    figures: Mapping[str, Any] = served.card
    if "test" not in figures:
        judged = read_summary(places.evaluation / "evaluation.json") or {}
        figures = judged if judged.get("model_version") == served.version else {}
    return Side(name, served, Bundle.load(tested) if tested.is_dir() else None, figures)


def _folders(places: Places, name: str) -> tuple[Path, Path]:
    """Where the served and the tested bundle of a name stand."""
    if name == "candidate":
        if not places.candidate.is_dir():
            raise WorkspaceError("candidate: there is none; run `leadlight fit`")
        return places.candidate / "served", places.candidate / "tested"
    version = read_champion(places.models) if name == "champion" else name
    if version is None:
        raise WorkspaceError("champion: no model serves yet; train one with `leadlight train`")
    if (places.root / version / MANIFEST).is_file():
        return places.root / version, places.root / version / TESTED
    try:
        folder = bundle_path(places.models, version)
    except BundleError:
        folder = None
    if folder is None or not folder.is_dir():
        there = sorted(path.name for path in (places.models / "bundles").glob("[!.]*"))
        raise WorkspaceError(
            f"{name}: neither a registered version nor the folder of a bundle or training set; "
            f"there are {', '.join(['champion', 'candidate', *there])}"
        )
    return folder, folder / TESTED


def training_folder(places: Places, name: str) -> Path | None:
    """The folder of that name if it holds a training set."""
    folder = places.root / name
    return folder if (folder / "training.json").is_file() else None

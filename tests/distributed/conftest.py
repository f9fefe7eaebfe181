"""Small CRMs with their champions, and every engine on which the same tests run: each made once, on one worker."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from pipeline.champions.promotion import install, promote
from pipeline.definitions.workspace import Workspace, load_workspace
from pipeline.demo.workspace import write_workspace
from pipeline.demo.write import write_demo
from pipeline.distributed.open import ENGINES, hands, of
from pipeline.learning.bundle import Bundle
from pipeline.reasons.scores import Score
from pipeline.workflow import stages
from pipeline.workflow.hands import Hands
from pipeline.workflow.places import Places
from pipeline.workflow.scoring import score_leads
from tests.distributed import edge
from tests.distributed.processes import Processes

LEADS = 400


@dataclass(frozen=True)
class Answers:
    """A workspace, and what one process finds of it."""

    workspace: Workspace
    checked: dict[str, Any]
    training: dict[str, bytes]
    scores: list[Score]


def training_set(folder: Path) -> dict[str, bytes]:
    """The files of a training set."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="session")
def crms(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Answers]:
    """Each of the CRMs, trained and scored here."""
    folder = tmp_path_factory.mktemp("crms")
    write_demo(folder / "demo" / "data" / "demo", leads=LEADS)
    write_workspace(folder / "demo" / "leadlight.yaml")
    edge.write(folder / "counted")
    edge.write(folder / "written", written=True)
    return {name: _answers(folder / name) for name in ("demo", "counted", "written")}


def _answers(folder: Path) -> Answers:
    workspace, places = load_workspace(folder / "leadlight.yaml"), Places(folder)
    stages.features(workspace)
    stages.fit(workspace)
    served, tested = (Bundle.load(places.candidate / name) for name in ("served", "tested"))
    install(places.models, served, tested)
    promote(places.models, served.version, "For the tests.", 0)
    return Answers(workspace, stages.check(workspace), training_set(places.training), score_leads(workspace)[1])


@pytest.fixture(scope="session", params=["one process", "dask", "spark"])
def engine(request: pytest.FixtureRequest) -> Iterator[Hands]:
    """Hands by each engine: the plan of a cluster in this process, and on Dask and Spark on loopback."""
    with ExitStack() as stack:
        if request.param == "one process":
            yield reading_once(of(Processes(3)))
        else:
            require(request.param)
            yield reading_once(stack.enter_context(hands(request.param)))


def reading_once(hands: Hands) -> Hands:
    """Hands that read a workspace once for all tests that do not say how."""
    known: dict[Path, Any] = {}

    def read(workspace: Workspace, *how: Any, **named: Any) -> Any:
        if len(how) > 1:
            return hands.read(workspace, *how, **named)
        if workspace.root not in known:
            known[workspace.root] = hands.read(workspace)
        return known[workspace.root]

    return replace(hands, read=read)


def require(name: str) -> None:
    """Skip where an engine is not installed; where nothing may be skipped, fail."""
    lacks = [package for package in ENGINES[name] if find_spec(package) is None]
    if name == "spark" and shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        lacks.append("Java")
    if lacks:
        said = f"{name} needs {' and '.join(lacks)}, which is not here"
        pytest.fail(said) if os.environ.get("CI") == "true" else pytest.skip(said)

"""Whole or not at all: a full disk at each command, trainings at once, and the same bytes wherever and whenever."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipeline.champions.promotion import read_promotions
from pipeline.cli import main
from pipeline.definitions.workspace import load_workspace
from pipeline.learning.boosting import Growth
from pipeline.learning.bundle import read_champion
from pipeline.learning.estimator import LeadClassifier
from pipeline.tables.files import PARTIAL, BusyError, lock, patient
from pipeline.workflow.train import promote_version, roll_back, train
from tests.learning.simulated import HORIZON, simulate
from tests.quotas import no_file_above
from tests.workflow import small_crm
from tests.workflow.drifting import retrain

pytestmark = pytest.mark.parametrize("small", ["parquet"], indirect=True)

COMMANDS = {
    "check": ["check", "-o", "data/work/check.json"],
    "features": ["features"],
    "fit": ["fit"],
    "evaluate": ["evaluate"],
    "train": ["train"],
    "csv": ["score", "-o", "scores.csv"],
    "xlsx": ["score", "-o", "scores.xlsx"],
    "contributions": ["score", "--contributions", "-o", "scores.parquet"],
    "demo": ["demo", "--leads", "200", "-c", "demo/leadlight.yaml"],
}


def everything(folder: Path) -> dict[str, bytes]:
    """Every file below a folder but locks."""
    found = {path for path in folder.rglob("*") if path.is_file() and path.name != ".lock"}
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_full_disk_ends_in_one_sentence_and_leaves_what_stood(
    name: str, crm: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    small_crm.edit(crm, "seed: 7", "seed: 8")
    if name == "evaluate":
        monkeypatch.setattr(sys, "argv", ["leadlight", "fit", "-c", str(crm / "leadlight.yaml"), "--json"])
        main_ends(0)
    if name in ("features", "train"):
        small_crm.edit(crm, "horizon: 30d", "horizon: 28d")
    before = everything(crm)
    monkeypatch.chdir(crm)
    monkeypatch.setattr(sys, "argv", ["leadlight", *COMMANDS[name], "--json"])
    capsys.readouterr()
    with no_file_above(100):
        main_ends(1)
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert told.err.startswith("leadlight: ")
    assert "no space left" in told.err
    assert "Free some" in told.err
    assert everything(crm) == before
    main_ends(0)


def main_ends(code: int) -> None:
    try:
        main()
        ended: object = 0
    except SystemExit as stop:
        ended = stop.code or 0
    assert ended == code


def test_a_disk_that_fills_up_while_mlflow_is_told_leaves_the_champion(
    crm: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """There is room for the bundles; the database is larger and cannot grow."""
    champion, history = read_champion(crm / "models"), read_promotions(crm / "models")
    small_crm.edit(crm, "seed: 7", "seed: 8")
    monkeypatch.chdir(crm)
    monkeypatch.setattr(sys, "argv", ["leadlight", "train", "--json"])
    capsys.readouterr()
    with no_file_above(200_000):
        main_ends(1)
    told = capsys.readouterr()
    assert told.err.count("\n") == 1
    assert told.err.startswith(f"leadlight: {crm / 'models'}: no space left")
    assert (read_champion(crm / "models"), read_promotions(crm / "models")) == (champion, history)
    assert not list(crm.rglob(f".*{PARTIAL}"))
    main_ends(0)
    assert len(read_promotions(crm / "models")) == len(history) + 1


ELSEWHERE = {
    "TZ": "Pacific/Auckland",
    "LC_ALL": "C",
    "LANG": "C",
    "PYTHONHASHSEED": "4711",
    "OMP_NUM_THREADS": "2",
    "OPENBLAS_NUM_THREADS": "2",
}


STAGES = """
import sys, pathlib
from pipeline.definitions.workspace import load_workspace
from pipeline.workflow import stages
workspace = load_workspace(pathlib.Path(sys.argv[1]) / "leadlight.yaml")
stages.features(workspace)
stages.fit(workspace)
"""


def test_the_candidate_has_the_same_bytes_in_another_folder_zone_locale_and_year(crm: Path, tmp_path: Path) -> None:
    """Here it was fitted in this process, by a training at the epoch; there in a process of its own, today."""
    there = tmp_path / "another place" / "crm"
    small_crm.write(there, "parquet")
    subprocess.run([sys.executable, "-c", STAGES, there], cwd="/", env={**os.environ, **ELSEWHERE}, check=True)
    one, other = (everything(folder / "models" / "candidate") for folder in (crm, there))
    assert one == other
    assert {"tested/model.txt", "served/card.json", "margins.parquet"} < one.keys()


def test_more_threads_grow_the_same_trees(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = simulate(300, seed=1, level=-2.0)

    def grown() -> str:
        model = LeadClassifier(trees=8).fit(
            seen.X, seen.label, cutoff=seen.cutoff, horizon=HORIZON, lead=seen.lead, categorical=seen.categorical
        )
        return model.model_.text()

    alone = grown()
    own = Growth.parameters
    monkeypatch.setattr(Growth, "parameters", lambda self: own(self) | {"num_threads": 2})
    assert grown() == alone
    monkeypatch.setattr(Growth, "parameters", lambda self: own(self) | {"learning_rate": 0.051})
    assert grown() != alone


HOLDER = """
import sys, time
from pathlib import Path
from pipeline.tables.files import lock
with lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_while_another_run_trains_a_version_can_be_promoted_and_rolled_back(crm: Path) -> None:
    """A training holds the folder of its stages, and that of the models only while it registers."""
    workspace = load_workspace(crm / "leadlight.yaml")
    first = read_champion(crm / "models")
    small_crm.edit(crm, "seed: 7", "seed: 8")
    second = retrain(crm)["model_version"]
    with subprocess.Popen([sys.executable, "-c", HOLDER, crm / "data" / "work"], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(BusyError):
            retrain(crm)
        assert promote_version(workspace, second, "Meanwhile.", 0)["model_version"] == second
        assert roll_back(workspace, "At once.", 0)["model_version"] == first
        holder.kill()
    with lock(crm / "models"):
        assert retrain(crm)["model_version"] == second


def test_trainings_at_once_wait_for_each_other_and_leave_a_sound_history(crm: Path) -> None:
    """Two in two threads, which exclude each other as two processes do; ten processes are for `make prove`."""
    plain = (crm / "leadlight.yaml").read_text(encoding="utf-8")
    told: list[str] = []

    def run(seed: int) -> str:
        path = crm / f"{seed}.yaml"
        path.write_text(plain.replace("seed: 7", f"seed: {seed}"), encoding="utf-8")
        with patient(told.append):
            return str(train(load_workspace(path), path, 0)["model_version"])

    with ThreadPoolExecutor(2) as together:
        versions = list(together.map(run, (11, 12)))
    assert len({*versions, read_promotions(crm / "models")[0].version}) == 3
    assert told[0].startswith("waiting for another run")
    entries = read_promotions(crm / "models")
    assert len({entry.version for entry in entries}) == 3
    standing = None
    for entry in entries:
        assert entry.previous == standing
        standing = standing if entry.action == "held" else entry.version
    assert standing == read_champion(crm / "models")
    assert not list(crm.rglob(f".*{PARTIAL}"))

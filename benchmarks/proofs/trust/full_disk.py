"""A disk that fills up at each stage: one sentence with the place and the remedy, exit 1, and what stood before stands.

The disk is a tmpfs of a few megabytes, filled but for so many bytes, where one may be mounted. Elsewhere it is a quota:
no file may grow beyond so many bytes, which needs no privilege.
"""

from __future__ import annotations

import hashlib
import os
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.proofs.path.kills import champion_falls, change_model, half_written
from benchmarks.proofs.workshop import Ran, environment, run
from pipeline.champions.promotion import PromotionError, read_promotions
from pipeline.learning.bundle import read_champion
from pipeline.tables.files import PARTIAL

MEGABYTES = 12
LEFT = (0, 8_192, 65_536, 262_144, 1_048_576)
"""Bytes left on the disk, one try each, until a stage comes through."""

REMEDY = "Free some"


@dataclass(frozen=True)
class Stage:
    """A command that writes, what makes it have something to write, and what it writes, which must stand unchanged."""

    name: str
    command: tuple[str, ...]
    stale: Callable[[Path], None]
    output: str


def _nothing(folder: Path) -> None:
    pass


def _renamed(folder: Path) -> None:
    """Another name: the training set, and all that comes of it, is no longer that of the workspace."""
    path = folder / "leadlight.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("name: small", "name: other"), encoding="utf-8")


def _refitted(folder: Path) -> None:
    change_model(folder, seed=8)


def _unjudged(folder: Path) -> None:
    _refitted(folder)
    run("leadlight", "fit", "--json", cwd=folder)


STAGES = (
    Stage("check -o", ("check", "-o", "data/work/check.json"), _nothing, "data/work/check.json"),
    Stage("features", ("features",), _renamed, "data/work/training"),
    Stage("fit", ("fit",), _refitted, "models/candidate"),
    Stage("evaluate", ("evaluate",), _unjudged, "data/work/evaluation"),
    Stage("train", ("train",), _renamed, "models/champion"),
    Stage("score -o csv", ("score", "-o", "scores.csv"), _nothing, "scores.csv"),
    Stage("score -o parquet", ("score", "-o", "scores.parquet"), _nothing, "scores.parquet"),
    Stage("score -o xlsx", ("score", "-o", "scores.xlsx"), _nothing, "scores.xlsx"),
    Stage("score --contributions", ("score", "--contributions", "-o", "parts.parquet"), _nothing, "parts.parquet"),
    Stage("demo", ("demo", "--leads", "200", "-c", "demo/leadlight.yaml"), _nothing, "demo"),
)
"""Each is tried on a fresh copy of a trained workspace, where every output stands already."""


@dataclass(frozen=True)
class Tries:
    """Of one stage: how many runs met the full disk, and what was wrong with them or after them."""

    met: int
    wrong: list[str]


def can_mount(folder: Path) -> bool:
    """Whether a tmpfs may be mounted here."""
    try:
        with small_disk(folder / "try"):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


@contextmanager
def small_disk(folder: Path, megabytes: int = MEGABYTES) -> Iterator[None]:
    """A tmpfs at `folder`."""
    folder.mkdir(parents=True)
    try:
        options = ("-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder))
        subprocess.run(["mount", *options], check=True, capture_output=True)
        try:
            yield
        finally:
            subprocess.run(["umount", str(folder)], check=True, capture_output=True)
    finally:
        folder.rmdir()


def try_stage(stage: Stage, trained: Path, place: Path, *, mounted: bool) -> Tries:
    """One stage with less and less room, each time in a fresh copy of `trained` at `place`."""
    met, wrong = 0, []
    for left in LEFT:
        with small_disk(place) if mounted else _plain(place):
            folder = place / "crm"
            shutil.copytree(trained, folder)
            stage.stale(folder)
            before, champion = written(folder / stage.output), read_champion(folder / "models")
            ran = _full(stage, folder, left, mounted=mounted)
            if ran.code == 0:
                break
            met += 1
            faults = [*_told(ran), *_standing(folder, stage, before)]
            faults += [] if read_champion(folder / "models") == champion else ["another champion"]
            after = run("leadlight", *stage.command, "--json", cwd=folder, check=False)
            faults += [f"the next run, with room: exit {after.code}: {after.err[-300:]}"] if after.code else []
            if stage.output.startswith("models"):
                faults += champion_falls(folder, champion)
            wrong += [f"{stage.name}, {left:,} bytes left: {fault}" for fault in faults]
    return Tries(met, wrong)


@contextmanager
def _plain(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True)
    try:
        yield
    finally:
        shutil.rmtree(folder)


def _full(stage: Stage, folder: Path, left: int, *, mounted: bool) -> Ran:
    """The stage with `left` bytes of room, which it has again afterwards."""
    command = ("leadlight", *stage.command, "--json")
    if not mounted:
        done = subprocess.run(
            command,
            cwd=folder,
            # joblib tries at once whether it may share memory, and warns that it may not.
            env=environment() | {"JOBLIB_MULTIPROCESSING": "0"},
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=partial(_quota, left),
        )
        return Ran(done.returncode, done.stdout, done.stderr, 0.0)
    filler = folder.parent / "filler"
    state = os.statvfs(folder)
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, state.f_bavail * state.f_frsize - left))
    try:
        return run(*command, cwd=folder, check=False)
    finally:
        filler.unlink()


def _quota(most: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


def _told(ran: Ran) -> list[str]:
    """What is wrong with how a command ended."""
    lines = ran.err.strip().splitlines()
    faults = [f"exit {ran.code}"] if ran.code != 1 else []
    faults += [f"it printed {ran.out[:200]!r}"] if ran.out else []
    if len(lines) != 1 or not lines[0].startswith("leadlight: ") or REMEDY not in lines[0]:
        faults.append(f"it said {ran.err[-600:]!r}")
    return faults


def _standing(folder: Path, stage: Stage, before: dict[str, str]) -> list[str]:
    """What a command that failed has left, or taken away."""
    faults = [f"{path.relative_to(folder)} was left" for path in folder.rglob(f".*{PARTIAL}*")]
    faults += half_written(folder)
    faults += [f"{stage.output} is not what it was"] if written(folder / stage.output) != before else []
    try:
        read_promotions(folder / "models")
    except PromotionError as error:
        faults.append(str(error))
    return faults


def written(place: Path) -> dict[str, str]:
    """Every file of a folder, or the file itself, by its hash."""
    files = [place] if place.is_file() else sorted(path for path in place.rglob("*") if path.is_file())
    return {
        str(path.relative_to(place)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.name != ".lock"
    }

"""Line 8: killed anywhere the champion stands, and DVC runs what a change concerns and nothing else."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import time
from pathlib import Path

from benchmarks.proofs.line import Check, equal
from benchmarks.proofs.workshop import Workshop, environment, run
from pipeline.features.training_set import TrainingSet
from pipeline.learning.bundle import Bundle, BundleError, read_champion

SEED = 20260630
"""Of the moments: the same ten shares of a run, every time."""


def killed_and_staged(workshop: Workshop) -> list[Check]:
    """Both halves of the line, each in the demo's folder."""
    folder = workshop.demo
    return [*stages(folder), *kills(folder, workshop.count(10, 2))]


def stages(folder: Path) -> list[Check]:
    """`dvc repro` with nothing changed, then after changing `model.trees`."""
    unchanged = ran_stages(run("dvc", "repro", cwd=folder).out)
    change_model(folder, trees=80)
    changed = ran_stages(run("dvc", "repro", cwd=folder).out)
    return [
        equal("stages run with nothing changed", unchanged, []),
        equal("stages run after a change of model.trees", changed, ["fit", "evaluate"]),
    ]


def ran_stages(printed: str) -> list[str]:
    """The stages that `dvc repro` says it ran."""
    return re.findall(r"^Running stage '([^']+)'", printed, re.MULTILINE)


def change_model(folder: Path, **settings: object) -> None:
    """Write settings of the model into the workspace's one `model:` line."""
    path = folder / "leadlight.yaml"
    text = path.read_text()
    for name, value in settings.items():
        text, found = re.subn(rf"(?m)^(model:.*?\b{name}: )[^,}}\s]+", rf"\g<1>{value}", text)
        if not found:
            raise ValueError(f"{path} has no model.{name} on its model line")
    path.write_text(text)


def make_stale(folder: Path, number: int) -> None:
    """Change a setting of the features and one of the model, so that no stage's output is fresh."""
    change_model(folder, seed=100 + number)
    path = folder / "leadlight.yaml"
    path.write_text(re.sub(r"(?m)^name: .*$", f"name: stale_{number}", path.read_text()))


def kills(folder: Path, count: int) -> list[Check]:
    """`kill -9` at `count` moments of a run that has everything to do."""
    make_stale(folder, 0)
    whole = run("leadlight", "train", cwd=folder).seconds
    moments = random.Random(SEED)
    fallen: list[str] = []
    passed_for_whole: list[str] = []
    failed: list[str] = []
    at: list[float] = []
    for number in range(3 * count):
        make_stale(folder, number + 1)
        before = read_champion(folder / "models")
        moment = moments.uniform(0.02, 0.98) * whole
        if not kill_after(moment, folder, "leadlight", "train"):
            continue  # it was done before its moment came: no kill, another try
        at.append(round(moment, 1))
        fallen += champion_falls(folder, before)
        passed_for_whole += half_written(folder)
        following = run("leadlight", "train", cwd=folder, check=False)
        failed += [f"exit {following.code}: {following.err[-1000:]}"] if following.code else []
        if len(at) == count:
            break
    return [
        Check("a whole run, seconds", round(whole, 1), "said", True),
        Check("killed after seconds", at, f"{count} random moments", len(at) == count),
        equal("kills after which the champion did not stand and score", fallen, []),
        equal("half-written folders that passed for whole", passed_for_whole, []),
        equal("next runs that failed", failed, []),
    ]


def kill_after(seconds: float, folder: Path, *command: str) -> bool:
    """Start a command, kill it and its children after so many seconds; False if it had already ended."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    time.sleep(seconds)
    if process.poll() is not None:
        return False
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return True


def champion_falls(folder: Path, before: str | None) -> list[str]:
    """What is wrong with the champion: the pointer must name a whole bundle, the one before or a new one, and score."""
    champion = read_champion(folder / "models")
    if champion is None:
        return ["no champion"]
    place = folder / "models" / "bundles" / champion
    if champion != before and not (place / "tested").is_dir():
        return [f"{champion} is the champion and has no tested version"]
    try:
        Bundle.load(place)
    except BundleError as error:
        return [str(error)]
    scored = run("leadlight", "score", "-o", "data/work/after_kill.parquet", "--json", cwd=folder, check=False)
    if scored.code or scored.json()["model_version"] != champion:
        return [f"score: exit {scored.code}: {scored.out[-300:]}{scored.err[-1000:]}"]
    return []


def half_written(folder: Path) -> list[str]:
    """What stands under its final name and is not whole: bundles that do not load, a training set that does not."""
    found = []
    places = [*(folder / "models" / "bundles").glob("*"), *(folder / "models" / "candidate").glob("*/")]
    for place in places:
        if place.name.startswith(".") or not place.is_dir():
            continue
        try:
            Bundle.load(place)
        except BundleError as error:
            found.append(f"{place.name}: {error}")
    training = folder / "data" / "work" / "training"
    if training.exists():
        try:
            TrainingSet.load(training)
        except (OSError, ValueError, KeyError) as error:
            found.append(f"training: {error}")
    return found

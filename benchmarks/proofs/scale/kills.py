"""Line 6: `leadlight features` on ten million interactions, killed anywhere."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

from benchmarks.large.crm import large
from benchmarks.proofs.line import Check, equal, said
from benchmarks.proofs.path.kills import SEED, kill_after
from benchmarks.proofs.workshop import Workshop, run
from pipeline.definitions.yaml_lines import WorkspaceError
from pipeline.features.training_set import TrainingSet

INTERACTIONS, SMALL = 10_000_000, 100_000


def killed(workshop: Workshop) -> list[Check]:
    """Every other kill hits a run that would replace a training set, the others one that has nothing before it."""
    crm = large(workshop.folder / "large", workshop.count(INTERACTIONS, SMALL), 2)
    workspace, output = crm.folder / "killed.yaml", workshop.folder / "killed" / "training"
    command = ("leadlight", "features", "-c", str(workspace), "-o", str(output), "--json")
    _change(crm.workspace, workspace, "whole")
    first = run(*command)
    before, expected = _standing(output), first.json()["data_hash"]
    count, moments = workshop.count(10, 2), random.Random(SEED)
    at: list[float] = []
    passed_for_whole: list[str] = []
    following: list[str] = []
    for number in range(3 * count):
        _change(crm.workspace, workspace, f"stale_{number}")
        moment = moments.uniform(0.02, 0.98) * first.seconds
        if not kill_after(moment, crm.folder, *command):
            before = _standing(output)
            continue  # it was done before its moment came: no kill, another try
        at.append(round(moment, 2))
        passed_for_whole += _half_written(output, before, f"stale_{number}")
        again = run(*command, check=False)
        following += _wrong(again.code, again.out + again.err, output, expected)
        if len(at) == count:
            break
        before = _standing(output)
        if len(at) % 2:
            _remove(output)
            before = None
    return [
        said("a whole run, seconds", round(first.seconds, 2)),
        Check("killed after seconds", at, f"{count} random moments", len(at) == count),
        equal("outputs that passed for whole and were not", passed_for_whole, []),
        equal("next runs that failed or gave another result", following, []),
        equal("what killed runs left beside the output", _leftovers(output), []),
    ]


def _change(written: Path, workspace: Path, name: str) -> None:
    """The workspace under another name: a training set of the old one is not that of the new."""
    workspace.write_text(re.sub(r"(?m)^name: .*$", f"name: {name}", written.read_text(encoding="utf-8")))


def _remove(output: Path) -> None:
    for file in output.iterdir():
        file.unlink()
    output.rmdir()


def _standing(output: Path) -> str | None:
    """The name of the workspace whose training set stands there."""
    path = output / "training.json"
    return str(json.loads(path.read_text(encoding="utf-8"))["name"]) if path.exists() else None


def _half_written(output: Path, before: str | None, now: str) -> list[str]:
    """Under its final name stands what stood before, or the new one whole, or nothing where nothing was."""
    if not output.exists():
        return []
    try:
        name = TrainingSet.load(output).name
    except (OSError, ValueError, KeyError, WorkspaceError) as error:
        return [f"{now}: {error}"]
    return [] if name in (before, now) else [f"{now}: the training set is of {name}"]


def _wrong(code: int, printed: str, output: Path, expected: str) -> list[str]:
    """What is wrong with the run after a kill: it must end well, with the same training set as a run never killed."""
    if code:
        return [f"exit {code}: {printed[-1000:]}"]
    found = TrainingSet.load(output).data_hash
    return [] if found == expected else [f"data_hash {found}, and {expected} without a kill"]


def _leftovers(output: Path) -> list[str]:
    return sorted(path.name for path in output.parent.iterdir() if path.name not in (output.name, ".lock"))

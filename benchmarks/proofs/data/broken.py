"""Line 4: the broken inputs, each refused by the command that a person would run."""

from __future__ import annotations

import shutil

from benchmarks.proofs.line import Check, at_least, equal
from benchmarks.proofs.path.refusals import files
from benchmarks.proofs.workshop import Workshop, run
from tests.broken_inputs import broken_inputs
from tests.sound_inputs import sound

LEAST = 40


def broken(workshop: Workshop) -> list[Check]:
    """Each defect's command in a folder with that defect alone; and `check --strict` and `train` in the sound one."""
    folder = workshop.folder / "broken"
    sound(folder / "sound")
    checks = [
        equal(
            "exit of `check --strict` without a defect",
            run("leadlight", "check", "--strict", cwd=folder / "sound").code,
            0,
        )
    ]
    run("leadlight", "train", cwd=folder / "sound")
    inputs = broken_inputs()
    checks.append(at_least("defects", len(inputs), LEAST))
    for one in inputs:
        place = folder / one.name
        one.make(place)
        if one.needs == "champion":
            shutil.copytree(folder / "sound" / "models", place / "models")
        before = files(place)
        done = run("leadlight", *one.command, cwd=place, check=False)
        faults = one.faults(done.code, done.out, done.err, files(place) - before)
        said = next((line for line in done.err.splitlines() if line.startswith("leadlight: ")), done.err)
        said = said.replace(f"{place}/", "")  # where the proof was run belongs to nobody's record
        checks.append(
            Check(f"{one.name}: {one.what}", "; ".join(faults) or said, "refused by name, nothing written", not faults)
        )
    return checks

"""Line 7: broken workspaces and tables, each answered in a sentence and with nothing written."""

from __future__ import annotations

from pathlib import Path

from benchmarks.proofs.line import Check, equal
from benchmarks.proofs.workshop import Workshop, run
from tests.broken import BROKEN, sound


def broken_inputs(workshop: Workshop) -> list[Check]:
    """`leadlight train` in a folder with one defect; and in the sound one, so that the defect is what is refused."""
    folder = workshop.folder / "refusals"
    sound(folder / "sound")
    checks = [equal("exit of `check` without a defect", run("leadlight", "check", cwd=folder / "sound").code, 0)]
    for number, broken in enumerate(BROKEN, 1):
        place = folder / f"broken-{number}"
        broken.build(place)
        before = files(place)
        done = run("leadlight", "train", cwd=place, check=False)
        written = sorted(files(place) - before)
        faults = [f"does not name {pattern!r}" for pattern in broken.missing_words(done.err)]
        if done.code not in (1, 2):
            faults.append(f"exit {done.code}")
        if "Traceback" in done.out + done.err:
            faults.append("a traceback")
        if written:
            faults.append(f"wrote {written}")
        checks.append(
            Check(broken.name, "; ".join(faults) or done.err.strip(), "refused by name, nothing written", not faults)
        )
    return checks


def files(folder: Path) -> set[str]:
    """Every file below a folder with its size; not the lock that keeps a second run out, which holds nothing."""
    there = (path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
    return {f"{path.relative_to(folder)}: {path.stat().st_size}" for path in there}

"""Line 3: the exports of six CRMs, and six odd ones, as they come."""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks.proofs.line import Check
from benchmarks.proofs.workshop import Ran, Workshop, run
from tests.exports import EXPORTS, Export


def exports(workshop: Workshop) -> list[Check]:
    """`leadlight init` in the folder of each export, then `leadlight check` on what it wrote, unchanged.

    Accepted is what `check` finds no error in. What cannot be accepted as it is must be told in the proposal's
    comments, by every word that the export asks for.
    """
    return [_export(export, workshop.folder / "exports" / export.name) for export in EXPORTS]


def _export(export: Export, folder: Path) -> Check:
    folder.mkdir(parents=True)
    export.write(folder)
    before = contents(folder)
    proposed = run("leadlight", "init", *export.arguments, cwd=folder, check=False)
    after = contents(folder)
    file = folder / "leadlight.yaml"
    if proposed.code or not file.exists():
        return Check(export.name, _last(proposed), "a proposal", False)
    checked = run("leadlight", "check", "--json", cwd=folder, check=False)
    accepted = checked.code == 0 and bool(checked.json()["ok"])
    comments = " ".join(line.strip(" #") for line in file.read_text(encoding="utf-8").splitlines() if "#" in line)
    lacking = [word for word in export.wants if not re.search(word, comments, re.IGNORECASE)]
    faults = []
    if export.wants and lacking:
        faults.append(f"the comments do not name {', '.join(lacking)}")
    if not accepted and not export.wants:
        faults.append(f"not accepted: {_last(checked) or checked.out[-500:]}")
    if {name: text for name, text in after.items() if name != file.name} != before:
        faults.append("init changed a file that was there")
    again = run("leadlight", "init", *export.arguments, cwd=folder, check=False)
    if again.code != 2 or contents(folder).get(file.name) != after[file.name]:
        faults.append(f"a second init ends with {again.code}, or writes")
    said = "accepted as proposed" if accepted else f"named: {', '.join(export.wants)}"
    return Check(export.name, "; ".join(faults) or said, "accepted, or what is missing named", not faults)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder with its bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def _last(ran: Ran) -> str:
    lines = [line for line in ran.err.splitlines() if not line.startswith("  ")]
    return " ".join(lines)[-500:]

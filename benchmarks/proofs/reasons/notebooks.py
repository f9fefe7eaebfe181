"""Line 6: the notebooks from clean kernels: time, cells, errors, and whom they call."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import nbformat

from benchmarks.notebooks import FOLDER, names
from benchmarks.proofs.line import Check, at_least, at_most, below, equal, said
from benchmarks.proofs.workshop import ROOT, Workshop, run

MINUTES = 3
CELLS = 40
LARGEST = 1_000_000
"""Bytes of a notebook."""

LISTENER = '''\
"""Writes down every address that is connected to or asked for, which is not this machine's own."""

import os
import sys

HOME = {"127.0.0.1", "::1", "localhost", "", "0.0.0.0", None}


def heard(event, arguments):
    if event == "socket.connect":
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if host not in HOME:
        with open(os.environ["LEADLIGHT_HEARD"], "a") as file:
            file.write(f"{event} {host}\\n")


sys.addaudithook(heard)
'''
"""As `sitecustomize`, in every Python process that a notebook starts."""


def notebooks_run(workshop: Workshop) -> list[Check]:
    """All three in an empty folder, one after the other, then what is committed of them."""
    folder = workshop.folder / "notebooks run"
    hooks, heard = workshop.folder / "hooks", workshop.folder / "heard.txt"
    hooks.mkdir()
    (hooks / "sitecustomize.py").write_text(LISTENER, encoding="utf-8")
    heard.touch()
    asked = "import sys; sys.audit('socket.connect', None, ('192.0.2.1', 9))"
    there = run(sys.executable, "-c", asked, env={"PYTHONPATH": str(hooks), "LEADLIGHT_HEARD": str(heard)})
    listens = there.code == 0 and "192.0.2.1" in heard.read_text()
    heard.write_text("")
    ran = run(
        *(sys.executable, "-m", "benchmarks.notebooks", "--folder", folder),
        env={"PYTHONPATH": str(hooks), "LEADLIGHT_HEARD": str(heard)},
        check=False,
    )
    found = [json.loads(line) for line in ran.out.splitlines()]
    checks = [
        equal("notebooks", [one["name"] for one in found], names()),
        Check("an address beyond loopback would be heard", listens, "yes", listens),
        equal("addresses beyond loopback that were called or asked for", heard.read_text().splitlines(), []),
        below("seconds, all of them", sum(one["seconds"] for one in found), 60 * MINUTES),
    ]
    for one in found:
        checks += [
            said(f"{one['name']}: seconds", one["seconds"]),
            equal(f"{one['name']}: errors", one["error"], None),
            equal(f"{one['name']}: what it wrote on standard error", one["complaints"], []),
            below(f"{one['name']}: cells", one["cells"], CELLS),
            at_least(f"{one['name']}: pictures", one["pictures"], 1),
        ]
    outside = [path for path in (folder.iterdir() if folder.is_dir() else ()) if path.name not in KEPT]
    checks.append(equal("written beside notebooks/ and data/", [path.name for path in outside], []))
    return checks + [check for name in names() for check in committed(FOLDER / name)]


KEPT = ("notebooks", "data", ".jupyter")


def committed(path: Path) -> list[Check]:
    """What stands in the repository: outputs, no error, no address, no place of one machine."""
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    outputs = [output for cell in code for output in cell.outputs]
    addresses = re.findall(r"https?://(?!127\.0\.0\.1)[^\s\"'{]+", "\n".join(cell.source for cell in code))
    return [
        at_most(f"{path.name}: bytes", path.stat().st_size, LARGEST),
        at_least(f"{path.name}: pictures in the committed outputs", pictures(outputs), 1),
        equal(f"{path.name}: committed errors", [out.ename for out in outputs if out.output_type == "error"], []),
        equal(f"{path.name}: addresses in its code", addresses, []),
        equal(f"{path.name}: the checkout's own path in it", str(ROOT) in path.read_text(encoding="utf-8"), False),
    ]


def pictures(outputs: list[nbformat.NotebookNode]) -> int:
    """How many outputs are pictures."""
    return sum("image/png" in output.get("data", {}) for output in outputs)

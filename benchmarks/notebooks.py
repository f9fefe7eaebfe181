"""The notebooks, each run from a clean kernel: for the tests, for the proof, and to write their outputs anew.

python -m benchmarks.notebooks [--write] [--folder DIR] [NAME ...]

Copies of the notebooks run in `DIR/notebooks`, one after the other, and make what they need in `DIR/data`; DIR is a
temporary folder by default. What was found is printed as JSON, a line a notebook. With `--write` the outputs go into
`notebooks/`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "notebooks"
PATIENCE = 600
"""Seconds that one cell may take."""
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@dataclass(frozen=True)
class Ran:
    """A notebook that was run: its cells, how long it took, its error if any, and what it wrote on standard error."""

    name: str
    cells: int
    code: int
    seconds: float
    error: str | None
    complaints: list[str]
    pictures: int


def names() -> list[str]:
    """The notebooks, in the order in which they are read."""
    return sorted(path.name for path in FOLDER.glob("*.ipynb"))


def run(name: str, folder: Path) -> tuple[Ran, Any]:
    """Run a copy of a notebook in `folder/notebooks`, from a clean kernel of this environment."""
    place = folder / "notebooks"
    place.mkdir(parents=True, exist_ok=True)
    shutil.copy(FOLDER / name, place)
    notebook = nbformat.read(place / name, as_version=4)
    begun, error = time.monotonic(), None
    # Sockets have short names, and stand in a folder of their own.
    with tempfile.TemporaryDirectory() as own:
        manager = AsyncKernelManager(
            kernel_name="python3",
            # The kernel of this environment, whatever others are registered on the machine.
            kernel_spec_manager=KernelSpecManager(kernel_dirs=[]),
            # Nobody else on the machine can listen.
            transport="ipc",
            connection_file=str(Path(own, "kernel.json")),
        )
        client = NotebookClient(notebook, manager, timeout=PATIENCE, resources={"metadata": {"path": str(place)}})
        # Who brings a manager has to end its kernel, unless it is given away.
        client.owns_km = True
        try:
            client.execute(env=surroundings(folder))
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as raised:
            error = f"{type(raised).__name__}: {raised}"[-2000:]
    cells = notebook.cells
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    ran = Ran(
        name=name,
        cells=len(cells),
        code=sum(cell.cell_type == "code" for cell in cells),
        seconds=round(time.monotonic() - begun, 1),
        error=error,
        complaints=[output["text"] for output in outputs if output.get("name") == "stderr"],
        pictures=sum("image/png" in output.get("data", {}) for output in outputs),
    )
    return ran, notebook


def surroundings(folder: Path) -> dict[str, str]:
    """What a kernel finds: this environment's packages, one thread, no proxy, and nothing of the person who runs it."""
    own = {name: value for name, value in os.environ.items() if name.lower() not in PROXIES}
    settings = {name: str(folder / ".jupyter") for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")}
    return own | settings | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def stripped(notebook: Any) -> str:
    """The text of a notebook with its outputs, without what differs from one run or machine to the next."""
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    count = 0
    for number, cell in enumerate(notebook.cells, 1):
        cell["id"], cell["metadata"] = f"cell-{number:02}", nbformat.from_dict({})
        if cell.cell_type == "code":
            count += 1
            cell["execution_count"] = count
            for output in cell["outputs"]:
                if "execution_count" in output:
                    output["execution_count"] = count
                # Objects whose plain text is their place in memory have another form, which is shown.
                if " at 0x" in "".join(output.get("data", {}).get("text/plain", "")):
                    del output["data"]["text/plain"]
    nbformat.validate(notebook)
    return f"{nbformat.writes(notebook, version=4).rstrip()}\n"


def run_all(chosen: list[str], folder: Path, *, write: bool = False) -> Iterator[Ran]:
    """Run notebooks one after the other in one folder; with `write` those that ended well get their outputs."""
    for name in chosen:
        ran, notebook = run(name, folder)
        if write and ran.error is None:
            (FOLDER / name).write_text(stripped(notebook), encoding="utf-8")
        yield ran


def main(arguments: list[str] | None = None) -> int:
    """Run what was asked for; 1 where a notebook fails."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.notebooks", description=__doc__)
    parser.add_argument("names", nargs="*", default=names(), help="of notebooks; all by default")
    parser.add_argument("--write", action="store_true", help="write the outputs into notebooks/")
    parser.add_argument("--folder", type=Path, help="work in this folder and leave it there")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="leadlight-notebooks-") as temporary:
        failed = False
        for ran in run_all(options.names, (options.folder or Path(temporary)).resolve(), write=options.write):
            print(json.dumps(asdict(ran)), flush=True)
            failed = failed or ran.error is not None
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())

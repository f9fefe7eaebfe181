"""The notebooks run from clean kernels, tell one story each, and hold their outputs as they are committed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from benchmarks.notebooks import FOLDER, PROXIES, names, stripped, surroundings

ROOT = Path(__file__).parents[1]
NAMES = names()
MOST_CELLS, MOST_BYTES = 40, 1_000_000


@pytest.fixture(scope="session")
def ran(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """All of them, one after the other in one folder: what was found of each, by its name."""
    folder = tmp_path_factory.mktemp("notebooks")
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.notebooks", "--folder", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["name"] for one in found] == NAMES, done.stderr[-3000:]
    return {one["name"]: one for one in found}


def notebook(name: str) -> Any:
    return nbformat.read(FOLDER / name, as_version=4)


def code(name: str) -> list[Any]:
    return [cell for cell in notebook(name).cells if cell.cell_type == "code"]


@pytest.mark.xdist_group("notebooks")
@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs_from_a_clean_kernel(ran: dict[str, dict[str, Any]], name: str) -> None:
    assert ran[name]["error"] is None
    assert ran[name]["complaints"] == []
    assert ran[name]["pictures"] == sum(
        "image/png" in out.get("data", {}) for cell in code(name) for out in cell.outputs
    )


def test_there_are_three_in_the_order_of_the_story() -> None:
    assert [re.sub(r"_.*", "", name) for name in NAMES] == ["01", "02", "03"]


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_one_story_that_can_be_read_without_running_it(name: str) -> None:
    cells = notebook(name).cells
    assert len(cells) < MOST_CELLS
    assert cells[0].cell_type == "markdown"
    assert cells[0].source.startswith("# ")
    assert sum(cell.cell_type == "markdown" for cell in cells) >= len(cells) / 3
    outputs = [out for cell in code(name) for out in cell.outputs]
    assert [out for out in outputs if out.output_type == "error" or out.get("name") == "stderr"] == []
    assert sum("image/png" in out.get("data", {}) for out in outputs) >= 1
    assert (FOLDER / name).stat().st_size < MOST_BYTES


@pytest.mark.parametrize("name", NAMES)
def test_outputs_hold_nothing_that_differs_from_run_to_run(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")
    assert stripped(notebook(name)) == text, "write them anew: python -m benchmarks.notebooks --write"
    assert str(ROOT) not in text
    assert "site-packages" not in text


@pytest.mark.parametrize("name", NAMES)
def test_code_names_no_address_but_this_machines_own(name: str) -> None:
    source = "\n".join(cell.source for cell in code(name))
    assert re.findall(r"https?://(?!127\.0\.0\.1)\S+", source) == []


@pytest.mark.parametrize("name", NAMES)
def test_outputs_show_no_personal_data(name: str) -> None:
    shown = json.dumps([out for cell in code(name) for out in cell.outputs if "image/png" not in out.get("data", {})])
    assert re.findall(r"full_name|[\w.]+@[\w.]+\.\w+|\+\d\d[ \d]{8,}", shown) == []


def test_a_kernel_sees_no_proxy_and_nothing_of_the_person(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    seen = surroundings(tmp_path)
    assert {name for name in seen if name.lower() in PROXIES} == set()
    assert Path(seen["IPYTHONDIR"]).is_relative_to(tmp_path)
    assert seen["PATH"] == os.environ["PATH"]

"""Every command of the README runs, in the order in which a reader meets them.

`make` is not run inside the tests, which it runs itself (`make prove WHAT=path` does); its targets have to be there.
The rest runs as a reader would: on a small demo CRM, and on exports of one's own, with the README's workspace file.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from pyarrow import csv

from benchmarks.proofs.workshop import environment, free_port, server

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str, text: str = README) -> list[str]:
    """The code blocks of a language, without the indentation that a list gives them."""
    found = re.findall(rf"(?ms)^( *)```{language}\n(.*?)^ *```$", text)
    return [re.sub(rf"(?m)^{indent}", "", block) for indent, block in found]


def section(title: str) -> str:
    """The README from one heading to the next of its level."""
    return README[README.index(f"## {title}") :].split("\n## ", 2)[0]


def shell(script: str, folder: Path) -> str:
    """Run a block as a reader pastes it; its standard output. It fails with the first command that fails."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=environment() | {"PWD": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, f"{script}\n{done.stdout[-1500:]}\n{done.stderr[-1500:]}"
    return done.stdout


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small demo CRM and its champion."""
    folder = tmp_path_factory.mktemp("demo")
    shell("leadlight demo --leads 1500; leadlight train", folder)
    return folder


def test_every_block_is_run_here() -> None:
    known = {"Two commands": 1, "What you get": 1, "Your own CRM in five steps": 5, "The API": 2}
    assert {title: len(blocks("sh", section(title))) for title in known} == known
    assert len(blocks("sh")) == sum(known.values())


def test_every_target_of_make_is_there() -> None:
    targets = re.findall(r"(?m)^make (\w+)", "\n".join(blocks("sh")))
    assert targets == ["demo", "test"]
    for target in targets:
        subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, check=True)


def test_the_demo_is_scored_explained_and_rolled_back(demo: Path) -> None:
    (block,) = blocks("sh", section("What you get"))
    score, explain, *looked, rollback = block.strip().splitlines()
    shell(score, demo)
    scored = csv.read_csv(demo / "data" / "work" / "scores.csv").column("lead_id").to_pylist()
    named = re.search(r"explain (\S+) --since (\S+)", explain)
    assert named is not None
    assert re.fullmatch(re.sub(r"\d", r"\\d", named[1]), scored[0]), f"the demo's leads look like {scored[0]}"
    # A lead that was there, and open, on both days.
    leads = pq.read_table(demo / "data" / "demo" / "leads.parquet", columns=["lead_id", "created_at"]).to_pylist()
    old = {lead["lead_id"] for lead in leads if lead["created_at"] and str(lead["created_at"])[:10] < "2026-06-01"}
    shell(explain.replace(named[1], next(lead for lead in scored if lead in old)), demo)
    assert [line.split()[1] for line in looked] == ["relaunch", "channels", "report"]
    for line in looked:
        shell(re.sub(r"--periods \d+", "--periods 0", line), demo)
    assert {"relaunch.csv", "report.html"} <= {path.name for path in (demo / "data" / "work").iterdir()}
    # One model has been trained, so there is none to go back to until a second serves.
    settings = demo / "leadlight.yaml"
    settings.write_text(re.sub(r"seed: \d+", "seed: 8", settings.read_text()))
    version = re.findall(r"Model (\S+) ", shell("leadlight train", demo))[-1]
    shell(f"leadlight promote {version}; {rollback}", demo)


def test_your_own_crm_goes_through_the_five_steps(demo: Path, tmp_path: Path) -> None:
    steps = section("Your own CRM in five steps")
    assert re.findall(r"(?m)^(\d)\. ", steps) == ["1", "2", "3", "4", "5"]
    export(demo, tmp_path)
    for block in blocks("sh", steps):
        shell(block, tmp_path)
    assert (tmp_path / "scores.csv").stat().st_size > 0
    (workspace,) = blocks("yaml", steps)
    (tmp_path / "leadlight.yaml").write_text(workspace)
    shell(blocks("sh", steps)[1], tmp_path)


def export(demo: Path, folder: Path) -> None:
    """The demo's tables as the csv files that the README names, under its column names."""
    data = demo / "data" / "demo"
    leads = pq.read_table(data / "leads.parquet").to_pandas()
    for table, key in (("contacts", "contact_id"), ("accounts", "account_id")):
        more = pq.read_table(data / f"{table}.parquet").to_pandas().drop_duplicates(key)
        leads = leads.merge(more[[key, *more.columns.difference(leads.columns)]], on=key, how="left")
    deals = pq.read_table(data / "deals.parquet").to_pandas().rename(columns={"deal_status": "status"})
    deals["status"] = deals["status"].str.removeprefix("closed_")
    interactions = pq.read_table(data / "interactions.parquet").to_pandas()
    for name, table in (("leads", leads), ("interactions", interactions), ("deals", deals)):
        table.to_csv(folder / f"{name}.csv", index=False)


def test_the_api_answers_the_curl(demo: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed on this machine")
    serve, ask = blocks("sh", section("The API"))
    port = free_port()
    command = ["leadlight", *serve.split()[1:], "--port", str(port)]
    with server(*command, cwd=demo, ready=f"http://127.0.0.1:{port}/readyz"):
        answer = shell(ask.replace("localhost:8000", f"127.0.0.1:{port}").replace("curl -s", "curl -sf"), demo)
    assert '"probability"' in answer
    assert "new-1" in answer


def test_python_is_the_one_that_runs_the_tests() -> None:
    assert shutil.which("leadlight", path=environment()["PATH"]) == str(Path(sys.executable).with_name("leadlight"))
    assert os.environ.get("LEADLIGHT_PORT") is None

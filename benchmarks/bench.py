"""`make bench`: how fast measures, scores and requests are here; a table, and docs/bench.json.

python -m benchmarks.bench

Machines differ and are noisy: what counts are the ratios, each of two things measured in this one run.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.kernel import kernel
from benchmarks.proofs.workshop import ROOT, fetch, free_port, run, server
from pipeline.definitions.workspace import load_workspace
from pipeline.features.measures import measure_all
from pipeline.features.observations import is_open
from pipeline.learning.bundle import load_champion
from pipeline.reasons.scores import score
from pipeline.tables.sources import read_history
from serving.client import score_request

LEADS = 3_000


OUTPUT = ROOT / "docs" / "bench.json"


def best(what: str, repeats: int, work: Callable[[], object], per: int = 1) -> float:
    """Print the shortest of several runs in milliseconds, a unit of `per`, and give it."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        seconds.append((time.perf_counter() - start) / per)
    print(f"{what:<60} {1e3 * min(seconds):>10.3f} ms")
    return 1e3 * min(seconds)


def ratio(what: str, value: float) -> float:
    """Print a ratio and give it."""
    print(f"{what:<60} {value:>10.1f} x")
    return value


def main() -> int:
    """Make a small demo, train on it, and measure."""
    with tempfile.TemporaryDirectory(prefix="leadlight-bench-") as temporary:
        folder = Path(temporary)
        print(f"A demo of {LEADS:,} leads ...")
        run("leadlight", "demo", "--leads", LEADS, cwd=folder)
        run("leadlight", "train", cwd=folder)
        found = measured(folder)
    compared = kernel()
    ratio("pandas / kernel, 1 M facts, 80,000 observations, 40 measures", compared["pandas_over_kernel"])
    ratio("kernel / bare scan and group of the same facts", compared["kernel_over_scan"])
    OUTPUT.write_text(json.dumps({"milliseconds": found, "kernel": compared}, indent=1) + "\n", encoding="utf-8")
    print(f"Written: {OUTPUT.relative_to(ROOT)}")
    return 0


def measured(folder: Path) -> dict[str, float]:
    """The figures in milliseconds, each a line."""
    found: dict[str, float] = {}
    workspace = load_workspace(folder / "leadlight.yaml")
    found["read_tables"] = best("read the tables", 3, lambda: read_history(workspace))
    history, _ = read_history(workspace)
    bundle = load_champion(folder / "models")
    as_of = workspace.data_until
    rows = np.flatnonzero(history.leads.created_at < as_of)
    rows = rows[is_open(history, rows, np.full(len(rows), as_of))]
    cutoffs = np.full(len(rows), as_of)
    found["measures_a_lead"] = best(
        f"measures of {len(rows):,} leads, a lead",
        3,
        lambda: measure_all(history, rows, cutoffs, bundle.definition),
        len(rows),
    )
    found["score_a_lead"] = best(
        f"scores with reasons of {len(rows):,} leads, a lead", 3, lambda: score(bundle, history, as_of, rows), len(rows)
    )

    port = free_port()
    address = f"http://127.0.0.1:{port}"
    one, fifty = (score_request(history, rows[:count].tolist(), as_of) for count in (1, 50))
    with server("python", "-m", "serving", cwd=folder, ready=f"{address}/readyz", env={"LEADLIGHT_PORT": str(port)}):
        found["request_one_lead"] = best("a request for one lead", 50, lambda: fetch(f"{address}/v1/score", one))
        found["request_50_leads_a_lead"] = best(
            "a request for 50 leads, a lead", 10, lambda: fetch(f"{address}/v1/score", fifty), 50
        )
    ratio("a request for one lead / for one of 50", found["request_one_lead"] / found["request_50_leads_a_lead"])
    return found


if __name__ == "__main__":
    sys.exit(main())

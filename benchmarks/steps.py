"""Where the time of `leadlight features` goes: processor seconds of each step, on the large CRM.

python -m benchmarks.steps WORKSPACE OUTPUT
"""

from __future__ import annotations

import json
import shutil
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from pipeline.definitions.workspace import load_workspace
from pipeline.features import parts, stage, training_set, written
from pipeline.tables import pieces, row_groups, sources
from pipeline.workflow import out_of_core, stages

STEPS: dict[str, list[tuple[Any, str]]] = {
    "leads and deals: read, checked, indexed": [(sources, "_leads"), (sources, "_deals"), (sources, "sift")],
    "observations and labels": [(out_of_core, "seen_without_facts")],
    "interactions: decode Parquet": [(row_groups.RowGroups, "_read")],
    "interactions: whose, when, what": [(pieces.TableInPieces, "_looked_at")],
    "interactions: lay out by part": [(stage.Stage, "add")],
    "ledgers: put together, sort": [(parts.InParts, "ledger")],
    "the 40 measures": [(training_set, "measure_all")],
    "write Parquet": [(written.Written, "add"), (written.Written, "_write")],
    "hashes of what went in and came out": [(stages, "features_key"), (written.Written, "_digest")],
}
"""Step -> the functions that do it; no function of one step calls that of another."""

LIMITS = {
    "leads and deals: read, checked, indexed": "one core: ids become Python texts, once",
    "observations and labels": "passes over arrays, beside the reading",
    "interactions: decode Parquet": "the decoder: both cores, a row group each",
    "interactions: whose, when, what": "memory: the search for an id is one miss of the cache, with two million leads",
    "interactions: lay out by part": f"memory; beyond {stage.IN_MEMORY >> 20} MB of facts the disk",
    "ledgers: put together, sort": "memory: a counting sort, and each column put in its order",
    "the 40 measures": "the walk over facts, and 40 results an observation",
    "write Parquet": "the encoder of one thread, beside the measuring",
    "hashes of what went in and came out": "SHA-256, beside the rest",
}

busy: dict[str, float] = defaultdict(float)
_lock = threading.Lock()


def watched(step: str, work: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, whose processor seconds are added to those of its step."""

    @wraps(work)
    def inner(*args: Any, **named: Any) -> Any:
        start = time.thread_time()
        try:
            return work(*args, **named)
        finally:
            with _lock:
                busy[step] += time.thread_time() - start

    return inner


def main() -> None:
    """Run once and print seconds, by the clock and by the processor, of the whole and of each step."""
    workspace, output = map(Path, sys.argv[1:])
    shutil.rmtree(output, ignore_errors=True)
    for step, functions in STEPS.items():
        for owner, name in functions:
            setattr(owner, name, watched(step, getattr(owner, name)))
    loaded = load_workspace(workspace)
    start, processor = time.perf_counter(), time.process_time()
    stages.features(loaded, output)
    whole = {"seconds": time.perf_counter() - start, "processor": time.process_time() - processor}
    shutil.rmtree(output)
    print(json.dumps(whole | {"steps": {step: busy[step] for step in STEPS}}))


if __name__ == "__main__":
    main()

"""Leadlight at the 40 measures, called as the product is: the function behind `leadlight features`.

python -m benchmarks.large.ours WORKSPACE OUTPUT
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from pipeline.definitions.workspace import load_workspace
from pipeline.workflow.stages import features


def main() -> None:
    """Build the training set and print its seconds, as peers do."""
    workspace, output = map(Path, sys.argv[1:])
    start, busy = time.perf_counter(), time.process_time()
    summary = features(load_workspace(workspace), output)
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
    print(json.dumps({"seconds": seconds, "cpu_seconds": busy, "unchanged": summary["unchanged"]}))


if __name__ == "__main__":
    main()

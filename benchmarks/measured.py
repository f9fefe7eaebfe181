"""A command in a process of its own: what it printed, the most memory it had, and how long it took."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.proofs.workshop import ROOT, run

# The largest resident size of all the command's processes, by the kernel; measured in a small process of its own, for
# what a new process has before it becomes the command counts too.
MEASURE = """\
import json, resource, subprocess, sys, time
start = time.monotonic()
code = subprocess.call(sys.argv[2:])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
peak = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
with open(sys.argv[1], "w") as file:
    json.dump({"peak": peak, "seconds": time.monotonic() - start, "cpu_seconds": used.ru_utime + used.ru_stime}, file)
sys.exit(code)
"""


@dataclass(frozen=True)
class Measured:
    """A command's answer (one JSON object), its peak memory in bytes, its seconds of clock and of processors."""

    said: dict[str, object]
    peak: int
    seconds: float
    cpu_seconds: float


def measured(*command: object, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> Measured:
    """Run a command that prints JSON and measure it; RuntimeError where it fails."""
    with tempfile.TemporaryDirectory(prefix="leadlight-measured-") as folder:
        report = Path(folder) / "report.json"
        done = run(sys.executable, "-c", MEASURE, report, *command, cwd=cwd, env=env)
        figures = json.loads(report.read_text(encoding="utf-8"))
    return Measured(done.json(), figures["peak"], figures["seconds"], figures["cpu_seconds"])

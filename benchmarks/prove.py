"""`make prove WHAT=path`: every line of what was promised, at its full count, into `docs/proof/<what>.json`.

python -m benchmarks.prove path [--only 3,5] [--quick]

A line that fails, or cannot be run, is written down as such; the exit code is then 1. Each line is written as soon as
it is known, with the commit that it was run at; `--only` runs and writes some lines anew, `--quick` writes nothing.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import sys
import tempfile
import time
import traceback
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.proofs.line import Check, Line
from benchmarks.proofs.workshop import ROOT, Workshop, run


def prove(line: Line, workshop: Workshop) -> dict[str, Any]:
    """Measure one line; what it raises is its result."""
    print(f"{line.number}. {line.claim}\n   $ {line.command}", flush=True)
    start = time.monotonic()
    try:
        checks = line.measure(workshop)
    except Exception as error:
        traceback.print_exc()
        checks = [Check("ran to its end", f"{type(error).__name__}: {error}"[:2000], "no error", False)]
    seconds = round(time.monotonic() - start, 1)
    for check in checks:
        print(f"   {'ok  ' if check.passed else 'FAIL'} {check.name}: {shown(check.value)} ({check.bound})")
    passed = bool(checks) and all(check.passed for check in checks)
    print(f"   {'passed' if passed else 'FAILED'} in {seconds} s\n", flush=True)
    return {
        "line": line.number,
        "claim": line.claim,
        "command": line.command,
        "figure": [asdict(check) for check in checks],
        "passed": passed,
        "seconds": seconds,
    }


def shown(value: object, width: int = 100) -> str:
    """A value on one line."""
    text = " ".join(str(value).split())
    return text if len(text) <= width else text[: width - 3] + "..."


def record(what: str, about: dict[str, Any], found: list[dict[str, Any]]) -> None:
    """Write the lines into docs/proof/<what>.json; one that was not run again stays, with its own commit and time."""
    target = ROOT / "docs" / "proof" / f"{what}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    before = json.loads(target.read_text(encoding="utf-8"))["lines"] if target.exists() else []
    lines = {row["line"]: row for row in (*before, *found)}
    whole = {"what": what, **about, "lines": [lines[number] for number in sorted(lines)]}
    target.write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def surroundings() -> dict[str, Any]:
    """Of what, when and where: the commit, whether files differ from it, the machine."""
    commit = run("git", "rev-parse", "HEAD", check=False).out.strip()
    changed = [row[3:] for row in run("git", "status", "--porcelain").out.splitlines() if "docs/proof/" not in row]
    return {
        "commit": commit,
        "uncommitted": changed,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {cores()} cores",
    }


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Runs the proofs of one issue and writes what was found.")
    parser.add_argument("what", help="the name of a package in benchmarks/proofs, as in `path`")
    parser.add_argument("--only", help="numbers of lines, as in 3,5")
    parser.add_argument("--quick", action="store_true", help="small counts, while a proof is being written")
    parser.add_argument("--keep", type=Path, help="work in this folder and leave it there")
    options = parser.parse_args(arguments)
    available = sorted(p.name for p in (Path(__file__).parent / "proofs").iterdir() if (p / "__init__.py").is_file())
    if options.what not in available:
        parser.error(f"{options.what!r} is none of the proofs: {', '.join(available)}")
    lines: list[Line] = importlib.import_module(f"benchmarks.proofs.{options.what}").LINES
    wanted = {int(number) for number in options.only.split(",")} if options.only else {line.number for line in lines}

    about = surroundings()
    with tempfile.TemporaryDirectory(prefix="leadlight-proof-") as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        workshop = Workshop(folder.resolve(), options.quick)
        found = []
        for line in lines:
            if line.number in wanted:
                found.append(prove(line, workshop) | {"commit": about["commit"], "at": about["at"]})
                if not options.quick:
                    record(options.what, about, found)
    for row in found:
        state = "passed" if row["passed"] else "FAILED"
        print(f"{row['line']:>2}  {state}  {row['seconds']:>7.1f} s  {row['claim'][:90]}")
    return 0 if all(row["passed"] for row in found) else 1


if __name__ == "__main__":
    sys.exit(main())

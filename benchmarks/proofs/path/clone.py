"""Line 1: a fresh clone in an empty directory."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

from benchmarks.proofs.line import Check, below, equal
from benchmarks.proofs.workshop import ROOT, Ran, Workshop, run

DEMO_SECONDS = 120
SUITE_SECONDS = 300


def fresh_clone(workshop: Workshop) -> list[Check]:
    """`make demo` in one clone and `make test` in another; installation is what happened before its stamp."""
    changed = run("git", "status", "--porcelain").out.strip()
    checks = [Check("clone holds all that is here", changed or "clean", "nothing uncommitted", not changed)]
    for target, limit in (("demo", DEMO_SECONDS), ("test", SUITE_SECONDS)):
        folder = workshop.folder / f"clone-{target}"
        run("git", "clone", "-q", ROOT, folder)
        done, afterwards = timed_make(folder, target)
        (workshop.folder / f"make-{target}.log").write_text(done.out + done.err)
        checks.append(Check(f"make {target}", done.code or "succeeded", "succeeds", done.code == 0))
        checks.append(
            Check(f"installation for make {target}, seconds", round(done.seconds - afterwards, 1), "any", True)
        )
        checks.append(below(f"make {target} after installation, seconds", afterwards, limit))
        tail = (done.out + done.err).strip().splitlines()
        if done.code:
            checks.append(Check(f"the end of make {target}", "\n".join(tail[-15:]), "succeeds", False))
        elif target == "test":
            closing = [line for line in tail if re.search(r"\d+ passed", line)]
            checks.append(Check("pytest", closing[-1] if closing else None, "a closing line", bool(closing)))
            skipped = re.search(r"(\d+) skipped", closing[-1]) if closing else None
            checks.append(Check("skipped tests", int(skipped[1]) if skipped else 0, "said", True))
        left = run("git", "status", "--porcelain", cwd=folder).out.strip()
        checks.append(equal(f"files that make {target} leaves uncommitted", left, ""))
    return checks


def timed_make(folder: Path, target: str) -> tuple[Ran, float]:
    """`make target`, and the seconds it took after the environment stood (all of them where it never stood)."""
    outside = {"PYTHON": "python3", "PATH": system_path()}
    done = run("make", target, cwd=folder, env=outside, check=False)
    stamp = folder / ".venv" / ".installed"
    afterwards = time.time() - stamp.stat().st_mtime if stamp.exists() else done.seconds
    return done, min(afterwards, done.seconds)


def system_path() -> str:
    """The path without this project's environment: the clone has to bring its own."""
    own = str(ROOT / ".venv" / "bin")
    return os.pathsep.join(part for part in os.environ["PATH"].split(os.pathsep) if part != own)

"""Environments for peers: what is compared with and not used, each made from its lock when first asked for.

They stand beside `.venv` and out of git. A peer's lock is newer than its environment: the environment is made anew.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from benchmarks.proofs.workshop import ROOT, run

LOCKS = Path(__file__).parent


def interpreter(name: str) -> Path:
    """The Python in which a peer runs: "peers", "featuretools", "quality" or "browser"."""
    lock, folder = LOCKS / f"{name}.lock", ROOT / f".venv-{name}"
    python, stamp = folder / "bin" / "python", folder / ".installed"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text(encoding="ascii") != wanted:
        print(f"Setting up {folder.name} from {lock.relative_to(ROOT)}: once, about a minute ...", flush=True)
        run(sys.executable, "-m", "venv", "--clear", folder)
        pip = (python, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--require-hashes", "-r", lock)
        run(*pip)
        stamp.write_text(wanted, encoding="ascii")
    return python

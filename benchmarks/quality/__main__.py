"""`make bench-quality`: ours beside the peers, into docs/peers.json and docs/peers.md.

python -m benchmarks.quality [--folder F] [--quick]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.proofs.workshop import Workshop
from benchmarks.quality.checks import beside_peers


def main() -> int:
    """Measure, and say what was found; the exit code is 1 where ours is worse."""
    parser = argparse.ArgumentParser(description="How well others learn from the same rows.")
    parser.add_argument("--folder", type=Path, help="where rows and predictions stand; default: a temporary one")
    parser.add_argument("--quick", action="store_true", help="one seed and seconds in place of minutes; writes nothing")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="leadlight-quality-") as temporary:
        folder = (options.folder or Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        checks = beside_peers(Workshop(folder, options.quick))
    for check in checks:
        print(f"{'ok  ' if check.passed else 'FAIL'} {check.name}: {check.value} ({check.bound})")
    return 0 if all(check.passed for check in checks) else 1


if __name__ == "__main__":
    sys.exit(main())

"""`make bench`: how fast features, scores, reasons and requests are, beside others; docs/bench.json, docs/scale.md.

python -m benchmarks.bench [--large] [--folder F]

Machines differ and are noisy: what counts are the ratios, each of things measured in turns in this one run. `--large`
measures a hundred million interactions and nothing else. The folder keeps the CRMs that were made.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import featured
from benchmarks.contributed import compared
from benchmarks.one_lead import one_lead
from benchmarks.page import PAGE, filled
from benchmarks.proofs.workshop import ROOT
from benchmarks.prove import surroundings
from benchmarks.rounds import line, shown, spread
from benchmarks.served import served

OUTPUT = ROOT / "docs" / "bench.json"


def alone() -> dict[str, Any]:
    """One lead, short and long."""
    found = {str(count): spread(one_lead(count, calls)) for count, calls in ((50, 500), (5_000, 100))}
    for count, figure in found.items():
        line(f"one lead, {int(count):,} interactions, 40 measures", shown(figure, "ms", 1e3))
    return found


LARGE = {"large", "steps", "cluster"}
ASKED_FOR = {"billion"}
"""What is measured only by its name."""

SECTIONS: dict[str, Callable[[Path], Any]] = {
    "disagreements": featured.agreed,
    "features": featured.features,
    "featuretools": featured.against_featuretools,
    "one_lead": lambda _: alone(),
    "contributions": compared,
    "served": lambda folder: served(folder / "demo"),
    "large": featured.hundred_million,
    "steps": featured.steps,
    "cluster": featured.on_a_cluster,
    "billion": featured.a_billion,
}
"""What is measured, in this order; each prints as it goes and gives plain data."""


def main() -> int:
    """Measure, and write what the page is made from."""
    parser = argparse.ArgumentParser(description="How fast things are here.")
    parser.add_argument("--large", action="store_true", help="a hundred million interactions, and nothing else")
    parser.add_argument("--only", help="names of sections by commas, the others stay as they were")
    parser.add_argument("--folder", type=Path, help="where the CRMs stand; default: a temporary one")
    options = parser.parse_args()
    before = json.loads(OUTPUT.read_text(encoding="utf-8")) if OUTPUT.exists() else {}
    found = {name: figures for name, figures in before.items() if name in SECTIONS}
    with tempfile.TemporaryDirectory(prefix="leadlight-bench-") as temporary:
        folder = (options.folder or Path(temporary)).resolve()
        usual = [name for name in SECTIONS if (name in LARGE) == options.large and name not in ASKED_FOR]
        for name in options.only.split(",") if options.only else usual:
            print(name.replace("_", " ").capitalize(), flush=True)
            figures = SECTIONS[name](folder)
            about = {key: value for key, value in surroundings().items() if key != "uncommitted"}
            found[name] = {"measured": about, "found": figures}
            OUTPUT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), found), encoding="utf-8")
    print(f"Written: {OUTPUT.relative_to(ROOT)}, {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

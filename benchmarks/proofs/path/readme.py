"""Line 9: the README says what it must, and every command in it runs."""

from __future__ import annotations

import re

from benchmarks.proofs.line import Check, at_least, equal
from benchmarks.proofs.workshop import ROOT, Workshop, run


def readme_runs(workshop: Workshop) -> list[Check]:
    """The tests of the README, and its parts in their order."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    pictures = [name for name in re.findall(r"!\[[^]]*\]\(([^)]+)\)", text) if (ROOT / name).is_file()]
    places = [text.find(part) for part in ("make demo", "make test", "![", "own CRM", "curl")]
    tested = run("pytest", "-q", "-p", "no:xdist", "tests/test_readme.py", check=False)
    steps = re.search(r"own CRM.*?(?=\n## (?!.*own CRM)|\Z)", text, re.DOTALL | re.IGNORECASE)
    return [
        Check("tests of the README", tested.out.strip().splitlines()[-1:], "all pass", tested.code == 0),
        at_least("pictures that are there", len(pictures), 1),
        equal(
            "two commands, picture, own CRM, curl, in this order", -1 not in places and places == sorted(places), True
        ),
        equal("steps with your own CRM", len(re.findall(r"(?m)^\d\. ", steps[0])) if steps else 0, 5),
    ]

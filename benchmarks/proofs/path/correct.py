"""Line 2: worked histories, drawn histories, planted bugs."""

from __future__ import annotations

import json
import re
from typing import Any

from benchmarks.proofs.line import Check, equal
from benchmarks.proofs.workshop import ROOT, Workshop, run

HISTORIES = 2_000
BUGS = 6


def correct(workshop: Workshop) -> list[Check]:
    """The tests of the heart at their full count, then the script that plants each bug."""
    cases = json.loads((ROOT / "tests" / "golden" / "cases.json").read_text(encoding="utf-8"))
    worked = run("pytest", "-q", "tests/features/test_golden.py", check=False)
    profile = {} if workshop.quick else {"LEADLIGHT_HYPOTHESIS": "prove"}
    drawn = run(
        "pytest", "-q", "--hypothesis-show-statistics", "tests/features/test_properties.py", env=profile, check=False
    )
    agreed = examples(drawn.out)
    planted = planted_bugs(workshop)
    return [
        equal("worked histories, against what is written and against the oracle", passed(worked.out), 2 * len(cases)),
        Check("property tests", closing(drawn.out), "all pass", drawn.code == 0),
        Check(
            "histories drawn for each property",
            agreed,
            f"{workshop.count(HISTORIES, 100):,} or more",
            bool(agreed) and min(agreed.values()) >= workshop.count(HISTORIES, 100),
        ),
        equal("planted bugs", len(planted["bugs"]), BUGS),
        *(
            Check(f"caught: {bug['bug']}", bug["histories"][:2] + bug["properties"], "a failing test", bug["caught"])
            for bug in planted["bugs"]
        ),
    ]


def planted_bugs(workshop: Workshop) -> dict[str, Any]:
    """What the script that plants bugs writes of them."""
    file = workshop.folder / "planted_bugs.json"
    run("python", "tests/planted_bugs.py", "--json", file, check=False)
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def passed(printed: str) -> int:
    """How many tests pytest says have passed, if none failed."""
    found = re.search(r"(\d+) passed", closing(printed))
    return int(found[1]) if found and "failed" not in closing(printed) else 0


def closing(printed: str) -> str:
    """pytest's last line."""
    return (printed.strip().splitlines() or ["nothing printed"])[-1]


def examples(printed: str) -> dict[str, int]:
    """Test -> passing examples, of Hypothesis' statistics."""
    found: dict[str, int] = {}
    for name, block in re.findall(r"(?ms)^\S*::(\w+):\s*$(.*?)(?=^\S*::|\Z)", printed):
        found[name] = sum(int(count) for count in re.findall(r"(\d+) passing\b", block))
    return found

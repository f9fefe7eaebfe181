"""Line 7: the page says what was measured."""

from __future__ import annotations

import json

from benchmarks.page import BENCH, PAGE, TABLES, filled
from benchmarks.proofs.line import Check, equal
from benchmarks.proofs.workshop import Workshop

ASKED = ("What limits each step", "A billion interactions")
"""Headings of what only words can say, from the figures."""


def page(workshop: Workshop) -> list[Check]:
    """Making the tables anew changes nothing, none is missing, and all agreed on the measures."""
    text, bench = PAGE.read_text(encoding="utf-8"), json.loads(BENCH.read_text(encoding="utf-8"))
    return [
        equal("the page as its JSON makes it", filled(text, bench) == text, True),
        equal("tables that are not on the page", [name for name in TABLES if f"figures: {name} " not in text], []),
        equal("tables without figures", [name for name in TABLES if name not in bench], []),
        equal("what the page does not answer", [title for title in ASKED if f"\n## {title}\n" not in text], []),
        equal("formulations that disagree with ours", bench.get("disagreements", {}).get("found"), []),
    ]

"""The tables that commands print: whole at 80 columns, and sentences that say what was found."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console, RenderableType

from pipeline.learning.metrics import FIGURES
from pipeline.reasons.scores import score
from pipeline.views.terminal import account, figures, top
from tests.reasons.crm import NOW, bundle, crowd

FIGURE = {"value": -0.2101, "low": -0.5834, "high": 0.1207}
GROUP = {"from": "2025-11-09", "to": "2026-05-24", "n": 2901, "won": 140, "base_rate": 0.0483}
GROUP |= dict.fromkeys(FIGURES, FIGURE)


def printed(part: RenderableType) -> str:
    """What a terminal of 80 columns shows, without the blanks at the ends of lines."""
    console = Console(file=io.StringIO(), width=80)
    console.print(part)
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())


def checked(*findings: dict[str, Any], ok: bool = True) -> str:
    tables = {"leads": {"rows": 1503, "used": 1493, "set_aside": {"repeated id": 6, "two outcomes": 4}}}
    outcomes = {"": {"read_as": "open", "rows": 3}}
    return printed(account({"tables": tables, "outcomes": outcomes, "findings": findings, "ok": ok}))


def test_every_figure_stands_on_one_line_of_80_columns() -> None:
    baselines = {"base_rate": GROUP, "logistic": GROUP}
    shown = printed(figures({"test": GROUP, "baselines": baselines, "by_age": {}, "verdict": "better than nothing."}))
    assert shown.startswith("Test: 2,901 observations from 2025-11-09 to 2026-05-24, 140 won (4.8 %)")
    assert shown.count("-0.583 to 0.121") == len(FIGURES)
    assert " calibration intercept (0)   -0.210" in shown
    assert shown.endswith("Better than nothing.")


def test_a_test_without_observations_says_so() -> None:
    empty = GROUP | {"n": 0, "base_rate": None} | {name: {"value": None, "low": None} for name in FIGURES}
    baselines = {"base_rate": empty, "logistic": empty}
    shown = printed(figures({"test": empty, "baselines": baselines, "by_age": {}, "verdict": "too few to judge."}))
    assert shown.startswith("Test: no observation")


def test_rows_set_aside_stand_one_reason_a_line() -> None:
    lines = [line.strip() for line in checked().splitlines()]
    assert "leads   1,503   1,493   6 repeated id" in lines
    assert "4 two outcomes" in lines
    assert any(line.startswith("(empty)") for line in lines)
    assert lines[-1] == "No error was found."


def test_a_finding_names_its_column_and_its_remedy() -> None:
    finding = {"severity": "error", "table": "changes", "column": "[x]", "title": "T", "evidence": "E.", "remedy": "R."}
    shown = checked(finding, ok=False)
    assert "error  changes.[x]: T. E. R." in shown
    assert shown.endswith("Correct the errors before training.")


def test_the_best_leads_come_first_and_closed_ones_not_at_all() -> None:
    scores = score(bundle(), crowd(), NOW)
    open_ = sorted((each.probability, each.lead_id) for each in scores if each.probability is not None)
    shown = printed(top(scores, {}, 2, len(scores)))
    assert shown.startswith(f"The 2 best of {len(scores)} leads")
    assert 0 <= shown.index(open_[-1][1]) < shown.index(open_[-2][1])

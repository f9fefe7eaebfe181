"""The oracle itself: it agrees with the worked histories, and shares no code with what it is to check."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from tests import oracle, oracle_rows
from tests.histories import GOLDEN, like
from tests.oracle import Oracle, matches

Plain = dict[str, Any]


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case["name"])
def test_the_oracle_agrees_with_the_worked_histories(case: Plain) -> None:
    asked = Oracle(case)
    assert asked.set_aside == case["expected"]["set_aside"]
    assert asked.observations() == like(case["expected"]["observations"])


@pytest.mark.parametrize("module", [oracle, oracle_rows])
def test_the_oracle_shares_no_code_with_the_pipeline(module: Any) -> None:
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert imported <= {"__future__", "datetime", "typing", "zoneinfo", "tests.oracle_rows"}


def test_only_the_star_is_special_in_a_pattern() -> None:
    assert matches("a*b*c", "a/x\nb/c")
    assert not matches("a.c", "abc")
    assert not matches("[ab]", "a")
    assert matches("*", "")
    assert not matches("", "a")

"""Charts of many leads hold every row with its interval, no address, and draw; turns read as sentences."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import vl_convert

from pipeline.definitions.criteria import Criterion
from pipeline.reasons.many import dependence, importance
from pipeline.views.many import dependence_chart, importance_chart, turn_words

CRITERIA = tuple(Criterion(f"c{number:02}", "behaviour", attribute="a") for number in range(20))


def rows() -> list[dict[str, Any]]:
    parts = np.random.default_rng(1).normal(size=(200, 20)) * np.arange(20, 0, -1)
    return importance(parts, CRITERIA, np.arange(200), draws=50)


def test_the_chart_shows_the_most_important_and_says_how_many_are_left_out() -> None:
    found = importance_chart(rows(), most=15)
    shown = found["data"]["values"]
    assert [row["name"] for row in shown] == [row["label"] for row in rows()[:15]]
    assert all(row["low"] < row["value"] < row["high"] for row in shown)
    assert found["title"]["subtitle"] == "with 95 % intervals; 5 that count less are left out"


@pytest.mark.parametrize("numeric", [True, False], ids=["number", "word"])
def test_a_dependence_shows_each_point_and_the_missing(numeric: bool) -> None:
    values: Any = np.where(np.arange(200) % 5 == 0, np.nan, np.arange(200) % 4)
    if not numeric:
        values = [None if np.isnan(value) else f"<b>{value:.0f}" for value in values.tolist()]
    found = dependence(np.random.default_rng(2).normal(size=200), values, np.arange(200), draws=50)
    chart = dependence_chart({"criterion": "visits", "label": "Visits", "column": "visits.count_7d", **found})
    shown = chart["data"]["values"]
    assert [row["n"] for row in shown] == [40] * 5
    assert shown[-1]["name"] == "unknown"
    assert chart["title"]["text"] == "Visits by count_7d"
    svg = vl_convert.vegalite_to_svg(chart)
    assert "<b>" not in svg
    assert "unknown" in svg


def test_no_chart_names_an_address() -> None:
    assert "://" not in json.dumps(importance_chart(rows()))


def test_an_interval_that_is_not_known_leaves_the_bar() -> None:
    found = importance(np.ones((3, 20)), CRITERIA, np.zeros(3, dtype=np.int64))
    assert {row["low"] for row in importance_chart(found)["data"]["values"]} == {None}
    assert vl_convert.vegalite_to_svg(importance_chart(found)).startswith("<svg")


def figure(value: float) -> dict[str, float]:
    return {"value": value, "low": value, "high": value}


@pytest.mark.parametrize(
    ("what", "value", "was", "now", "said"),
    [
        ("share", None, 0.1, 0.25, "calls counts for more: 10 % of the explanation before, 25 % now."),
        ("share", None, 0.25, 0.1, "calls counts for less: 25 % of the explanation before, 10 % now."),
        ("direction", None, 0.5, -0.5, "calls turned: more of it speaks against a lead now, and spoke for it before."),
        ("value", "web\n", -0.5, 0.5, "calls turned: web speaks for a lead now, and spoke against it before."),
    ],
)
def test_a_turn_is_a_sentence(what: str, value: str | None, was: float, now: float, said: str) -> None:
    row = {"criterion": "calls", "what": what, "value": value, "was": figure(was), "now": figure(now)}
    assert turn_words(row) == said

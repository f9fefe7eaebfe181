"""Tables and pictures of what judges a model: whole at 80 columns, and drawn as any reader of SVG and JSON takes it."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree

import altair
import numpy as np
import pytest

from pipeline.learning.metrics import FIGURES
from pipeline.views.judged import backtest_table, capacity_table
from pipeline.views.over_time import _ticks, drawn, over_time_chart, over_time_page, over_time_svg
from tests.views.test_terminal import printed

NONE = {"value": None, "low": None, "high": None, "why": "not here"}


def figure(value: float) -> dict[str, float]:
    return {"value": value, "low": value - 0.04, "high": value + 0.05}


def period(month: int, won: int = 40, **own: Any) -> dict[str, Any]:
    return {
        "from": f"2026-{month:02d}-01T00:00:00Z",
        "to": f"2026-{month:02d}-28T00:00:00Z",
        "n": 12_345,
        "won": 3 * won,
        "won_leads": won,
        "base_rate": 0.05,
        "trained_on": {"observations": 123_456, "won_leads": 400, "trees": 120, "kind": "trees"},
        "figures": {
            "model": dict.fromkeys(FIGURES, figure(0.81)),
            "scorecard": dict.fromkeys(FIGURES, NONE),
            "logistic": dict.fromkeys(FIGURES, figure(0.78)),
            "base_rate": dict.fromkeys(FIGURES, figure(0.5)),
        },
        "against_base_rate": figure(-0.1),
        "verdict": "Better: log loss <b> -0.1000 (-0.1400 to -0.0500) against the base rate's.",
        "said": [],
    } | own


def result(*periods: dict[str, Any]) -> dict[str, Any]:
    return {"name": "a & b", "period": "30d", "horizon": "30d", "periods": list(periods), "said": ["All [x] well."]}


def test_every_period_stands_on_one_line_of_80_columns() -> None:
    shown = printed(backtest_table(result(period(3), period(4))))
    assert shown.count("0.770 to 0.860") == 4
    assert re.search(r"^ 2026-03-01 +12,345 +40 +123,456 +400 +120 *$", shown, re.MULTILINE)
    assert "scorecard" not in shown
    assert "Better: log loss <b>" in shown


def test_a_period_without_figures_has_dashes() -> None:
    empty = {name: dict.fromkeys(FIGURES, NONE) for name in ("model", "scorecard", "logistic", "base_rate")}
    shown = printed(backtest_table(result(period(3, figures=empty), period(4))))
    assert len(re.findall(r"2026-03-01 +- +- *$", shown, re.MULTILINE)) == 1


def capacity_result(**own: Any) -> dict[str, Any]:
    row = {name: figure(0.31) for name in ("precision", "share", "amount_share", "amount")}
    row |= {name: {"value": 257.0, "low": 234.2, "high": 281.0} for name in ("caught", "expected", "early", "missed")}
    row |= {"lift": figure(6.2), "called": 840.0}
    skip = [
        {"share": share, "leads_a_list": 139.5, "conversions": {"value": share / 4, "low": 0.0, "high": share / 2}}
        for share in (0.1, 0.2, 0.6, 0.9)
    ]
    whole = {
        "weeks": 28,
        "days": 7,
        "leads_a_list": 1395.0,
        "conversions": 557,
        "skip": skip,
        "said": ["Safe [y]."],
        "by_value": {"by": "company_size"},
    }
    return whole | {"table": [{"per_week": 30, **row, "by_value": row}]} | own


def test_calls_stand_with_their_intervals_below() -> None:
    shown = printed(capacity_table(capacity_result()) or "")
    assert "28 lists, 7 days apart, of 1,395 open leads, 557 convert" in shown
    assert "234–281" in shown
    assert "27–36 %" in shown
    assert "amount by expected value" in shown.replace("\n", " ") or "amount by expected" in shown
    assert shown.endswith("Safe [y].")


def test_leads_to_skip_are_shown_up_to_a_bound_of_a_quarter() -> None:
    shown = printed(capacity_table(capacity_result()) or "")
    assert " 60 %" in shown
    assert " 90 %" not in shown


def test_without_weeks_nothing_is_shown() -> None:
    assert capacity_table(capacity_result(table=[])) is None


@pytest.mark.parametrize("periods", [[period(3)], [period(3), period(4, won=3), period(5)]])
def test_the_picture_is_an_image_that_any_reader_takes(periods: list[dict[str, Any]]) -> None:
    svg = over_time_svg(result(*periods))
    root = ElementTree.fromstring(svg)
    assert root.tag.endswith("svg")
    assert "a &amp; b" in svg
    rings = svg.count('fill="#ffffff" stroke="#1a7f64"')
    assert rings == 2 * sum(one["won_leads"] < 10 for one in periods)
    inside = [float(circle.attrib["cy"]) for circle in root.iter() if circle.tag.endswith("circle")]
    assert 0 < min(inside) <= max(inside) < float(root.attrib["height"])


def test_a_period_without_figures_breaks_the_line_and_its_band() -> None:
    empty = {name: dict.fromkeys(FIGURES, NONE) for name in ("model", "scorecard", "logistic", "base_rate")}
    whole = over_time_svg(result(*(period(month) for month in (1, 2, 3, 4, 5))))
    broken = over_time_svg(result(period(1), period(2), period(3, figures=empty), period(4), period(5)))
    assert broken.count("<polygon") == 2 * whole.count("<polygon")


def test_nothing_to_draw_is_said() -> None:
    empty = {name: dict.fromkeys(FIGURES, NONE) for name in ("model", "scorecard", "logistic", "base_rate")}
    assert over_time_svg(result(period(3, figures=empty))).count("no period has this figure") == 2


def test_the_page_stands_alone_and_escapes_what_it_says() -> None:
    page = over_time_page(result(period(3)))
    assert "Better: log loss &lt;b&gt;" in page
    assert "All [x] well." in page
    assert "src=" not in page
    assert drawn(result(period(3)), ".html") == page


def test_the_specification_is_one_that_altair_takes() -> None:
    plain = json.loads(drawn(result(period(3), period(4)), ".json"))
    assert plain == over_time_chart(result(period(3), period(4)))
    altair.Chart.from_dict(plain)
    rows = plain["data"]["values"]
    assert {row["who"] for row in rows} == {"model", "logistic regression", "base rate"}
    assert all(row["low"] < row["value"] < row["high"] for row in rows)


def test_parts_of_a_file_without_dates_are_numbered() -> None:
    undated = result(period(3, **{"from": None, "to": None}))
    assert "part 1" in printed(backtest_table(undated))
    assert "part 1" in over_time_svg(undated)


def test_an_axis_holds_any_two_ends_by_a_few_round_numbers() -> None:
    random = np.random.default_rng(1)
    for size in 10.0 ** random.uniform(-5, 3, 300):
        low, high = sorted(random.normal(0, size, 2))
        ticks = _ticks(low, high)
        assert 2 <= len(ticks) <= 9
        assert ticks[0] <= low + 1e-9 <= high <= ticks[-1] + 1e-9
    assert len(_ticks(0.5, 0.5)) >= 2

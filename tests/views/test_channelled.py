"""Channels for people: a table, a csv and pictures that hold every channel and each interval."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from pipeline.definitions.spans import DAY
from pipeline.quality.channels import by_channel
from pipeline.quality.cohorts import Came, Periods, Spent
from pipeline.tables.columns import NEVER, Texts
from pipeline.views.channel_charts import channels_chart, cost_chart, drawn, rate_chart
from pipeline.views.channelled import channels_table


def figures(
    costs: bool = True, campaigns: bool = False, created: int = 700, model: str | None = "m1"
) -> dict[str, Any]:
    """40 leads of search, one in four won; 10 of [b]fair, none won; both cost 100."""
    name = ["search"] * 40 + ["[b]fair"] * 10
    won_at = np.where((np.arange(50) < 40) & (np.arange(50) % 4 == 0), created * DAY + DAY, NEVER)
    came = Came(
        np.full(50, created * DAY),
        Texts.of(name),
        Texts.of(["spring", "autumn"] * 25),
        np.arange(50),
        won_at,
        np.full(50, np.nan),
        np.full(50, np.nan),
        None if model is None else np.where(won_at == NEVER, 0.1, np.nan),
    )
    spent = Spent(np.full(2, created * DAY), Texts.of(["search", "[b]fair"]), Texts.missing(2), np.full(2, 100.0))
    result = by_channel(came, spent if costs else None, Periods(1_000 * DAY, 100 * DAY), campaigns=campaigns)
    result["latest"]["horizon_days"] = None if model is None else 30.0
    return {"model_version": model, **result}


def shown(result: dict[str, Any]) -> str:
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(channels_table(result))
    return console.export_text()


def test_the_tables_show_every_channel_with_its_cost_and_interval() -> None:
    text = shown(figures())
    for words in ("search", "[b]fair", "per conversion", "won, expected", "within 30 days"):
        assert words in text
    assert "over 27.1" in text  # none converted: 100 over 3.69


def test_without_spend_no_column_of_cost_is_there_and_without_a_model_none_of_what_is_expected() -> None:
    text = shown(figures(costs=False, model=None))
    assert "cost" not in text
    assert "expected" not in text
    assert "conversions" in text


def test_campaigns_stand_below_their_channel() -> None:
    assert "spring" in shown(figures(campaigns=True))


def test_of_many_channels_the_largest_are_shown_and_the_others_counted() -> None:
    result = figures()
    result["channels"] = [row | {"channel": f"c{place}"} for place in range(50) for row in result["channels"][:1]]
    text = shown(result)
    assert "c39" in text
    assert "c40" not in text
    assert "10 more" in text


def test_the_csv_has_a_line_a_channel_and_an_empty_cell_where_nothing_is_known() -> None:
    lines = {row["channel"]: row for row in csv.DictReader(io.StringIO(drawn(figures(), ".csv")))}
    assert set(lines) == {"search", "[b]fair"}
    assert lines["search"]["settled_cost_per_conversion"] == "10.0"
    assert lines["[b]fair"]["settled_cost_per_conversion"] == ""
    assert float(lines["[b]fair"]["settled_cost_per_conversion_low"]) == pytest.approx(27.1, abs=0.01)


def test_an_interval_without_an_upper_end_is_drawn_beyond_the_others_and_has_no_point() -> None:
    chart = cost_chart(figures())
    assert chart is not None
    drawn_values = {(row["channel"], row["of"][:12]): row for row in chart["data"]["values"]}
    open_ended = drawn_values["[b]fair", "a conversion"]
    assert open_ended["value"] is open_ended["high"] is None
    assert open_ended["to"] > max(row["high"] for row in drawn_values.values() if row["high"] is not None)


def test_a_picture_that_would_be_empty_says_why() -> None:
    result = figures(costs=False, created=990)
    assert cost_chart(result) is rate_chart(result) is None
    assert "nothing to draw" in json.dumps(channels_chart(result))


@pytest.mark.parametrize("costs", [True, False])
def test_pictures_are_drawn_and_name_every_channel(costs: bool) -> None:
    picture = drawn(figures(costs=costs), ".svg")
    assert picture.startswith("<svg")
    assert "search" in picture
    assert "[b]fair" in picture


def test_a_page_stands_alone_and_says_what_the_figures_say() -> None:
    result = figures()
    result["said"].append("A name of <script> is text.")
    page = drawn(result, ".html")
    assert "<svg" in page
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert "src=" not in page

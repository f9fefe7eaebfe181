"""Pictures of channels: what a conversion costs and how many leads convert, with intervals, as Vega-Lite."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import Any

from pipeline.quality.advice import name
from pipeline.reasons.wording import line
from pipeline.views.channelled import figures_csv
from pipeline.views.palette import FONT, FOR, INK, SOFT

Plain = Mapping[str, Any]

ENDINGS = (".svg", ".html", ".json", ".csv")
"""What a file of channels may end in."""
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
BEYOND = 1.5
"""An interval without an upper end is drawn to so many times the greatest end of the others."""
MOST = 30
"""Rows of a picture."""
EMPTY = "No lead's time to convert is over, and nothing is known of costs: there is nothing to draw."


def drawn(result: Plain, ending: str) -> str:
    """The text of a file with one of the ENDINGS: a picture, a page, its specification, or the figures."""
    if ending == ".csv":
        return figures_csv(result)
    if ending == ".json":
        return json.dumps(channels_chart(result), indent=1, ensure_ascii=False) + "\n"
    picture = _svg(channels_chart(result))
    return picture if ending == ".svg" else _page(result, picture)


def _svg(specification: dict[str, Any]) -> str:
    import vl_convert

    return str(vl_convert.vegalite_to_svg(json.dumps(specification), vl_version="6.4"))


def _page(result: Plain, picture: str) -> str:
    """A page that stands alone: what is said, and the picture."""
    sentences = "".join(f"<p>{escape(line(one))}</p>" for one in result["said"])
    look = (
        f"body{{font-family:{FONT};color:{INK};max-width:60em;margin:2em auto;padding:0 1em}}"
        "svg{max-width:100%;height:auto}"
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Channels</title>'
        f'<meta name="viewport" content="width=device-width"><style>{look}</style></head>\n<body>\n'
        f"<h1>Channels</h1>{sentences}\n{picture}\n</body></html>\n"
    )


def channels_chart(result: Plain) -> dict[str, Any]:
    """The specification of both pictures, one below the other; of a sentence where neither has anything to show."""
    charts = {"What a conversion costs": cost_chart(result), "How many leads convert": rate_chart(result)}
    titled = [
        {key: value for key, value in chart.items() if key != "$schema"} | {"title": {"text": words, "anchor": "start"}}
        for words, chart in charts.items()
        if chart is not None
    ]
    whole: dict[str, Any] = {"$schema": SCHEMA, "background": "white"}
    if not titled:
        return whole | {"data": {"values": [{}]}, "mark": {"type": "text", "text": EMPTY}, "width": 700}
    return whole | {"vconcat": titled, "resolve": {"scale": {"color": "independent"}}}


def cost_chart(result: Plain) -> dict[str, Any] | None:
    """The specification of what a conversion costs, settled and expected; None where no such cost is known."""
    figures = {
        "a conversion, settled period": ("settled", "cost_per_conversion"),
        "an expected conversion, latest period": ("latest", "cost_per_expected_conversion"),
    }
    return _intervals(result, figures, "cost, with its 95 % interval", ",.0f", greatest=False)


def rate_chart(result: Plain) -> dict[str, Any] | None:
    """The specification of the share of leads that converted in the settled period; None where there was no lead."""
    figures = {"leads that converted, settled period": ("settled", "rate")}
    return _intervals(result, figures, "share of the leads, with its 95 % interval", ".1%", greatest=True)


def _intervals(
    result: Plain, figures: Mapping[str, tuple[str, str]], title: str, look: str, *, greatest: bool
) -> dict[str, Any] | None:
    """A point and its interval for each channel and figure, the greatest values first, or the least."""
    shown = [
        (line(name(row)), words, row[part][key], row[part]["leads"])
        for row in result["channels"]
        for words, (part, key) in figures.items()
        if row[part][key]["low"] is not None
    ]
    if not shown:
        return None
    ends = [figure[end] for _, _, figure, _ in shown for end in ("value", "low", "high") if figure[end] is not None]
    rank = {channel: figure["value"] or figure["low"] for channel, _, figure, _ in reversed(shown)}
    order = sorted(rank, key=lambda each: rank[each], reverse=greatest)[:MOST]
    values = [
        {"channel": channel, "of": words, "leads": leads, "value": figure["value"], "low": figure["low"]}
        | {"high": figure["high"], "to": figure["high"] or BEYOND * max(ends)}
        for channel, words, figure, leads in shown
        if channel in order
    ]
    quantity = {"type": "quantitative", "axis": {"format": look}, "title": title, "scale": {"zero": True}}
    tooltip: list[dict[str, Any]] = [
        {"field": "channel", "type": "nominal"},
        {"field": "of", "type": "nominal", "title": "of"},
        {"field": "leads", "type": "quantitative", "format": ","},
        *({"field": end, "type": "quantitative", "format": look} for end in ("value", "low", "high")),
    ]
    encoding = {
        "y": {"field": "channel", "type": "nominal", "title": None, "sort": order, "axis": {"labelLimit": 220}},
        "color": {
            "field": "of",
            "type": "nominal",
            "title": None,
            "scale": {"domain": [*figures], "range": [FOR, SOFT][: len(figures)]},
            "legend": {"orient": "top", "direction": "vertical", "labelLimit": 400} if len(figures) > 1 else None,
        },
        "tooltip": tooltip,
    }
    if len(figures) > 1:
        encoding["yOffset"] = {"field": "of", "type": "nominal", "sort": [*figures]}
    rule = {"x": quantity | {"field": "low"}, "x2": {"field": "to"}}
    points = {"mark": {"type": "point", "filled": True, "size": 60}, "encoding": {"x": quantity | {"field": "value"}}}
    return {
        "$schema": SCHEMA,
        "data": {"values": values},
        "width": 560,
        "height": {"step": 18},
        "encoding": encoding,
        "layer": [
            {"mark": {"type": "rule", "strokeWidth": 2}, "encoding": rule},
            points | {"transform": [{"filter": "isValid(datum.value)"}]},
        ],
    }

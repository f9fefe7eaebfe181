"""Charts of many leads' explanations, as Vega-Lite specifications: what counts, how it depends on the value.

They are plain data without an address, to draw with altair, vl-convert or in a page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.reasons.wording import line, number
from pipeline.views.palette import BLUE, FAINT, FOR, INK, SOFT

Plain = Mapping[str, Any]
Spec = dict[str, Any]

SIDES = {"fit": BLUE, "intent": FOR}
WIDTH, STEP = 460, 22
CONTRIBUTION = "contribution in log-odds"


def importance_chart(rows: Sequence[Plain], title: str = "What counts", most: int = 15) -> Spec:
    """Bars of mean |contribution| with their intervals, the largest on top; of `importance`, `families` or `sides`.

    Beyond `most` rows the rest is left out, and the subtitle says how many.
    """
    shown = [
        {
            "name": line(row.get("label") or row.get("family") or row["side"]),
            "side": row["side"],
            "share": row["share"],
            **{part: row["importance"][part] for part in ("value", "low", "high")},
        }
        for row in rows[:most]
    ]
    names = {"field": "name", "type": "nominal", "sort": [row["name"] for row in shown], "title": None}
    rest = f"; {len(rows) - most} that count less are left out" if len(rows) > most else ""
    across = {"field": "value", "type": "quantitative", "title": "mean |contribution|, in log-odds"}
    side = {
        "field": "side",
        "type": "nominal",
        "scale": {"domain": list(SIDES), "range": list(SIDES.values())},
        "title": None,
    }
    told = [
        {"field": "name", "title": "criterion"},
        {"field": "value", "format": ".3f", "title": "mean |contribution|"},
        {"field": "low", "format": ".3f", "title": "from"},
        {"field": "high", "format": ".3f", "title": "to"},
        {"field": "share", "format": ".1%", "title": "share of the explanation"},
    ]
    return _chart(
        title,
        f"with 95 % intervals{rest}",
        shown,
        [
            {
                "mark": {"type": "bar", "height": 13, "cornerRadius": 2},
                "encoding": {"y": names, "x": across, "color": side, "tooltip": told},
            },
            {
                "mark": {"type": "rule", "color": INK, "strokeWidth": 1.5},
                "encoding": {"y": names, "x": {"field": "low", "type": "quantitative"}, "x2": {"field": "high"}},
            },
        ],
        STEP,
    )


def dependence_chart(found: Plain) -> Spec:
    """The median contribution against the value, with the middle eight tenths of the observations and its interval.

    `found` is what `Explained.dependence` gives: `many.dependence` with `label` and `column`.
    """
    shown = [_point(point, found["kind"]) for point in (*found["points"], found["missing"]) if point is not None]
    named = [point["name"] for point in shown]
    place: Spec = {"field": "name", "type": "nominal", "sort": named, "title": None}
    amount = {"field": "value", "type": "quantitative", "title": CONTRIBUTION}
    told = [
        {"field": "name", "title": "value"},
        {"field": "n", "format": ",", "title": "observations"},
        {"field": "value", "format": "+.3f", "title": "median contribution"},
        {"field": "low", "format": "+.3f", "title": "from"},
        {"field": "high", "format": "+.3f", "title": "to"},
    ]
    # Numbers rise to the right; words are read across, and stand below one another.
    flat = found["kind"] == "number"
    first, second = ("x", "y") if flat else ("y", "x")
    if flat:
        place |= {"axis": {"labelAngle": -40}}

    def ends(low: str, high: str) -> Spec:
        return {first: place, second: {**amount, "field": low}, f"{second}2": {"field": high}}

    layers: list[Spec] = [
        {"mark": {"type": "rule", "color": SOFT, "strokeDash": [3, 3]}, "encoding": {second: {"datum": 0}}},
        {"mark": {"type": "rule", "color": "#b9d8ce", "strokeWidth": 7}, "encoding": ends("low_tenth", "high_tenth")},
        {"mark": {"type": "rule", "color": INK, "strokeWidth": 1.5}, "encoding": ends("low", "high")},
        {
            "mark": {"type": "circle", "color": FOR, "size": 60, "opacity": 1},
            "encoding": {first: place, second: amount, "tooltip": told},
        },
    ]
    column = "" if found["column"] == found["criterion"] else f" by {found['column'].partition('.')[2]}"
    spec = _chart(
        f"{line(found['label'])}{column}",
        "dot: median and its 95 % interval; band: eight of ten observations",
        shown,
        layers,
        STEP,
    )
    if flat:
        spec |= {"width": {"step": 42}, "height": 240}
    return spec


def turn_words(row: Plain) -> str:
    """One row of `turned` as a sentence."""
    was, now = row["was"]["value"], row["now"]["value"]
    if row["what"] == "share":
        grew = "more" if now > was else "less"
        share = f"{100 * was:.0f} % of the explanation before, {100 * now:.0f} % now"
        return f"{row['criterion']} counts for {grew}: {share}."
    if row["what"] == "direction":
        way = ("for", "against") if now > 0 else ("against", "for")
        return f"{row['criterion']} turned: more of it speaks {way[0]} a lead now, and spoke {way[1]} it before."
    way = ("for", "against") if now > 0 else ("against", "for")
    return f"{row['criterion']} turned: {line(row['value'])} speaks {way[0]} a lead now, and spoke {way[1]} it before."


def _point(point: Plain, kind: str) -> Spec:
    name = "unknown" if point["value"] is None else line(point["value"])
    if kind == "number" and point["value"] is not None:
        low, high = number(point["from"]), number(point["to"])
        name = low if low == high else f"{low} to {high}"
    figure = point["contribution"]
    return {
        "name": name,
        "n": point["n"],
        "low_tenth": point["low_tenth"],
        "high_tenth": point["high_tenth"],
        **{part: figure[part] for part in ("value", "low", "high")},
    }


def _chart(title: str, under: str, rows: Sequence[Plain], layers: Sequence[Spec], step: int | None) -> Spec:
    return {
        "title": {"text": title, "subtitle": under, "anchor": "start", "color": INK, "subtitleColor": SOFT},
        "width": WIDTH,
        "height": 240 if step is None else {"step": step},
        "data": {"values": [dict(row) for row in rows]},
        "layer": list(layers),
        "config": {
            "view": {"stroke": None},
            "axis": {
                "labelColor": INK,
                "titleColor": SOFT,
                "titleFontWeight": 400,
                "gridColor": FAINT,
                "labelOverlap": True,
            },
            "axisY": {"labelLimit": 220},
            "legend": {"orient": "bottom"},
        },
    }

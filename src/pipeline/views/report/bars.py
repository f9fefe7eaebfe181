"""The report's bars as Vega-Lite specifications: what counts, and for which values; None where there is nothing."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.views.palette import AGAINST, BLUE, FAINT, FOR, INK
from pipeline.views.report.marks import Plain, Spec, ends, names, quantitative, tooltip

SIDES = {"fit": "fit: who they are", "intent": "intent: what they do"}


def bars(rows: Sequence[Plain], title: str, form: str = ".3f") -> Spec | None:
    """Names with a value and its interval, the first on top; `side` tells fit from intent where it is given."""
    if not rows:
        return None
    values = [dict(one) for one in rows]
    y, height = names(values, 24)
    x = quantitative("value", title, scale={"zero": True}, axis={"tickCount": 5})
    tip = tooltip(("name", "name", None), ("value", "value", form), ("low", "from", form), ("high", "to", form))
    colour: Spec = {"value": FOR}
    if "side" in rows[0]:
        colour = {
            "field": "side",
            "type": "nominal",
            "title": None,
            "scale": {"domain": [*SIDES.values()], "range": [BLUE, FOR]},
            "legend": {"columns": 1},
        }
    return {
        "height": height,
        "data": {"values": values},
        "encoding": {"y": y},
        "layer": [
            {
                "mark": {"type": "bar", "height": 14, "cornerRadiusEnd": 2, "opacity": 0.85},
                "encoding": {"x": x, "color": colour, "tooltip": tip},
            },
            {
                "mark": {"type": "rule", "color": INK},
                "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "tooltip": tip},
            },
        ],
    }


def dependence(found: Plain, most: float) -> Spec | None:
    """What a criterion adds in log-odds by its value; all of a page share the scale from -`most` to `most`."""
    values = [
        {"name": name_of(point), "n": point["n"], **ends(point["contribution"])}
        for point in points_of(found)
        if point["contribution"]["value"] is not None
    ]
    if not values:
        return None
    for one in values:
        one["sign"] = "for" if one["value"] > 0 else "against"
    x = quantitative("value", "log-odds added", scale={"domain": [-most, most]}, axis={"tickCount": 5})
    y, height = names(values, 20)
    colour = {
        "field": "sign",
        "type": "nominal",
        "legend": None,
        "scale": {"domain": ["for", "against"], "range": [FOR, AGAINST]},
    }
    tip = tooltip(
        ("name", "value", None),
        ("value", "log-odds", "+.2f"),
        ("low", "from", "+.2f"),
        ("high", "to", "+.2f"),
        ("n", "observations", ","),
    )
    return {
        "height": height,
        "data": {"values": values},
        "encoding": {"y": y},
        "layer": [
            {"mark": {"type": "rule", "color": FAINT}, "encoding": {"x": {"datum": 0}}},
            {
                "mark": {"type": "bar", "height": 11, "cornerRadiusEnd": 2},
                "encoding": {"x": x, "color": colour, "tooltip": tip},
            },
            {
                "mark": {"type": "rule", "color": INK},
                "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "tooltip": tip},
            },
        ],
    }


def points_of(found: Plain) -> list[Plain]:
    """The points of a dependence, the missing values last."""
    return [*found["points"], *([found["missing"]] if found["missing"] else [])]


def name_of(point: Plain) -> str:
    """A category, or what a part of the numbers goes from and to, in a few signs.

    >>> name_of({"value": "food"}), name_of({"value": None}), name_of({"value": 2.0, "from": 1.26, "to": 30.4})
    ('food', '(missing)', '1.3 to 30')
    """
    if "from" not in point:
        return "(missing)" if point["value"] is None else str(point["value"])
    low, high = (_short(point[key]) for key in ("from", "to"))
    return low if low == high else f"{low} to {high}"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) or abs(value) >= 10 else f"{value:.2g}"

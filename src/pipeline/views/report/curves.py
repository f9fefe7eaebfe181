"""The report's curves as Vega-Lite specifications, their data inside; None where there is nothing to draw."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.views.palette import FOR, JUDGED, SOFT, TINTS
from pipeline.views.report.marks import Plain, Spec, ends, per_cent, quantitative, roots, tooltip


def reliability(bins: Sequence[Plain]) -> Spec | None:
    """Mean probability against the won share of each bin with its interval, on square roots: most chances are small."""
    values = [
        {"given": one["mean_probability"], "n": one["n"], **ends(one["won_share"])}
        for one in bins
        if one["won_share"]["value"] is not None
    ]
    if not values:
        return None
    most = max([*(one["given"] for one in values), *(one["high"] or one["value"] for one in values)]) * 1.05
    scale = {"type": "sqrt", "domain": [0, most]}
    axis = per_cent(*roots(most))
    x = quantitative("given", "probability given", scale=scale, axis=axis)
    y = quantitative("value", "won share, 95 % interval", scale=scale, axis=axis)
    line = [{"given": most * part / 50, "value": most * part / 50} for part in range(51)]
    tip = tooltip(
        ("given", "given", ".2%"),
        ("value", "won", ".2%"),
        ("low", "from", ".2%"),
        ("high", "to", ".2%"),
        ("n", "observations", ","),
    )
    return {
        "height": 300,
        "layer": [
            {
                "data": {"values": line},
                "mark": {"type": "line", "strokeDash": [4, 4], "color": SOFT, "strokeWidth": 1},
                "encoding": {"x": x, "y": y},
            },
            {
                "data": {"values": values},
                "mark": {"type": "rule", "color": FOR, "strokeWidth": 2},
                "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
            },
            {
                "data": {"values": values},
                "mark": {"type": "point", "filled": True, "color": FOR, "size": 70},
                "encoding": {"x": x, "y": y, "tooltip": tip},
            },
        ],
    }


def gain(points: Sequence[Plain]) -> Spec | None:
    """The won share that the highest probabilities hold, with a band of 95 %."""
    values = [{"share": one["share"], **ends(one["caught"])} for one in points if one["caught"]["value"] is not None]
    if not values:
        return None
    start: Spec = {"share": 0.0, "value": 0.0, "low": 0.0, "high": 0.0}
    x = quantitative("share", "share of the leads, the best first", axis=per_cent(0, 0.3, 0.6, 1))
    y = quantitative("value", "share of the conversions", axis=per_cent(), scale={"domain": [0, 1]})
    tip = tooltip(
        ("share", "of the leads", ".0%"),
        ("value", "of the conversions", ".1%"),
        ("low", "from", ".1%"),
        ("high", "to", ".1%"),
    )
    chance = [{"share": 0, "value": 0}, {"share": 1, "value": 1}]
    return {
        "height": 300,
        "data": {"values": [start, *values]},
        "layer": [
            {
                "data": {"values": chance},
                "mark": {"type": "line", "strokeDash": [4, 4], "color": SOFT, "strokeWidth": 1},
                "encoding": {"x": x, "y": y},
            },
            {
                "mark": {"type": "area", "color": FOR, "opacity": 0.15, "clip": True},
                "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
            },
            {
                "mark": {"type": "line", "color": FOR, "point": {"filled": True, "color": FOR}},
                "encoding": {"x": x, "y": y, "tooltip": tip},
            },
        ],
    }


def lift(points: Sequence[Plain]) -> Spec | None:
    """How many times as many conversions as at random the best leads hold."""
    values = [
        {"share": one["share"]}
        | {key: None if end is None else end / one["share"] for key, end in ends(one["caught"]).items()}
        for one in points
        if one["caught"]["value"] is not None and one["share"] > 0
    ]
    if not values:
        return None
    x = quantitative("share", "share of the leads, the best first", axis=per_cent(*roots(1)), scale={"type": "sqrt"})
    y = quantitative("value", "times as many as at random")
    tip = tooltip(
        ("share", "of the leads", ".0%"), ("value", "lift", ".2f"), ("low", "from", ".2f"), ("high", "to", ".2f")
    )
    return {
        "height": 300,
        "data": {"values": values},
        "layer": [
            {
                "mark": {"type": "area", "color": FOR, "opacity": 0.15, "clip": True},
                "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
            },
            {
                "mark": {"type": "line", "color": FOR, "point": {"filled": True, "color": FOR}},
                "encoding": {"x": x, "y": y, "tooltip": tip},
            },
            {"mark": {"type": "rule", "color": SOFT, "strokeDash": [4, 4]}, "encoding": {"y": {"datum": 1}}},
        ],
    }


def over_time(periods: Sequence[Plain], names: Sequence[str], key: str, title: str) -> Spec | None:
    """One figure of each period of the backtest, of the model and its rivals."""
    values = [
        {"period": name, "who": JUDGED[who], "won": one["won_leads"], **ends(one["figures"][who][key])}
        for one, name in zip(periods, names, strict=True)
        for who in JUDGED
        if who in one["figures"]
        and one["figures"][who][key]["value"] is not None
        and (who, key) != ("base_rate", "auc")
    ]
    if not values:
        return None
    there = [who for who, words in JUDGED.items() if any(one["who"] == words for one in values)]
    colour = {
        "field": "who",
        "type": "nominal",
        "title": None,
        "scale": {"domain": [JUDGED[who] for who in there], "range": [TINTS[who] for who in there]},
        "legend": {"columns": 2},
    }
    x = {
        "field": "period",
        "type": "ordinal",
        "title": None,
        "sort": None,
        "axis": {"labelAngle": 0, "labelOverlap": True},
    }
    y = quantitative("value", title, scale={"zero": False})
    tip = tooltip(
        ("period", "from", None),
        ("who", "of", None),
        ("value", key.replace("_", " "), ".3f"),
        ("low", "from", ".3f"),
        ("high", "to", ".3f"),
        ("won", "won leads", ","),
    )
    return {
        "height": 240,
        "data": {"values": values},
        "encoding": {"x": x, "color": colour},
        "layer": [
            {
                "transform": [{"filter": "datum.who == 'model'"}],
                "mark": {"type": "rule", "strokeWidth": 2, "opacity": 0.5},
                "encoding": {"y": {**y, "field": "low"}, "y2": {"field": "high"}},
            },
            {"mark": {"type": "line", "point": {"filled": True}}, "encoding": {"y": y, "tooltip": tip}},
        ],
    }

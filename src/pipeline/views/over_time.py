"""Quality over time as a picture: a panel a figure, a line and a band of 95 % for each of the model and its rivals.

Drawn as an SVG that stands alone, as a page around it, or as a Vega-Lite specification to change and draw elsewhere.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from pipeline.quality.evaluation import WON_TO_JUDGE
from pipeline.views.palette import FAINT, FONT, INK, JUDGED, LINE, SOFT, TINTS

Plain = Mapping[str, Any]

PANELS = {"auc": "AUC: 0.5 is chance, 1 is perfect ranking", "log_loss": "Log loss: less is better"}
WIDTH, LEFT, RIGHT = 900, 76, 28
TOP, HEIGHT, GAP = 116, 190, 76
LABELS = 9
"""Periods whose first day is written below the panels."""


def drawn(result: Plain, ending: str) -> str:
    """The text of a file that ends in `.svg`, `.html` or `.json` (Vega-Lite), for what `backtest` gave."""
    if ending == ".svg":
        return over_time_svg(result)
    if ending == ".html":
        return over_time_page(result)
    return json.dumps(over_time_chart(result), indent=1, ensure_ascii=False) + "\n"


def over_time_svg(result: Plain) -> str:
    """The picture, 900 pixels wide, for light pages. A ring marks a period with too few won leads to judge."""
    panels = list(PANELS)
    height = TOP + len(panels) * (HEIGHT + GAP) + 12
    body = [*_head(result)]
    for number, figure in enumerate(panels):
        body += _panel(result, figure, TOP + number * (HEIGHT + GAP))
    body.append(_text(LEFT, height - 22, _foot(), 12, fill=SOFT))
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
            f'role="img" font-family="{FONT}">',
            f"<title>{escape(_title(result))}</title>",
            f'<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="10" fill="#ffffff" stroke="{LINE}"/>',
            *body,
            "</svg>",
            "",
        ]
    )


def over_time_page(result: Plain) -> str:
    """A page that stands alone: the picture, what is said of the whole and of each period."""
    said = "".join(f"<p>{escape(one)}</p>" for one in result["said"])
    rows = "".join(
        f"<tr><td>{escape(_name(one, number))}</td><td>{one['n']:,}</td><td>{one['won_leads']:,}</td>"
        f"<td>{escape(one['verdict'])}</td></tr>"
        for number, one in enumerate(result["periods"], start=1)
    )
    look = (
        f"body{{font-family:{FONT};color:{INK};max-width:{WIDTH}px;margin:2em auto;padding:0 1em}}"
        "svg{max-width:100%;height:auto}table{border-collapse:collapse;width:100%}"
        f"td,th{{text-align:left;padding:.35em .8em .35em 0;border-bottom:1px solid {LINE};vertical-align:top}}"
    )
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(_title(result))}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{look}</style></head>\n<body>\n'
        f"{over_time_svg(result)}{said}\n<table><tr><th>from</th><th>observations</th><th>won leads</th>"
        f"<th>verdict</th></tr>{rows}</table>\n</body></html>\n"
    )


def over_time_chart(result: Plain) -> dict[str, Any]:
    """The Vega-Lite specification, its data inside."""
    who = _judged(result)
    colour = {
        "field": "who",
        "type": "nominal",
        "title": None,
        "scale": {"domain": [JUDGED[name] for name in who], "range": [TINTS[name] for name in who]},
    }
    x = {"field": "period", "type": "ordinal", "title": None, "axis": {"labelAngle": 0}, "sort": None}

    def panel(figure: str) -> dict[str, Any]:
        y = {"field": "value", "type": "quantitative", "title": None, "scale": {"zero": False}}
        band = {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}, "color": colour}
        return {
            "title": {"text": PANELS[figure], "anchor": "start", "fontSize": 12},
            "width": 700,
            "height": HEIGHT,
            "transform": [{"filter": f"datum.figure == '{figure}'"}],
            "layer": [
                {"mark": {"type": "area", "opacity": 0.14}, "encoding": band},
                {"mark": {"type": "rule", "opacity": 0.35}, "encoding": band},
                {"mark": {"type": "line", "point": True}, "encoding": {"x": x, "y": y, "color": colour}},
            ],
        }

    values = [
        {"period": _name(one, number), "who": JUDGED[name], "figure": figure, "won_leads": one["won_leads"]}
        | {key: one["figures"][name][figure][key] for key in ("value", "low", "high")}
        for number, one in enumerate(result["periods"], start=1)
        for name in who
        for figure in PANELS
        if one["figures"][name][figure]["value"] is not None and not _says_nothing(name, figure)
    ]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "title": {"text": _title(result), "anchor": "start", "subtitle": _foot().partition(" Rings")[0]},
        "data": {"values": values},
        "vconcat": [panel(figure) for figure in PANELS],
    }


def _title(result: Plain) -> str:
    return f"{result['name']}: quality over time, as it would have been"


def _foot() -> str:
    return (
        "Each period is judged by a model fitted on what was known when it began. Bands: 95 %. "
        f"Rings: under {WON_TO_JUDGE} won leads, too few to judge."
    )


def _name(one: Plain, number: int) -> str:
    return f"part {number}" if one["from"] is None else str(one["from"])[:10]


def _judged(result: Plain) -> list[str]:
    """Who has figures at all."""
    periods = result["periods"]
    return [name for name in TINTS if any(one["figures"][name]["log_loss"]["value"] is not None for one in periods)]


def _says_nothing(name: str, figure: str) -> bool:
    """The base rate ranks nobody: its AUC is a line at one half that takes the room."""
    return figure == "auc" and name == "base_rate"


def _head(result: Plain) -> Iterator[str]:
    yield _text(LEFT, 44, _title(result), 20, font_weight=600, fill=INK)
    x = float(LEFT)
    for name in _judged(result):
        yield f'<line x1="{x}" y1="70" x2="{x + 20}" y2="70" stroke="{TINTS[name]}" stroke-width="3"/>'
        yield _text(x + 27, 74.5, JUDGED[name], 13, fill=INK)
        x += 44 + 7.2 * len(JUDGED[name])


def _panel(result: Plain, figure: str, top: float) -> Iterator[str]:
    periods: Sequence[Plain] = result["periods"]
    who = [name for name in _judged(result) if not _says_nothing(name, figure)]
    shown = [one["figures"][name][figure] for one in periods for name in who]
    values = [one[key] for one in shown for key in ("value", "low", "high") if one[key] is not None]
    yield _text(LEFT, top - 10, PANELS[figure], 13, font_weight=600, fill=INK)
    if not values:
        yield _text(LEFT, top + HEIGHT / 2, "no period has this figure", 13, fill=SOFT)
        return
    ticks = _ticks(min(values), max(values))
    low, high = min(ticks[0], *values), max(ticks[-1], *values)

    def y(value: float) -> float:
        return float(top + HEIGHT - (value - low) / (high - low) * HEIGHT)

    digits = max(0, -math.floor(math.log10(ticks[1] - ticks[0]) + 1e-9))
    for tick in ticks:
        yield f'<line x1="{LEFT}" y1="{y(tick):.1f}" x2="{WIDTH - RIGHT}" y2="{y(tick):.1f}" stroke="{FAINT}"/>'
        yield _text(LEFT - 10, y(tick) + 4, f"{tick:.{digits}f}", 12, fill=SOFT, text_anchor="end")
    places = [LEFT + (WIDTH - LEFT - RIGHT) * (number + 0.5) / len(periods) for number in range(len(periods))]
    every = math.ceil(len(periods) / LABELS)
    for number, (x, one) in enumerate(zip(places, periods, strict=True)):
        if number % every == 0:
            yield _text(x, top + HEIGHT + 18, _name(one, number + 1), 12, fill=SOFT, text_anchor="middle")
            won = f"{one['won_leads']:,} won"
            yield _text(x, top + HEIGHT + 33, won, 11, fill=SOFT, text_anchor="middle")
    for name in reversed(who):
        path = [(x, one["figures"][name][figure], one) for x, one in zip(places, periods, strict=True)]
        yield from _series(path, y, TINTS[name])


def _series(path: Sequence[tuple[float, Plain, Plain]], y: Any, tint: str) -> Iterator[str]:
    """Bands and lines of the periods that have a figure; where the next one has none, they break."""
    for run in _runs([point if point[1]["low"] is not None else None for point in path]):
        upper = [(x, y(one["high"])) for x, one, _ in run]
        lower = [(x, y(one["low"])) for x, one, _ in reversed(run)]
        if len(run) == 1:
            yield _line([*upper, *lower], tint, 2)
            continue
        points = " ".join(f"{x:.1f},{at:.1f}" for x, at in (*upper, *lower))
        yield f'<polygon points="{points}" fill="{tint}" fill-opacity="0.13"/>'
    for run in _runs([point if point[1]["value"] is not None else None for point in path]):
        yield _line([(x, y(one["value"])) for x, one, _ in run], tint, 2.5)
        for x, one, period in run:
            fill = tint if period["won_leads"] >= WON_TO_JUDGE else "#ffffff"
            at = f'cx="{x:.1f}" cy="{y(one["value"]):.1f}" r="4"'
            yield f'<circle {at} fill="{fill}" stroke="{tint}" stroke-width="2"/>'


def _runs(points: Sequence[Any]) -> list[list[Any]]:
    runs: list[list[Any]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return [run for run in runs if run]


def _line(points: Sequence[tuple[float, float]], tint: str, width: float) -> str:
    at = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{at}" fill="none" stroke="{tint}" stroke-width="{width}" stroke-linejoin="round"/>'


def _ticks(low: float, high: float) -> list[float]:
    """Two to eight round numbers that hold both ends.

    >>> _ticks(0.71, 0.88)
    [0.7, 0.75, 0.8, 0.85, 0.9]
    """
    step = 10.0 ** math.floor(math.log10(max(high - low, 1e-6)))
    step = next(step * part for part in (0.2, 0.5, 1, 2) if (high - low) / (step * part) <= 6)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(number * step, 10) for number in range(first, max(last, first + 1) + 1)]


def _text(x: float, y: float, words: str, size: int = 14, **look: Any) -> str:
    attributes = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in look.items())
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}"{attributes}>{escape(words)}</text>'

"""Two pictures of a model's test as SVG that stands alone: promised against kept, and what the best leads catch."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from pipeline.views.palette import FAINT, FONT, FOR, INK, LINE, SOFT

Plain = Mapping[str, Any]

WIDTH, HEIGHT = 560, 520
LEFT, RIGHT, TOP, BOTTOM = 70, 30, 84, 70
"""Around the square in which is drawn."""
TICKS = (0.0, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
ROOM = 34
"""Pixels that a label of an axis needs."""


def reliability_svg(bins: Sequence[Plain], version: str) -> str:
    """Mean probability against the won share of each bin, with its 95 % interval; empty text without bins.

    Axes show square roots: most leads have small chances, and those would be one point.
    """
    if not bins:
        return ""
    ends = [one["won_share"]["high"] or one["won_share"]["value"] for one in bins]
    scale = _Scale(max(*ends, *(one["mean_probability"] for one in bins)), math.sqrt)
    body = [
        *_axes(scale, scale, "mean probability of a tenth of the observations", "won share, with its 95 % interval")
    ]
    body.append(_stroke(scale.x(0), scale.y(0), scale.x(scale.most), scale.y(scale.most), SOFT, dash="4 4"))
    for one in bins:
        x, share = scale.x(one["mean_probability"]), one["won_share"]
        if share["low"] is not None:
            body.append(_stroke(x, scale.y(share["low"]), x, scale.y(share["high"]), FOR, 2))
        body.append(_dot(x, scale.y(share["value"])))
    kept = sum(1 for one in bins if _holds(one["won_share"], one["mean_probability"]))
    told = f"model {version}: {kept} of {len(bins)} intervals hold the probability given"
    return _picture("What was promised, and what came", told, body)


def gain_svg(points: Sequence[Plain], version: str) -> str:
    """The won share caught by each share of the highest probabilities, with a band of 95 %; empty without points."""
    if not points:
        return ""
    scale = _Scale(1.0, float)
    body = [
        *_axes(scale, scale, "share of the observations, the highest probabilities first", "share of the won caught")
    ]
    body.append(_stroke(scale.x(0), scale.y(0), scale.x(1), scale.y(1), SOFT, dash="4 4"))
    banded = [one for one in points if one["caught"]["low"] is not None]
    if banded:
        upper = [(scale.x(one["share"]), scale.y(one["caught"]["high"])) for one in banded]
        lower = [(scale.x(one["share"]), scale.y(one["caught"]["low"])) for one in reversed(banded)]
        body.append(f'<polygon points="{_points([*upper, *lower])}" fill="{FOR}" fill-opacity="0.15"/>')
    path = [(0.0, 0.0), *((one["share"], one["caught"]["value"]) for one in points)]
    at = _points([(scale.x(x), scale.y(y)) for x, y in path])
    body.append(f'<polyline points="{at}" fill="none" stroke="{FOR}" stroke-width="2.5"/>')
    tenth = next(one for one in points if one["share"] == 0.1)
    caught, between = tenth["caught"], ""
    if caught["low"] is not None:
        between = f" ({100 * caught['low']:.0f} to {100 * caught['high']:.0f} %)"
    body.append(_dot(scale.x(0.1), scale.y(caught["value"])))
    told = f"model {version}: the best tenth holds {100 * caught['value']:.0f} % of the won{between}"
    return _picture("What the best leads catch", told, body)


class _Scale:
    """From 0 to `most` across the square, stretched by `by`."""

    def __init__(self, most: float, by: Any) -> None:
        self.most, self._by = min(1.0, 1.05 * most) or 1.0, by

    def x(self, value: float) -> float:
        return LEFT + self._share(value) * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        return HEIGHT - BOTTOM - self._share(value) * (HEIGHT - TOP - BOTTOM)

    def ticks(self) -> list[float]:
        """Values to label, not closer than text needs."""
        chosen: list[float] = []
        for value in TICKS:
            if value <= self.most and (not chosen or self.x(value) - self.x(chosen[-1]) >= ROOM):
                chosen.append(value)
        return chosen

    def _share(self, value: float) -> float:
        return float(self._by(value) / self._by(self.most))


def _axes(across: _Scale, up: _Scale, below: str, beside: str) -> Iterator[str]:
    edge = HEIGHT - BOTTOM
    for value in across.ticks():
        yield _stroke(across.x(value), TOP, across.x(value), edge, FAINT)
        yield _text(across.x(value), edge + 18, _percent(value), 12, fill=SOFT, text_anchor="middle")
    for value in up.ticks():
        yield _stroke(LEFT, up.y(value), WIDTH - RIGHT, up.y(value), FAINT)
        yield _text(LEFT - 8, up.y(value) + 4, _percent(value), 12, fill=SOFT, text_anchor="end")
    yield _text((LEFT + WIDTH - RIGHT) / 2, edge + 44, below, 13, fill=INK, text_anchor="middle")
    middle = (TOP + edge) / 2
    yield _text(20, middle, beside, 13, fill=INK, text_anchor="middle", transform=f"rotate(-90 20 {middle})")


def _holds(figure: Plain, value: float) -> bool:
    return figure["low"] is not None and figure["low"] <= value <= figure["high"]


def _percent(value: float) -> str:
    return f"{100 * value:.1f}".removesuffix(".0") + " %"


def _points(path: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in path)


def _dot(x: float, y: float) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{FOR}"/>'


def _stroke(x1: float, y1: float, x2: float, y2: float, tint: str, width: float = 1, dash: str = "") -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="{tint}" stroke-width="{width}"{dashed}/>'


def _text(x: float, y: float, words: str, size: int, **look: Any) -> str:
    attributes = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in look.items())
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}"{attributes}>{escape(words)}</text>'


def _picture(title: str, told: str, body: Sequence[str]) -> str:
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
            f'viewBox="0 0 {WIDTH} {HEIGHT}" role="img" font-family="{FONT}">',
            f"<title>{escape(f'{title}: {told}')}</title>",
            f'<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{HEIGHT - 1}" rx="10" fill="#ffffff" stroke="{LINE}"/>',
            _text(28, 38, title, 19, font_weight=600, fill=INK),
            _text(28, 60, told, 13, fill=SOFT),
            *body,
            "</svg>",
            "",
        ]
    )

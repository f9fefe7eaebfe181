"""What the report's charts have in common: fields, tooltips, ticks and names that fit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

Plain = Mapping[str, Any]
Spec = dict[str, Any]

TICKS = (0.0, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
APART = 0.2
"""Of an axis of square roots, what two labels are apart at least."""
LONG = 20
"""Letters of a name on one line beside its bar."""
LINE = 13
"""Pixels of a line of a label."""


def quantitative(name: str, title: str | None = None, **more: Any) -> Spec:
    """A number's field."""
    return {"field": name, "type": "quantitative", "title": title, **more}


def tooltip(*fields: tuple[str, str, str | None]) -> list[Spec]:
    """Fields with their titles and formats; without a format it is a word."""
    found = []
    for name, title, form in fields:
        kind = "nominal" if form is None else "quantitative"
        found.append({"field": name, "title": title, "type": kind} | ({} if form is None else {"format": form}))
    return found


def ends(figure: Plain) -> Spec:
    """A figure's value and interval, as a chart's datum."""
    return {key: figure.get(key) for key in ("value", "low", "high")}


def per_cent(*values: float) -> Spec:
    """An axis of shares, written as in the text; with ticks at these values where there are any."""
    axis: Spec = {"labelExpr": "format(100 * datum.value, '.4~g') + ' %'", "tickCount": 5}
    return axis | ({"values": list(values), "labelOverlap": False} if values else {})


def roots(most: float) -> list[float]:
    """Ticks from 0 to `most` of an axis of square roots, none on its neighbour.

    >>> roots(0.3), roots(1.0)
    ([0.0, 0.02, 0.1, 0.2], [0.0, 0.05, 0.2, 0.5, 1.0])
    """
    chosen = [0.0]
    for tick in TICKS[1:]:
        if tick <= most and (tick / most) ** 0.5 - (chosen[-1] / most) ** 0.5 >= APART:
            chosen.append(tick)
    return chosen


def names(values: list[Spec], step: int) -> tuple[Spec, int]:
    """The vertical axis of the names of `values`, long ones on several lines, and the height of it all in pixels.

    What is shown of a name is added to its datum. A step is the height of a bar with its air where names have one line.
    """
    there: set[str] = set()
    for one in values:
        one["shown"] = "\n".join(lines(one["name"]))
        while one["shown"] in there:
            # Two that read alike are two all the same: a letter without width tells them apart.
            one["shown"] += "\u200b"
        there.add(one["shown"])
    most = max(one["shown"].count("\n") for one in values) if values else 0
    axis = {
        "labelExpr": "split(datum.label, '\\n')",
        "labelLimit": 0,
        "ticks": False,
        "labelLineHeight": LINE,
        "labelPadding": 4,
    }
    y = {"field": "shown", "type": "nominal", "title": None, "sort": None, "axis": axis}
    return y, max(step, LINE * (most + 1) + 4) * len(values)


def lines(name: str) -> list[str]:
    """A name on lines of LONG letters, broken after a space or a sign, or where nothing else helps.

    >>> lines("white_paper_comparison"), lines("Earlier deals won with the account"), lines("a" * 22)
    (['white_paper_', 'comparison'], ['Earlier deals won', 'with the account'], ['aaaaaaaaaaaaaaaaaaaa', 'aa'])
    """
    found = [""]
    for part in re.findall(rf"[^\s_\-/.,]{{1,{LONG}}}[\s_\-/.,]?|[\s_\-/.,]", name):
        if found[-1] and len((found[-1] + part).rstrip()) > LONG:
            found.append("")
        found[-1] += part
    return [line.strip() or " " for line in found]

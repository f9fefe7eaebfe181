"""How the report writes: text made harmless, figures with their intervals, tables, and charts with what they show.

Everything that comes from data goes through `esc`. A chart is a place in the page, its specification for later, and the
same figures as a table below it, for whoever sees no picture.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from pipeline.reasons.wording import line, number, percent
from pipeline.views.palette import FAINT, FONT, INK, LINE, SOFT

Plain = Mapping[str, Any]
Said = Callable[[float], str]

NONE = "–"


def esc(text: object) -> str:
    """A text of the data, harmless in HTML, on one line; an address in it is no address in the file.

    >>> esc("<b>"), esc("see http://a.b")
    ('&lt;b&gt;', 'see http:&#47;/a.b')
    """
    return escape(line(text), quote=True).replace("://", ":&#47;/")


def three(value: float) -> str:
    """A figure of quality: three digits after the point.

    >>> three(0.14672), three(5.3)
    ('0.147', '5.300')
    """
    return f"{value:.3f}"


def share(value: float) -> str:
    """A share of something as a percentage."""
    return percent(value)


def figure(plain: Plain | None, said: Said = three) -> str:
    """A value with its interval below it; what is undefined says why in a tooltip."""
    if plain is None:
        return NONE
    if plain.get("value") is None:
        why = f' title="{esc(plain["why"])}"' if plain.get("why") else ""
        low = "" if plain.get("low") is None else f"over {said(plain['low'])}"
        return f"<span{why}>{low or NONE}</span>"
    if plain.get("low") is None:
        return said(plain["value"])
    high = "…" if plain.get("high") is None else said(plain["high"])
    return f"{said(plain['value'])}<small>{said(plain['low'])} to {high}</small>"


def within(plain: Plain, said: Said = three) -> str:
    """A value with its interval in a sentence."""
    if plain.get("value") is None:
        return "not known"
    if plain.get("low") is None or plain.get("high") is None:
        return said(plain["value"])
    return f"{said(plain['value'])} ({said(plain['low'])} to {said(plain['high'])})"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, text: bool = False) -> str:
    """A table that scrolls by itself where it is wider than the page; cells are HTML already, heads are text.

    Figures stand to the right, below one another; a table of `text` reads from the left.
    """
    top = "".join(f"<th>{esc(name)}</th>" for name in head)
    # On a phone a row of several texts is shown as lines, each with its head.
    fold = text and len(head) > 2
    named = [f' data-head="{esc(name)}"' if fold and place else "" for place, name in enumerate(head)]
    body = "".join(
        "<tr>" + "".join(f"<td{of}>{cell}</td>" for of, cell in zip(named, row, strict=True)) + "</tr>" for row in rows
    )
    kind = "wide" + (" text" if text else "") + (" fold" if fold else "")
    return f'<div class="{kind}"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def paragraph(*sentences: str) -> str:
    """Sentences of ours, or made harmless, as a paragraph; nothing where there are none."""
    said = " ".join(sentence for sentence in sentences if sentence)
    return f"<p>{said}</p>" if said else ""


def note(text: str) -> str:
    """A remark in small print."""
    return f'<p class="note">{text}</p>' if text else ""


def amount(value: float) -> str:
    """A number for people."""
    return number(value)


@dataclass
class Charts:
    """The charts of a page, in order; each has a number."""

    specs: list[dict[str, Any]] = field(default_factory=list)

    def draw(self, spec: Plain | None, alt: str, below: str = "", *, small: bool = False) -> str:
        """A chart's place, its words for who does not see it, and its figures; nothing without a specification."""
        if spec is None:
            return ""
        self.specs.append({**CONFIG, **{key: value for key, value in spec.items() if key != "$schema"}})
        place = len(self.specs) - 1
        figures = f"<details><summary>the figures</summary>{below}</details>" if below else ""
        kind = "chart small" if small else "chart"
        return (
            f'<figure class="{kind}"><figcaption>{esc(alt)}</figcaption>'
            f'<div id="chart-{place}" class="plot" role="img" aria-label="{esc(alt)}"></div>{figures}</figure>'
        )

    def script(self) -> str:
        """The specifications as a script's JSON: no text of the data can end the script."""
        text = json.dumps(self.specs, ensure_ascii=False, allow_nan=False, sort_keys=True)
        return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026").replace("://", ":\\u002f/")


CONFIG: dict[str, Any] = {
    "width": "container",
    "autosize": {"type": "fit-x", "contains": "padding"},
    "background": None,
    "config": {
        "font": FONT,
        "view": {"stroke": None},
        "axis": {
            "labelColor": SOFT,
            "titleColor": SOFT,
            "titleFontWeight": "normal",
            "gridColor": FAINT,
            "domainColor": LINE,
            "tickColor": LINE,
            "labelFontSize": 12,
            "titleFontSize": 12,
        },
        "legend": {"labelColor": INK, "labelFontSize": 12, "orient": "top", "title": None},
        "header": {"labelFontSize": 12},
    },
}
"""What all charts share."""

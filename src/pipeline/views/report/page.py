"""The report as one HTML file that needs nothing else: its style, its pictures' program and its figures inside.

No address stands in it, so that nothing is fetched wherever it is opened; what a namespace needs is written in escapes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import vl_convert

from pipeline.views.report import card, data, quality, reasons
from pipeline.views.report.style import CSS
from pipeline.views.report.verdict import verdict
from pipeline.views.report.writing import Charts, esc

Plain = Mapping[str, Any]
Section = Callable[[Plain, Charts], str]

SECTIONS: tuple[tuple[str, str, tuple[Section, ...]], ...] = (
    ("quality", "How good it is", (quality.figures,)),
    ("curves", "What was promised, and what came", (quality.curves,)),
    ("backtest", "How it would have done before", (quality.backtest,)),
    ("leakage", "Leakage", (data.leakage,)),
    ("rows", "The account of rows", (data.rows,)),
    ("capacity", "What calls bring in", (quality.capacity,)),
    ("channels", "Channels", (data.channels,)),
    ("segments", "Segments", (quality.segments,)),
    ("criteria", "What it goes by", (reasons.criteria, reasons.turned)),
    ("leads", "Leads, one by one", (reasons.leads,)),
    ("card", "Model card", (card.card,)),
)

SNIPPET = """
const specs = JSON.parse(document.getElementById("specs").textContent);
const options = {renderer: "svg", actions: false, tooltip: {theme: "light"}};
const drawn = specs.map((spec, place) => vegaEmbed("#chart-" + place, spec, options));
Promise.all(drawn).then(() => document.body.setAttribute("data-drawn", String(specs.length)));
"""


@cache
def program() -> str:
    """Vega, Vega-Lite and Vega-Embed with what draws the charts, as one script without an address."""
    text: str = vl_convert.javascript_bundle(SNIPPET)
    return (
        text.replace("http://", "http:\\u002f/").replace("https://", "https:\\u002f/").replace("</script", "<\\/script")
    )


def report_html(report: Plain) -> str:
    """The whole page. `report` is what `workflow.reporting.gather` gave; the same gives the same text."""
    charts = Charts()
    body = []
    for name, title, parts in SECTIONS:
        content = "".join(part(report, charts) for part in parts)
        body.append(f'<section id="{name}"><h2>{title}</h2>{content}</section>')
    links = "".join(f'<a href="#{name}">{title}</a>' for name, title, _ in SECTIONS)
    title = f"{report['name']}: model {report['version']}"
    audience = f" · audience: {esc(report['audience'])}" if report.get("audience") else ""
    until = str(report["until"]).removesuffix("T00:00:00Z")
    shown = (
        f'<div class="top"><h1>{esc(report["name"])}: which leads will become customers, and why</h1>'
        f"<p>Model {esc(report['version'])} · data until {esc(until)}{audience}</p>"
        f"<nav>{links}</nav></div>\n{verdict(report)}\n"
        + "\n".join(body)
        + "\n<footer>Made by Leadlight. This file needs no network. It holds no names, e-mail addresses or phone "
        "numbers of leads.</footer>"
    )
    return (
        f'<!doctype html>\n<html lang="{esc(report["language"])}"><head><meta charset="utf-8">'
        f"<title>{esc(title)}</title>"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<style>{CSS}</style></head>\n<body><main>{_together(shown)}</main>\n"
        f'<script type="application/json" id="specs">{charts.script()}</script>\n'
        f"<script>{program()}</script>\n</body></html>\n"
    )


def _together(html: str) -> str:
    """A number and its per cent sign stay on one line."""
    return re.sub(r"(?<=\d) %", "\u00a0%", html)

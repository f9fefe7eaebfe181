"""What the model learnt from: the account of rows, leakage, and what each channel brought and cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.views.channel_charts import cost_chart
from pipeline.views.report.writing import NONE, Charts, amount, esc, figure, note, paragraph, share, table

Plain = Mapping[str, Any]

CHANNEL = 40
"""Pixels of a channel's row in the chart."""


def rows(report: Plain, drawn: Charts) -> str:
    """Every row that came in is used, or set aside under a named reason."""
    found = report["check"]
    if found is None:
        return note("The data was not checked: run <code>leadlight check</code>.")
    lines = []
    for name, one in found["tables"].items():
        aside = ", ".join(f"{count:,} {esc(reason)}" for reason, count in one["set_aside"].items())
        lines.append([esc(name), f"{one['rows']:,}", f"{one['used']:,}", aside or NONE])
    told = "Every row that came in is used, or set aside under the reason named here; the numbers add up."
    return paragraph(told) + table(["table", "rows", "used", "set aside"], lines, text=True)


def leakage(report: Plain, drawn: Charts) -> str:
    """What each check of leakage answers, what was left out, and what else was found."""
    found = report["check"]
    if found is None:
        return ""
    checks = [
        [esc(one["title"]), esc(one["outcome"]) + (f"<small>{esc(one['why'])}</small>" if one.get("why") else "")]
        for one in found.get("checks", ())
    ]
    suspects = [esc(one.get("column") or one.get("kind")) + f": {esc(one['why'])}" for one in report["suspects"]]
    left = "<ul>" + "".join(f"<li>{one}</li>" for one in suspects) + "</ul>" if suspects else ""
    told = (
        "A model that sees what was filled in after the fact looks brilliant and is useless. These checks look for it."
        if checks
        else ""
    )
    findings = [
        [
            f'<span class="{esc(one["severity"])}">{esc("suspect" if one.get("suspect") else one["severity"])}</span>',
            esc(one["table"] + (f".{one['column']}" if one.get("column") else "")),
            f"{esc(one['title'])}<small>{esc(one['evidence'])} {esc(one['remedy'])}</small>",
        ]
        for one in found["findings"]
    ]
    return (
        paragraph(told)
        + (table(["check", "answer"], checks, text=True) if checks else "")
        + ("<h3>Left out as suspected</h3>" + left if left else paragraph("Nothing was left out as suspected."))
        + ("<h3>What else was found</h3>" + table(["", "where", "what"], findings, text=True) if findings else "")
    )


def channels(report: Plain, drawn: Charts) -> str:
    """What each channel brought and cost: averages with their intervals."""
    found = report["channels"]
    if isinstance(found, str):
        return note(esc(found))
    head = ["channel", "leads", "conversions", "rate"]
    if found["costs"]:
        head += ["cost", "per conversion", "amount per 1 spent", "trend of cost"]
    lines = []
    for one in [*found["channels"], {"channel": "all", **found["all"]}]:
        year = one["settled"]
        cells = [
            esc(one["channel"]),
            f"{year['leads']:,}",
            figure(year["conversions"], amount),
            figure(year["rate"], share),
        ]
        if found["costs"]:
            cost = f"{year['cost']:,.0f}" if year["cost"] else NONE
            cells += [cost, figure(year["cost_per_conversion"], amount), figure(year["amount_per_cost"], amount)]
            cells.append(esc(one["trend"]["cost_per_conversion"]["said"]))
        lines.append(cells)
    year = found["settled"]
    told = (
        f"Leads created {year['from'][:10]} to {year['to'][:10]}, each given {year['within_days']:g} days to convert."
    )
    picture = drawn.draw(
        _as_wide_as_the_page(cost_chart(found)), "Cost of a conversion by channel, with its 95 % interval"
    )
    return paragraph(*(esc(one) for one in found["said"])) + picture + paragraph(told) + table(head, lines)


def _as_wide_as_the_page(chart: Plain | None) -> Plain | None:
    """The chart of channels with the page's width, not its own; its height in pixels."""
    if chart is None:
        return None
    axis = {"format": ",.0f", "tickCount": 5, "labelOverlap": True}
    layer = [_with_axis(one, axis) for one in chart["layer"]]
    channels = len({one["channel"] for one in chart["data"]["values"]})
    return {**chart, "width": "container", "height": CHANNEL * channels, "layer": layer}


def _with_axis(layer: Plain, axis: Plain) -> Plain:
    encoding = layer["encoding"]
    return {**layer, "encoding": {**encoding, "x": {**encoding["x"], "axis": axis}}}

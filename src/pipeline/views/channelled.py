"""Channels for people: tables for the terminal, and every figure as csv."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from pipeline.reasons.wording import line, number, percent

Plain = Mapping[str, Any]
Said = Callable[[float], str]

MOST = 40
"""Channels of a table: those with the most leads."""
ENDS = {"": "value", "_low": "low", "_high": "high"}
"""What a figure's columns are called after its name, and what they hold."""


def channels_table(result: Plain) -> RenderableType:
    """The settled period, what it cost, and the latest one: a line a channel."""
    costs = [_costs(result)] if result["costs"] else []
    return Group(_settled(result), *costs, _latest(result))


def _settled(result: Plain) -> Table:
    period = result["settled"]
    title = (
        f"Settled: leads created from {_day(period['from'])} to before {_day(period['to'])}, each given "
        f"{period['within_days']:g} days to convert"
    )
    table = _headed("channel", "leads", "conversions", "rate", "trend", "won again", "amount", title=title)
    for row, shown in _rows(result):
        one = row["settled"]
        cells = [shown, f"{one['leads']:,}", _value(one["conversions"]), _value(one["rate"], percent)]
        cells += [row["trend"]["conversions"]["said"], _value(one["again"], percent), _value(one["amount"])]
        table.add_row(*cells)
    return table


def _costs(result: Plain) -> Table:
    columns = ("channel", "cost", "per lead", "per conversion", "trend", "cheapest", "won per 1 spent")
    table = _headed(*columns, title="What they cost, settled")
    for row, shown in _rows(result):
        one = row["settled"]
        cells = [shown, _cost(one["cost"]), _value(one["cost_per_lead"]), _value(one["cost_per_conversion"])]
        cells += [row["trend"]["cost_per_conversion"]["said"], _chance(one["cheapest"])]
        table.add_row(*cells, _value(one["amount_per_cost"]))
    return table


def _latest(result: Plain) -> Table:
    period = result["latest"]
    title = f"Latest: leads created from {_day(period['from'])} to before {_day(period['to'])}"
    columns = ["channel", "leads", "won"]
    if period["horizon_days"] is not None:
        title += f"; expected within {period['horizon_days']:g} days from then on"
    if result["model_version"] is not None:
        columns += ["open", "won, expected"]
    if result["costs"]:
        columns += ["cost", "per lead"]
    both = result["costs"] and result["model_version"] is not None
    if both:
        columns += ["per expected", "cheapest"]
    table = _headed(*columns, title=title)
    for row, shown in _rows(result):
        one = row["latest"]
        cells = [shown, f"{one['leads']:,}", f"{one['won']:,}"]
        if result["model_version"] is not None:
            cells += [f"{one['open']:,}", _value(one["expected"])]
        if result["costs"]:
            cells += [_cost(one["cost"]), _value(one["cost_per_lead"])]
        if both:
            cells += [_value(one["cost_per_expected_conversion"]), _chance(one["cheapest"])]
        table.add_row(*cells)
    return table


def _rows(result: Plain) -> Sequence[tuple[Plain, str]]:
    rows = [(row, _named(row)) for row in result["channels"][:MOST]]
    more = len(result["channels"]) - MOST
    told = "all" if more <= 0 else f"all, with {more:,} more that -o shows"
    return [*rows, (result["all"], f"[bold]{told}[/bold]")]


def _named(row: Plain) -> str:
    channel = escape(line(row["channel"]))
    return channel if "campaign" not in row else f"{channel}\n[dim]{escape(line(row['campaign']))}[/dim]"


def _day(instant: object) -> str:
    return str(instant)[:10]


def _headed(*columns: str, title: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold", pad_edge=False)
    for position, heading in enumerate(columns):
        table.add_column(heading, justify="right" if position else "left", overflow="fold")
    return table


def _cost(value: float | None) -> str:
    return "-" if not value else f"{value:,.0f}"


def _chance(value: float | None) -> str:
    if value is None:
        return "-"
    return "over 99 %" if value > 0.99 else "under 1 %" if value < 0.01 else f"{100 * value:.0f} %"


def _value(figure: Plain, spoken: Said = number) -> str:
    """A value, and its interval below it; an interval without an upper end says so."""
    if figure["value"] is None:
        return "-" if figure["low"] is None else f"over {spoken(figure['low'])}"
    value = spoken(figure["value"])
    if figure["low"] is None:
        return value
    low = spoken(figure["low"]).removesuffix(" %")
    high = "…" if figure["high"] is None else spoken(figure["high"]).removesuffix(" %")
    return f"{value}\n[dim]{low}–{high}[/dim]"


def figures_csv(result: Plain) -> str:
    """Every figure as a column, a line a channel; what is undefined is empty."""
    lines: list[dict[str, Any]] = []
    for row in result["channels"]:
        flat: dict[str, Any] = {key: row[key] for key in ("channel", "campaign") if key in row}
        for part in ("settled", "latest", "trend"):
            for key, value in row[part].items():
                if isinstance(value, Mapping):
                    flat |= {f"{part}_{key}{end}": value[of] for end, of in ENDS.items()}
                else:
                    flat[f"{part}_{key}"] = value
        lines.append(flat)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(lines[0]) if lines else ["channel"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue()

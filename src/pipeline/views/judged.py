"""Tables of what judges a model: its quality period by period, and what calls bring in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from pipeline.reasons.wording import percent
from pipeline.views import palette

Plain = Mapping[str, Any]

LOST = 0.25
"""Bound on the conversions lost above which no longer list of leads to skip is shown."""

RIVALS = {**palette.RIVALS, "logistic": "logistic"}
"""In few letters: columns of a terminal are narrow."""


def backtest_table(result: Plain) -> RenderableType:
    """The periods with their AUC and log loss, beside the baselines, and what each says in a sentence."""
    periods = result["periods"]
    shown = [name for name in RIVALS if any(one["figures"][name]["log_loss"]["value"] is not None for one in periods)]
    return Group(
        _counts(periods),
        _figures(periods, "auc", [name for name in shown if name != "base_rate"], "Ranking: AUC (0.5 is chance)"),
        _figures(periods, "log_loss", shown, "Log loss (less is better)"),
        _verdicts(periods),
    )


def _counts(periods: list[Plain]) -> Table:
    table = _headed(
        "period from", "observations", "won leads", "known before", "won before", "trees", title="The periods"
    )
    for number, one in enumerate(periods, start=1):
        learnt = one["trained_on"]
        counts = one["n"], one["won_leads"], learnt["observations"], learnt["won_leads"], learnt["trees"]
        table.add_row(_name(one, number), *(f"{count:,}" for count in counts))
    return table


def _figures(periods: list[Plain], figure: str, rivals: list[str], title: str) -> Table:
    names = [RIVALS[name] for name in rivals]
    table = _headed("period from", "model", "95 %", *names, title=title)
    for number, one in enumerate(periods, start=1):
        own = one["figures"]["model"][figure]
        others = [_value(one["figures"][name][figure]) for name in rivals]
        table.add_row(_name(one, number), _value(own), _interval(own), *others)
    return table


def _verdicts(periods: list[Plain]) -> Table:
    told = Table.grid(padding=(0, 2))
    for number, one in enumerate(periods, start=1):
        told.add_row(_name(one, number), escape(one["verdict"]))
    return told


def capacity_table(result: Plain) -> RenderableType | None:
    """What several numbers of calls a week bring in, and what is safe to skip; None where there are no weeks."""
    if not result["table"]:
        return None
    lists = f"{result['weeks']} lists, {result['days']} days apart, of {result['leads_a_list']:,.0f} open leads"
    table = _headed(
        "calls a week",
        "caught",
        "expected",
        "missed",
        "won per call",
        "lift",
        "of all",
        title=f"Calls: {lists}, {result['conversions']:,} convert",
    )
    for one in result["table"]:
        table.add_row(
            f"{one['per_week']:,}",
            _count(one["caught"]),
            _count(one["expected"]),
            _count(one["missed"]),
            _with(one["precision"], percent),
            _with(one["lift"], lambda value: f"{value:.1f}"),
            _with(one["share"], percent),
        )
    parts: list[RenderableType] = [table]
    if any("by_value" in one for one in result["table"]):
        parts.append(_by_value(result))
    skipped = [one for one in result["skip"] if one["conversions"]["high"] is not None]
    if skipped:
        parts.append(_skipped(skipped))
    return Group(*parts, *map(escape, result["said"]))


def _by_value(result: Plain) -> Table:
    names = ("calls a week", "amount by probability", "amount by expected value", "conversions by expected value")
    table = _headed(
        *names, title=f"Calls by expected value: probability x amount, by {escape(result['by_value']['by'])}"
    )
    for one in result["table"]:
        other = one["by_value"]
        shares = (_with(own["amount_share"], percent) if "amount_share" in own else "-" for own in (one, other))
        table.add_row(f"{one['per_week']:,}", *shares, _with(other["share"], percent))
    return table


def _skipped(skipped: list[Plain]) -> Table:
    """Shares of a list, the lowest probabilities first, up to the first that may hold a quarter of the conversions."""
    table = _headed("skipping the lowest", "leads a list", "of conversions", "at most (95 %)", title="Leads to skip")
    for one in skipped:
        held = one["conversions"]
        cells = f"{one['leads_a_list']:,.0f}", percent(held["value"]), percent(held["high"])
        table.add_row(f"{100 * one['share']:.0f} %", *cells)
        if held["high"] > LOST:
            break
    return table


def _headed(*columns: str, title: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold", pad_edge=False)
    for position, name in enumerate(columns):
        table.add_column(name, justify="left" if position == 0 else "right", overflow="fold")
    return table


def _name(one: Plain, number: int) -> str:
    return f"part {number}" if one["from"] is None else str(one["from"])[:10]


def _value(figure: Plain) -> str:
    return "-" if figure["value"] is None else f"{figure['value']:.3f}"


def _interval(figure: Plain) -> str:
    return "" if figure["low"] is None else f"{figure['low']:.3f} to {figure['high']:.3f}"


def _count(figure: Plain) -> str:
    return _with(figure, lambda value: f"{value:,.0f}")


def _with(figure: Plain, said: Any) -> str:
    """A value, and its interval below it."""
    if figure["value"] is None:
        return "-"
    own, low, high = (None if figure[key] is None else str(said(figure[key])) for key in ("value", "low", "high"))
    return str(own) if low is None else f"{own}\n[dim]{low.removesuffix(' %')}–{high}[/dim]"

"""What to do, for people: the list of leads to take up again and the persona, as tables of the terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from pipeline.reasons.wording import percent

Plain = Mapping[str, Any]


def relaunch_list(rows: Sequence[Plain], names: Mapping[str, str], most: int) -> RenderableType | None:
    """The first leads of the list: what to do, why, and the content to do it with; None where there are none."""
    if not rows or not most:
        return None
    shown = rows[:most]
    table = _headed(
        "lead", "stage", "probability", "action", "why", "content", title=f"{len(shown)} of {len(rows):,} leads"
    )
    for column in (1, 3, 4, 5):
        table.columns[column].justify = "left"
    for row in shown:
        name = names.get(row["lead_id"])
        who = f"{row['lead_id']}\n[dim]{escape(name)}[/dim]" if name else escape(row["lead_id"])
        why = escape("\n".join(row["reasons"][:2]))
        table.add_row(who, row["stage"], percent(row["probability"]), row["action"], why, escape(row["content"] or "-"))
    return table


def contents_table(contents: Sequence[Plain], most: int = 10) -> RenderableType | None:
    """What followed each content, by stage, the best first; None where nothing was followed by a move."""
    stages = dict.fromkeys(row["stage"] for row in contents)
    if not stages:
        return None
    tables = []
    for stage in stages:
        mine = [row for row in contents if row["stage"] == stage][:most]
        title = f"Of leads that were {stage}: who moved up a stage within 14 days"
        table = _headed("content", "leads", "after it", "95 %", "without it", "95 %", "clearly more", title=title)
        for row in mine:
            share, without = row["share"], row["without"]
            table.add_row(
                escape(row["content"]) + (" [dim](any stage)[/dim]" if row["alike"] == "all" else ""),
                f"{row['leads']:,}",
                percent(share["value"]),
                _interval(share, percent),
                percent(without["value"]),
                _interval(without, percent),
                "yes" if row["clear"] else "no",
            )
        tables.append(table)
    return Group(*tables, ASSOCIATION)


ASSOCIATION = (
    "These are associations: nobody drew lots for who is sent what, and who looks at something is interested already. "
    "Where the last column says no, the difference may be chance."
)


def persona_table(result: Plain, most: int = 24) -> RenderableType:
    """Each trait's share among won leads and among all, and its lift; what is proposed stands first."""
    rows = result["traits"]
    table = _headed("trait", "value", "leads", "of won", "of all", "lift", "corrected 95 %", "proposed")
    table.columns[1].justify = "left"
    for row in rows[:most]:
        table.add_row(
            escape(row["criterion"]),
            escape(row["value"]),
            f"{row['leads']:,}",
            percent(row["share_of_won"]["value"]),
            percent(row["share_of_all"]["value"]),
            "-" if row["lift"]["value"] is None else f"{row['lift']['value']:.2f}",
            _interval(row["corrected"], lambda value: f"{value:.2f}"),
            "yes" if row["proposed"] else "",
        )
    rest = len(rows) - most
    return Group(table, f"{rest} more traits, with lower lifts, are in the answer with --json.") if rest > 0 else table


def _interval(figure: Plain, written: Callable[[float], str]) -> str:
    if figure["low"] is None:
        return "-"
    return f"{written(figure['low'])} to {written(figure['high'])}"


def _headed(*columns: str, title: str | None = None) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold", pad_edge=False)
    for position, name in enumerate(columns):
        table.add_column(name, justify="left" if position == 0 else "right", overflow="fold")
    return table

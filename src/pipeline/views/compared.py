"""Tables of parts of the test, and of two versions or training sets side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from pipeline.quality.evaluation import WON_TO_JUDGE
from pipeline.reasons.wording import percent

Plain = Mapping[str, Any]

MOST = 12
"""Criteria, or columns, that are shown."""

FIGURES = ("auc", "log_loss", "lift_10", "calibration_error", "calibration_slope", "calibration_intercept")


def segments_table(segments: Mapping[str, Mapping[str, Plain]]) -> RenderableType | None:
    """Quality and calibration of each part of the test; None where no segment was asked for."""
    if not segments:
        return None
    tables: list[RenderableType] = []
    for column, groups in segments.items():
        table = _headed(column, "won leads", "won", "promised - won", "AUC (95 %)", title=f"By {column}")
        for value, group in groups.items():
            few, excess = group["why"] is not None, group["excess"]
            off = excess["low"] is not None and not few and not excess["low"] <= 0 <= excess["high"]
            table.add_row(
                escape(value) + (" †" if few else ""),
                f"{group['won_leads']:,}",
                _share(group["base_rate"]),
                _points(excess) + (" *" if off else ""),
                _with(group["auc"], ".2f", "({}, {})"),
            )
        for figure in table.columns[1:]:
            figure.no_wrap = True
        tables.append(table)
    told = (
        "Promised - won: mean probability minus won share, in percentage points, with its 95 % interval; * where that "
        f"leaves out 0, as for one calibrated group in twenty by chance. † fewer than {WON_TO_JUDGE} won leads: too "
        "few to judge."
    )
    return Group(*tables, f"[dim]{told}[/dim]")


def compared(result: Plain) -> RenderableType:
    """Two versions, or two training sets, side by side."""
    return _training_sets(result) if result["kind"] == "training sets" else _models(result)


def _models(result: Plain) -> RenderableType:
    a, b = result["a"], result["b"]
    about = _sides("", a["version"], b["version"], title="The two")
    for name in ("kind", "trees", "observations", "won_leads", "data_until", "knows_until"):
        about.add_row(name.replace("_", " "), _plain(a[name]), _plain(b[name]))
    about.add_row("data", *(_plain(side["data_hash"])[:12] for side in (a, b)))
    parts: list[RenderableType] = [about, *_apart(result)]
    if a["test"] and b["test"]:
        own = _sides("own test", "a", "b", title="Figures of each one's own test: other periods, not to be compared")
        own.add_row("won leads", *(_plain(side["test"]["won_leads"]) for side in (a, b)))
        for name in FIGURES:
            own.add_row(name.replace("_", " "), *(_with(side["test"][name]) for side in (a, b)))
        parts.append(
            own if a["tested"] != b["tested"] else _titled(own, "Figures of the test, the same period for both")
        )
    for key, words in (("as_tested", "as tested"), ("as_served", "as served")):
        one = result[key]
        if "why" in one:
            continue
        title = f"On the same {one['n']:,} observations, {words}: {one['won_leads']:,} won leads"
        table = _sides("figure", "a", "b", title=title)
        for name in FIGURES:
            table.add_row(name.replace("_", " "), *(_with(one["figures"][side][name]) for side in "ab"))
        table.add_row("log loss, b - a", "", _with(one["log_loss"], "+.4f"))
        explained = one["explanation"]
        table.add_row("criteria's order alike", "", _with(explained["rank_correlation"], ".2f"))
        table.add_row("other first reasons", "", _with(explained["reasons_changed"], ".2f"))
        parts.append(table)
    if result["importance"]:
        title = f"Mean absolute contribution in log-odds: {min(MOST, len(result['importance']))} criteria of "
        table = _sides("criterion", "a", "b", title=f"{title}{len(result['importance'])}")
        for one in result["importance"][:MOST]:
            table.add_row(escape(one["criterion"]), *("-" if one[side] is None else _with(one[side]) for side in "ab"))
        parts.append(table)
    return Group(*parts)


def _training_sets(result: Plain) -> RenderableType:
    a, b = result["a"], result["b"]
    about = _sides("", a["asked"], b["asked"], title="The two")
    for name in ("data_until", "observations", "mature", "training", "test", "leads", "won_leads", "columns"):
        about.add_row(name.replace("_", " "), _plain(a[name]), _plain(b[name]))
    about.add_row("won share", _with(a["won_share"]), _with(b["won_share"]))
    about.add_row("data", a["data_hash"][:12], b["data_hash"][:12])
    moved = [one for one in result["columns"] if one["moved"] > 0][:MOST]
    table = _headed("column", "mean, a", "mean, b", "missing, a", "missing, b", title="Columns that moved most")
    for one in moved:
        means = ("-" if value is None else f"{value:.3g}" for value in one["mean"].values())
        table.add_row(escape(one["column"]), *means, *(_share(value or 0.0) for value in one["missing"].values()))
    return Group(about, *_apart(result), *([table] if moved else []))


def _apart(result: Plain) -> list[RenderableType]:
    """What differs in settings and definition, as one table; none where nothing does."""
    definition = result["definition"]
    table = _sides("what differs", "a", "b", title="Settings and criteria")
    for one in result.get("settings", ()):
        table.add_row(escape(one["name"]), _plain(one["a"]), _plain(one["b"]))
    for one in definition["changed"]:
        table.add_row(f"criterion {escape(one['name'])}", _plain(one["a"]), _plain(one["b"]))
    for one in definition["frozen"]:
        table.add_row(escape(one["name"]), _plain(one["a"]), _plain(one["b"]))
    for name in definition["removed"]:
        table.add_row(f"criterion {escape(name)}", "has it", "-")
    for name in definition["added"]:
        table.add_row(f"criterion {escape(name)}", "-", "has it")
    for name, words in definition["words"].items():
        table.add_row(f"words of {escape(name)}", f"{words['removed']} of its own", f"{words['added']} of its own")
    return [table] if table.row_count else ["Settings, criteria and vocabularies are the same."]


def _headed(*columns: str, title: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold", pad_edge=False)
    for position, name in enumerate(columns):
        table.add_column(escape(name), justify="left" if position == 0 else "right", overflow="fold")
    return table


def _sides(first: str, a: str, b: str, title: str) -> Table:
    return _headed(first, a if a == "a" else f"a: {a}", b if b == "b" else f"b: {b}", title=title)


def _titled(table: Table, title: str) -> Table:
    table.title = title
    return table


def _plain(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if isinstance(value, Mapping):
        return escape("; ".join(f"{name}: {part}" for name, part in value.items()))
    return "-" if value is None else escape(str(value))


def _share(value: float) -> str:
    return percent(value) if value else "0 %"


def _with(figure: Plain, form: str = ".3f", between: str = "[{} to {}]") -> str:
    """A figure with its interval; "-" where it is undefined."""
    if figure["value"] is None:
        return "-"
    own = f"{figure['value']:{form}}"
    if figure["low"] is None:
        return own
    return escape(f"{own} {between.format(format(figure['low'], form), format(figure['high'], form))}")


def _points(figure: Plain) -> str:
    """A difference of shares in percentage points, with its interval."""
    if figure["low"] is None:
        return f"{100 * figure['value']:+.1f}"
    return f"{100 * figure['value']:+.1f} ({100 * figure['low']:+.1f}, {100 * figure['high']:+.1f})"

"""What commands print for people: tables of rich, sentences, and nothing that needs a colour to be understood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.table import Table

from pipeline.learning.metrics import FIGURES
from pipeline.reasons.scores import Score
from pipeline.reasons.wording import percent

NAMES = {
    "auc": "AUC (0.5 is chance)",
    "average_precision": "average precision",
    "log_loss": "log loss (less is better)",
    "brier": "Brier score (less)",
    "lift_10": "lift in the top 10 %",
    "calibration_error": "calibration error",
    "calibration_slope": "calibration slope (1)",
    "calibration_intercept": "calibration intercept (0)",
}


def _table(*columns: str, title: str | None = None) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold", pad_edge=False)
    for position, name in enumerate(columns):
        table.add_column(name, justify="left" if position == 0 else "right", overflow="fold")
    return table


def account(result: Mapping[str, Any]) -> RenderableType:
    """What `check` found: the account of rows, how outcomes were read, and the findings."""
    rows = _table("table", "rows", "used", "set aside", title="The account of rows")
    rows.columns[3].justify = "left"
    for name, table in result["tables"].items():
        aside = "\n".join(f"{count:,} {reason}" for reason, count in table["set_aside"].items())
        place = table.get("from", "")
        shown = escape(name) if place in ("", "sql") or name == place else f"{escape(name)}\n[dim]{escape(place)}[/dim]"
        rows.add_row(shown, f"{table['rows']:,}", f"{table['used']:,}", escape(aside) or "-")
    outcomes = _table("outcome", "read as", "rows", title="How outcomes were read")
    for value, reading in result["outcomes"].items():
        outcomes.add_row(escape(value) or "(empty)", reading["read_as"], f"{reading['rows']:,}")
    told = Table.grid(padding=(0, 2))
    for finding in result["findings"]:
        place = finding["table"] + (f".{finding['column']}" if finding["column"] else "")
        words = escape(f"{place}: {finding['title']}. {finding['evidence']}")
        severity = "suspect" if finding.get("suspect") else finding["severity"]
        told.add_row(f"[bold]{severity}[/bold]", f"{words} [dim]{escape(finding['remedy'])}[/dim]")
    return Group(rows, outcomes, told, "No error was found." if result["ok"] else "Correct the errors before training.")


def checks(result: Mapping[str, Any]) -> RenderableType:
    """What each check of leakage answers, and what is left out."""
    table = _table("check", "", "", title="Leakage")
    table.columns[1].justify = table.columns[2].justify = "left"
    for check in result["checks"]:
        table.add_row(check["code"], check["outcome"], escape(check["why"] or check["title"]))
    names = ", ".join(each.get("column") or each["kind"] for each in result["suspects"])
    told = f"Suspected, and left out of features and models: {escape(names)}." if names else "Nothing is suspected."
    return Group(table, told)


def proposal(result: Mapping[str, Any]) -> RenderableType:
    """What `init` took each table for, what it doubts, and what is missing."""
    tables = _table("table", "taken for", title="The tables")
    tables.columns[1].justify = "left"
    for name, role in result["tables"].items():
        tables.add_row(escape(name), role)
    told = Table.grid(padding=(0, 2))
    for sentence in result["missing"]:
        told.add_row("[bold]missing[/bold]", escape(sentence))
    for sentence in result["doubts"]:
        told.add_row("doubt", escape(sentence))
    return Group(tables, told)


def figures(result: Mapping[str, Any]) -> RenderableType:
    """The test's figures with their intervals, beside the baselines."""
    test, baselines = result["test"], result["baselines"]
    days = f"from {str(test['from'])[:10]} to {str(test['to'])[:10]}" if test["from"] else "newest in the file's order"
    title = (
        f"Test: {test['n']:,} observations {days}, {test['won']:,} won ({percent(test['base_rate'])})"
        if test["n"]
        else "Test: no observation"
    )
    rivals = {"scorecard": "scorecard", "logistic": "logistic", "base rate": "base_rate"}
    if baselines.get("scorecard", {}).get("log_loss", {}).get("value") is None:
        del rivals["scorecard"]
    table = _table("figure", "model", "95 %", *rivals, title=title)
    for name in FIGURES:
        own = test[name]
        interval = "" if own["low"] is None else f"{own['low']:.3f} to {own['high']:.3f}"
        others = [_value(baselines[kind].get(name)) for kind in rivals.values()]
        table.add_row(NAMES[name], _value(own), interval, *others)
    ages = _table("age of the lead", "observations", "won", "AUC", "log loss", title="By age")
    for name, group in result["by_age"].items():
        ages.add_row(name, f"{group['n']:,}", f"{group['won']:,}", _value(group["auc"]), _value(group["log_loss"]))
    verdict = str(result["verdict"])
    shown = [table, ages] if len(result["by_age"]) > 1 else [table]
    return Group(*shown, escape(verdict[:1].upper() + verdict[1:]))


def _value(figure: Mapping[str, Any] | None) -> str:
    return "-" if figure is None or figure["value"] is None else f"{figure['value']:.3f}"


def top(scores: Sequence[Score], names: Mapping[str, str], count: int, whole: int) -> RenderableType:
    """The open leads with the highest probability: what to do, and the first two reasons.

    `whole` is how many leads there are; all of them, or at least the best, are among the scores.
    """
    ranked = sorted(
        (score for score in scores if score.probability is not None),
        key=lambda score: (-(score.probability or 0), score.lead_id),
    )[:count]
    table = _table("lead", "probability", "grade", "action", "why", title=f"The {len(ranked)} best of {whole:,} leads")
    table.columns[3].justify = table.columns[4].justify = "left"
    for score in ranked:
        helping = [reason.evidence for reason in score.reasons if reason.contribution > 0][:2]
        name = names.get(score.lead_id)
        who = f"{score.lead_id}\n[dim]{escape(name)}[/dim]" if name else escape(score.lead_id)
        why = escape("\n".join(helping))
        table.add_row(who, percent(score.probability or 0), score.grade, score.action, why)
    return table


def warned(sentences: Sequence[str]) -> RenderableType | None:
    """What to know before the scores are used; None where there is nothing."""
    told = Table.grid(padding=(0, 2))
    for sentence in sentences:
        told.add_row("[bold]warning[/bold]", escape(sentence))
    return told if sentences else None


def show(*parts: RenderableType) -> None:
    """Print for people."""
    console = Console(highlight=False, soft_wrap=False)
    for part in parts:
        console.print(part)

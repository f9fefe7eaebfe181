"""Columns of times as the workspace names them: the likeliest of a table, its formats, and what to doubt."""

from __future__ import annotations

import re
from typing import Any

from pipeline.proposal.columns import Column, known
from pipeline.proposal.dates import clock_alone
from pipeline.proposal.roles import pick
from pipeline.proposal.tables import Table
from pipeline.proposal.vocabulary import fits, plain_name
from pipeline.proposal.write import DOUBT


def time_of(table: Table) -> Column | None:
    """When a row of the table happened: the best named of the time columns that are filled."""
    able = [c for c in table.of("time") if known(c).mean() > 0.3 and not fits(c.name, "columns", "technical")]
    full = [column for column in able if column.filled > 0.9]
    best = pick(able, "at")
    if best is not None and best.filled < 0.6 and full:
        best = pick(full, "at") or best
    return best


def time_plain(table: Table, column: Column) -> Any:
    """A time column as the workspace names it, with its clock where that stands in a column of its own."""
    clock = _clock(table, column)
    if clock is not None:
        return {"date": column.name, "time": clock.name, **column.spec}
    return {"column": column.name, **column.spec} if column.spec else column.name


def time_notes(column: Column) -> list[str]:
    """What to doubt about how a time column is read."""
    notes = []
    if column.dayfirst is None:
        notes.append(f"{DOUBT} nothing tells days from months in {column.name}: read with the day first")
    formats = column.spec.get("format")
    if isinstance(formats, list):
        notes.append(f"{DOUBT} {column.name} is written in {len(formats)} formats, tried in this order")
    if column.unreadable:
        notes.append(f"{DOUBT} {len(column.unreadable)} texts of {column.name} are no times and stand under `missing`")
    return notes


def _clock(table: Table, column: Column) -> Column | None:
    if column.spec or not all(re.fullmatch(r"\d{4}-\d\d-\d\d", word) for word in column.texts.words[:50]):
        return None
    stem = plain_name(column.name).rsplit(" ", 1)[0]
    for other in table.of("clock"):
        if (
            fits(other.name, "columns", "clock")
            and stem in plain_name(other.name)
            and clock_alone(other.texts.words[:50])
        ):
            return other
    return None

"""What `check` finds in the account of rows: each finding with code, severity, evidence in figures, and remedy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from pipeline.definitions.workspace import Workspace
from pipeline.tables.columns import WON, History
from pipeline.tables.contracts import Account

REMEDIES = {
    "no id": "Give every lead an id, or leave the rows out of the export.",
    "repeated id": "Export one row a lead: a join may have doubled them. Repeated interactions do no harm.",
    "no creation time": "Export the creation time; without it nobody knows what was known when.",
    "after data_until": "Set data_until to the moment of the export if it is earlier than that.",
    "outcome without a date": "Export the closing date; for undated losses `undated_lost: open` keeps the leads open.",
    "closed before created": "Look at created_at: an import may have set it anew.",
    "two outcomes": "One deal is won and lost: correct the outcome, or let each row have an id of its own.",
    "no lead": "Export the column that says whose row this is.",
    "unknown lead": "Export the leads of these rows too, or check that both tables spell the ids alike.",
    "no time": "Export when it happened: an undated fact belongs to no moment.",
    "no kind": "Export what happened, or set `kind: {value: ...}` for a table of one kind.",
    "exact repeat": "Nothing: `repeats: drop` asked for it.",
}
EXPECTED = ("excluded kind", "lead set aside", "exact repeat")
"""Reasons that the analyst asked for, or that follow from another one: told in the account alone."""


@dataclass(frozen=True)
class Finding:
    """One thing to know about the data. Severities: error (no honest model can come of it), warning, note."""

    code: str
    title: str
    severity: str
    table: str
    column: str | None
    evidence: str
    remedy: str

    def to_json(self) -> dict[str, Any]:
        """Plain data, keys as in section 9."""
        return asdict(self)


def find(workspace: Workspace, history: History, account: Account) -> list[Finding]:
    """All findings, errors first."""
    found = [*_outcomes(history, account), *_set_aside(account), *_changes(history), *_fields(workspace, history)]
    return sorted(found, key=lambda finding: ("error", "warning", "note").index(finding.severity))


def _outcomes(history: History, account: Account) -> Iterator[Finding]:
    won = int((history.deals.outcome == WON).sum())
    if won == 0:
        read = ", ".join(f"{value!r} as {how}" for value, (how, _) in sorted(account.outcomes.items())) or "no value"
        yield Finding(
            "no-won-deal",
            "No deal was won",
            "error",
            "deals",
            None,
            f"Of {len(history.deals)} deals none counts as won; the outcomes were read so: {read}.",
            "Name the values that mean won under sources.deals.won.",
        )
    if len(history.leads) == 0:
        yield Finding(
            "no-lead", "No lead is left", "error", "leads", None, "Every lead was set aside.", "See the reasons below."
        )


def _set_aside(account: Account) -> Iterator[Finding]:
    for name, table in account.tables.items():
        for reason, count in table.set_aside.items():
            if reason in EXPECTED:
                continue
            rows = ", ".join(str(row + 1) for row in table.examples.get(reason, ()))
            where = f" (rows {rows}{', ...' if count > 3 else ''})" if rows else ""
            share = count / table.rows
            yield Finding(
                "set-aside",
                f"Rows set aside: {reason}",
                "warning" if share >= 0.01 else "note",
                name,
                None,
                f"{count:,} of {table.rows:,} rows{where}.",
                REMEDIES.get(reason, "Look at these rows in the export."),
            )


def _changes(history: History) -> Iterator[Finding]:
    changes = history.changes
    for code, name in enumerate(changes.attribute.words):
        mine = np.flatnonzero(changes.attribute.codes == code)
        order = mine[np.lexsort((changes.at[mine], changes.lead_id.codes[mine]))]
        first = np.ones(len(order), dtype=np.bool_)
        first[1:] = changes.lead_id.codes[order][1:] != changes.lead_id.codes[order][:-1]
        lacking = int((~changes.has_old[order[first]]).sum())
        if lacking:
            yield Finding(
                "no-old-value",
                "An attribute's first value is not known",
                "warning",
                "changes",
                name,
                f"{lacking:,} of {int(first.sum()):,} leads' first change of {name} has no old value: before its first "
                "change the attribute is missing for every lead, or a missing value would mean that a change comes.",
                "Export the old values of changes as well.",
            )


def _fields(workspace: Workspace, history: History) -> Iterator[Finding]:
    for name in history.leads.attributes:
        if name in workspace.excluded_columns:
            continue
        column = history.leads.attributes[name]
        empty = sum(value is None for value in column.tolist())
        if len(column) and empty == len(column):
            yield Finding(
                "empty-attribute",
                "An attribute has no value",
                "note",
                "leads",
                name,
                f"{name} is empty for all {len(column):,} leads.",
                "Leave it out of the attributes, or check the join to contacts and accounts.",
            )

"""What `check` finds in the account of rows: each finding with code, severity, evidence in figures, and remedy."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from pipeline.definitions.criteria import BUILT_IN
from pipeline.definitions.numerals import decimal_of, read_number
from pipeline.definitions.rules import OPTED_OUT
from pipeline.definitions.spans import DAY
from pipeline.definitions.workspace import Workspace
from pipeline.tables.account import Account
from pipeline.tables.columns import OPEN, WON, History
from pipeline.tables.frame import shown

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
YOUNG = 30
"""So many leads of the last horizon, all of them ended, are no chance: open ones were left out of the export."""


@dataclass(frozen=True)
class Finding:
    """One thing to know about the data. Severities: error (no honest model can come of it), warning, note.

    `suspect`: the column or kind may know the outcome, and is left out of features and models.
    """

    code: str
    title: str
    severity: str
    table: str
    column: str | None
    evidence: str
    remedy: str
    suspect: bool = False

    @property
    def rank(self) -> int:
        """Where it stands among others: errors first."""
        return ("error", "warning", "note").index(self.severity)

    def to_json(self) -> dict[str, Any]:
        """Plain data, keys as in section 9."""
        return asdict(self)


def find(workspace: Workspace, history: History, account: Account) -> list[Finding]:
    """All findings, errors first."""
    found = [
        *(_outcomes(history, account) if len(history.leads) else _no_lead(workspace, account)),
        *_closed_alone(workspace, history),
        *_set_aside(account),
        *_changes(history),
        *_fields(workspace, history),
        *_numeric(workspace, history),
        *_excluded(workspace, account),
        *(Finding("reading", r.title, "note", r.table, r.column, r.evidence, r.remedy) for r in account.remarks),
    ]
    return sorted(found, key=lambda finding: finding.rank)


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


def _closed_alone(workspace: Workspace, history: History) -> Iterator[Finding]:
    """Young leads that have all ended already: the newest of such an export are its quick closers alone."""
    if workspace.horizon is None:
        return
    young = history.leads.created_at >= history.data_until - workspace.horizon
    ended = np.zeros(len(young), dtype=np.bool_)
    ended[history.owner[(history.deals.outcome != OPEN) & (history.owner >= 0)]] = True
    if young.sum() < YOUNG or not ended[young].all():
        return
    yield Finding(
        "closed-alone",
        "No young lead is open",
        "warning",
        "leads",
        None,
        f"All {int(young.sum()):,} leads created in the last {workspace.horizon // DAY} days have an outcome already. "
        "If open leads were left out, the newest are those that closed quickly, and their won share is too high.",
        "Export the open leads as well.",
    )


def _no_lead(workspace: Workspace, account: Account) -> Iterator[Finding]:
    table, source = account.tables["leads"], workspace.sources.leads
    file = f"leads ({table.file})" if table.file else "leads"
    if not table.rows:
        evidence, remedy = f"{file} has no row.", "Export the leads anew, or correct what selects them."
        yield Finding("no-lead", "No lead is left", "error", "leads", None, evidence, remedy)
        return
    created = source.created_at.columns[0] if source.created_at else None
    column = {"no id": source.id, "no creation time": created, "after data_until": created}
    most = max(table.set_aside, key=lambda reason: table.set_aside[reason])
    told = ", ".join(
        f"{count:,} {reason}" + (f" (column {column[reason]})" if column.get(reason) else "")
        for reason, count in table.set_aside.items()
    )
    until = f", which is {workspace.data_until_text}" if most == "after data_until" else ""
    yield Finding(
        "no-lead",
        "No lead is left",
        "error",
        "leads",
        column.get(most),
        f"Of {table.rows:,} rows of {file} none is used: {told}{until}.",
        REMEDIES[most],
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
        if name in workspace.excluded_columns or name == OPTED_OUT:
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


def _numeric(workspace: Workspace, history: History) -> Iterator[Finding]:
    """Values of an attribute declared numeric that are no numbers: they are missing to the model."""
    for criterion in workspace.criteria if workspace.criteria != "auto" else ():
        name = criterion.attribute or ""
        if criterion.values != "numeric" or name not in history.leads.attributes:
            continue
        values = [value for value in history.leads.attributes[name].tolist() if isinstance(value, str)]
        decimal = criterion.decimal or decimal_of(values)
        wrong = [value for value in values if np.isnan(read_number(value, decimal))]
        if wrong:
            yield Finding(
                "no-number",
                "A numeric attribute holds texts",
                "warning",
                "leads",
                name,
                f"{len(wrong):,} of {len(history.leads):,} leads have a value that is no number, as {shown(wrong[0])}; "
                "the model takes it for missing.",
                "Name such texts under `missing`, correct them, or take `values: numeric` out.",
            )


def _excluded(workspace: Workspace, account: Account) -> Iterator[Finding]:
    """What is excluded and nowhere there: a name misspelt here lets a column in that was meant to stay out."""
    sources = workspace.sources
    tables = [sources.leads, sources.contacts, sources.accounts]
    columns = {name for table in tables if table is not None for name in table.attributes}
    columns |= {name for table in sources.interactions for name in (*(n.column for n in table.numbers), *table.texts)}
    for item in workspace.exclude:
        name = item.column or item.kind or item.name or ""
        found = (item.kind is None and (name in columns or name in BUILT_IN)) or (
            item.column is None and name in account.excluded_kinds
        )
        if not found and not (item.kind is None and sources.changes is not None):
            near = difflib.get_close_matches(name, sorted(columns), n=1)
            yield Finding(
                "excludes-nothing",
                "An exclusion names nothing",
                "warning",
                "exclude",
                name,
                f"{name} is no column that is read and no kind of an interaction.",
                f"Did you mean {near[0]}?" if near else "Correct the name, or take the line out.",
            )

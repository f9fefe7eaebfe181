"""Columns that the champion was trained with, and that a file does not have or the workspace does not name now."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.definitions.workspace import Workspace
from pipeline.features.schema import EMPTY, Entry
from pipeline.learning.bundle import Bundle
from pipeline.tables.asked import Asked, Column, Headers, holds_values, listed
from pipeline.tables.findings import Finding
from pipeline.workflow.files import Files

CODE = "schema-drift"

HELD = {"id": "ids", "time": "times", "number": "numbers", "text": "texts"}
"""What a column holds, for people."""

NAMED_BY_THE_FILE = ("attribute", "number", "text")
"""Roles in which the model knows a column by its name in the file; in all others by what the workspace says it is."""

UNDER = {"attribute": "attributes", "number": "numbers", "text": "texts", "contact": "entities", "account": "entities"}
"""The key of the workspace that names a column of a role."""


def finding(title: str, table: str, column: str | None, evidence: str, remedy: str) -> Finding:
    """A finding of schema drift. It is a warning, for a model that is trained anew reads what there is."""
    return Finding(CODE, title, "warning", table, column, evidence, remedy)


def entries(bundle: Bundle) -> list[Entry]:
    """The columns of the champion's schema that had a value; none of a model that was trained before there were any."""
    return [entry for entry in bundle.card.get("schema", ()) if entry["type"] != EMPTY]


def entry_for(bundle: Bundle, table: Asked, column: Column) -> Entry | None:
    """What the champion was trained with in the place of a column that the workspace names; None: with nothing."""
    for entry in entries(bundle):
        if entry["role"] != column.role or entry.get("entity") != table.entity:
            continue
        same = entry["column"] == column.name if column.role in NAMED_BY_THE_FILE else entry["table"] == table.table
        if same:
            return entry
    return None


def lost(bundle: Bundle, workspace: Workspace, tables: Sequence[Asked], headers: Headers) -> list[Finding]:
    """Columns that the workspace names, the champion was trained with, and a file does not have."""
    found: dict[tuple[str, str], Finding] = {}
    for table in tables:
        there, columns = headers[table.table], list(table.columns)
        if table.table == "changes" and not any(column.role == "old" for column in columns):
            # It is read where it is there, though nobody named it.
            columns.append(Column("old", "old", "text"))
        for column in columns:
            entry = None if column.name in there else entry_for(bundle, table, column)
            if entry is not None and (table.table, column.name) not in found:
                found[table.table, column.name] = _lost(bundle, workspace, table, column.name, entry, there)
                if holds_values(there):
                    # Of a row that holds no names nothing is gained by saying of each that it is not among them.
                    break
    return list(found.values())


def _lost(bundle: Bundle, workspace: Workspace, table: Asked, name: str, entry: Entry, there: Sequence[str]) -> Finding:
    if entry["column"] == name:
        said = f"no column {name!r}, which held {HELD[entry['type']]} when model {bundle.version} was trained. "
        free = [other for other in there if other not in table.names]
        said += Files(workspace).renamed(table, name, entry["type"], free)
    else:
        said = f"no column {name!r}; when model {bundle.version} was trained it was {entry['column']!r}"
        said += ", which is there. " if entry["column"] in there else ". "
    listing = listed(table.place, there)
    return finding(
        "A column that the model reads is not in the file",
        table.table,
        name,
        f"{table.place.shown} has {said}{listing[:1].upper()}{listing[1:]}.",
        f"Give the column its name back, {_alias(name)}, or take it out and retrain with `leadlight train`."
        if entry["role"] in NAMED_BY_THE_FILE
        else "Name its new column in the workspace, or give the column back.",
    )


def _alias(name: str) -> str:
    """How a column gets its name back without the CRM."""
    return f"in the export or by `from: {{sql: select ... as {name} ...}}`"


def unread(bundle: Bundle, workspace: Workspace, tables: Sequence[Asked], headers: Headers) -> list[Finding]:
    """Columns that the champion was trained with and the workspace does not name any more."""
    found = []
    for entry in entries(bundle):
        table = _where(entry, tables)
        if entry["role"] == "attribute":
            gone = not any(gives(other, entry) for other in tables)
        elif entry["role"] in ("number", "text"):
            gone = _fewer(bundle, entry, tables)
        elif entry["role"] in ("contact", "account") and entry["table"] == "leads":
            counted = any(c.of == entry["role"] and c.measures for c in bundle.definition.criteria)
            gone = counted and table is not None and not any(c.role == entry["role"] for c in table.columns)
        else:
            gone = False
        if gone:
            found.append(_unread(bundle, workspace, entry, table, headers))
    was = {entry["table"] for entry in entries(bundle)}
    if "changes" in was and bundle.definition.recorded and not any(table.table == "changes" for table in tables):
        names = ", ".join(sorted(bundle.definition.recorded))
        found.append(
            finding(
                "A table that the model reads is not read any more",
                "changes",
                None,
                f"Model {bundle.version} was trained with the changes of {names}; the workspace names no changes.",
                "Name the table again under sources.changes, or retrain with `leadlight train`.",
            )
        )
    return found


def _where(entry: Entry, tables: Sequence[Asked]) -> Asked | None:
    return next((t for t in tables if (t.table, t.entity) == (entry["table"], entry.get("entity"))), None)


def gives(table: Asked, entry: Entry) -> bool:
    """Whether the workspace names the column of an entry in this table, in the same role."""
    return any((column.role, column.name) == (entry["role"], entry["column"]) for column in table.columns)


def _fewer(bundle: Bundle, entry: Entry, tables: Sequence[Asked]) -> bool:
    """Whether a number or text of interactions is gone: from all tables of its entity, or from one of as many."""
    mine = [table for table in tables if table.entity == entry["entity"]]
    reading = [table for table in mine if gives(table, entry)]
    if not reading:
        return True
    alike = [other for other in entries(bundle) if other.get("entity") == entry["entity"]]
    were = [other for other in alike if (other["role"], other["column"]) == (entry["role"], entry["column"])]
    tables_then = {other["table"] for other in alike}
    here = any(table.table == entry["table"] for table in reading)
    return not here and len(tables_then) == len(mine) and len(reading) < len(were)


def _unread(bundle: Bundle, workspace: Workspace, entry: Entry, table: Asked | None, headers: Headers) -> Finding:
    name, key = entry["column"], UNDER[entry["role"]]
    where = f"sources.{entry['table']}"
    hint, remedy = "", f"Name it again under {where}, {key}, or retrain with `leadlight train`."
    if table is None:
        hint = f"The workspace names no {entry['table']}. "
    elif name in headers[table.table]:
        also = next((UNDER.get(c.role, c.role) for c in table.columns if c.name == name), None)
        hint = f"{table.place.shown} still has it{'' if also is None else f', and it is named under {also}'}. "
    else:
        known = {other["column"] for other in entries(bundle) if other["table"] == entry["table"]}
        new = [c.name for c in table.columns if c.role == entry["role"] and c.name not in known]
        free = [other for other in headers[table.table] if other not in table.names]
        files = Files(workspace)
        hint = files.renamed(table, name, entry["type"], new) or files.renamed(table, name, entry["type"], free)
        remedy = f"Give it its name back, {_alias(name)}, and under {key}, or retrain with `leadlight train`."
    return finding(
        "A column that the model reads is not read any more",
        entry["table"],
        name,
        f"It held {HELD[entry['type']]} when model {bundle.version} was trained, and {where} does not name it under "
        f"{key} any more. {hint}".rstrip(),
        remedy,
    )

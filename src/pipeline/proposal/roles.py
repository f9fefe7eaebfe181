"""Which table of an export is what: leads, deals, interactions, contacts, accounts, changes, spend."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.definitions.yaml_lines import WorkspaceError
from pipeline.proposal.columns import Column, known
from pipeline.proposal.links import Link, links
from pipeline.proposal.outcomes import Outcome, outcome_of
from pipeline.proposal.tables import Table
from pipeline.proposal.vocabulary import fits, plain_name, rank, whole_name, words


@dataclass(frozen=True)
class Roles:
    """The tables by what they are. `key` is the column of the leads that others point to; `unused` fit nothing."""

    leads: Table
    key: str | None
    deals: Table | None
    outcome: Outcome | None
    interactions: tuple[Table, ...] = ()
    contacts: Table | None = None
    accounts: Table | None = None
    changes: Table | None = None
    spend: Table | None = None
    unused: tuple[Table, ...] = ()
    to_leads: Mapping[str, tuple[Link, ...]] = field(default_factory=dict)


def by_name(table: Table, role: str) -> bool:
    """Whether a table's name says that it is that, whole or by what it ends with."""
    name = plain_name(re.sub(r"[\W_]*\d[\d\W_]*$", "", table.name) or table.name)
    parts = name.split()
    return any(fits(" ".join(parts[start:]), "tables", role) for start in range(len(parts)))


def pick(columns: Sequence[Column], list_: str, *, least: float = 0.0) -> Column | None:
    """The column whose name fits a list of the vocabulary best, among those filled enough."""
    able = [column for column in columns if column.filled >= least]
    named = [(place, column) for column in able if (place := rank(column.name, words("columns", list_))) is not None]
    return min(named, key=lambda item: item[0])[1] if named else None


def created_column(table: Table) -> Column | None:
    """The column that says when a row of the table came to be."""
    endings = list(words("columns", "closed_at"))
    endings = [*endings[: endings.index("decision date")], *words("columns", "won_at"), *words("columns", "lost_at")]
    able = [
        column
        for column in table.of("time")
        if not fits(column.name, "columns", "expected")
        and not fits(column.name, "columns", "technical")
        and not plain_name(column.name).startswith(("last ", "next ", "became "))
        and (rank(column.name, endings) is None or plain_name(column.name) == "conversion date")
    ]
    return pick(able, "created_at", least=0.5)


def named_as_creation(column: Column) -> bool:
    """Whether a column's name says creation, and not only that it holds dates."""
    place = rank(column.name, words("columns", "created_at"))
    return place is not None and place < list(words("columns", "created_at")).index("timestamp")


def assign(tables: Sequence[Table], chosen: Mapping[str, Sequence[str]]) -> Roles:
    """Say of every table what it is; `chosen` are the names of tables that a person gave a role.

    WorkspaceError where no table can be one of leads.
    """
    outcomes = {table.name: outcome_of(table) for table in tables}
    leads = _leads(tables, outcomes, chosen)
    rest = [table for table in tables if table is not leads]
    deals = _deals(rest, leads, outcomes, chosen)
    rest = [table for table in rest if table is not deals]
    found: dict[str, Table] = {}
    for role in ("changes", "spend"):
        for table in rest:
            if table.name in chosen.get(role, ()) or (by_name(table, role) and _shaped(table, role)):
                found.setdefault(role, table)
    rest = [table for table in rest if table not in found.values()]
    entities: dict[str, Table] = {}
    for role, asked in (("accounts", ("accounts",)), ("contacts", ("contacts", "people"))):
        for table in rest:
            if any(by_name(table, name) for name in asked) and table.keys and links(leads, table, table.keys[:3]):
                entities.setdefault(role, table)
    rest = [table for table in rest if table not in entities.values()]
    reach = _key(leads, [*rest, *([] if deals is None or deals is leads else [deals])])
    facts = [table for table in rest if table.name in chosen.get("interactions", ()) or _is_facts(table)]
    if deals is None and outcomes[leads.name] is not None and not chosen.get("deals"):
        deals = leads
    return Roles(
        leads=leads,
        key=reach,
        deals=deals,
        outcome=None if deals is None else outcomes[deals.name],
        interactions=tuple(facts),
        contacts=entities.get("contacts"),
        accounts=entities.get("accounts"),
        changes=found.get("changes"),
        spend=found.get("spend"),
        unused=tuple(table for table in rest if table not in facts),
    )


def _leads(
    tables: Sequence[Table], outcomes: Mapping[str, Outcome | None], chosen: Mapping[str, Sequence[str]]
) -> Table:
    named = [table for table in tables if table.name in chosen.get("leads", ())]
    if named:
        return named[0]
    taken = {name for role, names in chosen.items() if role != "leads" for name in names}
    able = [table for table in tables if table.name not in taken or len(tables) == 1]
    points = {}
    for table in able:
        score = 10.0 if by_name(table, "leads") else 6.0 if by_name(table, "contacts") else 0.0
        score = score or (3.0 if by_name(table, "people") else 0.0)
        if score < 6 and outcomes[table.name] is not None and created_column(table) is not None and table.keys:
            # A deal that is there from the first day on is what people work on: Pipedrive's, or a table of its own.
            score = max(score, 5.0)
        if not table.keys and len(tables) > 1:
            score -= 4
        pointed = sum(
            bool(table.keys) and bool(links(other, table, table.keys[:3])) for other in tables if other is not table
        )
        points[table.name] = score + min(pointed, 4) * 0.5 - (created_column(table) is None) * 2
    best = max(able, key=lambda table: (points[table.name], -tables.index(table)), default=None)
    if best is None or (points[best.name] < 0 and len(tables) > 1):
        listed = ", ".join(f"{table.name} ({len(table.columns)} columns)" for table in tables)
        raise WorkspaceError(
            f"no table looks like one of leads, a row each with an id of its own: {listed}; say --leads"
        )
    return best


def _deals(
    rest: Sequence[Table], leads: Table, outcomes: Mapping[str, Outcome | None], chosen: Mapping[str, Sequence[str]]
) -> Table | None:
    named = [table for table in (leads, *rest) if table.name in chosen.get("deals", ())]
    if named:
        return named[0]
    able = [table for table in rest if outcomes[table.name] is not None and not _is_many(table, leads)]
    named = [table for table in able if by_name(table, "deals")]
    if named or by_name(leads, "deals") or outcomes[leads.name] is None:
        won_alone = [table for table in rest if by_name(table, "deals") and links(table, leads, leads.keys[:3])]
        return next(iter(named or able or won_alone), None)
    return None


def _is_many(table: Table, leads: Table) -> bool:
    """Whether a table has many rows a lead, as interactions do and deals do not."""
    found = links(table, leads, leads.keys[:3])
    if not found:
        return False
    column = table.columns[found[0].column]
    return int(column.there.sum()) > 3 * max(column.distinct, 1)


def _shaped(table: Table, role: str) -> bool:
    times = table.of("time")
    if role == "spend":
        return (bool(times) and pick(table.of("number"), "amount") is not None) or len(table.of("number")) == 1
    names = [column.name.lower() for column in table.columns.values()]
    return bool(times) and any("attribute" in name or "field" in name or "property" in name for name in names)


def _is_facts(table: Table) -> bool:
    return any(known(column).mean() > 0.3 for column in table.of("time"))


def _key(leads: Table, others: Sequence[Table]) -> str | None:
    """The column of the leads that most rows of other tables point to; by name where none does."""
    if not leads.keys:
        return None
    own = [key for key in leads.keys if not key.personal]
    if not by_name(leads, "contacts") and not by_name(leads, "people"):
        # A column that names whom a lead belongs to may happen to hold each once; it is still no id of leads.
        entity = [*words("columns", "contact"), *words("columns", "account")]
        own = [key for key in own if rank(whole_name(key.name), entity) is None] or own
    full = [key for key in own if key.filled > 0.99] or own
    if not full:
        return None
    reach = dict.fromkeys((key.name for key in full), 0.0)
    for table in others:
        for link in links(table, leads)[:1]:
            if not link.folded and link.key in reach:
                reach[link.key] += link.reach
    best = max(reach.values())
    first = full[0].name
    return first if best == 0 or reach[first] >= 0.5 * best else max(reach, key=lambda name: reach[name])


def every_table(roles: Roles) -> list[Table]:
    """The tables of an export, leads first."""
    named = [roles.leads, roles.deals, roles.contacts, roles.accounts, *roles.interactions, roles.changes, roles.spend]
    return [table for table in (*named, *roles.unused) if table is not None]

"""Which columns the workspace names of every table, and what each is to it: looked for before any row is read."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.definitions.cells import TimeColumn
from pipeline.definitions.places import Place
from pipeline.definitions.sources import (
    ChangesSource,
    DealsSource,
    EntitySource,
    InteractionsSource,
    LeadsSource,
    SpendSource,
)
from pipeline.definitions.workspace import Workspace
from pipeline.definitions.yaml_lines import WorkspaceError


@dataclass(frozen=True)
class Column:
    """One column: its role in the table, its name in the file, and what it holds: "id", "time", "number" or "text".

    An attribute may be numbers or texts: its type is "".
    """

    role: str
    name: str
    type: str


@dataclass(frozen=True)
class Asked:
    """A table of the workspace: its name, where it is, the columns named of it, and for interactions whose they are."""

    table: str
    place: Place
    columns: tuple[Column, ...]
    entity: str | None = None

    @property
    def names(self) -> list[str]:
        """The columns to read, each once."""
        return list(dict.fromkeys(column.name for column in self.columns))


Headers = Mapping[str, Sequence[str]]
"""Of every table the columns that it has."""

Look = Callable[[Sequence[Asked], Headers], None]
"""What is done with the columns asked for and those there are, before any row is read."""


def asked(workspace: Workspace) -> tuple[Asked, ...]:
    """Every table that the workspace names, without the columns that it excludes."""
    sources, excluded = workspace.sources, workspace.excluded_columns
    tables = [of_leads(sources.leads, excluded)]
    tables += [
        of_entity(name, source, excluded)
        for name, source in (("contacts", sources.contacts), ("accounts", sources.accounts))
        if source is not None
    ]
    tables += [
        of_interactions(interactions_name(position), source, excluded)
        for position, source in enumerate(sources.interactions)
    ]
    tables.append(of_deals(sources.deals))
    if sources.changes is not None:
        tables.append(of_changes(sources.changes))
    if sources.spend is not None:
        tables.append(of_spend(sources.spend))
    return tuple(tables)


def interactions_name(position: int) -> str:
    """What the account calls a table of interactions."""
    return "interactions" if position == 0 else f"interactions[{position}]"


def of_leads(source: LeadsSource, excluded: Collection[str]) -> Asked:
    """The leads' columns."""
    columns = [
        *_one("id", source.id, "id"),
        *_time("created_at", source.created_at),
        *_attributes(source.attributes, excluded),
        *(Column(str(entity), name, "id") for entity, name in source.entities.items()),
        *_display(source.display),
        *_one("opted_out", source.opted_out, "text"),
    ]
    return Asked("leads", source.from_, tuple(columns))


def of_entity(table: str, source: EntitySource, excluded: Collection[str]) -> Asked:
    """The columns of contacts or accounts."""
    columns = [
        Column("id", source.id, "id"),
        *_attributes(source.attributes, excluded),
        *_display(source.display),
    ]
    return Asked(table, source.from_, tuple(columns))


def of_interactions(table: str, source: InteractionsSource, excluded: Collection[str]) -> Asked:
    """The columns of one table of facts."""
    columns = [
        Column("entity_id", source.entity_id, "id"),
        *_one("id", source.id, "id"),
        *_time("at", source.at),
        *_time("known_at", source.known_at),
        *_one("kind", source.kind.column, "text"),
        *_one("flow", source.flow.column, "text"),
        *(Column("number", spec.column, "number") for spec in source.numbers if spec.column not in excluded),
        *(Column("text", name, "text") for name in source.texts if name not in excluded),
    ]
    return Asked(table, source.from_, tuple(columns), source.entity)


def of_deals(source: DealsSource) -> Asked:
    """The deals' columns."""
    columns = [
        *_one("id", source.id, "id"),
        *_one("lead_id", source.lead_id, "id"),
        *_one("outcome", source.outcome.column, "text"),
        *_one("amount", None if source.amount is None else source.amount.column, "number"),
        *_time("closed_at", source.closed_at),
        *_time("known_at", source.known_at),
        *_time("opened_at", source.opened_at),
        *_time("reopened_at", source.reopened_at),
    ]
    return Asked("deals", source.from_, tuple(columns))


def of_changes(source: ChangesSource) -> Asked:
    """The columns of the changes; those of old values only where they are named, for they may be missing."""
    columns = [
        Column("lead_id", source.lead_id, "id"),
        *_time("at", source.at),
        *_time("known_at", source.known_at),
        Column("changed", source.attribute, "text"),
        Column("value", source.value, "text"),
        *_one("old", source.old, "text"),
    ]
    return Asked("changes", source.from_, tuple(columns))


def of_spend(source: SpendSource) -> Asked:
    """The columns of what was spent."""
    columns = [
        *_time("at", source.at),
        Column("channel", source.channel, "text"),
        *_one("campaign", source.campaign, "text"),
        Column("amount", source.amount.column, "number"),
    ]
    return Asked("spend", source.from_, tuple(columns))


def _one(role: str, name: str | None, type_: str) -> list[Column]:
    return [] if name is None else [Column(role, name, type_)]


def _time(role: str, spec: TimeColumn | None) -> list[Column]:
    return [] if spec is None else [Column(role, name, "time") for name in spec.columns]


def _attributes(names: Iterable[str], excluded: Collection[str]) -> list[Column]:
    return [Column("attribute", name, "") for name in names if name not in excluded]


def _display(names: Iterable[str]) -> list[Column]:
    return [Column("display", name, "text") for name in names]


def require(tables: Sequence[Asked], headers: Headers) -> None:
    """WorkspaceError that names every column asked for that no table has, a line each."""
    lines = []
    for table in tables:
        there = headers[table.table]
        missing = [name for name in table.names if name not in there]
        # Of a row that holds no names nothing is gained by saying of each that it is not among them.
        missing = missing[:1] if holds_values(there) else missing
        lines += [absent(table.table, table.place, name, there, table.names) for name in missing]
    if lines:
        raise WorkspaceError("\n".join(lines))


def absent(table: str, place: Place, name: str, there: Sequence[str], named: Collection[str]) -> str:
    """The sentence for a column that a table does not have; `named` are those that are taken already."""
    near = None if holds_values(there) else near_name(name, [other for other in there if other not in named])
    hint = f"; did you mean {near}?" if near else ";" if holds_values(there) else "."
    return f"{table} ({place.shown}): no column {name!r}{hint} {listed(place, there)}"


def listed(place: Place, there: Sequence[str]) -> str:
    """The sentence that names the columns of a table; of a row of values, which may be somebody's, none is shown.

    >>> listed(Place(file="leads.csv"), ["id", "country"])
    'It has id, country'
    """
    if holds_values(there):
        return (
            f"row {place.header} seems to hold values and not the columns' names: say which row names them, as in "
            f"{{file: {place.file or '...'}, header: {place.header + 1}}}, or export the header too"
        )
    return f"It has {', '.join(there)}"


def holds_values(names: Sequence[str]) -> bool:
    """Whether what should be a header is a row of values: an address, a date or a number to call is no column's name.

    >>> holds_values(["id", "E-Mail", "2025"]), holds_values(["L1", "jane@example.com"]), holds_values(["2026-01-05"])
    (False, True, True)
    """
    return any(_VALUE.search(name) or len(re.findall(r"\d", name)) > 8 for name in names)


_VALUE = re.compile(r"\w@\w|^\d{4}-\d\d-\d\d|^\d\d?[./]\d\d?[./]\d{2,4}\b")


def near_name(name: str, names: Iterable[str]) -> str | None:
    """The one of the names that is spelt most alike, whatever its capitals and blanks; None where none is.

    >>> near_name("created_at", ["Created At", "country"]), near_name("country", ["land"])
    ('Created At', None)
    """
    plain = {_folded(other): other for other in names}
    near = difflib.get_close_matches(_folded(name), plain, n=1)
    return plain[near[0]] if near else None


def _folded(name: str) -> str:
    return "_".join(name.casefold().replace("-", " ").replace("_", " ").split())

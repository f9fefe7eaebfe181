"""The workspace's tables as canonical ones: leads with their entities, interactions, deals, changes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from pipeline.definitions.criteria import Criterion
from pipeline.definitions.maps import glob
from pipeline.definitions.rules import OPTED_OUT
from pipeline.definitions.sources import EntitySource
from pipeline.definitions.workspace import Workspace
from pipeline.definitions.yaml_lines import WorkspaceError
from pipeline.tables.account import Account, TableAccount
from pipeline.tables.asked import (
    Look,
    asked,
    interactions_name,
    of_changes,
    of_deals,
    of_leads,
    require,
)
from pipeline.tables.columns import (
    NEVER,
    OPEN,
    OUTCOMES,
    Changes,
    Deals,
    Floats,
    History,
    Interactions,
    Leads,
    Objects,
    Texts,
    no_changes,
)
from pipeline.tables.contracts import sift
from pipeline.tables.entities import read_entities
from pipeline.tables.frame import Frame
from pipeline.tables.interactions import read_interactions
from pipeline.tables.reader import Reader
from pipeline.tables.spend import read_spend
from pipeline.tables.times import instants, optional_instants
from pipeline.tables.values import as_typed, attributes, ids, numbers, texts

Progress = Callable[[str], None]

Facts = Callable[[Reader, Workspace, set[str], Progress], Iterable[Interactions]]
"""What gives the tables of interactions, and adds the kinds that they hold to a set."""


def read_history(
    workspace: Workspace,
    progress: Progress = lambda _: None,
    criteria: Iterable[Criterion] | None = None,
    look: Look = require,
    facts: Facts | None = None,
) -> tuple[History, Account]:
    """Every table, held to its contracts. WorkspaceError names table, column, row, value and remedy.

    `criteria`, by default the workspace's, say which attributes are written with decimal commas. `look` is given the
    columns of all tables before any row is read; by default it refuses where one is missing. `facts` reads the tables
    of interactions in place of this process.
    """
    with opened(workspace, progress, criteria, look) as around:
        return around.sifted(range(len(workspace.sources.interactions)), facts or read_facts)


@dataclass(frozen=True)
class Around:
    """All tables but those of interactions, read; and those of interactions, to be read while the reader is open."""

    workspace: Workspace
    reader: Reader
    leads: Leads
    deals: Deals
    changes: Changes
    outcomes: Mapping[str, tuple[str, int]]
    tables: Mapping[str, TableAccount]
    progress: Progress

    def sifted(self, places: Collection[int], facts: Facts) -> tuple[History, Account]:
        """The history with the tables of interactions at these places, as `facts` reads them, and the account."""
        workspace, reader = self.workspace, self.reader
        kinds: set[str] = set()
        read = [source for place, source in enumerate(workspace.sources.interactions) if place in places]
        history, account = sift(
            self.leads,
            facts(reader, workspace, kinds, self.progress),
            self.deals,
            self.changes,
            workspace.data_until,
            workspace.timezone,
            drop_repeats=[source.repeats == "drop" for source in read],
            names=[interactions_name(place) for place in sorted(places)],
            excluded_kinds=workspace.excluded_kinds,
        )
        tables = {"leads": account.tables["leads"], **self.tables, **account.tables}
        if "spend" in tables:
            tables["spend"] = tables.pop("spend")
        if workspace.sources.changes is None:
            del tables["changes"]
        placed = {
            name: replace(table, file=reader.places[name][0], header_lines=reader.places[name][1])
            for name, table in tables.items()
        }
        left_out = tuple(kind for kind in workspace.excluded_kinds if any(map(glob(kind).fullmatch, kinds)))
        remarks, decimals = tuple(reader.remarks), dict(reader.decimals)
        return history, Account(placed, account.leads, self.outcomes, remarks, decimals, left_out)


@contextmanager
def opened(
    workspace: Workspace,
    progress: Progress = lambda _: None,
    criteria: Iterable[Criterion] | None = None,
    look: Look = require,
    begin: Callable[[Reader], None] = lambda _: None,
) -> Iterator[Around]:
    """A workspace's tables, those of interactions not yet read; arguments as in `read_history`.

    `begin` may begin to read tables of interactions while the others are read; their columns are there.
    """
    commas = _with_commas(workspace.criteria if criteria is None else criteria)
    with Reader(workspace.root, workspace.missing, progress) as reader:
        progress("columns")
        tables_asked = asked(workspace)
        look(tables_asked, {table.table: reader.columns(table.table, table.place) for table in tables_asked})
        begin(reader)
        progress("leads")
        leads, tables = _leads(reader, workspace, commas)
        progress("deals")
        deals, outcomes = _deals(reader, workspace, leads)
        changes = _changes(reader, workspace)
        if workspace.sources.spend is not None:
            tables["spend"] = read_spend(reader, workspace, workspace.sources.spend)[1]
        yield Around(workspace, reader, leads, deals, changes, outcomes, tables, progress)


def _with_commas(criteria: Iterable[Criterion] | str) -> set[str | None]:
    """The attributes that are written with decimal commas."""
    return set() if isinstance(criteria, str) else {c.attribute for c in criteria if c.decimal == ","}


def read_facts(
    reader: Reader,
    workspace: Workspace,
    kinds: set[str],
    progress: Progress,
    places: Collection[int] | None = None,
) -> Iterator[Interactions]:
    """The tables of interactions, each read when it is asked for; `kinds` gathers the kinds that they hold."""
    excluded = set(workspace.excluded_columns)
    for position, source in enumerate(workspace.sources.interactions):
        if places is not None and position not in places:
            continue
        name = interactions_name(position)
        progress(name)
        # Deals stand in the ledgers of contacts and accounts beside their facts, and have ids too.
        alone = source.entity == "lead" and [s.entity for s in workspace.sources.interactions].count("lead") == 1
        table = read_interactions(reader, name, source, excluded, workspace.timezone, alone=alone)
        kinds.update(table.kind.words)
        yield table
        # Whoever asked for it may have put it into another form: this is not to be what keeps it.
        del table


def _leads(
    reader: Reader, workspace: Workspace, commas: Collection[str | None]
) -> tuple[Leads, dict[str, TableAccount]]:
    """The leads with what is known of their contacts and accounts, whose rows are accounted for."""
    source = workspace.sources.leads
    excluded = set(workspace.excluded_columns)
    named = [name for name in source.attributes if name not in excluded]
    frame = reader.frame("leads", source.from_, of_leads(source, excluded).names)
    entities: dict[str, Texts] = {str(entity): ids(frame, column) for entity, column in source.entities.items()}
    known = {name: attributes(frame, name, commas=name in commas) for name in named}
    display = {name: texts(frame, name).objects() for name in source.display}
    if source.opted_out is not None:
        known[OPTED_OUT] = attributes(frame, source.opted_out)
    accounts = {}
    for table, entity in (("contacts", "contact"), ("accounts", "account")):
        joined: EntitySource | None = getattr(workspace.sources, table)
        if joined is None:
            continue
        if entity not in entities:
            raise WorkspaceError(
                f"{table}: sources.leads.entities does not say which column of the leads holds the {entity}'s id; "
                f"add entities: {{{entity}: {entity}_id}}"
            )
        columns, accounts[table] = read_entities(reader, table, joined, entities[entity], excluded, commas)
        for name, column in columns.items():
            target = display if name in joined.display else known
            if name in target:
                raise WorkspaceError(f"{table}, column {name}: the leads have an attribute of that name; rename one")
            target[name] = column
    if source.created_at is not None:
        created = instants(frame, source.created_at, workspace.timezone, starts=True)
    else:
        created = np.arange(1, frame.rows + 1, dtype=np.int64)
    return Leads(_ids(frame, source.id), created, known, entities, display), accounts


def _as_shown(named: Sequence[str]) -> set[str]:
    """Words of the workspace, and what a column of them is read as: True is true, 1.0 is 1."""
    return {*named, *(form for word in named for form in as_typed([word]))}


def _ids(frame: Frame, name: str | None) -> Texts:
    """A column of ids, or the rows' numbers from 1 where there is none."""
    return Texts.of([str(row) for row in range(1, frame.rows + 1)]) if name is None else ids(frame, name)


def _deals(reader: Reader, workspace: Workspace, leads: Leads) -> tuple[Deals, dict[str, tuple[str, int]]]:
    """The deals, and how each value of the outcome was read, and of how many rows."""
    source, zone = workspace.sources.deals, workspace.timezone
    frame = reader.frame("deals", source.from_, of_deals(source).names)
    size, owner = frame.rows, _ids(frame, source.lead_id)
    if source.outcome.column is None:
        assert source.outcome.value is not None
        outcome = np.full(size, OUTCOMES[source.outcome.value], dtype=np.int8)
        readings: dict[str, tuple[str, int]] = {str(source.outcome.value): (str(source.outcome.value), size)}
    else:
        words = texts(frame, source.outcome.column)
        won, lost = _as_shown(source.won), _as_shown(source.lost)
        meaning = ["won" if word in won else "lost" if word in lost else "open" for word in words.words]
        outcome = np.array([*(OUTCOMES[read] for read in meaning), OPEN], dtype=np.int8)[words.codes]
        counts = np.bincount(words.codes + 1, minlength=len(words.words) + 1)
        readings = {word: (meaning[code], int(counts[code + 1])) for code, word in enumerate(words.words)}
        if counts[0]:
            readings[""] = ("open", int(counts[0]))
    if source.closed_at is not None:
        closed = instants(frame, source.closed_at, zone)
    else:
        # An outcome without a date is known when the export is taken, after every moment at which a lead is observed;
        # that of a lead which came in that very moment is known then.
        created = np.full(len(leads.id.words) + 1, NEVER)
        known = leads.id.codes >= 0
        created[leads.id.codes[known]] = leads.created_at[known]
        ended = np.maximum(workspace.data_until - 1, created[owner.recode(leads.id.words)])
        closed = np.where(outcome == OPEN, NEVER, ended)
    if source.undated_lost == "open":
        outcome = np.where((outcome == OUTCOMES["lost"]) & (closed == NEVER), OPEN, outcome).astype(np.int8)
    amount: Floats = np.full(size, np.nan) if source.amount is None else numbers(frame, source.amount)
    deals = Deals(
        lead_id=owner,
        id=Texts.missing(size) if source.id is None else ids(frame, source.id),
        outcome=outcome,
        closed_at=closed,
        known_at=optional_instants(frame, source.known_at, zone),
        opened_at=optional_instants(frame, source.opened_at, zone),
        reopened_at=optional_instants(frame, source.reopened_at, zone),
        amount=amount,
    )
    return deals, readings


def _changes(reader: Reader, workspace: Workspace) -> Changes:
    """The changes of attributes; none where the workspace names no table of them."""
    source, zone = workspace.sources.changes, workspace.timezone
    if source is None:
        return no_changes()
    # A table without a column of old values is sound: then no change carries one.
    frame = reader.frame("changes", source.from_, of_changes(source).names, ["old"] if source.old is None else [])
    size, name = frame.rows, source.old or "old"
    old = _attribute_values(frame, name) if name in frame.columns else np.full(size, None, dtype=object)
    excluded = set(workspace.excluded_columns)
    attribute = texts(frame, source.attribute)
    return Changes(
        lead_id=ids(frame, source.lead_id),
        at=instants(frame, source.at, zone),
        known_at=optional_instants(frame, source.known_at, zone),
        attribute=Texts.of([None if word in excluded else word for word in attribute.values()]),
        value=_attribute_values(frame, source.value),
        old=old,
        has_old=np.array([value is not None for value in old.tolist()], dtype=np.bool_),
    )


def _attribute_values(frame: Frame, name: str) -> Objects:
    """Values of several attributes in one column stay as they are written."""
    return texts(frame, name).objects()

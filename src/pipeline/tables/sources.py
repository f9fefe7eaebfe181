"""The workspace's tables as canonical ones: leads with their entities, interactions, deals, changes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.sources import EntitySource, InteractionsSource, TimeColumn
from pipeline.definitions.workspace import Workspace
from pipeline.definitions.yaml_lines import WorkspaceError
from pipeline.tables.columns import (
    FLOWS,
    INBOUND,
    NEVER,
    OPEN,
    OUTBOUND,
    OUTCOMES,
    Changes,
    Deals,
    Floats,
    History,
    Instants,
    Interactions,
    Leads,
    Objects,
    Texts,
    no_changes,
)
from pipeline.tables.contracts import Account, TableAccount, sift
from pipeline.tables.reader import Reader
from pipeline.tables.times import instants
from pipeline.tables.values import Frame, attributes, ids, numbers, texts

Progress = Callable[[str], None]


def read_history(workspace: Workspace, progress: Progress = lambda _: None) -> tuple[History, Account]:
    """Every table, held to its contracts. WorkspaceError names table, column, row, value and remedy."""
    sources, zone = workspace.sources, workspace.timezone
    reader = Reader(workspace)
    progress("leads")
    leads, accounts = _leads(reader, workspace)
    parts: list[Interactions] = []
    names = []
    for position, source in enumerate(sources.interactions):
        names.append("interactions" if position == 0 else f"interactions[{position}]")
        progress(names[-1])
        parts.append(_interactions(reader, names[-1], source, workspace))
    progress("deals")
    deals, outcomes = _deals(reader, workspace)
    changes = _changes(reader, workspace)
    progress("contracts")
    history, account = sift(
        leads,
        parts,
        deals,
        changes,
        workspace.data_until,
        zone,
        drop_repeats=[source.repeats == "drop" for source in sources.interactions],
        names=names,
        excluded_kinds=workspace.excluded_kinds,
    )
    tables = {"leads": account.tables["leads"], **accounts, **account.tables}
    if sources.changes is None:
        del tables["changes"]
    if sources.spend is not None:
        tables["spend"] = _spend(reader, workspace)
    return history, Account(tables, account.leads, outcomes)


def _optional(frame: Frame, spec: TimeColumn | None, zone: str) -> Instants:
    return np.full(len(frame.data), NEVER) if spec is None else instants(frame, spec, zone)


def _column(spec: TimeColumn | None) -> str | None:
    return None if spec is None else spec.column


def _leads(reader: Reader, workspace: Workspace) -> tuple[Leads, dict[str, TableAccount]]:
    source = workspace.sources.leads
    excluded = set(workspace.excluded_columns)
    named = [name for name in source.attributes if name not in excluded]
    frame = reader.frame(
        "leads",
        source.from_,
        [source.id, source.created_at.column, *named, *source.entities.values(), *source.display],
    )
    entities: dict[str, Texts] = {str(entity): ids(frame, column) for entity, column in source.entities.items()}
    known = {name: attributes(frame, name) for name in named}
    display = {name: texts(frame, name).objects() for name in source.display}
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
        columns, accounts[table] = _entity(reader, table, joined, entities[entity], excluded)
        for name, column in columns.items():
            target = display if name in joined.display else known
            if name in target:
                raise WorkspaceError(f"{table}, column {name}: the leads have an attribute of that name; rename one")
            target[name] = column
    created = instants(frame, source.created_at, workspace.timezone, starts=True)
    return Leads(ids(frame, source.id), created, known, entities, display), accounts


def _entity(
    reader: Reader, table: str, source: EntitySource, of_lead: Texts, excluded: set[str]
) -> tuple[dict[str, Objects], TableAccount]:
    """Columns of contacts or accounts, one value a lead; of rows with one id the first in order of values stands."""
    named = [name for name in source.attributes if name not in excluded]
    frame = reader.frame(table, source.from_, [source.id, *named, *source.display])
    key = ids(frame, source.id)
    columns = {name: attributes(frame, name) for name in named}
    columns |= {name: texts(frame, name).objects() for name in source.display}
    ranks = [Texts.of([None if v is None else str(v) for v in column.tolist()]).codes for column in columns.values()]
    order = np.lexsort((*reversed(ranks), key.codes))
    row_of = np.full(len(key.words) + 1, -1, dtype=np.int64)
    row_of[key.codes[order][::-1]] = order[::-1]
    row_of[-1] = -1
    row = row_of[of_lead.recode(key.words)]
    missing = int((key.codes < 0).sum())
    repeated = len(key) - missing - len(key.words)
    aside = {reason: count for reason, count in (("no id", missing), ("repeated id", repeated)) if count}
    joined = {name: _at_rows(column, row) for name, column in columns.items()}
    return joined, TableAccount(len(key), len(key.words), aside)


def _at_rows(column: Objects, row: NDArray[np.int64]) -> Objects:
    """The values at the given rows, None where the row is -1."""
    padded = np.full(len(column) + 1, None, dtype=object)
    padded[:-1] = column
    found: Objects = padded[row]
    return found


def _interactions(reader: Reader, table: str, source: InteractionsSource, workspace: Workspace) -> Interactions:
    excluded = set(workspace.excluded_columns)
    number_names = [name for name in source.numbers if name not in excluded]
    text_names = [name for name in source.texts if name not in excluded]
    both = set(number_names) & set(text_names)
    if both:
        raise WorkspaceError(f"{table}, column {sorted(both)[0]}: named under numbers and texts; keep one")
    frame = reader.frame(
        table,
        source.from_,
        [
            source.entity_id,
            source.id,
            source.at.column,
            _column(source.known_at),
            source.kind.column,
            source.flow.column,
            *number_names,
            *text_names,
        ],
    )
    size = len(frame.data)
    if source.kind.column is None:
        assert source.kind.value is not None
        kind = Texts(np.zeros(size, dtype=np.int32), (source.kind.value,))
    else:
        kind = texts(frame, source.kind.column)
        kind = Texts(kind.codes, tuple(source.kind.prefix + word for word in kind.words))
    return Interactions(
        entity=source.entity,
        entity_id=ids(frame, source.entity_id),
        at=instants(frame, source.at, workspace.timezone),
        kind=kind,
        id=Texts.missing(size) if source.id is None else ids(frame, source.id),
        known_at=_optional(frame, source.known_at, workspace.timezone),
        flow=_flow(frame, source, kind),
        numbers={name: numbers(frame, name) for name in number_names},
        texts={name: texts(frame, name) for name in text_names},
    )


def _flow(frame: Frame, source: InteractionsSource, kind: Texts) -> np.ndarray[tuple[int], np.dtype[np.int8]]:
    if source.flow.column is not None:
        flow = texts(frame, source.flow.column)
        for code, word in enumerate(flow.words):
            if word not in FLOWS:
                row = int(np.flatnonzero(flow.codes == code)[0])
                raise frame.error(source.flow.column, row, word, "is no flow; expected inbound or outbound, or empty")
        return np.array([*(FLOWS[word] for word in flow.words), 0], dtype=np.int8)[flow.codes]
    directions = [
        OUTBOUND if word in source.flow.outbound else INBOUND if word in source.flow.inbound else 0
        for word in kind.words
    ]
    return np.array([*directions, 0], dtype=np.int8)[kind.codes]


def _deals(reader: Reader, workspace: Workspace) -> tuple[Deals, dict[str, tuple[str, int]]]:
    source, zone = workspace.sources.deals, workspace.timezone
    times = [source.closed_at, source.known_at, source.opened_at, source.reopened_at]
    frame = reader.frame(
        "deals",
        source.from_,
        [source.id, source.lead_id, source.outcome.column, source.amount, *(_column(time) for time in times)],
    )
    size = len(frame.data)
    closed = instants(frame, source.closed_at, zone)
    if source.outcome.column is None:
        assert source.outcome.value is not None
        outcome = np.full(size, OUTCOMES[source.outcome.value], dtype=np.int8)
        readings: dict[str, tuple[str, int]] = {str(source.outcome.value): (str(source.outcome.value), size)}
    else:
        words = texts(frame, source.outcome.column)
        meaning = ["won" if word in source.won else "lost" if word in source.lost else "open" for word in words.words]
        outcome = np.array([*(OUTCOMES[read] for read in meaning), OPEN], dtype=np.int8)[words.codes]
        counts = np.bincount(words.codes + 1, minlength=len(words.words) + 1)
        readings = {word: (meaning[code], int(counts[code + 1])) for code, word in enumerate(words.words)}
        if counts[0]:
            readings[""] = ("open", int(counts[0]))
    if source.undated_lost == "open":
        outcome = np.where((outcome == OUTCOMES["lost"]) & (closed == NEVER), OPEN, outcome).astype(np.int8)
    amount: Floats = np.full(size, np.nan) if source.amount is None else numbers(frame, source.amount)
    deals = Deals(
        lead_id=ids(frame, source.lead_id),
        id=Texts.missing(size) if source.id is None else ids(frame, source.id),
        outcome=outcome,
        closed_at=closed,
        known_at=_optional(frame, source.known_at, zone),
        opened_at=_optional(frame, source.opened_at, zone),
        reopened_at=_optional(frame, source.reopened_at, zone),
        amount=amount,
    )
    return deals, readings


def _changes(reader: Reader, workspace: Workspace) -> Changes:
    source, zone = workspace.sources.changes, workspace.timezone
    if source is None:
        return no_changes()
    columns = [source.lead_id, source.at.column, source.attribute, source.value, _column(source.known_at), source.old]
    # A table without a column of old values is sound: then no change carries one.
    frame = reader.frame("changes", source.from_, columns, ["old"] if source.old is None else [])
    size, name = len(frame.data), source.old or "old"
    old = _attribute_values(frame, name) if name in frame.data.column_names else np.full(size, None, dtype=object)
    excluded = set(workspace.excluded_columns)
    attribute = texts(frame, source.attribute)
    return Changes(
        lead_id=ids(frame, source.lead_id),
        at=instants(frame, source.at, zone),
        known_at=_optional(frame, source.known_at, zone),
        attribute=Texts.of([None if word in excluded else word for word in attribute.values()]),
        value=_attribute_values(frame, source.value),
        old=old,
        has_old=np.array([value is not None for value in old.tolist()], dtype=np.bool_),
    )


def _attribute_values(frame: Frame, name: str) -> Objects:
    """Values of several attributes in one column stay as they are written."""
    return texts(frame, name).objects()


def _spend(reader: Reader, workspace: Workspace) -> TableAccount:
    source = workspace.sources.spend
    assert source is not None
    columns = [source.at.column, source.channel, source.campaign, source.amount]
    frame = reader.frame("spend", source.from_, columns)
    at, amount = instants(frame, source.at, workspace.timezone), numbers(frame, source.amount)
    undated, late, empty = at == NEVER, at > workspace.data_until, np.isnan(amount)
    aside = {"no time": undated, "after data_until": late & ~undated, "no amount": empty & ~undated & ~late}
    counts = {reason: int(rows.sum()) for reason, rows in aside.items() if rows.any()}
    return TableAccount(len(at), len(at) - sum(counts.values()), counts)

"""What a worker does: each task takes plain data and Arrow tables and gives such, by the functions of one process.

First with pieces of the tables of interactions (`survey`, `sort`), then with the facts of a partition's leads.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.definitions.settings import Observe
from pipeline.definitions.sources import InteractionsSource
from pipeline.distributed import pieces, wire
from pipeline.distributed.digest import digest
from pipeline.distributed.parcels import Parcel
from pipeline.distributed.spread import positions
from pipeline.distributed.telling import beside, telling
from pipeline.features.auto import count_training
from pipeline.features.ledgers import Whole
from pipeline.features.matrix import Definition
from pipeline.features.measures import measure_all
from pipeline.features.observations import observe as observe_leads
from pipeline.tables.account import Sieve
from pipeline.tables.asked import of_interactions
from pipeline.tables.columns import History, Interactions, Texts, nowhen
from pipeline.tables.contracts import sift_facts
from pipeline.tables.facts import take
from pipeline.tables.frame import Frame
from pipeline.tables.interactions import facts_of

Facts = Sequence[pa.Table]
Indices = NDArray[np.int64]

TYPED = ("TINYINT", "SMALLINT", "INT", "BIGINT", "HUGEINT", "U", "FLOAT", "DOUBLE", "BOOL", "DATE", "TIME")
"""How the types begin that DuckDB reads the same whatever else stands in the column."""

PIECE = 1 << 40
"""More rows than a piece has: piece and row as one number."""


def survey(shared: Parcel, own: Parcel) -> Parcel:
    """How many rows a piece has, and its cells that tell how the whole column is read."""
    table = shared.plain["tables"][own.plain["table"]]
    source, excluded = InteractionsSource.model_validate(table["source"]), shared.plain["excluded_columns"]
    names = of_interactions(table["name"], source, excluded).names
    types: Mapping[str, str] = own.plain.get("types", {})
    needed = [name for name in names if not types.get(name, "").startswith(TYPED)] or names[:1]
    with pieces.opened(own, table["name"], needed, shared.plain["missing"]) as frame:
        cells = telling(frame, source, excluded)
        return Parcel({"rows": frame.rows, "header_lines": frame.header_lines, "cells": cells})


def sort(shared: Parcel, own: Parcel) -> Parcel:
    """A piece's facts for each partition that has to have them, and the account of the piece's rows.

    `row` tells which row of which piece a fact was; `home` marks the one place where it counts.
    """
    position = own.plain["table"]
    table, plain = shared.plain["tables"][position], shared.plain
    source, excluded = InteractionsSource.model_validate(table["source"]), plain["excluded_columns"]
    names = of_interactions(table["name"], source, excluded).names
    with pieces.opened(own, table["name"], names, plain["missing"]) as frame:
        size, whole = frame.rows, beside(frame.read(names), table["cells"])
    facts = facts_of(Frame.of(table["name"], "", whole, 0, plain["missing"]), source, excluded, plain["timezone"])
    facts = take(facts, np.arange(size))
    route = shared.tables[f"route {source.entity}"]
    words = pa.array(list(facts.entity_id.words), pa.string())
    place = pc.index_in(words, value_set=route.column("id")).fill_null(-1).to_numpy(zero_copy_only=False)
    known = Texts(np.empty(0, np.int32), tuple(words.filter(pa.array(place >= 0)).to_pylist()))
    aside = set(words.filter(pc.is_in(words, value_set=shared.tables["aside"].column("id"))).to_pylist())
    sieve = sift_facts(facts, known, aside, plain["data_until"], table["drop_repeats"], plain["excluded_kinds"])
    rows = np.flatnonzero(sieve.kept)
    sent = wire.facts_out(take(facts, rows)).append_column("row", pa.array(own.plain["piece"] * PIECE + rows))
    answer = {"rows": size} | _aside(sieve, np.arange(size))
    return Parcel(answer, _dealt(sent, place[facts.entity_id.codes[rows]], route, position))


def _aside(sieve: Sieve, row: Indices) -> dict[str, Any]:
    """Every reason in order, how many rows it holds for, and the first of them by their numbers."""
    account = sieve.account()
    return {
        "reasons": sieve.reasons,
        "set_aside": dict(account.set_aside),
        "first": {reason: row[list(places)].tolist() for reason, places in account.examples.items()},
    }


def _dealt(sent: pa.Table, place: Indices, route: pa.Table, position: int) -> dict[str, pa.Table]:
    """Rows to the partitions of their entity, which stands at `place` of the route."""
    lists = route.column("parts").combine_chunks()
    offsets, parts = lists.offsets.to_numpy(), lists.values.to_numpy()
    count = offsets[place + 1] - offsets[place]
    row = np.repeat(np.arange(len(place)), count)
    within = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    part = parts[np.repeat(offsets[place], count) + within]
    sent = sent.replace_schema_metadata({"table": str(position)})
    home = within == 0
    return {
        str(number): sent.take(pa.array(row[chosen])).append_column("home", pa.array(home[chosen]))
        for number, chosen in positions(part)
    }


def _together(shared: Parcel, facts: Facts, position: int) -> tuple[pa.Table | None, str]:
    """A partition's rows of one table of interactions, in the order in which they stood there."""
    mine = [table for table in facts if table.schema.metadata[b"table"] == str(position).encode()]
    entity = str(shared.plain["tables"][position]["source"]["entity"])
    return (pa.concat_tables(mine).sort_by("row") if mine else None), entity


def _read(shared: Parcel, table: pa.Table | None, entity: str, position: int) -> tuple[Interactions, Sieve]:
    """The facts of a partition's table, and which of them repeat others: the contracts' last questions."""
    plain = shared.plain
    told = plain["tables"][position]
    if table is None:
        none = Texts.missing(0)
        numbers = {name: np.empty(0) for name in told["numbers"]}
        facts = Interactions(
            entity,
            none,
            np.empty(0, np.int64),
            Texts(none.codes, tuple(told["kinds"])),
            none,
            nowhen(0),
            np.empty(0, np.int8),
            numbers,
            dict.fromkeys(told["texts"], none),
        )
    else:
        facts = wire.facts_in(table, entity, told["kinds"])
    drop, excluded = told["drop_repeats"], plain["excluded_kinds"]
    return facts, sift_facts(facts, facts.entity_id, set(), plain["data_until"], drop, excluded)


def _history(shared: Parcel, own: Parcel, facts: Facts) -> History:
    """All that is known of a partition's leads."""
    parts = []
    for position in range(len(shared.plain["tables"])):
        read, sieve = _read(shared, *_together(shared, facts, position), position)
        parts.append(read if sieve.kept.all() else take(read, np.flatnonzero(sieve.kept)))
    return History(
        wire.leads_in(own.tables["leads"]),
        tuple(parts),
        wire.deals_in(own.tables["deals"]),
        wire.changes_in(own.tables["changes"]),
        shared.plain["data_until"],
        shared.plain["timezone"],
    )


def _places(own: Parcel, rows: pa.Table) -> Indices:
    """Where in the partition leads stand that are given by their rows in the whole."""
    found: Indices = np.searchsorted(own.tables["leads"].column("row").to_numpy(), rows.column("lead").to_numpy())
    return found


def tally(shared: Parcel, own: Parcel, facts: Facts) -> Parcel:
    """Which facts repeat others, and what the rest hold, each counted at home."""
    tables = []
    for position in range(len(shared.plain["tables"])):
        table, entity = _together(shared, facts, position)
        home = None if table is None else table.filter(table.column("home"))
        read, sieve = _read(shared, home, entity, position)
        row = np.empty(0, np.int64) if home is None else home.column("row").to_numpy()
        tables.append({"digest": digest(take(read, np.flatnonzero(sieve.kept)))} | _aside(sieve, row))
    return Parcel({"tables": tables})


def observe(shared: Parcel, own: Parcel, facts: Facts) -> Parcel:
    """When the partition's own leads are observed after interactions."""
    history = _history(shared, own, facts)
    found = observe_leads(
        history, Observe(after="interaction"), shared.plain["horizon"], shared.plain["excluded_kinds"]
    )
    leads = own.tables["leads"]
    mine = np.flatnonzero(leads.column("own").to_numpy()[found.lead])
    found = found.take(mine)
    row = leads.column("row").to_numpy()[found.lead]
    table = {"lead": row, "cutoff": found.cutoff, "mature": found.mature, "label": found.label}
    return Parcel({}, {"observations": pa.table(table)})


def count(shared: Parcel, own: Parcel, facts: Facts) -> Parcel:
    """What the training observations hold of each entity at home, for criteria that are found by counting."""
    history, plain = _history(shared, own, facts), shared.plain
    counted = {}
    for entity in ("lead", *history.leads.entities):
        seen = own.tables[f"seen {entity}"]
        # An entity's own leads alone: the others' facts are counted where they are at home.
        alone = {name: column for name, column in history.leads.entities.items() if name == entity}
        found = count_training(
            Whole(
                replace(history, leads=replace(history.leads, entities=alone, attributes={})),
                plain["excluded_kinds"],
                plain["excluded_columns"],
            ),
            _places(own, seen),
            seen.column("cutoff").to_numpy(),
            {},
            plain["excluded_columns"],
        )
        numbers = [[kind, name, held] for (kind, name), held in found.numbers[entity].items()]
        counted[entity] = {"kinds": dict(found.kinds[entity]), "numbers": numbers}
    return Parcel({"counts": counted})


def measure(shared: Parcel, own: Parcel, facts: Facts) -> Parcel:
    """The measures of the partition's observations."""
    history, rows = _history(shared, own, facts), own.tables["rows"]
    definition = Definition.from_json(shared.plain["definition"])
    columns = measure_all(history, _places(own, rows), rows.column("cutoff").to_numpy(), definition)
    return Parcel({}, {"measures": wire.measures_out(columns)})


def score(shared: Parcel, own: Parcel, facts: Facts) -> Parcel:
    """The scores of the partition's leads; JSON gives every number back to the bit."""
    # LightGBM takes seconds to import, and only this task needs it.
    from pipeline.learning.bundle import Bundle
    from pipeline.reasons.language import language
    from pipeline.reasons.scores import score as score_leads

    history = _history(shared, own, facts)
    with tempfile.TemporaryDirectory(prefix="leadlight-bundle-") as folder:
        for name, text in shared.plain["bundle"].items():
            (Path(folder) / name).write_text(text, encoding="utf-8", newline="")
        bundle = Bundle.load(Path(folder))
    words = language(shared.plain["language"])
    places = _places(own, own.tables["rows"])
    scores = score_leads(bundle, history, shared.plain["as_of"], places, language=words)
    return Parcel({"scores": [asdict(one) for one in scores]})

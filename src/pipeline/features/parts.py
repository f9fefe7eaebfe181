"""Facts of leads laid out in parts, each a range of the leads' ids: the memory of a part instead of that of all."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.maps import glob
from pipeline.features.ledger import Ledger
from pipeline.features.ledgers import Whole
from pipeline.features.stage import Stage
from pipeline.native import library
from pipeline.tables.bar import Bar, Progress
from pipeline.tables.columns import NEVER, History, Interactions, Texts, at_rows, nowhen
from pipeline.tables.facts import Ids, exact_repeats, fact_order, first_of_each_id, merge, take, visible_at
from pipeline.tables.history import InPieces
from pipeline.tables.pieces import FLOW, KIND, TableInPieces, narrow

Indices = NDArray[np.int64]

FACTS_A_PART = 400_000
"""So many facts on average are in memory for each part that is worked on."""

UNCOUNTED = 20_000_000
"""So many facts are made room for where nobody knows how many there are."""


@dataclass
class _Seen:
    """What the rows of a table in pieces hold that are used: kinds with their flows, numbers at all, texts."""

    flows: NDArray[np.bool_]
    numbers: dict[str, bool] = field(default_factory=dict)
    texts: dict[str, NDArray[np.bool_]] = field(default_factory=dict)


class InParts:
    """Facts of leads in parts, each a range of the leads' ids; ledgers of contacts and accounts are whole."""

    def __init__(
        self,
        history: History,
        tables: Sequence[TableInPieces | None],
        stages: Sequence[Stage | None],
        width: int,
        kinds: Sequence[str] = (),
        columns: Sequence[str] = (),
    ) -> None:
        """Of each table of interactions its pieces, or None where it stands in the history; `width` ids a part."""
        self._whole = Whole(history, kinds, columns)
        self._excluded, self._width = [glob(kind) for kind in kinds], width
        self._tables = [(place, table) for place, table in enumerate(tables) if table is not None]
        self._stages = stages
        self._seen = {
            place: _Seen(np.zeros((len(table.kinds(0, np.empty(0, np.int32)).words), 3), dtype=np.bool_))
            for place, table in self._tables
        }
        self._lock = threading.Lock()

    def parts(self, lead: Indices) -> Iterator[tuple[int, slice]]:
        """Ranges of the leads' ids, those without an observation included."""
        ids = self._whole.history.leads.id
        count = -(-len(ids.words) // self._width)
        edges = np.searchsorted(ids.codes[lead], np.arange(count + 1) * self._width)
        for part in range(count):
            yield part, slice(int(edges[part]), int(edges[part + 1]))

    def ledger(self, entity: str, part: int) -> Ledger:
        """The ledger of a part's leads, or a whole one: of another entity, and of leads without interactions."""
        if entity != "lead" or not self._tables:
            with self._lock:
                return self._whole.ledger(entity)
        leads = self._whole.history.leads
        tables = [self._facts(place, table, part) for place, table in self._tables]
        first = part * self._width
        size = min(self._width, len(leads.id.words) - first)
        code = np.concatenate([table.entity_id.codes for table in tables])
        facts = tables[0] if len(tables) == 1 else merge([_in_words(table) for table in tables])
        order = fact_order(facts, code)
        at, known_at = facts.at[order], at_rows(facts.known_at, order)
        return Ledger(
            entity="lead",
            of_lead=leads.id.codes.astype(np.int64) - first,
            offsets=np.concatenate([[0], np.cumsum(np.bincount(code, minlength=size))]),
            at=at,
            seen=visible_at(at, known_at),
            kind=facts.kind.take(order),
            flow=facts.flow[order],
            texts={name: column.take(order) for name, column in facts.texts.items()},
            numbers={name: column[order] for name, column in facts.numbers.items()},
            own=np.empty(0, dtype=np.int64),
        )

    def _facts(self, place: int, table: TableInPieces, part: int) -> Interactions:
        stage = self._stages[place]
        assert stage is not None
        columns = stage.part(part)
        lead: NDArray[Any] = columns.get("lead", np.empty(0, dtype=np.int32)).astype(np.int32)
        size = len(lead)
        none = np.empty(0, dtype=np.int32)
        kind = table.kinds(size, columns.get(f"text {KIND}", none))
        flow_codes = columns.get(f"text {FLOW}", none) if table.source.flow.column is not None else None
        texts = {}
        for name in table.text_names:
            words, code_of = table.words(name)
            texts[name] = Texts(code_of[columns.get(f"text {name}", none)], words)
        facts = Interactions(
            entity="lead",
            entity_id=Texts(lead, ()),
            at=columns.get("at", np.empty(0, dtype=np.int64)),
            kind=kind,
            id=cast(Texts, Ids(columns["id"])) if "id" in columns else Texts.missing(size),
            known_at=columns.get("known_at", nowhen(size)),
            flow=table.flows(kind, flow_codes),
            numbers={name: columns.get(f"number {name}", np.empty(0)) for name in table.number_names},
            texts=texts,
        )
        out = np.array([any(p.fullmatch(word) for p in self._excluded) for word in kind.words] + [True])[kind.codes]
        if out.any():
            facts = take(facts, ~out)
        if isinstance(facts.id, Ids):
            facts = _once(facts)
        if table.source.repeats == "drop":
            facts = take(facts, ~exact_repeats(facts))
        self._note(self._seen[place], facts)
        return facts

    def _note(self, seen: _Seen, facts: Interactions) -> None:
        with self._lock:
            used = np.bincount(facts.kind.codes * 3 + facts.flow, minlength=seen.flows.size).astype(np.bool_)
            seen.flows |= used.reshape(seen.flows.shape)
            for name, column in facts.numbers.items():
                seen.numbers[name] = seen.numbers.get(name, False) or not np.isnan(column).all()
            for name, texts in facts.texts.items():
                known = seen.texts.setdefault(name, np.zeros(len(texts.words) + 1, dtype=np.bool_))
                known[texts.codes] = True

    @property
    def history(self) -> History:
        """The history, with a row for every kind and flow, text and number that was seen in the parts so far."""
        whole = self._whole.history
        tables = list(whole.interactions)
        for place, table in self._tables:
            tables.insert(place, self._standing_for(table, self._seen[place]))
        return replace(whole, interactions=tuple(tables))

    def _standing_for(self, table: TableInPieces, seen: _Seen) -> Interactions:
        kinds, flows = np.nonzero(seen.flows)
        texts = {name: np.flatnonzero(seen.texts.get(name, np.zeros(1, np.bool_))[:-1]) for name in table.text_names}
        size = max([1, len(kinds), *map(len, texts.values())]) if len(kinds) else 0
        rows = np.minimum(np.arange(size), len(kinds) - 1)
        filled = {name: np.append(codes, -1)[np.minimum(np.arange(size), len(codes))] for name, codes in texts.items()}
        words = table.kinds(0, np.empty(0, np.int32)).words
        return Interactions(
            entity="lead",
            entity_id=Texts.missing(size),
            at=np.full(size, NEVER),
            kind=Texts(kinds[rows].astype(np.int32), words),
            id=Texts.missing(size),
            known_at=nowhen(size),
            flow=flows[rows].astype(np.int8),
            numbers={
                name: np.full(size, 0.0 if seen.numbers.get(name, False) else np.nan) for name in table.number_names
            },
            texts={name: Texts(codes.astype(np.int32), table.words(name)[0]) for name, codes in filled.items()},
        )


def _in_words(facts: Interactions) -> Interactions:
    """Facts whose ids can stand beside those of other tables; whose they are is known apart."""
    ids = facts.id.in_words() if isinstance(facts.id, Ids) else facts.id
    return replace(facts, entity_id=Texts.missing(len(facts)), id=ids)


def _once(facts: Interactions) -> Interactions:
    """The facts without those that repeat an id of their lead; ids are compared only where two may be the same."""
    values = cast(Ids, facts.id).values
    if len(values) == 0:
        return facts
    width = -(-values.itemsize // 8) * 8
    ids = np.ascontiguousarray(values.astype(f"S{width}", copy=False))
    repeated, entity = np.empty(len(ids), dtype=np.bool_), np.ascontiguousarray(facts.entity_id.codes)
    addresses = entity.ctypes.data, ids.ctypes.data
    found = library().leadlight_repeated(*addresses, width, len(ids), repeated.ctypes.data)
    if found < 0:
        raise MemoryError("the ids of these facts do not fit into memory")
    if found == 0:
        return facts
    rows = np.flatnonzero(repeated)
    keep = np.ones(len(facts), dtype=np.bool_)
    keep[rows] = first_of_each_id(take(facts, rows))
    return take(facts, keep)


@contextmanager
def in_parts(
    pieces: InPieces,
    folder: Path,
    kinds: Sequence[str] = (),
    columns: Sequence[str] = (),
    progress: Progress = lambda _: None,
) -> Iterator[InParts]:
    """Read every table in pieces into parts; what is too much for the memory goes into a file in `folder`."""
    ids = max(1, len(pieces.history.leads.id.words))
    parts = -(-(UNCOUNTED if pieces.rows is None else pieces.rows) // FACTS_A_PART)
    width = -(-ids // max(1, min(ids, parts)))
    stages = [
        None if table is None else Stage(folder, -(-ids // width), f"facts-{place}")
        for place, table in enumerate(pieces.tables)
    ]
    try:
        bar = Bar(progress, "interactions", "rows", pieces.rows)
        for table, stage in zip(pieces.tables, stages, strict=True):
            if table is None or stage is None:
                continue
            for count, piece in table.pieces():
                part = piece.lead // np.int32(width)
                # A part's own leads are few: their places in it take fewer bytes than those among all.
                stage.add(part, piece.columns() | {"lead": narrow(piece.lead - part * np.int32(width))})
                bar.more(count)
        yield InParts(pieces.history, pieces.tables, stages, width, kinds, columns)
    finally:
        for stage in stages:
            if stage is not None:
                stage.close()

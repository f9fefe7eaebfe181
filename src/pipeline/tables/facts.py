"""The order of facts, and which of several rows with one id is the fact (DESIGN section 3, rule 4)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pipeline.native import library
from pipeline.tables.columns import Codes, Instants, Interactions, Texts, at_rows, concatenate


def visible_at(at: Instants, known_at: Instants) -> Instants:
    """The instant after which a fact is seen: the later of `at` and `known_at` (NEVER is the smallest)."""
    return at if known_at.strides == (0,) else np.maximum(at, known_at)


def merge(tables: Sequence[Interactions]) -> Interactions:
    """Several tables of one entity type as one, over the union of their columns; what a table lacks is missing."""
    full = [table for table in tables if len(table)] or tables[:1]
    if len(full) == 1 and all({*t.numbers, *t.texts} <= {*full[0].numbers, *full[0].texts} for t in tables):
        return full[0]
    numbers = sorted({name for table in tables for name in table.numbers})
    texts = sorted({name for table in tables for name in table.texts})
    return Interactions(
        entity=tables[0].entity,
        entity_id=concatenate([table.entity_id for table in tables]),
        at=np.concatenate([table.at for table in tables]),
        kind=concatenate([table.kind for table in tables]),
        id=concatenate([table.id for table in tables]),
        known_at=np.concatenate([table.known_at for table in tables]),
        flow=np.concatenate([table.flow for table in tables]),
        numbers={
            name: np.concatenate([table.numbers.get(name, np.full(len(table), np.nan)) for table in tables])
            for name in numbers
        },
        texts={
            name: concatenate([table.texts.get(name, Texts.missing(len(table))) for table in tables]) for name in texts
        },
    )


def take(table: Interactions, rows: NDArray[np.generic]) -> Interactions:
    """The given rows (indices or a mask) of a table."""
    return Interactions(
        entity=table.entity,
        entity_id=table.entity_id.take(rows),
        at=table.at[rows],
        kind=table.kind.take(rows),
        id=table.id.take(rows),
        known_at=at_rows(table.known_at, rows),
        flow=table.flow[rows],
        numbers={name: column[rows] for name, column in table.numbers.items()},
        texts={name: column.take(rows) for name, column in table.texts.items()},
    )


def _tie_keys(table: Interactions) -> list[NDArray[np.generic]]:
    """What orders facts of one instant, the most significant first; a missing value comes first."""
    keys: list[NDArray[np.generic]] = [table.kind.codes, table.id.codes]
    keys += [table.texts[name].codes for name in sorted(table.texts)]
    for name in sorted(table.numbers):
        column = table.numbers[name]
        present = ~np.isnan(column)
        keys += [present, np.where(present, column, 0.0)]
    keys.append(table.flow)
    return keys


def fact_order(table: Interactions, entity: Codes | NDArray[np.int64]) -> NDArray[np.int64]:
    """The permutation that sorts by entity (codes from 0), then by rule 4: at, kind, id, texts, numbers, flow."""
    order, tied = by_entity_and_instant(entity, table.at)
    if not tied.any():
        return order
    # Only rows that share entity and instant need the long comparison; they stand together already.
    block = order[tied]
    keys = _tie_keys(take(table, block))
    order[tied] = block[np.lexsort((*reversed(keys), table.at[block], entity[block]))]
    return order


def by_entity_and_instant(
    entity: Codes | NDArray[np.int64], at: Instants
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The rows by entity and instant, equal ones as they came, and which places share both with a neighbour."""
    rows = len(at)
    order, tied = np.empty(rows, dtype=np.int64), np.empty(rows, dtype=np.bool_)
    if rows == 0:
        return order, tied
    entities = int(entity.max()) + 1
    offsets = np.empty(entities + 1, dtype=np.int64)
    whole = (np.ascontiguousarray(entity, dtype=np.int32), np.ascontiguousarray(at))
    addresses = [array.ctypes.data for array in (*whole, order, offsets, tied)]
    if library().leadlight_order(*addresses[:2], rows, entities, *addresses[2:]) < 0:
        raise MemoryError("the order of these facts does not fit into memory")
    return order, tied


class Ids:
    """Ids of facts as they are written, each of a width; their codes are found when they are looked at.

    It stands where a column of `Texts` does, for ids by the million of which hardly any is ever compared.
    """

    words: tuple[str, ...] = ()

    def __init__(self, values: NDArray[np.bytes_]) -> None:
        """Values in the order of their rows; an empty one is missing."""
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def codes(self) -> Codes:
        """Codes in the order of the ids, -1 for a missing one."""
        words, codes = np.unique(self.values, return_inverse=True)
        return (codes - int(len(words) > 0 and not words[0])).astype(np.int32)

    def in_words(self) -> Texts:
        """The same column as texts in codes."""
        words = np.unique(self.values)
        return Texts(self.codes, tuple(word.decode() for word in words.tolist() if word))

    def take(self, rows: NDArray[np.generic]) -> Ids:
        """The given rows."""
        return Ids(self.values[rows])


def some_id_twice(table: Interactions) -> bool:
    """Whether two rows have one id; if not, none of them has to be compared."""
    codes = table.id.codes[table.id.codes >= 0]
    return len(codes) > 0 and bool(np.bincount(codes).max() > 1)


def first_of_each_id(table: Interactions) -> NDArray[np.bool_]:
    """Which rows stand: of the rows of one entity with one id, the one visible first, then the first in order."""
    keep = np.ones(len(table), dtype=np.bool_)
    if not some_id_twice(table):
        return keep
    codes = table.id.codes
    counts = np.bincount(codes[codes >= 0])
    named = np.flatnonzero((codes >= 0) & (counts[codes] > 1))
    part = take(table, named)
    rank = np.empty(len(named), dtype=np.int64)
    rank[fact_order(part, np.zeros(len(named), dtype=np.int64))] = np.arange(len(named))
    seen = visible_at(part.at, part.known_at)
    order = np.lexsort((rank, seen, part.id.codes, part.entity_id.codes))
    repeated = (part.id.codes[order][1:] == part.id.codes[order][:-1]) & (
        part.entity_id.codes[order][1:] == part.entity_id.codes[order][:-1]
    )
    keep[named[order[1:][repeated]]] = False
    return keep


def exact_repeats(table: Interactions) -> NDArray[np.bool_]:
    """Which rows repeat an earlier one in every column, among rows without an id."""
    keys = [*_tie_keys(table), table.known_at]
    order = np.lexsort((*reversed(keys), table.at, table.entity_id.codes))
    columns: list[NDArray[np.generic]] = [table.entity_id.codes, table.at, *keys]
    same = np.ones(max(len(order) - 1, 0), dtype=np.bool_)
    for column in columns:
        same &= column[order][1:] == column[order][:-1]
    repeats = np.zeros(len(table), dtype=np.bool_)
    repeats[order[1:][same]] = True
    return repeats & (table.id.codes < 0)

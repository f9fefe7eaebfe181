"""What a table is inside: NumPy columns, instants as UTC microseconds, texts as codes into a sorted vocabulary.

Both the analyst's files and a request to the service end in these classes, so everything after them is the same code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pipeline.tables.matching import places

Instants = NDArray[np.int64]
Floats = NDArray[np.float64]
Codes = NDArray[np.int32]
Objects = NDArray[np.object_]

NEVER = np.iinfo(np.int64).min
"""An instant that is not given."""


def nowhen(size: int) -> Instants:
    """A column in which no instant is given; it takes no memory."""
    never: Instants = np.broadcast_to(np.int64(NEVER), size)
    return never


def at_rows(column: Instants, rows: NDArray[np.generic]) -> Instants:
    """The given rows (indices or a mask) of a column of instants; one that `nowhen` made stays as small."""
    if column.strides == (0,):
        return nowhen(int(rows.sum()) if rows.dtype == np.bool_ else len(rows))
    found: Instants = column[rows]
    return found


@dataclass(frozen=True)
class Texts:
    """A column of texts: `codes` into `words`, which are sorted by code point; -1 is missing.

    Sorted words make the order of codes the order of texts, a missing text first.

    >>> column = Texts.of(["b", None, "a", "b"])
    >>> column.codes.tolist(), column.words
    ([1, -1, 0, 1], ('a', 'b'))
    """

    codes: Codes
    words: tuple[str, ...]

    @classmethod
    def of(cls, values: Iterable[str | None]) -> Texts:
        """Encode plain values; order and repeats are kept."""
        listed = list(values)
        words = tuple(sorted(value for value in set(listed) if value is not None))
        index: dict[str | None, int] = dict(zip(words, range(len(words)), strict=True))
        index[None] = -1
        return cls(np.fromiter(map(index.__getitem__, listed), dtype=np.int32, count=len(listed)), words)

    @classmethod
    def missing(cls, size: int) -> Texts:
        """A column of `size` missing texts."""
        return cls(np.full(size, -1, dtype=np.int32), ())

    def __len__(self) -> int:
        return len(self.codes)

    def take(self, rows: NDArray[np.generic]) -> Texts:
        """The given rows (indices or a mask), with the same words."""
        return Texts(self.codes[rows], self.words)

    def recode(self, words: Sequence[str]) -> Codes:
        """Codes into other sorted `words`; what they lack becomes -1."""
        return self.codes if words is self.words else places(self.words, words)[self.codes]

    def values(self) -> list[str | None]:
        """The plain values again."""
        words = (*self.words, None)
        return [words[code] for code in self.codes.tolist()]

    def objects(self) -> Objects:
        """The plain values as an object array."""
        return np.array([*self.words, None], dtype=object)[self.codes]


def concatenate(columns: Sequence[Texts]) -> Texts:
    """Columns one below the other, over the union of their words."""
    if len(columns) == 1:
        return columns[0]
    worded = [column.words for column in columns if len(column.words)]
    if len(worded) == 1:
        # What has no words has only missing texts: the codes stand as they are.
        return Texts(np.concatenate([column.codes for column in columns]), worded[0])
    words = tuple(sorted(set().union(*(column.words for column in columns))))
    codes = [column.recode(words) for column in columns]
    return Texts(np.concatenate(codes) if codes else np.empty(0, dtype=np.int32), words)


@dataclass(frozen=True)
class Leads:
    """One row a lead. `attributes` are as they stand: objects that are str, float or None, its contact's and account's
    included. `entities` maps "contact" and "account" to ids; `display` is for people and never a feature.
    """

    id: Texts
    created_at: Instants
    attributes: Mapping[str, Objects] = field(default_factory=dict)
    entities: Mapping[str, Texts] = field(default_factory=dict)
    display: Mapping[str, Objects] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.created_at)


@dataclass(frozen=True)
class Interactions:
    """One table of facts about entities of one type ("lead", "contact", "account"), in the order of arrival.

    `known_at` is NEVER where not given; `flow` is 1 inbound, 2 outbound, 0 neither.
    """

    entity: str
    entity_id: Texts
    at: Instants
    kind: Texts
    id: Texts
    known_at: Instants
    flow: NDArray[np.int8]
    numbers: Mapping[str, Floats] = field(default_factory=dict)
    texts: Mapping[str, Texts] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.at)


NEUTRAL, INBOUND, OUTBOUND = 0, 1, 2
FLOWS = {None: NEUTRAL, "inbound": INBOUND, "outbound": OUTBOUND}

OPEN, WON, LOST = 0, 1, 2
OUTCOMES = {"open": OPEN, "won": WON, "lost": LOST}


@dataclass(frozen=True)
class Deals:
    """One row a deal of a lead; instants are NEVER where not given, `outcome` is OPEN, WON or LOST."""

    lead_id: Texts
    id: Texts
    outcome: NDArray[np.int8]
    closed_at: Instants
    known_at: Instants
    opened_at: Instants
    reopened_at: Instants
    amount: Floats

    def __len__(self) -> int:
        return len(self.closed_at)


@dataclass(frozen=True)
class Changes:
    """One row a change of a lead's attribute. `has_old`: whether the row carries the old value, which may be None."""

    lead_id: Texts
    at: Instants
    known_at: Instants
    attribute: Texts
    value: Objects
    old: Objects
    has_old: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.at)

    @cached_property
    def order(self) -> NDArray[np.int64]:
        """Sorted by attribute, lead, time; of one instant by value, then by the old one, a missing one first."""
        value, old = (
            Texts.of([None if v is None else str(v) for v in column.tolist()]).codes
            for column in (self.value, self.old)
        )
        seen = np.maximum(self.at, self.known_at)
        keys = (old, self.has_old, value, seen, self.at, self.lead_id.codes, self.attribute.codes)
        return np.lexsort(keys)


@dataclass(frozen=True)
class History:
    """All that is known of a set of leads: what the contracts let through, and what a request carries.

    `data_until` is the export's instant: no cutoff is later. `timezone` is an IANA name.
    """

    leads: Leads
    interactions: tuple[Interactions, ...]
    deals: Deals
    changes: Changes
    data_until: int
    timezone: str = "UTC"

    @cached_property
    def changed(self) -> Codes:
        """Of each lead its code among those of the changes, -1 where it has no changes."""
        return self.leads.id.recode(self.changes.lead_id.words)

    @cached_property
    def owner(self) -> NDArray[np.int64]:
        """The lead's row of each deal, -1 where it has none."""
        rows = np.full(len(self.leads.id.words) + 1, -1, dtype=np.int64)
        rows[self.leads.id.codes] = np.arange(len(self.leads))
        found: NDArray[np.int64] = rows[self.deals.lead_id.recode(self.leads.id.words)]
        return found


def no_changes() -> Changes:
    """An empty table of changes."""
    empty = np.empty(0, dtype=np.int64)
    objects = np.empty(0, dtype=object)
    return Changes(Texts.missing(0), empty, empty, Texts.missing(0), objects, objects, np.empty(0, np.bool_))

"""The interactions of each kind by the lead they are of: when first, how long before the end, with which numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.spans import DAY
from pipeline.quality.leakage.ends import Ends
from pipeline.quality.leakage.levels import Column
from pipeline.tables.columns import Codes, Floats, History, Instants, Interactions, Texts
from pipeline.tables.matching import places

Indices = NDArray[np.int64]

MOST_KINDS = 60
"""So many kinds of a table are looked at, the most frequent ones; a table with more has names in that column."""

OFTEN = 0.05
"""A number belongs to the kinds of which so large a share of facts carry it."""


@dataclass(frozen=True)
class Kind:
    """Facts of one kind (or changes of one attribute): the lead's row and the age of the lead in days, of each fact."""

    name: str
    table: str
    lead: Indices
    age: Floats

    def first(self, size: int) -> Floats:
        """Of each of `size` leads the age at its first fact; infinite for those without one."""
        found = np.full(size, np.inf)
        np.minimum.at(found, self.lead, self.age)
        return found

    def last(self, size: int) -> Floats:
        """Of each of `size` leads the age at its last fact; minus infinity for those without one."""
        found = np.full(size, -np.inf)
        np.maximum.at(found, self.lead, self.age)
        return found


class Facts:
    """One table of interactions, its facts by lead. Of an entity that several leads share a fact is of the lead whose
    life it falls into, the newest if there are several.
    """

    def __init__(self, history: History, place: int, ends: Ends) -> None:
        self.table, self.name, self.ends = history.interactions[place], f"interactions[{place}]", ends
        self._rows = _Owners(history, self.table)

    def kinds(self) -> Iterator[Kind]:
        """Its kinds, the most frequent first; one at a time is in memory."""
        codes, words = self.table.kind.codes, self.table.kind.words
        counts = np.bincount(codes[codes >= 0], minlength=len(words))
        for code in np.argsort(-counts, kind="stable")[:MOST_KINDS].tolist():
            if counts[code]:
                yield self._kind(words[code], np.flatnonzero(codes == code))

    def filled(self) -> Iterator[Kind]:
        """As kinds of their own: the facts that carry a number or a text which the table's facts carry rarely."""
        for name, column in self._columns():
            there = _there(column)
            if 0 < np.count_nonzero(there) < OFTEN * len(there):
                yield self._kind(name, np.flatnonzero(there))

    def columns(self) -> Iterator[Column]:
        """Each number and text, as every lead's first fact has it; of the kinds that usually carry it."""
        codes, words = self.table.kind.codes, self.table.kind.words
        size = len(self.ends)
        for name, column in self._columns():
            there = _there(column)
            carried = np.bincount(codes[there & (codes >= 0)], minlength=len(words))
            usual = carried > OFTEN * np.maximum(1, np.bincount(codes[codes >= 0], minlength=len(words)))
            rows = np.flatnonzero(np.append(usual, False)[codes])
            lead, age, rows = self._of_leads(rows)
            since = np.full(size, np.inf)
            np.minimum.at(since, lead, age)
            # Of facts at one instant any: the last that stands in the table.
            earliest = age == since[lead]
            lead, rows = lead[earliest], rows[earliest]
            values: Floats | Texts
            if isinstance(column, Texts):
                coded = np.full(size, -1, dtype=np.int32)
                coded[lead] = column.codes[rows]
                values = Texts(coded, column.words)
            else:
                values = np.full(size, np.nan)
                values[lead] = column[rows]
            yield Column(name, values, since)

    def _columns(self) -> Iterator[tuple[str, Floats | Texts]]:
        yield from self.table.numbers.items()
        yield from self.table.texts.items()

    def _kind(self, name: str, rows: Indices) -> Kind:
        lead, age, _ = self._of_leads(rows)
        return Kind(name, self.name, lead, age)

    def _of_leads(self, rows: Indices) -> tuple[Indices, Floats, Indices]:
        """Of facts the lead and its age, without those that are of no lead."""
        at = self.table.at[rows]
        lead = self._rows(self.table.entity_id.codes[rows], at)
        known = lead >= 0
        lead, at, rows = lead[known], at[known], rows[known]
        return lead, (at - self.ends.created[lead]) / DAY, rows


def changes(history: History, ends: Ends) -> Iterator[Kind]:
    """The recorded changes of each attribute, as kinds of facts."""
    told = history.changes
    row_of = np.full(len(history.leads.id.words) + 1, -1, dtype=np.int64)
    row_of[history.leads.id.codes] = np.arange(len(ends))
    lead = row_of[told.lead_id.recode(history.leads.id.words)]
    for code, name in enumerate(told.attribute.words):
        rows = np.flatnonzero((told.attribute.codes == code) & (lead >= 0))
        yield Kind(name, "changes", lead[rows], (told.at[rows] - ends.created[lead[rows]]) / DAY)


class _Owners:
    """Which lead a fact of a table's entities is of."""

    def __init__(self, history: History, table: Interactions) -> None:
        leads = history.leads
        column = leads.id if table.entity == "lead" else leads.entities.get(table.entity, Texts.missing(len(leads)))
        self._place = places(table.entity_id.words, column.words)
        self._start = int(leads.created_at.min()) if len(leads) else 0
        key = self._key(column.codes, leads.created_at)
        known = np.flatnonzero(column.codes >= 0)
        self._order = known[np.argsort(key[known], kind="stable")]
        self._sorted, self._codes = key[self._order], column.codes[self._order]

    def __call__(self, codes: Codes, at: Instants) -> Indices:
        """The lead of each fact, by its entity's code and instant; -1 where there is none."""
        entity = self._place[codes]
        if not len(self._order):
            return np.full(len(entity), -1, dtype=np.int64)
        place = np.searchsorted(self._sorted, self._key(entity, at), side="right") - 1
        # Before the entity's first lead was created a fact is of that one.
        earlier = (place < 0) | (self._codes[place] != entity)
        place = np.minimum(place + earlier, len(self._order) - 1)
        lead: Indices = np.where((entity >= 0) & (self._codes[place] == entity), self._order[place], -1)
        return lead

    def _key(self, codes: Codes, at: Instants) -> Indices:
        """One number by entity and then by time, to the second; what is before the first lead counts as its instant."""
        seconds = np.clip((at - self._start) // 1_000_000, -1, (1 << 32) - 2) + 1
        return (codes.astype(np.int64) << 32) + seconds


def _there(column: Floats | Texts) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = column.codes >= 0 if isinstance(column, Texts) else ~np.isnan(column)
    return found

"""Which leads a partition has, and what it has to know besides: contacts, accounts, and the deals of other leads.

Leads that share an account, else a contact, stay together, so that most facts go to one place. A contact may have leads
in two: then its facts go to both, and one of them is its home, where they count.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.distributed import wire
from pipeline.features.written import groups
from pipeline.tables.columns import History, Texts

Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Spread:
    """The leads of a history dealt out to partitions: `part` (n,) is each lead's."""

    history: History
    parts: int
    part: Indices

    @classmethod
    def of(cls, history: History, parts: int) -> Spread:
        """As equal as groups of leads allow."""
        size = len(history.leads)
        group = groups(history, np.arange(size))
        order = np.argsort(group, kind="stable")
        # A group goes where its first lead would.
        first = np.searchsorted(group[order], group)
        return cls(history, parts, first * parts // max(size, 1))

    def route(self, entity: str) -> pa.Table:
        """`id` of every lead, contact or account, and its `parts`, the home first."""
        column = self._column(entity)
        known = column.codes >= 0
        pairs = np.unique(np.stack([column.codes[known], self.part[known]], axis=1), axis=0)
        starts = np.searchsorted(pairs[:, 0], np.arange(len(column.words) + 1))
        lists = pa.ListArray.from_arrays(pa.array(starts.astype(np.int32)), pa.array(pairs[:, 1].astype(np.int32)))
        return pa.table({"id": pa.array(list(column.words), pa.string()), "parts": lists})

    def homes(self, entity: str) -> Indices:
        """Of each entity's code a lead in its home, by row."""
        column = self._column(entity)
        known = np.flatnonzero(column.codes >= 0)
        order = known[np.lexsort((known, self.part[known], column.codes[known]))]
        return order[np.searchsorted(column.codes[order], np.arange(len(column.words)))]

    def _column(self, entity: str) -> Texts:
        leads = self.history.leads
        return leads.id if entity == "lead" else leads.entities[entity]

    @cached_property
    def _owner(self) -> tuple[Indices, Indices]:
        """The lead's row of each deal and of each change."""
        leads, deals, changes = self.history.leads, self.history.deals, self.history.changes
        rows = np.full(len(leads.id.words) + 1, -1, dtype=np.int64)
        rows[leads.id.codes] = np.arange(len(leads))
        return rows[deals.lead_id.recode(leads.id.words)], rows[changes.lead_id.recode(leads.id.words)]

    def tables(self, part: int) -> dict[str, pa.Table]:
        """`leads`, `deals` and `changes` of a partition; `row` is a lead's row here, `own` marks those it has."""
        of_deal, of_change = self._owner
        own = self.part == part
        deals = self._deals(own, of_deal)
        there = own.copy()
        there[of_deal[deals]] = True
        rows = np.flatnonzero(there)
        leads, every_deal, changes = self._tables
        return {
            "leads": leads.take(pa.array(rows)).append_column("row", pa.array(rows)).append_column("own", [own[rows]]),
            "deals": every_deal.filter(pa.array(deals)),
            "changes": changes.filter(pa.array(own[of_change])),
        }

    @cached_property
    def _tables(self) -> tuple[pa.Table, pa.Table, pa.Table]:
        history = self.history
        return wire.leads_out(history.leads), wire.rows_out(history.deals), wire.rows_out(history.changes)

    def _deals(self, own: Mask, of_deal: Indices) -> Mask:
        """The deals that the ledgers of own leads hold, and every other row of these deals, whosever it is.

        The ledger of a contact or an account holds the deals of all its leads, and hides from a lead those that it
        shares: to know which, all leads of a deal have to be there.
        """
        near = own.copy()
        for column in self.history.leads.entities.values():
            near |= _marked(column, own)
        deals = near[of_deal]
        return deals | _marked(self.history.deals.id, deals)


def _marked(column: Texts, rows: Mask) -> Mask:
    """The rows that have a text in common with the given ones."""
    found = np.zeros(len(column.words) + 1, dtype=np.bool_)
    found[column.codes[rows]] = True
    found[-1] = False
    return found[column.codes]


def positions(part: NDArray[np.integer]) -> list[tuple[int, Indices]]:
    """Each partition of a column of them, with the places where it stands, in order.

    >>> [(part, places.tolist()) for part, places in positions(np.array([1, 0, 1]))]
    [(0, [1]), (1, [0, 2])]
    """
    order = np.argsort(part, kind="stable")
    found, starts = np.unique(part[order], return_index=True)
    return list(zip(found.tolist(), np.split(order, starts[1:]) if len(found) else [], strict=True))

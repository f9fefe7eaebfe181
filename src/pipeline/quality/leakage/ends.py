"""How each lead stands in the export: its age, whether and how it ended, and how long that took."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.spans import DAY
from pipeline.features.observations import is_open
from pipeline.tables.columns import LOST, NEVER, OPEN, WON, Floats, History, Instants
from pipeline.tables.facts import visible_at

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Ends:
    """n leads as they stand. `age` and `lasts` are days from creation to the export and to the end, `lasts` of an open
    lead is infinite; `outcome` is OPEN, WON or LOST; `closed_at` is NEVER for an open lead.
    """

    created: Instants
    closed_at: Instants
    age: Floats
    lasts: Floats
    outcome: NDArray[np.int8]

    @property
    def open(self) -> Mask:
        """Leads without an end."""
        found: Mask = self.outcome == OPEN
        return found

    @property
    def won(self) -> Mask:
        """Leads with a won deal."""
        found: Mask = self.outcome == WON
        return found

    @property
    def lost(self) -> Mask:
        """Leads that ended without a won deal."""
        found: Mask = self.outcome == LOST
        return found

    def __len__(self) -> int:
        return len(self.created)

    def take(self, rows: NDArray[np.generic]) -> Ends:
        """Some of the leads."""
        return Ends(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def ends(history: History) -> Ends:
    """The leads of a history: won at the first win; open if they are now; else lost at the latest loss."""
    deals, owner, size = history.deals, history.owner, len(history.leads)
    closes = visible_at(deals.closed_at, deals.known_at)
    usable = (owner >= 0) & (deals.closed_at != NEVER) & (closes <= history.data_until)
    won, lost = usable & (deals.outcome == WON), usable & (deals.outcome == LOST)
    first = np.full(size, np.iinfo(np.int64).max)
    np.minimum.at(first, owner[won], closes[won])
    last = np.full(size, NEVER)
    np.maximum.at(last, owner[lost], closes[lost])
    now = np.full(size, history.data_until, dtype=np.int64)
    standing = is_open(history, np.arange(size), now)
    has_won = first < np.iinfo(np.int64).max
    outcome = np.where(has_won, WON, np.where(standing | (last == NEVER), OPEN, LOST)).astype(np.int8)
    closed = np.where(has_won, first, np.where(outcome == LOST, last, NEVER))
    created = history.leads.created_at
    return Ends(
        created,
        closed,
        (history.data_until - created) / DAY,
        np.where(outcome == OPEN, np.inf, (closed - created) / DAY),
        outcome,
    )

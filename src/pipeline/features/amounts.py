"""What won deals brought in, beside the training set: no measure, and nothing that a model learns from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipeline.tables.columns import WON, Floats, History, Instants, Texts
from pipeline.tables.facts import visible_at
from pipeline.tables.frame import to_texts

FILE = "amounts.parquet"
"""Its name in the folder of the training set; there is none where no won deal has an amount."""


@dataclass(frozen=True)
class Amounts:
    """One row a won deal with a known amount, by lead and time: `closed_at` is when the deal counts, in UTC
    microseconds (the later of its close and when that was known); `amount` is in the CRM's own currency.
    """

    lead_id: Texts
    closed_at: Instants
    amount: Floats

    def __len__(self) -> int:
        return len(self.amount)

    @classmethod
    def of(cls, history: History) -> Amounts:
        """The won deals of the history's leads whose amount is known, in an order that their table's has no part in."""
        deals, owner = history.deals, history.owner
        rows = np.flatnonzero((deals.outcome == WON) & (owner >= 0) & ~np.isnan(deals.amount))
        closed, amount = visible_at(deals.closed_at, deals.known_at)[rows], deals.amount[rows]
        lead = history.leads.id.codes[owner[rows]]
        order = np.lexsort((amount, closed, lead))
        return cls(Texts(lead[order], history.leads.id.words), closed[order], amount[order])

    @classmethod
    def load(cls, folder: Path) -> Amounts:
        """Read what `write` wrote; no rows where there is no file."""
        path = folder / FILE
        if not path.exists():
            return cls(Texts.missing(0), np.empty(0, dtype=np.int64), np.empty(0))
        table = pq.read_table(path)
        closed: Instants = table.column("closed_at").cast(pa.int64()).to_numpy()
        return cls(to_texts(table.column("lead_id").combine_chunks()), closed, table.column("amount").to_numpy())

    def write(self, folder: Path) -> None:
        """Write the file into the folder, unless there is nothing to write."""
        if not len(self):
            return
        columns = {
            "lead_id": pa.array(self.lead_id.values(), type=pa.string()),
            "closed_at": pa.array(self.closed_at).cast(pa.timestamp("us", "UTC")),
            "amount": pa.array(self.amount),
        }
        pq.write_table(pa.table(columns), folder / FILE)

    def between(self, lead: Texts, start: Instants, end: Instants) -> Floats:
        """What each lead's deals in `[start, end)` brought in together, (n,); missing where none is known."""
        who = self._codes(lead.words)
        order = np.lexsort((self.closed_at, who))
        who, at = who[order], self.closed_at[order]
        found = np.column_stack([_place(who, at, lead.codes, edge) for edge in (start, end)])
        sums = np.add.reduceat(np.append(self.amount[order], 0.0), found.ravel())[::2] if len(found) else np.empty(0)
        return np.where(found[:, 1] > found[:, 0], sums, np.nan)

    def _codes(self, words: tuple[str, ...]) -> NDArray[np.int64]:
        """Each row's lead as a code into `words`, -1 where they lack it."""
        return self.lead_id.recode(words).astype(np.int64)


def _place(who: NDArray[np.int64], at: Instants, lead: NDArray[np.integer], edge: Instants) -> NDArray[np.int64]:
    """How many of the rows, sorted by `who` and `at`, come before each (lead, edge)."""
    both = np.concatenate([at, edge])
    rank = np.unique(both, return_inverse=True)[1].astype(np.int64)
    size = len(both) + 1
    keys = who * size + rank[: len(at)]
    return np.searchsorted(keys, lead.astype(np.int64) * size + rank[len(at) :], side="left").astype(np.int64)

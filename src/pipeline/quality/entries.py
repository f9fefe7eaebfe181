"""The entries of weekly lists with what came of them, and the parts that are summed to say what calls bring in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.spans import DAY
from pipeline.features.amounts import Amounts
from pipeline.features.training_set import TrainingSet
from pipeline.quality.weekly import Lists, calls, random_calls, weekly_lists
from pipeline.tables.columns import Floats


@dataclass(frozen=True)
class Entries:
    """The entries (m,) of weekly lists with what is known of them; `amount` is missing where it is not known.

    `rest`: days for which a lead is not called again.
    """

    lists: Lists
    label: Floats
    probability: Floats
    group: NDArray[np.int64]
    amount: Floats
    rest: int

    @property
    def priced(self) -> bool:
        """Whether the amount of any conversion is known."""
        return not bool(np.isnan(self.amount).all())

    @property
    def groups(self) -> int:
        """How many groups there are; `group` counts them."""
        return int(self.group.max(initial=-1)) + 1

    def by_group(self, parts: Mapping[str, Floats]) -> dict[str, Floats]:
        """Sums of parts (m,) over the groups: each (groups,)."""
        sums = {name: np.bincount(self.group, part, self.groups) for name, part in parts.items()}
        return {name: part.astype(np.float64) for name, part in sums.items()}

    def totals(self) -> dict[str, Floats]:
        """What calls are held against: conversions, once a lead; won entries; what conversions brought in."""
        once = self._once()
        return {"conversions": once, "won": self.label, "amount": once * np.nan_to_num(self.amount)}

    def called(self, score: Floats, calls_a_list: float, prefix: str) -> dict[str, Floats]:
        """What comes of calling the highest scores, and of drawing as many: parts (m,), named with the prefix."""
        taken = calls(self.lists, score, calls_a_list, self.rest)
        drawn = random_calls(self.lists, calls_a_list, self.rest)
        lead, once = self.lists.lead, self._once()
        ever, caught = (np.minimum(np.bincount(lead, part), 1.0)[lead] for part in (taken, taken * self.label))
        parts = {
            "called": taken,
            "expected": taken * self.probability,
            "hit": taken * self.label,
            "caught": once * caught,
            "early": once * (ever - caught),
            "missed": once * (1.0 - ever),
            "drawn": drawn,
            "drawn hit": drawn * self.label,
            "amount": once * caught * np.nan_to_num(self.amount),
        }
        return {f"{prefix} {name}": part for name, part in parts.items()}

    def _once(self) -> Floats:
        """1 for the last won entry of each lead that converts (m,), else 0: a lead is one conversion."""
        won = np.flatnonzero(self.label == 1)
        # Entries come by week, so of a lead's places the last one stays.
        last = np.full(int(self.lists.lead.max(initial=-1)) + 1, -1)
        last[self.lists.lead[won]] = won
        once = np.zeros(len(self.label))
        once[last[last >= 0]] = 1.0
        return once


def entries_of(
    rows: TrainingSet, judged: NDArray[np.int64], probability: Floats, amounts: Amounts | None, days: int
) -> Entries:
    """The lists of the test's observations at positions `judged` (n,), which have a `probability` each (n,)."""
    cutoff, lead = rows.cutoff[judged], rows.lead_id.take(judged)
    lists = weekly_lists(cutoff, lead.codes, rows.definition.timezone, days)
    own = lists.row
    amount, horizon = np.full(len(own), np.nan), rows.definition.horizon or 0
    if amounts is not None and len(amounts):
        amount = amounts.between(lead.take(own), cutoff[own], cutoff[own] + horizon)
    label = rows.label[judged][own].astype(np.float64)
    group = np.unique(rows.group[judged][own], return_inverse=True)[1].astype(np.int64)
    return Entries(lists, label, probability[own], group, amount, -(-horizon // DAY))

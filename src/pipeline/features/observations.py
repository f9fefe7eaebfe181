"""Observations: the pairs (lead, cutoff) at which a lead is looked at, whether it was open then, and how it went on.

DESIGN section 3, rules 5 to 8. Every interval is half-open on the right: what happens at the cutoff is not yet known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.settings import Observe
from pipeline.definitions.spans import DAY
from pipeline.definitions.zones import FIRST_MONDAY, day_start, local_day
from pipeline.features.ledger import Ledger
from pipeline.features.ledgers import Ledgers, Whole
from pipeline.tables.columns import LOST, NEVER, OPEN, WON, History, Instants
from pipeline.tables.facts import visible_at

Indices = NDArray[np.int64]
FOREVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Observations:
    """n observations by lead and cutoff: `lead` is a row of the history's leads, `label` is -1 where immature."""

    lead: Indices
    cutoff: Instants
    mature: NDArray[np.bool_]
    label: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.cutoff)

    def take(self, rows: Indices) -> Observations:
        """The given observations, in that order."""
        return Observations(self.lead[rows], self.cutoff[rows], self.mature[rows], self.label[rows])


def observe(
    history: History,
    observe: Observe,
    horizon: int | None,
    excluded_kinds: Sequence[str] = (),
    ledgers: Ledgers | None = None,
) -> Observations:
    """Every observation of the history's leads: created before the cutoff, open, not after `data_until`.

    Mature are those with `cutoff + horizon <= data_until`, and nothing else; without a horizon, those of leads whose
    outcome is there. `ledgers` are those of the history, by default built from it whole.
    """
    lead, cutoff = _cutoffs(history, observe, ledgers or Whole(history, excluded_kinds))
    keep = (history.leads.created_at[lead] < cutoff) & (cutoff <= history.data_until)
    lead, cutoff = lead[keep], cutoff[keep]
    keep = is_open(history, lead, cutoff)
    lead, cutoff = lead[keep], cutoff[keep]
    mature = _ended(history)[lead] if horizon is None else cutoff + horizon <= history.data_until
    label = np.where(mature, converts(history, lead, cutoff, horizon), -1).astype(np.int8)
    return Observations(lead, cutoff, mature, label)


def _cutoffs(history: History, observe: Observe, ledgers: Ledgers) -> tuple[Indices, Instants]:
    created = history.leads.created_at
    rows = np.arange(len(created))
    if len(rows) == 0:
        return rows, created
    if observe.every is not None:
        assert observe.until is not None
        return _snapshots(created, observe.every, observe.until, history)
    if observe.ages is not None:
        # At age 0 the fact that created the lead is to be seen.
        ages = np.array(sorted({max(age, 1) for age in observe.ages}), dtype=np.int64)
        return np.repeat(rows, len(ages)), (created[:, None] + ages[None, :]).ravel()
    # The ledger's entities are the ids in order; `of_lead` says which of them each lead is.
    by_id = np.argsort(history.leads.id.codes, kind="stable")
    found = [
        _after_interactions(ledgers.ledger("lead", part), by_id[rows], created) for part, rows in ledgers.parts(by_id)
    ]
    return np.concatenate([lead for lead, _ in found]), np.concatenate([cutoff for _, cutoff in found])


def _after_interactions(ledger: Ledger, rows: Indices, created: Instants) -> tuple[Indices, Instants]:
    """A microsecond after each different instant at which one of these leads has a fact, from its creation on."""
    lead_of = np.empty(len(ledger.offsets) - 1, dtype=np.int64)
    lead_of[ledger.of_lead[rows]] = rows
    lead = np.repeat(lead_of, np.diff(ledger.offsets))
    new = ledger.at >= created[lead]
    new[1:] &= (lead[1:] != lead[:-1]) | (ledger.at[1:] != ledger.at[:-1])
    lead, cutoff = lead[new], ledger.at[new] + 1
    order = np.argsort(lead, kind="stable")
    return lead[order], cutoff[order]


def _snapshots(created: Instants, every: int, until: int, history: History) -> tuple[Indices, Instants]:
    """Local midnights of every n-th day from Monday 1970-01-05, while at most `until` old."""
    step = every // DAY
    edges = np.array([created.min(), history.data_until], dtype=np.int64)
    first, last = (int(day) - FIRST_MONDAY for day in local_day(edges, history.timezone).tolist())
    days = range(first // step * step, last + 1, step)
    grid = np.array([day_start(day + FIRST_MONDAY, history.timezone) for day in days], dtype=np.int64)
    start = np.searchsorted(grid, created, side="right")
    length = np.maximum(np.searchsorted(grid, created + until, side="right") - start, 0)
    within = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
    return np.repeat(np.arange(len(created)), length), grid[np.repeat(start, length) + within]


def _ended(history: History) -> NDArray[np.bool_]:
    """Which leads were won or lost, whenever: without a horizon only these have a label."""
    owner = history.owner
    ended = np.zeros(len(history.leads), dtype=np.bool_)
    ended[owner[(history.deals.outcome != OPEN) & (owner >= 0)]] = True
    return ended


# At one instant a deal's opening stands before any close, and a reopening after it.
_OPENED, _LOST, _WON, _REOPENED = range(4)


def is_open(history: History, lead: Indices, cutoff: Instants) -> NDArray[np.bool_]:
    """Whether each lead was open at its cutoff, by the closes and openings before it (rule 5)."""
    deals, owner = history.deals, history.owner
    closes = visible_at(deals.closed_at, deals.known_at)
    parts = [
        (owner, deals.opened_at, _OPENED, deals.opened_at != NEVER),
        (owner, closes, _LOST, deals.outcome == LOST),
        (owner, closes, _WON, deals.outcome == WON),
        (owner, deals.reopened_at, _REOPENED, deals.reopened_at != NEVER),
    ]
    row = np.concatenate([np.flatnonzero(mask & (owner >= 0)) for _, _, _, mask in parts])
    counts = [int((mask & (owner >= 0)).sum()) for _, _, _, mask in parts]
    rank = np.repeat(np.arange(4), counts)
    at = np.concatenate([times[mask & (owner >= 0)] for _, times, _, mask in parts])
    order = np.lexsort((rank, at, owner[row]))
    row, rank, at, who = row[order], rank[order], at[order], owner[row][order]
    latest = _before(_runs(who, lead), at, cutoff)
    open_until = _open_until(history, row, rank, at, who)
    found = latest >= 0
    answer: NDArray[np.bool_] = ~found | (np.append(open_until, FOREVER)[latest] >= cutoff)
    return answer


def _runs(who: Indices, lead: Indices) -> tuple[Indices, Indices]:
    """Where the events of each observation's lead begin and end, among events by lead."""
    counts = np.bincount(who, minlength=int(lead.max()) + 1 if len(lead) else 0)
    stop = np.cumsum(counts)[lead]
    return stop - counts[lead], stop


def _before(runs: tuple[Indices, Indices], at: Instants, cutoff: Instants) -> Indices:
    """The position of each lead's last event before its cutoff, -1 where there is none."""
    start, high = runs
    low = start
    padded = np.append(at, FOREVER)
    while (low < high).any():
        middle = (low + high) // 2
        earlier = (low < high) & (padded[middle] < cutoff)
        low, high = np.where(earlier, middle + 1, low), np.where(earlier | (low >= high), high, middle)
    return np.where(low > start, low - 1, -1)


def _open_until(history: History, row: Indices, rank: Indices, at: Instants, who: Indices) -> Instants:
    """Up to which cutoff (inclusive) a lead is open if this event is its latest."""
    until = np.where((rank == _OPENED) | (rank == _REOPENED), FOREVER, NEVER)
    deals = history.deals
    closes = np.where(deals.outcome == OPEN, FOREVER, visible_at(deals.closed_at, deals.known_at))
    opened = rank == _OPENED
    # Of deals opened before the loss the one that closes last keeps the lead open; the running maximum starts anew
    # with each lead. The lost deal itself closes at the loss, before any cutoff that sees it, so it never counts.
    events = np.flatnonzero(opened | (rank == _LOST))
    lost = events[~opened[events]]
    if not len(lost):
        return until
    ends, place = np.unique(closes[row[events]], return_inverse=True)
    # By lead, then by the close: the largest so far is of the same lead, or it is nobody's.
    base = np.unique(who[events], return_inverse=True)[1] * (len(ends) + 1)
    running = np.maximum.accumulate(np.where(opened[events], base + place + 1, base)) - base
    until[lost] = np.append(NEVER, ends)[running[~opened[events]]]
    return until


def converts(history: History, lead: Indices, cutoff: Instants, horizon: int | None) -> NDArray[np.bool_]:
    """Whether a won deal of the lead closes in `[cutoff, cutoff + horizon)`; without a horizon, ever from there."""
    owner = history.owner
    won = np.flatnonzero((history.deals.outcome == WON) & (owner >= 0))
    closes = visible_at(history.deals.closed_at, history.deals.known_at)[won]
    order = np.lexsort((closes, owner[won]))
    who, at = owner[won][order], closes[order]
    start, stop = _runs(who, lead)
    place = _before((start, stop), at, cutoff) + 1
    place = np.maximum(place, start)
    first = np.append(at, FOREVER)[np.where(place < stop, place, -1)]
    if horizon is None:
        return first < FOREVER
    return first < cutoff + horizon


def start_of_test(observations: Observations, share: float, from_: int | None) -> int:
    """Where the test begins: `from_`, or the newest cutoffs that hold `share` of the mature observations."""
    if from_ is not None:
        return from_
    cutoffs = np.sort(observations.cutoff[observations.mature])
    if len(cutoffs) == 0:
        return FOREVER
    return int(cutoffs[len(cutoffs) - max(1, int(np.ceil(share * len(cutoffs))))])

"""What a lead, an interaction, a deal and a change must look like; the account of rows (DESIGN 3, rules 2, 9, 13).

Every row that comes in is used, or set aside under a named reason, and counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from pipeline.definitions.maps import glob
from pipeline.tables.account import Account, Mask, Sieve
from pipeline.tables.columns import LOST, NEVER, OPEN, WON, Changes, Deals, History, Interactions, Leads, Texts
from pipeline.tables.facts import exact_repeats, first_of_each_id, some_id_twice, take, visible_at

LEAD_REASONS = (
    "no id",
    "repeated id",
    "no creation time",
    "after data_until",
    "outcome without a date",
    "closed before created",
    "two outcomes",
)
"""Why a lead is set aside; a lead with several reasons is counted under the first."""


def sift(
    leads: Leads,
    interactions: Iterable[Interactions],
    deals: Deals,
    changes: Changes,
    data_until: int,
    timezone: str = "UTC",
    *,
    drop_repeats: Sequence[bool] = (),
    names: Sequence[str] = (),
    excluded_kinds: Sequence[str] = (),
) -> tuple[History, Account]:
    """Set aside what cannot be used and return the rest with its account.

    Tables of interactions are taken one by one as they come, so that each may go before the next is read.
    `drop_repeats` and `names` run parallel to `interactions`: whether exact repeats without an id are dropped, and what
    the account calls each table. Nothing that is set aside is in the returned history.
    """
    lead_sieve = _sift_leads(leads, deals, data_until)
    kept = _take_leads(leads, lead_sieve.kept)
    tables = {"leads": lead_sieve.account()}
    known = {"lead": kept.id, **kept.entities}
    aside = set() if lead_sieve.kept.all() else set(leads.id.words).difference(kept.id.words)
    passed = []
    for position, table in enumerate(interactions):
        dropped = bool(drop_repeats[position]) if position < len(drop_repeats) else False
        sieve = sift_facts(table, known.get(table.entity, Texts.missing(0)), aside, data_until, dropped, excluded_kinds)
        tables[names[position] if position < len(names) else _numbered("interactions", position)] = sieve.account()
        passed.append(table if sieve.kept.all() else take(table, sieve.kept))
        del table
    deal_sieve, sound = _sift_deals(deals, kept.id, aside, data_until)
    change_sieve = Sieve(len(changes))
    _without_lead(change_sieve, changes.lead_id, kept.id, aside)
    change_sieve.aside("no time", changes.at == NEVER)
    change_sieve.aside("no attribute", changes.attribute.codes < 0)
    change_sieve.aside("after data_until", visible_at(changes.at, changes.known_at) > data_until)
    tables |= {"deals": deal_sieve.account(), "changes": change_sieve.account()}
    words = (*lead_sieve.reasons,)
    codes = leads.id.codes
    reasons = {
        leads.id.words[codes[row]]: words[lead_sieve.reason[row]]
        for row in np.flatnonzero(~lead_sieve.kept).tolist()
        if codes[row] >= 0
    }
    history = History(kept, tuple(passed), sound, _take_changes(changes, change_sieve.kept), data_until, timezone)
    return history, Account(tables, reasons)


def _numbered(name: str, position: int) -> str:
    return name if position == 0 else f"{name}[{position}]"


def _sift_leads(leads: Leads, deals: Deals, data_until: int) -> Sieve:
    sieve = Sieve(len(leads))
    codes = leads.id.codes
    known = codes >= 0
    counts = np.bincount(codes[known], minlength=len(leads.id.words))
    created = np.full(len(leads.id.words) + 1, NEVER)
    created[codes[known]] = leads.created_at[known]
    sieve.aside("no id", ~known)
    sieve.aside("repeated id", known & (np.append(counts, 0)[codes] > 1))
    sieve.aside("no creation time", leads.created_at == NEVER)
    sieve.aside("after data_until", leads.created_at > data_until)
    owner = deals.lead_id.recode(leads.id.words)
    ended = deals.outcome != OPEN
    undated = ended & (deals.closed_at == NEVER)
    early = ended & ~undated & (deals.closed_at < created[owner]) & (owner >= 0)
    ids = deals.id.codes
    named = ids >= 0
    outcomes = np.zeros((len(deals.id.words) + 1, 3), dtype=np.bool_)
    outcomes[ids[named], deals.outcome[named]] = True
    twofold = named & ended & (outcomes[:, WON] & outcomes[:, LOST])[ids]
    for reason, rows in zip(LEAD_REASONS[4:], (undated, early, twofold), strict=True):
        marked = np.zeros(len(leads.id.words) + 1, dtype=np.bool_)
        marked[owner[rows & (owner >= 0)]] = True
        sieve.aside(reason, known & marked[codes])
    return sieve


def _without_lead(sieve: Sieve, owner: Texts, known: Texts, aside: set[str]) -> None:
    """Rows whose lead is missing, set aside itself, or not in the table of leads."""
    sieve.aside("no lead", owner.codes < 0)
    unknown = owner.recode(known.words) < 0
    if aside:
        lead_aside = np.array([word in aside for word in owner.words] + [False], dtype=np.bool_)[owner.codes]
        sieve.aside("lead set aside", unknown & lead_aside)
    sieve.aside("unknown lead", unknown)


def sift_facts(
    table: Interactions, known: Texts, aside: set[str], data_until: int, drop_repeats: bool, excluded: Sequence[str]
) -> Sieve:
    """A table of facts about the `known` entities; leads `aside` were set aside themselves."""
    sieve = Sieve(len(table))
    out = np.array([any(glob(pattern).fullmatch(word) for pattern in excluded) for word in table.kind.words] + [False])
    sieve.aside("excluded kind", out[table.kind.codes])
    if table.entity == "lead":
        _without_lead(sieve, table.entity_id, known, aside)
    else:
        sieve.aside(f"no {table.entity}", table.entity_id.codes < 0)
        sieve.aside(f"unknown {table.entity}", table.entity_id.recode(known.words) < 0)
    sieve.aside("no time", table.at == NEVER)
    sieve.aside("no kind", table.kind.codes < 0)
    sieve.aside("after data_until", visible_at(table.at, table.known_at) > data_until)
    if some_id_twice(table):
        rows = np.flatnonzero(sieve.kept)
        repeated = np.zeros(len(table), dtype=np.bool_)
        repeated[rows[~first_of_each_id(take(table, rows))]] = True
        sieve.aside("repeated id", repeated)
    if drop_repeats:
        rows = np.flatnonzero(sieve.kept)
        exact = np.zeros(len(table), dtype=np.bool_)
        exact[rows[exact_repeats(take(table, rows))]] = True
        sieve.aside("exact repeat", exact)
    return sieve


def _sift_deals(deals: Deals, known: Texts, aside: set[str], data_until: int) -> tuple[Sieve, Deals]:
    sieve = Sieve(len(deals))
    _without_lead(sieve, deals.lead_id, known, aside)
    # A close after the export is not known; the deal's opening may be.
    late = (deals.outcome != OPEN) & (visible_at(deals.closed_at, deals.known_at) > data_until)
    sieve.aside("after data_until", late & (deals.opened_at == NEVER) & (deals.reopened_at == NEVER))
    opened = np.where(late, OPEN, deals.outcome).astype(np.int8)
    closed = np.where(opened == OPEN, NEVER, deals.closed_at)
    keep = sieve.kept
    return sieve, Deals(
        lead_id=deals.lead_id.take(keep),
        id=deals.id.take(keep),
        outcome=opened[keep],
        closed_at=closed[keep],
        known_at=deals.known_at[keep],
        opened_at=deals.opened_at[keep],
        reopened_at=deals.reopened_at[keep],
        amount=deals.amount[keep],
    )


def _take_leads(leads: Leads, keep: Mask) -> Leads:
    """The kept leads, over exactly their own ids, so that a code of an id is known only if its lead is."""
    return Leads(
        id=_own_words(leads.id.take(keep)),
        created_at=leads.created_at[keep],
        attributes={name: column[keep] for name, column in leads.attributes.items()},
        entities={name: _own_words(column.take(keep)) for name, column in leads.entities.items()},
        display={name: column[keep] for name, column in leads.display.items()},
    )


def _own_words(column: Texts) -> Texts:
    used = np.flatnonzero(np.bincount(column.codes[column.codes >= 0], minlength=len(column.words)))
    if len(used) == len(column.words):
        return column
    words = tuple(map(column.words.__getitem__, used.tolist()))
    table = np.full(len(column.words) + 1, -1, dtype=np.int32)
    table[used] = np.arange(len(used), dtype=np.int32)
    return Texts(table[column.codes], words)


def _take_changes(changes: Changes, keep: Mask) -> Changes:
    return replace(
        changes,
        lead_id=changes.lead_id.take(keep),
        at=changes.at[keep],
        known_at=changes.known_at[keep],
        attribute=changes.attribute.take(keep),
        value=changes.value[keep],
        old=changes.old[keep],
        has_old=changes.has_old[keep],
    )

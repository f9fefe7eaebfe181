"""The state of a lead at a cutoff, read off the written files: facts before the cutoff, and nothing else.

That this equals the state which the simulator carried along is what "no hidden trait" means; a test holds it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipeline.demo import world
from pipeline.demo.facts import INBOUND, OUTBOUND, TALKS
from pipeline.demo.state import Profile, Rows, Small, State, profile
from pipeline.demo.tables import INSTANTS
from pipeline.tables.columns import NEVER, Instants


@dataclass(frozen=True)
class Crm:
    """The demo's files as the simulator understands them: facts and changes by lead and time, repeats dropped."""

    row: dict[str, int]
    created_day: Rows
    profile: Profile
    fact_lead: Rows
    fact_at: Instants
    kind: NDArray[np.str_]
    priced: NDArray[np.bool_]
    change_lead: Rows
    change_at: Instants
    change_value: Small
    change_old: Small
    timeframe: Small


def read_crm(folder: Path) -> Crm:
    """Read what `write_demo` wrote."""
    leads = _columns(folder / "leads.parquet")
    ids: list[str] = leads["lead_id"].tolist()
    row = dict(zip(reversed(ids), reversed(range(len(ids))), strict=True))  # of a repeated id, the first
    created_day = _day(leads["created_at"])
    facts = _columns(folder / "interactions.parquet")
    lead = np.array([row[name] for name in facts["lead_id"].tolist()], dtype=np.intp)
    page = np.array([name or "" for name in facts["page"].tolist()])
    kind = facts["type"].astype(str)
    keep = _first_of_each(lead, facts)
    order = keep[np.lexsort((facts["occurred_at"][keep], lead[keep]))]
    changes = _columns(folder / "changes.parquet")
    changed = np.array([row[name] for name in changes["lead_id"].tolist()], dtype=np.intp)
    sorted_ = np.lexsort((changes["at"], changed))
    frames = {name: code for code, name in enumerate(world.TIMEFRAMES)}
    value, old, standing = (
        np.array([frames[name] for name in column.tolist()], dtype=np.uint8)
        for column in (changes["value"][sorted_], changes["old"][sorted_], leads["buying_timeframe"])
    )
    known = _profile(folder, leads, row, created_day)
    return Crm(
        row, created_day, known, lead[order], facts["occurred_at"][order], kind[order],
        np.char.startswith(page, "/pricing")[order], changed[sorted_], changes["at"][sorted_], value, old, standing,
    )  # fmt: skip


def _columns(file: Path) -> dict[str, NDArray[Any]]:
    table = pq.read_table(file)
    columns: dict[str, NDArray[Any]] = {}
    for name in table.column_names:
        if name in INSTANTS:
            instants = table[name].to_numpy()
            columns[name] = np.where(np.isnat(instants), NEVER, instants.astype("datetime64[us]").astype(np.int64))
        else:
            columns[name] = np.array(table[name].to_pylist(), dtype=object)
    return columns


def _day(at: Instants) -> Rows:
    """The local day of instants by its number since the first; -1 before it, or where not given."""
    return np.searchsorted(world.MIDNIGHTS, at, side="right") - 1


def _first_of_each(lead: Rows, facts: dict[str, NDArray[Any]]) -> Rows:
    """Rows without those that repeat an event: its id, or without one its every cell."""
    seen: set[object] = set()
    kept = []
    cells = zip(
        *(facts[name].tolist() for name in ("event_id", "type", "occurred_at", "page")), lead.tolist(), strict=True
    )
    for position, (event, *rest) in enumerate(cells):
        key = event if event is not None else tuple(rest)
        if key not in seen:
            seen.add(key)
            kept.append(position)
    return np.array(kept, dtype=np.intp)


def _profile(folder: Path, leads: dict[str, NDArray[Any]], row: dict[str, int], created_day: Rows) -> Profile:
    attributes = {name: leads[name].tolist() for name in ("country", "source", "campaign")}
    for entity, names in (("contact", ("job_title",)), ("account", ("sector", "company_size"))):
        table = _columns(folder / f"{entity}s.parquet")
        for name in names:
            known = dict(zip(table[f"{entity}_id"].tolist(), table[name].tolist(), strict=True))
            attributes[name] = [known.get(key) for key in leads[f"{entity}_id"].tolist()]
    deals = _columns(folder / "deals.parquet")
    ends: dict[object, list[tuple[int, str]]] = {}
    account = leads["account_id"].tolist()
    for lead_id, status, day in zip(
        deals["lead_id"].tolist(), deals["deal_status"].tolist(), _day(deals["closed_at"]).tolist(), strict=True
    ):
        owner = account[row[lead_id]]
        if owner is not None and status != "open":
            ends.setdefault(owner, []).append((day, status))
    counts = [
        [
            sum(day < born and status == wanted for day, status in ends.get(owner, ()))
            for wanted in ("closed_won", "closed_lost")
        ]
        for owner, born in zip(account, created_day.tolist(), strict=True)
    ]
    won, lost = np.array(counts, dtype=np.intp).reshape(-1, 2).T
    return profile(attributes).with_account(won, lost)


def visible(crm: Crm, lead_ids: Sequence[str], cutoffs: Instants) -> tuple[Profile, State, Rows]:
    """Profile, state and day number of n observations; ValueError where a cutoff is no local midnight of the demo."""
    lead = np.array([crm.row[name] for name in lead_ids], dtype=np.intp)
    day = _day(cutoffs)
    wrong = np.flatnonzero((day < 0) | (world.MIDNIGHTS[day] != cutoffs))
    if len(wrong):
        raise ValueError(f"cutoff {cutoffs[wrong[0]]} of lead {lead_ids[wrong[0]]} is no midnight in {world.TIMEZONE}")
    owner, fact = _seen(crm.fact_lead, crm.fact_at, lead, cutoffs)
    kind, at = crm.kind[fact], crm.fact_at[fact]
    ago = day[owner] - _day(at)
    size = len(lead)

    def count(*kinds: str) -> Small:
        return np.minimum(np.bincount(owner[np.isin(kind, kinds)], minlength=size), 255).astype(np.uint8)

    def since(*kinds: str) -> Small:
        days = np.full(size, world.NEVER_DAYS)
        some = np.isin(kind, kinds)
        np.minimum.at(days, owner[some], ago[some])
        return days.astype(np.uint8)

    def bits(some: NDArray[np.bool_]) -> NDArray[np.uint32]:
        days = np.zeros(size, dtype=np.uint32)
        some = some & (ago <= 32)
        np.bitwise_or.at(days, owner[some], np.uint32(1) << (ago[some] - 1).astype(np.uint32))
        return days

    answered = np.full(size, NEVER)
    inbound, outbound = np.isin(kind, INBOUND), np.isin(kind, OUTBOUND)
    np.maximum.at(answered, owner[inbound], at[inbound])
    waiting = outbound & (at > answered[owner])
    pages = kind == "page_view"
    state = State(
        age=np.minimum(day - crm.created_day[lead], 255).astype(np.uint8),
        visits=bits(pages),
        prices=bits(pages & crm.priced[fact]),
        downloads=count("download"),
        webinars=count("webinar_signup"),
        demos=count("demo_request"),
        quotes=count("quote_request"),
        talks=count(*TALKS),
        unanswered=np.minimum(np.bincount(owner[waiting], minlength=size), 255).astype(np.uint8),
        since_demo=since("demo_request"),
        since_quote=since("quote_request"),
        since_inbound=since(*INBOUND),
        since_outbound=since(*OUTBOUND),
        timeframe=_timeframe(crm, lead, cutoffs),
    )
    return crm.profile.take(lead), state, day


def _seen(owners: Rows, at: Instants, lead: Rows, cutoffs: Instants) -> tuple[Rows, Rows]:
    """Pairs (observation, row) of all rows of its lead before its cutoff; `owners` is sorted, and within one `at`."""
    start, stop = (np.searchsorted(owners, lead, side=side) for side in ("left", "right"))
    length = stop - start
    owner = np.repeat(np.arange(len(lead)), length)
    row = np.arange(len(owner)) - np.repeat(np.cumsum(length) - length, length) + np.repeat(start, length)
    before = at[row] < cutoffs[owner]
    return owner[before], row[before]


def _timeframe(crm: Crm, lead: Rows, cutoffs: Instants) -> Small:
    """The latest change before the cutoff; before the first change its old value; without any, as it stands."""
    value = crm.timeframe[lead].copy()
    start, stop = (np.searchsorted(crm.change_lead, lead, side=side) for side in ("left", "right"))
    changed = np.flatnonzero(stop > start)
    value[changed] = crm.change_old[start[changed]]
    owner, row = _seen(crm.change_lead, crm.change_at, lead, cutoffs)
    latest = np.append(owner[1:] != owner[:-1], np.ones(min(1, len(owner)), dtype=np.bool_))
    value[owner[latest]] = crm.change_value[row[latest]]
    return value

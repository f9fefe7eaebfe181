"""The seven tables of the demo CRM, clean, as columns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from pipeline.demo import world
from pipeline.demo.facts import Told
from pipeline.demo.people import SECOND, Objects, People
from pipeline.demo.simulate import LOST, OPEN, WON, Simulated
from pipeline.demo.state import Rows
from pipeline.tables.columns import NEVER

Column = NDArray[np.generic]
Table = dict[str, Column]
"""Column -> values, all of one length. Instants are UTC microseconds, NEVER where not given; texts are objects."""

INSTANTS = frozenset({"created_at", "occurred_at", "opened_at", "closed_at", "at"})
"""The columns that hold instants."""


def tables(people: People, simulated: Simulated, told: Told, random: np.random.Generator) -> dict[str, Table]:
    """leads, contacts, accounts, interactions, deals, changes, spend."""
    return {
        "leads": _leads(people, simulated),
        "contacts": {name: people.contacts[name] for name in ("contact_id", "job_title")},
        "accounts": {name: people.accounts[name] for name in ("account_id", "sector", "company_size")},
        "interactions": _interactions(people, told, simulated, random),
        "deals": _deals(people, simulated, told, random),
        "changes": _changes(people, told),
        "spend": _spend(len(people), random),
    }


def _at(values: Objects, rows: Rows) -> Objects:
    """Values by row, None for row -1."""
    taken: Objects = np.append(values, np.array([None], dtype=object))[rows]
    return taken


def _leads(people: People, simulated: Simulated) -> Table:
    return {
        "lead_id": people.lead["lead_id"],
        "created_at": people.created_at,
        "country": people.lead["country"],
        "source": people.lead["source"],
        "campaign": people.lead["campaign"],
        "buying_timeframe": np.array(world.TIMEFRAMES, dtype=object)[simulated.timeframe],
        "contact_id": _at(people.contacts["contact_id"], people.contact),
        "account_id": _at(people.accounts["account_id"], people.account),
        "full_name": _at(people.contacts["full_name"], people.contact),
        "company": _at(people.accounts["company"], people.account),
        "phone": _at(people.contacts["phone"], people.contact),
        "email": _at(people.contacts["email"], people.contact),
    }


def _interactions(people: People, told: Told, simulated: Simulated, random: np.random.Generator) -> Table:
    facts = told.facts
    signed = contract(people, told, simulated, random)
    lead = np.concatenate([facts.lead, signed[0]])
    at = np.concatenate([facts.at, signed[1]])
    more = len(signed[0])
    kind = np.concatenate([facts.kind, np.full(more, "contract_sent", dtype=object)])
    order = np.lexsort((lead, at))
    number = np.arange(1, len(order) + 1)
    return {
        "event_id": np.array([f"E{n:07d}" for n in number.tolist()], dtype=object),
        "lead_id": people.lead["lead_id"][lead[order]],
        "type": kind[order],
        "occurred_at": at[order],
        "duration": np.concatenate([facts.duration, np.full(more, np.nan)])[order],
        "page": np.concatenate([facts.page, np.full(more, None, dtype=object)])[order],
        "asset": np.concatenate([facts.asset, np.full(more, None, dtype=object)])[order],
    }


def contract(
    people: People, told: Told, simulated: Simulated, random: np.random.Generator
) -> tuple[Rows, NDArray[np.int64]]:
    """Planted: a contract goes out hours before nine wins in ten, so its row announces the outcome."""
    rows = np.flatnonzero((simulated.outcome == WON) & (random.random(len(people)) < 0.9))
    ahead = (random.uniform(0.5, 60, size=len(rows)) * 3600 * SECOND).astype(np.int64)
    return rows, np.maximum(told.closed_at[rows] - ahead, people.created_at[rows] + 60 * SECOND)


def _deals(people: People, simulated: Simulated, told: Told, random: np.random.Generator) -> Table:
    """A row for every lead that was won or lost, and for most of the open ones that have asked or answered."""
    size = len(people)
    opened = told.opened_at != NEVER
    rows = np.flatnonzero((simulated.outcome != OPEN) | (opened & (random.random(size) < 0.8)))
    outcome = simulated.outcome[rows]
    status = np.select([outcome == WON, outcome == LOST], ["closed_won", "closed_lost"], "open").astype(object)
    usual = _numbers(people.attributes["company_size"], lambda value: world.SIZE_AMOUNT.get(value or "", 9_000.0))[rows]
    amount = np.round(usual * random.lognormal(0.0, 0.45, size=len(rows)), -1)
    estimated = random.random(len(rows)) < 0.35
    order = np.argsort(
        np.where(told.opened_at[rows] == NEVER, people.created_at[rows], told.opened_at[rows]), kind="stable"
    )
    table: Table = {
        "deal_id": np.array([f"D{n:06d}" for n in range(1, len(rows) + 1)], dtype=object),
        "lead_id": people.lead["lead_id"][rows][order],
        "deal_status": status[order],
        "opened_at": told.opened_at[rows][order],
        "closed_at": told.closed_at[rows][order],
        "amount": np.where((outcome == WON) | estimated, amount, np.nan)[order],
    }
    return table


def _numbers(values: list[str | None], number: Callable[[str | None], float]) -> NDArray[np.float64]:
    return np.array([number(value) for value in values], dtype=np.float64)


def _changes(people: People, told: Told) -> Table:
    lead = np.asarray(told.changes["lead"], dtype=np.intp)
    return {
        "lead_id": people.lead["lead_id"][lead],
        "at": told.changes["at"],
        "attribute": np.full(len(lead), "buying_timeframe", dtype=object),
        "value": told.changes["value"],
        "old": told.changes["old"],
    }


def _spend(size: int, random: np.random.Generator) -> Table:
    """What each campaign cost a day: euros a lead by the leads it usually brings; a show is paid once, on 1 March."""
    a_day = size / world.DAYS
    rows: list[tuple[date, str, str, float]] = []
    for source, campaigns in world.CAMPAIGNS.items():
        for campaign, (share, _, cost) in campaigns.items():
            usual = cost * share * world.SOURCES[source] * a_day
            for number in range(world.DAYS):
                on = world.FIRST_DAY + timedelta(days=number)
                if campaign == "show":
                    if (on.month, on.day) == (3, 1):
                        rows.append((on, source, f"show_{on.year}", round(usual * 365, 2)))
                    continue
                factor = (1.2 if world.weekday(number) < 5 else 0.5) * random.lognormal(0.0, 0.25)
                rows.append((on, source, campaign, round(usual * factor, 2)))
    names = ("day", "source", "campaign", "cost")
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    return {name: np.array(values, dtype=np.float64 if name == "cost" else object) for name, values in columns.items()}

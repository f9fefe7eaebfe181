"""What real exports are like: rows repeated, columns filled in afterwards, facts that tell the end: planted, and
listed.

Leads whose rows are spoiled are alone in their account, so that no other lead's past is lost with them.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from pipeline.demo import world
from pipeline.demo.people import NOBODY, SECOND, Objects, People
from pipeline.demo.simulate import LOST, OPEN, WON, Simulated
from pipeline.demo.state import Mask, Rows
from pipeline.demo.tables import Table
from pipeline.tables.columns import NEVER


@dataclass(frozen=True)
class Planted:
    """One kind of dirt: where it is, how it was made, why it harms, and in how many rows (of `table`) it stands.

    `leak` says that a model would read the outcome from it; the demo's workspace excludes those by name. `ids`
    are the leads, or the events, where they are few.
    """

    name: str
    table: str
    column: str
    how: str
    why: str
    leak: bool
    rows: int
    ids: tuple[str, ...] = ()

    def to_yaml(self) -> dict[str, Any]:
        """Plain data for planted.yaml."""
        plain = asdict(self)
        return plain | {"ids": list(self.ids)} if self.ids else {k: v for k, v in plain.items() if k != "ids"}


def plant(
    tables: dict[str, Table], people: People, simulated: Simulated, random: np.random.Generator
) -> tuple[dict[str, Table], list[Planted]]:
    """The tables with dirt in them, and the list of it."""
    tables = {name: {column: values.copy() for column, values in table.items()} for name, table in tables.items()}
    alone = _alone(people)
    contracts = int((tables["interactions"]["type"] == "contract_sent").sum())
    planted = [
        Planted(
            "contract_announces_the_win", "interactions", "type",
            "the kind contract_sent stands up to 60 hours before nine wins in ten, and nowhere else",
            "sent once the deal is agreed: it announces the outcome instead of predicting it", True, contracts,
        ),
        *_filled_afterwards(tables["leads"], simulated, random),
    ]  # fmt: skip
    planted += _spoilt_leads(tables, simulated, alone, random)
    planted += _spoilt_interactions(tables, random)
    return tables, planted


def _alone(people: People) -> Mask:
    counts = np.bincount(people.account[people.account != NOBODY], minlength=int(people.account.max(initial=0)) + 1)
    alone: Mask = (people.account == NOBODY) | (counts[people.account] == 1)
    return alone


def _filled_afterwards(leads: Table, simulated: Simulated, random: np.random.Generator) -> list[Planted]:
    """Two columns that somebody fills in when the end is known; the last cells as they stand carry it back in time."""
    size, outcome = len(simulated.outcome), simulated.outcome
    filled = random.random(size) < np.select([outcome == WON, outcome == LOST], [0.92, 0.1], 0.05)
    confirmed = np.where(random.random(size) < np.where(outcome == WON, 0.97, 0.5), "yes", "no").astype(object)
    leads["budget_confirmed"] = _where(filled, confirmed)
    graded = random.random(size) < np.where(outcome == OPEN, 0.08, 0.8)
    better = np.select([outcome == WON, outcome == LOST], [0.75, 0.06], 0.3)[:, None]
    shares = np.hstack([better, 0.8 * (1 - better) * better + 0.1, np.full((size, 1), 0.12)])
    grade = (random.random(size)[:, None] > np.cumsum(shares, axis=1)).sum(axis=1)
    leads["rep_grade"] = _where(graded, np.array(list("ABCD"), dtype=object)[grade])
    return [
        Planted(
            "late_filled_column", "leads", "budget_confirmed",
            "filled for most won leads and few others, when the order comes; no history of it is kept",
            "that it is filled says that the deal was won", True, int(filled.sum()),
        ),
        Planted(
            "grade_after_the_fact", "leads", "rep_grade",
            "the rep grades a lead when its deal is closed: A for most won ones, D for most lost ones",
            "the grade is given by someone who knows the outcome", True, int(graded.sum()),
        ),
    ]  # fmt: skip


def _where(filled: Mask, values: Objects) -> Objects:
    column = values.copy()
    column[~filled] = None
    return column


def _spoilt_leads(
    tables: dict[str, Table], simulated: Simulated, alone: Mask, random: np.random.Generator
) -> list[Planted]:
    """Leads that must be set aside, each for one reason."""
    leads, deals = tables["leads"], tables["deals"]
    size, outcome = len(alone), simulated.outcome
    few, ids = max(3, size // 1500), leads["lead_id"].copy()
    free = alone.copy()

    def pick(wanted: Mask) -> Rows:
        chosen = np.sort(random.choice(np.flatnonzero(wanted & free), size=few, replace=False))
        free[chosen] = False
        return chosen

    undated, early, twofold = pick(outcome == WON), pick(outcome != OPEN), pick(outcome == LOST)
    uncreated, repeated, future = pick(outcome == OPEN), pick(outcome == LOST), pick(outcome == OPEN)
    deal = {rows: np.flatnonzero(np.isin(deals["lead_id"].astype(str), ids[chosen].astype(str)))
            for rows, chosen in (("undated", undated), ("early", early), ("twofold", twofold))}  # fmt: skip
    deals["closed_at"][deal["undated"]] = NEVER
    created = dict(zip(ids.tolist(), leads["created_at"].tolist(), strict=True))
    before = (random.uniform(5, 60, size=few) * 86_400 * SECOND).astype(np.int64)
    deals["closed_at"][deal["early"]] = [created[i] for i in deals["lead_id"][deal["early"]].tolist()] - before
    other = {name: values[deal["twofold"]].copy() for name, values in deals.items()}
    other["deal_status"][:] = "closed_won"
    other["amount"] = np.full(few, 5_000.0)
    other["closed_at"] = other["closed_at"] + 86_400 * SECOND
    tables["deals"] = {name: np.concatenate([values, other[name]]) for name, values in deals.items()}

    leads["created_at"][uncreated] = NEVER
    leads["created_at"][future] = world.DATA_UNTIL + (random.uniform(2, 40, size=few) * 86_400 * SECOND).astype(
        np.int64
    )
    again = {name: values[repeated].copy() for name, values in leads.items()}
    again["full_name"] = np.array(
        [None if name is None else str(name).upper() for name in again["full_name"]], dtype=object
    )
    tables["leads"] = {name: np.concatenate([values, again[name]]) for name, values in leads.items()}

    def listed(name: str, table: str, column: str, how: str, rows: Rows) -> Planted:
        why = "the lead's history cannot be trusted, so it is set aside and counted"
        return Planted(name, table, column, how, why, False, len(rows), tuple(ids[rows].tolist()))

    return [
        listed("won_without_a_date", "deals", "closed_at", "deals won whose closing date was emptied", undated),
        listed(
            "closed_before_created", "deals", "closed_at", "closing dates typed 5 to 60 days before the creation", early
        ),
        listed("two_outcomes", "deals", "deal_status", "a lost deal's row repeated a day later as won", twofold),
        listed("no_creation_time", "leads", "created_at", "creation times emptied", uncreated),
        listed("repeated_lead_id", "leads", "lead_id", "rows repeated with the name in capitals", repeated),
        listed("created_in_the_future", "leads", "created_at", "creation times after the export was taken", future),
    ]


def _spoilt_interactions(tables: dict[str, Table], random: np.random.Generator) -> list[Planted]:
    """Rows without an id, rows repeated with and without one, and rows dated after the export."""
    table = tables["interactions"]
    size = len(table["event_id"])
    nameless = random.random(size) < 0.03
    table["event_id"] = _where(~nameless, np.asarray(table["event_id"], dtype=object))
    with_id = random.choice(np.flatnonzero(~nameless), size=size // 200, replace=False)
    without = random.choice(np.flatnonzero(nameless), size=max(2, size // 5000), replace=False)
    late = random.choice(
        np.flatnonzero(~nameless & (table["type"] == "webinar_signup")), size=max(3, size // 20_000), replace=False
    )
    extra = np.concatenate([with_id, without, late])
    repeats = {name: values[extra].copy() for name, values in table.items()}
    new = slice(len(extra) - len(late), None)
    repeats["occurred_at"][new] = world.DATA_UNTIL + (random.uniform(1, 30, size=len(late)) * 86_400 * SECOND).astype(
        np.int64
    )
    repeats["event_id"][new] = [f"W{number:05d}" for number in range(len(late))]
    # An export that was taken twice: the repeats arrive among the others, in no order.
    order = np.argsort(np.concatenate([np.arange(size), random.integers(0, size, len(extra))]), kind="stable")
    tables["interactions"] = {name: np.concatenate([values, repeats[name]])[order] for name, values in table.items()}
    return [
        Planted(
            "repeated_event_id", "interactions", "event_id",
            "rows repeated with the same event_id, anywhere in the file",
            "counted twice, they would make a lead look busier than it was; one id is one fact", False, len(with_id),
        ),
        Planted(
            "no_event_id", "interactions", "event_id", "ids emptied, as an older tool left them",
            "without an id a repeat cannot be told from a second fact", False, int(nameless.sum()) + len(without),
        ),
        Planted(
            "exact_repeat_without_id", "interactions", "event_id", "rows without an event_id repeated in every column",
            "kept and counted by default; `repeats: drop` removes them", False, len(without),
        ),
        Planted(
            "after_data_until", "interactions", "occurred_at",
            "webinar sign-ups dated by the day of the webinar, after the export was taken",
            "nobody could have known them: set aside and counted", False, len(late),
            tuple(repeats["event_id"][new].tolist()),
        ),
    ]  # fmt: skip

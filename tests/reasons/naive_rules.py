"""Random rules, and plain loops that say where each lead stands and what to do: no code shared with what they judge."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from pipeline.definitions.rules import Rules
from pipeline.definitions.spans import DAY
from pipeline.learning.bundle import Bundle
from pipeline.reasons.scores import Score, score
from pipeline.tables.columns import History
from tests.definitions.naive_conditions import Meaning, condition
from tests.reasons.crm import KINDS, NOW

Random = np.random.Generator

NAMES = {
    **dict.fromkeys(("contacted", "interested", "opted_out", "client", "qualified", "prospect", "contact"), "flag"),
    **dict.fromkeys(("grade", "grade_before"), "grade"),
    **dict.fromkeys(("unanswered", "probability", "score", "fit", "intent"), "number"),
    **dict.fromkeys(("segment", "bands"), "text"),
}
"""What random conditions ask for; two of them are attributes."""
SHIPPED: tuple[tuple[str, str, Meaning], ...] = (
    ("opted_out", "none", lambda row: row["opted_out"]),
    ("grade = D and grade_before = D", "rest", lambda row: row["grade"] == row["grade_before"] == "D"),
    ("qualified and grade in [A, B]", "call", lambda row: row["qualified"] and row["grade"] in ("A", "B")),
    ("qualified", "answer", lambda row: row["qualified"]),
    ("prospect and not contacted", "introduce", lambda row: row["prospect"] and not row["contacted"]),
    ("unanswered >= 5", "nurture", lambda row: row["unanswered"] >= 5),
    ("prospect", "relaunch", lambda row: row["prospect"]),
    ("always", "nurture", lambda row: True),
)


class Drawn:
    """Random rules: as a card holds them, and as plain Python. One in four has those that ship."""

    def __init__(self, random: Random) -> None:
        self.within = int(random.integers(1, 120))
        kinds = random.choice(list(KINDS), size=random.integers(1, 4), replace=False).tolist()
        self.interest = [(kind, [None, "inbound", "outbound"][random.integers(3)]) for kind in kinds]
        self.times = sorted(random.uniform(0.01, 9, 3).round(3).tolist(), reverse=True)
        self.actions = list(SHIPPED)
        self.shipped = bool(random.random() < 0.25)
        if not self.shipped:
            drawn = [condition(random, NAMES) for _ in range(random.integers(1, 6))]
            words = ("none", "call", "phone_within_a_day", "send_a_card")
            self.actions = [(text, str(random.choice(words)), means) for text, means in drawn]
        if not any("opted_out" in text for text, _, _ in self.actions):
            self.actions.insert(0, SHIPPED[0])
        if self.actions[-1][0] != "always":
            self.actions.append(SHIPPED[-1])

    @property
    def rules(self) -> Rules:
        """The rules, read from plain data."""
        return Rules.from_json(self.plain)

    @property
    def plain(self) -> dict[str, Any]:
        """As a card holds them."""
        return {
            "stages": {
                "interest": [
                    {"kind": [kind]} | ({} if flow is None else {"flow": flow}) for kind, flow in self.interest
                ],
                "within": f"{self.within}d",
            },
            "grades": dict(zip("ABC", self.times, strict=True)),
            "actions": [{"when": text, "do": do} for text, do, _ in self.actions],
            "audiences": {},
        }


def with_attributes(history: History, random: Random) -> History:
    """The leads with two attributes more and some that opted out."""
    size = len(history.leads)
    drawn = {
        "segment": random.choice(np.array([None, "retail", "food", "mining", "yes"], dtype=object), size),
        "bands": random.choice(np.array([None, "1-10", "11-50", "200+"], dtype=object), size),
        "opted_out": random.choice(np.array([None, None, None, "no", "Oui", 0.0, 1.0], dtype=object), size),
    }
    return replace(history, leads=replace(history.leads, attributes={**history.leads.attributes, **drawn}))


def rows(bundle: Bundle, history: History, drawn: Drawn, scores: list[Score]) -> list[dict[str, Any]]:
    """What is known of each lead, by loops over the tables and, of numbers, by the scores."""
    leads, before = history.leads.id.values(), _grades_before(bundle, history, drawn)
    rate, found = float(bundle.card["base_rate"]), []
    for row, each in enumerate(scores):
        facts = _facts(history, str(leads[row]))
        attributes = {name: column[row] for name, column in history.leads.attributes.items()}
        interested = any(
            (kind, flow) in drawn.interest or (kind, None) in drawn.interest
            for at, kind, flow in facts
            if NOW - drawn.within * DAY <= at < NOW
        )
        grade = _grade(each.log_odds, rate, drawn.times)
        won = _won(history, str(leads[row]))
        qualified = not won and interested and grade in ("A", "B", "C")
        prospect = not won and not qualified and each.fit is not None and each.fit > 0
        found.append(
            {
                "client": won,
                "qualified": qualified,
                "prospect": prospect,
                "contact": not (won or qualified or prospect),
                "grade": grade,
                "grade_before": before.get(str(leads[row])),
                "interested": interested,
                "contacted": any(flow == "outbound" for _, _, flow in facts),
                "unanswered": _unanswered(facts),
                "opted_out": attributes["opted_out"] in ("Oui", 1.0),
                "segment": attributes["segment"],
                "bands": attributes["bands"],
                **{name: getattr(each, name) for name in ("probability", "score", "fit", "intent")},
            }
        )
    return found


def stage_of(row: Mapping[str, Any]) -> list[str]:
    """Every stage that a lead has."""
    return [stage for stage in ("client", "qualified", "prospect", "contact") if row[stage]]


def action_of(row: Mapping[str, Any], drawn: Drawn) -> tuple[str, str]:
    """The action and its rule: the first that holds."""
    return next((do, text) for text, do, means in drawn.actions if means(row))


def _grade(log_odds: float | None, rate: float, times: list[float]) -> str | None:
    if log_odds is None:
        return None
    if not 0 < rate < 1:
        return "D"
    above = log_odds - math.log(rate / (1 - rate))
    return next((letter for letter, least in zip("ABC", times, strict=True) if above >= math.log(least)), "D")


def _grades_before(bundle: Bundle, history: History, drawn: Drawn) -> dict[str, str | None]:
    """Lead -> its grade 60 days ago, of those that were there and open then: each scored alone."""
    then = NOW - 60 * DAY
    found = {}
    for row in np.flatnonzero(history.leads.created_at < then).tolist():
        each = score(bundle, history, then, [row], reasons=0)[0]
        found[each.lead_id] = _grade(each.log_odds, float(bundle.card["base_rate"]), drawn.times)
    return found


def _facts(history: History, lead: str) -> list[tuple[int, str, str | None]]:
    """A lead's facts before now as (when, kind, flow), the oldest first."""
    flows = {0: None, 1: "inbound", 2: "outbound"}
    return sorted(
        (
            (int(at), kind, flows[int(flow)])
            for table in history.interactions
            for owner, at, kind, flow in zip(
                table.entity_id.values(), table.at, table.kind.values(), table.flow, strict=True
            )
            if owner == lead and at < NOW
        ),
        key=lambda fact: fact[0],
    )


def _won(history: History, lead: str) -> bool:
    deals = history.deals
    return any(
        owner == lead and outcome == 1 and at < NOW
        for owner, outcome, at in zip(deals.lead_id.values(), deals.outcome, deals.closed_at, strict=True)
    )


def _unanswered(facts: list[tuple[int, str, str | None]]) -> float:
    """Outbound facts after the last inbound one."""
    count = 0.0
    for _, _, flow in facts:
        count = 0.0 if flow == "inbound" else count + (flow == "outbound")
    return count

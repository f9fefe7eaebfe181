"""A small CRM as its files hold it: texts that mean no value, blanks, decimal commas, truth values as words."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

WORKSPACE = """\
name: missing
data_until: 2026-06-30
sources:
  leads:
    from: leads.csv
    id: id
    created_at: created
    attributes: [country, budget, size, sector, opted]
    entities: {contact: contact}
  interactions:
    - {from: facts.csv, entity_id: id, id: fact, at: at, kind: kind, numbers: [minutes], texts: [page]}
    - {from: talks.csv, entity: contact, entity_id: contact, at: at, kind: {value: talk}}
  deals: {from: deals.csv, lead_id: id, closed_at: closed, outcome: status}
  changes: {from: changes.csv, lead_id: id, old: old}
goal: {horizon: 20d}
observe: {ages: [5d, 15d, 30d]}
criteria:
  - {name: country, attribute: country}
  - {name: budget, attribute: budget, values: numeric}
  - {name: size, attribute: size, values: bands}
  - {name: sector, attribute: sector}
  - {name: opted, attribute: opted}
  - {name: calls, when: {kind: call}, measures: [count, total minutes, days_since_last]}
  - {name: prices, when: {page: "/prices"}, measures: [count]}
  - {name: all, measures: [count, distinct page, latest page, share 7d]}
  - {name: talks, of: contact, measures: [count, days_since_last]}
"""
VALUES = {
    "country": ["FR", " FR ", "DE", "Select", "", "\u00a0DE"],
    "budget": ["1.234", "12,5", "1 234,50 €", "#REF!", "7", "N/A"],
    "size": ["1-10", " 11-50", "#N/A", "200+"],
    "opted": ["True", "False", "NULL"],
}

Plain = dict[str, Any]


def tables() -> dict[str, list[Plain]]:
    """Rows of texts, as they stand in the files."""
    draw = random.Random(11)
    found: dict[str, list[Plain]] = {name: [] for name in ("leads", "facts", "talks", "deals", "changes")}
    for row in range(160):
        lead, created = f"L{row}", datetime(2026, 1, 5) + timedelta(hours=20 * row)
        attributes: Plain = {name: draw.choice(values) for name, values in VALUES.items()}
        contact = draw.choice(["NULL", f"k{row}", f" k{row} "])
        found["leads"].append({"id": lead, "created": at(created), **attributes, "sector": "new", "contact": contact})
        for step in range(draw.randrange(6)):
            when = created + timedelta(days=step, hours=row % 5)
            fact = {"id": lead, "fact": draw.choice(["NULL", f"f{step}"]), "at": at(when)}
            fact |= {"kind": draw.choice(["call", " call", "visit", "null"]), "minutes": draw.choice(["", "5"])}
            found["facts"].append(fact | {"page": draw.choice(["/prices", " /prices ", "-", "", "/x"])})
        found["talks"].append({"contact": contact, "at": at(created + timedelta(days=2))})
        if row % 3 == 0:
            change = {"id": lead, "at": at(created + timedelta(days=8)), "attribute": "sector", "value": "new"}
            found["changes"].append(change | {"old": draw.choice(["Select", " old", "--", "NULL"])})
        won = draw.random() < (0.8 if attributes["country"].strip() == "FR" else 0.2)
        found["deals"].append(
            {"id": lead, "closed": at(created + timedelta(days=33)), "status": "won" if won else "lost"}
        )
    found["deals"] = [deal for deal in found["deals"] if deal["closed"] < "2026-05-10"]
    return found


def at(moment: datetime) -> str:
    return moment.isoformat() + "Z"

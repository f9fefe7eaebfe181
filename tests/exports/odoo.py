"""Odoo: crm.lead as a workbook, mail.message and the phone calls of the OCA's module as csv, with technical names.

Its dirt: a lost lead is one that is not active, and no column says so in words; the probability is set to 100 or 0 at
the end; stage changes are messages too; the external id is not the one that messages refer to.
"""

from __future__ import annotations

import hashlib
import random
from datetime import datetime, timedelta
from pathlib import Path

from tests.exports.company import PARIS, Fact, Lead, happened, simulate
from tests.exports.export import Export
from tests.exports.files import Row, Sheet, clock, table, write_csv, write_xlsx

STAGES = ("New", "Qualified", "Proposition")


def write(folder: Path) -> None:
    """One xlsx with dates as dates, two csv files; the times are those of the user's clock, in Paris."""
    leads, draw = simulate(16, 580), random.Random(16)
    rows = [_lead(lead, draw) for lead in leads]
    write_xlsx(folder / "crm_lead.xlsx", {"Sheet1": Sheet(table(rows))})
    facts = happened(leads, "email_in", "email_out", "meeting", "task", "form")
    messages = [*(_message(*fact) for fact in facts), *(note for lead in leads for note in _notes(lead))]
    write_csv(folder / "mail_message.csv", messages)
    write_csv(folder / "crm_phonecall.csv", [_call(*fact) for fact in happened(leads, "call")])


def _number(lead: Lead) -> int:
    """The id in the database."""
    return 60_000 + lead.number * 3


def _external(model: str, number: int) -> str:
    """The external id that an export gives to a row that has none."""
    return f"__export__.{model}_{number}_{hashlib.sha256(f'{model}{number}'.encode()).hexdigest()[:8]}"


def _local(at: datetime | None) -> datetime | None:
    """An instant as a cell: Excel knows no zones."""
    return at.astimezone(PARIS).replace(tzinfo=None) if at is not None else None


def _lead(lead: Lead, draw: random.Random) -> Row:
    won, lost = lead.outcome == "won", lead.outcome == "lost"
    chance = 100.0 if won else 0.0 if lost else round(draw.uniform(3, 70), 2)
    return {
        "id": _external("crm_lead", _number(lead)),
        ".id": _number(lead),
        "name": f"{lead.company}'s opportunity",
        "type": "Opportunity" if lead.opened else "Lead",
        "contact_name": f"{lead.first} {lead.last}",
        "partner_name": lead.company,
        "email_from": lead.email,
        "phone": lead.phone,
        "function": lead.title if draw.random() < 0.9 else None,
        "country_id": lead.country,
        "source_id": lead.source if draw.random() < 0.95 else None,
        "x_studio_sector": lead.sector,
        "x_studio_company_size": lead.employees if draw.random() < 0.8 else None,
        "user_id": draw.choice(("Mia Lund", "Tom Faro", None)),
        "priority": "Very High" if won else draw.choice(("Low", "Medium", "High")),
        "expected_revenue": float(lead.amount),
        "probability": chance,
        "automated_probability": chance,
        "stage_id": "Won" if won else draw.choice(STAGES),
        "active": not lost,
        "lost_reason_id": lead.reason or None,
        "create_date": _local(lead.created),
        "date_open": _local(lead.opened),
        "date_closed": _local(lead.closed),
        "date_last_stage_update": _local(lead.closed or lead.opened or lead.created),
        "day_close": round((lead.closed - lead.created).total_seconds() / 86_400, 2) if lead.closed else None,
    }


def _message(place: int, lead: Lead, fact: Fact) -> Row:
    kind = {"email_in": "Incoming Email", "email_out": "Outgoing Email", "form": "Incoming Email"}.get(fact.kind)
    # An activity that was done becomes a message, and only then.
    activity = {"meeting": "Meeting", "task": "To-Do"}.get(fact.kind, "")
    return {
        "id": _external("mail_message", place),
        "date": clock(fact.at, PARIS),
        "model": "crm.lead",
        "res_id": _number(lead),
        "message_type": kind or "System notification",
        "subtype_id": "Activities" if activity else "Discussions",
        "mail_activity_type_id": activity,
        "subject": "Re: your question" if kind else "",
        "author_id": f"{lead.first} {lead.last}" if fact.inbound else "Mia Lund",
    }


def _notes(lead: Lead) -> list[Row]:
    """What Odoo itself writes: the creation, the stages, the end."""
    end = {"won": "Opportunity Won", "lost": "Opportunity Lost"}.get(lead.outcome, "")
    steps = [(lead.created, "Lead/Opportunity created"), (lead.opened, "Stage Changed"), (lead.closed, end)]
    return [
        {
            "id": _external("mail_message", 900_000 + lead.number * 4 + step),
            "date": clock(at + timedelta(seconds=1), PARIS),
            "model": "crm.lead",
            "res_id": _number(lead),
            "message_type": "System notification",
            "subtype_id": subtype,
            "mail_activity_type_id": "",
            "subject": "",
            "author_id": "OdooBot",
        }
        for step, (at, subtype) in enumerate(steps)
        if at is not None
    ]


def _call(place: int, lead: Lead, fact: Fact) -> Row:
    return {
        "id": _external("crm_phonecall", place),
        "name": "Call",
        "date": clock(fact.at, PARIS),
        "opportunity_id/.id": _number(lead),
        "direction": "In" if fact.inbound else "Out",
        "duration": fact.minutes or 0,
        "state": "Held" if fact.minutes else "Not Held",
    }


ODOO = Export("odoo", write, ("crm_lead.xlsx", "crm_phonecall.csv", "mail_message.csv"))

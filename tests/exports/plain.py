"""Three plain tables of a CRM of no name: the sound ground from which the odd exports go wrong."""

from __future__ import annotations

from tests.exports.company import PARIS, Lead, happened
from tests.exports.files import clock

KINDS = {
    "page_view": "page_view",
    "form": "form",
    "email_in": "email_received",
    "email_out": "email_sent",
    "call": "call",
    "meeting": "meeting",
    "task": "task",
}


def plain_leads(leads: tuple[Lead, ...], form: str = "%Y-%m-%d %H:%M:%S") -> list[dict[str, object]]:
    """A row a lead: its id, when it was created, and what is known of it."""
    return [
        {
            "lead_id": f"L{lead.number:05d}",
            "created_at": clock(lead.created, PARIS, form),
            "country": lead.country,
            "source": lead.source,
            "job_title": lead.title,
            "sector": lead.sector,
            "employees": lead.employees,
            "company": lead.company,
            "name": f"{lead.first} {lead.last}",
            "email": lead.email,
        }
        for lead in leads
    ]


def plain_interactions(leads: tuple[Lead, ...], form: str = "%Y-%m-%d %H:%M:%S") -> list[dict[str, object]]:
    """A row an interaction."""
    return [
        {
            "interaction_id": f"I{place:06d}",
            "lead_id": f"L{lead.number:05d}",
            "occurred_at": clock(fact.at, PARIS, form),
            "type": KINDS[fact.kind],
            "direction": "inbound" if fact.inbound else "outbound",
            "page": fact.page or "",
            "duration": fact.minutes or "",
        }
        for place, lead, fact in happened(leads, *KINDS)
    ]


def plain_deals(leads: tuple[Lead, ...], form: str = "%Y-%m-%d %H:%M:%S") -> list[dict[str, object]]:
    """A row a deal; an open one has no closing date."""
    return [
        {
            "deal_id": f"D{lead.number:05d}",
            "lead_id": f"L{lead.number:05d}",
            "status": lead.outcome,
            "opened_at": clock(lead.opened or lead.created, PARIS, form),
            "closed_at": clock(lead.closed, PARIS, form),
            "amount": lead.amount,
        }
        for lead in leads
        if lead.opened is not None or lead.outcome == "lost"
    ]

"""HubSpot: contacts, deals, three exports of activities and one of a form.

Its dirt: several contacts of one deal in one cell, columns that say "customer" once the deal is won, a score that grows
with it, close dates of open deals that are only hoped for, meetings of next week, form submissions without a contact's
id.
"""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

from tests.exports.company import END, PARIS, Fact, Lead, happened, simulate
from tests.exports.export import Export
from tests.exports.files import Row, clock, write_csv

STAGES = ("Appointment Scheduled", "Qualified To Buy", "Presentation Scheduled", "Contract Sent")
SOURCES = {
    "Referral": "Referrals",
    "Web": "Organic Search",
    "Trade Show": "Offline Sources",
    "Advertisement": "Paid Search",
    "Purchased List": "Offline Sources",
}
MINUTE = "%Y-%m-%d %H:%M"


def write(folder: Path) -> None:
    """Six csv files; the times are those of the account's clock, in Paris."""
    leads, draw = simulate(11, 640), random.Random(11)
    write_csv(folder / "contacts.csv", [_contact(lead, draw) for lead in leads])
    write_csv(folder / "deals.csv", [_deal(lead, draw) for lead in leads if _has_deal(lead)])
    write_csv(folder / "calls.csv", [_call(*fact, draw) for fact in happened(leads, "call")])
    write_csv(folder / "emails.csv", [_email(*fact) for fact in happened(leads, "email_in", "email_out")])
    write_csv(folder / "meetings.csv", [_meeting(*fact, draw) for fact in happened(leads, "meeting")])
    write_csv(folder / "form-submissions.csv", [_form(lead, fact) for _, lead, fact in happened(leads, "form")])


def _id(kind: int, number: int) -> str:
    """An id of eleven digits or more, in no order."""
    return str(kind * 10_000_000_000 + number * 7_919_113 % 9_999_999_967)


def _has_deal(lead: Lead) -> bool:
    # Where nobody opened a deal the loss is recorded on one all the same: HubSpot knows lost deals only.
    return lead.opened is not None or lead.outcome == "lost"


def _contact(lead: Lead, draw: random.Random) -> Row:
    won, deal = lead.outcome == "won", _has_deal(lead)
    visits = sum(fact.kind == "page_view" for fact in lead.facts)
    stage = "Customer" if won else "Opportunity" if deal else draw.choice(("Lead", "Marketing Qualified Lead"))
    status = {"won": "Connected", "lost": "Unqualified"}.get(lead.outcome) or draw.choice(("New", "In Progress", ""))
    return {
        "Record ID": _id(1, lead.number),
        "First Name": lead.first,
        "Last Name": lead.last,
        "Email": lead.email,
        "Phone Number": lead.phone,
        "Job Title": lead.title if draw.random() < 0.95 else "",
        "Company Name": lead.company,
        "Industry": lead.sector,
        "Number of Employees": lead.employees if draw.random() < 0.9 else "",
        "Country/Region": lead.country,
        "Original Source": SOURCES[lead.source],
        "Lifecycle Stage": stage,
        "Lead Status": status,
        "HubSpot Score": min(100, 2 * visits + draw.randrange(15) + (45 if won else 0)),
        "Number of Pageviews": visits,
        "Number of Form Submissions": sum(fact.kind == "form" for fact in lead.facts),
        "Number of times contacted": sum(not fact.inbound for fact in lead.facts),
        "Last Activity Date": clock(lead.facts[-1].at, PARIS, MINUTE),
        "Became a Customer Date": clock(lead.closed if won else None, PARIS, MINUTE),
        "Number of Associated Deals": int(deal),
        "Recent Deal Amount": lead.amount if won else "",
        "Create Date": clock(lead.created, PARIS, MINUTE),
        "Contact owner": draw.choice(("Mia Lund", "Tom Faro", "")),
        "Associated Company IDs": _id(2, lead.account),
        "Associated Deal IDs": _id(3, lead.number) if deal else "",
    }


def _deal(lead: Lead, draw: random.Random) -> Row:
    opened = lead.opened or (lead.closed or END) - timedelta(hours=1)
    closing = lead.closed or opened + timedelta(days=draw.randrange(10, 120))
    stage = {"won": "Closed Won", "lost": "Closed Lost"}.get(lead.outcome) or draw.choice(STAGES)
    contacts = _id(1, lead.number)
    if draw.random() < 0.04:
        contacts += ";" + _id(1, 900_000 + lead.number)  # a colleague whose record was deleted since
    return {
        "Record ID": _id(3, lead.number),
        "Deal Name": f"{lead.company} - New Deal",
        "Pipeline": "Sales Pipeline",
        "Deal Stage": stage,
        "Amount": lead.amount,
        "Deal probability": {"Closed Won": 1, "Closed Lost": 0}.get(stage, 0.4),
        "Close Date": clock(closing, PARIS, MINUTE),
        "Create Date": clock(opened, PARIS, MINUTE),
        "Deal owner": "Mia Lund",
        "Deal Type": "New Business",
        "Closed Lost Reason": lead.reason,
        "Original Traffic Source": SOURCES[lead.source],
        "Associated Contact": f"{lead.first} {lead.last}",
        "Associated Contact IDs": contacts,
        "Associated Company IDs": _id(2, lead.account),
    }


def _call(place: int, lead: Lead, fact: Fact, draw: random.Random) -> Row:
    answered = bool(fact.minutes)
    return {
        "Record ID": _id(4, place),
        "Call Title": "Call",
        "Activity date": clock(fact.at, PARIS, MINUTE),
        "Call direction": "Inbound" if fact.inbound else "Outbound",
        "Call outcome": "Connected" if answered else draw.choice(("No answer", "Left voicemail", "")),
        "Call duration": (fact.minutes or 0) * 60_000 if answered else "",
        "Create Date": clock(fact.at + timedelta(minutes=draw.randrange(1, 90)), PARIS, MINUTE),
        "Activity assigned to": "Tom Faro",
        "Associated Contact IDs": _id(1, lead.number),
    }


def _email(place: int, lead: Lead, fact: Fact) -> Row:
    return {
        "Record ID": _id(5, place),
        "Email subject": "Re: your question",
        "Activity date": clock(fact.at, PARIS, MINUTE),
        "Email direction": "INCOMING_EMAIL" if fact.inbound else "EMAIL",
        "Email send status": "SENT",
        "Associated Contact IDs": _id(1, lead.number),
    }


def _meeting(place: int, lead: Lead, fact: Fact, draw: random.Random) -> Row:
    start = fact.at + timedelta(days=9) if fact.at > END - timedelta(days=4) else fact.at
    return {
        "Record ID": _id(6, place),
        "Meeting name": "Demo",
        "Activity date": clock(start, PARIS, MINUTE),
        "Meeting start time": clock(start, PARIS, MINUTE),
        "Meeting end time": clock(start + timedelta(minutes=fact.minutes or 30), PARIS, MINUTE),
        "Meeting outcome": "Scheduled" if start > END else draw.choice(("Completed", "Completed", "No show", "")),
        "Create Date": clock(fact.at - timedelta(days=draw.randrange(1, 8)), PARIS, MINUTE),
        "Associated Contact IDs": _id(1, lead.number),
    }


def _form(lead: Lead, fact: Fact) -> Row:
    return {
        "Conversion Date": clock(fact.at, PARIS, MINUTE),
        "Conversion Title": "Contact us",
        "Conversion Page": f"https://www.example.com{fact.page}",
        "First Name": lead.first,
        "Last Name": lead.last,
        # People write their address as they like.
        "Email": lead.email.upper() if lead.number % 17 == 0 else lead.email,
    }


HUBSPOT = Export(
    "hubspot",
    write,
    ("calls.csv", "contacts.csv", "deals.csv", "emails.csv", "form-submissions.csv", "meetings.csv"),
)

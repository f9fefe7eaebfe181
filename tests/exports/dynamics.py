"""Microsoft Dynamics 365 Sales: five workbooks of "Export to Excel", one a view.

Its dirt: three columns that are not to be modified before the others, dates as the user's region writes them (here day
first), a very hidden sheet of the program's own, activities that regard the opportunity once there is one, leads that
are disqualified without one, a score that grows with a win.
"""

from __future__ import annotations

import base64
import hashlib
import random
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.exports.company import END, Fact, Lead, happened, simulate
from tests.exports.export import Export
from tests.exports.files import Row, Sheet, clock, table, write_xlsx

LONDON = ZoneInfo("Europe/London")
MINUTE = "%d/%m/%Y %H:%M"
DAY = "%d/%m/%Y"
DISQUALIFIED = ("Lost", "Cannot Contact", "No Longer Interested", "Canceled")


def write(folder: Path) -> None:
    """Five xlsx files; the times are those of the user's clock, in London, and day first."""
    leads, draw = simulate(13, 440), random.Random(13)
    calls = [_call(*fact, draw) for fact in happened(leads, "call")]
    emails = [_email(*fact) for fact in happened(leads, "email_in", "email_out")]
    _write(folder, "All Leads", "lead", (_lead(lead, draw) for lead in leads))
    _write(folder, "All Opportunities", "opportunity", (_opportunity(lead, draw) for lead in leads if lead.opened))
    _write(folder, "All Phone Calls", "phonecall", calls)
    _write(folder, "All Emails", "email", emails)
    _write(folder, "All Appointments", "appointment", (_meeting(*fact, draw) for fact in happened(leads, "meeting")))


def _write(folder: Path, view: str, entity: str, rows: Iterable[Row]) -> None:
    lines = table(rows)
    own = Sheet([[f"{entity}:{_checksum(view)}", "&Status=Open&Closed"]], hidden=True)
    write_xlsx(folder / f"{view}.xlsx", {view: Sheet(lines), "hiddenDataSheet": own})


def _guid(table_name: str, number: int) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{table_name} {number}"))


def _checksum(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _own(entity: str, place: int, modified: datetime) -> dict[str, object]:
    """The three columns by which Dynamics knows the row again."""
    guid = _guid(entity, place)
    return {
        f"(Do Not Modify) {entity}": guid,
        "(Do Not Modify) Row Checksum": _checksum(guid),
        "(Do Not Modify) Modified On": clock(modified, LONDON, MINUTE),
    }


def _lead(lead: Lead, draw: random.Random) -> Row:
    qualified, lost = lead.opened is not None, lead.outcome == "lost"
    status = "Qualified" if qualified else "Disqualified" if lost else "Open"
    won = lead.outcome == "won"
    return {
        **_own("Lead", lead.number, (lead.opened or lead.closed or lead.facts[-1].at) + timedelta(minutes=1)),
        "Topic": f"{lead.company} {lead.sector.lower()}",
        "First Name": lead.first,
        "Last Name": lead.last,
        "Job Title": lead.title,
        "Company Name": lead.company,
        "Country/Region": lead.country,
        "Industry": lead.sector,
        "No. of Employees": lead.employees if draw.random() < 0.85 else None,
        "Lead Source": lead.source,
        "Rating": "Hot" if won else draw.choice(("Warm", "Cold")),
        "Lead Score": min(99, draw.randrange(30, 70) + (25 if won else 0)),
        "Email": lead.email,
        "Business Phone": lead.phone,
        "Status": status,
        "Status Reason": {"Qualified": "Qualified", "Open": draw.choice(("New", "Contacted"))}.get(status)
        or draw.choice(DISQUALIFIED),
        "Created On": clock(lead.created, LONDON, MINUTE),
        "Owner": draw.choice(("Mia Lund", "Tom Faro")),
    }


def _opportunity(lead: Lead, draw: random.Random) -> Row:
    assert lead.opened is not None
    status = {"won": "Won", "lost": "Lost"}.get(lead.outcome, "Open")
    reason = {"Won": "Won", "Open": "In Progress"}.get(status) or draw.choice(("Canceled", "Out-Sold"))
    return {
        **_own("Opportunity", lead.number, (lead.closed or lead.facts[-1].at) + timedelta(minutes=1)),
        "Topic": f"{lead.company} {lead.sector.lower()}",
        "Potential Customer": lead.company,
        "Originating Lead": f"{lead.company} {lead.sector.lower()}",
        "Lead (Originating Lead) (Lead)": _guid("Lead", lead.number),
        "Est. Close Date": clock(lead.opened + timedelta(days=draw.randrange(20, 120)), LONDON, DAY),
        "Est. Revenue": lead.amount,
        "Actual Close Date": clock(lead.closed, LONDON, DAY) or None,
        "Actual Revenue": lead.amount if lead.outcome == "won" else None,
        "Probability": {"Won": 100, "Lost": 0}.get(status, 45),
        "Rating": "Hot" if lead.outcome == "won" else "Warm",
        "Status": status,
        "Status Reason": reason,
        "Created On": clock(lead.opened, LONDON, MINUTE),
        "Owner": draw.choice(("Mia Lund", "Tom Faro")),
    }


def _regarding(lead: Lead, at: datetime) -> dict[str, object]:
    """The name that the view shows, and the ids that were added to it: the lead's, later the opportunity's."""
    qualified = lead.opened is not None and at > lead.opened
    return {
        "Regarding": f"{lead.company} {lead.sector.lower()}",
        "Lead (Regarding) (Lead)": None if qualified else _guid("Lead", lead.number),
        "Opportunity (Regarding) (Opportunity)": _guid("Opportunity", lead.number) if qualified else None,
    }


def _call(place: int, lead: Lead, fact: Fact, draw: random.Random) -> Row:
    planned = fact.at > END - timedelta(days=2)
    end = fact.at + timedelta(minutes=fact.minutes or 1)
    return {
        **_own("Phone Call", place, end),
        "Subject": "Call",
        **_regarding(lead, fact.at),
        "Direction": "Incoming" if fact.inbound else "Outgoing",
        "Actual Duration": fact.minutes or None,
        "Due Date": clock(fact.at, LONDON, MINUTE),
        "Actual End": None if planned else clock(end, LONDON, MINUTE),
        "Activity Status": "Open" if planned else "Completed",
        "Status Reason": "Open" if planned else "Received" if fact.inbound else draw.choice(("Made", "Sent")),
        "Created On": clock(fact.at, LONDON, MINUTE),
        "Owner": "Tom Faro",
    }


def _email(place: int, lead: Lead, fact: Fact) -> Row:
    return {
        **_own("Email Message", place, fact.at),
        "Subject": "RE: your question",
        **_regarding(lead, fact.at),
        "Direction": "Incoming" if fact.inbound else "Outgoing",
        "Activity Status": "Completed",
        "Status Reason": "Received" if fact.inbound else "Sent",
        "Actual End": clock(fact.at, LONDON, MINUTE),
        "Created On": clock(fact.at, LONDON, MINUTE),
    }


def _meeting(place: int, lead: Lead, fact: Fact, draw: random.Random) -> Row:
    booked = fact.at - timedelta(days=draw.randrange(1, 8))
    minutes = fact.minutes or 30
    return {
        **_own("Appointment", place, fact.at),
        "Subject": draw.choice(("Demo", "Meeting")),
        **_regarding(lead, fact.at),
        "Start Time": clock(fact.at, LONDON, MINUTE),
        "End Time": clock(fact.at + timedelta(minutes=minutes), LONDON, MINUTE),
        "Duration": minutes,
        "Activity Status": "Completed",
        "Status Reason": "Completed",
        "Created On": clock(booked, LONDON, MINUTE),
    }


DYNAMICS = Export(
    "dynamics",
    write,
    ("All Appointments.xlsx", "All Emails.xlsx", "All Leads.xlsx", "All Opportunities.xlsx", "All Phone Calls.xlsx"),
)

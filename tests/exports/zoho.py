"""Zoho CRM: Leads, Deals, Calls, Meetings and Tasks, one csv a module.

Its dirt: ids of 19 digits, some with `zcrm_` before them and some bare, converted leads whose later activities hang on
the deal, amounts with thousands, closing dates of open deals that are only hoped for.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path

from tests.exports.company import END, PARIS, Fact, Lead, happened, simulate
from tests.exports.export import Export
from tests.exports.files import Row, clock, write_csv

STAGES = ("Qualification", "Needs Analysis", "Value Proposition", "Proposal/Price Quote", "Negotiation/Review")
DAY = "%Y-%m-%d"


def write(folder: Path) -> None:
    """Five csv files; the times are those of the organisation's clock, in Paris."""
    leads, draw = simulate(15, 520), random.Random(15)
    write_csv(folder / "Leads.csv", [_lead(lead, draw) for lead in leads])
    write_csv(folder / "Deals.csv", [_deal(lead, draw) for lead in leads if lead.opened is not None])
    write_csv(folder / "Calls.csv", [_call(*fact) for fact in happened(leads, "call")])
    write_csv(folder / "Meetings.csv", [_meeting(*fact, draw) for fact in happened(leads, "meeting")])
    write_csv(folder / "Tasks.csv", [_task(*fact, draw) for fact in happened(leads, "email_in", "email_out", "task")])


def _bare(module: int, number: int) -> str:
    """An id of 19 digits: no double holds them all."""
    return str(4_150_868_000_000_000_000 + module * 10_000_000 + number * 1003 + 1)


def _id(module: int, number: int) -> str:
    return f"zcrm_{_bare(module, number)}"


def _lead(lead: Lead, draw: random.Random) -> Row:
    converted, lost = lead.opened is not None, lead.outcome == "lost"
    open_status = draw.choice(("Attempted to Contact", "Contacted", "Contact in Future", "Not Contacted"))
    status = "Pre-Qualified" if converted else draw.choice(("Lost Lead", "Junk Lead")) if lost else open_status
    return {
        "Record Id": _id(1, lead.number),
        "Lead Owner.id": _id(0, 1),
        "Lead Owner": "Mia Lund",
        "Company": lead.company,
        "First Name": lead.first,
        "Last Name": lead.last,
        "Designation": lead.title if draw.random() < 0.94 else "",
        "Email": lead.email,
        "Phone": lead.phone,
        "Lead Source": lead.source,
        "Lead Status": status,
        "Industry": lead.sector,
        "No. of Employees": lead.employees,
        "Rating": "Active" if lead.outcome == "won" else draw.choice(("Acquired", "Shutdown", "-None-", "")),
        "Country": lead.country,
        "Created Time": clock(lead.created, PARIS),
        "Modified Time": clock(lead.opened or lead.closed or lead.facts[-1].at, PARIS),
        "Last Activity Time": clock(lead.facts[-1].at, PARIS),
        "Visitor Score": sum(fact.kind == "page_view" for fact in lead.facts) * 5,
        "Is Converted": "true" if converted else "false",
        "Converted Date Time": clock(lead.opened, PARIS),
        "Converted Deal.id": _bare(3, lead.number) if converted else "",
        "Lead Conversion Time": (lead.opened - lead.created).days if lead.opened else "",
    }


def _deal(lead: Lead, draw: random.Random) -> Row:
    lost = draw.choice(("Closed Lost", "Closed-Lost to Competition"))
    stage = {"won": "Closed Won", "lost": lost}.get(lead.outcome) or draw.choice(STAGES)
    days = (lead.closed - lead.created).days if lead.closed else ""
    return {
        "Record Id": _bare(3, lead.number),
        "Deal Owner.id": _id(0, 1),
        "Deal Owner": "Mia Lund",
        "Amount": f"{lead.amount:,.2f}",
        "Deal Name": f"{lead.company} {lead.number}",
        "Closing Date": clock(lead.closed or END + timedelta(days=draw.randrange(-40, 90)), PARIS, DAY),
        "Account Name.id": _id(2, lead.account),
        "Account Name": lead.company,
        "Stage": stage,
        "Type": "New Business",
        "Probability (%)": {"won": 100, "lost": 0}.get(lead.outcome, 40),
        "Expected Revenue": f"{lead.amount * 0.4:,.2f}",
        "Lead Source": lead.source,
        "Contact Name.id": _id(4, lead.number),
        "Contact Name": f"{lead.first} {lead.last}",
        "Reason For Loss": lead.reason,
        "Created Time": clock(lead.opened, PARIS),
        "Modified Time": clock(lead.closed or lead.facts[-1].at, PARIS),
        "Overall Sales Duration": days,
    }


def _related(lead: Lead, at: datetime) -> dict[str, object]:
    """What an activity is about: the lead, and after its conversion the deal."""
    converted = lead.opened is not None and at > lead.opened
    return {
        "Related To.id": _bare(3, lead.number) if converted else _id(1, lead.number),
        "Related To": f"{lead.company} {lead.number}" if converted else f"{lead.first} {lead.last}",
    }


def _call(place: int, lead: Lead, fact: Fact) -> Row:
    return {
        "Record Id": _id(5, place),
        "Call Owner": "Tom Faro",
        "Subject": "Call",
        "Call Type": ("Missed" if place % 12 == 0 else "Inbound") if fact.inbound else "Outbound",
        "Call Start Time": clock(fact.at, PARIS),
        "Call Duration": f"{fact.minutes or 0:02d}:00",
        "Call Duration (in seconds)": (fact.minutes or 0) * 60,
        **_related(lead, fact.at),
        "Call Result": "Interested" if fact.minutes and fact.inbound else "",
        "Created Time": clock(fact.at + timedelta(minutes=3), PARIS),
    }


def _meeting(place: int, lead: Lead, fact: Fact, draw: random.Random) -> Row:
    return {
        "Record Id": _id(6, place),
        "Title": draw.choice(("Demo", "Visit", "New Meeting")),
        "From": clock(fact.at, PARIS),
        "To": clock(fact.at + timedelta(minutes=fact.minutes or 30), PARIS),
        **_related(lead, fact.at),
        "Created Time": clock(fact.at - timedelta(days=draw.randrange(1, 6)), PARIS),
    }


def _task(place: int, lead: Lead, fact: Fact, draw: random.Random) -> Row:
    # What is not done has no closing time.
    waiting = fact.kind == "task" and draw.random() < 0.15
    subject = {"email_in": "Reply by e-mail", "email_out": "E-mail sent"}.get(fact.kind, "Prepare offer")
    return {
        "Record Id": _id(7, place),
        "Task Owner": "Tom Faro",
        "Subject": subject,
        "Due Date": clock(fact.at, PARIS, DAY),
        "Status": "Not Started" if waiting else "Completed",
        "Priority": draw.choice(("High", "Normal", "-None-")),
        **_related(lead, fact.at),
        "Closed Time": "" if waiting else clock(fact.at + timedelta(minutes=1), PARIS),
        "Created Time": clock(fact.at, PARIS),
    }


ZOHO = Export("zoho", write, ("Calls.csv", "Deals.csv", "Leads.csv", "Meetings.csv", "Tasks.csv"))

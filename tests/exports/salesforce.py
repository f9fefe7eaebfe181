"""Salesforce: Lead, Opportunity, Task and Event, as Data Loader or the weekly export writes them.

Its dirt: a lead knows its opportunity only once it is converted, and its activities then hang on the contact; leads
that were closed without an opportunity; deleted rows; times written in two ways; planned tasks; a rating given in
hindsight.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.exports.company import END, Fact, Lead, happened, simulate
from tests.exports.export import Export
from tests.exports.files import Row, clock, write_csv

UTC = ZoneInfo("UTC")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
STAGES = ("Prospecting", "Qualification", "Needs Analysis", "Proposal/Price Quote", "Negotiation/Review")


def write(folder: Path) -> None:
    """Four csv files with API names as columns; times are UTC."""
    leads, draw = simulate(12, 700), random.Random(12)
    converted = [lead for lead in leads if lead.opened is not None]
    write_csv(folder / "Lead.csv", [_lead(lead, draw) for lead in leads])
    write_csv(folder / "Opportunity.csv", [_opportunity(lead, draw) for lead in converted])
    tasks = happened(leads, "call", "email_in", "email_out", "task", "form")
    write_csv(folder / "Task.csv", [_task(*fact, draw) for fact in tasks])
    write_csv(folder / "Event.csv", [_event(*fact, draw) for fact in happened(leads, "meeting")])


def sf_id(prefix: str, number: int) -> str:
    """An id of 15 characters that differ by case, and the three that make it safe where case is lost."""
    text, rest = "", number * 99_991 + 15_000_000
    while rest:
        rest, digit = divmod(rest, 62)
        text = DIGITS[digit] + text
    text = prefix + "5f" + text.rjust(10, "0")
    check = (sum(text[part * 5 + bit].isupper() << bit for bit in range(5)) for part in range(3))
    return text + "".join(LETTERS[value] for value in check)


def _z(at: datetime | None) -> str:
    return clock(at, UTC, "%Y-%m-%dT%H:%M:%S.000Z")


def _offset(at: datetime | None) -> str:
    return clock(at, UTC, "%Y-%m-%dT%H:%M:%S.000+0000")


def _lead(lead: Lead, draw: random.Random) -> Row:
    converted = lead.opened is not None
    status = "Closed - Converted" if converted else "Closed - Not Converted" if lead.outcome == "lost" else "Working"
    touched = lead.closed or lead.opened or lead.facts[-1].at
    return {
        "Id": sf_id("00Q", lead.number),
        "IsDeleted": "true" if status == "Working" and draw.random() < 0.25 else "false",
        "FirstName": lead.first,
        "LastName": lead.last,
        "Title": lead.title if draw.random() < 0.93 else "",
        "Company": lead.company,
        "Country": lead.country,
        "Phone": lead.phone,
        "Email": lead.email,
        "LeadSource": lead.source,
        "Status": status,
        "Industry": lead.sector,
        "Rating": "Hot" if lead.outcome == "won" else draw.choice(("Warm", "Cold", "")),
        "NumberOfEmployees": lead.employees if draw.random() < 0.8 else "",
        "OwnerId": sf_id("005", draw.randrange(3)),
        "IsConverted": "true" if converted else "false",
        "ConvertedDate": clock(lead.opened, UTC, "%Y-%m-%d"),
        "ConvertedAccountId": sf_id("001", lead.account) if converted else "",
        "ConvertedContactId": sf_id("003", lead.number) if converted else "",
        "ConvertedOpportunityId": sf_id("006", lead.number) if converted else "",
        "CreatedDate": _z(lead.created),
        "LastModifiedDate": _z(touched + timedelta(minutes=5)),
        "SystemModstamp": _z(max(touched + timedelta(minutes=5), END - timedelta(days=40))),
        "LastActivityDate": clock(lead.facts[-1].at, UTC, "%Y-%m-%d"),
    }


def _opportunity(lead: Lead, draw: random.Random) -> Row:
    stage = {"won": "Closed Won", "lost": "Closed Lost"}.get(lead.outcome) or draw.choice(STAGES)
    # A close date in the past that nobody moved: such opportunities are open all the same.
    hoped = END + timedelta(days=draw.randrange(-60, 90))
    return {
        "Id": sf_id("006", lead.number),
        "IsDeleted": "false",
        "AccountId": sf_id("001", lead.account),
        "Name": f"{lead.company}-",
        "StageName": stage,
        "Amount": f"{lead.amount}.0",
        "Probability": {"won": "100.0", "lost": "0.0"}.get(lead.outcome, "40.0"),
        "CloseDate": clock(lead.closed or hoped, UTC, "%Y-%m-%d"),
        "Type": "New Business",
        "LeadSource": lead.source,
        "IsClosed": "true" if lead.closed else "false",
        "IsWon": "true" if lead.outcome == "won" else "false",
        "ForecastCategoryName": {"won": "Closed", "lost": "Omitted"}.get(lead.outcome, "Pipeline"),
        "Loss_Reason__c": lead.reason,
        "OwnerId": sf_id("005", draw.randrange(3)),
        "CreatedDate": _z(lead.opened),
        "LastModifiedDate": _z((lead.closed or lead.facts[-1].at) + timedelta(minutes=5)),
        "LastStageChangeDate": _z(lead.closed or lead.opened),
    }


def _about(lead: Lead) -> dict[str, object]:
    """Whose an activity is: the lead's, or after the conversion the contact's, the earlier ones as well."""
    if lead.opened is None:
        return {"WhoId": sf_id("00Q", lead.number), "WhatId": ""}
    return {"WhoId": sf_id("003", lead.number), "WhatId": sf_id("006", lead.number)}


def _task(place: int, lead: Lead, fact: Fact, draw: random.Random) -> Row:
    call = fact.kind == "call"
    subject = {"call": "Call", "email_in": "Email: Re: your question", "form": "Web form"}.get(fact.kind)
    # What is still to be done has no time of completion.
    planned = fact.kind == "task" and draw.random() < 0.1
    return {
        "Id": sf_id("00T", place),
        "IsDeleted": "false",
        **_about(lead),
        "Subject": subject or ("Email: Information" if fact.kind == "email_out" else "Prepare offer"),
        "ActivityDate": clock(fact.at, UTC, "%Y-%m-%d"),
        "Status": "Not Started" if planned else "Completed",
        "Priority": "Normal",
        "OwnerId": sf_id("005", draw.randrange(3)),
        "TaskSubtype": "Call" if call else "Email" if fact.kind.startswith("email") else "Task",
        "Type": {"call": "Call", "form": "Web Form", "task": "Other"}.get(fact.kind, "Email"),
        "CallType": ("Inbound" if fact.inbound else "Outbound") if call else "",
        "CallDurationInSeconds": fact.minutes * 60 if call and fact.minutes else "",
        "IsClosed": "false" if planned else "true",
        "CreatedDate": _offset(fact.at),
        "CompletedDateTime": "" if planned else _offset(fact.at + timedelta(minutes=2)),
    }


def _event(place: int, lead: Lead, fact: Fact, draw: random.Random) -> Row:
    minutes = fact.minutes or 30
    return {
        "Id": sf_id("00U", place),
        "IsDeleted": "false",
        **_about(lead),
        "Subject": draw.choice(("Demo", "Meeting", "Visit")),
        "StartDateTime": _offset(fact.at),
        "EndDateTime": _offset(fact.at + timedelta(minutes=minutes)),
        "DurationInMinutes": minutes,
        "IsAllDayEvent": "false",
        "Type": "Meeting",
        "OwnerId": sf_id("005", draw.randrange(3)),
        "CreatedDate": _offset(fact.at - timedelta(days=draw.randrange(1, 8))),
    }


SALESFORCE = Export("salesforce", write, ("Event.csv", "Lead.csv", "Opportunity.csv", "Task.csv"))

"""Pipedrive: deals, people and activities as the list views export them, "Entity - Field" over every column.

Its dirt: day and time of an activity in two columns, no time for what fills the day, planned activities beside done
ones, counts of won deals on the person, a probability and a date of the last activity that go on changing.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path

from tests.exports.company import END, PARIS, Fact, Lead, happened, simulate
from tests.exports.export import Export
from tests.exports.files import Row, clock, write_csv

STAGES = ("Lead In", "Contact Made", "Demo Scheduled", "Proposal Made", "Negotiations Started")
DAY, TIME = "%Y-%m-%d", "%H:%M"


def write(folder: Path) -> None:
    """Three csv files; the times are those of the user's clock, in Paris."""
    leads, draw = simulate(14, 600), random.Random(14)
    write_csv(folder / "deals.csv", [_deal(lead, draw) for lead in leads])
    people = {_person_id(lead): lead for lead in leads}
    write_csv(folder / "people.csv", [_person(lead, leads, draw) for lead in people.values()])
    facts = happened(leads, "call", "meeting", "email_in", "email_out", "task")
    planned = [_planned(20_000 + lead.number, lead, draw) for lead in leads if lead.outcome == "open"]
    write_csv(folder / "activities.csv", [*(_activity(*fact, draw) for fact in facts), *planned])


def _person_id(lead: Lead) -> int:
    """Every tenth deal is a second one of an earlier person."""
    return 500 + (lead.number if lead.number % 10 else max(lead.number - 7, 1))


def _deal(lead: Lead, draw: random.Random) -> Row:
    won, lost = lead.outcome == "won", lead.outcome == "lost"
    done = sum(fact.kind in {"call", "meeting", "task"} for fact in lead.facts)
    return {
        "Deal - ID": 1000 + lead.number,
        "Deal - Title": f"{lead.company} deal",
        "Deal - Value": lead.amount,
        "Deal - Currency": "EUR",
        "Deal - Pipeline": "Sales",
        "Deal - Stage": draw.choice(STAGES[3:]) if won else draw.choice(STAGES),
        "Deal - Status": {"won": "Won", "lost": "Lost"}.get(lead.outcome, "Open"),
        "Deal - Probability": 100 if won else draw.choice((10, 30, 60, "")),
        "Deal - Label": "Hot" if won else draw.choice(("Warm", "Cold", "")),
        "Deal - Source channel": lead.source,
        "Deal - Deal created": clock(lead.created, PARIS),
        "Deal - Update time": clock(lead.closed or lead.facts[-1].at, PARIS),
        "Deal - Last stage change": clock(lead.closed or lead.opened or lead.created, PARIS),
        "Deal - Expected close date": clock(lead.created + timedelta(days=draw.randrange(20, 120)), PARIS, DAY),
        "Deal - Won time": clock(lead.closed if won else None, PARIS),
        "Deal - Lost time": clock(lead.closed if lost else None, PARIS),
        "Deal - Deal closed on": clock(lead.closed, PARIS),
        "Deal - Lost reason": lead.reason,
        "Deal - Total activities": done + (lead.outcome == "open"),
        "Deal - Done activities": done,
        "Deal - Last activity date": clock(lead.facts[-1].at, PARIS, DAY),
        "Deal - Owner": draw.choice(("Mia Lund", "Tom Faro")),
        "Deal - Organization": lead.company,
        "Deal - Contact person": f"{lead.first} {lead.last}",
        "Person - ID": _person_id(lead),
        "Organization - ID": 70 + lead.account,
    }


def _person(lead: Lead, leads: tuple[Lead, ...], draw: random.Random) -> Row:
    mine = [other.outcome for other in leads if _person_id(other) == _person_id(lead)]
    return {
        "Person - ID": _person_id(lead),
        "Person - Name": f"{lead.first} {lead.last}",
        "Person - Email - Work": lead.email,
        "Person - Phone - Work": lead.phone if draw.random() < 0.8 else "",
        "Person - Job title": lead.title if draw.random() < 0.9 else "",
        "Person - Country": lead.country,
        "Person - Industry": lead.sector,
        "Person - Company size": lead.employees if draw.random() < 0.85 else "",
        "Person - Person created": clock(lead.created - timedelta(minutes=3), PARIS),
        "Person - Open deals": mine.count("open"),
        "Person - Won deals": mine.count("won"),
        "Person - Lost deals": mine.count("lost"),
        "Person - Organization": lead.company,
        "Person - Owner": draw.choice(("Mia Lund", "Tom Faro")),
    }


def _activity(place: int, lead: Lead, fact: Fact, draw: random.Random) -> Row:
    kind = {"call": "Call", "meeting": "Meeting", "task": "Task"}.get(fact.kind, "Email")
    subject = "Reply received" if fact.kind == "email_in" else kind
    done_at = fact.at + timedelta(minutes=(fact.minutes or 0) + draw.randrange(1, 20))
    # A task has a day and no time; a few activities hang on the person alone.
    time = "" if kind == "Task" else clock(fact.at, PARIS, TIME)
    row = _row(place, kind, lead, fact.at, time, done_at)
    row["Activity - Subject"] = subject
    row["Activity - Duration"] = f"00:{min(fact.minutes, 59):02d}" if fact.minutes else ""
    if draw.random() < 0.03:
        row |= {"Activity - Deal": "", "Deal - ID": ""}
    return row


def _planned(place: int, lead: Lead, draw: random.Random) -> Row:
    """What is still to be done, some of it overdue."""
    return _row(place, "Call", lead, END + timedelta(days=draw.randrange(-12, 20)), "09:00", None)


def _row(place: int, kind: str, lead: Lead, due: datetime, time: str, done_at: datetime | None) -> dict[str, object]:
    return {
        "Activity - ID": place,
        "Activity - Type": kind,
        "Activity - Subject": kind,
        "Activity - Due date": clock(due, PARIS, DAY),
        "Activity - Due time": time,
        "Activity - Duration": "",
        "Activity - Done": "To do" if done_at is None else "Done",
        "Activity - Marked as done time": clock(done_at, PARIS),
        "Activity - Deal": f"{lead.company} deal",
        "Activity - Contact person": f"{lead.first} {lead.last}",
        "Activity - Assigned to user": "Mia Lund",
        "Deal - ID": 1000 + lead.number,
        "Person - ID": _person_id(lead),
    }


PIPEDRIVE = Export("pipedrive", write, ("activities.csv", "deals.csv", "people.csv"))

"""A small company that sells to other companies, simulated once for every export: people, what happened, how it ended.

Inbound interactions raise the chance of a win, silence the chance of a loss, so each export holds something to learn.
The modules of this package only shape these leads into the tables of one CRM.
"""

from __future__ import annotations

import math
import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

START = datetime(2025, 1, 6, tzinfo=UTC)
END = datetime(2026, 6, 30, tzinfo=UTC)
"""The export is taken at this instant; nothing that happened is later."""

PARIS = ZoneInfo("Europe/Paris")

FIRST = ("Anna", "Benoît", "Chloé", "David", "Elif", "François", "Grete", "Hélène", "Ivan", "Jörg", "Käthe", "Luis")
LAST = ("Bergström", "Castéra", "Díaz", "Evans", "Fabre", "Göbel", "Hansen", "Ibáñez", "Jansen", "Köhler", "Lefèvre")
HEADS = ("Alder", "Beacon", "Cobalt", "Delta", "Ember", "Fjord", "Granite", "Harbour", "Iris", "Juniper", "Kestrel")
TAILS = ("Foods", "Logistics", "Metals", "Optics", "Paper", "Pharma", "Robotics", "Textiles", "Tools", "Works")
LOST_REASONS = ("Price", "No budget", "Chose a competitor", "No answer", "Bad timing")
PAGES = ("/", "/product", "/pricing", "/blog/guide", "/customers", "/contact")

# What is known of a lead and by how much each value moves the log of the chance of a win.
COUNTRIES = {"France": 0.2, "Germany": 0.1, "Belgium": 0.0, "Spain": -0.2, "Switzerland": 0.3, "Italy": -0.3}
TITLES = {
    "Purchasing Manager": 0.4,
    "Head of Operations": 0.5,
    "CEO": 0.3,
    "IT Director": 0.1,
    "Project Engineer": -0.2,
    "Marketing Assistant": -0.5,
    "Student": -1.2,
}
SECTORS = {"Manufacturing": 0.4, "Retail": 0.0, "Logistics": 0.2, "Public Sector": -0.4, "Services": -0.1}
SOURCES = {"Referral": 0.6, "Web": 0.1, "Trade Show": 0.0, "Advertisement": -0.3, "Purchased List": -0.8}
EMPLOYEES = {8: -0.4, 25: -0.1, 80: 0.1, 240: 0.3, 900: 0.1, 4200: -0.2}


@dataclass(frozen=True)
class Fact:
    """Something that happened: page_view, form, email_in, email_out, call, meeting or task."""

    at: datetime
    kind: str
    inbound: bool
    minutes: int | None = None
    page: str | None = None


@dataclass
class Lead:
    """One lead, its history in order of time, and its end: won, lost, or open at the export."""

    number: int
    first: str
    last: str
    company: str
    account: int
    country: str
    title: str
    sector: str
    employees: int
    source: str
    created: datetime
    facts: list[Fact] = field(default_factory=list)
    outcome: str = "open"
    closed: datetime | None = None
    opened: datetime | None = None
    """When a salesperson opened a deal; a lead may be lost before there is one."""
    amount: int = 0
    reason: str = ""

    @property
    def email(self) -> str:
        """An address that exists nowhere."""
        letters = unicodedata.normalize("NFD", f"{self.first}.{self.last}".lower())
        plain = letters.encode("ascii", "ignore").decode()
        return f"{plain}.{self.number}@example.com"

    @property
    def phone(self) -> str:
        """A number of a range that is given to nobody."""
        return f"+33 1 99 00 {self.number // 100 % 100:02d} {self.number % 100:02d}"


@lru_cache(maxsize=16)
def simulate(seed: int, leads: int) -> tuple[Lead, ...]:
    """`leads` leads in order of creation, the same for the same arguments."""
    draw = random.Random(seed)
    days = (END - START).days
    created = sorted(draw.uniform(0, days - 5) for _ in range(leads))
    companies = _companies(draw, leads)
    return tuple(_lead(draw, number, START + timedelta(days=day), companies) for number, day in enumerate(created, 1))


def happened(leads: tuple[Lead, ...], *kinds: str) -> Iterator[tuple[int, Lead, Fact]]:
    """The facts of these kinds, lead by lead, numbered from 1."""
    place = 0
    for lead in leads:
        for fact in lead.facts:
            if fact.kind in kinds:
                place += 1
                yield place, lead, fact


def _companies(draw: random.Random, leads: int) -> list[tuple[str, str, int]]:
    """Name, sector and size: fewer companies than leads, so that some share one."""
    names = [f"{head} {tail}" for head in HEADS for tail in TAILS]
    size = max(leads * 2 // 3, 1)
    return [
        (
            names[place % len(names)] + (f" {place // len(names) + 1}" if place >= len(names) else ""),
            draw.choice(list(SECTORS)),
            draw.choice(list(EMPLOYEES)),
        )
        for place in range(size)
    ]


def _lead(draw: random.Random, number: int, day: datetime, companies: list[tuple[str, str, int]]) -> Lead:
    account = draw.randrange(len(companies))
    company, sector, employees = companies[account]
    lead = Lead(
        number=number,
        first=draw.choice(FIRST),
        last=draw.choice(LAST),
        company=company,
        account=account,
        country=draw.choice(list(COUNTRIES)),
        title=draw.choice(list(TITLES)),
        sector=sector,
        employees=employees,
        source=draw.choice(list(SOURCES)),
        created=_at_work(draw, day),
        amount=draw.choice((2400, 4800, 7500, 12_400, 18_000, 36_500)),
    )
    _live(draw, lead)
    return lead


def _live(draw: random.Random, lead: Lead) -> None:
    """Day by day until the lead is won, lost, or the export is taken."""
    fit = COUNTRIES[lead.country] + TITLES[lead.title] + SECTORS[lead.sector] + SOURCES[lead.source]
    fit += EMPLOYEES[lead.employees]
    interest = draw.gauss(0.3, 0.8)
    day, silent, inbound = lead.created, 0, 0
    recent: list[int] = []
    lead.facts.append(Fact(lead.created + timedelta(minutes=1), "form", True, page="/contact"))
    for age in range(1, (END - lead.created).days):
        day = lead.created + timedelta(days=age)
        interest += draw.gauss(-0.015, 0.12)
        asks = draw.random() < 0.14 * math.exp(0.75 * interest)
        if asks:
            inbound += 1
            recent.append(age)
            _inbound(draw, lead, day)
        if draw.random() < (0.30 if asks else 0.035):
            _outbound(draw, lead, day + timedelta(hours=1))
        silent = 0 if asks else silent + 1
        recent = [when for when in recent if age - when < 14]
        if lead.opened is None and inbound >= 2 and draw.random() < 0.05 * len(recent):
            lead.opened = _at_work(draw, day)
        if draw.random() < 0.00008 * math.exp(1.1 * fit + 1.1 * min(len(recent), 5)) and age > 3:
            return _end(draw, lead, "won", day)
        if draw.random() < (0.0022 if silent < 21 else 0.011):
            return _end(draw, lead, "lost", day)
    return None


def _end(draw: random.Random, lead: Lead, outcome: str, day: datetime) -> None:
    lead.outcome = outcome
    lead.closed = max(_at_work(draw, day), lead.facts[-1].at + timedelta(minutes=30))
    if outcome == "won" and lead.opened is None:
        lead.opened = max(lead.closed - timedelta(days=draw.randrange(1, 12)), lead.created + timedelta(hours=2))
    if lead.opened is not None:
        lead.opened = min(lead.opened, lead.closed - timedelta(minutes=10))
    lead.reason = draw.choice(LOST_REASONS) if outcome == "lost" else ""


def _inbound(draw: random.Random, lead: Lead, day: datetime) -> None:
    kind = draw.choices(("page_view", "email_in", "call", "form", "meeting"), (3, 4, 2, 1, 2))[0]
    minutes = {"call": draw.randrange(2, 25), "meeting": draw.choice((30, 45, 60))}.get(kind)
    page = draw.choice(PAGES) if kind in {"page_view", "form"} else None
    _happens(lead, Fact(_at_work(draw, day), kind, True, minutes, page))


def _outbound(draw: random.Random, lead: Lead, day: datetime) -> None:
    kind = draw.choices(("email_out", "call", "task"), (5, 3, 1))[0]
    _happens(lead, Fact(_at_work(draw, day), kind, False, draw.randrange(0, 15) if kind == "call" else None))


def _happens(lead: Lead, fact: Fact) -> None:
    """Facts come in order: what would be earlier than the last one is right after it."""
    last = lead.facts[-1].at
    at = fact.at if fact.at > last else last + timedelta(minutes=7)
    lead.facts.append(Fact(min(at, END - timedelta(hours=2)), fact.kind, fact.inbound, fact.minutes, fact.page))


def _at_work(draw: random.Random, day: datetime) -> datetime:
    """A second of the day's office hours in Paris."""
    local = day.astimezone(PARIS).replace(
        hour=draw.randrange(8, 18), minute=draw.randrange(60), second=draw.randrange(60)
    )
    return local.replace(microsecond=0).astimezone(UTC)

"""Companies drawn at random, each with columns and kinds that leak and with honest ones that look like it.

Nothing here knows how leaks are found. A lead comes with some honest attributes, its history goes on day by day, and
both decide when it ends and how; an export is taken in the middle of it, so the newest leads are mostly open. Leaks
are then made as companies make them: a field filled in with the order, a grade given at the close, a word replaced, a
kind of fact that is logged with the outcome. Beside them stands what an honest company has: a strong attribute, one
that a provider fills in weeks later for everybody alike, words that come and go with the season, gaps that mean
something.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray

_LEADS = {"from": "leads.parquet", "id": "lead_id", "created_at": "created_at"}
_INTERACTIONS = {
    "from": "interactions.parquet",
    "entity_id": "lead_id",
    "at": "at",
    "kind": "kind",
    "flow": {"outbound": ["call", "mail_sent"], "inbound": ["reply", "demo_request"]},
}
_DEALS = {
    "from": "deals.parquet",
    "lead_id": "lead_id",
    "closed_at": "closed_at",
    "outcome": "outcome",
    "won": ["won"],
    "lost": ["lost"],
}

Column = NDArray[Any]
Days = NDArray[np.float64]

END = pd.Timestamp("2026-06-30", tz="UTC")
NEVER_ENDS = 1e6


@dataclass
class Leads:
    """n leads: days from the first day of the company to creation, to their end, and how they end: 1 won, 0 lost.

    `ended` says of which the end is before the export; only those have an outcome in it.
    """

    created: Days
    lasts: Days
    wins: NDArray[np.bool_]
    until: float
    interest: Days

    @property
    def ended(self) -> NDArray[np.bool_]:
        return self.created + self.lasts < self.until

    @property
    def won(self) -> NDArray[np.bool_]:
        return self.ended & self.wins

    @property
    def lost(self) -> NDArray[np.bool_]:
        return self.ended & ~self.wins

    def __len__(self) -> int:
        return len(self.created)


@dataclass
class World:
    """An export, and which of its columns and kinds leak; all others are clean. `how` says of each leak what it is."""

    leads: pd.DataFrame
    interactions: pd.DataFrame
    deals: pd.DataFrame
    numbers: list[str]
    leaks: dict[str, str] = field(default_factory=dict)

    @property
    def attributes(self) -> list[str]:
        """The columns of leads beside their id and creation."""
        return [name for name in self.leads.columns if name not in ("lead_id", "created_at")]

    @property
    def clean(self) -> list[str]:
        """Columns, kinds and numbers that do not leak."""
        kinds = sorted(set(self.interactions["kind"]))
        return [name for name in (*self.attributes, *kinds, *self.numbers) if name not in self.leaks]

    def write(self, folder: Path) -> Path:
        """The export as Parquet and its workspace; gives the workspace file."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("leads", "interactions", "deals"):
            getattr(self, name).to_parquet(folder / f"{name}.parquet", index=False)
        plain = {
            "name": "world",
            "data_until": END.isoformat(),
            "sources": {
                "leads": dict(_LEADS, attributes=self.attributes),
                "interactions": [dict(_INTERACTIONS, numbers=self.numbers)],
                "deals": _DEALS,
            },
            "goal": {"horizon": "30d"},
            "criteria": "auto",
        }
        path = folder / "leadlight.yaml"
        path.write_text(yaml.safe_dump(plain, sort_keys=False), encoding="utf-8")
        return path


def draw(seed: int) -> World:
    """One company of 800 to 4,000 leads with one to three leaks."""
    random = np.random.default_rng(seed)
    honest, risk = _honest(random)
    leads = _live(honest, risk, random)
    table = {name: make(leads, random) for name, make in _shuffled(_COLUMNS, random)}
    columns = {name: values for name, (values, _) in honest.items()} | table
    facts = _facts(leads, random)
    numbers = {"duration": facts.pop("duration")}
    leaks: dict[str, str] = {}
    for name in random.choice(sorted(_LEAKS), size=random.integers(1, 4), replace=False).tolist():
        leaks |= _LEAKS[name](leads, columns, facts, numbers, random)
    order = random.permutation(len(leads))
    ids = np.array([f"L{number:05d}" for number in random.permutation(len(leads))], dtype=object)
    start = END - pd.Timedelta(days=leads.until)
    deals = np.flatnonzero(leads.ended)
    return World(
        leads=pd.DataFrame(
            {"lead_id": ids, "created_at": start + pd.to_timedelta(leads.created, "D").round("s"), **columns}
        ).iloc[order],
        interactions=pd.DataFrame(
            {
                "lead_id": ids[facts["lead"]],
                "at": start + pd.to_timedelta(facts["at"], "D").round("s"),
                "kind": facts["kind"],
                **numbers,
            }
        ),
        deals=pd.DataFrame(
            {
                "lead_id": ids[deals],
                "closed_at": start + pd.to_timedelta((leads.created + leads.lasts)[deals], "D").round("s"),
                "outcome": np.where(leads.wins[deals], "won", "lost"),
            }
        ),
        numbers=list(numbers),
        leaks=leaks,
    )


def _shuffled(makers: dict[str, Any], random: np.random.Generator) -> list[tuple[str, Any]]:
    """Most of the makers: companies differ in what they record."""
    return [(name, maker) for name, maker in makers.items() if random.random() < 0.8]


# What is known at creation, and what each value does to the risk of winning (in logs).


def _honest(random: np.random.Generator) -> tuple[dict[str, tuple[Column, Days]], Days]:
    size = int(random.integers(800, 4001))
    found: dict[str, tuple[Column, Days]] = {}
    sector = random.integers(0, 6, size)
    effect = random.normal(0, random.uniform(0.1, 0.8), 6)
    found["sector"] = np.array(list("abcdef"), dtype=object)[sector], effect[sector]
    budget = random.normal(size=size)
    found["budget"] = np.round(np.exp(8 + budget), 0), random.uniform(0.0, 0.5) * budget
    if random.random() < 0.7:  # what an honest company may know: AUC of 0.8 and more
        fit = random.normal(size=size)
        found["fit"] = np.round(50 + 15 * fit, 1), random.uniform(1.0, 2.0) * fit
    if random.random() < 0.7:
        asked = random.random(size) < random.uniform(0.05, 0.3)
        found["asked_for_price"] = np.where(asked, "yes", "no").astype(object), random.uniform(1.0, 3.0) * asked
    if random.random() < 0.6:  # a gap that says something, and that nobody fills
        given = random.random(size) < random.uniform(0.2, 0.7)
        values = np.where(given, random.choice(["now", "later", "never"], size), None)
        found["timeframe"] = values, random.uniform(0.3, 1.5) * given + 0.6 * (values == "now")
    return found, sum((weight for _, weight in found.values()), np.zeros(size))


def _live(honest: dict[str, tuple[Column, Days]], risk: Days, random: np.random.Generator) -> Leads:
    """When leads come, and when and how each ends: two risks that compete, each a day and a lead."""
    size = len(risk)
    until = float(random.uniform(360, 800))
    created = np.sort(until * random.random(size) ** random.uniform(0.7, 1.0))
    interest = risk + random.normal(0, random.uniform(0.2, 0.8), size)
    length = random.uniform(15, 90)
    shape = random.uniform(0.9, 1.8)
    share = random.uniform(0.08, 0.35)
    level = np.log(share / (1 - share)) - np.log(np.mean(np.exp(interest)))
    win = length / np.exp((level + interest) / shape) * random.weibull(shape, size)
    lose = length * random.weibull(shape, size)
    # Some leads nobody ever closes.
    lose[random.random(size) < random.choice([0.05, 0.2, 0.5])] = NEVER_ENDS
    lasts = np.maximum(np.minimum(win, lose), random.uniform(0.05, 1.0, size))
    return Leads(created, lasts, win <= lose, until, interest)


# Honest columns that decide nothing, or come later for everybody alike.


def _noise(leads: Leads, random: np.random.Generator) -> Column:
    return np.round(random.normal(size=len(leads)), 2)


def _drifting(leads: Leads, random: np.random.Generator) -> Column:
    """A country that becomes more frequent."""
    share = 0.2 + random.uniform(0.1, 0.5) * leads.created / leads.until
    return np.where(random.random(len(leads)) < share, "DE", random.choice(["FR", "ES", "IT"], len(leads))).astype(
        object
    )


def _campaign(leads: Leads, random: np.random.Generator) -> Column:
    """Campaigns that come and go, over a base that stays."""
    length = random.uniform(60, 150)
    number = (leads.created / length).astype(int)
    names = np.array([f"c{n}" for n in number], dtype=object)
    return np.where(random.random(len(leads)) < random.uniform(0.2, 0.6), names, "none").astype(object)


def _provider(leads: Leads, random: np.random.Generator) -> Column:
    """Filled in by a nightly job some weeks after creation, for all leads alike: what it says is true of the lead."""
    arrives = random.exponential(random.uniform(20, 200), len(leads))
    there = (leads.created + arrives < leads.until) & (random.random(len(leads)) < random.uniform(0.6, 1.0))
    value = random.uniform(0.2, 0.8) * leads.interest + random.normal(size=len(leads))
    return np.where(there, np.round(100 * np.exp(0.5 * value)), np.nan)


def _provider_words(leads: Leads, random: np.random.Generator) -> Column:
    arrives = random.exponential(random.uniform(20, 120), len(leads)) + random.uniform(0, 40)
    likely = 1 / (1 + np.exp(-random.uniform(0.0, 1.0) * leads.interest))
    words = np.where(random.random(len(leads)) < likely, "large", random.choice(["small", "tiny"], len(leads)))
    return np.where(leads.created + arrives < leads.until, words, None)


def _since(leads: Leads, random: np.random.Generator) -> Column:
    """A field that the form has had for some months only."""
    begun = leads.until * random.uniform(0.2, 0.8)
    return np.where(leads.created > begun, random.choice(["web", "phone", "fair"], len(leads)), None)


def _gaps(leads: Leads, random: np.random.Generator) -> Column:
    return np.where(random.random(len(leads)) < 0.4, np.nan, np.round(random.lognormal(size=len(leads)), 2))


_COLUMNS: dict[str, Callable[[Leads, np.random.Generator], Column]] = {
    "noise": _noise,
    "country": _drifting,
    "campaign": _campaign,
    "revenue": _provider,
    "company_size": _provider_words,
    "channel": _since,
    "web_rank": _gaps,
}

# Facts: more of them where interest is high, and none after the end.


def _facts(leads: Leads, random: np.random.Generator) -> dict[str, Column]:
    kinds = {
        "page_view": (random.uniform(0.02, 0.15), 0.5),
        "reply": (random.uniform(0.005, 0.04), 0.8),
        "call": (random.uniform(0.01, 0.06), 0.1),
        "mail_sent": (random.uniform(0.01, 0.05), 0.0),
        "demo_request": (random.uniform(0.001, 0.008), 1.0),
    }
    span = np.minimum(leads.lasts, np.minimum(leads.until - leads.created, 240))
    parts = []
    for kind, (rate, pull) in kinds.items():
        count = random.poisson(rate * np.exp(pull * np.clip(leads.interest, -3, 3)) * span + 0.02)
        lead = np.repeat(np.arange(len(leads)), count)
        parts.append((lead, leads.created[lead] + span[lead] * random.random(len(lead)), kind))
    # Honest urgency: who is about to buy asks for a quote some days or weeks before, and most of the others who ask
    # do not buy.
    asks = random.random(len(leads)) < np.where(leads.wins, random.uniform(0.3, 0.7), random.uniform(0.1, 0.3))
    before = random.exponential(random.uniform(8, 25), len(leads))
    at = leads.created + np.maximum(leads.lasts - before, leads.lasts * random.random(len(leads)))
    quote = np.flatnonzero(asks & (leads.lasts < NEVER_ENDS / 2) & (at < leads.until))
    parts.append((quote, at[quote], "quote_request"))
    lead = np.concatenate([part[0] for part in parts])
    kind = np.concatenate([np.full(len(part[0]), part[2], dtype=object) for part in parts])
    talked = np.round(60 * random.lognormal(0.25 * np.clip(leads.interest[lead], -3, 3), 0.8), 0)
    return {
        "lead": lead,
        "at": np.concatenate([part[1] for part in parts]),
        "kind": kind,
        "duration": np.where(np.isin(kind, ["call", "reply"]), talked, np.nan),
    }


# Leaks. Each changes the columns, the facts or their numbers, and gives what it made: name -> how.

Facts = dict[str, Column]
Made = dict[str, str]


def _chance(random: np.random.Generator, leads: Leads, won: float, lost: float, other: float) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = random.random(len(leads)) < np.select([leads.won, leads.lost], [won, lost], other)
    return found


def _contract_number(leads: Leads, columns: Facts, facts: Facts, numbers: Facts, random: np.random.Generator) -> Made:
    won, lost, other = random.uniform(0.6, 1.0), random.uniform(0, 0.15), random.uniform(0, 0.08)
    filled = _chance(random, leads, won, lost, other)
    columns["billing_contact"] = np.where(filled, random.choice(["yes", "no"], len(leads)), None)
    return {"billing_contact": f"filled with the order: {won:.2f} of the won, {lost:.2f} of the lost, else {other:.2f}"}


def _order_amount(leads: Leads, columns: Facts, facts: Facts, numbers: Facts, random: np.random.Generator) -> Made:
    won, other = random.uniform(0.8, 1.0), random.uniform(0, 0.25)
    filled = _chance(random, leads, won, other, other)
    columns["order_amount"] = np.where(filled, np.round(random.lognormal(8, 0.6, len(leads)), -1), np.nan)
    return {"order_amount": f"the amount of the order: {won:.2f} of the won, an estimate for {other:.2f} of the others"}


def _grade(leads: Leads, columns: Facts, facts: Facts, numbers: Facts, random: np.random.Generator) -> Made:
    closed, other, strength = random.uniform(0.6, 1.0), random.uniform(0, 0.08), random.uniform(1.2, 3.5)
    filled = _chance(random, leads, closed, closed, other)
    seen = random.normal(size=len(leads)) + strength * leads.won
    grades = np.array(list("DCBA"), dtype=object)[np.digitize(seen, [0, 0.9, 1.8])]
    columns["rep_grade"] = np.where(filled, grades, None)
    return {"rep_grade": f"given at the close to {closed:.2f}, to {other:.2f} of the open; {strength:.1f} deviations"}


def _overwritten(leads: Leads, columns: Facts, facts: Facts, numbers: Facts, random: np.random.Generator) -> Made:
    share, wrong = random.uniform(0.5, 1.0), random.uniform(0, 0.15)
    values = random.choice(["warm", "cold", "unknown"], len(leads), p=[0.3, 0.3, 0.4]).astype(object)
    replaced = _chance(random, leads, share, share, 0)
    good = np.where(random.random(len(leads)) < wrong, ~leads.won, leads.won)
    columns["temperature"] = np.where(replaced, np.where(good, "hot", "cold"), values)
    return {"temperature": f"replaced at the close for {share:.2f}, wrongly for {wrong:.2f}"}


def _status(leads: Leads, columns: Facts, facts: Facts, numbers: Facts, random: np.random.Generator) -> Made:
    late = random.uniform(0, 0.3)
    open_ = random.choice(["new", "working", "nurture"], len(leads)).astype(object)
    status = np.select([leads.won, leads.lost], ["customer", "closed"], open_).astype(object)
    columns["lifecycle"] = np.where(random.random(len(leads)) < late, open_, status)
    return {"lifecycle": f"the state as it stands; {late:.2f} were not brought up to date"}


def _recalculated(leads: Leads, columns: Facts, facts: Facts, numbers: Facts, random: np.random.Generator) -> Made:
    shift = random.uniform(1.0, 2.5)
    score = (
        random.normal(size=len(leads))
        + 0.3 * leads.interest
        + shift * leads.won
        - random.uniform(0, shift) * leads.lost
    )
    columns["engagement_score"] = np.round(50 + 12 * score)
    return {"engagement_score": f"a score that is computed anew at the close: up by {shift:.1f} deviations if won"}


def _onboarding(leads: Leads, columns: Facts, facts: Facts, numbers: Facts, random: np.random.Generator) -> Made:
    """A fact that goes with the outcome, hours or few days before it or after it."""
    share, noise = random.uniform(0.6, 1.0), random.uniform(0, 0.03)
    days = random.uniform(0.2, 3)
    shift = random.uniform(-days, random.choice([0, days]), len(leads))
    at = np.maximum(leads.created + leads.lasts + shift, leads.created + 0.01)
    stray = leads.created + np.minimum(leads.lasts, leads.until - leads.created) * random.random(len(leads))
    real = leads.won & (random.random(len(leads)) < share) & (at < leads.until)
    other = ~real & (random.random(len(leads)) < noise)
    rows = np.flatnonzero(real | other)
    _append(facts, numbers, rows, np.where(real, at, stray)[rows], "contract_sent")
    return {
        "contract_sent": f"logged within {days:.1f} days of {share:.2f} of the wins, and for {noise:.2f} of the others"
    }


def _closing(leads: Leads, columns: Facts, facts: Facts, numbers: Facts, random: np.random.Generator) -> Made:
    """A fact that goes with a loss."""
    share = random.uniform(0.6, 1.0)
    at = np.maximum(leads.created + leads.lasts - random.uniform(0, 2, len(leads)), leads.created + 0.01)
    rows = np.flatnonzero(leads.lost & (random.random(len(leads)) < share))
    _append(facts, numbers, rows, at[rows], "farewell_mail")
    return {"farewell_mail": f"logged within 2 days before {share:.2f} of the losses"}


def _backdated(leads: Leads, columns: Facts, facts: Facts, numbers: Facts, random: np.random.Generator) -> Made:
    """A fact that is written down when the deal is won, under an earlier date."""
    won, other = random.uniform(0.6, 1.0), random.uniform(0, 0.06)
    at = leads.created + np.minimum(leads.lasts, leads.until - leads.created) * random.random(len(leads)) ** 3
    rows = np.flatnonzero(_chance(random, leads, won, other, other))
    _append(facts, numbers, rows, at[rows], "qualification")
    return {"qualification": f"dated back: {won:.2f} of the won, {other:.2f} of the others"}


def _number(leads: Leads, columns: Facts, facts: Facts, numbers: Facts, random: np.random.Generator) -> Made:
    """A number of facts that is filled in for all facts of a lead once it is won."""
    won, other = random.uniform(0.6, 1.0), random.uniform(0, 0.1)
    filled = _chance(random, leads, won, other, other)[facts["lead"]]
    numbers["attributed_value"] = np.where(filled, np.round(random.lognormal(5, 1, len(filled))), np.nan)
    return {"attributed_value": f"a share of the order on every fact: {won:.2f} of the won, {other:.2f} of the others"}


def _append(facts: Facts, numbers: Facts, lead: Column, at: Days, kind: str) -> None:
    facts["lead"] = np.concatenate([facts["lead"], lead])
    facts["at"] = np.concatenate([facts["at"], at])
    facts["kind"] = np.concatenate([facts["kind"], np.full(len(lead), kind, dtype=object)])
    for name, values in numbers.items():
        numbers[name] = np.concatenate([values, np.full(len(lead), np.nan)])


_LEAKS: dict[str, Callable[..., Made]] = {
    "amount": _order_amount,
    "backdated": _backdated,
    "billing": _contract_number,
    "closing": _closing,
    "contract": _onboarding,
    "grade": _grade,
    "lifecycle": _status,
    "number": _number,
    "score": _recalculated,
    "temperature": _overwritten,
}

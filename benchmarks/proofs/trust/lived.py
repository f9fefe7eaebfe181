"""The honest part of a company drawn at random: leads with what is known of them, when they end, and their facts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Column = NDArray[Any]
Days = NDArray[np.float64]

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


# What is known at creation, and what each value does to the risk of winning (in logs).


def known(random: np.random.Generator) -> tuple[dict[str, tuple[Column, Days]], Days]:
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


def live(honest: dict[str, tuple[Column, Days]], risk: Days, random: np.random.Generator) -> Leads:
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


COLUMNS: dict[str, Callable[[Leads, np.random.Generator], Column]] = {
    "noise": _noise,
    "country": _drifting,
    "campaign": _campaign,
    "revenue": _provider,
    "company_size": _provider_words,
    "channel": _since,
    "web_rank": _gaps,
}

# Facts: more of them where interest is high, and none after the end.


def facts_of(leads: Leads, random: np.random.Generator) -> dict[str, Column]:
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

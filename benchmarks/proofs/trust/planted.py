"""Leaks as companies make them. Each changes the columns, the facts or their numbers, and gives what it made."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from benchmarks.proofs.trust.lived import Column, Days, Leads

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


LEAKS: dict[str, Callable[..., Made]] = {
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

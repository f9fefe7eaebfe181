"""Where a lead stands and what to do next: grade, stage and action, by rules in a fixed order (DESIGN section 8).

The facts that the rules ask for are criteria like any other, so the kernel alone decides what is visible.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.criteria import Criterion, Measure
from pipeline.definitions.spans import DAY
from pipeline.features.measures import measure_all
from pipeline.features.observations import is_open
from pipeline.learning.bundle import Bundle
from pipeline.tables.columns import WON, Floats, History, Texts
from pipeline.tables.facts import visible_at

Indices = NDArray[np.int64]

GRADES = (("A", 3.0), ("B", 1.5), ("C", 0.5))
"""From this multiple of the base rate's odds on; below the last it is LOWEST."""
LOWEST = "D"

INTEREST_WITHIN = 90 * DAY
INTEREST: tuple[tuple[tuple[str, ...], str | None], ...] = (
    (("*demo_request*", "*quote_request*", "meeting", "meetings", "trial", "trials"), None),
    (("reply", "replies", "*_reply", "reply_*", "call_in", "inbound_call*"), None),
    (("call", "calls", "call_*", "phone_call*"), "inbound"),
)
"""Kinds (patterns) that are concrete, verifiable interest, and the flow that they need."""

UNANSWERED = 5
"""Attempts without an answer after which one waits."""
REST_AFTER = 60 * DAY
"""How far back a lead must have had the lowest grade already to be left in peace."""

YES = {"true", "yes", "y", "oui", "o", "vrai"}
"""Texts that mean an opt-out, in any case; numbers do unless they are 0."""

_COUNT = Measure("count")
# Names with a space cannot be a workspace's own.
_INTEREST = tuple(
    Criterion(
        f"stage interest {place}",
        "behaviour",
        (Measure("count", INTEREST_WITHIN),),
        when=(*((("flow", (flow,)),) if flow else ()), ("kind", kinds)),
    )
    for place, (kinds, flow) in enumerate(INTEREST)
)
_CONTACTED = Criterion("stage contacted", "engagement", (_COUNT,), when=(("flow", ("outbound",)),))
_UNANSWERED = Criterion("stage unanswered", "engagement", (Measure("unanswered"),))
_OPTED_OUT = Criterion("stage opted_out", "demographics", attribute="opted_out", values="categorical")

FACTS = (*_INTEREST, _CONTACTED, _UNANSWERED, _OPTED_OUT)
"""What the rules ask of a lead's history, to be measured with the model's own criteria."""


@dataclass(frozen=True)
class Standing:
    """Where one lead stands; a closed lead has no grade."""

    grade: str | None
    stage: str
    action: str


@dataclass(frozen=True)
class Facts:
    """What is visible of n leads, each (n,): fresh interest, any outbound fact, attempts unanswered, an opt-out."""

    interested: NDArray[np.bool_]
    contacted: NDArray[np.bool_]
    unanswered: Floats
    opted_out: NDArray[np.bool_]

    @classmethod
    def read(cls, columns: Mapping[str, Floats | Texts]) -> Facts:
        """From the columns that FACTS became."""
        interest = [_numbers(columns[name]) > 0 for criterion in _INTEREST for name in criterion.columns]
        return cls(
            interested=np.logical_or.reduce(interest),
            contacted=_numbers(columns[_CONTACTED.columns[0]]) > 0,
            unanswered=_numbers(columns[_UNANSWERED.columns[0]]),
            opted_out=_opted_out(columns[_OPTED_OUT.name]),
        )


def _numbers(column: Floats | Texts) -> Floats:
    assert not isinstance(column, Texts)
    return column


def _opted_out(column: Floats | Texts) -> NDArray[np.bool_]:
    assert isinstance(column, Texts)
    return np.array([*map(means_yes, column.words), False], dtype=np.bool_)[column.codes]


def means_yes(text: str) -> bool:
    """Whether a CRM's text says yes.

    >>> [means_yes(text) for text in ("TRUE", "1", "oui", "0", "0.0", "no", "")]
    [True, True, True, False, False, False, False]
    """
    word = text.strip().lower()
    try:
        return float(word) != 0 and not math.isnan(float(word))
    except ValueError:
        return word in YES


def grade(log_odds: float, base_rate: float) -> str:
    """A to D by the odds against the base rate's odds; D for everyone where the base rate is 0 or 1.

    >>> grade(math.log(0.3 / 0.7), 0.1), grade(math.log(0.1 / 0.9), 0.1), grade(math.log(0.01 / 0.99), 0.1)
    ('A', 'C', 'D')
    """
    if not 0 < base_rate < 1:
        return LOWEST
    above = log_odds - math.log(base_rate / (1 - base_rate))
    return next((letter for letter, times in GRADES if above >= math.log(times)), LOWEST)


def stage(*, won: bool, interested: bool, grade: str | None, fit: float | None) -> str:
    """client, qualified, prospect or contact: the first that holds. A closed lead has no grade and no fit."""
    if won:
        return "client"
    if interested and grade is not None and grade != LOWEST:
        return "qualified"
    if fit is not None and fit > 0:
        return "prospect"
    return "contact"


def action(
    *, stage: str, grade: str | None, grade_before: str | None, contacted: bool, unanswered: float, opted_out: bool
) -> str:
    """none, rest, call, answer, introduce, nurture or relaunch: by the first rule that matches.

    `grade_before` is the same model's grade REST_AFTER earlier; None where the lead was not open, or not yet there.
    """
    if opted_out:
        return "none"
    if grade == LOWEST and grade_before == LOWEST:
        return "rest"
    if stage == "qualified":
        return "call" if grade in ("A", "B") else "answer"
    if stage == "prospect" and not contacted:
        return "introduce"
    if unanswered >= UNANSWERED:
        return "nurture"
    return "relaunch" if stage == "prospect" else "nurture"


def standing(
    bundle: Bundle,
    history: History,
    as_of: int,
    rows: Indices,
    columns: Mapping[str, Floats | Texts],
    answers: tuple[Floats, Floats],
) -> list[Standing]:
    """Grade, stage and action of n leads at `as_of` (UTC microseconds).

    `columns` hold those of FACTS for these leads; `answers` are log-odds and fit, each (n,), NaN for a closed lead.
    """
    base_rate = float(bundle.card["base_rate"])
    log_odds, fits = (values.tolist() for values in answers)
    grades = [None if math.isnan(value) else grade(value, base_rate) for value in log_odds]
    lowest = np.array([letter == LOWEST for letter in grades], dtype=np.bool_)
    before = _grades_before(bundle, history, as_of - REST_AFTER, rows, lowest, base_rate)
    facts, won = Facts.read(columns), _won(history, as_of, rows)
    found = []
    for row, letter in enumerate(grades):
        fit = None if letter is None else fits[row]
        where = stage(won=bool(won[row]), interested=bool(facts.interested[row]), grade=letter, fit=fit)
        what = action(
            stage=where,
            grade=letter,
            grade_before=before.get(row),
            contacted=bool(facts.contacted[row]),
            unanswered=float(facts.unanswered[row]),
            opted_out=bool(facts.opted_out[row]),
        )
        found.append(Standing(letter, where, what))
    return found


def _grades_before(
    bundle: Bundle, history: History, at: int, rows: Indices, asked: NDArray[np.bool_], base_rate: float
) -> dict[int, str]:
    """Position -> the same model's grade at an earlier instant, of the leads asked for that were there and open."""
    places = np.flatnonzero(asked & (history.leads.created_at[rows] < at))
    places = places[is_open(history, rows[places], np.full(len(places), at, dtype=np.int64))]
    if not len(places):
        return {}
    columns = measure_all(history, rows[places], np.full(len(places), at, dtype=np.int64), bundle.definition)
    log_odds = bundle.model.log_odds(bundle.definition.matrix(columns)[0])
    return {place: grade(value, base_rate) for place, value in zip(places.tolist(), log_odds.tolist(), strict=True)}


def _won(history: History, as_of: int, rows: Indices) -> NDArray[np.bool_]:
    """Which leads have a won deal, closed and known before `as_of`."""
    deals, leads = history.deals, history.leads
    won = (deals.outcome == WON) & (visible_at(deals.closed_at, deals.known_at) < as_of)
    return np.isin(leads.id.codes[rows], deals.lead_id.recode(leads.id.words)[won])

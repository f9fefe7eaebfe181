"""Where a lead stands and what to do next: grade, stage and action, by rules in a fixed order (DESIGN section 8).

The facts that the rules ask for are criteria like any other, so the kernel alone decides what is visible.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.criteria import Criterion, Measure
from pipeline.definitions.spans import DAY
from pipeline.features.matrix import Definition
from pipeline.features.observations import is_open
from pipeline.learning.bundle import Bundle
from pipeline.tables.columns import WON, Codes, Floats, History, Texts
from pipeline.tables.facts import visible_at

Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]

Measured = Callable[[Indices, int, Definition], dict[str, Floats | Texts]]
"""Of leads (rows of the history's) at an instant the columns of a definition."""

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


LETTERS = (*(letter for letter, _ in GRADES), LOWEST)
STAGES = ("client", "qualified", "prospect", "contact")
ACTIONS = ("none", "rest", "call", "answer", "introduce", "nurture", "relaunch")
"""What the codes of `standing` mean, in this order."""


@dataclass(frozen=True)
class Standing:
    """Where n leads stand, each (n,): codes into LETTERS, STAGES and ACTIONS; a closed lead's grade is -1."""

    grade: Codes
    stage: Codes
    action: Codes


@dataclass(frozen=True)
class Ends:
    """How all leads of a history stand with their deals at an instant, each (leads,)."""

    history: History
    as_of: int

    def _open_at(self, at: int) -> Mask:
        size = len(self.history.leads)
        there = self.history.leads.created_at < at
        return there & is_open(self.history, np.arange(size), np.full(size, at, dtype=np.int64))

    @cached_property
    def open(self) -> Mask:
        """Which leads were created before, and are open."""
        return self._open_at(self.as_of)

    @cached_property
    def open_before(self) -> Mask:
        """Which were there already REST_AFTER earlier, and open."""
        return self._open_at(self.as_of - REST_AFTER)

    @cached_property
    def won(self) -> Mask:
        """Which have a won deal, closed and known before."""
        deals, owner = self.history.deals, self.history.owner
        won = (deals.outcome == WON) & (visible_at(deals.closed_at, deals.known_at) < self.as_of) & (owner >= 0)
        clients = np.zeros(len(self.history.leads), dtype=np.bool_)
        clients[owner[won]] = True
        return clients


@dataclass(frozen=True)
class Facts:
    """What is visible of n leads, each (n,): fresh interest, any outbound fact, attempts unanswered, an opt-out."""

    interested: Mask
    contacted: Mask
    unanswered: Floats
    opted_out: Mask

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


def _opted_out(column: Floats | Texts) -> Mask:
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


def grades(log_odds: Floats, base_rate: float) -> Codes:
    """Grades by the odds against the base rate's odds, as codes into LETTERS; -1 where log-odds are NaN.

    Everyone has the lowest where the base rate is 0 or 1.

    >>> odds = np.log([0.3 / 0.7, 0.1 / 0.9, 0.01 / 0.99])
    >>> [LETTERS[code] for code in grades(odds, 0.1)]
    ['A', 'C', 'D']
    """
    found = np.full(len(log_odds), len(GRADES), dtype=np.int32)
    if 0 < base_rate < 1:
        above = log_odds - math.log(base_rate / (1 - base_rate))
        reached = [above >= math.log(times) for _, times in GRADES]
        found = _first(reached, range(len(GRADES)), len(GRADES))
    found[np.isnan(log_odds)] = -1
    return found


def stages(won: Mask, interested: Mask, grade: Codes, fit: Floats) -> Codes:
    """client, qualified, prospect or contact: the first that holds. A closed lead's grade is -1 and its fit NaN."""
    qualified = interested & (grade >= 0) & (grade != LETTERS.index(LOWEST))
    return _first(
        [won, qualified, fit > 0], map(STAGES.index, ("client", "qualified", "prospect")), STAGES.index("contact")
    )


def actions(stage: Codes, grade: Codes, before: Codes, facts: Facts) -> Codes:
    """none, rest, call, answer, introduce, nurture or relaunch: by the first rule that matches.

    `before` is the same model's grade REST_AFTER earlier; -1 where the lead was not open, or not yet there.
    """
    lowest = LETTERS.index(LOWEST)
    qualified, prospect = (stage == STAGES.index(word) for word in ("qualified", "prospect"))
    rules = (
        (facts.opted_out, "none"),
        ((grade == lowest) & (before == lowest), "rest"),
        (qualified & ((grade == LETTERS.index("A")) | (grade == LETTERS.index("B"))), "call"),
        (qualified, "answer"),
        (prospect & ~facts.contacted, "introduce"),
        (facts.unanswered >= UNANSWERED, "nurture"),
        (prospect, "relaunch"),
    )
    return _first([holds for holds, _ in rules], (ACTIONS.index(word) for _, word in rules), ACTIONS.index("nurture"))


def _first(holds: Sequence[Mask], codes: Iterable[int], otherwise: int) -> Codes:
    """Of n leads, the code of the first that holds."""
    found = np.full(len(holds[0]), otherwise, dtype=np.int32)
    for mask, code in reversed(list(zip(holds, codes, strict=True))):
        found[mask] = code
    return found


def standing(
    bundle: Bundle, ends: Ends, lead: Indices, facts: Facts, answers: tuple[Floats, Floats], measured: Measured
) -> Standing:
    """Grade, stage and action of n leads (rows of the history's) at `ends.as_of`.

    `answers` are log-odds and fit, each (n,), NaN for a closed lead; `measured` gives columns as `measure_all` does.
    """
    base_rate = float(bundle.card["base_rate"])
    log_odds, fit = answers
    grade = grades(log_odds, base_rate)
    before = np.full(len(lead), -1, dtype=np.int32)
    places = np.flatnonzero(grade == LETTERS.index(LOWEST))
    places = places[ends.open_before[lead[places]]] if len(places) else places
    if len(places):
        columns = measured(lead[places], ends.as_of - REST_AFTER, bundle.definition)
        before[places] = grades(bundle.model.log_odds(bundle.definition.matrix(columns)[0]), base_rate)
    stage = stages(ends.won[lead], facts.interested, grade, fit)
    return Standing(grade, stage, actions(stage, grade, before, facts))

"""Where a lead stands and what to do next: grade, stage and action, by rules in a fixed order (DESIGN section 8).

The facts that the rules ask for are criteria like any other, so the kernel alone decides what is visible.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.criteria import Criterion
from pipeline.definitions.rules import BEFORE, DEFAULT, GRADES, LETTERS, LOWEST, SCORED, STAGES, Rules
from pipeline.definitions.spans import DAY
from pipeline.definitions.terms import Column
from pipeline.features.matrix import Definition
from pipeline.features.observations import FOREVER, is_open
from pipeline.learning.bundle import Bundle
from pipeline.reasons.bound import Bound, Facts, bind, told
from pipeline.tables.columns import WON, Codes, Floats, History, Instants, Texts
from pipeline.tables.facts import visible_at

Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]

Measured = Callable[[Indices, int, Definition], dict[str, Floats | Texts]]
"""Of leads (rows of the history's) at an instant the columns of a definition."""

REST_AFTER = 60 * DAY
"""How far back `grade_before` is: a lead that had the lowest grade already is left in peace."""


@dataclass(frozen=True)
class Acting:
    """The rules that a bundle acts by, and what their names mean in it."""

    rules: Rules
    bound: Bound

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """What has to be measured beside the model's own criteria."""
        return (*self.rules.facts, *self.bound.criteria)


def acting_of(bundle: Bundle) -> Acting:
    """The rules on the bundle's card; those that ship where it has none."""
    plain = bundle.card.get("rules")
    rules = DEFAULT if plain is None or plain == _DEFAULT else _read(json.dumps(plain))
    return Acting(rules, bind(rules.names, bundle.definition.criteria))


_DEFAULT = DEFAULT.to_json()


@lru_cache(maxsize=32)
def _read(text: str) -> Rules:
    return Rules.from_json(json.loads(text))


@dataclass(frozen=True)
class Standing:
    """Where n leads stand, each (n,): codes into LETTERS, STAGES, and the rules' `words` and `texts`.

    A closed lead's grade is -1. `rule` is the rule that chose the action.
    """

    grade: Codes
    stage: Codes
    action: Codes
    rule: Codes
    rules: Rules

    def take(self, rows: Indices) -> Standing:
        """The given rows, in that order."""
        return Standing(self.grade[rows], self.stage[rows], self.action[rows], self.rule[rows], self.rules)


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
        return first_won(self.history) < self.as_of


def first_won(history: History) -> Instants:
    """From when on each lead is a client, (leads,): its first won deal is closed and known; FOREVER where none is."""
    deals, owner = history.deals, history.owner
    won = (deals.outcome == WON) & (owner >= 0)
    first = np.full(len(history.leads), FOREVER)
    np.minimum.at(first, owner[won], visible_at(deals.closed_at, deals.known_at)[won])
    return first


def grades(log_odds: Floats, base_rate: float, rules: Rules = DEFAULT) -> Codes:
    """Grades by the odds against the base rate's odds, as codes into LETTERS; -1 where log-odds are NaN.

    Everyone has the lowest where the base rate is 0 or 1.

    >>> odds = np.log([0.3 / 0.7, 0.1 / 0.9, 0.01 / 0.99])
    >>> [LETTERS[code] for code in grades(odds, 0.1)]
    ['A', 'C', 'D']
    """
    found = np.full(len(log_odds), len(GRADES), dtype=np.int32)
    if 0 < base_rate < 1:
        above = log_odds - math.log(base_rate / (1 - base_rate))
        reached = [above >= math.log(times) for _, times in rules.grades]
        found = _first(reached, range(len(GRADES)), len(GRADES))
    found[np.isnan(log_odds)] = -1
    return found


def stages(won: Mask, interested: Mask, grade: Codes, fit: Floats) -> Codes:
    """client, qualified, prospect or contact: the first that holds. A closed lead's grade is -1 and its fit NaN."""
    qualified = interested & (grade >= 0) & (grade != LETTERS.index(LOWEST))
    return _first(
        [won, qualified, fit > 0], map(STAGES.index, ("client", "qualified", "prospect")), STAGES.index("contact")
    )


def _first(holds: Sequence[Mask], codes: Iterable[int], otherwise: int) -> Codes:
    """Of n leads, the code of the first that holds."""
    found = np.full(len(holds[0]), otherwise, dtype=np.int32)
    for mask, code in reversed(list(zip(holds, codes, strict=True))):
        found[mask] = code
    return found


def said_of_scores(
    names: Iterable[str], grade: Codes, stage: Codes, numbers: Mapping[str, Floats]
) -> dict[str, Column]:
    """The values of the names that a score says: `numbers` are probability, score, percentile, fit and intent."""
    values: dict[str, Column] = {}
    for name in names:
        if name in STAGES:
            values[name] = stage == STAGES.index(name)
        elif name in SCORED:
            texts = {"grade": (grade, LETTERS), "stage": (stage, STAGES)}
            values[name] = Texts(*texts[name]) if name in texts else numbers[name]
    return values


def chosen(rules: Rules, values: dict[str, Column], size: int, before: Callable[[Mask], Codes]) -> Codes:
    """Of n leads the place of the first rule that holds: one of every lead, since the last holds always.

    `values` are those of all names but `grade_before`, which `before` gives for the leads that a rule needs it of.
    """
    found = np.zeros(size, dtype=np.int32)
    left, remaining = np.ones(size, dtype=np.bool_), size
    for place, rule in enumerate(rules.actions):
        if BEFORE in rule.when.names:
            wanted = left
            for term in rule.without(BEFORE):
                wanted = wanted & term.holds(values, size)
            values[BEFORE] = Texts(before(wanted), LETTERS)
        holds = left & rule.when.holds(values, size)
        count = int(np.count_nonzero(holds))
        if not count:
            continue
        found[holds] = place
        remaining -= count
        if not remaining:
            break
        left = left & ~holds
    return found


def standing(
    bundle: Bundle,
    acting: Acting,
    ends: Ends,
    lead: Indices,
    columns: Mapping[str, Floats | Texts],
    numbers: Mapping[str, Floats],
    measured: Measured,
) -> Standing:
    """Grade, stage, action and its rule of n leads (rows of the history's) at `ends.as_of`.

    `columns` hold those of the acting's criteria; `numbers` are log_odds and what `said_of_scores` asks, each (n,), NaN
    for a closed lead; `measured` gives columns as `measure_all` does.
    """
    base_rate, rules = float(bundle.card["base_rate"]), acting.rules
    facts, size = Facts.read(columns, rules.interest_columns), len(lead)
    grade = grades(numbers["log_odds"], base_rate, rules)
    stage = stages(ends.won[lead], facts.interested, grade, numbers["fit"])
    earlier, asked = np.full(size, -1, dtype=np.int32), np.zeros(size, dtype=np.bool_)

    def before(wanted: Mask) -> Codes:
        if not np.count_nonzero(wanted):
            return earlier
        places = np.flatnonzero(wanted & ~asked)
        asked[places] = True
        places = places[ends.open_before[lead[places]]] if len(places) else places
        if len(places):
            then = measured(lead[places], ends.as_of - REST_AFTER, bundle.definition)
            earlier[places] = grades(bundle.model.log_odds(bundle.definition.matrix(then)[0]), base_rate, rules)
        return earlier

    values = told(rules.names, acting.bound, columns, facts) | said_of_scores(rules.names, grade, stage, numbers)
    rule = chosen(rules, values, size, before)
    codes = np.array([rules.words.index(each.do) for each in rules.actions], dtype=np.int32)
    return Standing(grade, stage, codes[rule], rule, rules)

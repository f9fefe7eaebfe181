from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.definitions.spans import DAY
from pipeline.features.measures import measure
from pipeline.reasons import stages
from pipeline.reasons.scores import score
from pipeline.reasons.stages import ACTIONS, LETTERS, STAGES, Facts, actions, grades
from tests.reasons.crm import NOW, bundle, deal, fact, history, lead

GRADES = st.sampled_from(["A", "B", "C", "D", None])


def grade(log_odds: float, base_rate: float) -> str:
    return LETTERS[grades(np.array([log_odds]), base_rate)[0]]


def stage(*, won: bool, interested: bool, grade: str | None, fit: float | None) -> str:
    found = stages.stages(
        np.array([won]), np.array([interested]), code_of(grade), np.array([np.nan if fit is None else fit])
    )
    return STAGES[found[0]]


def action(
    *, stage: str, grade: str | None, grade_before: str | None, contacted: bool, unanswered: float, opted_out: bool
) -> str:
    facts = Facts(np.array([False]), np.array([contacted]), np.array([float(unanswered)]), np.array([opted_out]))
    found = actions(np.array([STAGES.index(stage)]), code_of(grade), code_of(grade_before), facts)
    return ACTIONS[found[0]]


def code_of(grade: str | None) -> np.ndarray:
    return np.array([-1 if grade is None else LETTERS.index(grade)])


def facts_of(*interactions: dict, **attributes: object) -> tuple[bool, bool, float, bool]:
    one = history([lead("a", 200, **attributes)], list(interactions))
    columns = measure(one, np.array([0]), np.array([NOW]), stages.FACTS, {})
    facts = Facts.read(columns)
    return tuple(getattr(facts, name)[0] for name in ("interested", "contacted", "unanswered", "opted_out"))


def interested(kind: str, days: float = 3, flow: str | None = None) -> bool:
    return bool(facts_of(fact("a", kind, days) | {"flow": flow})[0])


@given(st.booleans(), st.booleans(), GRADES, st.one_of(st.none(), st.floats(-5, 5)))
def test_every_lead_has_one_stage(won: bool, interested: bool, grade: str | None, fit: float | None) -> None:
    assert stage(won=won, interested=interested, grade=grade, fit=fit) in {"client", "qualified", "prospect", "contact"}


@given(
    st.sampled_from(["client", "qualified", "prospect", "contact"]),
    GRADES,
    GRADES,
    st.booleans(),
    st.integers(0, 9),
    st.booleans(),
)
def test_every_lead_has_one_action(
    where: str, now: str | None, before: str | None, contacted: bool, unanswered: int, out: bool
) -> None:
    what = action(
        stage=where, grade=now, grade_before=before, contacted=contacted, unanswered=unanswered, opted_out=out
    )
    assert what in {"none", "rest", "call", "answer", "introduce", "nurture", "relaunch"}
    assert (what == "none") == out


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"won": True, "interested": True, "grade": "A", "fit": 1.0}, "client"),
        ({"won": False, "interested": True, "grade": "C", "fit": 1.0}, "qualified"),
        ({"won": False, "interested": True, "grade": "D", "fit": 1.0}, "prospect"),
        ({"won": False, "interested": True, "grade": "D", "fit": 0.0}, "contact"),
        ({"won": False, "interested": False, "grade": "A", "fit": -0.1}, "contact"),
        ({"won": False, "interested": True, "grade": None, "fit": None}, "contact"),
    ],
)
def test_the_first_stage_that_holds_is_taken(facts: dict, expected: str) -> None:
    assert stage(**facts) == expected


DEFAULT = {
    "stage": "contact", "grade": "C", "grade_before": None, "contacted": True, "unanswered": 0.0, "opted_out": False
}  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"opted_out": True, "stage": "qualified", "grade": "A"}, "none"),
        ({"grade": "D", "grade_before": "D", "stage": "prospect"}, "rest"),
        ({"grade": "D", "grade_before": "C", "stage": "prospect"}, "relaunch"),
        ({"grade": "D", "grade_before": None}, "nurture"),
        ({"stage": "qualified", "grade": "B", "unanswered": 9.0}, "call"),
        ({"stage": "qualified", "grade": "C"}, "answer"),
        ({"stage": "prospect", "contacted": False, "unanswered": 9.0}, "introduce"),
        ({"stage": "prospect", "unanswered": 5.0}, "nurture"),
        ({"stage": "prospect", "unanswered": 4.0}, "relaunch"),
        ({}, "nurture"),
    ],
)
def test_the_first_action_that_matches_is_taken(facts: dict, expected: str) -> None:
    assert action(**(DEFAULT | facts)) == expected


@pytest.mark.parametrize(
    ("times", "expected"),
    [(3.0, "A"), (2.9, "B"), (1.5, "B"), (1.4, "C"), (1.0, "C"), (0.5, "C"), (0.4, "D"), (0.0, "D")],
)
def test_grades_go_by_odds_against_the_base_rates_odds(times: float, expected: str) -> None:
    odds = 0.04 / 0.96 * times
    assert grade(math.log(odds * (1 + 1e-12)) if odds else -math.inf, 0.04) == expected


@pytest.mark.parametrize("base_rate", [0.0, 1.0, math.nan])
def test_nobody_is_an_a_where_there_is_nothing_to_tell_apart(base_rate: float) -> None:
    assert grade(3.0, base_rate) == "D"


@pytest.mark.parametrize(
    "kind", ["demo_request", "quote_request", "meeting", "trial", "email_reply", "reply", "call_in"]
)
def test_concrete_interest_counts_whatever_its_flow(kind: str) -> None:
    assert interested(kind)


def test_a_call_is_interest_only_when_it_comes_in() -> None:
    assert interested("call", flow="inbound")
    assert not interested("call", flow="outbound")
    assert not interested("call")


def test_interest_lasts_ninety_days_and_begins_when_it_is_visible() -> None:
    assert interested("demo_request", 90)
    assert not interested("demo_request", 90 + 1e-9)
    assert not interested("demo_request", 0)


def test_looking_is_no_concrete_interest() -> None:
    assert not interested("page_view")
    assert not interested("meeting_cancelled")


def test_contact_and_attempts_are_read_from_the_whole_ledger() -> None:
    sent, call = fact("a", "email_sent", 9), fact("a", "call", 5)
    assert facts_of(sent, call)[1:3] == (True, 2)
    assert facts_of(sent, fact("a", "email_reply", 7), call)[1:3] == (True, 1)
    assert facts_of(fact("a", "page_view", 5))[1:3] == (False, 0)


@pytest.mark.parametrize(
    ("value", "out"), [("Oui", True), (1.0, True), ("1", True), (0.0, False), ("false", False), (None, False)]
)
def test_an_opt_out_is_a_truthy_attribute(value: object, out: bool) -> None:
    assert facts_of(opted_out=value)[3] == out


def test_without_the_attribute_nobody_has_opted_out() -> None:
    assert not facts_of()[3]


def test_a_won_deal_makes_a_client_once_it_is_known() -> None:
    known = history(
        [lead("a"), lead("b")],
        [],
        [deal("a", "won", 2), deal("b", "won", 2) | {"known_at": deal("b", "won", 0)["closed_at"]}],
    )
    client, other = score(bundle(), known, NOW)
    assert (client.stage, client.probability) == ("client", None)
    assert other.stage != "client"
    assert other.probability is not None


def test_who_was_already_cold_sixty_days_ago_is_left_in_peace() -> None:
    # Against so high a base rate every lead has the lowest grade, at any time.
    cold = bundle(card={**bundle().card, "base_rate": 0.999})
    people = history([lead("old", 61), lead("new", 60), lead("out", 61, opted_out="yes")])
    assert [each.action for each in score(cold, people, NOW)] == ["rest", "nurture", "none"]
    assert score(cold, people, NOW - 2 * DAY)[0].action == "nurture"

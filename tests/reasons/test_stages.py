from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.definitions.rules import DEFAULT, DEFAULT_ACTIONS, LETTERS, STAGES, Rules
from pipeline.definitions.spans import DAY
from pipeline.features.measures import measure
from pipeline.learning.bundle import Bundle
from pipeline.reasons import stages
from pipeline.reasons.bound import Facts
from pipeline.reasons.scores import score
from pipeline.reasons.stages import chosen, grades
from pipeline.tables.columns import Texts
from tests.reasons import crm
from tests.reasons.crm import NOW, bundle, deal, fact, history, lead
from tests.reasons.naive_rules import Drawn, action_of, rows, stage_of, with_attributes
from tests.reasons.random_models import random_bundle

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
    values = {
        **{word: np.array([stage == word]) for word in STAGES},
        "grade": Texts(code_of(grade), LETTERS),
        "contacted": np.array([contacted]),
        "unanswered": np.array([float(unanswered)]),
        "opted_out": np.array([opted_out]),
    }
    return DEFAULT.actions[chosen(DEFAULT, values, 1, lambda _: code_of(grade_before))[0]].do


def code_of(grade: str | None) -> np.ndarray:
    return np.array([-1 if grade is None else LETTERS.index(grade)])


def facts_of(*interactions: dict, **attributes: object) -> tuple[bool, bool, float, bool]:
    one = history([lead("a", 200, **attributes)], list(interactions))
    columns = measure(one, np.array([0]), np.array([NOW]), DEFAULT.facts, {})
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


ORDINARY = {
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
    assert action(**(ORDINARY | facts)) == expected


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


def acting(seed: int, drawn: Drawn) -> Bundle:
    found = random_bundle(seed)
    rate = [0.12, 0.001, 0.9, 0.0][seed % 4]
    return replace(found, card={**found.card, "base_rate": rate, "rules": drawn.plain})


@pytest.mark.parametrize("seed", range(8))
def test_random_rules_give_every_lead_the_stage_and_the_action_that_plain_loops_do(seed: int) -> None:
    random = np.random.default_rng(seed)
    drawn, people = Drawn(random), with_attributes(crm.crowd(30, seed), random)
    model = acting(seed, drawn)
    found = score(model, people, NOW, reasons=0)
    for row, each in zip(rows(model, people, drawn, found), found, strict=True):
        assert stage_of(row) == [each.stage]
        assert row["grade"] == each.grade
        assert action_of(row, drawn) == (each.action, each.rule)


def test_each_score_names_the_rule_that_chose_its_action() -> None:
    people = history([lead("out", 61, opted_out="yes"), lead("new", 3)], [fact("new", "demo_request", 1)])
    out, new = score(bundle(), people, NOW)
    assert (out.action, out.rule) == ("none", "opted_out")
    assert dict(DEFAULT_ACTIONS)[new.rule] == new.action


def test_a_bundle_with_the_rules_that_ship_on_its_card_acts_as_one_without() -> None:
    written = bundle(card={**bundle().card, "rules": DEFAULT.to_json()})
    assert score(written, crm.crowd(), NOW) == score(bundle(), crm.crowd(), NOW)


def test_a_rule_may_ask_for_measures_that_the_model_does_not_have_and_for_any_attribute() -> None:
    plain = DEFAULT.to_json() | {
        "audiences": {"seen": "pages.count_14d >= 1 and region = north"},
        "actions": [{"when": "seen", "do": "call_the_north"}, {"when": "always", "do": "nurture"}],
    }
    acts = bundle(card={**bundle().card, "rules": plain})
    people = history(
        [lead("a", region="north"), lead("b", region="south"), lead("c", region="north")],
        [fact("a", "page_view", 13), fact("b", "page_view", 1), fact("c", "page_view", 15)],
    )
    assert [(each.action, each.rule) for each in score(acts, people, NOW)] == [
        ("call_the_north", "seen"),
        ("nurture", "always"),
        ("nurture", "always"),
    ]


def test_the_grade_before_is_asked_of_no_more_leads_than_a_rule_needs() -> None:
    asked = []

    def before(wanted: np.ndarray) -> np.ndarray:
        asked.append(wanted.tolist())
        return np.array([3, 3, 3], dtype=np.int32)

    values = {
        **{word: np.zeros(3, dtype=bool) for word in STAGES},
        "grade": Texts(np.array([3, 0, 3], dtype=np.int32), LETTERS),
        "contacted": np.zeros(3, dtype=bool),
        "unanswered": np.zeros(3),
        "opted_out": np.array([True, False, False]),
    }
    assert chosen(DEFAULT, values, 3, before).tolist() == [0, 7, 1]
    assert asked == [[False, False, True]]


def test_grades_follow_the_rules() -> None:
    strict = Rules.from_json(DEFAULT.to_json() | {"grades": {"A": 5, "B": 2, "C": 1}})
    odds = np.log(np.array([4.9, 1.5, 0.9]) * 0.25)
    assert [LETTERS[code] for code in grades(odds, 0.2, strict)] == ["B", "C", "D"]

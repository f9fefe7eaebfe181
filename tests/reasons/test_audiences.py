from __future__ import annotations

import numpy as np
import pytest

from pipeline.definitions.conditions import parse
from pipeline.definitions.rules import DEFAULT, Rules
from pipeline.definitions.spans import DAY
from pipeline.reasons.audiences import members
from pipeline.reasons.scored import Scorer
from pipeline.tables.columns import History
from tests.reasons.crm import DEFINITION, NOW, bundle, crowd, fact, history, lead


def named(text: str, people: History, *, scored: bool = False, **more: object) -> list[str]:
    rows = np.arange(len(people.leads))
    found = Scorer(bundle(), people, NOW).score(rows) if scored else None
    holds = members(parse(text), people, rows, NOW, DEFINITION, found, **more)
    return [str(name) for name, is_one in zip(people.leads.id.values(), holds, strict=True) if is_one]


@pytest.fixture
def people() -> History:
    return history(
        [
            lead("small", size="1-10", sector="food", region="north"),
            lead("large", size="200+", sector="retail", region="south"),
            lead("new", 3, size="51-200", sector=None, opted_out="yes"),
        ],
        [
            fact("small", "page_view", 2, texts={"page": "/pricing"}),
            fact("small", "page_view", 12),
            fact("large", "call", 20, numbers={"duration": 60.0}),
            fact("large", "call", 40, numbers={"duration": 30.0}),
            fact("new", "demo_request", 1),
        ],
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("company_size >= 51", ["large", "new"]),
        ("size >= 51", ["large", "new"]),
        ("region = north or sector is missing", ["small", "new"]),
        ("pages.count_7d = 1", ["small"]),
        ("pages.count_30d > 1", ["small"]),
        ("pages.latest_page = '/pricing'", ["small"]),
        ("calls", ["large"]),
        ("calls.total_duration = 90", ["large"]),
        ("calls.mean_duration_30d >= 60", ["large"]),
        ("pages.trend_7d_28d is missing", ["large", "new"]),
        ("age < 7", ["new"]),
        ("contacted and unanswered = 2", ["large"]),
        ("interested or opted_out", ["new"]),
        ("always", ["small", "large", "new"]),
        ("nothing_of_that_name is missing", ["small", "large", "new"]),
    ],
)
def test_names_are_attributes_criteria_measures_and_words(people: History, text: str, expected: list[str]) -> None:
    assert named(text, people) == expected
    assert named(text, people, scored=True) == expected


def test_what_a_score_says_can_be_asked_of_scored_leads() -> None:
    whole = crowd()
    rows = np.arange(len(whole.leads))
    scored = Scorer(bundle(), whole, NOW).score(rows)
    for text, expected in (
        ("probability > 0.2", scored.probability > 0.2),
        ("score >= 50 and not client", (scored.score >= 50) & (scored.standing.stage != 0)),
        ("stage = qualified", scored.standing.stage == 1),
        ("grade in [A, B]", (scored.standing.grade == 0) | (scored.standing.grade == 1)),
        ("fit > 0 and intent < 0", (scored.fit > 0) & (scored.intent < 0)),
        ("grade is missing", ~scored.open),
    ):
        found = members(parse(text), whole, rows, NOW, DEFINITION, scored)
        assert found.tolist() == expected.tolist(), text
        assert found.any(), text


def test_without_scores_the_words_of_a_score_are_refused(people: History) -> None:
    with pytest.raises(ValueError, match="grade is known of scored leads alone: take it out of 'grade = A'"):
        named("grade = A", people)
    with pytest.raises(ValueError, match="grade_before is for `actions` alone"):
        named("grade_before = A", people, scored=True)


def test_each_lead_may_be_asked_at_an_instant_of_its_own(people: History) -> None:
    rows = np.array([0, 0, 1])
    at = np.array([NOW, NOW - 10 * DAY, NOW - 30 * DAY])
    assert members(parse("pages.count_7d >= 1"), people, rows, at, DEFINITION).tolist() == [True, True, False]
    assert members(parse("calls = 1"), people, rows, at, DEFINITION).tolist() == [False, False, True]


def test_interest_is_what_the_rules_call_so(people: History) -> None:
    rules = Rules.from_json(DEFAULT.to_json() | {"stages": {"interest": [{"kind": ["page_view"]}], "within": "7d"}})
    assert named("interested", people, rules=rules) == ["small"]

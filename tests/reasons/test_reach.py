"""What would matter: the score with a possible fact is the score of a history in which that fact stands."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pipeline.definitions.criteria import Criterion
from pipeline.learning.model import logistic
from pipeline.reasons.reach import Possible, possible_facts, reach
from pipeline.reasons.scored import Scorer
from pipeline.reasons.scores import score
from tests.reasons.crm import DEFINITION, KINDS, NOW, bundle, crowd, deal, fact, history, iso, lead

CARD = {"base_rate": 0.12, "kinds": [*KINDS], "flows": {kind: flow for kind, flow in KINDS.items() if flow}}


def of(facts: list[dict[str, Any]]) -> Any:
    return history([lead("a", sector="food"), lead("b")], [*facts, fact("b", "call", 4)])


@pytest.mark.parametrize("before", [[], [fact("a", "demo_request", 9), fact("a", "call", 1), fact("a", "call", 0.5)]])
def test_a_possible_fact_scores_as_if_it_had_happened_a_microsecond_ago(before: list[dict[str, Any]]) -> None:
    model = bundle(card=CARD)
    scorer = Scorer(model, of(before), NOW)
    found = reach(scorer, scorer.score(np.array([0, 1])))
    assert {possible.kind for possible in found.possible} == {"demo_request", "page_view"}
    for place, possible in enumerate(found.possible):
        happened = {"entity_id": "a", "at": iso(NOW - 1), "kind": possible.kind, "flow": KINDS[possible.kind]}
        happened["texts"] = dict(possible.texts)
        then = score(model, of([*before, happened]), NOW, [0])[0]
        assert found.log_odds[0, place] == then.log_odds


def test_only_what_a_lead_may_do_is_possible() -> None:
    kinds = {possible.kind for possible in possible_facts(bundle(card=CARD))}
    assert "call" not in kinds  # we do that
    assert "deal_won" not in kinds  # that is another ledger's
    assert possible_facts(bundle(card={"base_rate": 0.1})) == ()


def test_a_kind_of_several_criteria_is_named_by_the_one_that_counts_and_chooses_fewest() -> None:
    wide = Criterion.from_json(
        {"name": "signs", "when": {"kind": ["demo_request", "page_view"]}, "measures": ["count"]}
    )
    talk = Criterion.from_json({"name": "talk", "when": {"kind": "email_reply"}, "measures": ["total duration"]})
    both = Criterion.from_json({"name": "replies", "when": {"kind": ["email_reply", "call"]}, "measures": ["count"]})
    criteria = (wide, talk, both, *DEFINITION.criteria)
    names = {
        p.kind: p.criterion.name
        for p in possible_facts(bundle(definition=replace(DEFINITION, criteria=criteria), card=CARD))
    }
    assert names == {"demo_request": "demo_requests", "page_view": "pages", "email_reply": "replies"}


def test_a_text_that_a_criterion_asks_for_is_part_of_the_fact() -> None:
    priced = Criterion.from_json(
        {"name": "priced", "when": {"kind": "page_view", "page": "/pricing*"}, "measures": ["count"]}
    )
    (found,) = possible_facts(bundle(definition=replace(DEFINITION, criteria=(priced,)), card=CARD))
    assert found == Possible(priced, "page_view", 0, {"page": "/pricing"})


def test_the_best_are_those_that_raise_the_score_one_a_criterion() -> None:
    scorer = Scorer(bundle(card=CARD), crowd(), NOW)
    scored = scorer.score(np.flatnonzero(scorer.ends.open))
    found = reach(scorer, scored)
    for row, standing in enumerate(scored.log_odds.tolist()):
        best = found.best(row, standing, 3)
        values = [value for _, value in best]
        assert values == sorted(values, reverse=True)
        assert all(value > standing for value in values)
        assert len({possible.criterion.name for possible, _ in best}) == len(best)
    assert np.isfinite(logistic(found.log_odds)).all()


def test_a_closed_lead_has_nothing_within_reach() -> None:
    whole = history([lead("a")], [], [deal("a", "lost", 3)])
    scorer = Scorer(bundle(card=CARD), whole, NOW)
    assert np.isnan(reach(scorer, scorer.score(np.array([0]))).log_odds).all()

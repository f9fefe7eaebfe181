"""What changed between two scores: the parts add up, and each step holds what belongs to it alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.definitions.spans import DAY
from pipeline.learning.bundle import Bundle
from pipeline.reasons.changed import Changed, changed
from pipeline.reasons.scored import Scorer
from pipeline.tables.columns import History
from tests.reasons import crm
from tests.reasons.crm import DEFINITION, NOW, bundle, crowd, deal, fact, history, lead

SINCE = NOW - 15 * DAY


def open_at_both(whole: History, since: int = SINCE) -> np.ndarray:
    early, late = Scorer(bundle(), whole, since), Scorer(bundle(), whole, NOW)
    return np.flatnonzero(early.ends.open & late.ends.open & (whole.leads.created_at < since))


def other(seed: int = 8) -> Bundle:
    """A later model, of the same criteria."""
    return bundle(version="2026-06-30-00000002", model=crm.model(seed, 20, 1.3))


@given(st.integers(0, 200), st.integers(1, 60), st.booleans())
@settings(max_examples=15, deadline=None)
def test_time_facts_and_model_add_up_to_the_difference_of_the_two_scores(seed: int, days: int, same: bool) -> None:
    before = bundle(model=crm.model(seed))
    since = NOW - days * DAY
    leads = open_at_both(crowd(), since)
    found = changed((before, before if same else other(seed + 1)), crowd(), leads, since, NOW)
    parts = found.time.sum(axis=1) + found.facts.sum(axis=1) + found.model.sum(axis=1) + found.base
    assert np.abs(parts - found.total).max() < 1e-9
    assert found.retrained != same
    if same:
        assert not found.model.any()
        assert found.base == 0


def test_without_new_facts_only_time_has_passed() -> None:
    whole = history([lead("a"), lead("b")], [fact("a", "demo_request", 20), fact("a", "page_view", 16)])
    found = changed((bundle(), bundle()), whole, np.array([0, 1]), SINCE, NOW)
    assert not found.facts.any()
    assert found.time[0].any()


def test_a_new_fact_is_in_the_facts_and_not_in_the_time() -> None:
    old = [fact("a", "page_view", 30)]
    quiet = changed((bundle(), bundle()), history([lead("a")], old), np.array([0]), SINCE, NOW)
    busy_history = history([lead("a")], [*old, fact("a", "demo_request", 3)])
    busy = changed((bundle(), bundle()), busy_history, np.array([0]), SINCE, NOW)
    assert np.array_equal(quiet.time, busy.time)
    place = [criterion.name for criterion in DEFINITION.criteria].index("demo_requests")
    assert busy.facts[0, place] != 0


def test_a_deal_of_the_account_is_a_new_fact_when_it_closes_in_between() -> None:
    leads = [lead("a"), lead("b")]
    for each in leads:
        each["entities"]["account"] = "one"
    whole = history(leads, [], [deal("b", "won", 5)])
    found = changed((bundle(), bundle()), whole, np.array([0]), SINCE, NOW)
    assert found.aged["account_deals.count"][0] == 0
    assert found.between.columns["account_deals.count"][0] == 1


def test_what_became_known_late_is_new_though_it_happened_before() -> None:
    late = fact("a", "demo_request", 20) | {"known_at": crm.iso(NOW - 2 * DAY)}
    found = changed((bundle(), bundle()), history([lead("a")], [late]), np.array([0]), SINCE, NOW)
    assert found.aged["demo_requests.count"][0] == 0
    assert found.between.columns["demo_requests.count"][0] == 1


def test_criteria_of_two_models_meet_by_their_names_and_one_that_is_gone_takes_its_part_with_it() -> None:
    kept = tuple(reversed([criterion for criterion in DEFINITION.criteria if criterion.name != "sector"]))
    vocabularies = {name: words for name, words in DEFINITION.vocabularies.items() if name != "sector"}
    definition = replace(DEFINITION, criteria=kept, vocabularies=vocabularies)
    later = replace(crm.base_rate_bundle(), version="2026-06-30-00000002", definition=definition)
    found: Changed = changed((bundle(), later), crowd(), open_at_both(crowd()), SINCE, NOW)
    assert [criterion.name for criterion in found.criteria] == [*(criterion.name for criterion in kept), "sector"]
    before = {criterion.name: place for place, criterion in enumerate(DEFINITION.criteria)}
    for place, criterion in enumerate(found.criteria):
        # The later model knows no criterion, so each takes its part with it.
        assert np.array_equal(found.model[:, place], -found.between.contributions[:, before[criterion.name]])
    parts = found.time.sum(axis=1) + found.facts.sum(axis=1) + found.model.sum(axis=1) + found.base
    assert np.abs(parts - found.total).max() < 1e-9
    assert found.model.any()


@pytest.mark.parametrize(
    ("age", "deals", "since", "said"),
    [
        (10, [], SINCE, "not created"),
        (40, [deal("a", "lost", 20)], SINCE, "closed"),
        (40, [deal("a", "won", 5)], SINCE, "closed"),
        (40, [], NOW, "not before"),
    ],
)
def test_what_cannot_be_compared_is_said(age: int, deals: list[dict[str, object]], since: int, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        changed((bundle(), bundle()), history([lead("a", age)], [], deals), np.array([0]), since, NOW)

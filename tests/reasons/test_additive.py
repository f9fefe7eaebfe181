"""Additivity at every level, on models drawn at random: nobody has to trust that the reasons are all of the score."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.definitions.spans import DAY
from pipeline.reasons.changed import changed
from pipeline.reasons.scored import Scorer
from tests.reasons.crm import NOW, crowd
from tests.reasons.random_models import error_of_change, errors_of_levels, random_bundle

SEEDS = st.integers(0, 2**32 - 1)
EXACT = 1e-9


@given(SEEDS, st.integers(0, 60))
@settings(max_examples=20, deadline=None)
def test_measures_criteria_families_and_sides_add_up_to_the_log_odds(seed: int, days: int) -> None:
    scorer = Scorer(random_bundle(seed), crowd(), NOW - days * DAY)
    leads = np.flatnonzero(crowd().leads.created_at < scorer.as_of)
    found = errors_of_levels(scorer, scorer.score(leads))
    assert max(found.values()) < EXACT, found


@given(SEEDS, SEEDS, st.integers(1, 60))
@settings(max_examples=12, deadline=None)
def test_time_facts_and_another_model_add_up_to_what_changed(seed: int, later: int, days: int) -> None:
    since = NOW - days * DAY
    before, after = random_bundle(seed), random_bundle(later, "2026-06-30-00000002")
    early, late = Scorer(before, crowd(), since), Scorer(after, crowd(), NOW)
    leads = np.flatnonzero(early.ends.open & late.ends.open & (crowd().leads.created_at < since))
    found = changed((before, after), crowd(), leads, since, NOW)
    assert len(leads)
    assert error_of_change(found) < EXACT


def test_a_part_that_is_missing_is_found_at_every_level() -> None:
    seed = next(seed for seed in range(100) if random_bundle(seed).model.booster is not None)
    scorer = Scorer(random_bundle(seed), crowd(), NOW)
    scored = scorer.score(np.flatnonzero(scorer.ends.open))
    spoilt = replace(scored, contributions=scored.contributions + 1e-6, fit=scored.fit + 1e-6)
    found = errors_of_levels(scorer, spoilt)
    assert all(found[level] > EXACT for level in ("criterion", "family", "side", "score as told")), found


def test_the_models_drawn_are_of_every_kind() -> None:
    drawn = [random_bundle(seed).model for seed in range(40)]
    assert {model.kind for model in drawn} == {"trees", "scorecard", "base rate"}
    assert any(model.booster is not None and model.prior is not None for model in drawn)
    assert any(model.segments is not None for model in drawn)
    assert any(random_bundle(seed).definition.categorical for seed in range(5))

"""A challenger wins by being better, seldom by luck, and never on too little."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pipeline.champions import verdict
from pipeline.champions.verdict import Verdict, decide, decide_first
from pipeline.definitions.spans import DAY
from pipeline.tables.columns import Floats

Draw = Callable[..., Verdict]
OBSERVED = 4
"""Observations a lead; the last two of a won one are labelled 1."""


def compare(
    leads: int = 600, noise: float = 0.4, champion_noise: float = 0.4, seed: int = 0, **settings: Any
) -> Verdict:
    """Two models that both know the log-odds of every lead but for noise of their own."""
    random = np.random.default_rng(seed)
    logit = random.normal(-2.0, 1.0, leads)
    won = random.random(leads) < 1 / (1 + np.exp(-logit))
    label = np.zeros((leads, OBSERVED), dtype=np.int8)
    label[won, -2:] = 1
    lead = np.repeat(np.arange(leads), OBSERVED)

    def seen(spread: float) -> Floats:
        log_odds = logit - 0.8 + random.normal(0, spread, leads)
        return np.asarray(np.repeat(1 / (1 + np.exp(-log_odds)), OBSERVED))

    return decide(label.ravel(), seen(noise), seen(champion_noise), lead // 2, lead, draws=1000, **settings)


def test_a_better_challenger_is_promoted() -> None:
    won = compare(noise=0.1, champion_noise=1.5)
    assert won.promote
    assert won.reason.startswith("Promoted: better beyond the interval, log loss 0.")
    assert won.figures["difference"]["high"] < 0


def test_a_worse_challenger_is_held() -> None:
    held = compare(noise=1.5, champion_noise=0.1)
    assert not held.promote
    assert held.reason.startswith("Held: not better beyond the interval")


def test_equal_challengers_seldom_win() -> None:
    """120 looks at SHARE_ABOVE leave 0.3 winners; four would be a chance of one in three thousand."""
    assert sum(compare(leads=400, seed=seed).promote for seed in range(120)) < 4


def test_a_year_of_looks_is_what_the_level_is_set_for() -> None:
    assert verdict.SHARE_ABOVE * verdict.LOOKS < verdict.FALSE_WINS
    assert compare().figures["level"] == pytest.approx(1 - 2 * verdict.SHARE_ABOVE)


def test_the_same_champion_is_held_against_itself() -> None:
    label, p = np.tile([0, 0, 0, 1], 100), np.tile([0.1, 0.2, 0.3, 0.6], 100)
    rows = np.arange(400)
    assert not decide(label, p, p, rows, rows).promote


@pytest.mark.parametrize(
    ("won", "observations", "said"),
    [
        (11, 120, "Needed: 19 more won leads and 80 more observations."),
        (29, 400, "Needed: 1 more won lead."),
        (30, 199, "Needed: 1 more observation."),
        (0, 0, "Needed: 30 more won leads and 200 more observations."),
    ],
)
def test_too_few_outcomes_hold_and_say_how_many_are_missing(won: int, observations: int, said: str) -> None:
    label = np.arange(observations) < won
    rows, sure = np.arange(observations), np.where(label, 0.99, 0.01)
    held = decide(label, sure, 1 - sure, rows, rows)
    assert not held.promote
    assert f"{won} won leads in {observations} observations" in held.reason
    assert said in held.reason
    assert held.figures == {"observations": observations, "won_leads": won}


def test_a_lead_won_is_one_outcome_however_often_it_was_observed() -> None:
    label = np.repeat([1, 0], 200)
    held = decide(label, label * 0.8 + 0.1, np.full(400, 0.5), np.arange(400), np.arange(400) // 20)
    assert held.figures["won_leads"] == 10
    assert not held.promote


def test_an_old_champion_makes_way_for_one_that_is_hardly_worse() -> None:
    label = np.tile([0, 0, 0, 1], 100)
    rows, old = np.arange(400), np.tile([0.2, 0.25, 0.3, 0.4], 100)
    new = old + 1e-4
    assert not decide(label, new, old, rows, rows, champion_age=180 * DAY, max_age=180 * DAY).promote
    assert not decide(label, new, old, rows, rows, champion_age=181 * DAY).promote, "without an age nothing makes way"
    aged = decide(label, new, old, rows, rows, champion_age=181 * DAY, max_age=180 * DAY)
    assert aged.promote
    assert aged.reason.startswith("Promoted: the champion is 181 days old and this one at most 0.5 % worse, log loss")


def test_an_old_champion_stays_where_the_other_may_be_worse_than_that() -> None:
    assert not compare(leads=200, champion_age=400 * DAY, max_age=180 * DAY).promote


def test_verdicts_do_not_depend_on_the_order_of_arrival() -> None:
    random = np.random.default_rng(5)
    label, a, b = random.random(500) < 0.3, random.random(500), random.random(500)
    group, order = random.integers(0, 90, 500), random.permutation(500)
    forth = decide(label, a, b, group, group)
    back = decide(label[order], a[order], b[order], group[order], group[order])
    assert forth.promote == back.promote
    assert forth.figures["difference"]["high"] == pytest.approx(back.figures["difference"]["high"], abs=1e-9)


def test_the_first_model_must_beat_the_base_rate() -> None:
    won = decide_first(0.31, {"base rate": 0.35, "scorecard": None})
    assert won.promote
    assert won.reason == "Promoted: the first model, log loss 0.3100 on the test, below the base rate's 0.3500."
    held = decide_first(0.36, {"base rate": 0.35, "scorecard": None})
    assert (held.promote, held.reason) == (
        False,
        "Held: log loss 0.3600 on the test is not below the base rate's 0.3500.",
    )


def test_the_first_model_must_beat_the_scorecard_where_there_is_one() -> None:
    held = decide_first(0.33, {"base rate": 0.35, "scorecard": 0.32})
    assert (held.promote, held.reason) == (
        False,
        "Held: log loss 0.3300 on the test is not below the scorecard's 0.3200.",
    )


def test_a_first_model_that_cannot_be_judged_is_held() -> None:
    assert not decide_first(None, {"base rate": None}).promote
    assert not decide_first(0.3, {"base rate": None}).promote


def test_a_model_without_trees_serves_where_none_does() -> None:
    assert decide_first(0.35, {"base rate": 0.35}, trees=False).promote

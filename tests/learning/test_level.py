"""A level that follows the newest outcomes: taken where the base rate moves, nearly nothing where it stands."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.definitions.spans import DAY
from pipeline.learning.calibration import IDENTITY, Line, OutOfFold
from pipeline.learning.level import FEWEST_BLOCKS, MOST_BLOCKS, WON_A_BLOCK, earned_level

WEEKS = 80


def margins(path: np.ndarray, leads: int = 6_000, seed: int = 0) -> OutOfFold:
    """A lead a row, in mixed order; outcomes are off the margins by `path`, a level a week."""
    random = np.random.default_rng(seed)
    week = random.integers(0, WEEKS, leads)
    margin = random.normal(-2.0, 0.8, leads)
    label = (random.random(leads) < 1 / (1 + np.exp(-margin - path[week]))).astype(np.int8)
    return OutOfFold(1 + week * 4 // WEEKS, margin, label, week * 7 * DAY, np.arange(leads))


def test_a_level_that_walks_is_followed() -> None:
    path = np.linspace(0.0, 2.0, WEEKS)
    line, told = earned_level(margins(path), IDENTITY, 30 * DAY)
    assert line.intercept == pytest.approx(2.0, abs=0.3) and line.slope == 1.0
    assert told.startswith("The level follows the newest outcomes (the log loss of later ones goes from ")


def test_after_a_jump_the_newest_say_more_than_all_before() -> None:
    path = np.where(np.arange(WEEKS) < 40, 0.0, 1.5)
    line, _ = earned_level(margins(path), IDENTITY, 7 * DAY)
    assert line.intercept == pytest.approx(1.5, abs=0.25)


def test_where_nothing_moves_the_level_stays_near_nothing() -> None:
    levels = [earned_level(margins(np.zeros(WEEKS), seed=seed), IDENTITY, 30 * DAY)[0].intercept for seed in range(12)]
    assert float(np.sqrt(np.mean(np.square(levels)))) < 0.1
    assert max(map(abs, levels)) < 0.25


def test_a_level_that_later_outcomes_speak_against_is_not_taken() -> None:
    # Up and down from one week to the next, each week a block that is known when the next begins: whoever follows it is
    # always wrong.
    random = np.random.default_rng(3)
    week = np.repeat(np.arange(MOST_BLOCKS), 500)
    margin = random.normal(-1.0, 0.8, len(week))
    chance = 1 / (1 + np.exp(-margin - np.where(week % 2, 1.0, -1.0)))
    label = (random.random(len(week)) < chance).astype(np.int8)
    seen = OutOfFold(week // 4 + 1, margin, label, week * 7 * DAY, np.arange(len(week)))
    line = Line(1.0, 0.05)
    assert earned_level(seen, line, 7 * DAY) == (line, "")


def test_no_margins_move_nothing() -> None:
    assert earned_level(OutOfFold.none(), Line(0.9, 0.05), 30 * DAY) == (Line(0.9, 0.05), "")


def test_too_few_won_leads_move_nothing() -> None:
    path = np.linspace(0.0, 2.0, WEEKS)
    few = margins(path, 400)
    won = np.flatnonzero(few.label == 1)[: FEWEST_BLOCKS * WON_A_BLOCK - 1]
    kept = few.take(np.sort(np.concatenate([won, np.flatnonzero(few.label == 0)])))
    assert earned_level(kept, IDENTITY, 30 * DAY) == (IDENTITY, "")


def test_what_is_not_known_yet_tells_nothing() -> None:
    path = np.where(np.arange(WEEKS) < 70, 0.0, 2.0)
    seen = margins(path)
    # With a horizon longer than all of it no block is known at another's first cutoff.
    assert earned_level(seen, IDENTITY, WEEKS * 7 * DAY) == (IDENTITY, "")


def test_an_observation_more_of_the_same_lead_tells_nothing_more() -> None:
    path = np.linspace(0.0, 1.0, WEEKS)
    seen = margins(path, 3_000)
    often = seen.take(np.repeat(np.arange(len(seen)), 5))
    assert earned_level(often, IDENTITY, 7 * DAY)[0].intercept == pytest.approx(
        earned_level(seen, IDENTITY, 7 * DAY)[0].intercept, abs=0.02
    )


def test_the_order_of_arrival_does_not_matter() -> None:
    seen = margins(np.linspace(0.0, 1.0, WEEKS), 2_000)
    ordered = seen.take(np.argsort(seen.cutoff, kind="stable"))
    assert earned_level(ordered, IDENTITY, 7 * DAY)[0].intercept == pytest.approx(
        earned_level(seen, IDENTITY, 7 * DAY)[0].intercept
    )

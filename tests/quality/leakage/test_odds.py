"""The few tests that the checks rest on, against definitions and other libraries."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from pipeline.quality.leakage.odds import area, neighbours, strata, together, upper, wilson


def test_the_interval_of_a_share_is_where_it_is_rejected() -> None:
    z = NormalDist().inv_cdf(0.975)
    for part, whole in ((3, 10), (0, 20), (50, 60)):
        for end in wilson(part, whole):
            if 0 < end < 1:
                assert abs(part / whole - end) == pytest.approx(z * np.sqrt(end * (1 - end) / whole))
    assert wilson(0, 0) == (0.0, 1.0)


def test_the_area_is_that_of_scikit_learn() -> None:
    random = np.random.default_rng(1)
    won = random.random(500) < 0.3
    score = np.round(won + random.normal(size=500), 1)
    auc, error = area(score, won)
    assert auc == pytest.approx(roc_auc_score(won, score))
    again = [area(score[rows], won[rows])[0] for rows in (random.integers(0, 500, 500) for _ in range(300))]
    assert error == pytest.approx(np.std(again), rel=0.25)
    assert all(np.isnan(area(score, np.zeros(500, dtype=np.bool_))))


def test_strata_hold_neighbours_and_leave_the_others_out() -> None:
    order = np.array([5.0, 1.0, 4.0, 2.0, 3.0, 0.0])
    rows = np.array([True, True, True, True, True, False])
    assert strata(order, rows, 2).tolist() == [2, 0, 1, 0, 1, -1]


def test_within_strata_what_only_their_mixture_does_is_not_seen() -> None:
    random = np.random.default_rng(2)
    stratum = np.repeat(np.arange(100), 50)
    level = (stratum / 100)[:, None] > random.random((5_000, 2))
    z, odds = together(level[:, 0], level[:, 1], stratum)
    assert abs(z) < 3 and 0.7 < odds < 1.4
    assert abs(together(level[:, 0], level[:, 1], np.zeros(5_000, dtype=np.int64))[0]) > 10
    z, odds = together(level[:, 0], level[:, 0] ^ (random.random(5_000) < 0.2), stratum)
    assert z > 20 and odds > 10


def test_nothing_to_compare_is_no_difference() -> None:
    none = np.zeros(4, dtype=np.bool_)
    assert together(none, none, np.full(4, -1)) == (0.0, 1.0)
    assert together(none, np.array([True, False, True, False]), np.zeros(4, dtype=np.int64)) == (0.0, 1.0)


def test_neighbours_of_a_clock_are_alike_and_of_a_shuffled_one_are_not() -> None:
    rising = np.arange(1_000.0)
    assert neighbours(rising) < 0.001
    assert neighbours(np.random.default_rng(3).permutation(rising)) == pytest.approx(1, abs=0.1)
    assert np.isnan(neighbours(np.ones(10)))


def test_the_chance_of_a_deviate() -> None:
    assert upper(1.96) == pytest.approx(0.025, abs=1e-4)

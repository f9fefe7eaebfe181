"""The simulation behind the proof on promotion is what it says: equal where equal, better by as much as claimed."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.proofs.trust.promotions import (
    ENOUGH,
    FEW,
    HORIZON,
    LONGEST,
    MONTH,
    Company,
    chance,
    gain_of,
    level_of,
    more_for,
    promoted,
    simulate,
)
from pipeline.champions.verdict import DRAWS, SHARE_ABOVE


def test_probabilities_are_true_on_average_and_models_are_alike() -> None:
    year = simulate(Company(15_000, 0.15), 3, looks=4)
    assert year.label.mean() == pytest.approx(year.champion.mean(), rel=0.03)
    losses = [-np.where(year.label == 1, np.log(p), np.log1p(-p)).mean() for p in (year.champion, *year.challengers)]
    assert losses == pytest.approx([losses[0]] * 5, rel=0.01)


def test_a_gain_is_as_large_as_claimed() -> None:
    more = more_for(0.15)
    assert gain_of(Company(1, 0.15, more)) == pytest.approx(0.05, abs=1e-6)
    year = simulate(Company(40_000, 0.15, more), 3, looks=2)
    before, after = (
        -np.where(year.label == 1, np.log(p), np.log1p(-p)).mean() for p in (year.champion, year.challengers[0])
    )
    assert 1 - after / before == pytest.approx(0.05, abs=0.006)


def test_a_lead_is_seen_weekly_until_it_ends_and_labelled_before_it_is_won() -> None:
    year = simulate(Company(300, 0.2), 5, looks=6)
    assert year.week.min() >= 0 and year.week.max() < 6 * MONTH
    for lead in np.unique(year.lead)[:300]:
        weeks, label = year.week[year.lead == lead], year.label[year.lead == lead]
        assert np.array_equal(weeks, np.arange(weeks[0], weeks[0] + len(weeks)))
        assert len(weeks) <= LONGEST
        assert (np.diff(label) >= 0).all() and label.sum() <= HORIZON


def test_the_share_won_is_the_one_asked_for() -> None:
    assert level_of(0.1) < level_of(0.2) < level_of(0.5) == pytest.approx(0.0, abs=1e-6)
    assert chance(0.3, np.zeros(1), 2.25)[0] == pytest.approx(0.3, abs=1e-6)


def test_a_few_draws_leave_out_only_what_cannot_be_promoted() -> None:
    assert SHARE_ABOVE * DRAWS < ENOUGH < min(FEW)
    years = [simulate(Company(250, 0.25, more), seed, looks=3) for more in (0.0, 0.6) for seed in range(2)]
    found = [[promoted(year, look, whole=whole) for year in years for look in (2, 3)] for whole in (False, True)]
    assert found[0] == found[1]
    assert any(found[0]) and not all(found[0])

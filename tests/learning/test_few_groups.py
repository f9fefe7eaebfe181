"""Intervals with few leads or accounts: they hold the truth, or are null with a reason."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.learning.metrics import (
    Behind,
    figure_of_draws,
    independent,
    independent_of_both,
    mean_figure,
    paired_log_loss,
    quality,
)
from pipeline.tables.columns import Floats
from tests.learning.test_metrics import sample


def shared_fates(groups: int, random: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """Forty rows a group; what is hidden in a group, and believed of it, are its rows' own."""
    z = random.normal(size=(groups, 40))
    hidden, believed = (random.normal(0, spread, (groups, 1)) for spread in (0.7, 0.5))
    label = random.random(z.shape) < 1 / (1 + np.exp(1 - z - hidden))
    p = 1 / (1 + np.exp(1 - 1.3 * z - believed))
    return label.ravel().astype(float), p.ravel(), np.repeat(np.arange(float(groups)), 40)


def test_with_eight_groups_intervals_still_hold_the_truth() -> None:
    """As plain percentiles, which mean as many groups as one likes, they would not: 84 to 87 of 100."""
    random = np.random.default_rng(2)
    label, p, _ = shared_fates(20_000, random)
    truth = quality(label, p, np.zeros(len(p)), draws=0)
    held = dict.fromkeys(("auc", "log_loss", "brier"), 0)
    plain = 0
    for _ in range(100):
        label, p, group = shared_fates(8, random)
        figures = quality(label, p, group, draws=100)
        for name in held:
            figure, value = figures[name], truth[name].value
            assert figure.low is not None
            assert figure.high is not None
            assert value is not None
            held[name] += figure.low <= value <= figure.high
        sums = np.bincount(group.astype(int), (label - p) ** 2) / 40
        drawn = sums[random.integers(0, 8, (100, 8))].mean(axis=1)
        brier = figure_of_draws(float(sums.mean()), drawn)
        assert brier.low is not None
        assert brier.high is not None
        assert truth["brier"].value is not None
        plain += brier.low <= truth["brier"].value <= brier.high
    assert all(count >= 88 for count in held.values()), held
    assert plain < held["brier"]


def test_under_five_groups_there_is_no_interval_and_a_reason() -> None:
    label, p = sample(400, 3)
    group = np.arange(400) % 4
    figures = quality(label, p, group, draws=50)
    assert all(figure.low is None for figure in figures.values())
    assert figures["auc"].why == "no interval: only 4 leads or accounts stand behind it, and an interval takes 5"
    assert all(figure.low is not None for figure in quality(label, p, np.arange(400) % 5, draws=50).values())
    assert mean_figure(label, group).low is None


def test_the_rarer_class_says_how_many_groups_stand_behind_a_figure_of_both() -> None:
    """Four leads are won, of hundreds: that a won one ranks higher is known of four."""
    label, p = np.zeros(300), np.linspace(0.1, 0.9, 300)
    label[[3, 150, 200, 299]] = 1
    figures = quality(label, p, np.arange(300), draws=400)
    assert figures["auc"].value is not None
    assert figures["auc"].low is None
    assert figures["log_loss"].low is not None
    assert independent_of_both(label, np.arange(300)) == Behind(4, 4.0)


def test_one_large_account_counts_for_less_than_its_rows() -> None:
    assert independent(np.arange(50)) == Behind(50, 50.0)
    crowded = independent(np.concatenate([np.zeros(50, dtype=int), np.arange(50)]))
    assert crowded.number == 50
    assert 1 < crowded.alike < 4
    drawn = np.linspace(0, 1, 1001)
    found = [figure_of_draws(0.5, drawn, groups=Behind(50, alike)) for alike in (1.0, 4.0, 50.0, 1e9)]
    lows = [figure.low for figure in found if figure.low is not None]
    assert lows == sorted(lows)
    assert lows[0] == pytest.approx(0, abs=1e-3)
    assert lows[-1] == pytest.approx(0.025, abs=1e-3)


def test_the_interval_of_a_calibration_error_is_cleared_of_chance() -> None:
    """Of probabilities that are right: the error is nothing, and 300 rows show one of several hundredths."""
    random = np.random.default_rng(3)
    held = 0
    for _ in range(20):
        p = random.uniform(0.05, 0.6, 300)
        label = (random.random(300) < p).astype(int)
        error = quality(label, p, np.arange(300), draws=100)["calibration_error"]
        assert error.value is not None
        assert error.low is not None
        assert error.high is not None
        assert error.value > 0.02
        assert error.low <= error.value <= error.high
        held += error.low == 0.0
    assert held >= 17
    wrong = quality(random.random(3000) < 0.1, np.full(3000, 0.5), np.arange(3000), draws=100)["calibration_error"]
    assert wrong.low is not None
    assert wrong.low > 0.35


def test_a_paired_difference_knows_how_few_its_groups_are_unless_its_level_was_measured() -> None:
    label, p = sample(800, 12)
    worse, group = np.clip(p + 0.05, 0, 1), np.arange(800) % 8
    honest, plain = (paired_log_loss(label, p, worse, group, plain=plain) for plain in (False, True))
    assert honest.low is not None
    assert plain.low is not None
    assert honest.value == plain.value
    assert honest.low < plain.low
    assert paired_log_loss(label, p, worse, np.arange(800) % 4, plain=True).low is None

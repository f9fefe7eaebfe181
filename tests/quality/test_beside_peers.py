"""How ours is judged beside others: the paired difference in AUC, who is best, and what is no worse."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from benchmarks.quality.judged import best, difference, figures, no_worse
from pipeline.learning.metrics import Figure


def drawn(seed: int = 0, rows: int = 600) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Labels, two probabilities of which the second knows less, and groups of three."""
    random = np.random.default_rng(seed)
    margin = random.normal(size=rows)
    label = (random.random(rows) < 1 / (1 + np.exp(-margin))).astype(np.int8)
    good, poor = (1 / (1 + np.exp(-np.round(margin + noise * random.normal(size=rows), 1))) for noise in (0.2, 1.5))
    return label, good, poor, np.arange(rows) // 3


def test_the_difference_in_auc_is_scikit_learns() -> None:
    label, good, poor, group = drawn()
    expected = roc_auc_score(label, good) - roc_auc_score(label, poor)
    assert difference("auc", label, [good], [poor], group, draws=0).value == pytest.approx(expected, abs=1e-12)


def test_a_drawn_group_counts_as_often_as_it_was_drawn() -> None:
    label, good, poor, group = drawn(rows=60)
    random = np.random.default_rng(7)
    expected = []
    for _ in range(50):
        times = np.bincount(random.integers(0, 20, 20), minlength=20)[group]
        rows = np.repeat(np.arange(60), times)
        expected.append(roc_auc_score(label[rows], good[rows]) - roc_auc_score(label[rows], poor[rows]))
    found = difference("auc", label, [good], [poor], group, draws=50)
    assert [found.low, found.high] == pytest.approx(np.percentile(expected, [2.5, 97.5]).tolist(), abs=1e-12)


def test_who_is_worse_beyond_the_interval_is_worse() -> None:
    label, good, poor, group = drawn()
    for figure in ("log_loss", "auc"):
        assert no_worse(figure, difference(figure, label, [good], [poor], group, draws=200))
        assert not no_worse(figure, difference(figure, label, [poor], [good], group, draws=200))
        assert no_worse(figure, difference(figure, label, [poor], [poor], group, draws=200))
    assert no_worse("auc", Figure(-0.01, -0.02, 0.001))
    assert not no_worse("log_loss", Figure(0.01, 0.001, 0.02))


def test_the_best_has_the_lowest_loss_or_the_highest_auc() -> None:
    label, good, poor, group = drawn()
    found = {"good": figures(label, good, group), "poor": figures(label, poor, group)}
    assert (best(found, "log_loss"), best(found, "auc")) == ("good", "good")


@pytest.mark.parametrize("figure", ["log_loss", "auc"])
def test_of_several_seeds_the_mean_difference_is_judged(figure: str) -> None:
    label, good, poor, group = drawn()
    apart = difference(figure, label, [good], [poor], group, draws=0).value
    assert apart is not None
    both = difference(figure, label, [good, poor], [poor, poor], group, draws=100)
    assert both.value == pytest.approx(apart / 2, abs=1e-12)
    assert both.low is not None and both.high is not None and both.low < both.value < both.high

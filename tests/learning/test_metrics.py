"""Each figure against a plain reading of what it says, or scikit-learn's; weights are rows; intervals cover."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

from pipeline.learning.figures import Ranked
from pipeline.learning.metrics import (
    FIGURES,
    Figure,
    paired_log_loss,
    quality,
)
from pipeline.tables.columns import Floats


def sample(rows: int = 300, seed: int = 0, ties: int | None = None) -> tuple[Floats, Floats]:
    random = np.random.default_rng(seed)
    margin = random.normal(-1, 1.5, rows)
    label = (random.random(rows) < 1 / (1 + np.exp(-0.7 * margin - 0.3))).astype(float)
    p = 1 / (1 + np.exp(-margin))
    return label, p if ties is None else np.round(p * ties) / ties * 0.98 + 0.01


def auc_by_pairs(label: Floats, p: Floats) -> float:
    pairs = [(a > b) + (a == b) / 2 for a, b in product(p[label == 1], p[label == 0])]
    return float(np.mean(pairs))


def tenths(label: Floats, p: Floats) -> list[tuple[float, float]]:
    """Won share and mean probability of ten equal bins: rows ten times over, tied rows sharing their labels."""
    rows = sorted(((q, np.mean(label[p == q])) for q in p), reverse=True)
    many = [row for row in rows for _ in range(10)]
    size = len(rows)
    bins = [many[start * size : (start + 1) * size] for start in range(10)]
    return [(float(np.mean([y for _, y in part])), float(np.mean([q for q, _ in part]))) for part in bins]


def calibration_error_by_hand(label: Floats, p: Floats) -> float:
    return float(np.mean([abs(won - mean) for won, mean in tenths(label, p)]))


def lift_by_hand(label: Floats, p: Floats) -> float:
    return tenths(label, p)[0][0] / float(np.mean(label))


def slope_by_sklearn(label: Floats, p: Floats) -> float:
    log_odds = np.log(p / (1 - p))[:, None]
    fitted = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-12).fit(log_odds, label)
    return float(fitted.coef_[0, 0])


def intercept_by_bisection(label: Floats, p: Floats) -> float:
    low, high = -20.0, 20.0
    for _ in range(100):
        middle = (low + high) / 2
        expected = sum(1 / (1 + math.exp(-math.log(q / (1 - q)) - middle)) for q in p)
        low, high = (middle, high) if expected < label.sum() else (low, middle)
    return middle


PLAIN: dict[str, Callable[[Floats, Floats], float]] = {
    "auc": auc_by_pairs,
    "average_precision": average_precision_score,
    "log_loss": log_loss,
    "brier": brier_score_loss,
    "lift_10": lift_by_hand,
    "calibration_error": calibration_error_by_hand,
    "calibration_slope": slope_by_sklearn,
    "calibration_intercept": intercept_by_bisection,
}


def test_every_figure_has_a_plain_reading() -> None:
    assert tuple(PLAIN) == FIGURES


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("ties", [None, 5, 20])
def test_a_figure_is_what_its_plain_reading_says(name: str, ties: int | None) -> None:
    for seed, rows in enumerate((37, 100, 211)):
        label, p = sample(rows, seed, ties)
        value = quality(label, p, np.arange(rows), draws=0)[name].value
        assert value == pytest.approx(PLAIN[name](label, p), abs=1e-7)


def test_auc_agrees_with_sklearn_on_many_rows() -> None:
    label, p = sample(20_000, 4)
    assert quality(label, p, np.zeros(20_000), draws=0)["auc"].value == pytest.approx(
        roc_auc_score(label, p), abs=1e-12
    )


@pytest.mark.parametrize("ties", [None, 7])
def test_a_weight_of_two_is_a_row_twice(ties: int | None) -> None:
    label, p = sample(120, 5, ties)
    weight = np.random.default_rng(6).integers(0, 4, 120)
    group = np.arange(120)
    weighted, _ = Ranked.of(label, p, group).figures(weight.astype(float))
    again = np.repeat(group, weight)
    repeated, _ = Ranked.of(label[again], p[again], group[again]).figures(np.ones(len(again)))
    np.testing.assert_allclose(weighted, repeated, rtol=1e-9)


def test_a_draw_that_starts_from_all_rows_finds_the_same_lines() -> None:
    label, p = sample(400, 7)
    ranked = Ranked.of(label, p, np.arange(400))
    weight = np.random.default_rng(8).multinomial(400, np.full(400, 1 / 400)).astype(float)
    _, lines = ranked.figures(np.ones(400))
    quick, _ = ranked.figures(weight, ranked.starts_from(lines))
    exact, _ = ranked.figures(weight)
    np.testing.assert_allclose(quick, exact, atol=2e-4)


def test_the_order_of_the_rows_does_not_matter() -> None:
    label, p = sample(200, 9, ties=10)
    group = np.arange(200) // 3
    mixed = np.random.default_rng(1).permutation(200)
    one, other = quality(label, p, group, 50), quality(label[mixed], p[mixed], group[mixed], 50)
    assert one == other


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 0.2, 0.5, 0.9, 1.0])), min_size=1, max_size=12))
def test_whatever_comes_in_a_figure_is_finite_or_says_why(rows: list[tuple[bool, float]]) -> None:
    label, p = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    for figure in quality(label, p, np.arange(len(rows)), draws=20).values():
        plain = figure.to_json()
        assert json.loads(json.dumps(plain, allow_nan=False)) == plain
        assert (figure.why is None) == (figure.value is not None and figure.low is not None)


def test_one_class_leaves_null_with_a_reason_and_keeps_what_is_defined() -> None:
    figures = quality([0, 0, 0], [0.1, 0.2, 0.3], [0, 1, 2])
    assert figures["auc"] == Figure(None, None, None, "no observation is won")
    assert figures["auc"].to_json() == {"value": None, "low": None, "high": None, "why": "no observation is won"}
    assert {name for name in FIGURES if figures[name].value is not None} == {"log_loss", "brier", "calibration_error"}
    assert quality([1, 1], [0.1, 0.2], [0, 1])["lift_10"].why == "every observation is won"
    assert quality([], [], [])["log_loss"].why == "there are no observations"


def test_a_slope_that_has_no_best_value_is_null_with_a_reason() -> None:
    assert quality([0, 1, 0], [0.2, 0.2, 0.2], [0, 1, 2])["calibration_slope"].why == "every probability is the same"
    assert "separate" in str(quality([0, 0, 1], [0.1, 0.2, 0.3], [0, 1, 2])["calibration_slope"].why)


def test_a_figure_that_most_draws_lack_has_no_interval() -> None:
    figure = quality([1, 0, 0, 0], [0.6, 0.5, 0.7, 0.1], [0, 1, 2, 3])["auc"]
    assert figure.value is not None
    assert figure.low is None
    assert "draws have no value" in str(figure.why)


def test_one_group_has_no_interval() -> None:
    label, p = sample(50)
    assert all(figure.low is None for figure in quality(label, p, np.zeros(50)).values())


@pytest.mark.parametrize(
    ("label", "p", "group"),
    [
        ([0, 2], [0.1, 0.2], [0, 1]),
        ([0, 1], [0.1, 1.2], [0, 1]),
        ([0, 1], [0.1, np.nan], [0, 1]),
        ([0], [0.1, 0.2], [0]),
    ],
)
def test_what_is_no_label_or_no_probability_is_refused(label: list[int], p: list[float], group: list[int]) -> None:
    with pytest.raises(ValueError, match=r"label|probability"):
        quality(label, p, group)


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    """120 samples of 150 groups of two rows that share their fate: drawing rows would cover the mean far less."""
    truth = {"log_loss": 0.0, "brier": 0.0}
    random = np.random.default_rng(0)
    margin = random.normal(-0.5, 1, 400_000)
    chance = 1 / (1 + np.exp(-margin))
    truth["brier"] = float(np.mean(chance * (1 - chance)))
    truth["log_loss"] = float(-np.mean(chance * np.log(chance) + (1 - chance) * np.log(1 - chance)))
    covered = dict.fromkeys(truth, 0)
    for _ in range(120):
        z = np.repeat(random.normal(-0.5, 1, 150), 2)
        p = 1 / (1 + np.exp(-z))
        label = (np.repeat(random.random(150), 2) < p).astype(int)
        figures = quality(label, p, np.repeat(np.arange(150), 2), draws=100)
        for name, value in truth.items():
            figure = figures[name]
            assert figure.low is not None
            assert figure.high is not None
            covered[name] += figure.low <= value <= figure.high
    assert all(105 <= count <= 119 for count in covered.values()), covered


def test_the_same_seed_gives_the_same_interval() -> None:
    label, p = sample(100)
    group = np.arange(100)
    assert quality(label, p, group, 40) == quality(label, p, group, 40)
    assert quality(label, p, group, 40, seed=8) != quality(label, p, group, 40)


def test_a_paired_difference_is_that_of_the_losses_with_a_narrower_interval() -> None:
    label, p = sample(500, 11)
    worse = np.clip(p + 0.05, 0, 1)
    group = np.arange(500)
    paired = paired_log_loss(label, p, worse, group)
    assert paired.value == pytest.approx(log_loss(label, p) - log_loss(label, worse), abs=1e-12)
    alone = quality(label, p, group)["log_loss"]
    assert paired.low is not None
    assert paired.high is not None
    assert alone.low is not None
    assert alone.high is not None
    assert paired.high - paired.low < (alone.high - alone.low) / 3
    wide = paired_log_loss(label, p, worse, group, level=0.99)
    assert wide.low is not None
    assert wide.low < paired.low


def test_a_model_does_not_differ_from_itself() -> None:
    label, p = sample(50)
    assert paired_log_loss(label, p, p, np.arange(50)) == Figure(0.0, 0.0, 0.0)
    assert paired_log_loss([], [], [], []).why == "there are no observations"

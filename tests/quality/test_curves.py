"""The curves say what a plain count says, with intervals that hold the truth."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.learning.metrics import mean_figure, quality
from pipeline.quality.curves import curves, gain, reliability
from pipeline.views.curves import gain_svg, reliability_svg

RANDOM = np.random.default_rng(11)
CHANCE = RANDOM.beta(1, 9, 2000)
LABEL = (RANDOM.random(2000) < CHANCE).astype(np.int8)
GROUP = np.arange(2000) // 2


def test_bins_hold_every_observation_once_in_order() -> None:
    bins = reliability(LABEL, CHANCE, GROUP, draws=50)
    assert [one["n"] for one in bins] == [200] * 10
    assert sum(one["won_share"]["value"] * one["n"] for one in bins) == pytest.approx(LABEL.sum())
    edges = [edge for one in bins for edge in (one["from"], one["to"])]
    assert edges == sorted(edges)


def test_equal_probabilities_are_never_in_two_bins() -> None:
    p = np.repeat([0.1, 0.3], [1500, 500])
    bins = reliability(LABEL, p, GROUP, draws=10)
    assert [(one["n"], one["mean_probability"]) for one in bins] == [
        (1500, pytest.approx(0.1)),
        (500, pytest.approx(0.3)),
    ]
    assert [one["n"] for one in reliability(LABEL, np.full(2000, 0.1), GROUP, draws=10)] == [2000]


def test_a_calibrated_model_is_inside_most_intervals_and_a_bold_one_is_not() -> None:
    def inside(p: np.ndarray[tuple[int], np.dtype[np.float64]]) -> int:
        bins = reliability(LABEL, p, GROUP, draws=300)
        return sum(one["won_share"]["low"] <= one["mean_probability"] <= one["won_share"]["high"] for one in bins)

    assert inside(CHANCE) >= 8
    assert inside(np.sqrt(CHANCE)) <= 2


def test_the_best_tenth_catches_the_lift_that_quality_gives() -> None:
    tenth = next(one for one in gain(LABEL, CHANCE, GROUP, draws=200) if one["share"] == 0.1)["caught"]
    figure = quality(LABEL, CHANCE, GROUP, draws=200)["lift_10"]
    assert [10 * tenth[key] for key in ("value", "low", "high")] == pytest.approx(
        [figure.value, figure.low, figure.high]
    )


def test_all_observations_catch_everything() -> None:
    caught = [one["caught"]["value"] for one in gain(LABEL, CHANCE, GROUP, draws=20)]
    assert caught == sorted(caught)
    assert caught[-1] == pytest.approx(1.0)


def test_too_little_has_no_curve() -> None:
    assert curves(LABEL[:19], CHANCE[:19], GROUP[:19]) == {"reliability": [], "gain": []}
    assert gain(np.zeros(100), CHANCE[:100], GROUP[:100]) == []
    assert reliability_svg([], "v1") == gain_svg([], "v1") == ""


def test_a_mean_has_the_interval_of_its_groups() -> None:
    values, alone = RANDOM.normal(3.0, 1.0, 400), np.arange(400)
    figure = mean_figure(values, alone)
    assert figure.value == pytest.approx(values.mean())
    assert figure.low is not None and figure.high is not None
    assert (figure.high - figure.low) / 2 == pytest.approx(1.96 * values.std() / 20, rel=0.15)
    shared = mean_figure(np.repeat(values[:100], 4), np.repeat(alone[:100], 4))
    assert shared.low is not None and shared.high is not None
    assert shared.high - shared.low > 1.7 * (figure.high - figure.low), "repeats of a group are no new evidence"
    assert mean_figure([], []).why == "there are no observations"
    assert mean_figure([1.0, 2.0], [0, 0]).low is None


def test_pictures_say_their_figures_and_stand_alone() -> None:
    found = curves(LABEL, CHANCE, GROUP, draws=100)
    kept, caught = reliability_svg(found["reliability"], "v<1>"), gain_svg(found["gain"], "v<1>")
    assert "of 10 intervals hold the probability given" in kept
    tenth = next(one for one in found["gain"] if one["share"] == 0.1)["caught"]
    assert f"the best tenth holds {100 * tenth['value']:.0f} % of the won" in caught
    for picture in (kept, caught):
        assert picture.startswith("<svg xmlns=") and picture.count("<svg") == picture.count("</svg>") == 1
        assert "v&lt;1&gt;" in picture
        assert "href" not in picture
    assert kept.count("<circle") == 10

"""Totals of what comes by chance: intervals that hold the truth, for few as for many, alone as together."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2

from pipeline.quality.totals import Total, change, share


@pytest.mark.parametrize("count", [1, 2, 7, 40, 900])
def test_single_conversions_have_the_exact_interval_of_poisson(count: int) -> None:
    total = Total.of(np.ones(count), np.arange(count))
    assert total.low == pytest.approx(chi2.ppf(0.025, 2 * count) / 2, rel=1e-9)
    assert total.high == pytest.approx(chi2.ppf(0.975, 2 * count + 2) / 2, rel=1e-9)


def test_no_conversion_leaves_the_cost_of_one_without_an_upper_end_and_says_so() -> None:
    none = Total.of(np.empty(0), np.empty(0, dtype=np.int64))
    assert none.low == 0
    assert none.high == pytest.approx(-np.log(0.025))
    cost = none.under(100.0)
    assert cost.value is None
    assert cost.high is None
    assert cost.low == pytest.approx(100 / -np.log(0.025))
    assert cost.why is not None


def test_the_cost_of_one_is_the_cost_over_the_ends_of_the_count() -> None:
    total = Total.of(np.ones(9), np.arange(9))
    cost = total.under(450.0)
    assert cost.value == 50.0
    assert cost.low == pytest.approx(450 / total.high)
    assert cost.high == pytest.approx(450 / total.low)


def test_without_a_cost_there_is_no_ratio() -> None:
    total = Total.of(np.ones(9), np.arange(9))
    assert total.under(0.0).why == total.over(0.0).why == "nothing was spent"
    assert total.under(0.0).value is total.over(0.0).value is None


def test_what_comes_together_is_less_certain_than_what_comes_alone() -> None:
    alone, together = Total.of(np.ones(40), np.arange(40)), Total.of(np.ones(40), np.arange(40) // 4)
    assert alone.value == together.value
    assert (alone.together, together.together) == (1.0, 4.0)
    assert together.low < alone.low
    assert together.high > alone.high
    assert np.std(together.drawn(np.random.default_rng(1), 2_000)) > 1.5 * np.std(
        alone.drawn(np.random.default_rng(1), 2_000)
    )


@pytest.mark.parametrize(("mean", "together"), [(3, 1), (12, 1), (12, 3), (80, 2)])
def test_intervals_hold_the_truth_in_19_years_of_20(mean: int, together: int) -> None:
    random = np.random.default_rng([mean, together])
    held = 0
    for _ in range(400):
        sizes = random.integers(1, together + 1, random.poisson(mean))
        group = np.repeat(np.arange(len(sizes)), sizes)
        total = Total.of(np.ones(len(group)), group, float(together))
        held += total.low <= mean * (together + 1) / 2 <= total.high
    assert held >= 0.93 * 400


def test_two_totals_add_up_with_their_chances() -> None:
    total = Total(3.0, 5.0, 2.0) + Total(1.5, 0.75, 1.0)
    assert (total.value, total.variance, total.largest) == (4.5, 5.75, 2.0)


def test_a_share_is_wilsons_and_wider_where_things_come_together() -> None:
    alone, together = share(10, 100, 1.0, "nobody"), share(10, 100, 3.0, "nobody")
    assert alone.low == pytest.approx(0.0552, abs=1e-4)
    assert alone.high == pytest.approx(0.1744, abs=1e-4)
    assert together.low is not None
    assert alone.low is not None
    assert together.low < alone.low
    assert share(0, 0, 1.0, "nobody").why == "nobody"


def test_a_cost_that_doubled_is_a_change_of_two() -> None:
    many = Total.of(np.ones(400), np.arange(400))
    ratio = change(many, 1_000.0, many, 2_000.0)
    assert ratio.value == 2.0
    assert ratio.low is not None
    assert ratio.low > 1.5


@pytest.mark.parametrize(
    ("before", "cost_before", "cost_after", "why"),
    [(Total(0.0, 0.0, 1.0), 5.0, 5.0, "conversions"), (Total(4.0, 4.0, 1.0), 0.0, 5.0, "spend"),
     (Total(4.0, 4.0, 1.0), 5.0, None, "spend"), (Total(4.0, 4.0, 1.0), -5.0, 5.0, "paid back")],
)  # fmt: skip
def test_a_change_from_or_to_nothing_is_undefined_and_says_why(
    before: Total, cost_before: float, cost_after: float | None, why: str
) -> None:
    ratio = change(before, cost_before, Total(4.0, 4.0, 1.0), cost_after)
    assert ratio.value is None
    assert ratio.why is not None
    assert why in ratio.why

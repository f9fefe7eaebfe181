from __future__ import annotations

import numpy as np
import pytest

from pipeline.quality.lifts import lifts


def drawn(
    seed: int, lift: float, size: int = 1500, base: float = 0.1, traits: int = 6
) -> tuple[np.ndarray, np.ndarray]:
    """Leads with traits at random; the first trait's leads are won `lift` times as often as all."""
    random = np.random.default_rng(seed)
    has = random.random((size, traits)) < 0.25
    rate = np.where(has[:, 0], lift * base, base * (1 - 0.25 * lift) / 0.75)
    return random.random(size) < rate, has


@pytest.mark.parametrize("seed", range(3))
def test_a_trait_of_the_winners_is_shown(seed: int) -> None:
    won, has = drawn(seed, 2.5)
    found = lifts(won, np.arange(len(won)), has)
    assert [lift.shown for lift in found] == [True, *[False] * 5]


def test_traits_without_a_lift_are_shown_in_hardly_any_export() -> None:
    shown = 0
    for seed in range(40):
        won, has = drawn(seed, 1.0)
        shown += any(lift.shown for lift in lifts(won, np.arange(len(won)), has))
    # 1 of 40 is what the upper side of a 95 % interval of all looks together lets through.
    assert shown <= 3


def test_the_interval_holds_the_true_lift() -> None:
    inside = []
    for seed in range(60):
        won, has = drawn(200 + seed, 2.0)
        lift = lifts(won, np.arange(len(won)), has)[0].lift
        inside.append(lift.low <= 2.0 <= lift.high)
    assert np.mean(inside) >= 0.87


def test_a_lift_is_the_share_among_won_over_the_share_of_all() -> None:
    won = np.array([True] * 40 + [False] * 160)
    has = np.array([True] * 20 + [False] * 20 + [True] * 30 + [False] * 130)[:, None]
    found = lifts(won, np.arange(200), has)[0]
    assert (found.leads, found.won) == (50, 20)
    assert (found.of_won.value, found.of_all.value, found.lift.value) == (0.5, 0.25, 2.0)
    assert found.corrected.low is not None and found.lift.low is not None
    assert found.of_won.low < 0.5 < found.of_won.high


def test_more_looks_make_the_corrected_interval_wider() -> None:
    won, has = drawn(1, 2.0)
    few, many = (lifts(won, np.arange(len(won)), has[:, :count])[0] for count in (1, 6))
    assert few.lift.value == many.lift.value
    assert many.corrected.low < few.corrected.low < few.corrected.high < many.corrected.high


def test_two_won_leads_of_a_trait_show_nothing() -> None:
    won = np.zeros(300, bool)
    won[:12] = True
    has = np.zeros((300, 1), bool)
    has[:2] = True
    assert not lifts(won, np.arange(300), has)[0].shown

"""Calls are those that could have been made, counts add up, and a bound on what is skipped is kept."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pipeline.definitions.spans import DAY
from pipeline.features.amounts import Amounts
from pipeline.features.training_set import TrainingSet
from pipeline.quality.capacity import SAFE, capacity
from pipeline.quality.ratios import Sums, figure
from pipeline.quality.weekly import Lists, calls, lowest, random_calls, weekly_lists
from pipeline.quality.worth import MIN_DEALS, Expected, expected_amounts
from pipeline.tables.columns import Floats, Texts
from tests.learning.simulated import HORIZON, Simulated, simulate, training_set


@pytest.fixture(scope="module")
def seen() -> Simulated:
    return simulate(900, seed=3, level=-2.5)


@pytest.fixture(scope="module")
def rows(seen: Simulated) -> TrainingSet:
    return training_set(seen, test_share=0.4)


def lists_of(weeks: int = 6, leads: int = 40, seed: int = 1) -> Lists:
    random = np.random.default_rng(seed)
    there = random.random((weeks, leads)) < 0.6
    week, lead = np.nonzero(there)
    return weekly_lists(week * 7 * DAY, lead, "UTC")


def called_by_hand(lists: Lists, score: Floats, budget: int, rest: int) -> list[float]:
    """Plain loops."""
    taken, last = [0.0] * len(lists.row), {}
    for week in range(lists.weeks):
        entries = [place for place in range(len(lists.row)) if lists.week[place] == week]
        day = int(lists.day[week])
        free = [e for e in entries if int(lists.lead[e]) not in last or day - last[int(lists.lead[e])] >= rest]
        for entry in sorted(free, key=lambda e: -score[e])[:budget]:
            taken[entry] = 1.0
            last[int(lists.lead[entry])] = day
    return taken


@pytest.mark.parametrize(("budget", "rest"), [(1, 30), (4, 30), (4, 14), (15, 7), (100, 30)])
def test_calls_are_those_of_plain_loops(budget: int, rest: int) -> None:
    lists = lists_of()
    score = np.random.default_rng(2).random(len(lists.row))
    assert calls(lists, score, budget, rest).tolist() == called_by_hand(lists, score, budget, rest)


def test_random_calls_are_the_average_of_drawn_ones() -> None:
    lists, random = lists_of(leads=60), np.random.default_rng(5)
    drawn = np.mean([calls(lists, random.random(len(lists.row)), 9, 21) for _ in range(600)], axis=0)
    expected = random_calls(lists, 9, 21)
    assert expected.sum() == pytest.approx(drawn.sum(), rel=0.01)
    assert np.abs(expected - drawn).max() < 0.09


def test_leads_that_are_alike_share_the_calls_that_are_left() -> None:
    lists = weekly_lists(np.zeros(4, dtype=np.int64), np.arange(4), "UTC")
    assert calls(lists, np.array([0.5, 0.9, 0.5, 0.5]), 2, 30) == pytest.approx([1 / 3, 1, 1 / 3, 1 / 3])
    assert lowest(lists, np.full(4, 0.5), 0.5).tolist() == [0.5] * 4


def test_a_lead_stands_on_a_list_once_as_first_observed_there() -> None:
    lists = weekly_lists(np.array([3, 1, 8, 15]) * DAY, np.array([7, 7, 7, 9]), "UTC")
    assert lists.row.tolist() == [1, 2, 3]
    assert lists.day.tolist() == [1, 8, 15]


def test_lists_are_a_local_week_apart_where_the_clocks_change() -> None:
    midnights = [1_773_615_600, 1_774_220_400, 1_774_821_600, 1_775_426_400]  # Mondays of March 2026 in Paris
    lists = weekly_lists(np.array(midnights) * 1_000_000, np.array([1, 1, 1, 1]), "Europe/Paris")
    assert np.diff(lists.day).tolist() == [7, 7, 7]


def test_caught_early_and_missed_are_all_conversions(rows: TrainingSet, seen: Simulated) -> None:
    found = capacity(rows, seen.truth[rows.test], draws=20)
    won = rows.lead_id.codes[rows.test & (rows.label == 1)]
    assert found["conversions"] == len(np.unique(won))
    assert len(found["table"]) > 2
    for one in found["table"]:
        parts = [one[name]["value"] for name in ("caught", "early", "missed")]
        assert sum(parts) == pytest.approx(found["conversions"])
        assert min(parts) >= 0
        assert one["called"] <= one["per_week"] * found["weeks"] + 1e-9
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_a_good_ranking_beats_calls_at_random_and_none_does_not(rows: TrainingSet, seen: Simulated) -> None:
    best = capacity(rows, seen.truth[rows.test], per_week=5, draws=200)["table"][1]
    alike = capacity(rows, np.full(rows.test.sum(), 0.1), per_week=5, draws=200)["table"][1]
    assert best["lift"]["low"] > 1.5
    assert alike["lift"]["value"] == pytest.approx(1, abs=1e-9)
    assert best["precision"]["low"] < best["precision"]["value"] < best["precision"]["high"]
    assert best["expected"]["value"] == pytest.approx(best["called"] * best["precision"]["value"], rel=0.3)


def test_calls_for_everybody_miss_nobody(rows: TrainingSet, seen: Simulated) -> None:
    one = capacity(rows, seen.truth[rows.test], per_week=10_000, draws=5)["table"][1]
    assert one["missed"]["value"] == 0
    assert one["caught"]["value"] > 0


def test_what_a_workspace_asks_for_is_said_in_a_sentence(rows: TrainingSet, seen: Simulated) -> None:
    found = capacity(rows, seen.truth[rows.test], per_week=8, draws=50)
    assert [one["per_week"] for one in found["table"]] == [4, 8, 16]
    assert any(told.startswith("With 8 calls a week the tested model catches") for told in found["said"])


def test_the_lowest_are_bounded_though_none_of_them_converts() -> None:
    # 60 leads a week, of whom the first 20 alone may convert: draws of the rest hold nothing, and prove little.
    small = simulate(80, seed=1, level=-1.0, weeks=4)
    rows = training_set(small, test_share=0.9)
    probability = np.where(rows.label[rows.test] == 1, 0.9, 0.1)
    skip = capacity(rows, probability, draws=100)["skip"]
    held = skip[0]["conversions"]
    assert held["value"] == 0
    groups = len(np.unique(rows.group[rows.test & (rows.label == 1)]))
    assert held["high"] == pytest.approx(1 - 0.05 ** (1 / (groups + 1)), abs=0.02)


def test_the_bound_on_what_is_skipped_is_kept_nineteen_times_in_twenty() -> None:
    kept = []
    for seed in range(60):
        small = simulate(260, seed=seed, level=-1.5, weeks=20)
        rows = training_set(small, test_share=0.6)
        probability, test = small.truth, rows.test
        lists = weekly_lists(rows.cutoff[test], rows.lead_id.codes[test], "UTC")
        chance = probability[test][lists.row]
        true = (lowest(lists, chance, 0.5) * chance).sum() / chance.sum()
        high = capacity(rows, probability[test], draws=200, seed=seed)["skip"][4]["conversions"]["high"]
        kept.append(true <= high)
    assert np.mean(kept) >= 0.9


def test_a_list_is_called_safe_by_its_bound_alone(rows: TrainingSet, seen: Simulated) -> None:
    found = capacity(rows, seen.truth[rows.test], draws=100)
    bounds = [one["conversions"]["high"] for one in found["skip"]]
    assert bounds == sorted(bounds)
    good = [one for one in found["skip"] if one["conversions"]["high"] <= SAFE]
    assert found["safe"] == (good[-1] if good else None)


def test_without_dates_or_a_test_the_reason_stands_there(rows: TrainingSet) -> None:
    undated = replace(rows, definition=replace(rows.definition, horizon=None))
    assert "not dated" in capacity(undated, np.full(undated.test.sum(), 0.1))["why"]
    untested = replace(rows, test_from=int(rows.cutoff.max()) + 1)
    assert capacity(untested, np.empty(0))["table"] == []


def test_sums_are_drawn_by_group_as_by_hand() -> None:
    group, part = np.array([0, 0, 1, 2, 2, 2]), np.array([1.0, 0, 1, 0, 0, 1])
    sums = Sums.of(group, {"won": part, "all": np.ones(6)}, draws=300, seed=3)
    random = np.random.default_rng(3)
    by_hand = []
    for _ in range(300):
        drawn = [place for one in random.integers(0, 3, 3) for place in np.flatnonzero(group == one)]
        by_hand.append(part[drawn].sum() / len(drawn))
    assert sums.over("won", "all")[1:] == pytest.approx(by_hand)
    found = sums.ratio("won", "all")
    assert (found.value, found.low) == (0.5, pytest.approx(np.percentile(by_hand, 2.5)))


def test_what_divides_by_nothing_is_undefined_with_a_reason() -> None:
    assert figure(np.array([np.nan, 1.0])).why == "there is nothing to divide by"
    assert Sums.of(np.array([0, 0]), {"a": np.ones(2)}).ratio("a", "a").why == "no interval: nothing was drawn"


def priced(rows: TrainingSet, seen: Simulated, late: float = 0.0) -> tuple[TrainingSet, Amounts]:
    """Each won lead brings in by the first of two sizes, which is an attribute; `late` is added to the test's deals."""
    size = (rows.lead_id.codes % 2).astype(np.float64)
    X = rows.X.copy()
    X[:, 0] = size
    won = np.flatnonzero(rows.label == 1)
    last = {int(rows.lead_id.codes[row]): int(row) for row in won[np.argsort(rows.cutoff[won])]}
    row = np.array(list(last.values()))
    closed = rows.cutoff[row] + DAY
    amount = np.where(size[row] == 1, 10_000.0, 1_000.0) + np.where(closed >= rows.test_from, late, 0.0)
    return replace(rows, X=X), Amounts(rows.lead_id.take(row), closed, amount)


def test_an_amount_is_expected_by_the_attribute_that_tells_it(rows: TrainingSet, seen: Simulated) -> None:
    own, amounts = priced(rows, seen)
    found = expected_amounts(own, amounts, np.flatnonzero(own.test))
    assert isinstance(found, Expected)
    assert found.by == own.definition.columns[0]
    large = own.X[own.test, 0] == 1
    assert found.amount[large].min() > 4 * found.amount[~large].max()


def test_a_deal_of_the_test_says_nothing_of_what_is_expected(rows: TrainingSet, seen: Simulated) -> None:
    expected: list[Any] = []
    for late in (0.0, 500_000.0):
        own, amounts = priced(rows, seen, late)
        found = expected_amounts(own, amounts, np.flatnonzero(own.test))
        assert isinstance(found, Expected)
        expected.append(found.amount)
    assert expected[0].tolist() == expected[1].tolist()


def test_calls_by_expected_value_catch_more_of_the_amounts(rows: TrainingSet, seen: Simulated) -> None:
    own, amounts = priced(rows, seen)
    one = capacity(own, seen.truth[own.test], amounts, per_week=4, draws=50)["table"][0]
    assert one["by_value"]["amount_share"]["value"] > one["amount_share"]["value"]
    assert one["by_value"]["share"]["value"] <= one["share"]["value"]


def test_where_nothing_tells_amounts_the_reason_stands_there(rows: TrainingSet, seen: Simulated) -> None:
    own, amounts = priced(rows, seen)
    few = Amounts(amounts.lead_id.take(np.arange(9)), amounts.closed_at[:9], amounts.amount[:9])
    assert str(MIN_DEALS) in str(expected_amounts(own, few, np.flatnonzero(own.test)))
    same = replace(amounts, amount=np.full(len(amounts), 700.0))
    assert "no attribute" in str(expected_amounts(own, same, np.flatnonzero(own.test)))
    found = capacity(own, seen.truth[own.test], same, per_week=4, draws=5)
    assert "by_value" not in found["table"][0]
    assert found["table"][0]["amount"]["value"] > 0
    assert "no attribute" in found["by_value"]["why"]


def test_leads_without_amounts_have_no_row_of_them(rows: TrainingSet, seen: Simulated) -> None:
    nothing = Amounts(Texts.missing(0), np.empty(0, dtype=np.int64), np.empty(0))
    found = capacity(rows, seen.truth[rows.test], nothing, per_week=4, draws=5)
    assert "amount" not in found["table"][0]
    assert found["by_value"] == {"why": "no won deal has an amount"}
    assert rows.definition.horizon == HORIZON

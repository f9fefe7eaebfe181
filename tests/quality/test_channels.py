"""Channels: every figure against plain loops, and what the figures are made to say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pipeline.definitions.spans import DAY
from pipeline.quality.channels import UNKNOWN, by_channel
from pipeline.quality.cohorts import Came, Periods, Spent
from pipeline.tables.columns import NEVER, Texts

PERIODS = Periods(until=1_000 * DAY, within=50 * DAY, length=200 * DAY)
NAMES = ("search", "social", "fair", None)


def leads(seed: int, size: int = 400) -> Came:
    random = np.random.default_rng(seed)
    created = random.integers(400 * DAY, 1_000 * DAY, size)
    won = random.random(size) < 0.3
    won_at = np.where(won, created + random.integers(DAY, 120 * DAY, size), NEVER)
    won_at[won_at >= PERIODS.until] = NEVER
    probability = np.where(won_at == NEVER, random.random(size) / 4, np.nan)
    probability[random.random(size) < 0.3] = np.nan
    amount = np.where(won_at != NEVER, random.integers(1, 100, size).astype(np.float64), np.nan)
    amount[random.random(size) < 0.1] = np.nan
    return Came(
        created,
        Texts.of([NAMES[code] for code in random.integers(0, 4, size).tolist()]),
        Texts.of([("a", "b")[code] for code in random.integers(0, 2, size).tolist()]),
        random.integers(0, size // 2, size),
        won_at,
        amount,
        np.where(won_at != NEVER, (random.random(size) < 0.2).astype(np.float64), np.nan),
        probability,
    )


def amounts(seed: int, names: tuple[str, ...] = ("search", "fair", "radio"), size: int = 300) -> Spent:
    random = np.random.default_rng([seed, 1])
    return Spent(
        np.sort(random.integers(400 * DAY, 1_000 * DAY, size)),
        Texts.of([names[code] for code in random.integers(0, len(names), size).tolist()]),
        Texts.of([("a", "c")[code] for code in random.integers(0, 2, size).tolist()]),
        random.random(size) * 50,
    )


def made(*channels: tuple[str, int, int, float], at: float | tuple[float, ...] = 800) -> tuple[Came, Spent]:
    """Channels of (name, leads, conversions, cost), each on a day of its own; conversions of the first leads."""
    days = np.array(at if isinstance(at, tuple) else [at] * len(channels)) * DAY
    name = [channel for channel, count, _, _ in channels for _ in range(count)]
    won = np.array([place < conversions for _, count, conversions, _ in channels for place in range(count)])
    created = np.repeat(days, [count for _, count, _, _ in channels]).astype(np.int64)
    won_at = np.where(won, created + DAY, NEVER)
    blank = np.full(len(name), np.nan)
    came = Came(created, Texts.of(name), Texts.missing(len(name)), np.arange(len(name)), won_at, blank, blank, None)
    paid = np.array([cost for _, _, _, cost in channels])
    where = Texts.of([channel for channel, _, _, _ in channels])
    return came, Spent(days.astype(np.int64), where, Texts.missing(len(channels)), paid)


def row(result: dict[str, Any], channel: str, campaign: str | None = None) -> dict[str, Any]:
    return next(one for one in result["channels"] if one["channel"] == channel and one.get("campaign") == campaign)


@pytest.mark.parametrize("campaigns", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_figures_are_those_of_plain_loops(seed: int, campaigns: bool) -> None:
    came, spent = leads(seed), amounts(seed)
    result = by_channel(came, spent, PERIODS, campaigns=campaigns)
    keys = zip(came.channel.values(), came.campaign.values(), strict=True)
    named = [(one or UNKNOWN, two if campaigns else None) for one, two in keys]
    paid = [
        (one or UNKNOWN, two if campaigns else None)
        for one, two in zip(spent.channel.values(), spent.campaign.values(), strict=True)
    ]
    assert {(one["channel"], one.get("campaign")) for one in result["channels"]} == {*named, *paid}
    assert came.probability is not None
    for key in {*named, *paid}:
        one = row(result, *key)
        counted, won, again, firsts, money, expected = 0, 0, [], 0, [], 0.0
        for place, whose in enumerate(named):
            created, first, chance = came.created_at[place], came.won_at[place], came.probability[place]
            if whose != key:
                continue
            if 750 * DAY <= created < 950 * DAY:
                counted += 1
                if first != NEVER and first - created < 50 * DAY:
                    won += 1
                    money.append(came.amount[place])
                    again.append(came.again[place])
            if 800 * DAY <= created < 1_000 * DAY:
                firsts += first != NEVER
                expected += (first != NEVER) + (0 if np.isnan(chance) else chance)
        cost = sum(
            amount
            for at, amount, whose in zip(spent.at, spent.amount, paid, strict=True)
            if whose == key and 750 * DAY <= at < 950 * DAY
        )
        settled, latest = one["settled"], one["latest"]
        assert settled["leads"] == counted
        assert settled["conversions"]["value"] == won
        assert settled["rate"]["value"] == (won / counted if counted else None)
        assert settled["cost"] == pytest.approx(cost)
        assert settled["again"]["value"] == (pytest.approx(np.mean(again)) if won else None)
        if cost and won:
            assert settled["cost_per_conversion"]["value"] == pytest.approx(cost / won)
            assert settled["cost_per_lead"]["value"] == pytest.approx(cost / counted)
            assert settled["amount_per_cost"]["value"] == pytest.approx(np.nanmean(money) * won / cost)
        assert latest["won"] == firsts
        assert latest["expected"]["value"] == pytest.approx(expected)


def test_all_is_the_sum_of_the_channels() -> None:
    result = by_channel(leads(9), amounts(9), PERIODS)
    for period, figure in (("settled", "conversions"), ("latest", "expected")):
        total = sum(one[period][figure]["value"] for one in result["channels"])
        assert result["all"][period][figure]["value"] == pytest.approx(total)
    assert result["all"]["settled"]["cost"] == pytest.approx(sum(one["settled"]["cost"] for one in result["channels"]))


@pytest.mark.parametrize(
    ("created", "counted"),
    [(750 * DAY - 1, 0), (750 * DAY, 1), (950 * DAY - 1, 1), (950 * DAY, 0)],
)
def test_a_lead_and_its_cost_are_settled_exactly_when_its_time_is_over(created: int, counted: int) -> None:
    came, spent = made(("search", 1, 1, 10.0), at=created / DAY)
    came.created_at[:], spent.at[:] = created, created
    came.won_at[:] = created + 50 * DAY - 1
    one = by_channel(came, spent, PERIODS)["all"]["settled"]
    assert (one["leads"], one["conversions"]["value"], one["cost"]) == (counted, counted, 10.0 * counted)


def test_a_deal_won_after_the_given_time_is_no_conversion() -> None:
    came, spent = made(("search", 1, 1, 10.0))
    came.won_at[:] = came.created_at + 50 * DAY
    assert by_channel(came, spent, PERIODS)["channels"][0]["settled"]["conversions"]["value"] == 0


def test_chances_of_being_the_cheapest_add_up_to_one_over_those_with_leads_and_cost() -> None:
    result = by_channel(leads(3), amounts(3), PERIODS)
    chances = {one["channel"]: one["settled"]["cheapest"] for one in result["channels"]}
    assert chances["social"] is chances["radio"] is chances[UNKNOWN] is None
    assert chances["search"] + chances["fair"] == pytest.approx(1)
    assert result["all"]["settled"]["cheapest"] is None


def test_a_channel_far_cheaper_than_the_others_is_named() -> None:
    said = by_channel(*made(("search", 500, 80, 800.0), ("fair", 500, 80, 8_000.0)), PERIODS)["said"]
    assert said[0].startswith("The next budget belongs on search")
    assert "10 (8.1 to 13)" in said[0] or "10 (8 to 13)" in said[0]


def test_channels_alike_are_not_told_apart() -> None:
    said = by_channel(*made(("search", 500, 40, 800.0), ("fair", 500, 42, 800.0)), PERIODS)["said"]
    assert said[0].startswith("Where the next budget should go cannot be told yet")
    assert "fair" in said[0]
    assert "search" in said[0]


def test_a_channel_without_a_conversion_may_still_be_the_cheapest() -> None:
    result = by_channel(*made(("search", 500, 40, 8_000.0), ("blog", 8, 0, 20.0)), PERIODS)
    assert row(result, "blog")["settled"]["cost_per_conversion"]["value"] is None
    assert row(result, "blog")["settled"]["cheapest"] > 0.5
    assert any("no conversion of it yet: blog" in one for one in result["said"])


def test_spend_without_leads_and_leads_without_spend_are_said() -> None:
    came, spent = made(("search", 50, 10, 800.0), ("referral", 20, 8, 0.0), ("radio", 0, 0, 300.0))
    said = " ".join(by_channel(came, spent, PERIODS)["said"])
    assert "no lead of it: radio" in said
    assert "No spend is known of referral" in said


def test_a_channel_of_long_ago_is_left_out() -> None:
    came, spent = made(("search", 50, 10, 800.0), ("fax", 50, 10, 800.0), at=(800, 300))
    assert [one["channel"] for one in by_channel(came, spent, PERIODS)["channels"]] == ["search"]


def test_no_table_of_spend_leaves_costs_null_and_says_how_to_name_one() -> None:
    result = by_channel(leads(2), None, PERIODS)
    assert result["costs"] is False
    for one in result["channels"]:
        assert one["settled"]["cost"] is one["settled"]["cost_per_conversion"]["value"] is None
        assert one["settled"]["cheapest"] is None
        assert one["settled"]["rate"]["low"] >= 0
    assert "sources.spend" in result["said"][0]


def test_without_a_model_nothing_is_expected_of_anybody() -> None:
    latest = by_channel(*made(("search", 50, 10, 800.0), at=990), PERIODS)["channels"][0]["latest"]
    assert latest["won"] == 10
    assert latest["expected"]["value"] is latest["cost_per_expected_conversion"]["value"] is latest["open"] is None
    assert latest["expected"]["why"] == "no model serves"


def test_a_spelling_nearly_that_of_the_leads_is_named() -> None:
    came, spent = made(("paid_search", 50, 10, 800.0), ("radio", 0, 0, 100.0))
    spent = Spent(spent.at, Texts.of(["Paid Search", "radio"]), spent.campaign, spent.amount)
    said = by_channel(came, spent, PERIODS)["said"]
    assert [one for one in said if "'Paid Search'" in one and "'paid_search'" in one]
    assert [one for one in said if "'radio'" in one] == []


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [(400.0, 4_000.0, "rising"), (4_000.0, 400.0, "falling"), (800.0, 800.0, "no clear change")],
)
def test_the_trend_of_a_cost_is_against_the_period_before(before: float, after: float, said: str) -> None:
    came, spent = made(("search", 100, 40, before), ("search", 100, 40, after), at=(600, 800))
    came.created_at[0] = 500 * DAY
    trend = by_channel(came, spent, PERIODS)["channels"][0]["trend"]
    assert trend["cost_per_conversion"]["said"] == said
    assert trend["conversions"]["said"] == "no clear change"


@pytest.mark.parametrize(("first", "second", "said"), [(20, 80, "rising"), (80, 20, "falling")])
def test_the_trend_of_conversions_is_against_the_period_before(first: int, second: int, said: str) -> None:
    came, spent = made(("search", 100, first, 9.0), ("search", 100, second, 9.0), at=(600, 800))
    came.created_at[0] = 500 * DAY
    trend = by_channel(came, spent, PERIODS)["channels"][0]["trend"]["conversions"]
    assert trend["said"] == said
    assert trend["value"] == pytest.approx(second / first, rel=0.06)


def test_a_rate_is_less_certain_where_whole_accounts_convert() -> None:
    came, spent = made(("search", 100, 40, 9.0))
    alone = by_channel(came, spent, PERIODS)["channels"][0]["settled"]["rate"]
    came.group[:] = np.arange(100) // 8
    together = by_channel(came, spent, PERIODS)["channels"][0]["settled"]["rate"]
    assert together["value"] == alone["value"]
    assert together["high"] - together["low"] > 2 * (alone["high"] - alone["low"])


def test_where_the_leads_begin_later_there_is_no_trend() -> None:
    trend = by_channel(*made(("search", 100, 40, 800.0), at=800), PERIODS)["channels"][0]["trend"]
    assert trend["conversions"]["said"] == "not to tell"
    assert "the leads begin on" in trend["conversions"]["why"]


def test_days_without_leads_or_spend_in_a_period_are_said() -> None:
    said = " ".join(by_channel(*made(("search", 100, 40, 800.0), at=850), PERIODS)["said"])
    assert "The leads begin on" in said
    assert "The spend begins on" in said
    assert "The spend ends on" in said
    whole = " ".join(by_channel(leads(1), amounts(1), PERIODS)["said"])
    assert "begin" not in whole
    assert "ends on" not in whole


def test_leads_that_are_all_too_young_are_said() -> None:
    said = by_channel(*made(("search", 50, 10, 800.0), at=990), PERIODS)["said"]
    assert said[0].startswith("No lead's time to convert is over")


def test_the_same_tables_say_the_same_again() -> None:
    assert by_channel(leads(5), amounts(5), PERIODS) == by_channel(leads(5), amounts(5), PERIODS)


def test_no_lead_and_no_amount_of_late_leave_no_channel_and_say_so() -> None:
    result = by_channel(*made(("fax", 50, 10, 800.0), at=300), PERIODS)
    assert result["channels"] == []
    assert result["said"][0].startswith("No lead's time to convert is over")

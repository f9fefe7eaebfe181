"""What so many calls a week bring in, and which leads are safe to skip: on weekly lists of the test, with intervals.

The calls are those that the tested model would have asked for. Intervals draw groups of leads, as those of quality do;
the calls stay, so that every figure is a ratio of sums over groups and a draw is one product.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np
from scipy.stats import beta

from pipeline.features.amounts import Amounts
from pipeline.features.training_set import TrainingSet
from pipeline.learning.metrics import DRAWS, Figure
from pipeline.quality.entries import entries_of
from pipeline.quality.evaluation import TOO_FEW, WON_TO_JUDGE
from pipeline.quality.ratios import Sums, figure
from pipeline.quality.weekly import WEEK, lowest
from pipeline.quality.worth import Expected, expected_amounts
from pipeline.tables.columns import Floats

SHARES = (0.01, 0.02, 0.05, 0.1, 0.2)
"""Of the open leads of a usual week: the capacities shown where the workspace names none."""

SKIPPED = tuple(round(0.1 * tenth, 1) for tenth in range(1, 10))
"""Shares of each list, the lowest probabilities first, of which it is said what they hold."""

SAFE = 0.05
"""Share of the conversions that may be lost, at the bound, in the list that is called safe to skip."""

Plain = dict[str, Any]


def capacity(
    rows: TrainingSet,
    probability: Floats,
    amounts: Amounts | None = None,
    per_week: int | None = None,
    days: int = WEEK,
    draws: int = DRAWS,
    seed: int = 7,
) -> Plain:
    """The table of calls a week and the lists that are safe to skip, as plain JSON.

    Parameters
    ----------
    rows : its test observations make the lists: each week's open leads, each once, as first observed in that week
    probability : (n,) of the test observations, by a model that has seen nothing of the test
    amounts : of the won deals, where they are known; those before the test say what a lead would bring in
    per_week : calls a week, shown beside half and twice as many; by default several shares of a usual list
    days : how far lists are apart, 7 or more where leads are observed less often; calls are for as long

    Returns
    -------
    `weeks` (lists), `days`, `leads_a_list` (the median list), `conversions` (leads), `table` (one entry a capacity),
    `skip` (one a share of the list), `safe` (the largest share whose bound is at most SAFE, or None), `by_value` (how
    an amount is expected, or `why` not) and `said`. Without dates or a test the lists are empty and `why` says so.

    Notes
    -----
    A lead that was called is not called again within one horizon. `caught`: it converts within the horizon of a call.
    `early`: it was called, and converts later than that. `missed`: it was never called. The three add up to
    `conversions`. `precision` is the share of calls with a conversion within the horizon; `lift` is over drawing as
    many calls among the open leads that are not resting. Amounts are those of conversions.
    """
    judged = np.flatnonzero(rows.test)
    if rows.definition.horizon is None or not len(judged):
        why = "there are no test observations" if not len(judged) else "outcomes are not dated: there are no weeks"
        return {
            "weeks": 0,
            "days": days,
            "conversions": 0,
            "table": [],
            "skip": [],
            "safe": None,
            "why": why,
            "said": [],
        }
    entries = entries_of(rows, judged, probability, amounts, days)
    usual = float(np.median(np.bincount(entries.lists.week)))
    expected: Expected | str = "no won deal has an amount"
    if amounts is not None and len(amounts):
        expected = expected_amounts(rows, amounts, judged[entries.lists.row])
    rankings = {"": entries.probability}
    if not isinstance(expected, str):
        rankings["by_value"] = entries.probability * expected.amount
    several = _around(per_week) if per_week else _usual_capacities(usual * WEEK / days)
    # Each part is summed by group at once: of all observations there may be too many to keep them all.
    parts = entries.by_group(entries.totals())
    for calls_a_week in several:
        for name, score in rankings.items():
            parts |= entries.by_group(entries.called(score, calls_a_week * days / WEEK, f"{calls_a_week}{name}"))
    for share in SKIPPED:
        held = lowest(entries.lists, entries.probability, share) * entries.label
        parts |= entries.by_group({f"lowest {share}": held})
    sums = Sums.of(np.arange(entries.groups), parts, draws, seed)
    table = [_row(sums, calls_a_week, rankings, entries.priced) for calls_a_week in several]
    won_groups = len(np.unique(entries.group[entries.label == 1]))
    skip = [_skipped(sums, share, usual, won_groups) for share in SKIPPED]
    # The bounds rise with the share, so the largest that is good enough is no luckier than the one beside it.
    safe = [one for one in skip if one["conversions"]["high"] is not None and one["conversions"]["high"] <= SAFE]
    conversions = round(sums.total("conversions"))
    return {
        "weeks": entries.lists.weeks,
        "days": days,
        "leads_a_list": usual,
        "conversions": conversions,
        "table": table,
        "skip": skip,
        "safe": safe[-1] if safe else None,
        "by_value": {"why": expected} if isinstance(expected, str) else {"by": expected.by, "said": expected.said},
        "said": list(_said(conversions, table, safe, per_week)),
    }


def _row(sums: Sums, calls_a_week: int, rankings: Collection[str], priced: bool) -> Plain:
    """One capacity: the best by probability, and beside it the best by expected value."""
    found = [_figures(sums, f"{calls_a_week}{name}", priced) for name in rankings]
    return {"per_week": calls_a_week} | found[0] | ({"by_value": found[1]} if len(found) > 1 else {})


def _figures(sums: Sums, prefix: str, priced: bool) -> Plain:
    """The figures of the calls whose sums are named with a prefix; counts are for as many calls as were made."""
    called, conversions = sums.total(f"{prefix} called"), sums.total("conversions")
    by_chance = sums.over(f"{prefix} drawn hit", f"{prefix} drawn")
    precision = sums.over(f"{prefix} hit", f"{prefix} called")
    found = {
        "expected": sums.ratio(f"{prefix} expected", f"{prefix} called", called),
        "caught": sums.ratio(f"{prefix} caught", "conversions", conversions),
        "early": sums.ratio(f"{prefix} early", "conversions", conversions),
        "missed": sums.ratio(f"{prefix} missed", "conversions", conversions),
        "precision": figure(precision),
        "share": sums.ratio(f"{prefix} caught", "conversions"),
        "lift": figure(np.divide(precision, by_chance, out=np.full(len(precision), np.nan), where=by_chance > 0)),
    }
    if priced:
        found["amount"] = sums.ratio(f"{prefix} amount", "amount", sums.total("amount"))
        found["amount_share"] = sums.ratio(f"{prefix} amount", "amount")
    return {"called": called} | {name: one.to_json() for name, one in found.items()}


def _skipped(sums: Sums, share: float, usual: float, won_groups: int) -> Plain:
    """What the lowest share of each list holds of the conversions within the horizon, bounded above at 95 %."""
    plain: Plain = {"share": share, "leads_a_list": share * usual}
    held = sums.over(f"lowest {share}", "won")
    if not won_groups:
        return plain | {"conversions": Figure(None, None, None, "no lead of the lists converts").to_json()}
    value = float(held[0])
    # Draws know only the conversions that are there: of none in the list they would make a bound of none. The exact
    # binomial bound (Clopper and Pearson, 1934) of as many chances as groups converted is the least that is claimed.
    inside = value * won_groups
    bound = float(beta.ppf(0.95, inside + 1, won_groups - inside)) if inside < won_groups else 1.0
    drawn = held[1:][~np.isnan(held[1:])]
    if len(drawn):
        bound = max(bound, float(np.percentile(drawn, 95)))
    return plain | {"conversions": Figure(value, 0.0, bound).to_json()}


def _around(per_week: int) -> list[int]:
    """The capacity that was asked for, half of it and twice as many calls.

    >>> _around(50), _around(1)
    ([25, 50, 100], [1, 2])
    """
    return sorted({max(1, per_week // 2), per_week, 2 * per_week})


def _usual_capacities(list_size: float) -> list[int]:
    """Round numbers of calls near SHARES of a week's list.

    >>> _usual_capacities(1400)
    [15, 30, 75, 150, 300]
    """
    return sorted({_round_number(share * list_size) for share in SHARES})


def _round_number(value: float) -> int:
    """The nearest of 1, 1.5, 2, 2.5, 3, 4, 5, 7.5 and 10 times a power of ten, as a whole number, 1 at least."""
    if value <= 1:
        return 1
    power = 10.0 ** np.floor(np.log10(value))
    steps = np.array([1, 1.5, 2, 2.5, 3, 4, 5, 7.5, 10]) * power
    return int(np.ceil(steps[np.abs(np.log(steps / value)).argmin()]))


def _said(conversions: int, table: list[Plain], safe: list[Plain], asked: int | None) -> Iterator[str]:
    if conversions < WON_TO_JUDGE:
        yield f"Capacity: {TOO_FEW}, {conversions} leads of the test's lists convert and {WON_TO_JUDGE} are needed."
    for one in (one for one in table if one["per_week"] == asked):
        yield f"With {asked} calls a week the tested model {_in_words(one)}."
    if safe:
        last = safe[-1]
        yield (
            f"The lowest {100 * last['share']:.0f} % of each list, about {last['leads_a_list']:,.0f} leads, "
            f"hold {100 * last['conversions']['value']:.1f} % of the conversions, at most "
            f"{100 * last['conversions']['high']:.1f} % (95 %): they are safe to skip."
        )
    elif conversions:
        most = f"{100 * SAFE:.0f} % of the conversions (95 %)"
        yield f"No part of a list is safe to skip: the lowest tenth may hold over {most}."


def _in_words(one: Mapping[str, Any]) -> str:
    share, lift = one["share"], one["lift"]
    told = f"catches {one['caught']['value']:,.0f} conversions where it expected {one['expected']['value']:,.0f}"
    if share["low"] is not None:
        told += f", {100 * share['value']:.0f} % of all ({100 * share['low']:.0f} to {100 * share['high']:.0f} %)"
    if lift["low"] is not None:
        told += f", {lift['value']:.1f} times as many as calls at random ({lift['low']:.1f} to {lift['high']:.1f})"
    return told

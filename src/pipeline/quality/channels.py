"""Channels: what each brought, what it cost, and how sure that is. Averages of what was spent, never causes.

Three periods of one length are told apart. The *settled* one is of the leads whose time to convert is over: created in
`[until - within - length, until - within)`, each given the same time, `within`, from its creation on; its cost is what
was spent on the same days. The one *before* is for the trend. The *latest* ends at `until`: its leads may still
convert, and the open ones count with their calibrated probability.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.spans import DAY
from pipeline.definitions.zones import iso
from pipeline.learning.metrics import Figure
from pipeline.quality.advice import said
from pipeline.quality.cohorts import Came, Mask, Period, Periods, Spent, doubts, during
from pipeline.quality.totals import Total, change, share
from pipeline.tables.columns import NEVER, Floats

DRAWS = 10_000
SEED = 7
UNKNOWN = "(not said)"
NO_TABLE = "no spend is known"
NO_AMOUNT = "no amount is known"
NO_MODEL = "no model serves"
NOBODY = "no lead"
NO_OTHER = "no converted lead with a contact or an account"


def by_channel(came: Came, spent: Spent | None, periods: Periods, *, campaigns: bool = False) -> dict[str, Any]:
    """Figures of each channel, or of each campaign of each channel, those with the most leads first; and what they say.

    Plain JSON, as docs/channels.md has it. A channel that only the spend names has no leads; without spend, figures of
    cost are null. What has neither lead nor cost in the settled and the latest period is left out.
    """
    keys, of_lead, of_spend = _keys(came, spent, campaigns)
    begun = int(came.created_at.min(initial=periods.until))
    rows = [
        _One.of(came.take(of_lead == place), None if spent is None else spent.take(of_spend == place), periods, begun)
        for place in range(len(keys))
    ]
    random = np.random.default_rng(SEED)
    settled = _cheapest([(row.settled, row.conversions) for row in rows], random)
    latest = _cheapest([(row.latest, row.expected) for row in rows], random)
    plain = [
        key | row.to_json(first, second) for key, row, first, second in zip(keys, rows, settled, latest, strict=True)
    ]
    plain = [
        row for row in plain if any(row[period][of] for period in ("settled", "latest") for of in ("leads", "cost"))
    ]
    plain.sort(key=lambda row: (-row["settled"]["leads"], -row["latest"]["leads"]))
    return {
        "settled": _ends(periods.settled) | {"within_days": periods.within / DAY},
        "before": _ends(periods.before),
        "latest": _ends(periods.latest),
        "costs": spent is not None,
        "channels": plain,
        "all": _One.of(came, spent, periods, begun).to_json(None, None),
        "said": [*said(plain, spent is not None), *doubts(came, spent, periods)],
    }


def _ends(period: Period) -> dict[str, Any]:
    return {"from": iso(period[0]), "to": iso(period[1])}


def _keys(
    came: Came, spent: Spent | None, campaigns: bool
) -> tuple[list[dict[str, str]], NDArray[np.int64], NDArray[np.int64]]:
    """Every channel (and campaign) that a lead or an amount names, and each lead's and amount's place among them."""

    def named(of: Came | Spent) -> list[tuple[str, ...]]:
        parts = (of.channel, of.campaign) if campaigns else (of.channel,)
        return [*zip(*([word or UNKNOWN for word in part.values()] for part in parts), strict=True)]

    leads, amounts = named(came), [] if spent is None else named(spent)
    known = sorted({*leads, *amounts})
    place = {key: number for number, key in enumerate(known)}
    keys = [dict(zip(("channel", "campaign"), key, strict=False)) for key in known]
    of_lead, of_spend = (np.array([place[key] for key in each], dtype=np.int64) for each in (leads, amounts))
    return keys, of_lead, of_spend


@dataclass(frozen=True)
class _One:
    """The figures of one channel, or of all, and the totals behind them."""

    conversions: Total
    expected: Total | None
    settled: Mapping[str, Any]
    latest: Mapping[str, Any]
    trend: Mapping[str, Figure]

    @classmethod
    def of(cls, came: Came, spent: Spent | None, periods: Periods, begun: int) -> _One:
        """Of the given leads and amounts; `begun` is when the first lead of all was created."""
        settled, latest, before = (
            during(came.created_at, period) for period in (periods.settled, periods.latest, periods.before)
        )
        in_time = came.in_time(periods.within)
        settled_cost, latest_cost, before_cost = (
            None if spent is None else spent.during(period)
            for period in (periods.settled, periods.latest, periods.before)
        )
        leads, conversions = _total(came, settled), _total(came, settled & in_time)
        amount = _amount(came, settled & in_time)
        again = came.again[settled & in_time & ~np.isnan(came.again)]
        had = latest & (came.won_at != NEVER)
        expected, waiting = None, 0
        if came.probability is not None:
            open_ = latest & ~np.isnan(came.probability)
            expected, waiting = _total(came, had) + _chances(came.probability[open_]), int(open_.sum())
        earlier = _total(came, before & in_time)
        late = f"the leads begin on {iso(begun)[:10]}, after the period before the settled one began"
        why = late if begun > periods.before[0] else None
        return cls(
            conversions,
            expected,
            {
                "leads": int(settled.sum()),
                "conversions": conversions.figure,
                "rate": share(conversions.value, leads.value, conversions.together, NOBODY),
                "amount": _none(NO_AMOUNT) if amount is None else amount.figure,
                "again": share(float(again.sum()), float(len(again)), 1.0, NO_OTHER),
                "cost": settled_cost,
                "cost_per_lead": _under(leads, settled_cost),
                "cost_per_conversion": _under(conversions, settled_cost),
                "amount_per_cost": _over(amount, settled_cost),
            },
            {
                "leads": int(latest.sum()),
                "won": int(had.sum()),
                "open": waiting if came.probability is not None else None,
                "expected": _none(NO_MODEL) if expected is None else expected.figure,
                "cost": latest_cost,
                "cost_per_lead": _under(_total(came, latest), latest_cost),
                "cost_per_expected_conversion": _none(NO_MODEL) if expected is None else _under(expected, latest_cost),
            },
            {
                "conversions": change(conversions, 1.0, earlier, 1.0, why),
                "cost_per_conversion": change(earlier, before_cost, conversions, settled_cost, why),
            },
        )

    def to_json(self, settled: float | None, latest: float | None) -> dict[str, Any]:
        """Plain JSON, with the chances of being the cheapest."""
        return {
            "settled": {**_plain(self.settled), "cheapest": settled},
            "latest": {**_plain(self.latest), "cheapest": latest},
            "trend": {key: figure.to_json() | {"said": _direction(figure)} for key, figure in self.trend.items()},
        }


def _plain(figures: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value.to_json() if isinstance(value, Figure) else value for key, value in figures.items()}


def _total(came: Came, rows: Mask) -> Total:
    return Total.of(np.ones(int(rows.sum())), came.group[rows])


def _amount(came: Came, won: Mask) -> Total | None:
    """What won leads brought in; None where no amount is known. A lead without one counts as the mean of the others."""
    amount = came.amount[won]
    known = amount[~np.isnan(amount)]
    if not len(known):
        return None
    return Total.of(np.where(np.isnan(amount), known.mean(), amount), came.group[won], float(known.mean()))


def _chances(probability: Floats) -> Total:
    """The conversions to come among open leads: what chance alone leaves, the model taken at its word."""
    return Total(float(probability.sum()), float((probability * (1 - probability)).sum()), 1.0)


def _none(why: str) -> Figure:
    return Figure(None, None, None, why)


def _under(total: Total, cost: float | None) -> Figure:
    return _none(NO_TABLE) if cost is None else total.under(cost)


def _over(total: Total | None, cost: float | None) -> Figure:
    if total is None or cost is None:
        return _none(NO_AMOUNT if total is None else NO_TABLE)
    return total.over(cost)


def _direction(ratio: Figure) -> str:
    if ratio.low is None or ratio.high is None:
        return "not to tell"
    return "rising" if ratio.low > 1 else "falling" if ratio.high < 1 else "no clear change"


def _cheapest(
    channels: Sequence[tuple[Mapping[str, Any], Total | None]], random: np.random.Generator
) -> list[float | None]:
    """Of each channel with leads and a cost the chance that a unit of its total costs least, by draws of the truth."""
    drawn = [
        figures["cost"] / total.drawn(random, DRAWS)
        if total is not None and figures["leads"] and (figures["cost"] or 0) > 0
        else None
        for figures, total in channels
    ]
    priced = [costs for costs in drawn if costs is not None]
    if not priced:
        return [None] * len(channels)
    least = np.min(np.stack(priced), axis=0)
    return [None if costs is None else float((costs == least).mean()) for costs in drawn]

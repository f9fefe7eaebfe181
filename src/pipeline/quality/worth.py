"""What a lead would bring in if it were won: the mean amount of earlier won deals of leads like it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.features.amounts import Amounts
from pipeline.features.training_set import TrainingSet
from pipeline.tables.columns import Floats

MIN_DEALS = 30
"""Earlier won deals with an amount below which nothing is expected of an amount."""

MOST_VALUES = 12
"""Different values of a number (a band of company sizes, say) up to which each is a segment."""

PSEUDO_DEALS = 10
"""So many deals of the mean amount are added to each segment's own: few deals do not make a segment rich."""

EARNED = 0.99
"""An attribute makes segments if it brings the squared error of left-out deals down to this share of the whole's."""


@dataclass(frozen=True)
class Expected:
    """The expected amount of each of n observations, and how it came about in a sentence. `by`: the attribute."""

    amount: Floats
    by: str
    said: str


def expected_amounts(rows: TrainingSet, amounts: Amounts, judged: NDArray[np.int64]) -> Expected | str:
    """The expected amount of the observations `judged` (m,), by deals won before the test starts; or why there is none.

    A deal's lead is taken as it was last observed before the deal. Of the attributes, the one that tells the amounts of
    left-out deals best (by the logarithm) makes the segments; each has its mean shrunk to that of all. Where no
    attribute tells them better than the mean of all does, the reason stands in place of amounts: p x amount would rank
    as p does.
    """
    earlier = amounts.closed_at < rows.test_from
    if earlier.sum() < MIN_DEALS:
        return f"{int(earlier.sum())} deals won before the test have an amount; {MIN_DEALS} are needed"
    observed, deal = _last_observed(rows, amounts, np.flatnonzero(earlier))
    amount = amounts.amount[deal]
    if len(amount) < MIN_DEALS:
        return f"{len(amount)} of the deals won before the test belong to a lead observed before it; {MIN_DEALS} needed"
    size = np.log1p(np.maximum(amount, 0.0))
    # Where all amounts are the same, what is left is rounding.
    best, name = EARNED * _left_out_error(size, np.zeros(len(size), dtype=np.int64)) - 1e-9, None
    for column in _attributes(rows):
        values = rows.X[observed, column]
        if column not in rows.definition.categorical and len(np.unique(values[~np.isnan(values)])) > MOST_VALUES:
            continue
        error = _left_out_error(size, np.unique(values, return_inverse=True)[1])
        if error < best:
            best, name = error, column
    if name is None:
        return "no attribute tells the amounts of earlier deals: the most probable leads are the most valuable ones"
    values, segment = np.unique(rows.X[observed, name], return_inverse=True)
    mean = float(amount.mean())
    sums, counts = np.bincount(segment, amount), np.bincount(segment)
    means = (sums + PSEUDO_DEALS * mean) / (counts + PSEUDO_DEALS)
    asked = rows.X[judged, name]
    place = np.minimum(np.searchsorted(values, asked), len(values) - 1)
    same = (values[place] == asked) | (np.isnan(values[place]) & np.isnan(asked))
    by = rows.definition.columns[name]
    said = (
        f"A lead's amount is expected to be the mean of the {len(amount):,} deals won before the test of its {by}, "
        f"shrunk to the mean of all ({mean:,.0f}): from {means.min():,.0f} to {means.max():,.0f}."
    )
    return Expected(np.where(same, means[place], mean), by, said)


def _last_observed(
    rows: TrainingSet, amounts: Amounts, deal: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of each deal whose lead was observed before it, and before the test: that observation, and the deal."""
    lead = amounts.lead_id.recode(rows.lead_id.words)[deal]
    usable = np.flatnonzero(rows.cutoff < rows.test_from)
    usable = usable[np.lexsort((rows.cutoff[usable], rows.lead_id.codes[usable]))]
    both = np.concatenate([rows.cutoff[usable], amounts.closed_at[deal]])
    rank = np.unique(both, return_inverse=True)[1].astype(np.int64)
    size = len(both) + 1
    who = rows.lead_id.codes[usable].astype(np.int64)
    keys = who * size + rank[: len(usable)]
    place = np.searchsorted(keys, lead.astype(np.int64) * size + rank[len(usable) :], side="right") - 1
    found = (place >= 0) & (who[np.maximum(place, 0)] == lead) if len(usable) else np.zeros(len(deal), dtype=np.bool_)
    return usable[place[found]], deal[found]


def _attributes(rows: TrainingSet) -> list[int]:
    """The positions of the columns that hold an attribute."""
    definition = rows.definition
    return [
        column
        for column, criterion in enumerate(definition.criterion_of)
        if definition.criteria[criterion].attribute is not None
    ]


def _left_out_error(size: Floats, segment: NDArray[np.integer]) -> float:
    """Mean squared error of each deal's size by the shrunk mean of the others of its segment."""
    mean, counts, sums = float(size.mean()), np.bincount(segment), np.bincount(segment, size)
    others = (sums[segment] - size + PSEUDO_DEALS * mean) / (counts[segment] - 1 + PSEUDO_DEALS)
    return float(((size - others) ** 2).mean())

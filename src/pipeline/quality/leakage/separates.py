"""How well one column alone tells won from lost, without learning it from the leads that it is asked of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.quality.leakage.levels import Column
from pipeline.quality.leakage.odds import area
from pipeline.tables.columns import Codes, Floats, Texts

Mask = NDArray[np.bool_]

GROUPS = 16
"""A column of numbers is cut into so many groups of equal size, and one more of those without a number."""

MOST_WORDS = 50
SHRINKAGE = 10.0
"""A group's share of won leads is drawn towards the share of all, as if so many leads more had that."""


@dataclass(frozen=True)
class Separation:
    """The AUC of one column and its 95 % interval; NaN where leads of one outcome alone are there."""

    auc: float
    low: float
    high: float


def grouped(column: Column) -> Codes:
    """The column as groups, from 0: none, then its words by how frequent they are, or its numbers by size."""
    if isinstance(column.values, Texts):
        counts = np.bincount(column.values.codes[column.values.codes >= 0], minlength=len(column.values.words))
        place = np.full(len(counts) + 1, MOST_WORDS + 1, dtype=np.int32)
        place[np.argsort(-counts, kind="stable")[:MOST_WORDS]] = np.arange(1, min(MOST_WORDS, len(counts)) + 1)
        place[-1] = 0
        return place[column.values.codes]
    numbers = column.values
    there = ~np.isnan(numbers)
    found = np.zeros(len(numbers), dtype=np.int32)
    if there.any():
        edges = np.unique(np.quantile(numbers[there], np.linspace(0, 1, GROUPS + 1)[1:-1]))
        found[there] = np.searchsorted(edges, numbers[there], side="right") + 1
    return found


def separation(groups: Codes, won: Mask) -> Separation:
    """How well groups tell won leads from others: of every lead the share won among the other half of the leads.

    `groups` and `won` are of the same n leads, in an order that has nothing to do with either half.
    """
    score = shares(groups, won)
    auc, error = area(score, won)
    return Separation(auc, max(0.0, auc - 1.96 * error), min(1.0, auc + 1.96 * error))


def shares(groups: Codes, won: Mask) -> Floats:
    """Of every lead the share won among the leads of its group in the other half, drawn towards the share of all."""
    half = np.arange(len(won)) % 2
    size = int(groups.max(initial=0)) + 1
    score = np.empty(len(won))
    for side in (0, 1):
        other = half != side
        usual = won[other].mean() if other.any() else 0.0
        count = np.bincount(groups[other], minlength=size)
        wins = np.bincount(groups[other], weights=won[other], minlength=size)
        score[~other] = ((wins + SHRINKAGE * usual) / (count + SHRINKAGE))[groups[~other]]
    return score

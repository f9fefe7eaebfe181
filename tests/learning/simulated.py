"""Observations of leads with a known truth, week by week, for tests of what learns from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.definitions.criteria import TIMING, Criterion
from pipeline.definitions.spans import DAY
from pipeline.features.matrix import Definition
from pipeline.features.training_set import TrainingSet
from pipeline.tables.columns import Floats, Instants, Texts

HORIZON = 30 * DAY
WEEK = 7 * DAY
NOW = 1_780_000_000_000_000


@dataclass(frozen=True)
class Simulated:
    """n observations in no order: measures (n, p), of which `categorical` are codes, labels and their true chance."""

    X: Floats
    label: np.ndarray[tuple[int], np.dtype[np.int8]]
    truth: Floats
    cutoff: Instants
    lead: np.ndarray[tuple[int], np.dtype[np.int64]]
    categorical: tuple[int, ...]


def simulate(leads: int, columns: int = 8, seed: int = 0, level: float = -3.0, weeks: int = 60) -> Simulated:
    """Each lead is observed weekly from a week of its own on; its labels share one fate, drawn once.

    Columns are, in turn: skewed counts, numbers with a third missing, and categories with some missing.
    """
    random = np.random.default_rng(seed)
    length = random.integers(1, 16, leads)
    lead = np.repeat(np.arange(leads), length)
    week = np.arange(len(lead)) - np.repeat(np.cumsum(length) - length, length)
    cutoff = NOW + (random.integers(0, weeks, leads)[lead] + week) * WEEK
    X = random.normal(size=(len(lead), columns))
    third = columns // 3
    X[:, :third] = np.floor(np.exp(X[:, :third] + random.normal(size=(leads, third))[lead]))
    X[:, third:-third][random.random((len(lead), columns - 2 * third)) < 0.3] = np.nan
    X[:, -third:] = random.integers(0, 12, (leads, third))[lead]
    X[:, -third:][random.random((len(lead), third)) < 0.1] = np.nan
    score = 0.9 * np.log1p(X[:, 0]) - 0.5 * np.nan_to_num(X[:, third]) + 0.8 * (X[:, -1] % 3 == 0)
    truth = 1 / (1 + np.exp(-(level + score)))
    label = (random.random(leads)[lead] < truth).astype(np.int8)
    mixed = random.permutation(len(lead))
    return Simulated(
        X[mixed], label[mixed], truth[mixed], cutoff[mixed], lead[mixed], tuple(range(columns - third, columns))
    )


def training_set(seen: Simulated, test_share: float = 0.2, horizon: int = HORIZON) -> TrainingSet:
    """All of them mature, two leads an account, the newest share of the cutoffs as the test."""
    columns = seen.X.shape[1]
    names = [f"c{position}" for position in range(columns - len(TIMING))]
    criteria = tuple(Criterion(name, "demographics", attribute=name) for name in names)
    definition = Definition((*criteria, *TIMING), {}, horizon=horizon)
    words = tuple(f"L{number:07d}" for number in range(int(seen.lead.max()) + 1))
    order = np.lexsort((seen.cutoff, seen.lead))
    first = seen.cutoff[order][np.searchsorted(seen.lead[order], seen.lead)]
    return TrainingSet(
        name="simulated",
        lead_id=Texts(seen.lead.astype(np.int32), words),
        cutoff=seen.cutoff,
        created_at=first - 2 * DAY,
        mature=np.ones(len(seen.lead), dtype=np.bool_),
        label=seen.label,
        group=seen.lead // 2,
        X=seen.X,
        definition=definition,
        test_from=int(np.quantile(seen.cutoff, 1 - test_share, method="nearest")),
        data_hash="0" * 64,
        data_until=int(seen.cutoff.max()) + horizon,
        kinds=(),
        flows={},
    )

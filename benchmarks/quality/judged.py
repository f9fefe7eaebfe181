"""Ours beside the best peer on the same test: differences in log loss and AUC, with paired intervals over groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.learning.metrics import DRAWS, Figure, drawn_weights, figure_of_draws, paired_log_loss, quality

Floats = NDArray[np.float64]
FIGURES = ("log_loss", "auc")


def figures(label: NDArray[np.int8], probability: Floats, group: NDArray[np.int64]) -> dict[str, float | None]:
    """Log loss and AUC of one."""
    found = quality(label, probability, group, draws=0)
    return {name: found[name].value for name in FIGURES}


def best(found: Mapping[str, Mapping[str, Any]], figure: str) -> str:
    """The peer with the lowest log loss, or the highest AUC."""
    sign = 1 if figure == "log_loss" else -1
    return min(found, key=lambda name: sign * found[name][figure])


def difference(
    figure: str, label: NDArray[np.int8], ours: Floats, theirs: Floats, group: NDArray[np.int64], draws: int = DRAWS
) -> Figure:
    """Ours minus theirs, both judged on the same drawn groups."""
    if figure == "log_loss":
        return paired_log_loss(label, ours, theirs, group, draws)
    return paired_auc(label, ours, theirs, group, draws)


def paired_auc(
    label: NDArray[np.int8],
    ours: Floats,
    theirs: Floats,
    group: NDArray[np.int64],
    draws: int = DRAWS,
    seed: int = 7,
) -> Figure:
    """The AUC of `ours` minus that of `theirs`: above 0, ours is better. Draws of as many groups as there are."""
    ids, group = np.unique(group, return_inverse=True)
    ranks = [_ranked(label, probability) for probability in (ours, theirs)]

    def gap(weight: Floats) -> float:
        one, other = (_auc(weight, *ranked) for ranked in ranks)
        return one - other

    drawn = np.array([gap(weight) for weight in drawn_weights(group, len(ids), draws, seed)])
    return figure_of_draws(gap(np.ones(len(label))), drawn)


def _ranked(label: NDArray[np.int8], probability: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """The order by probability, where each of its different values starts, and the labels in that order."""
    order = np.argsort(probability, kind="stable")
    starts = np.flatnonzero(np.diff(probability[order], prepend=-1.0))
    return order, starts, (label[order] == 1).astype(np.float64)


def _auc(weight: Floats, order: NDArray[np.int64], starts: NDArray[np.int64], won: Floats) -> float:
    """The chance that a won row is ranked above a lost one, ties counting half; a weight of 2 is a row twice."""
    total = weight[order]
    wins = np.add.reduceat(total * won, starts)
    losses = np.add.reduceat(total, starts) - wins
    pairs = wins.sum() * losses.sum()
    return float((wins * (np.cumsum(losses) - losses / 2)).sum() / pairs) if pairs else np.nan


def no_worse(figure: str, found: Figure) -> bool:
    """Whether ours is as good as the other, within the interval."""
    assert found.low is not None and found.high is not None, found.why
    return found.low <= 0 if figure == "log_loss" else found.high >= 0

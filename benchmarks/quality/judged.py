"""Ours beside the best peer on the same test: differences in log loss and AUC, with paired intervals over groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.learning.figures import safe_log
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
    figure: str,
    label: NDArray[np.int8],
    ours: Sequence[Floats],
    theirs: Sequence[Floats],
    group: NDArray[np.int64],
    draws: int = DRAWS,
) -> Figure:
    """Ours minus theirs, a seed each, as the mean over seeds: all are judged on the same drawn groups."""
    if len(ours) == 1 and figure == "log_loss":
        return paired_log_loss(label, ours[0], theirs[0], group, draws)
    ids, group = np.unique(group, return_inverse=True)
    if figure == "log_loss":
        of = [np.mean([_losses(label, p) for p in side], axis=0) for side in (ours, theirs)]
        apart = of[0] - of[1]

        def gap(weight: Floats) -> float:
            return float((weight * apart).sum() / weight.sum())
    else:
        ranked = [[_ranked(label, p) for p in side] for side in (ours, theirs)]

        def gap(weight: Floats) -> float:
            one, other = (np.mean([_auc(weight, *each) for each in side]) for side in ranked)
            return float(one - other)

    drawn = np.array([gap(weight) for weight in drawn_weights(group, len(ids), draws, 7)])
    return figure_of_draws(gap(np.ones(len(label))), drawn)


def _losses(label: NDArray[np.int8], probability: Floats) -> Floats:
    return -np.where(label == 1, safe_log(probability), safe_log(1 - probability))


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

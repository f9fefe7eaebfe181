"""The two curves behind the figures, as numbers with intervals: what was promised and came, and what the best catch."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from pipeline.learning.figures import BINS, Ranked
from pipeline.learning.metrics import DRAWS, drawn_weights, figure_of_draws, independent_of_both, mean_figure

SHARES = (0.01, 0.02, 0.05, *(tenth / 10 for tenth in range(1, 11)))
"""Of the observations, those with the highest probabilities."""

NEEDED = 2 * BINS
"""Observations below which there is no curve."""


def curves(label: ArrayLike, probability: ArrayLike, group: ArrayLike, draws: int = DRAWS) -> dict[str, Any]:
    """Both curves of n observations: `reliability` and `gain`."""
    return {
        "reliability": reliability(label, probability, group, draws),
        "gain": gain(label, probability, group, draws),
    }


def reliability(label: ArrayLike, probability: ArrayLike, group: ArrayLike, draws: int = DRAWS) -> list[dict[str, Any]]:
    """Up to 10 bins of equal size by probability, the lowest first; equal probabilities (n,) stay in one bin.

    A bin has `n`, its least and greatest probability `from` and `to`, `mean_probability`, and `won_share` as a figure
    whose interval draws groups (n,). A calibrated model has the one inside the other's interval, 19 times of 20. Empty
    below 20 observations.
    """
    y, p, owner = np.asarray(label, dtype=np.float64), np.asarray(probability), np.asarray(group)
    if len(p) < NEEDED:
        return []
    order = np.argsort(p, kind="stable")
    edges = np.searchsorted(p[order], p[order][[len(p) * part // BINS for part in range(BINS)]], side="left")
    return [
        {
            "n": len(rows),
            "from": float(p[rows[0]]),
            "to": float(p[rows[-1]]),
            "mean_probability": float(p[rows].mean()),
            "won_share": mean_figure(y[rows], owner[rows], draws).to_json(),
        }
        for rows in np.split(order, np.unique(edges)[1:])
    ]


def gain(
    label: ArrayLike, probability: ArrayLike, group: ArrayLike, draws: int = DRAWS, seed: int = 7
) -> list[dict[str, Any]]:
    """Which share of the won observations the highest probabilities (n,) hold, for each of SHARES: `share`, `caught`.

    `caught` is a figure whose interval draws groups (n,); caught / share is the lift. Ties at the edge count in part.
    Empty where nothing is won, and below 20 observations.

    >>> gain([1] * 5 + [0] * 15, [0.9] * 5 + [0.1] * 15, range(20), draws=0)[4]["caught"]["value"]
    0.8
    """
    y, p = np.asarray(label, dtype=np.float64), np.asarray(probability, dtype=np.float64)
    ids, owner = np.unique(np.asarray(group), return_inverse=True)
    if len(p) < NEEDED or not y.any():
        return []
    ranked, shares = Ranked.of(y, p, owner), np.asarray(SHARES)

    def caught(weight: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
        won, total = ranked.weigh(weight)
        below = np.concatenate([[0.0], np.cumsum(total)]), np.concatenate([[0.0], np.cumsum(won)])
        if not won.sum():
            return np.full(len(shares), np.nan)
        return np.asarray(np.interp(shares * below[0][-1], *below) / won.sum())

    value = caught(np.ones(len(y)))
    groups = independent_of_both(y, owner)
    drawn = np.array([caught(weight) for weight in drawn_weights(owner, len(ids), draws, seed)])
    return [
        {
            "share": share,
            "caught": figure_of_draws(
                float(value[place]), drawn.reshape(-1, len(SHARES))[:, place], groups=groups
            ).to_json(),
        }
        for place, share in enumerate(SHARES)
    ]

"""Whether two models explain the same leads alike: the order of their criteria, and the first reasons of each lead.

Criteria are matched by name, so that models of different definitions compare; what one lacks says nothing there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from pipeline.learning.metrics import Figure, drawn_weights, figure_of_draws, mean_figure
from pipeline.tables.columns import Floats

FIRST = 3
"""Reasons of a lead that people read."""

DRAWS = 500

Contributions = Mapping[str, Floats]
"""Criterion -> its contributions (n,)."""


@dataclass(frozen=True)
class Stability:
    """How much of one model's explanations the other's have in common, on `leads` leads.

    `rank_correlation` (Spearman's) is of the criteria's mean absolute contributions; `reasons_changed` is the share of
    leads whose first three reasons, in whatever order, are others.
    """

    rank_correlation: Figure
    reasons_changed: Figure
    leads: int

    def to_json(self) -> dict[str, Any]:
        """Both figures and the number of leads."""
        return {
            "rank_correlation": self.rank_correlation.to_json(),
            "reasons_changed": self.reasons_changed.to_json(),
            "leads": self.leads,
        }

    @property
    def sentence(self) -> str:
        """For people, with the intervals; nothing where there are no leads."""
        order, changed = self.rank_correlation, self.reasons_changed
        if not self.leads:
            return ""
        if order.value is None or changed.value is None:
            return f"Explanations cannot be compared: {order.why or changed.why}."
        return (
            f"Explanations: the criteria's order by importance correlates by {order.value:.2f}{_between(order, '.2f')} "
            f"with the champion's, and of {self.leads:,} leads {100 * changed.value:.0f} %"
            f"{_between(changed, '.0f', 100)} have other first three reasons."
        )


def explained_alike(
    mine: Contributions, theirs: Contributions, group: NDArray[np.int64], newest: NDArray[np.bool_]
) -> Stability:
    """Compare two models' contributions to the same n observations.

    Parameters
    ----------
    mine, theirs : contributions by criterion
    group : (n,) integers; observations of one group are drawn together for the intervals
    newest : (n,) mask of each lead's newest observation, whose first reasons count

    Notes
    -----
    A criterion that only one model has counts 0 in the other. Both figures are undefined, with a reason, where a model
    explains nothing (all its contributions are 0) or there are fewer than two criteria.
    """
    names = sorted({*mine, *theirs})
    a, b = (_table(parts, names, len(group)) for parts in (mine, theirs))
    leads = int(newest.sum())
    why = _undefined(a, b, len(names))
    if why is not None:
        return Stability(Figure(None, None, None, why), Figure(None, None, None, why), leads)
    ids, owner = np.unique(group, return_inverse=True)
    sums = [np.column_stack([np.bincount(owner, column, len(ids)) for column in np.abs(x).T]) for x in (a, b)]
    # Not by BLAS, whose bits depend on the number of threads.
    drawn = np.array(
        [
            _spearman(*(np.einsum("g,gc->c", weight, part) for part in sums))
            for weight in drawn_weights(np.arange(len(ids)), len(ids), DRAWS, 7)
        ]
    )
    order = figure_of_draws(_spearman(*(part.sum(axis=0) for part in sums)), drawn)
    others = (_first(a[newest]) != _first(b[newest])).any(axis=1)
    return Stability(order, mean_figure(others, group[newest]), leads)


def _table(parts: Contributions, names: list[str], rows: int) -> Floats:
    return np.column_stack([parts.get(name, np.zeros(rows)) for name in names]) if names else np.zeros((rows, 0))


def _undefined(a: Floats, b: Floats, criteria: int) -> str | None:
    if not len(a):
        return "there are no observations that both can explain"
    if criteria < 2:
        return "there are fewer than two criteria"
    if not a.any() or not b.any():
        return "a model without trees gives every lead the same probability and no reasons"
    return None


def _spearman(a: Floats, b: Floats) -> float:
    """Rank correlation of two lists (c,), ties sharing their ranks; NaN where one is all alike."""
    x, y = (rankdata(values) - (len(values) + 1) / 2 for values in (a, b))
    size = float(np.sqrt((x * x).sum() * (y * y).sum()))
    return float((x * y).sum()) / size if size else float("nan")


def _first(parts: Floats) -> NDArray[np.bool_]:
    """Which criteria are a row's first reasons (n, c): by |contribution|, equal ones by name; never one of 0."""
    places = np.argsort(-np.abs(parts), axis=1, kind="stable")[:, :FIRST]
    among = np.zeros(parts.shape, dtype=np.bool_)
    np.put_along_axis(among, places, True, axis=1)
    return np.asarray(among & (parts != 0))


def _between(figure: Figure, form: str, scale: float = 1) -> str:
    if figure.low is None or figure.high is None:
        return ""
    return f" [{scale * figure.low:{form}} to {scale * figure.high:{form}}]"

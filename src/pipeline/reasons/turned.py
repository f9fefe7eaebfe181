"""Criteria that turned between two models: what grew or shrank, and what speaks the other way, beyond chance.

Both models explain the same observations, so the intervals are of the observations drawn; they are as wide as all that
is asked at once needs, so that of two models that explain alike 95 % tell nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.learning.calibration import dot
from pipeline.learning.metrics import Figure, drawn_weights, figure_of_draws, independent, mean_figure
from pipeline.reasons.depends import Values, direction
from pipeline.tables.columns import Floats

LEAST = 0.02
"""Of the explanation. A share that changed by less is not told, nor what a criterion of less says."""
LEAST_LOG_ODDS = 0.05
"""A category's mean contribution that is nearer to 0 speaks neither for nor against."""
LEAST_ROWS = 20
"""Observations of a category before it is looked at."""
DRAWS, SEED = 4_000, 7

Groups = NDArray[np.int64]
Contributions = Mapping[str, Floats]
"""Criterion -> its contributions (n,)."""


def turned(
    was: Contributions, now: Contributions, values: Mapping[str, Values], group: Groups, draws: int = DRAWS
) -> list[dict[str, Any]]:
    """What one model says of n observations that another did not say, criterion by criterion.

    Parameters
    ----------
    was, now : contributions by criterion of the two models; a criterion that only one has counts 0 in the other
    values : of criteria, the values (n,) that they are of; one that is not there is asked for its share alone
    group : (n,) integers; observations of one group are drawn together

    Returns
    -------
    A row for each turn, the largest change first: `criterion`, `what`, `value`, `was`, `now`, `change`. `what` is
    "share" (of the explanation; its `change` is a figure whose interval is beyond LEAST), "direction" (the rank
    correlation of value and contribution has another sign) or "value" (the mean contribution of the category `value`
    has). Figures have intervals at the level that so many questions need.
    """
    names = sorted({*was, *now})
    if not names or not len(group):
        return []
    zero = np.zeros(len(group))
    a, b = (np.column_stack([parts.get(name, zero) for name in names]) for parts in (was, now))
    level = 1 - 0.05 / _questions(names, values)
    found, shares = [], _shares_of(a, b, group, draws, level)
    for place, name in enumerate(names):
        before, after, change = shares[place]
        if change.low is not None and change.high is not None and (change.low > LEAST or change.high < -LEAST):
            row = {"what": "share", "value": None, "was": before.to_json(), "now": after.to_json()}
            found.append((abs(change.value or 0.0), {"criterion": name, **row, "change": change.to_json()}))
        if min(before.value or 0.0, after.value or 0.0) >= LEAST and name in values:
            size = max(before.value or 0.0, after.value or 0.0)
            rows = _other_way(was[name], now[name], values[name], group, draws, level)
            found += [(size, {"criterion": name, **row, "change": None}) for row in rows]
    found.sort(key=lambda each: (-each[0], each[1]["criterion"]))
    return [row for _, row in found]


def _questions(names: Sequence[str], values: Mapping[str, Values]) -> int:
    """How much is asked at once: a share of each criterion, and a sign of each number or category."""
    signs = 0
    for name in names:
        column = values.get(name)
        if column is not None:
            signs += 1 if isinstance(column, np.ndarray) else len(_looked_at(column))
    return len(names) + signs


def _shares_of(a: Floats, b: Floats, group: Groups, draws: int, level: float) -> list[tuple[Figure, Figure, Figure]]:
    """Of each criterion its share in both models, and the change, all by the same draws."""
    ids, owner = np.unique(group, return_inverse=True)
    sums = [np.column_stack([np.bincount(owner, column, len(ids)) for column in np.abs(x).T]) for x in (a, b)]

    def shares(weight: Floats) -> Floats:
        sizes = [np.einsum("g,gc->c", weight, part) for part in sums]
        return np.array([size / total if (total := float(size.sum())) else size for size in sizes])

    value = shares(np.ones(len(ids)))
    drawn = np.array([shares(w) for w in drawn_weights(np.arange(len(ids)), len(ids), draws, SEED)])
    drawn = drawn.reshape(-1, 2, a.shape[1])
    behind = independent(group)
    return [
        (
            figure_of_draws(float(value[0, place]), drawn[:, 0, place], None, level, behind),
            figure_of_draws(float(value[1, place]), drawn[:, 1, place], None, level, behind),
            figure_of_draws(
                float(value[1, place] - value[0, place]),
                drawn[:, 1, place] - drawn[:, 0, place],
                None,
                level,
                behind,
            ),
        )
        for place in range(a.shape[1])
    ]


def _other_way(
    was: Floats, now: Floats, values: Values, group: Groups, draws: int, level: float
) -> Iterator[dict[str, Any]]:
    """The directions, or categories, whose sign in one model is surely not that in the other."""
    if isinstance(values, np.ndarray):
        points = [direction(parts, values, group, 0).value for parts in (was, now)]
        if (points[0] or 0.0) * (points[1] or 0.0) >= 0:
            return
        before, after = (direction(parts, values, group, draws, level) for parts in (was, now))
        if _sure(before, 0.0) * _sure(after, 0.0) < 0:
            yield {"what": "direction", "value": None, "was": before.to_json(), "now": after.to_json()}
        return
    for word, rows in _looked_at(values).items():
        means = float(dot(was[rows], np.ones(len(rows)))), float(dot(now[rows], np.ones(len(rows))))
        if means[0] * means[1] >= 0:
            continue
        before, after = (mean_figure(parts[rows], group[rows], draws, SEED, level) for parts in (was, now))
        if _sure(before, LEAST_LOG_ODDS) * _sure(after, LEAST_LOG_ODDS) < 0:
            yield {"what": "value", "value": word, "was": before.to_json(), "now": after.to_json()}


def _looked_at(values: Values) -> dict[str, NDArray[np.int64]]:
    where: dict[str, list[int]] = {}
    for row, word in enumerate(values):
        if isinstance(word, str):
            where.setdefault(word, []).append(row)
    return {word: np.array(rows) for word, rows in sorted(where.items()) if len(rows) >= LEAST_ROWS}


def _sure(figure: Figure, least: float) -> int:
    """The sign that a figure surely has, at least so far from 0; 0 where it is not sure."""
    if figure.low is None or figure.high is None or figure.value is None or abs(figure.value) < least:
        return 0
    return 1 if figure.low > 0 else -1 if figure.high < 0 else 0

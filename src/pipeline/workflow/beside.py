"""Two models on the same observations: what each says of them, and whether they give the same reasons."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.workspace import Workspace
from pipeline.features.training_set import TrainingSet
from pipeline.learning.bundle import Bundle
from pipeline.quality.stability import Stability, explained_alike
from pipeline.reasons.explain import add_up
from pipeline.tables.columns import Floats
from pipeline.workflow.hands import HERE, Hands
from pipeline.workflow.schema import Progress, quiet, read_for

EXPLAINED = 10_000
"""Observations that are explained at most, whole groups drawn by lot: more would say the same and take longer."""

Indices = NDArray[np.int64]


def matrix_for(
    bundle: Bundle,
    rows: TrainingSet,
    chosen: Indices,
    workspace: Workspace,
    progress: Progress = quiet,
    hands: Hands = HERE,
) -> Floats:
    """What a model sees of the chosen observations (n,) of a training set, by its own definition: (n, its columns).

    SchemaDriftError where the columns are not those that it was trained with.
    """
    history = read_for(bundle, workspace, progress, hands.read).history
    row_of = {name: row for row, name in enumerate(history.leads.id.values())}
    lead = np.array([row_of[rows.lead_id.words[code]] for code in rows.lead_id.codes[chosen].tolist()], dtype=np.int64)
    matrix, _ = bundle.definition.matrix(hands.measure(history, lead, rows.cutoff[chosen], bundle.definition))
    return matrix


def by_criterion(bundle: Bundle, X: Floats) -> dict[str, Floats]:
    """Criterion -> its contributions (n,) to what the model says of measures (n, p)."""
    definition = bundle.definition
    names = [criterion.name for criterion in definition.criteria]
    _, parts = bundle.model.contributions(X)
    return dict(zip(names, add_up(parts, definition.criterion_of, len(names)).T, strict=True))


def alike(a: Bundle, X_a: Floats, b: Bundle, X_b: Floats, rows: TrainingSet, chosen: Indices) -> Stability:
    """How much of each other's explanations two models have in common on the chosen observations (n,)."""
    some = sampled(rows.group[chosen], EXPLAINED)
    lead, cutoff = rows.lead_id.codes[chosen][some], rows.cutoff[chosen][some]
    mine, theirs = by_criterion(a, X_a[some]), by_criterion(b, X_b[some])
    return explained_alike(mine, theirs, rows.group[chosen][some], newest_of(lead, cutoff))


def newest_of(lead: NDArray[np.integer], cutoff: Indices) -> NDArray[np.bool_]:
    """Whether each observation (n,) is its lead's newest.

    >>> newest_of(np.array([4, 4, 9]), np.array([10, 20, 10])).tolist()
    [False, True, True]
    """
    order = np.lexsort((cutoff, lead))
    last = np.ones(len(lead), dtype=np.bool_)
    last[order] = np.append(lead[order][1:] != lead[order][:-1], np.ones(min(len(lead), 1), dtype=np.bool_))
    return last


def sampled(group: Indices, most: int) -> Indices:
    """Positions of whole groups (n,), drawn by lot as long as there is room for them; all where all have room.

    >>> sampled(np.array([5, 5, 6]), 10).tolist(), len(sampled(np.arange(100), 10))
    ([0, 1, 2], 10)
    """
    if len(group) <= most:
        return np.arange(len(group))
    _, owner, size = np.unique(group, return_inverse=True, return_counts=True)
    lot = np.random.default_rng(7).permutation(len(size))
    taken = np.zeros(len(size), dtype=np.bool_)
    taken[lot[np.cumsum(size[lot]) <= most]] = True
    return np.flatnonzero(taken[owner])

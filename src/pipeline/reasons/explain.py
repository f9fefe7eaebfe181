"""Contributions of columns summed to what people name: criteria, families, sides; and each one's share.

Sums run column by column in the order given, never over a row at once: a lead's sums are the same bits alone or in a
crowd, whatever the memory layout.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.criteria import Criterion
from pipeline.tables.columns import Floats


def add_up(contributions: Floats, groups: Sequence[int], size: int) -> Floats:
    """Sums of columns that share a group: (n, p) and one group of range(size) a column give (n, size).

    >>> add_up(np.array([[1.0, 2.0, 4.0]]), [0, 1, 0], 3).tolist()
    [[5.0, 2.0, 0.0]]
    """
    sums = np.zeros((len(contributions), size))
    for column, group in enumerate(groups):
        sums[:, group] += contributions[:, column]
    return sums


def by_family(contributions: Floats, criteria: Sequence[Criterion]) -> dict[str, Floats]:
    """Family -> (n,) sums of its criteria's contributions (n, criteria); families without a criterion are left out."""
    families = tuple(dict.fromkeys(criterion.family for criterion in criteria))
    sums = add_up(contributions, [families.index(criterion.family) for criterion in criteria], len(families))
    return {family: sums[:, place] for place, family in enumerate(families)}


def by_side(contributions: Floats, criteria: Sequence[Criterion]) -> tuple[Floats, Floats]:
    """Fit and intent: each (n,), the sums of the side's criteria; 0 for a side without a criterion."""
    sums = add_up(contributions, [int(criterion.side == "intent") for criterion in criteria], 2)
    return sums[:, 0], sums[:, 1]


def points(contributions: Floats) -> Floats:
    """Each criterion's share of the explanation: 100 |c| / sum |c| of its row (n, criteria); 0 where all are 0.

    >>> points(np.array([[3.0, -1.0], [0.0, 0.0]])).tolist()
    [[75.0, 25.0], [0.0, 0.0]]
    """
    sizes = np.abs(contributions)
    total = add_up(sizes, [0] * sizes.shape[1], 1)
    return 100 * np.divide(sizes, total, out=np.zeros_like(sizes), where=total > 0)


def sign(contribution: float) -> str:
    """How it speaks for the lead: "+" for it, "-" against it, "0" neither."""
    return "+" if contribution > 0 else "-" if contribution < 0 else "0"


def strongest_first(contributions: Floats, names: Sequence[str]) -> NDArray[np.intp]:
    """The order of each row's criteria, (n, criteria): by |contribution|, largest first, equal ones by name.

    >>> strongest_first(np.array([[0.5, -2.0, 0.5]]), ["b", "c", "a"]).tolist()
    [[1, 2, 0]]
    """
    by_name = np.array(sorted(range(len(names)), key=names.__getitem__), dtype=np.intp)
    order = np.argsort(-np.abs(contributions[:, by_name]), axis=1, kind="stable")
    ordered: NDArray[np.intp] = by_name[order]
    return ordered

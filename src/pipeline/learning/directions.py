"""Which way a criterion may move the margin: the workspace's `monotone`, as a direction a column."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from pipeline.definitions.criteria import Criterion
from pipeline.definitions.yaml_lines import WorkspaceError
from pipeline.features.matrix import Definition

POLARITY = {
    **dict.fromkeys(("count", "share", "total", "mean", "largest", "distinct", "latest", "active_days"), 1),
    "unanswered": 1,
    "trend": 1,
    "days_since_last": -1,
    "days_since_first": 0,
}
"""Measure word -> 1 if it rises as there is more of its criterion, -1 if it falls, 0 if neither."""

SIGNS = {"up": 1, "down": -1}


def directions(
    asked: Mapping[str, str], definition: Definition, left_out: Collection[str] = ()
) -> tuple[int, ...] | None:
    """1, -1 or 0 a column of the definition; None where nothing is asked.

    `asked` maps a criterion to "up" (more of it never lowers the margin) or "down". A criterion of `left_out` that the
    definition does not have asks nothing. WorkspaceError where there is no such criterion, or where a column is
    categorical: words have no order.

    >>> from pipeline.definitions.criteria import Criterion
    >>> plain = {"name": "calls", "when": {"kind": "call"}, "measures": ["count", "days_since_last"]}
    >>> directions({"calls": "up"}, Definition((Criterion.from_json(plain),), {}))
    (1, -1)
    """
    if not asked:
        return None
    criteria = {criterion.name: criterion for criterion in definition.criteria}
    for name in asked:
        if name not in criteria and name not in left_out:
            raise WorkspaceError(f"monotone, {name}: there is no such criterion; expected one of {', '.join(criteria)}")
        for column in criteria[name].columns if name in criteria else ():
            if column in definition.vocabularies:
                raise WorkspaceError(f"monotone, {name}: {column} holds words, which have no order; take it out")
    return tuple(
        SIGNS[asked[criterion.name]] * polarity if criterion.name in asked else 0
        for criterion in definition.criteria
        for polarity in _polarities(criterion)
    )


def _polarities(criterion: Criterion) -> tuple[int, ...]:
    """Of each of its columns; a number is as it is."""
    return tuple(POLARITY[measure.word] for measure in criterion.measures) or (1,)

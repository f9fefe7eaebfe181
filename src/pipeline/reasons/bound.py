"""What the names of a condition are of leads: columns to be measured, and facts under words of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.criteria import Criterion
from pipeline.definitions.meant import meant
from pipeline.definitions.rules import BEFORE, FACTS, SCORED
from pipeline.definitions.terms import Column, means_yes
from pipeline.tables.columns import Floats, Texts

Mask = NDArray[np.bool_]
Columns = Mapping[str, Floats | Texts]


@dataclass(frozen=True)
class Facts:
    """What is visible of n leads, each (n,): fresh interest, any outbound fact, attempts unanswered, an opt-out."""

    interested: Mask
    contacted: Mask
    unanswered: Floats
    opted_out: Mask

    @classmethod
    def read(cls, columns: Columns, interest: Sequence[str] | None = None) -> Facts:
        """From the columns that the `facts` of rules became; `interest` are those of interest, by default all there."""
        if interest is None:
            interest = [name for name in columns if name.startswith("stage interest ")]
        return cls(
            interested=np.logical_or.reduce([_numbers(columns[name]) > 0 for name in interest]),
            contacted=_numbers(columns["stage contacted.count"]) > 0,
            unanswered=_numbers(columns["stage unanswered.unanswered"]),
            opted_out=_says_yes(columns["stage opted_out"]),
        )


def _numbers(column: Floats | Texts) -> Floats:
    assert not isinstance(column, Texts)
    return column


def _says_yes(column: Floats | Texts) -> Mask:
    assert isinstance(column, Texts)
    return np.array([*map(means_yes, column.words), False], dtype=np.bool_)[column.codes]


@dataclass(frozen=True)
class Bound:
    """The names that are no words of their own: `column` gives the column of each.

    `criteria` have to be measured beside a definition's.
    """

    criteria: tuple[Criterion, ...]
    column: Mapping[str, str]


def bind(names: Iterable[str], criteria: Sequence[Criterion]) -> Bound:
    """What names mean where these are the criteria; one that is none of theirs is an attribute.

    >>> found = bind(["sector", "contacted"], [])
    >>> [criterion.attribute for criterion in found.criteria], dict(found.column)
    (['sector'], {'sector': 'asked sector'})
    """
    wanted: dict[str, Criterion] = {}
    column = {}
    for name in names:
        if name in FACTS or name in SCORED or name == BEFORE:
            continue
        criterion = meant(name, criteria)
        assert criterion is not None
        column[name] = name if name in criterion.columns else criterion.columns[0]
        if criterion not in criteria:
            wanted[criterion.name] = criterion
    return Bound(tuple(wanted.values()), column)


def told(names: Iterable[str], bound: Bound, columns: Columns, facts: Facts | None) -> dict[str, Column]:
    """The values of names that need no score: `columns` hold the bound ones, `facts` those with words of their own."""
    values: dict[str, Column] = {name: columns[column] for name, column in bound.column.items()}
    return values | {name: getattr(facts, name) for name in names if name in FACTS}

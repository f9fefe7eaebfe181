"""Criteria made ready for the kernel: which facts each chooses, in which windows, and what each measure computes.

A plan is made once for a set of criteria. For a ledger it says which *class* each fact is of: facts of one class are
named by the same choices, so that a fact is looked at once, whatever the number of criteria.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.criteria import Criterion, Measure
from pipeline.definitions.maps import glob
from pipeline.definitions.spans import DAY
from pipeline.tables.columns import FLOWS, Codes

When = tuple[tuple[str, tuple[str, ...]], ...]

(COUNT, SHARE, TOTAL, MEAN, LARGEST, DISTINCT, LATEST, LATEST_TEXT) = range(8)
(DAYS_SINCE_FIRST, DAYS_SINCE_LAST, UNANSWERED, TREND) = range(8, 12)
"""The words as kernel.c numbers them."""

NUMBER_OF = {
    "count": COUNT,
    "share": SHARE,
    "total": TOTAL,
    "mean": MEAN,
    "largest": LARGEST,
    "distinct": DISTINCT,
    "latest": LATEST,
    "active_days": DISTINCT,
    "days_since_first": DAYS_SINCE_FIRST,
    "days_since_last": DAYS_SINCE_LAST,
    "unanswered": UNANSWERED,
    "trend": TREND,
}

NO_WINDOW = -1

EVERYTHING: When = ()
"""The choice that every ledger has, in place 0: all its facts."""

FEW_WORDS = 256
"""What so few words mean to a plan is kept: a request has the words of the one before it, or hardly any others."""

MOST_CLASSES = 1 << 16
"""More combinations than this are told apart by what the facts hold, not laid out in advance."""


class PlanFields(ctypes.Structure):
    """`struct plan` of kernel.c."""

    _fields_ = (
        *((name, ctypes.c_void_p) for name in ("class_start", "class_choice", "span_choice", "span_window")),
        *((name, ctypes.c_void_p) for name in ("word", "span", "other", "column", "codes", "scale", "other_scale")),
        *((name, ctypes.c_int64) for name in ("choices", "spans", "measures")),
    )


@dataclass(frozen=True, eq=False)
class Plan:
    """Of one ledger's criteria: m measures with their names, spans and choices, as the arrays that kernel.c reads."""

    names: tuple[str, ...]
    measures: tuple[Measure, ...]
    choices: tuple[When, ...]
    fields: tuple[str, ...]
    word: NDArray[np.int32]
    span: NDArray[np.int32]
    other: NDArray[np.int32]
    scale: NDArray[np.float64]
    other_scale: NDArray[np.float64]
    span_choice: NDArray[np.int32]
    span_window: NDArray[np.int64]
    _masks: dict[str, dict[str | None, int]] = field(default_factory=dict)
    _groups: dict[tuple[Sequence[str], ...], list[tuple[list[int], Codes]]] = field(default_factory=dict)

    @cached_property
    def looking(self) -> list[tuple[int, Measure]]:
        """The measures that look at a column of the facts, with their places."""
        listed = enumerate(self.measures)
        return [(place, measure) for place, measure in listed if measure.column or measure.word == "active_days"]

    @cached_property
    def laid_out(self) -> PlanFields:
        """`struct plan` with all that does not depend on a ledger."""
        arrays = {name: getattr(self, name) for name in ("span_choice", "span_window", "word", "span", "other")}
        arrays |= {"scale": self.scale, "other_scale": self.other_scale}
        fixed = {name: array.ctypes.data for name, array in arrays.items()}
        return PlanFields(**fixed, choices=len(self.choices), spans=len(self.span_choice), measures=len(self.names))

    def masks(self, name: str, words: Sequence[str]) -> list[int]:
        """For each word of a field, and last for a missing one, the choices that it does not rule out, as bits."""
        known = self._masks.setdefault(name, {})
        return [self._mask(name, word, known) for word in (*words, None)]

    def _mask(self, name: str, word: str | None, known: dict[str | None, int]) -> int:
        if (mask := known.get(word)) is not None:
            return mask
        mask = 0
        for place, when in enumerate(self.choices):
            patterns = [pattern for given, listed in when if given == name for pattern in listed]
            named = any(given == name for given, _ in when)
            if not named or (word is not None and any(glob(pattern).fullmatch(word) for pattern in patterns)):
                mask |= 1 << place
        if len(known) < MOST_CLASSES:
            known[word] = mask
        return mask

    def classes(self, fields: Sequence[tuple[Sequence[str], Codes]], size: int) -> tuple[Codes, Codes, Codes]:
        """The class of each of `size` facts, and the choices of each class: `class_choice[start[c]:start[c + 1]]`.

        `fields` are the words of each of the plan's fields, and each fact's code into them, -1 for missing.
        """
        words = tuple(listed for listed, _ in fields)
        groups = self._grouped(words)
        class_of: Codes = np.zeros(size, dtype=np.int32)
        combined = [(1 << len(self.choices)) - 1]
        for (masks, group_of), (_, codes) in zip(groups, fields, strict=True):
            class_of = class_of * np.int32(len(masks)) + group_of[codes]
            combined = [mask & other for mask in combined for other in masks]
            if len(combined) > MOST_CLASSES:
                used, places = np.unique(class_of, return_inverse=True)
                class_of = places.astype(np.int32)
                combined = [combined[place] for place in used.tolist()]
        return class_of, *_choices_of(tuple(combined), len(self.choices))

    def _grouped(self, words: tuple[Sequence[str], ...]) -> list[tuple[list[int], Codes]]:
        """Of each field the different masks of its words, and for each word, and last a missing one, which it has."""
        few = sum(map(len, words)) <= FEW_WORDS
        if few and words in self._groups:
            return self._groups[words]
        found = []
        for name, listed in zip(self.fields, words, strict=True):
            masks = self.masks(name, listed)
            place = {mask: group for group, mask in enumerate(dict.fromkeys(masks))}
            found.append((list(place), np.array([place[mask] for mask in masks], dtype=np.int32)))
        if few and len(self._groups) < MOST_CLASSES:
            self._groups[words] = found
        return found


@lru_cache(maxsize=1024)
def _choices_of(masks: tuple[int, ...], choices: int) -> tuple[Codes, Codes]:
    """Bits as lists of choices, one after the other, and where each begins."""
    chosen = [[place for place in range(choices) if mask >> place & 1] for mask in masks]
    start = np.cumsum([0, *map(len, chosen)], dtype=np.int32)
    return start, np.array([place for places in chosen for place in places], dtype=np.int32)


FLOW_WORDS = tuple(sorted(name for name in FLOWS if name is not None))
FLOW_CODES = np.full(len(FLOWS), -1, dtype=np.int32)
for _name, _code in FLOWS.items():
    FLOW_CODES[_code] = -1 if _name is None else FLOW_WORDS.index(_name)


def plan_of(criteria: Sequence[Criterion]) -> Plan:
    """The plan of criteria that read one ledger; the same criteria are planned once."""
    # The very same tuple holds the same criteria: one that is asked for again need not be looked at.
    known = _latest.get(id(criteria))
    if known is not None and known[0] is criteria:
        return known[1]
    plan = _planned(tuple(map(_Same, criteria)))
    if isinstance(criteria, tuple):
        if len(_latest) >= MOST_LATEST:
            _latest.clear()
        _latest[id(criteria)] = (criteria, plan)
    return plan


MOST_LATEST = 64
_latest: dict[int, tuple[tuple[Criterion, ...], Plan]] = {}


@dataclass(frozen=True)
class Layout:
    """Criteria by what they read: the facts of an entity, or something else; `names` are all of their columns."""

    of_entity: Mapping[str, tuple[Criterion, ...]]
    others: tuple[Criterion, ...]
    names: tuple[str, ...]

    @cached_property
    def in_order(self) -> bool:
        """Whether the columns come in the criteria's order when entities are read one after the other."""
        found = [name for mine in self.of_entity.values() for criterion in mine for name in criterion.columns]
        return (*found, *(name for criterion in self.others for name in criterion.columns)) == self.names


def layout_of(criteria: Sequence[Criterion]) -> Layout:
    """What a set of criteria reads; that of the same criteria is found once."""
    return _laid_out(tuple(map(_Same, criteria)))


@lru_cache(maxsize=256)
def _laid_out(same: tuple[_Same, ...]) -> Layout:
    criteria = [one.criterion for one in same]
    entities = dict.fromkeys(criterion.of for criterion in criteria if criterion.measures)
    return Layout(
        {entity: tuple(c for c in criteria if c.measures and c.of == entity) for entity in entities},
        tuple(criterion for criterion in criteria if not criterion.measures),
        tuple(name for criterion in criteria for name in criterion.columns),
    )


class _Same:
    """A criterion that is known again by being the same object: to compare what it holds would cost more."""

    __slots__ = ("criterion",)

    def __init__(self, criterion: Criterion) -> None:
        self.criterion = criterion

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.criterion is other.criterion

    def __hash__(self) -> int:
        return id(self.criterion)


@lru_cache(maxsize=256)
def _planned(same: tuple[_Same, ...]) -> Plan:
    criteria = [one.criterion for one in same]
    listed = [
        (name, measure, criterion.when)
        for criterion in criteria
        for name, measure in zip(criterion.columns, criterion.measures, strict=True)
    ]
    choices = tuple(dict.fromkeys([EVERYTHING, *(when for _, _, when in listed)]))
    spans: dict[tuple[int, int], int] = {}

    def span(when: When, window: int | None) -> int:
        return spans.setdefault((choices.index(when), NO_WINDOW if window is None else window), len(spans))

    own = [span(when, measure.window) for _, measure, when in listed]
    other = [
        span(EVERYTHING, measure.window)
        if measure.word == "share"
        else span(when, measure.long)
        if measure.word == "trend"
        else own[place]
        for place, (_, measure, when) in enumerate(listed)
    ]
    return Plan(
        names=tuple(name for name, _, _ in listed),
        measures=tuple(measure for _, measure, _ in listed),
        choices=choices,
        fields=tuple(dict.fromkeys(name for when in choices for name, _ in when)),
        word=np.array([NUMBER_OF[measure.word] for _, measure, _ in listed], dtype=np.int32),
        span=np.array(own, dtype=np.int32),
        other=np.array(other, dtype=np.int32),
        scale=np.array([(measure.window or DAY) / DAY for _, measure, _ in listed]),
        other_scale=np.array([(measure.long or DAY) / DAY for _, measure, _ in listed]),
        span_choice=np.array([choice for choice, _ in spans], dtype=np.int32),
        span_window=np.array([window for _, window in spans], dtype=np.int64),
    )

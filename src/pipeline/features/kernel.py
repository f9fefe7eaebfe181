"""The kernel: every measure of DESIGN section 4, computed from a ledger for any number of observations.

For one choice of facts, in this order:
1. take the ledger's facts that the choice names; they stay sorted by entity and rule 4, with offsets of their own;
2. find for every observation the run of facts with `at < cutoff` (and `cutoff - w <= at`) by search within its entity;
3. where a fact of the choice was known late, or is a deal that some lead must not see, lay out the pairs
   (observation, fact) and drop the invisible ones; otherwise the run is the slice;
4. compute each word from the slice alone, sums from left to right: the same bits alone and in a crowd.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.criteria import Criterion, Measure
from pipeline.definitions.maps import glob
from pipeline.definitions.spans import DAY
from pipeline.definitions.zones import local_day
from pipeline.features.ledger import Ledger
from pipeline.tables.columns import FLOWS, INBOUND, OUTBOUND, Floats, Instants, Texts

Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]
When = tuple[tuple[str, tuple[str, ...]], ...]

PAIRS_AT_ONCE = 4_000_000
"""Bound on the pairs (observation, fact) laid out at a time: about 100 MB."""


def choose(ledger: Ledger, when: When) -> Mask:
    """Which facts the choice names: every field matches one of its patterns; a missing text never matches."""
    chosen = np.ones(len(ledger), dtype=np.bool_)
    for field, patterns in when:
        compiled = [glob(pattern) for pattern in patterns]
        if field == "flow":
            matches = np.zeros(3, dtype=np.bool_)
            for name, code in FLOWS.items():
                matches[code] = name is not None and any(p.fullmatch(name) for p in compiled)
            chosen &= matches[ledger.flow]
            continue
        column = ledger.kind if field == "kind" else ledger.texts.get(field, Texts.missing(len(ledger)))
        found = np.array([any(p.fullmatch(word) for p in compiled) for word in column.words] + [False])
        chosen &= found[column.codes]
    return chosen


def _search(at: Instants, low: Indices, high: Indices, value: Instants) -> Indices:
    """In each sorted run `at[low:high]` the first position whose instant is not before `value`."""
    low, high = low.copy(), high.copy()
    while (low < high).any():
        middle = (low + high) // 2
        open_ = low < high
        before = open_ & (at[np.where(open_, middle, 0)] < value)
        low = np.where(before, middle + 1, low)
        high = np.where(open_ & ~before, middle, high)
    return low


@dataclass(frozen=True)
class _Pairs:
    """Visible (observation, fact) pairs, by observation and then in the order of facts."""

    observation: Indices
    fact: Indices

    def where(self, mask: Mask) -> _Pairs:
        return _Pairs(self.observation[mask], self.fact[mask])


class _Slices:
    """The slices of one choice at n observations, each with its `lead`, `entity` (-1 for none) and `cutoff`."""

    def __init__(self, ledger: Ledger, chosen: Mask, lead: Indices, entity: Indices, cutoff: Instants) -> None:
        self.ledger, self.lead, self.cutoff, self.size = ledger, lead, cutoff, len(cutoff)
        self.facts = np.flatnonzero(chosen)
        offsets = np.searchsorted(self.facts, ledger.offsets)
        known = entity >= 0
        self._low = np.where(known, offsets[np.where(known, entity, 0)], 0)
        high = np.where(known, offsets[np.where(known, entity + 1, 0)], 0)
        self.at = ledger.at[self.facts]
        self._stop = _search(self.at, self._low, high, cutoff)
        late = (ledger.seen[self.facts] > self.at).any()
        self.plain = not late and not (len(ledger.own) and np.isin(ledger.own % len(ledger), self.facts).any())
        self._bounds: dict[int | None, Indices] = {None: self._low}
        self._pairs: dict[int | None, _Pairs] = {}

    def _start(self, window: int | None) -> Indices:
        if window not in self._bounds:
            assert window is not None
            self._bounds[window] = _search(self.at, self._low, self._stop, self.cutoff - window)
        return self._bounds[window]

    def pairs(self, window: int | None) -> _Pairs:
        if window not in self._pairs:
            start = self._start(window)
            length = self._stop - start
            observation = np.repeat(np.arange(self.size), length)
            within = np.arange(len(observation)) - np.repeat(np.cumsum(length) - length, length)
            pairs = _Pairs(observation, self.facts[np.repeat(start, length) + within])
            self._pairs[window] = pairs if self.plain else pairs.where(self._visible(pairs))
        return self._pairs[window]

    def _visible(self, pairs: _Pairs) -> Mask:
        ledger = self.ledger
        visible: Mask = ledger.seen[pairs.fact] < self.cutoff[pairs.observation]
        if len(ledger.own):
            key = self.lead[pairs.observation] * len(ledger) + pairs.fact
            place = np.minimum(np.searchsorted(ledger.own, key), len(ledger.own) - 1)
            visible &= ledger.own[place] != key
        return visible

    def count(self, window: int | None) -> Indices:
        if self.plain:
            return self._stop - self._start(window)
        return np.bincount(self.pairs(window).observation, minlength=self.size)

    def last(self) -> Indices:
        """The last visible fact of each observation, -1 where there is none."""
        if self.plain:
            some = self._stop > self._low
            facts = np.append(self.facts, -1)
            return np.where(some, facts[np.where(some, self._stop - 1, -1)], -1)
        return _last(self.pairs(None), self.size)

    def first(self, window: int | None) -> Indices:
        """The first visible fact of each observation in the window, -1 where there is none."""
        if self.plain:
            start = self._start(window)
            some = self._stop > start
            facts = np.append(self.facts, -1)
            return np.where(some, facts[np.where(some, start, -1)], -1)
        pairs = self.pairs(window)
        found = np.full(self.size, -1, dtype=np.int64)
        found[pairs.observation[::-1]] = pairs.fact[::-1]
        return found


def _last(pairs: _Pairs, size: int) -> Indices:
    found = np.full(size, -1, dtype=np.int64)
    # Of repeated indices NumPy keeps the last value assigned, and pairs stand in the order of facts.
    found[pairs.observation] = pairs.fact
    return found


def _distinct(observation: Indices, value: NDArray[np.integer], size: int) -> Floats:
    if len(observation) == 0:
        return np.zeros(size, dtype=np.float64)
    shifted = value.astype(np.int64) - int(value.min())
    width = int(shifted.max()) + 1
    return np.bincount(np.unique(observation * width + shifted) // width, minlength=size).astype(np.float64)


def measure_ledger(
    ledger: Ledger, criteria: Sequence[Criterion], lead: Indices, cutoff: Instants, timezone: str
) -> dict[str, Floats | Texts]:
    """The columns of `criteria` (all `of` this ledger) at n observations; missing is NaN in floats, -1 in texts.

    `lead` are rows of the history's leads, `cutoff` UTC microseconds; days are calendar days of `timezone`.
    """
    parts = [
        _measure_chunk(ledger, criteria, lead[rows], cutoff[rows], timezone) for rows in _chunks(ledger, lead, cutoff)
    ]
    return {name: _join([part[name] for part in parts]) for name in parts[0]}


def _join(columns: Sequence[Floats | Texts]) -> Floats | Texts:
    first = columns[0]
    if isinstance(first, Texts):
        return Texts(np.concatenate([column.codes for column in columns if isinstance(column, Texts)]), first.words)
    return np.concatenate([column for column in columns if not isinstance(column, Texts)])


def _chunks(ledger: Ledger, lead: Indices, cutoff: Instants) -> Iterator[slice]:
    entity = ledger.of_lead[lead]
    size = np.where(entity >= 0, np.diff(ledger.offsets, append=len(ledger))[entity], 0)
    bucket = np.cumsum(size) // PAIRS_AT_ONCE
    edges = np.flatnonzero(np.diff(bucket)) + 1
    starts = [0, *edges.tolist(), len(cutoff)]
    for start, stop in pairwise(starts):
        yield slice(start, stop)


def _measure_chunk(
    ledger: Ledger, criteria: Sequence[Criterion], lead: Indices, cutoff: Instants, timezone: str
) -> dict[str, Floats | Texts]:
    entity = ledger.of_lead[lead]
    slices: dict[When, _Slices] = {}
    columns: dict[str, Floats | Texts] = {}
    for criterion in criteria:
        for when in (criterion.when, ()):
            if when not in slices:
                slices[when] = _Slices(ledger, choose(ledger, when), lead, entity, cutoff)
        for name, measure in zip(criterion.columns, criterion.measures, strict=True):
            columns[name] = _measure(measure, slices[criterion.when], slices[()], timezone)
    return columns


def _measure(measure: Measure, chosen: _Slices, everything: _Slices, timezone: str) -> Floats | Texts:
    window = measure.window
    match measure.word:
        case "count":
            return chosen.count(window).astype(np.float64)
        case "share":
            return _ratio(chosen.count(window), everything.count(window))
        case "trend":
            assert window is not None
            assert measure.long is not None
            short = chosen.count(window) / (window / DAY)
            return _ratio(short, chosen.count(measure.long) / (measure.long / DAY))
        case "days_since_first":
            return _days_since(chosen, chosen.first(window))
        case "days_since_last":
            return _days_since(chosen, chosen.last())
        case "active_days":
            pairs = chosen.pairs(window)
            return _distinct(pairs.observation, local_day(chosen.ledger.at[pairs.fact], timezone), chosen.size)
        case "unanswered":
            return _unanswered(chosen, window)
        case _:
            assert measure.column is not None
            return _column(measure.word, measure.column, chosen, window)


def _ratio(above: NDArray[np.generic], below: NDArray[np.generic]) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(below == 0, np.nan, np.true_divide(above, below))


def _sum(observation: Indices, values: Floats, size: int) -> Floats:
    # bincount adds its weights one by one, in order: the sum of a plain loop, whatever stands around it.
    return np.bincount(observation, weights=values, minlength=size).astype(np.float64)


def _days_since(slices: _Slices, fact: Indices) -> Floats:
    some = fact >= 0
    at = np.append(slices.ledger.at, 0)[fact]
    return np.where(some, (slices.cutoff - at) / DAY, np.nan)


def _unanswered(slices: _Slices, window: int | None) -> Floats:
    pairs = slices.pairs(window)
    flow = slices.ledger.flow[pairs.fact]
    position = np.arange(len(flow))
    inbound = np.full(slices.size, -1, dtype=np.int64)
    inbound[pairs.observation[flow == INBOUND]] = position[flow == INBOUND]
    after = (flow == OUTBOUND) & (position > inbound[pairs.observation])
    return np.bincount(pairs.observation[after], minlength=slices.size).astype(np.float64)


def _column(word: str, name: str, slices: _Slices, window: int | None) -> Floats | Texts:
    """The words over a column of numbers or texts."""
    ledger, size, pairs = slices.ledger, slices.size, slices.pairs(window)
    if name in ledger.texts:
        texts = ledger.texts[name]
        pairs = pairs.where(texts.codes[pairs.fact] >= 0)
        if word == "distinct":
            return _distinct(pairs.observation, texts.codes[pairs.fact], size)
        last = _last(pairs, size)
        return Texts(np.append(texts.codes, np.int32(-1))[last], texts.words)
    numbers = ledger.numbers.get(name, np.full(len(ledger), np.nan))
    pairs = pairs.where(~np.isnan(numbers[pairs.fact]))
    values = numbers[pairs.fact]
    count = np.bincount(pairs.observation, minlength=size)
    match word:
        case "total":
            return _sum(pairs.observation, values, size)
        case "mean":
            return _ratio(_sum(pairs.observation, values, size), count)
        case "largest":
            largest = np.full(size, -np.inf)
            np.maximum.at(largest, pairs.observation, values)
            return np.where(count > 0, largest, np.nan)
        case "distinct":
            return np.zeros(size)
        case _:
            return np.append(numbers, np.nan)[_last(pairs, size)]

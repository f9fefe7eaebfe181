"""Where ledgers come from: the whole history in memory here, facts laid out in parts of leads in `parts`.

Observations by lead come in the same order as the parts, so that a part's ledger is all that its observations need.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from pipeline.features.ledger import Ledger, build_ledger
from pipeline.tables.columns import History

Indices = NDArray[np.int64]


Result = TypeVar("Result")


class Ledgers(Protocol):
    """The ledgers of a history. Of facts in parts `history` has what they hold: a row for each kind and word."""

    @property
    def history(self) -> History:
        """All that is known."""

    def parts(self, lead: Indices) -> Iterator[tuple[int, slice]]:
        """The parts, and the observations of each among those of `lead`, which come by the order of the leads' ids."""

    def ledger(self, entity: str, part: int) -> Ledger:
        """The ledger of an entity with all facts that a part's observations can see."""


class Whole:
    """One part: everything is in memory."""

    def __init__(self, history: History, kinds: Sequence[str] = (), columns: Sequence[str] = ()) -> None:
        """The ledgers of a history, without excluded kinds and columns."""
        self.history = history
        self._excluded = (kinds, columns)
        self._built: dict[str, Ledger] = {}

    def parts(self, lead: Indices) -> Iterator[tuple[int, slice]]:
        """All observations."""
        yield 0, slice(0, len(lead))

    def ledger(self, entity: str, part: int = 0) -> Ledger:
        """The whole ledger."""
        if entity not in self._built:
            self._built[entity] = build_ledger(self.history, entity, *self._excluded)
        return self._built[entity]


def by_part(
    parts: Sequence[tuple[int, slice]], work: Callable[[int, slice], Result], threads: int
) -> Iterator[tuple[slice, Result]]:
    """What `work` makes of each part, in order; so many are worked on at a time, and hardly more wait to be taken."""
    with ThreadPoolExecutor(max(1, min(threads, len(parts)))) as pool:
        waiting: deque[tuple[slice, Future[Result]]] = deque()
        try:
            for part, where in parts:
                waiting.append((where, pool.submit(work, part, where)))
                if len(waiting) > threads:
                    done, found = waiting.popleft()
                    yield done, found.result()
            while waiting:
                done, found = waiting.popleft()
                yield done, found.result()
        except BaseException:
            # What was not begun need not be.
            for _, found in waiting:
                found.cancel()
            raise

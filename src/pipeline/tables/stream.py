"""A table that is read piece by piece, from its first row to its last, as often as it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

import pyarrow as pa

from pipeline.tables.frame import Frame
from pipeline.tables.row_groups import RowGroups

Pieces = Iterator[tuple[int, Callable[[], Frame]]]
"""Of each piece how many rows it has, and what gives it: any thread may ask for it, once."""


@dataclass(frozen=True)
class Stream:
    """`frame` stands for the table and has no rows; `rows` is how many there are, None where counting would read all.

    `batches` gives the rows of columns in their order; `texts` are the columns that come as texts, however they are
    meant; `groups` are the table's row groups, where they can be read instead.
    """

    frame: Frame
    rows: int | None
    batches: Callable[[Sequence[str]], Iterator[pa.RecordBatch]]
    texts: frozenset[str]
    groups: RowGroups | None = None
    begun: dict[int, Future[pa.Table]] = field(default_factory=dict)

    def begin(self, pool: ThreadPoolExecutor, pieces: int) -> None:
        """Have the first pieces read by a pool before anybody asks for them, where pieces can be read alone."""
        if self.groups is not None:
            for place, (_, read) in enumerate(islice(self.groups.pieces(self.frame.columns), pieces)):
                self.begun[place] = pool.submit(read)

    def pieces(self, columns: Sequence[str] | None = None) -> Pieces:
        """The named columns (default: all that were asked for) of all rows in their order, a piece at a time."""
        names = self.frame.columns if columns is None else columns
        if self.groups is not None:
            for place, (rows, read) in enumerate(self.groups.pieces(names)):
                begun = self.begun.pop(place, None) if columns is None else None
                yield rows, partial(self._of, read if begun is None else begun.result)
            return
        for batch in self.batches(names):
            yield len(batch), partial(self._of, partial(pa.Table.from_batches, [batch]))

    def _of(self, read: Callable[[], pa.Table]) -> Frame:
        return self.frame.piece(read())

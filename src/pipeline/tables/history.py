"""A history whose interactions of leads are read in pieces, for whoever does not need them all at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from pipeline.definitions.criteria import Criterion
from pipeline.definitions.workspace import Workspace
from pipeline.tables.account import Account
from pipeline.tables.asked import Look, interactions_name, of_interactions, require
from pipeline.tables.bar import Progress
from pipeline.tables.columns import History
from pipeline.tables.index import index_of
from pipeline.tables.pieces import TableInPieces
from pipeline.tables.reader import Reader
from pipeline.tables.sources import opened, read_facts
from pipeline.tables.stream import Stream

AHEAD = 6
"""So many pieces are read while leads and deals are."""


@dataclass(frozen=True)
class InPieces:
    """`history` has all but the interactions of leads; `tables` has of each table of interactions its pieces, or None.

    `account` is of what was read; `rows` is how many rows the tables in pieces have, None where counting would read
    them.
    """

    history: History
    account: Account
    tables: tuple[TableInPieces | None, ...]
    rows: int | None
    reader: Reader

    @property
    def decimals(self) -> dict[str, str]:
        """`table.column` -> the mark before the fraction of its numbers, of what was read so far."""
        return dict(self.reader.decimals)


@contextmanager
def read_in_pieces(
    workspace: Workspace,
    progress: Progress = lambda _: None,
    criteria: Iterable[Criterion] | None = None,
    look: Look = require,
) -> Iterator[InPieces]:
    """Every table, held to its contracts; pieces can be read while this is open. All as in `read_history`."""
    sources, excluded = workspace.sources.interactions, frozenset(workspace.excluded_columns)
    at_once = [place for place, source in enumerate(sources) if source.entity != "lead"]
    streams: dict[int, Stream] = {}

    def begin(reader: Reader) -> None:
        for place, source in enumerate(sources):
            if place not in at_once:
                name = interactions_name(place)
                streams[place] = reader.stream(name, source.from_, of_interactions(name, source, excluded).names)
        if streams:
            next(iter(streams.values())).begin(pool, AHEAD)

    with ThreadPoolExecutor(1) as pool, opened(workspace, progress, criteria, look, begin) as around:
        history, account = around.sifted(at_once, partial(read_facts, places=at_once))
        known = index_of(history.leads.id.words)
        tables: list[TableInPieces | None] = []
        for place, source in enumerate(sources):
            if place in at_once:
                tables.append(None)
                continue
            own = source, streams[place], known, workspace.data_until, workspace.timezone, excluded
            tables.append(TableInPieces(*own))
        counts = [table.stream.rows for table in tables if table is not None]
        rows = None if None in counts else sum(count for count in counts if count is not None)
        yield InPieces(history, account, tuple(tables), rows, around.reader)

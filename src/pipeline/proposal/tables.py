"""The tables of an export: what a person named, opened one by one, with every column looked at."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from pipeline.definitions.places import Place
from pipeline.definitions.yaml_lines import WorkspaceError
from pipeline.proposal.columns import Column, day_votes, look
from pipeline.proposal.vocabulary import fits, plain_name, rank, words
from pipeline.tables.databases.fetch import tables as database_tables
from pipeline.tables.delimited import quoted
from pipeline.tables.endings import ENDINGS, ends
from pipeline.tables.reader import Reader
from pipeline.tables.sheets import sheet_names, sheet_rows

MOST_ROWS = 300_000
"""Rows of a table that are looked at."""

HEADER_WITHIN = 15
"""The row with the columns' names is looked for among so many."""


@dataclass(frozen=True)
class Table:
    """One table: where it is, and its columns by name. `rows` were looked at; `whole` says whether these are all."""

    name: str
    place: Place
    columns: Mapping[str, Column]
    rows: int
    whole: bool = True
    header_found: bool = False

    @property
    def shown(self) -> str:
        """The table for people."""
        return self.place.shown if self.place.sql is None else ", ".join(re.findall(r"from '([^']+)'", self.place.sql))

    @property
    def sql(self) -> str | None:
        """The table as a query names it; None where SQL cannot read it."""
        if self.place.url is not None:
            return self.place.table
        if self.place.sql is not None:
            return f"({self.place.sql})"
        if self.place.header != 1 or self.place.file is None or self.place.sheet is not None:
            return None
        return quoted(self.place.file)

    def of(self, *kinds: str) -> list[Column]:
        """The columns of some kinds."""
        return [column for column in self.columns.values() if column.kind in kinds]

    @cached_property
    def keys(self) -> list[Column]:
        """Columns that could tell its rows apart, the likeliest first."""
        able = [
            column
            for column in self.columns.values()
            if column.unique
            and column.whole
            and not fits(column.name, "columns", "technical")
            and column.lost is None
            and max(map(len, column.texts.words)) <= 64
        ]
        singular = re.sub(r"s$", "", plain_name(self.name))

        def order(column: Column) -> tuple[float, ...]:
            named = rank(column.name, words("columns", "id"))
            own = plain_name(column.name) in (singular, singular.rpartition(" ")[2], f"{singular} id")
            return (column.filled < 0.9, not own and named is None, column.personal, named or 0)

        return sorted(able, key=order)


def gather(arguments: Sequence[str], root: Path) -> list[tuple[str, Place]]:
    """Names and places of the tables in files, folders and databases; paths are made relative to `root`.

    WorkspaceError where one is not there or nothing in it can be read.
    """
    found: list[tuple[str, Place]] = []
    for argument in arguments:
        if re.match(r"env:|[a-z0-9+]+://", argument):
            found += [(name, Place(url=argument, table=name)) for name in database_tables(argument, root)]
            continue
        path = Path(argument)
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        able = [file for file in files if ends(file.name, ENDINGS) and not file.name.startswith(".")]
        if not path.exists():
            raise WorkspaceError(f"{argument}: there is no such file or folder; name the files of the export")
        if not able:
            raise WorkspaceError(f"{argument}: expected files that end in {', '.join(ENDINGS)}")
        for file in able:
            found += _in_file(file, root)
    return found


def _in_file(file: Path, root: Path) -> list[tuple[str, Place]]:
    place = _relative(file, root)
    name = re.sub(r"\.gz$", "", file.name, flags=re.IGNORECASE).rpartition(".")[0]
    if not ends(file.name, ".xlsx"):
        return [(name, Place(file=place))]
    try:
        sheets = [(sheet, sheet_rows(file, sheet)) for sheet in sheet_names(file)]
    except ValueError as error:
        raise WorkspaceError(f"{file.name}: cannot be read: {error}") from None
    full = [(sheet, rows) for sheet, rows in sheets if sum(any(cell != "" for cell in row) for row in rows) > 1]
    # The one sheet of a file needs no name; its own is often "Sheet1".
    return [
        (
            name if len(full) == 1 else sheet,
            Place(file=place, sheet=sheet if len(full) > 1 else None, header=header_row(rows)),
        )
        for sheet, rows in full
    ]


def header_row(rows: Sequence[Sequence[object]]) -> int:
    """The row, from 1, that holds the names: the first that is as wide as the table and holds different texts alone."""
    wide = max((sum(cell != "" for cell in row) for row in rows[: 2 * HEADER_WITHIN]), default=0)
    for number, row in enumerate(rows[:HEADER_WITHIN], start=1):
        cells = [cell for cell in row if cell != ""]
        texts = all(isinstance(cell, str) for cell in cells)
        if texts and len(cells) >= max(2, 0.8 * wide) and len(set(cells)) == len(cells):
            return number
    return 1


def _relative(file: Path, root: Path) -> str:
    try:
        return str(file.resolve().relative_to(root.resolve()))
    except ValueError:
        return str(file.resolve())


def _united(reader: Reader, places: Sequence[tuple[str, Place]]) -> list[tuple[str, Place]]:
    """The places, those as one that a table was cut into: the same columns, names that differ by a year or a number."""
    kept: list[tuple[str, Place]] = []
    parts: dict[tuple[str, tuple[str, ...]], list[tuple[str, Place]]] = {}
    for name, place in places:
        if place.file is None or place.sheet is not None or place.header > 1:
            kept.append((name, place))
            continue
        parts.setdefault((_stem(name), reader.columns(name, place)), []).append((name, place))
    for (stem, columns), found in parts.items():
        if len(found) == 1 or len(columns) < 2:
            kept += found
            continue
        files = [f"select * from {quoted(place.file or '')}" for _, place in found]
        kept.append((stem or found[0][0], Place(sql=" union all by name ".join(files))))
    return kept


def _stem(name: str) -> str:
    """A name without what numbers its parts: years, months, counts."""
    return re.sub(r"[\W\d_]+$|^[\W\d_]+|(?<=[\W_])part(?=[\W\d_]*$)", "", name)


def open_tables(
    reader: Reader, places: Sequence[tuple[str, Place]], timezone: str, progress: Callable[[str], None]
) -> list[Table]:
    """Every table with its columns; days and months are told apart by the columns that show which comes first."""
    frames = []
    for name, place in _united(reader, places):
        progress(f"looking at {place.shown}")
        frames.append((name, place, reader.whole(name, place, MOST_ROWS)))
    seen = [
        (name, place, frame, {column: look(frame, column, timezone, None) for column in frame.columns})
        for name, place, frame in frames
    ]
    votes = day_votes([column for _, _, _, columns in seen for column in columns.values()])
    tables = []
    for name, place, frame, columns in seen:
        if votes is not None:
            unsure = [column.name for column in columns.values() if column.kind == "time" and column.dayfirst is None]
            columns |= {column: look(frame, column, timezone, votes) for column in unsure}
        tables.append(Table(name, place, columns, frame.rows, frame.rows < MOST_ROWS, place.header > 1))
    names = [table.name for table in tables]
    return [
        table if names.count(table.name) == 1 else replace(table, name=f"{table.name} ({table.shown})")
        for table in tables
    ]

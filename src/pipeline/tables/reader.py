"""Files and databases to Arrow: the only module that knows where a table comes from."""

from __future__ import annotations

import gzip
import os
import re
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from glob import escape, glob
from pathlib import Path
from typing import Self

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.definitions.places import Place
from pipeline.definitions.settings import MISSING
from pipeline.definitions.yaml_lines import WorkspaceError
from pipeline.tables.asked import absent
from pipeline.tables.databases.fetch import fetch
from pipeline.tables.delimited import caseless, csv_query, quoted, row_fault
from pipeline.tables.endings import ENDINGS, ends, stray_option
from pipeline.tables.frame import HIDDEN, Frame, shown
from pipeline.tables.queries import missing_file, named_files, with_texts
from pipeline.tables.remarks import Remark
from pipeline.tables.row_groups import PIECE, RowGroups
from pipeline.tables.sheets import read_sheet, stacked
from pipeline.tables.stream import Stream

_NO_PARQUET = re.compile(r"magic bytes|too small to be a Parquet|footer", re.IGNORECASE)
_OF_VALUES = (duckdb.ConversionException, duckdb.OutOfRangeException, duckdb.InvalidInputException)


class Reader:
    """Reads tables relative to a folder, as a context manager: frames are read while it is open.

    What has to be written anew on the way is in a folder of its own, and goes when it closes. `places` tells of each
    table read where it came from, and how many lines of its file stand before its first row; `remarks` gathers what
    was read in a way that a person should know of.
    """

    def __init__(
        self, root: Path, missing: Sequence[str] = MISSING, progress: Callable[[str], None] = lambda _: None
    ) -> None:
        self.root = root
        self.missing = tuple(missing)
        self.progress = progress
        self.places: dict[str, tuple[str, int]] = {}
        self.remarks: list[Remark] = []
        self.decimals: dict[str, str] = {}
        self._looked: dict[str, tuple[duckdb.DuckDBPyRelation, int]] = {}
        self._fetched: dict[str, Path] = {}
        self._views: dict[str, list[str]] = {}
        self._scratch = tempfile.TemporaryDirectory(prefix="leadlight-")
        # Every column is read once: to keep the file's blocks for a second time would only take memory.
        self.connection = duckdb.connect(config={"file_search_path": str(root), "threads": 2})
        # What is read ahead while the piece before is still being looked at.
        self.connection.execute("set streaming_buffer_size = '64MB'")
        self.connection.execute("set enable_external_file_cache = false")
        # An instant is written the same on every machine, whoever decodes it.
        self.connection.execute("set timezone = 'UTC'")
        # A file that is not there is an error here, and no reason to fetch something that could read it.
        self.connection.execute("set autoinstall_known_extensions = false")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *ended: object) -> None:
        self.connection.close()
        self._scratch.cleanup()
        pa.default_memory_pool().release_unused()

    def columns(self, table: str, place: Place) -> tuple[str, ...]:
        """The columns that a table has. What it takes to know them is kept: `frame` neither asks nor looks again."""
        self._looked[table] = self._relation(table, place)
        return tuple(self._looked[table][0].columns)

    def frame(self, table: str, place: Place, columns: Iterable[str | None], optional: Sequence[str] = ()) -> Frame:
        """The named columns (None is no column) of one table, and those of `optional` that it has.

        WorkspaceError if the file or a named column is not there.
        """
        wanted = list(dict.fromkeys(column for column in columns if column is not None))
        relation, header = self._looked.pop(table) if table in self._looked else self._relation(table, place)
        there = relation.columns
        for column in wanted:
            if column not in there:
                raise WorkspaceError(absent(table, place, column, there, wanted))
        wanted += [column for column in optional if column in there and column not in wanted]
        return self._frame(table, place, relation, wanted, header)

    def stream(self, table: str, place: Place, columns: Sequence[str]) -> Stream:
        """The named columns of one table, which has them, to be read in pieces."""
        relation, header = self._looked[table] if table in self._looked else self._relation(table, place)
        frame = Frame.of(table, place.shown, pa.table({name: [] for name in columns}), header, self.missing)
        parquet = place.file is not None and ends(place.file, ".parquet")
        groups = RowGroups.of(files_of(self._path(str(place.file))), columns) if parquet else None
        rows = None
        if groups is not None:
            rows = groups.rows
        elif parquet or place.url is not None:
            rows = relation.aggregate("count(*)").fetchall()[0][0]
        texts = {name for name in columns if relation.types[relation.columns.index(name)].id == "varchar"}

        def batches(names: Sequence[str]) -> Iterator[pa.RecordBatch]:
            try:
                yield from relation.select(*(duckdb.ColumnExpression(name) for name in names)).to_arrow_reader(PIECE)
            except (duckdb.Error, pa.ArrowException) as error:
                raise _unreadable(table, place, error) from None

        frame = replace(frame, remarks=self.remarks, decimals=self.decimals)
        return Stream(frame, rows, batches, frozenset(texts), groups)

    def whole(self, table: str, place: Place, most: int | None = None) -> Frame:
        """Every column of a table, or of its first `most` rows: for who looks at a file that nobody described yet."""
        relation, header = self._relation(table, place)
        relation = relation if most is None else relation.limit(most)
        # Of two columns of a query that have one name DuckDB gives the first for both.
        columns = {caseless(name): name for name in reversed(relation.columns)}
        return self._frame(table, place, relation, list(columns.values())[::-1], header, some=most is not None)

    def _frame(
        self,
        table: str,
        place: Place,
        relation: duckdb.DuckDBPyRelation,
        columns: Sequence[str],
        header: int,
        *,
        some: bool = False,
    ) -> Frame:
        self.places[table] = (place.shown, header)

        def read(names: Sequence[str]) -> pa.Table:
            try:
                return relation.select(*(duckdb.ColumnExpression(name) for name in names)).to_arrow_table()
            except (duckdb.Error, pa.ArrowException) as error:
                raise _unreadable(table, place, error) from None

        def frame(rows: int, read: Callable[[Sequence[str]], pa.Table]) -> Frame:
            names = tuple(columns)
            return Frame(table, place.shown, names, rows, read, header, self.missing, self.remarks, self.decimals)

        if place.url is not None:
            # A column alone, and nothing kept of it: a query may give more rows than fit into memory.
            stored = pq.ParquetFile(self._fetched[table])
            return frame(stored.metadata.num_rows, partial(stored.read, use_threads=False))
        if place.file is not None and ends(place.file, ".parquet"):
            # Every column comes alone in the order of the rows: only one at a time has to be in memory.
            groups = None if some else RowGroups.of(files_of(self._path(place.file)), columns, largest=None)
            if groups is None:
                return frame(relation.aggregate("count(*)").fetchall()[0][0], read)

            def either(names: Sequence[str]) -> pa.Table:
                # Of what Arrow cannot read DuckDB says what is wrong.
                return read(names) if (found := groups.whole(names)) is None else found

            return frame(groups.rows, either)
        whole = read(columns)
        return frame(len(whole), whole.select)

    def _relation(self, table: str, place: Place) -> tuple[duckdb.DuckDBPyRelation, int]:
        """The table, and how many lines of its file stand before the first row (0 where rows have no lines)."""
        try:
            if place.sql is not None:
                relation = self._from_sql(table, place.sql)
                if relation is None:
                    raise WorkspaceError(f"{table} (sql): gives no rows to read; expected a select")
                return relation, 0
            if place.url is not None:
                return self._from_database(table, place), 0
            return self._from_file(table, place)
        except (duckdb.Error, pa.ArrowException) as error:
            raise _unreadable(table, place, error) from None
        except (gzip.BadGzipFile, EOFError, zlib.error):
            raise WorkspaceError(
                f"{table} ({place.shown}): it is no gzip file, or not all of one; export it anew, or if it is not "
                "compressed name it without .gz"
            ) from None
        except (ValueError, OSError) as error:
            if isinstance(error, WorkspaceError):
                raise
            said = error.strerror if isinstance(error, OSError) and error.strerror else error
            raise WorkspaceError(f"{table} ({place.shown}): cannot be read: {said}") from None

    def _from_file(self, table: str, place: Place) -> tuple[duckdb.DuckDBPyRelation, int]:
        assert place.file is not None
        path = self._path(place.file)
        if Path(path).is_dir():
            raise WorkspaceError(f"{table} ({place.file}): is a folder; name its files, as in {place.file}/*.csv")
        if not any(Path(file).is_file() for file in files_of(path)):
            named = "no file matches" if any(mark in path for mark in "*?[") else "there is no such file"
            raise WorkspaceError(
                f"{table} ({place.file}): {named} in {self.root.name or self.root}/; correct `from` in the workspace, "
                "where paths are relative to its own folder"
            )
        if not ends(path, ENDINGS):
            raise WorkspaceError(f"{table} ({place.file}): expected a file that ends in {', '.join(ENDINGS)}")
        if (stray := stray_option(place)) is not None:
            raise WorkspaceError(f"{table} ({place.file}): {stray}")
        return self._from_files(table, place, files_of(path))

    def _from_files(self, table: str, place: Place, files: Sequence[str]) -> tuple[duckdb.DuckDBPyRelation, int]:
        if ends(files[0], ".parquet"):
            names = ", ".join(quoted(escape(file)) for file in files)
            return self.connection.sql(f"select * from read_parquet([{names}], union_by_name = true)"), 0
        if ends(files[0], ".xlsx"):
            rows = stacked([read_sheet(Path(file), place.sheet, place.header) for file in files])
            relation, above = self.connection.from_arrow(rows), place.header
        else:
            # Everything is read as text: an id must not pass through a number on its way.
            told = self._strange(table)
            queries = [csv_query(Path(file), place, self._new_folder(), told) for file in files]
            relation, above = self.connection.sql(" union all by name ".join(sql for sql, _ in queries)), queries[0][1]
        # Lines of several files have no number in common.
        return relation, above if len(files) == 1 else 0

    def _from_database(self, table: str, place: Place) -> duckdb.DuckDBPyRelation:
        assert place.url is not None
        target = self._new_folder() / "rows.parquet"
        try:
            fetch(place.url, place.query, place.table, target, root=self.root, progress=self._counted(table))
        except WorkspaceError as error:
            raise WorkspaceError(f"{table} ({place.shown}): {error}") from None
        self._fetched[table] = target
        return self.connection.sql(f"select * from read_parquet({quoted(str(target))})")

    def _strange(self, table: str) -> Callable[[int], None]:
        def told(lines: int) -> None:
            evidence = f"{lines:,} lines are not UTF-8 and were read as Windows-1252, the encoding of western Windows."
            remedy = "Look at texts with accents; if they are wrong, say `encoding` under `from`, or save as UTF-8."
            remark = Remark(table, None, "Some lines are written in another encoding", evidence, remedy)
            if remark not in self.remarks:
                self.remarks.append(remark)

        return told

    def _counted(self, table: str) -> Callable[[int], None]:
        return lambda rows: self.progress(f"{table}: {rows:,} rows")

    def _from_sql(self, table: str, sql: str) -> duckdb.DuckDBPyRelation | None:
        """The rows of a query. The text files and sheets in it are views of their names: DuckDB looks for these first.

        So it needs no grammar to tell a file from a value, as in `select 'web.csv' as origin from 'web.csv'`.
        """
        absent = []
        for name in named_files(sql):
            files = files_of(self._path(name))
            known = self._views.get(name.lower())
            if not all(Path(file).is_file() for file in files):
                absent.append(name)
            elif known is None:
                try:
                    rows, _ = self._from_files(table, Place(file=name), files)
                except ValueError as error:
                    raise ValueError(f"{name}: {error}") from None
                rows.create_view(name)
                self._views[name.lower()] = files
            elif known != files and not (len(known) == len(files) and all(map(os.path.samefile, known, files))):
                # The name of a view has no capitals; those of files may differ in them alone.
                raise ValueError(f"another file differs from {name} in capitals alone; rename one of them")
        try:
            return self.connection.sql(with_texts(sql, self._views))
        except duckdb.Error as error:
            if (missing := missing_file(absent, str(error))) is None:
                raise
            raise ValueError(f"there is no file {missing}; correct the query") from None

    def _path(self, file: str) -> str:
        return file if Path(file).is_absolute() else str(self.root / file)

    def _new_folder(self) -> Path:
        return Path(tempfile.mkdtemp(dir=self._scratch.name))


def files_of(path: str) -> list[str]:
    """The files of a path or glob; a file whose name looks like a glob is that file."""
    return [path] if Path(path).is_file() else sorted(glob(path, recursive=True)) or [path]


def _unreadable(table: str, place: Place, error: Exception) -> WorkspaceError:
    fault = row_fault(str(error))
    if fault is not None:
        return WorkspaceError(f"{table} ({place.shown}), {fault}")
    if place.file is not None and ends(place.file, ".parquet") and _NO_PARQUET.search(str(error)):
        remedy = "export it anew, or name it as what it is"
        return WorkspaceError(f"{table} ({place.shown}): it is no Parquet file, or not all of one; {remedy}")
    first, *more = str(error).splitlines()
    # What a database says of a value repeats it, and it may be somebody's.
    said = re.sub(r"'([^']*)'", lambda match: HIDDEN if isinstance(error, _OF_VALUES) else shown(match[1]), first)[:200]
    said += "".join(f"; {line.strip()}" for line in more if line.startswith("Candidate bindings"))
    remedy = "" if place.sql is None else "; correct the query"
    return WorkspaceError(f"{table} ({place.shown}): cannot be read: {said}{remedy}")

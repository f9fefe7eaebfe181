"""Files to Arrow through DuckDB: the only module that knows where a table comes from."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from glob import glob
from pathlib import Path

import duckdb
import pyarrow as pa

from pipeline.definitions.sources import Place
from pipeline.definitions.workspace import Workspace
from pipeline.definitions.yaml_lines import WorkspaceError
from pipeline.tables.delimited import csv_query, row_fault
from pipeline.tables.values import Frame


class Reader:
    """Reads the named columns of a workspace's tables, relative to its folder."""

    def __init__(self, workspace: Workspace) -> None:
        self.root = workspace.root
        self.connection = duckdb.connect(config={"file_search_path": str(workspace.root), "threads": 2})

    def frame(self, table: str, place: Place, columns: Iterable[str | None], optional: Sequence[str] = ()) -> Frame:
        """The named columns (None is no column) of one table, and those of `optional` that it has.

        WorkspaceError if the file or a named column is not there.
        """
        wanted = list(dict.fromkeys(column for column in columns if column is not None))
        file = place.file or "sql"
        try:
            relation, header = self._relation(table, place)
            there = relation.columns
            for column in wanted:
                if column not in there:
                    near = difflib.get_close_matches(column, there, n=1)
                    hint = f"did you mean {near[0]}? " if near else ""
                    raise WorkspaceError(f"{table} ({file}): no column {column!r}; {hint}It has {', '.join(there)}")
            wanted += [column for column in optional if column in there and column not in wanted]
            data = relation.select(*(duckdb.ColumnExpression(column) for column in wanted)).to_arrow_table()
        except (duckdb.Error, pa.ArrowException) as error:
            fault = row_fault(str(error))
            if fault is not None:
                raise WorkspaceError(f"{table} ({file}), {fault}") from None
            reason = str(error).splitlines()[0][:200]
            raise WorkspaceError(f"{table} ({file}): cannot be read: {reason}") from None
        return Frame(table, file, data, header)

    def _relation(self, table: str, place: Place) -> tuple[duckdb.DuckDBPyRelation, int]:
        if place.sql is not None:
            relation = self.connection.sql(place.sql)
            if relation is None:
                raise WorkspaceError(f"{table} (sql): gives no rows to read; expected a select")
            return relation, 0
        assert place.file is not None
        path = place.file if Path(place.file).is_absolute() else str(self.root / place.file)
        if not any(mark in path for mark in "*?[") and not Path(path).is_file():
            raise WorkspaceError(
                f"{table} ({place.file}): there is no such file in {self.root.name or self.root}/; correct `from` in "
                "the workspace, where paths are relative to its own folder"
            )
        literal = "'" + path.replace("'", "''") + "'"
        if path.endswith(".parquet"):
            return self.connection.sql(f"select * from read_parquet({literal}, union_by_name = true)"), 0
        if path.endswith((".csv", ".csv.gz", ".tsv", ".txt")):
            # Everything is read as text: an id must not pass through a number on its way.
            try:
                queries = [csv_query(Path(file)) for file in _files(path)]
            except (ValueError, OSError) as error:
                raise WorkspaceError(f"{table} ({place.file}): cannot be read: {error}") from None
            return self.connection.sql(" union all by name ".join(queries)), 1
        raise WorkspaceError(f"{table} ({place.file}): expected a file that ends in .csv, .csv.gz or .parquet")


def _files(path: str) -> list[str]:
    """The files of a path or glob; a file whose name looks like a glob is that file."""
    return [path] if Path(path).is_file() else sorted(glob(path, recursive=True)) or [path]

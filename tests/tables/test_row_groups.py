"""Parquet files read by their row groups hold what DuckDB reads in them, or are left to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.definitions.places import Place
from pipeline.tables.reader import Reader
from pipeline.tables.row_groups import RowGroups

SIZE = 100
START = datetime(2026, 1, 1, tzinfo=UTC)

TABLE = pa.table(
    {
        "lead": [f"L{number % 30}" if number % 7 else None for number in range(SIZE)],
        "at": pa.array([START + timedelta(minutes=number) for number in range(SIZE)], pa.timestamp("us", "UTC")),
        "kind": [["call", "visit", None][number % 3] for number in range(SIZE)],
        "day": pa.array([date(2026, 1, 1 + number % 28) for number in range(SIZE)], pa.date32()),
        "a.b": [number / 3 if number % 5 else None for number in range(SIZE)],
        "a": pa.array(range(SIZE), pa.int32()),
        "yes": [number % 2 == 0 for number in range(SIZE)],
    }
)


def read(folder: Path, name: str, columns: list[str]) -> tuple[dict[str, list[object]], RowGroups | None]:
    """The columns by the reader, in pieces, and whether it went by row groups."""
    place = Place(file=name)
    with Reader(folder) as reader, patch("pipeline.tables.row_groups.PIECE", 25):
        stream = reader.stream("facts", place, columns)
        pieces = [(rows, give()) for rows, give in stream.pieces()]
        assert [rows for rows, _ in pieces] == [frame.rows for _, frame in pieces]
        assert stream.rows is not None and stream.rows == sum(rows for rows, _ in pieces)
        plain = [{name: frame.read([name]).column(0).to_pylist() for name in columns} for _, frame in pieces]
        whole = {name: [value for piece in plain for value in piece[name]] for name in columns}
        return whole, stream.groups


def test_every_row_comes_once_and_in_order(tmp_path: Path) -> None:
    pq.write_table(TABLE[:60], tmp_path / "facts-1.parquet", row_group_size=10)
    pq.write_table(TABLE[60:], tmp_path / "facts-2.parquet", row_group_size=45)
    for columns in (TABLE.column_names, ["a"], ["a.b", "lead"]):
        found, groups = read(tmp_path, "facts-*.parquet", columns)
        assert groups is not None
        assert found == TABLE.select(columns).to_pydict()


def test_few_different_texts_come_as_codes(tmp_path: Path) -> None:
    long = pa.concat_tables([TABLE] * 40)
    pq.write_table(long, tmp_path / "facts.parquet")
    groups = RowGroups.of([str(tmp_path / "facts.parquet")], long.column_names)
    assert groups is not None and groups.codes == {"lead", "kind"}


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.set_column(1, "at", table.column("at").cast(pa.timestamp("ns", "UTC"))),
        lambda table: table.set_column(1, "at", table.column("at").cast(pa.timestamp("us", "Europe/Paris"))),
        lambda table: table.set_column(0, "lead", table.column("lead").cast(pa.binary())),
        lambda table: table.set_column(5, "a", table.column("a").cast(pa.decimal128(12, 2))),
        lambda table: table.append_column("LEAD", table.column("lead")),
    ],
    ids=["nanoseconds", "another zone", "bytes", "decimals", "two names that differ in capitals"],
)
def test_what_duckdb_reads_as_another_type_is_left_to_it(
    tmp_path: Path, change: Callable[[pa.Table], pa.Table]
) -> None:
    pq.write_table(change(TABLE), tmp_path / "facts.parquet")
    assert RowGroups.of([str(tmp_path / "facts.parquet")], ["lead", "at", "a"]) is None


def test_files_of_different_types_and_large_groups_are_left_to_duckdb(tmp_path: Path) -> None:
    pq.write_table(TABLE, tmp_path / "1.parquet")
    pq.write_table(TABLE.set_column(5, "a", TABLE.column("a").cast(pa.int64())), tmp_path / "2.parquet")
    both = [str(tmp_path / f"{number}.parquet") for number in (1, 2)]
    assert RowGroups.of(both, ["a"]) is None
    assert RowGroups.of(both, ["lead"]) is not None
    assert RowGroups.of(both[:1], ["absent"]) is None
    with patch("pipeline.tables.row_groups.PIECE", SIZE // 2 - 1):
        assert RowGroups.of(both[:1], ["a"]) is None


def test_a_folder_that_is_a_column_is_left_to_duckdb(tmp_path: Path) -> None:
    (tmp_path / "year=2026").mkdir()
    pq.write_table(TABLE, tmp_path / "year=2026" / "1.parquet")
    assert RowGroups.of([str(tmp_path / "year=2026" / "1.parquet")], ["a"]) is None


def test_a_look_at_some_rows_reads_no_more(tmp_path: Path) -> None:
    pq.write_table(TABLE, tmp_path / "facts.parquet", row_group_size=10)
    with Reader(tmp_path) as reader:
        frame = reader.whole("facts", Place(file="facts.parquet"), 12)
        assert frame.rows == 12 and len(frame.read(["lead"])) == 12
        assert reader.whole("facts", Place(file="facts.parquet")).rows == SIZE


def test_long_texts_come_as_the_usual_ones(tmp_path: Path) -> None:
    long = TABLE.set_column(0, "lead", TABLE.column("lead").cast(pa.large_string()))
    pq.write_table(long, tmp_path / "facts.parquet")
    for rows in (long, long[:0]):
        pq.write_table(rows, tmp_path / "facts.parquet")
        with Reader(tmp_path) as reader:
            frame = reader.frame("facts", Place(file="facts.parquet"), ["lead"])
            assert frame.chunks("lead").type == pa.string()
            assert frame.chunks("lead").to_pylist() == rows.column("lead").to_pylist()


def test_a_file_that_arrow_cannot_read_is_left_to_duckdb(tmp_path: Path) -> None:
    pq.write_table(TABLE, tmp_path / "facts.parquet")
    (tmp_path / "half.parquet").write_bytes((tmp_path / "facts.parquet").read_bytes()[:-40])
    assert RowGroups.of([str(tmp_path / "half.parquet")], ["a"]) is None
    assert RowGroups.of([str(tmp_path / "facts.parquet"), str(tmp_path / "half.parquet")], ["a"]) is None

"""Databases to files: every value as it is meant, whole and a batch at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.tables.databases import dialects
from pipeline.tables.databases.addresses import Address
from pipeline.tables.databases.fetch import fetch, tables
from tests.tables.conftest import LEADS, Database, read, rows, texts

MANY = f"""with recursive n(i) as (select 1 union all select i + 1 from n where i < 50000)
    select i, '{"x" * 500}' as wide from n"""


def test_ids_numbers_and_missing_values_survive(database: Database) -> None:
    database.run(*LEADS)
    first, second, third = texts(rows(database, "select * from leads"))
    assert first[:2] == ["9007199254740993001", "0003"]
    assert first[3:] == ["0.1", "A 'quoted' one, 100 % :x"]
    assert second == ["-9223372036854775807", "04109", None, "1e+300", ""]
    assert third == [None] * 5
    assert rows(database, table="leads") == rows(database, "select * from leads")


def test_numeric_keeps_every_digit(postgres_database: Database) -> None:
    postgres_database.run(*LEADS)
    assert rows(postgres_database, "select amount from leads")[0] == {"amount": "12345678901234.1200"}
    digits = 'select 1e40::numeric a, 1e-10::numeric b, 123456789012345678901234567890.50 "a ""b"""'
    odd = "'NaN'::numeric c, 'Infinity'::numeric d, '-Infinity'::numeric e"
    for query in (f"{digits}, {odd} -- as the server writes them", f"/* as the driver does */ {digits}, {odd}"):
        (row,) = rows(postgres_database, query)
        assert list(row.values()) == ["1" + "0" * 40, "0.0000000001", "1234567890" * 3 + ".50", None, None, None]


def test_types_stay_or_become_texts(postgres_database: Database) -> None:
    postgres_database.run("create type mood as enum ('sad', 'glad')", "create extension citext")
    query = """select 1::int2 a, 2::int4 b, true c, '2026-01-02'::date d, '09:30:00.000001'::time e, 'x'::varchar f,
        'glad'::mood g, '{"k": 1}'::jsonb h, '00000000-0000-4000-8000-00000000000a'::uuid i, 'Ab'::citext j,
        null::uuid k, 1.5::float4 l"""
    found = read(postgres_database, query)
    assert found.to_pylist()[0] == {
        "a": 1,
        "b": 2,
        "c": True,
        "d": date(2026, 1, 2),
        "e": time(9, 30, 0, 1),
        "f": "x",
        "g": "glad",
        "h": '{"k": 1}',
        "i": "00000000-0000-4000-8000-00000000000a",
        "j": "Ab",
        "k": None,
        "l": 1.5,
    }
    assert all(kind in (pa.string(), pa.bool_()) or pa.types.is_primitive(kind) for kind in found.schema.types)


def test_instants_keep_zone_and_microseconds(postgres_database: Database) -> None:
    query = """select '2026-03-29 02:30:00.000001'::timestamp a, '2026-03-29 02:30:00.000001+02'::timestamptz b,
        null::timestamptz c, '1960-01-01'::timestamp d"""
    (row,) = rows(postgres_database, query)
    assert row == {
        "a": datetime(2026, 3, 29, 2, 30, 0, 1),
        "b": datetime(2026, 3, 29, 0, 30, 0, 1, tzinfo=UTC),
        "c": None,
        "d": datetime(1960, 1, 1),
    }


def test_an_infinite_time_is_missing(postgres_database: Database) -> None:
    query = """select 'infinity'::timestamp a, '-infinity'::timestamptz b, 'infinity'::date c, '-infinity'::date d,
        '0044-03-15 BC'::date > '-infinity'::date e"""
    assert rows(postgres_database, query) == [{"a": None, "b": None, "c": None, "d": None, "e": True}]
    (row,) = read(postgres_database, "select '0044-03-15 BC'::date a").column("a").cast(pa.int32()).to_pylist()
    assert row == -735_160


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (True, "true"),
        (9007199254740993001, "9007199254740993001"),
        (0.1, "0.1"),
        (float("nan"), None),
        (float("-inf"), None),
        (Decimal("NaN"), None),
        (Decimal("12345678901234.1200"), "12345678901234.1200"),
        (Decimal("1E-10"), "0.0000000001"),
        (datetime(2026, 1, 2, 3, 4, 5, 6), "2026-01-02T03:04:05.000006"),
        (datetime(2026, 1, 2, tzinfo=timezone(timedelta(hours=1))), "2026-01-02T00:00:00+01:00"),
        (date(2026, 1, 2), "2026-01-02"),
        (time(9, 30), "09:30:00"),
        (timedelta(hours=33, seconds=1, microseconds=5), "33:00:01.000005"),
        (UUID(int=10), "00000000-0000-0000-0000-00000000000a"),
        ("0003", "0003"),
        (None, None),
    ],
)
def test_a_value_of_any_driver_is_the_text_that_means_it(value: object, written: str | None) -> None:
    assert dialects.text(value, "x") == written


def test_both_ways_to_postgresql_mean_the_same(postgres_database: Database) -> None:
    postgres_database.run(*LEADS)
    query = "select id, code, amount, score, name, name like '%:x' as matches, '2026-01-02'::date as day from leads"
    other = replace(Address.of(postgres_database.url, postgres_database.root), kind="postgresql+psycopg")
    with dialects.stream(other, query, None) as (_, batches):
        by_sqlalchemy = [row for batch in batches for row in batch.to_pylist()]
    by_adbc = rows(postgres_database, query)
    assert texts(by_sqlalchemy) == [[dialects.text(value, name) for name, value in row.items()] for row in by_adbc]


def test_an_empty_result_has_its_columns(database: Database) -> None:
    database.run(*LEADS)
    found = read(database, "select id, name from leads where 1 = 0")
    assert (found.num_rows, found.column_names) == (0, ["id", "name"])


def test_an_empty_result_has_the_types_of_a_full_one(postgres_database: Database) -> None:
    query = "select '00000000-0000-4000-8000-00000000000a'::uuid a, now() b, 1.5 c, current_date d, '{}'::json e"
    full, empty = read(postgres_database, query), read(postgres_database, f"{query} where false")
    assert empty.schema.equals(full.schema)
    assert (full.num_rows, empty.num_rows) == (1, 0)


@pytest.mark.parametrize("end", ["", ";", " ; \n", "\n-- the last word", "/* ; */"])
def test_a_query_may_end_as_people_end_them(database: Database, end: str) -> None:
    database.run(*LEADS)
    assert rows(database, f"select code from leads where code = '0003'{end}") == [{"code": "0003"}]


def test_many_rows_are_written_a_batch_at_a_time(database: Database) -> None:
    seen: list[int] = []
    target = database.root / "many.parquet"
    count = fetch(database.url, MANY, None, target, seen.append, root=database.root)
    file = pq.ParquetFile(target)
    groups = [file.metadata.row_group(group).num_rows for group in range(file.metadata.num_row_groups)]
    assert count == sum(groups) == 50_000
    assert 2 <= len(groups) <= 5 and max(groups) < 40_000
    assert seen == [sum(groups[: end + 1]) for end in range(len(groups))]
    assert texts([file.read(["i"]).to_pylist()[-1]]) == [["50000"]]


def test_what_is_stopped_leaves_the_older_file(database: Database) -> None:
    database.run(*LEADS)
    target = database.root / "kept.parquet"
    fetch(database.url, None, "leads", target, root=database.root)
    older = target.read_bytes()

    def stop(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(database.url, MANY, None, target, stop, root=database.root)
    assert target.read_bytes() == older
    assert list(database.root.glob(".*")) == []


def test_tables_and_views_are_listed_and_each_can_be_read(database: Database) -> None:
    database.run(*LEADS, "create view won as select id from leads", 'create table "odd.Name" (a int)')
    if database.kind == "postgresql":
        database.run(
            "create schema crm",
            'create table crm."Deals ""2""" (a int)',
            "create materialized view month as select id from leads",
        )
    listed = tables(database.url, database.root)
    expected = {"leads", "won", '"odd.Name"'}
    expected |= {'crm."Deals ""2"""', "month"} if database.kind == "postgresql" else set()
    assert set(listed) == expected
    for name in listed:
        read(database, table=name)


def test_an_sqlite_file_with_an_odd_name_is_found(tmp_path: Path) -> None:
    name = "crm 100%25?#@ü.db".replace("%25", "%")
    (tmp_path / name).touch()
    url = f"sqlite:///{tmp_path}/crm 100%25%3F%23@ü.db"
    assert tables(url) == []

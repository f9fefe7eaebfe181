"""Databases for the tests of tables: an SQLite file, and a database of its own on a PostgreSQL server."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.definitions.yaml_lines import WorkspaceError
from pipeline.tables.databases.fetch import fetch
from tests import postgres

LEADS = (
    "create table leads (id bigint, code varchar(9), amount numeric(20, 4), score double precision, name text)",
    "insert into leads values (9007199254740993001, '0003', '12345678901234.1200', 0.1, 'A ''quoted'' one, 100 % :x'),"
    " (-9223372036854775807, '04109', null, 1e300, ''), (null, null, null, null, null)",
)


@dataclass(frozen=True)
class Database:
    """An empty database: its URL, the folder that the URL is relative to, and what runs statements in it."""

    kind: str
    url: str
    root: Path
    run: Callable[..., None]


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a PostgreSQL server; skipped where none is installed, which a run of CI must not be."""
    if postgres.binaries() is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(postgres.NEEDED)
    with postgres.server() as url:
        yield url


@pytest.fixture
def postgres_database(postgres_url: str, tmp_path: Path) -> Database:
    """The server's database, emptied: making one costs ten times as much."""
    afresh = ("drop schema public cascade", "create schema public", "grant usage on schema public to public")
    run_postgres(postgres_url, "drop schema if exists crm cascade", *afresh)
    return Database("postgresql", postgres_url, tmp_path, lambda *said: run_postgres(postgres_url, *said))


@pytest.fixture
def sqlite_database(tmp_path: Path) -> Database:
    """An empty SQLite file."""
    (tmp_path / "crm.db").touch()
    return Database("sqlite", "sqlite:///crm.db", tmp_path, lambda *said: run_sqlite(tmp_path / "crm.db", *said))


@pytest.fixture(params=["postgresql", "sqlite"])
def database(request: pytest.FixtureRequest) -> Database:
    """Each of the two."""
    name = "postgres_database" if request.param == "postgresql" else "sqlite_database"
    found: Database = request.getfixturevalue(name)
    return found


def run_postgres(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def run_sqlite(file: Path, *statements: str) -> None:
    connection = sqlite3.connect(file)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def rows(database: Database, query: str | None = None, table: str | None = None) -> list[dict[str, Any]]:
    return read(database, query, table).to_pylist()


def read(database: Database, query: str | None = None, table: str | None = None) -> pa.Table:
    target = database.root / "read.parquet"
    count = fetch(database.url, query, table, target, root=database.root)
    found = pq.read_table(target)
    assert found.num_rows == count
    return found


def refusal(database: Database, query: str | None = None, table: str | None = None, url: str | None = None) -> str:
    """The sentence in which a read is refused; it leaves no file."""
    target = database.root / "refused.parquet"
    with pytest.raises(WorkspaceError) as caught:
        fetch(url or database.url, query, table, target, root=database.root)
    assert [path.name for path in database.root.iterdir() if "refused" in path.name] == []
    return str(caught.value)


def texts(found: list[dict[str, Any]]) -> list[list[str | None]]:
    return [[None if value is None else str(value) for value in row.values()] for row in found]

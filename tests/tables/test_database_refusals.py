"""Databases that cannot be read: nothing is written, and the sentence gives neither password nor value away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.definitions.yaml_lines import WorkspaceError
from pipeline.tables.databases.fetch import fetch, tables
from tests.postgres import GUARDED
from tests.tables.conftest import LEADS, Database, refusal, rows, run_postgres

SECRET = "pass-word-of-nobody"


def test_two_columns_of_one_name_are_refused(database: Database) -> None:
    said = refusal(database, "select 1 as id, 2 as other, 3 as id")
    assert said == "the query gives two columns id; give one of them another name: `... as other`"


def test_a_missing_table_is_named_with_those_that_are_there(database: Database) -> None:
    database.run(*LEADS)
    said = refusal(database, table="Leeds")
    assert said.startswith("there is no table 'Leeds' in ")
    assert said.endswith("; did you mean leads? It has leads")
    assert "'nowhere.leads'" in refusal(database, table="nowhere.leads")


def test_a_table_cannot_hold_a_query(database: Database) -> None:
    database.run(*LEADS)
    for table in ('leads"; drop table leads; --', "(select 1)", "leads; drop table leads"):
        assert "there is no table" in refusal(database, table=table)
    assert len(rows(database, table="leads")) == 3


@pytest.mark.parametrize("query", ["selec 1", "select nothing from leads", "select * from nowhere", "--", "select ("])
def test_a_wrong_query_is_refused_with_the_remedy(database: Database, query: str) -> None:
    database.run(*LEADS)
    said = refusal(database, query)
    assert re.search(r"refuses the query: .+; correct the query$|gives no columns; expected a select", said), said
    assert "\n" not in said


@pytest.mark.parametrize(
    "statement",
    [
        "update leads set code = 'changed'",
        "delete from leads",
        "insert into leads (code) values ('new')",
        "drop table leads",
        "create table other (a int)",
        "update leads set code = 'changed' returning code",
        "update leads set code = 'changed' returning *",
    ],
)
def test_a_statement_that_would_write_is_refused_and_changes_nothing(database: Database, statement: str) -> None:
    database.run(*LEADS)
    before = rows(database, table="leads")
    assert refusal(database, statement).endswith("expected a select, for a database is only ever read")
    assert rows(database, table="leads") == before
    assert tables(database.url, database.root) == ["leads"]


def test_a_function_that_writes_is_refused(postgres_database: Database) -> None:
    postgres_database.run("create sequence visits")
    assert "would change" in refusal(postgres_database, "select nextval('visits')")


@pytest.mark.parametrize("statement", ["set search_path to public", "begin", "commit", "set transaction read write"])
def test_a_statement_without_rows_is_refused(postgres_database: Database, statement: str) -> None:
    assert "expected a select" in refusal(postgres_database, statement)


@pytest.mark.parametrize(
    ("value", "held"),
    [
        ("'\\x00'::bytea", "bytea"),
        ("array[1, 2]", "int4[]"),
        ("array['a']", "text[]"),
        ("12::money", "money"),
        ("interval '1 day'", "interval"),
        ("row(1, 2)", "record"),
        ("'10.0.0.1'::inet", "inet"),
        ("'<a/>'::xml", "xml"),
    ],
)
def test_what_is_no_plain_value_is_refused_by_column(postgres_database: Database, value: str, held: str) -> None:
    said = refusal(postgres_database, f"select 1 as id, {value} as strange")
    assert f"column strange holds {held}, no plain values; cast it to text in the query: strange::text" in said
    assert len(rows(postgres_database, f"select ({value})::text as strange")) == 1


def test_bytes_in_sqlite_are_refused_by_column(sqlite_database: Database) -> None:
    said = refusal(sqlite_database, "select 'a' as id, x'00ff' as photo")
    assert said.startswith("column photo holds bytes, no plain values; cast it to text")


def test_text_that_is_no_utf8_is_refused_by_column(sqlite_database: Database) -> None:
    said = refusal(sqlite_database, "select cast(x'4dfc6c6c6572' as text) as name")
    assert said.startswith("column name holds text that is not UTF-8")
    assert "M" not in said.replace("UTF-8", "")


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_of_another_encoding_is_read_or_refused(postgres_url: str, tmp_path: Path, encoding: str) -> None:
    name = f"old_{encoding.lower()}"
    run_postgres(postgres_url, f"create database {name} encoding '{encoding}' template template0")
    url = postgres_url.rpartition("/")[0] + f"/{name}"
    database = Database("postgresql", url, tmp_path, lambda *said: run_postgres(url, *said))
    database.run(
        "create table leads (name text)", "insert into leads values (convert_from('\\x4dfc', getdatabaseencoding()))"
    )
    if encoding == "LATIN1":
        assert rows(database, table="leads") == [{"name": "Mü"}]
    else:
        assert "invalid byte sequence for encoding" in refusal(database, table="leads")


@pytest.mark.parametrize(
    "query",
    [
        "select name::int as a from (values ('1'), ('Ann Example')) as people(name)",
        "select ('Ann Example')::int as a",
        "select to_date('Ann Example', 'YYYY-MM-DD') as a",
        "select raise_name() as a",
        "select 1 / (length(name) - 11) as a from (values ('Ann Example')) as people(name)",
    ],
)
def test_a_query_that_fails_at_a_value_does_not_show_it(postgres_database: Database, query: str) -> None:
    postgres_database.run(
        "create function raise_name() returns int language plpgsql as "
        "$$ begin raise exception 'bad lead: %', 'Ann Example'; end $$"
    )
    said = refusal(postgres_database, query)
    assert "Ann" not in said and "Example" not in said
    assert "stopped in the middle of the query" in said


def test_a_role_that_may_not_read_is_told_so(postgres_database: Database) -> None:
    postgres_database.run(*LEADS, "create role visitor login")
    url = postgres_database.url.replace("postgres@", "visitor@")
    said = refusal(postgres_database, table="leads", url=url)
    assert said.endswith("refuses the query: permission denied for table leads; grant its user select")
    assert tables(url) == []


@pytest.fixture(scope="module")
def guarded(postgres_url: str) -> Iterator[str]:
    """The URL of a role with a password."""
    run_postgres(postgres_url, f"create role {GUARDED} login password '{SECRET}'")
    yield postgres_url.replace("postgres@", f"{GUARDED}:{SECRET}@")
    run_postgres(postgres_url, f"drop role {GUARDED}")


def test_the_right_password_opens_in_every_spelling(guarded: str, tmp_path: Path) -> None:
    for scheme in ("postgresql", "postgres", "postgresql+psycopg", "postgresql+psycopg2"):
        assert fetch(guarded.replace("postgresql", scheme, 1), "select 1 as a", None, tmp_path / "a.parquet") == 1


def test_no_failed_connection_shows_user_or_password(guarded: str, tmp_path: Path) -> None:
    port = re.search(r":(\d+)/", guarded)
    assert port is not None
    odd = guarded.replace(SECRET, SECRET + "{}")
    urls = {
        guarded.replace(
            SECRET, "wrong-" + SECRET
        ): r"database postgres at 127.0.0.1:\d+ refuses the url's user or passw",
        guarded.replace(GUARDED, "nobody"): "refuses the url's user or password",
        guarded.replace(port[0], ":1/"): "no connection to database postgres at 127.0.0.1:1: nothing answers there",
        guarded.replace("127.0.0.1", "host.invalid"): "host.invalid:.*: the host's name is unknown",
        guarded + "_2": r"there is no database 'postgres_2' at 127.0.0.1:\d+; correct the url",
        guarded + "?nonsense=1": "a parameter that its driver does not know",
        guarded + "?sslmode=require": "SSL",
        guarded.removeprefix("postgresql://"): "the url is no database's; expected one like postgresql://",
        **{odd.format(sign): "percent-encoded" for sign in "@/?#"},
        f"postgresql://{GUARDED}:{SECRET}/postgres": "percent-encoded",
        f"nonsense://{GUARDED}:{SECRET}@127.0.0.1/x": "nonsense:// is no kind of database known here",
        f"mssql+pyodbc://{GUARDED}:{SECRET}@127.0.0.1/x": "driver for mssql is not installed; pip install pyodbc",
        f"mysql://{GUARDED}:{SECRET}@127.0.0.1/x": "pip install mysqlclient",
        f"snowflake://{GUARDED}:{SECRET}@account/x": "pip install snowflake-sqlalchemy",
    }
    for url, expected in urls.items():
        with pytest.raises(WorkspaceError) as caught:
            fetch(url, "select 1 as a", None, tmp_path / "a.parquet")
        said = str(caught.value)
        assert re.search(expected, said), said
        assert SECRET not in said and GUARDED not in said and "nobody" not in said


def test_a_missing_sqlite_file_is_an_error_and_is_not_made(tmp_path: Path) -> None:
    for url in ("sqlite:///nowhere.db", f"sqlite:///{tmp_path}/nowhere.db", "sqlite://"):
        with pytest.raises(WorkspaceError, match=r"(there is no file .*nowhere\.db|names no file); correct the url"):
            fetch(url, "select 1 as a", None, tmp_path / "a.parquet", root=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "crm.db").write_bytes(b"lead_id,country\n" * 100)
    with pytest.raises(WorkspaceError, match=r"crm\.db is no SQLite database; correct the url"):
        tables("sqlite:///crm.db", tmp_path)


def test_a_query_and_a_table_are_one_too_many(database: Database) -> None:
    assert "one of them" in refusal(database, "select 1 as a", "leads")
    assert "one of them" in refusal(database)

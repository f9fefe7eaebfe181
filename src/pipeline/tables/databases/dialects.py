"""Every database but PostgreSQL, through SQLAlchemy: a result as batches of texts that mean the values exactly."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, time, timedelta
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import UUID

import pyarrow as pa

from pipeline.definitions.yaml_lines import WorkspaceError
from pipeline.tables.databases.addresses import Address, one_name_each, parts_of, written

if TYPE_CHECKING:
    from sqlalchemy import Connection

ROWS = 20_000
"""Rows of a batch."""

_READ_ONLY = {
    "mysql": "set session transaction read only",
    "mariadb": "set session transaction read only",
    "oracle": "set transaction read only",
}
"""How a kind of database is told that nothing will be written; SQLite's file is opened so."""


def tables(address: Address) -> list[str]:
    """The tables and views of the connection's own schema."""
    with _connected(address) as connection:
        return _tables(connection)


@contextmanager
def stream(
    address: Address, query: str | None, table: str | None
) -> Iterator[tuple[pa.Schema, Iterator[pa.RecordBatch]]]:
    """The result's columns, all of texts, and its batches; they are read while the block lasts."""
    with _connected(address) as connection:
        statement = query if table is None else _select(connection, address, table)
        assert statement is not None
        # As it is written: no colon and no percent sign in it stands for a parameter.
        streaming = connection.execution_options(stream_results=True, max_row_buffer=ROWS, no_parameters=True)
        result = streaming.exec_driver_sql(statement)
        if not result.returns_rows or result.cursor is None:
            raise WorkspaceError("the query gives no columns; expected a select, for a database is only ever read")
        names = [str(column[0] or "") for column in result.cursor.description]
        one_name_each(names)
        yield pa.schema([(name, pa.string()) for name in names]), _batches(result.partitions(ROWS), names)


@contextmanager
def _connected(address: Address) -> Iterator[Connection]:
    """A connection that writes nothing: read-only where the database can be told so, and never committed."""
    try:
        import sqlalchemy
    except ImportError as error:
        raise address.no_driver(error) from None
    url, options = address.url, {}
    if address.kind == "sqlite":
        # The usual way makes a new database of a name that is wrong.
        file = f"file:{quote(str(address.file().absolute()))}?mode=ro"
        url, options = "sqlite://", {"creator": lambda: sqlite3.connect(file, uri=True)}
    try:
        connection = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool, **options).connect()
    except ImportError as error:
        raise address.no_driver(error) from None
    except sqlalchemy.exc.NoSuchModuleError:
        raise address.no_kind() from None
    except Exception as error:  # A driver raises what it likes, and may put the URL in it.
        raise address.no_connection(str(getattr(error, "orig", error))) from None
    with connection:
        try:
            if address.kind in _READ_ONLY:
                connection.exec_driver_sql(_READ_ONLY[address.kind])
            yield connection
        except sqlalchemy.exc.SQLAlchemyError as error:
            raise _fault(address, getattr(error, "orig", error)) from None


def _tables(connection: Connection) -> list[str]:
    from sqlalchemy import inspect

    found = inspect(connection)
    return [written("", table) for table in sorted({*found.get_table_names(), *found.get_view_names()})]


def _select(connection: Connection, address: Address, table: str) -> str:
    from sqlalchemy import inspect

    parts = parts_of(table)
    if not inspect(connection).has_table(parts[-1], schema=".".join(parts[:-1]) or None):
        raise address.no_table(table, _tables(connection))
    return f"select * from {'.'.join(map(connection.dialect.identifier_preparer.quote_identifier, parts))}"


def _batches(partitions: Iterable[Any], names: list[str]) -> Iterator[pa.RecordBatch]:
    for rows in partitions:
        columns = zip(*rows, strict=True)
        texts = [[text(value, name) for value in column] for name, column in zip(names, columns, strict=True)]
        yield pa.record_batch([pa.array(column, pa.string()) for column in texts], names=names)


def text(value: object, column: str) -> str | None:
    """A value as the text that means it exactly; None, and a number that is infinite or none, are missing.

    WorkspaceError names the column of a value that has no such text.

    >>> from decimal import Decimal
    >>> [text(value, "amount") for value in (0.1, 9007199254740993001, Decimal("1200.50"), Decimal("1E+3"), True)]
    ['0.1', '9007199254740993001', '1200.50', '1000', 'true']
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | UUID):
        return str(value)
    if isinstance(value, float):
        return repr(value) if isfinite(value) else None
    if isinstance(value, Decimal):
        return format(value, "f") if value.is_finite() else None
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):  # MySQL's time of day
        minutes, seconds = divmod(value.seconds, 60)
        clock = f"{24 * value.days + minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
        return f"{clock}.{value.microseconds:06}" if value.microseconds else clock
    held = "bytes" if isinstance(value, bytes | bytearray | memoryview) else type(value).__name__
    raise WorkspaceError(
        f"column {column} holds {held}, no plain values; cast it to text in the query, or leave it out"
    )


def _fault(address: Address, error: BaseException) -> WorkspaceError:
    """SQLite's messages speak of the query; other drivers' where their class says so."""
    said = str(error.args[-1] if error.args else error)
    column = re.match(r"Could not decode to UTF-8 column '(.*?)' with text", said)
    if column is not None:
        return WorkspaceError(f"column {column[1]} holds text that is not UTF-8; write it as UTF-8 in the database")
    if address.kind == "sqlite" and "not a database" in said:
        return WorkspaceError(f"{address} is no SQLite database; correct the url")
    kinds = [kind.__name__ for kind in type(error).__mro__]
    return address.failed(said, of_the_query=address.kind == "sqlite" or "ProgrammingError" in kinds)

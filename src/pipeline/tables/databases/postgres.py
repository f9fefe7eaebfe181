"""PostgreSQL through ADBC: a result as Arrow batches, straight from the server's binary copy."""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from pipeline.definitions.yaml_lines import WorkspaceError
from pipeline.tables.databases.addresses import Address, one_name_each, parts_of, written
from pipeline.tables.databases.postgres_types import is_numeric, plain, readable

if TYPE_CHECKING:
    from adbc_driver_manager.dbapi import Cursor

# information_schema knows no materialized views, and names what may not be read.
_TABLES = """
select case when pg_table_is_visible(c.oid) then '' else n.nspname end, c.relname
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
  and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
  and has_schema_privilege(n.oid, 'usage') and has_any_column_privilege(c.oid, 'select')
order by 1, 2
"""

NO_SUCH_TABLE = "42P01"

_SELECT = re.compile(r"(select|with|values|table)\b", re.I)


def tables(address: Address) -> list[str]:
    """The tables and views that the user may read, with their schema where it is not on the search path."""
    with _connected(address) as cursor:
        return _tables(cursor)


@contextmanager
def stream(
    address: Address, query: str | None, table: str | None
) -> Iterator[tuple[pa.Schema, Iterator[pa.RecordBatch]]]:
    """The result's plain types and its batches, each of about 16 MiB; they are read while the block lasts."""
    with _connected(address) as cursor:
        if table is not None:
            query = f"select * from {'.'.join(_quoted(part) for part in parts_of(table))}"
        assert query is not None
        query = query.strip().rstrip(";")
        try:
            found = cursor.adbc_execute_schema(query)
        except cursor.connection.ProgrammingError as error:
            if table is None or error.sqlstate != NO_SUCH_TABLE:
                raise
            cursor.connection.rollback()
            raise address.no_table(table, _tables(cursor)) from None
        if not found.names:
            raise WorkspaceError("the query gives no columns; expected a select, for a database is only ever read")
        one_name_each(found.names)
        schema = readable(found, table)
        # The driver puts the query into brackets, which a comment at its end must not swallow.
        cursor.execute(_digits_written(query, found) + "\n")
        reader = cursor.fetch_record_batch()
        # Closed before the cursor is: nothing may still be reading then.
        with closing(_batches(address, reader)) as batches:
            yield schema, (plain(batch, found, schema) for batch in batches)


@contextmanager
def _connected(address: Address) -> Iterator[Cursor]:
    """A cursor inside a transaction that cannot write."""
    try:
        from adbc_driver_postgresql import dbapi
    except ImportError as error:
        raise address.no_driver(error) from None
    url = address.url
    if "connect_timeout" not in url and "PGCONNECT_TIMEOUT" not in os.environ:
        url += f"{'&' if '?' in url else '?'}connect_timeout=15"
    try:
        connection = dbapi.connect(url)
    except dbapi.Error as error:
        raise address.no_connection(str(error)) from None
    with connection, connection.cursor() as cursor:
        try:
            # In the transaction, not for the session: a pool may give the session to somebody else.
            cursor.execute("set transaction read only")
            cursor.execute("set local client_encoding = 'UTF8'")
            yield cursor
        except dbapi.Error as error:
            raise _fault(address, error, error.sqlstate) from None


def _tables(cursor: Cursor) -> list[str]:
    cursor.execute(_TABLES)
    return [written(schema, table) for schema, table in cursor.fetchall()]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _digits_written(query: str, schema: pa.Schema) -> str:
    """The query with its numerics written out by the server, which does it several times faster than the driver."""
    if not any(is_numeric(field) for field in schema) or not _SELECT.match(query):
        return query
    columns = (_quoted(field.name) + ("::text" if is_numeric(field) else "") for field in schema)
    return f"select {', '.join(columns)} from ({query}\n) as result"


def _batches(address: Address, reader: Any) -> Generator[pa.RecordBatch]:
    """Every batch; the next is read by a thread of its own while the caller writes this one."""
    with ThreadPoolExecutor(1) as ahead:
        coming = ahead.submit(next, reader, None)
        while True:
            try:
                batch = coming.result()
            except (OSError, pa.ArrowException) as error:
                raise _fault(address, error, None) from None
            if batch is None:
                return
            coming = ahead.submit(next, reader, None)
            yield batch


def _fault(address: Address, error: Exception, state: str | None) -> WorkspaceError:
    """PostgreSQL's own sentence stands after its severity, in whatever language: `ERROR:  ...`."""
    said = re.search(r"[^\W\d_]+:  ([^\n]+)", str(error))
    return address.failed(said[1] if said else str(error), state)

"""Rows of a database into a Parquet file, a batch at a time: never the whole result in memory.

PostgreSQL is read through ADBC, in Arrow's own types; every other database through SQLAlchemy, each value as the text
that means it exactly. A database is only ever read. Errors are sentences without the table's name, which the caller
puts before them; they hold neither the URL's user or password nor a row's value.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.definitions.yaml_lines import WorkspaceError
from pipeline.tables.databases import dialects, postgres
from pipeline.tables.databases.addresses import Address
from pipeline.tables.files import PARTIAL


def fetch(
    url: str,
    query: str | None,
    table: str | None,
    target: Path,
    progress: Callable[[int], None] | None = None,
    root: Path = Path(),
) -> int:
    """Write the rows of a query, or of a whole table (`leads`, `crm.leads`, `crm."odd.name"`), to the file `target`.

    PostgreSQL's timestamps, dates, times, integers, floats, booleans and texts keep their types; numeric, uuid, json
    and enums become texts. From other databases every value becomes a text: 0.1 is `0.1`, true is `true`, a time is
    ISO 8601. An infinite time or amount is missing. `progress` is called with the rows written so far. A relative
    SQLite file is relative to `root`. Gives the number of rows; if there are none, the file has the columns alone.
    WorkspaceError if there is no such driver, server, database, table or column, if a column holds bytes or lists, if
    two have one name, or if the query fails or would write; an older `target` then stays as it was.
    """
    if bool(query and query.strip()) == bool(table and table.strip()):
        raise WorkspaceError("expected a query or a table beside the url, one of them")
    address = Address.of(url, root)
    stream = postgres.stream if address.kind == "postgresql" else dialects.stream
    partial = target.with_name(f".{target.name}{PARTIAL}")
    rows = 0
    try:
        with stream(address, query, table) as (schema, batches):
            # Numbers and times seldom repeat: looking for words among them costs time and saves nothing.
            texts = [field.name for field in schema if pa.types.is_string(field.type)]
            with pq.ParquetWriter(
                partial, schema, compression="zstd", compression_level=1, use_dictionary=texts
            ) as writer:
                for batch in batches:
                    writer.write_batch(batch)
                    rows += batch.num_rows
                    if progress is not None:
                        progress(rows)
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
    return rows


def tables(url: str, root: Path = Path()) -> list[str]:
    """The tables and views that the URL's user may read, as `fetch` takes their names; system schemas left out."""
    address = Address.of(url, root)
    return postgres.tables(address) if address.kind == "postgresql" else dialects.tables(address)

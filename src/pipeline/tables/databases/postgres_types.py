"""PostgreSQL's types as ADBC gives them, made plain; what has no plain form is refused by column, with the remedy."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.definitions.yaml_lines import WorkspaceError

_PLAIN = (
    pa.types.is_string,
    pa.types.is_boolean,
    pa.types.is_integer,
    pa.types.is_floating,
    pa.types.is_timestamp,
    pa.types.is_date,
    pa.types.is_time,
)
_TEXTS = ("uuid", "citext")
"""Types that come as bytes and are texts."""

# As the driver writes them and as the server does.
_NOT_FINITE = pa.array(["nan", "inf", "-inf", "NaN", "Infinity", "-Infinity"])

# PostgreSQL counts from 4713 BC. An infinite time, or one beyond Arrow's last year, arrives as one long before it.
_FIRST_DAY = -2_441_000
_FIRST_INSTANT = _FIRST_DAY * 86_400_000_000

_HEX = np.frombuffer(bytes(range(256)).hex().encode(), dtype=np.uint8).reshape(256, 2)
_UUID_DIGITS = np.array([place for place in range(36) if place not in (8, 13, 18, 23)])


def readable(schema: pa.Schema, table: str | None) -> pa.Schema:
    """The types that `plain` makes of a result's; WorkspaceError names the columns that have no plain form."""
    kinds = [_plain_type(field) for field in schema]
    refused = [
        f"{field.name} holds {_postgres_name(field)}" for field, kind in zip(schema, kinds, strict=True) if kind is None
    ]
    if refused:
        name = next(field.name for field, kind in zip(schema, kinds, strict=True) if kind is None)
        where = "the query" if table is None else "a `query` in the place of `table`"
        raise WorkspaceError(f"column {', '.join(refused)}, no plain values; cast it to text in {where}: {name}::text")
    return pa.schema([pa.field(field.name, kind) for field, kind in zip(schema, kinds, strict=True)])


def plain(batch: pa.RecordBatch, found: pa.Schema, schema: pa.Schema) -> pa.RecordBatch:
    """A batch in the types of `readable`, `schema`, which it made of `found`.

    Exact digits, ids as people write them; times and numerics that are infinite, or no number, are missing.
    """
    columns = [
        _plain_column(column, field, kind)
        for column, field, kind in zip(batch.columns, found, schema.types, strict=True)
    ]
    return pa.record_batch(columns, schema=schema)


def is_numeric(field: pa.Field) -> bool:
    """Whether a column is PostgreSQL's numeric, whose digits are counted one by one."""
    return _postgres_type(field) == "numeric"


def _postgres_type(field: pa.Field) -> str:
    return str((field.metadata or {}).get(b"POSTGRESQL:type", b""), "utf-8")


def _postgres_name(field: pa.Field) -> str:
    """A type as PostgreSQL writes it: `int4[]`, which ADBC calls `_int4`."""
    name = _postgres_type(field)
    if "oid:" in name:
        return "a type of its own"
    return f"{name[1:]}[]" if name.startswith("_") else name or str(field.type)


def _plain_type(field: pa.Field) -> pa.DataType | None:
    name, kind = _postgres_type(field), field.type
    if name in _TEXTS:
        return pa.string()
    if name == "money":  # ADBC gives cents as whole numbers, whatever the currency's are.
        return None
    kind = kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind
    return kind if any(is_kind(kind) for is_kind in _PLAIN) else None


def _plain_column(column: pa.Array, field: pa.Field, kind: pa.DataType) -> pa.Array:
    column = column.storage if isinstance(column, pa.ExtensionArray) else column
    if pa.types.is_fixed_size_binary(column.type):
        return _uuids(column)
    if pa.types.is_binary(column.type):
        return column.cast(kind)
    if is_numeric(field):
        return pc.if_else(pc.is_in(column, _NOT_FINITE), None, column)
    if pa.types.is_timestamp(kind):
        return _dated(column, pa.int64(), _FIRST_INSTANT)
    return _dated(column, pa.int32(), _FIRST_DAY) if pa.types.is_date(kind) else column


def _dated(column: pa.Array, number: pa.DataType, first: int) -> pa.Array:
    counted = column.view(number)
    earliest = pc.min(counted).as_py()
    if earliest is None or earliest >= first:
        return column
    return pc.if_else(pc.less(counted, first), None, column)


def _uuids(column: pa.Array) -> pa.Array:
    """16 bytes each as the 36 characters that PostgreSQL writes."""
    count = len(column)
    if count == 0:
        return pa.array([], pa.string())
    data = np.frombuffer(column.buffers()[1], dtype=np.uint8)[16 * column.offset : 16 * (column.offset + count)]
    written = np.full((count, 36), ord("-"), dtype=np.uint8)
    written[:, _UUID_DIGITS] = _HEX[data].reshape(count, 32)
    ends = np.arange(count + 1, dtype=np.int32) * 36
    texts = pa.StringArray.from_buffers(count, pa.py_buffer(ends), pa.py_buffer(written))
    return pc.if_else(column.is_valid(), texts, None)

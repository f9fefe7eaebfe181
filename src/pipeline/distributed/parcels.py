"""What travels between driver and workers: plain JSON and Arrow tables, and nothing that has to be unpickled."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa


@dataclass(frozen=True)
class Parcel:
    """Plain data and tables, each by its name.

    >>> sent = Parcel({"as_of": 7}, {"leads": pa.table({"row": [0, 1]})})
    >>> Parcel.from_bytes(sent.to_bytes()) == sent
    True
    """

    plain: Mapping[str, Any] = field(default_factory=dict)
    tables: Mapping[str, pa.Table] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """As one text of bytes: the JSON, then every table in Arrow's stream format."""
        names = ["", *self.tables]
        parts = [json.dumps(self.plain).encode(), *map(_packed, self.tables.values())]
        return _packed(pa.table({"name": names, "part": pa.array(parts, pa.large_binary())}))

    @classmethod
    def from_bytes(cls, packed: bytes) -> Parcel:
        """What `to_bytes` wrote."""
        whole = _unpacked(packed)
        names, parts = whole["name"].to_pylist(), whole["part"]
        tables = {name: _unpacked(parts[place].as_buffer()) for place, name in enumerate(names) if place}
        return cls(json.loads(parts[0].as_py()), tables)


def _packed(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue())


def _unpacked(packed: bytes | pa.Buffer) -> pa.Table:
    return pa.ipc.open_stream(packed).read_all()

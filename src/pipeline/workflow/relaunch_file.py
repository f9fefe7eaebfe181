"""The list of leads to take up again as a file, a row a lead, every value in a cell of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from pipeline.tables.files import arriving_file

ENDINGS = (".csv", ".parquet")

TEXT, NUMBER, WHOLE = pa.string(), pa.float64(), pa.int64()
FIGURES = ("share", "without", "difference")
"""What has an interval: each becomes a column, and one for either end."""
SCHEMA = pa.schema(
    [
        ("lead_id", TEXT),
        ("stage", TEXT),
        ("action", TEXT),
        ("rule", TEXT),
        ("probability", NUMBER),
        ("grade", TEXT),
        ("score", WHOLE),
        ("reasons", TEXT),
        ("days_since_last_contact", NUMBER),
        ("content", TEXT),
        *((f"{name}{end}", NUMBER) for name in FIGURES for end in ("", "_low", "_high")),
        ("alike", TEXT),
        ("leads", WHOLE),
        ("clear", pa.bool_()),
        ("sentence", TEXT),
    ]
)


def write_list(rows: Sequence[Mapping[str, Any]], output: Path) -> None:
    """The rows as csv or parquet, by the ending, whole or not at all; reasons are sentences in one cell."""
    flat = list(map(_flat, rows))
    columns = {field.name: pa.array([row[field.name] for row in flat], field.type) for field in SCHEMA}
    table = pa.table(columns, SCHEMA)
    with arriving_file(output) as partial:
        if output.suffix == ".parquet":
            pq.write_table(table, partial)
        else:
            pyarrow.csv.write_csv(table, partial)


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    flat = dict(row) | {"reasons": "\n".join(row["reasons"])}
    for name in FIGURES:
        figure = row[name] or {"value": None, "low": None, "high": None}
        flat |= {name: figure["value"], f"{name}_low": figure["low"], f"{name}_high": figure["high"]}
    return flat

"""Whether two results hold the same 40 measures: counts exactly, the rest to 1e-9, missing where missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.large.measures import COLUMNS

TOLERANCE = 1e-9


def differences(one: Path, other: Path) -> list[str]:
    """The columns in which two results differ, and in how many rows."""
    here, there = _read(one), _read(other)
    if here.num_rows != there.num_rows:
        return [f"{here.num_rows} rows and {there.num_rows}"]
    found = []
    for column in COLUMNS:
        if column.name not in here.column_names or column.name not in there.column_names:
            continue
        mine, theirs = _floats(here, column.name), _floats(there, column.name)
        near = np.isclose(mine, theirs, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True)
        if not near.all():
            found.append(f"{column.name}: {int((~near).sum())} of {len(near)} rows")
    return found


def _read(path: Path) -> pa.Table:
    """A peer's file, by its `row`; or our training set, which stands in that order."""
    if path.is_dir():
        return pq.read_table(path / "observations.parquet")
    return pq.read_table(path).sort_by("row")


def _floats(table: pa.Table, name: str) -> np.ndarray:
    return table.column(name).cast(pa.float64()).to_numpy()

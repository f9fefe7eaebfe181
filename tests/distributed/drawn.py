"""A drawn world (`tests/worlds.py`) as a workspace with tables in Parquet, as an export would have them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.definitions.criteria import Criterion
from pipeline.definitions.workspace import Workspace, load_workspace
from tests.histories import criterion
from tests.oracle_rows import instant

Plain = dict[str, Any]

STAMP = pa.timestamp("us", "UTC")


def workspace(case: Plain, folder: Path, *, auto: bool) -> Workspace:
    """Write the case and load its workspace; `auto` finds the criteria by counting."""
    folder.mkdir()
    sources: Plain = {
        "leads": {
            "from": "leads.parquet",
            "id": "id",
            "created_at": "created_at",
            "attributes": ["size", "title"],
            "entities": {"contact": "contact", "account": "account"},
        },
        "interactions": _facts(case, folder),
        "deals": {
            "from": "deals.parquet",
            "id": "deal_id",
            "lead_id": "lead",
            "outcome": "outcome",
            **{name: name for name in ("closed_at", "known_at", "opened_at", "reopened_at")},
        },
        "changes": {"from": "changes.parquet", "lead_id": "lead", "known_at": "known_at"},
    }
    leads = [{**row, **row.get("entities", {}), **row.get("attributes", {})} for row in case["leads"]]
    _write(folder / "leads.parquet", leads, ("id", "contact", "account", "size", "title"), ("created_at",))
    times = ("closed_at", "known_at", "opened_at", "reopened_at")
    _write(folder / "deals.parquet", case.get("deals", []), ("lead", "deal_id", "outcome"), times)
    columns = ("lead", "attribute", "value", "old")
    _write(folder / "changes.parquet", case.get("changes", []), columns, ("at", "known_at"))
    criteria = {one.name: one.to_json() for one in map(criterion, case["measures"]) if _there(one)}
    plain = {
        "name": "drawn",
        "timezone": case["timezone"],
        "data_until": case["data_until"],
        "sources": sources,
        "goal": {"horizon": case["horizon"]},
        "observe": case["observe"],
        "criteria": "auto" if auto else list(criteria.values()),
    }
    # JSON is YAML too.
    (folder / "leadlight.yaml").write_text(json.dumps(plain), encoding="utf-8")
    return load_workspace(folder / "leadlight.yaml")


def _there(one: Criterion) -> bool:
    """Whether a workspace may ask it: it names only what its tables have."""
    named = {*(measure.column for measure in one.measures), *(field for field, _ in one.when)} - {None, "kind", "flow"}
    attribute = one.attribute in (None, "size", "title")
    return one.built_in is None and attribute and named <= {"page", "campaign", "duration", "visits"}


def _facts(case: Plain, folder: Path) -> list[Plain]:
    """Two tables of each entity's facts, whether they hold any or not."""
    found = []
    for entity in ("lead", "contact", "account"):
        for table in range(2):
            rows = [r for r in case["interactions"] if (r.get("entity", "lead"), r.get("table", 0)) == (entity, table)]
            flat = [{**row, **row.get("texts", {}), **row.get("numbers", {})} for row in rows]
            name = f"{entity}-{table}.parquet"
            texts, numbers = ("entity_id", "id", "kind", "flow", "page", "campaign"), ("duration", "visits")
            _write(folder / name, flat, texts, ("at", "known_at"), numbers)
            found.append(
                {
                    # By the driver: a worker that opens a file for three rows would take most of the time.
                    "from": {"sql": f"select * from '{name}'"},
                    "entity": entity,
                    **{key: key for key in ("entity_id", "id", "at", "known_at", "kind", "flow")},
                    "numbers": list(numbers),
                    "texts": ["page", "campaign"],
                }
            )
    return found


def _write(
    path: Path, rows: Sequence[Plain], texts: Sequence[str], times: Sequence[str], numbers: Sequence[str] = ()
) -> None:
    columns = {name: pa.array([row.get(name) for row in rows], pa.string()) for name in texts}
    columns |= {name: pa.array([_micros(row.get(name)) for row in rows], STAMP) for name in times}
    columns |= {name: pa.array([row.get(name) for row in rows], pa.float64()) for name in numbers}
    pq.write_table(pa.table(columns), path, row_group_size=4)


def _micros(text: str | None) -> int | None:
    return None if text is None else instant(text)

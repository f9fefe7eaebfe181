"""The demo CRM on disk: seven Parquet files and the list of what is wrong with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from pipeline.definitions.zones import iso
from pipeline.demo import world
from pipeline.demo.dirt import plant
from pipeline.demo.facts import tell
from pipeline.demo.people import people
from pipeline.demo.simulate import OPEN, WON, Progress, simulate
from pipeline.demo.tables import INSTANTS, Table, tables
from pipeline.tables.columns import NEVER
from pipeline.tables.files import arriving

FILES = ("leads", "contacts", "accounts", "interactions", "deals", "changes", "spend")
PLANTED = "planted.yaml"


def write_demo(folder: Path, leads: int = 20_000, seed: int = 7, progress: Progress | None = None) -> dict[str, Any]:
    """Simulate a CRM of so many leads (at least 200) and write it to `folder`: FILES as Parquet, and planted.yaml.

    The same arguments give the same files. The folder arrives whole or not at all; one that holds anything but a demo
    is refused with a ValueError. Returns `{"folder", "seed", "data_until", "rows": {table: n}, "won", "open"}`.
    """
    if leads < 200:
        raise ValueError(f"leads: {leads} are too few to simulate a company; expected 200 or more")
    _refuse_others(folder)
    streams = [np.random.default_rng([seed, stream]) for stream in range(5)]
    who = people(leads, streams[0])
    simulated = simulate(who, streams[1], progress)
    told = tell(who, simulated, streams[2])
    clean = tables(who, simulated, told, streams[3])
    dirty, planted = plant(clean, who, simulated, streams[4])
    with arriving(folder) as partial:
        for name in FILES:
            pq.write_table(_arrow(dirty[name]), partial / f"{name}.parquet", compression="zstd")
        listed = yaml.safe_dump([item.to_yaml() for item in planted], sort_keys=False, allow_unicode=True, width=110)
        (partial / PLANTED).write_text(_HEAD + listed, encoding="utf-8")
    return {
        "folder": str(folder),
        "seed": seed,
        "data_until": iso(world.DATA_UNTIL),
        "rows": {name: len(next(iter(dirty[name].values()))) for name in FILES},
        "won": int((simulated.outcome == WON).sum()),
        "open": int((simulated.outcome == OPEN).sum()),
    }


_HEAD = "# What is wrong with the demo's tables, on purpose: where it stands, how it was made, and why it harms.\n"


def _refuse_others(folder: Path) -> None:
    ours = {PLANTED, *(f"{name}.parquet" for name in FILES)}
    others = sorted(path.name for path in folder.iterdir() if path.name not in ours) if folder.is_dir() else []
    if others:
        raise ValueError(f"{folder} holds {others[0]}, which is no file of a demo CRM; name an empty folder")


def _arrow(table: Table) -> pa.Table:
    columns = {}
    for name, values in table.items():
        if name in INSTANTS:
            columns[name] = pa.array(values, type=pa.timestamp("us", tz="UTC"), mask=values == NEVER)
        elif values.dtype == np.float64:
            columns[name] = pa.array(values, type=pa.float64(), mask=np.isnan(values))
        elif name == "day":
            columns[name] = pa.array(values.tolist(), type=pa.date32())
        else:
            columns[name] = pa.array(values.tolist(), type=pa.string())
    return pa.table(columns)

"""Line 6: one CRM as csv, xlsx, Parquet, SQLite and PostgreSQL gives the same training set, to the last bit."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from adbc_driver_postgresql import dbapi

from benchmarks.proofs.line import Check, equal
from benchmarks.proofs.workshop import ROOT, Workshop, run
from pipeline.demo.write import FILES
from tests.postgres import server

LEADS, QUICK = 2_000, 300
TRAINING = Path("data") / "work" / "training"

Tables = Mapping[str, pa.Table]


def same(workshop: Workshop) -> list[Check]:
    """`leadlight features` of the demo CRM from each kind of source; hashes, and every column, compared with csv's."""
    folder = workshop.folder / "same"
    (folder / "demo").mkdir(parents=True)
    shutil.copy2(ROOT / "leadlight.yaml", folder / "demo" / "leadlight.yaml")
    run("leadlight", "demo", "--leads", workshop.count(LEADS, QUICK), cwd=folder / "demo")
    tables = {name: pq.read_table(folder / "demo" / "data" / "demo" / f"{name}.parquet") for name in FILES}
    with server() as url:
        written: dict[str, tuple[Callable[[Path, Tables], None], Callable[[str], str]]] = {
            "csv": (_csv, lambda table: f"{table}.csv"),
            "csv, rows shuffled": (_shuffled, lambda table: f"{table}.csv"),
            "xlsx": (_xlsx, lambda table: f"{table}.xlsx"),
            "parquet": (_parquet, lambda table: f"{table}.parquet"),
            "sqlite": (_sqlite, lambda table: f'{{url: "sqlite:///crm.db", table: {table}}}'),
            "postgresql": (
                lambda _, rows: _postgres(url, rows),
                lambda table: f"{{url: env:DEMO_URL, table: {table}}}",
            ),
        }
        made = {}
        for name, (write, place) in written.items():
            (folder / name).mkdir()
            write(folder / name, tables)
            text = (folder / "demo" / "leadlight.yaml").read_text(encoding="utf-8")
            for table in FILES:
                text = text.replace(f"from: data/demo/{table}.parquet", f"from: {place(table)}")
            (folder / name / "leadlight.yaml").write_text(text, encoding="utf-8")
            run("leadlight", "features", cwd=folder / name, env={"DEMO_URL": url})
            made[name] = folder / name / TRAINING
    summary = {name: json.loads((place / "training.json").read_text(encoding="utf-8")) for name, place in made.items()}
    rows = {name: pq.read_table(place / "observations.parquet") for name, place in made.items()}
    first = rows["csv"]
    return [
        Check("rows", {name: table.num_rows for name, table in tables.items()}, "said", True),
        Check("observations, columns", [first.num_rows, first.num_columns], "said", first.num_rows > 0),
        Check(
            "data_hash of each",
            {name: plain["data_hash"] for name, plain in summary.items()},
            "one",
            len({plain["data_hash"] for plain in summary.values()}) == 1,
        ),
        *(
            equal(f"columns of {name} that differ from csv's in any bit", different(first, table), [])
            for name, table in rows.items()
            if name != "csv"
        ),
    ]


def different(one: pa.Table, other: pa.Table) -> list[str]:
    """The columns of which any bit differs; all of them where the tables have other columns or rows."""
    if one.schema.names != other.schema.names or one.num_rows != other.num_rows:
        return sorted({*one.schema.names, *other.schema.names})
    return [name for name in one.schema.names if bits(one[name]) != bits(other[name])]


def bits(column: pa.ChunkedArray) -> Any:
    """Type, places of what is missing, and every value's bits."""
    if not pa.types.is_floating(column.type):
        return (str(column.type), column.to_pylist())
    missing = column.is_null().to_pylist()
    return (str(column.type), missing, column.fill_null(0.0).to_numpy().tobytes())


def _csv(folder: Path, tables: Tables) -> None:
    for name, table in tables.items():
        pyarrow.csv.write_csv(table, folder / f"{name}.csv")


def _shuffled(folder: Path, tables: Tables) -> None:
    """The rows of every table in another order, as a database may give them."""
    random = np.random.default_rng(7)
    _csv(folder, {name: table.take(pa.array(random.permutation(table.num_rows))) for name, table in tables.items()})


def _parquet(folder: Path, tables: Tables) -> None:
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")


def _xlsx(folder: Path, tables: Tables) -> None:
    """Numbers as numbers, and instants, for which a sheet has no zone, as texts."""
    for name, table in tables.items():
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet(name)
        sheet.append(table.column_names)
        for row in zip(*(_plain(table[column]) for column in table.column_names), strict=True):
            sheet.append(row)
        book.save(folder / f"{name}.xlsx")


def _plain(column: pa.ChunkedArray) -> list[Any]:
    texts = pa.types.is_timestamp(column.type)
    return [None if value is None else value.isoformat() if texts else value for value in column.to_pylist()]


def _sqlite(folder: Path, tables: Tables) -> None:
    connection = sqlite3.connect(folder / "crm.db")
    for name, table in tables.items():
        columns = [f'"{field.name}" {"real" if pa.types.is_floating(field.type) else "text"}' for field in table.schema]
        connection.execute(f"create table {name} ({', '.join(columns)})")
        rows = zip(*(map(_stored, _plain(table[column])) for column in table.column_names), strict=True)
        connection.executemany(f"insert into {name} values ({', '.join('?' * table.num_columns)})", rows)
    connection.commit()
    connection.close()


def _stored(value: Any) -> Any:
    """A value as SQLite stores it, which knows no days and no truth values."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if value is None or isinstance(value, int | float | str) else value.isoformat()


def _postgres(url: str, tables: Tables) -> None:
    """Every table in the server's own types."""
    with dbapi.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        for name, table in tables.items():
            cursor.adbc_ingest(name, table, mode="create")

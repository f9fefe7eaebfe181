"""Leadlight and its peers at the same work, each turn of each in a fresh process.

python -m benchmarks.large.contest --interactions 1_000_000 --observations 2 --folder F
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from benchmarks.large.alike import differences
from benchmarks.large.crm import Large, large
from benchmarks.large.measures import AGES
from benchmarks.measured import Measured, measured
from benchmarks.peers.environments import interpreter
from benchmarks.rounds import in_turns, line, ratio, shown, spread

OURS, SCAN, PANDAS = "leadlight", "scan", "pandas"
PEERS = {
    SCAN: (None, "benchmarks.peers.scan", "scan"),
    PANDAS: (None, "benchmarks.peers.by_pandas", "pandas"),
    "duckdb first": (None, "benchmarks.peers.by_duckdb", "first"),
    "duckdb grouped": (None, "benchmarks.peers.by_duckdb", "grouped"),
    "duckdb split": (None, "benchmarks.peers.by_duckdb", "split"),
    "duckdb onward": (None, "benchmarks.peers.by_duckdb", "onward"),
    "polars grouped": ("peers", "benchmarks.peers.by_polars", "grouped"),
    "polars by lead": ("peers", "benchmarks.peers.by_polars", "by_lead"),
}
"""Who -> the environment (None: ours), the module, the formulation."""

FASTEST = {
    1: ("duckdb split", "polars by lead"),
    2: ("duckdb split", "polars by lead"),
    4: ("duckdb split", "polars by lead"),
    12: ("duckdb onward", "polars by lead"),
}
"""Observations a lead -> each peer's fastest formulation, as we found them."""

USUAL = ("duckdb grouped", "polars grouped")
"""As it is usually said: one join, a group for each kind and window, a pivot."""

CORES = str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


@dataclass
class Entrant:
    """One who takes part: what it is started with, and what was seen of it."""

    name: str
    crm: Large
    commands: list[float] = field(default_factory=list)
    peak: int = 0

    @property
    def output(self) -> Path:
        """A folder of ours, a file of a peer's."""
        name = f"{self.name.replace(' ', '-')}-{self.crm.observations_a_lead}"
        return self.crm.folder / "results" / name

    def rows(self) -> int:
        """How many observations came out."""
        file = self.output / "observations.parquet" if self.output.is_dir() else self.output
        return int(pq.read_metadata(file).num_rows)

    def __call__(self) -> float:
        """Run once; the seconds that the process itself says."""
        ran = self.run()
        self.commands.append(ran.seconds)
        self.peak = max(self.peak, ran.peak)
        return float(str(ran.said["seconds"]))

    def run(self) -> Measured:
        """Into an output that is not there yet, or else we would find it unchanged."""
        self.output.parent.mkdir(parents=True, exist_ok=True)
        if self.output.is_dir():
            shutil.rmtree(self.output)
        env = {"OMP_NUM_THREADS": CORES, "POLARS_MAX_THREADS": CORES}
        if self.name == OURS:
            command = (sys.executable, "-m", "benchmarks.large.ours", self.crm.workspace, self.output)
            return measured(*command, env=env)
        where, module, form = PEERS[self.name]
        python = sys.executable if where is None else interpreter(where)
        files = (self.crm.interactions, self.crm.observations, self.output)
        return measured(python, "-m", module, form, *files, env=env)


@dataclass(frozen=True)
class Contest:
    """What came out on one CRM: seconds of each turn, and the most memory of each."""

    crm: Large
    entrants: Mapping[str, Entrant]
    seconds: Mapping[str, list[float]]

    @property
    def peaks(self) -> dict[str, int]:
        """Bytes."""
        return {name: entrant.peak for name, entrant in self.entrants.items()}

    def rows(self) -> int:
        """How many observations our own result has."""
        return self.entrants[OURS].rows()

    def over_ours(self, name: str) -> dict[str, Any]:
        """How many times as long as ours, within each turn."""
        return ratio(self.seconds[name], self.seconds[OURS])

    def to_json(self) -> dict[str, Any]:
        """Figures only."""
        return {
            "observations_a_lead": self.crm.observations_a_lead,
            "observations": self.rows(),
            "seconds": {name: spread(turns) for name, turns in self.seconds.items()},
            "whole_command_seconds": {name: spread(each.commands) for name, each in self.entrants.items()},
            "peak_bytes": self.peaks,
            "over_ours": {name: self.over_ours(name) for name in self.seconds if name != OURS},
        }


def contest(crm: Large, names: Iterable[str], rounds: int) -> Contest:
    """Ours and the others in turns."""
    entrants = {name: Entrant(name, crm) for name in (OURS, *names)}
    # Read once, so that whoever comes first does not wait for the disk alone.
    with crm.interactions.open("rb") as file:
        while file.read(1 << 24):
            pass
    return Contest(crm, entrants, in_turns(entrants, rounds))


def disagreements(folder: Path, interactions: int = 100_000, observations_a_lead: int = 2) -> list[str]:
    """Where a peer's result differs from ours on a small CRM; nothing, if all is well."""
    crm = large(folder, interactions, observations_a_lead)
    names = [name for name in PEERS if name != SCAN]
    results = {name: each.output for name, each in contest(crm, names, 1).entrants.items()}
    return [f"{name}: {found}" for name in names for found in differences(results[OURS], results[name])]


def told(found: Contest) -> None:
    """Print what came out."""
    for name, turns in found.seconds.items():
        peak = f"{found.peaks[name] / 1e9:.2f} GB"
        line(name, f"{shown(spread(turns), 's')}  {peak:>8}")
        if name != OURS:
            line(f"  {name} / {OURS}", shown(found.over_ours(name), "x"))


def main() -> None:
    parser = argparse.ArgumentParser(description="Features by Leadlight and by others, on a CRM made for it.")
    parser.add_argument("--interactions", type=int, default=1_000_000)
    parser.add_argument("--observations", type=int, choices=AGES, default=2, help="of each lead")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--with", dest="names", help="names by commas; default: each peer's fastest formulation")
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    names = options.names.split(",") if options.names else [SCAN, *FASTEST[options.observations]]
    crm = large(options.folder, options.interactions, options.observations)
    told(contest(crm, names, options.rounds))


if __name__ == "__main__":
    main()

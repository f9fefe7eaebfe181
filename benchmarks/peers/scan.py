"""The machine's own limit: DuckDB reads the interactions and groups them by lead, and does nothing else.

python -m benchmarks.peers.scan scan INTERACTIONS OBSERVATIONS OUTPUT
"""

from __future__ import annotations

import os

import duckdb

from benchmarks.peers import timed


def scan(interactions: str, observations: str, output: str) -> None:
    """Count the facts and sum the durations of each lead; the observations are not looked at."""
    connection = duckdb.connect()
    connection.execute(f"set threads = {len(os.sched_getaffinity(0))}; set preserve_insertion_order = false")
    query = f"select lead_id, count(*), sum(duration) from '{interactions}' group by lead_id"
    connection.execute(f"copy ({query}) to '{output}' (format parquet)")


if __name__ == "__main__":
    timed.main({"scan": scan}, duckdb.__version__)

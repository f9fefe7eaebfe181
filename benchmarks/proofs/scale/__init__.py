"""A hundred million interactions on a laptop: features, memory, one lead, contributions, engines, kills, the page."""

from __future__ import annotations

import importlib

from benchmarks.proofs.line import Check, Line
from benchmarks.proofs.scale.contributions import contributions
from benchmarks.proofs.scale.kills import killed
from benchmarks.proofs.scale.large import against_others, hundred_million
from benchmarks.proofs.scale.one_lead import measured_alone
from benchmarks.proofs.scale.page import page
from benchmarks.proofs.workshop import Workshop


def engines(workshop: Workshop) -> list[Check]:
    """Line 5, which needs engines that the other lines do without."""
    found: list[Check] = importlib.import_module("benchmarks.proofs.scale.engines").engines(workshop)
    return found


LINES = [
    Line(
        1,
        "10 M interactions, 400 k observations, 40 measures, Parquet to Parquet: at least 2x faster than the faster of "
        "tuned DuckDB SQL and Polars in the same run, at least 9x faster than pandas; with 12 observations a lead at "
        "least 12x faster than both; no slower than 4.5x the bare scan-and-group of the same file.",
        "leadlight features; python -m benchmarks.large.contest",
        against_others,
    ),
    Line(
        2,
        "100 M on 2 cores: peak memory under 3 GB, at most 12x the time of 10 M.",
        "leadlight features",
        hundred_million,
    ),
    Line(
        3,
        "One lead, 50 interactions, 40 measures, from Python objects to measures: median under 0.1 ms; 5,000 "
        "interactions under 3 ms.",
        "python -m benchmarks.bench",
        measured_alone,
    ),
    Line(
        4,
        "Contributions at 300 trees x 31 leaves, depth 6: at least 20x faster than pred_contrib for 100 k rows on the "
        "same cores, one row in 0.2 ms or less, equal to 1e-9 on 500 random models with missing values and "
        "categoricals. 1 M demo leads scored with contributions per criterion in under 60 s on 2 cores.",
        "leadlight score -o scores.parquet --contributions",
        contributions,
    ),
    Line(
        5,
        "The same training set, bit for bit, from one process, two processes, Dask and Spark on the demo CRM; scores "
        "and contributions likewise; train --engine dask reaches the local model's test log loss within its paired "
        "interval.",
        "python -m benchmarks.prove scale --only 5",
        engines,
    ),
    Line(
        6,
        "kill -9 at ten random moments of leadlight features on 10 M: no output passes for whole, the next run "
        "succeeds.",
        "leadlight features, killed",
        killed,
    ),
    Line(
        7,
        "docs/scale.md: measured cost against size (1, 10, 100 M; 1, 2, 12 observations), what limits each step, and "
        "what a billion interactions need on one machine and on a cluster, from these figures.",
        "python -m benchmarks.page",
        page,
    ),
]
"""In the order of the promise."""

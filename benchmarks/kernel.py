"""The kernel against a peer and the machine's own limit, on facts made in memory: ratios within one run.

The peer is pandas as an analyst would write it (join observations to facts, mask, group); the limit is DuckDB's bare
scan and group of the same facts. All three count the same measures; the first two are checked to be equal.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import duckdb
import numpy as np
import pandas as pd

from pipeline.definitions.criteria import Criterion, Measure
from pipeline.definitions.spans import DAY
from pipeline.features.kernel import measure_ledger
from pipeline.features.ledger import build_ledger
from pipeline.tables.columns import NEVER, History, Interactions, Leads, Texts, no_changes, no_deals

KINDS = ("page_view", "download", "call", "email_sent", "reply", "webinar", "demo_request", "quote_request")
MEASURES = ("count 7d", "count 30d", "count", "days_since_last", "total duration 30d")


def history(facts: int, leads: int, seed: int = 7) -> History:
    """So many facts of so many leads, spread over a year, in the order of arrival."""
    random = np.random.default_rng(seed)
    ids = tuple(f"L{number:08d}" for number in range(leads))
    table = Interactions(
        entity="lead",
        entity_id=Texts(random.integers(0, leads, facts).astype(np.int32), ids),
        at=np.sort(random.integers(0, 365 * DAY, facts)),
        kind=Texts(random.integers(0, len(KINDS), facts).astype(np.int32), tuple(sorted(KINDS))),
        id=Texts.missing(facts),
        known_at=np.full(facts, NEVER),
        flow=np.zeros(facts, dtype=np.int8),
        numbers={"duration": random.integers(1, 600, facts).astype(np.float64)},
    )
    who = Leads(Texts(np.arange(leads, dtype=np.int32), ids), np.zeros(leads, dtype=np.int64))
    return History(who, (table,), no_deals(), no_changes(), 365 * DAY)


def timed(work: Callable[[], object], runs: int) -> tuple[float, object]:
    """Median seconds of several runs, and the last result."""
    seconds, result = [], None
    for _ in range(runs):
        start = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - start)
    return median(seconds), result


def by_pandas(crm: History, lead: np.ndarray, cutoff: np.ndarray) -> pd.DataFrame:
    """The same measures by a join and masks."""
    (table,) = crm.interactions
    facts = pd.DataFrame(
        {"lead": table.entity_id.codes, "at": table.at, "kind": table.kind.codes, "duration": table.numbers["duration"]}
    )
    rows = pd.DataFrame({"lead": lead, "cutoff": cutoff, "row": np.arange(len(lead))})
    pairs = rows.merge(facts, on="lead")
    pairs = pairs[pairs["at"] < pairs["cutoff"]]
    age = pairs["cutoff"] - pairs["at"]
    found = {}
    for code, kind in enumerate(table.kind.words):
        mine, since = pairs[pairs["kind"] == code], age[pairs["kind"] == code]
        for name, window in (("count_7d", 7 * DAY), ("count_30d", 30 * DAY), ("count", None)):
            inside = mine if window is None else mine[since <= window]
            found[f"{kind}.{name}"] = inside.groupby("row").size()
        found[f"{kind}.days_since_last"] = since.groupby(mine["row"]).min() / DAY
        found[f"{kind}.total_duration_30d"] = mine[since <= 30 * DAY].groupby("row")["duration"].sum()
    return pd.DataFrame(found, index=rows["row"])


def kernel(facts: int = 1_000_000, runs: int = 3) -> dict[str, float]:
    """Seconds of the kernel (ledger included), of pandas and of the bare scan, and the ratios."""
    crm = history(facts, facts // 25)
    random = np.random.default_rng(1)
    lead = np.repeat(np.arange(len(crm.leads)), 2)
    cutoff = random.integers(180 * DAY, 365 * DAY, len(lead))
    criteria = [
        Criterion(kind, "behaviour", tuple(map(Measure.parse, MEASURES)), when=(("kind", (kind,)),)) for kind in KINDS
    ]
    ours, measured = timed(lambda: measure_ledger(build_ledger(crm, "lead"), criteria, lead, cutoff, "UTC"), runs)
    theirs, frame = timed(lambda: by_pandas(crm, lead, cutoff), runs)
    assert isinstance(measured, dict)
    assert isinstance(frame, pd.DataFrame)
    for name, column in measured.items():
        expected = frame[name] if "days_since" in name else frame[name].fillna(0)
        if not np.array_equal(column, expected.to_numpy(), equal_nan=True):
            raise AssertionError(f"the kernel and pandas differ in {name}")
    (table,) = crm.interactions
    scan = pd.DataFrame({"lead": table.entity_id.codes, "duration": table.numbers["duration"]})
    connection = duckdb.connect()
    connection.register("scan", scan)
    query = "select lead, count(*), sum(duration) from scan group by lead"
    limit, _ = timed(lambda: connection.sql(query).to_arrow_table(), runs)
    return {
        "facts": float(facts),
        "observations": float(len(lead)),
        "measures": float(len(measured)),
        "kernel_seconds": ours,
        "pandas_seconds": theirs,
        "scan_seconds": limit,
        "pandas_over_kernel": theirs / ours,
        "kernel_over_scan": ours / limit,
    }

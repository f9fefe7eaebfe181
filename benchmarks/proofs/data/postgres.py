"""Rows of a PostgreSQL into Arrow: Leadlight's way against pandas with SQLAlchemy, in one run on an own server."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pandas as pd
import pyarrow.parquet as pq
import sqlalchemy
from adbc_driver_postgresql import dbapi

from benchmarks.proofs.line import Check, at_least, equal
from benchmarks.proofs.workshop import Workshop
from pipeline.tables.databases.fetch import fetch
from tests.postgres import server

ROWS, ROUNDS, RATIO = 500_000, 5, 3.0
LEADS, PAGES = 200_000, 500
KINDS = (
    "page_view",
    "download",
    "call",
    "email_sent",
    "email_open",
    "email_reply",
    "webinar",
    "meeting",
    "form",
    "demo_request",
    "quote_request",
    "trial",
)

# Steps that share no factor with what they count through: every lead, kind, page and day comes in no order.
INTERACTIONS = """
create unlogged table interactions as select
  (700000000000000000 + i)::text as id,
  (case when i * 7919 % {leads} % 2 = 0 then 100000000000000000 else 9007199254740993000 end
    + i * 7919 % {leads})::text as lead_id,
  (array['{kinds}'])[1 + i * 31 % {count}] as kind,
  timestamptz '2025-03-01 00:00:00Z' + (i * 1000003 % 39571200) * interval '1 second' as occurred_at,
  (i * 17 % 36000) / 10.0::double precision as duration,
  '/page/' || i * 101 % {pages} as page
from generate_series(1::bigint, {rows}) as series(i)
"""

DEALS = """
create unlogged table deals as select
  (100000000000000000 + i)::text as id, 9007199254740993000 + i as lead,
  timestamptz '2025-03-01 00:00:00Z' + i * interval '79 seconds' as closed_at,
  sqrt(i)::double precision as days, (array['{kinds}'])[1 + i % {count}] as kind, (i / 7.0)::numeric(20, 4) as amount
from generate_series(1::bigint, {rows}) as series(i)
"""


def fill(url: str, table: str, rows: int) -> None:
    """Make a table of so many rows, by the server itself (about 2 s a million)."""
    kinds = {"kinds": "', '".join(KINDS), "count": len(KINDS), "leads": LEADS, "pages": PAGES, "rows": rows}
    with dbapi.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(table.format(**kinds))


def fill_interactions(url: str, millions: float) -> int:
    """Make the table `interactions`: ids as texts, 200,000 leads, 12 kinds, 15 months, 500 pages. Gives its rows."""
    rows = round(millions * 1_000_000)
    fill(url, INTERACTIONS, rows)
    return rows


def read_by_pandas(url: str, query: str) -> pd.DataFrame:
    """What an analyst would write."""
    engine = sqlalchemy.create_engine(re.sub(r"^postgres(ql)?:", "postgresql+psycopg:", url))
    try:
        return pd.read_sql(query, engine)
    finally:
        engine.dispose()


def against_pandas(workshop: Workshop) -> list[Check]:
    """Half a million rows, read both ways in turns after one turn that does not count."""
    rows = ROWS // 50 if workshop.quick else ROWS
    query = "select id, lead, closed_at, days, kind, amount from deals"
    with server() as url:
        fill(url, DEALS, rows)
        target = workshop.folder / "deals.parquet"

        def ours() -> object:
            fetch(url, query, None, target)
            return pq.read_table(target)

        by_us, by_pandas = in_turns(ours, lambda: read_by_pandas(url, query), ROUNDS)
        ours_read, theirs = pq.read_table(target), read_by_pandas(url, query)
    same = [
        equal("rows", [ours_read.num_rows, len(theirs)], [rows, rows]),
        equal("ids of both", ours_read["id"].to_pylist() == theirs["id"].tolist(), True),
        equal("leads of both", ours_read["lead"].to_pylist() == theirs["lead"].tolist(), True),
        # pandas makes floats of them; we keep the digits.
        equal("amounts of both", [*map(float, ours_read["amount"].to_pylist())] == theirs["amount"].tolist(), True),
    ]
    return [
        *same,
        Check("PostgreSQL to Parquet to Arrow, s (median)", round(by_us, 3), "said", True),
        Check("pandas.read_sql with SQLAlchemy and psycopg, s (median)", round(by_pandas, 3), "said", True),
        at_least("pandas / Leadlight", by_pandas / by_us, RATIO),
    ]


def in_turns(one: Callable[[], object], other: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Median seconds of each, in turns so that a slow minute slows both; a first round is not counted."""
    seconds: tuple[list[float], list[float]] = ([], [])
    for turn in range(rounds + 1):
        for work, spent in zip((one, other), seconds, strict=True):
            start = time.perf_counter()
            work()
            if turn:
                spent.append(time.perf_counter() - start)
    return median(seconds[0]), median(seconds[1])


def main() -> None:
    """The comparison alone: python -m benchmarks.proofs.data.postgres."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="leadlight-proof-") as folder:
        for check in against_pandas(Workshop(Path(folder), False)):
            print(f"{check.name:<60} {check.value} ({check.bound})")


if __name__ == "__main__":
    main()

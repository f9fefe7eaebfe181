"""The 40 measures by Polars, streaming: in two groups, and as fast as we found it could be said.

python -m benchmarks.peers.by_polars FORM INTERACTIONS OBSERVATIONS OUTPUT
"""

from __future__ import annotations

import polars as pl

from benchmarks.large.measures import COLUMNS, COUNTED, DAY, KINDS, WINDOWS, of_flow
from benchmarks.peers import timed

KINDS_TYPE = pl.Enum(sorted(KINDS))

kind, age, bucket = pl.col("kind"), pl.col("age"), pl.col("bucket")
happened, cutoff = pl.col("happened"), pl.col("cutoff")

BUCKET = pl.lit(len(WINDOWS))
for _number, _days in reversed(list(enumerate(WINDOWS))):
    BUCKET = pl.when(age <= _days * DAY).then(_number).otherwise(BUCKET)
"""0 within 7 days, 1 within 28, 2 within 30, 3 before."""

KEY = happened * 16 + kind.to_physical()
"""The order of facts: at one instant, by kind."""

INBOUND, OUTBOUND = (kind.is_in(of_flow(flow)) for flow in ("inbound", "outbound"))


def _prepare(interactions: str, observations: str) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """Facts (lead, kind, happened, duration) and observations (row, lead, cutoff): numbers in place of texts."""
    seen = pl.scan_parquet(observations).select(
        pl.col("row").cast(pl.Int32), "lead_id", cutoff.dt.epoch("us").alias("cutoff")
    )
    leads = seen.select("lead_id").unique().with_row_index("lead").collect(engine="streaming").lazy()
    facts = pl.scan_parquet(interactions).select(
        "lead_id", kind.cast(KINDS_TYPE), pl.col("occurred_at").dt.epoch("us").alias("happened"), "duration"
    )
    facts, seen = (table.join(leads, on="lead_id").drop("lead_id") for table in (facts, seen))
    return facts, seen.collect(engine="streaming").lazy()


def _pairs(facts: pl.LazyFrame, seen: pl.LazyFrame) -> pl.LazyFrame:
    pairs = facts.join(seen, on="lead").filter(happened < cutoff).with_columns(age=cutoff - happened)
    return pairs.with_columns(bucket=BUCKET.cast(pl.Int8))


def _unanswered(facts: pl.LazyFrame, answered: pl.LazyFrame) -> pl.LazyFrame:
    """Outbound facts after the last inbound one, which stands in `answered` (row, lead, cutoff, latest)."""
    after = (happened < cutoff) & (pl.col("latest").fill_null(0) < KEY)
    pairs = facts.filter(OUTBOUND).join(answered, on="lead").filter(after)
    return pairs.group_by("row").agg(pl.len().alias("everything.unanswered"))


def _result(seen: pl.LazyFrame, parts: list[pl.LazyFrame], output: str) -> None:
    """All observations, those without a fact included, with what follows from the parts."""
    result = seen
    for part in parts:
        result = result.join(part, on="row", how="left")
    month = pl.col("everything.count_28d") / 28
    derived = {
        "call.mean_duration_30d": pl.col("call.total_duration_30d") / pl.col("call.given"),
        "everything.trend_7d_28d": pl.when(month > 0).then(pl.col("everything.count_7d") / 7 / month),
    }
    derived |= {f"{name}.days_since_last": (cutoff - pl.col(f"{name}.last")) / DAY for name in COUNTED}
    zero = ("count", "total", "active", "unanswered")
    columns = [
        derived.get(column.name, pl.col(column.name).fill_null(0) if column.measure.startswith(zero) else column.name)
        for column in COLUMNS
    ]
    named = {column.name: found for column, found in zip(COLUMNS, columns, strict=True)}
    result.select("row", **named).sink_parquet(output, engine="streaming")


def grouped(interactions: str, observations: str, output: str) -> None:
    """One join, a group for each observation, kind and window, and those groups summed by filters."""
    lazy, seen = _prepare(interactions, observations)
    facts = lazy.collect(engine="streaming").lazy()
    n, recent, call = pl.col("n"), bucket <= 2, (kind == "call") & (bucket <= 2)
    duration = pl.col("duration")
    groups = _pairs(facts, seen).group_by("row", "kind", "bucket")
    groups = groups.agg(
        pl.len().alias("n"),
        happened.max().alias("last"),
        duration.sum().alias("total"),
        duration.count().alias("given"),
        duration.max().alias("largest"),
        KEY.max().alias("key"),
        (happened // DAY).unique().alias("days"),
    )
    whole = [
        n.filter(bucket == 0).sum().alias("everything.count_7d"),
        n.filter(bucket <= 1).sum().alias("everything.count_28d"),
        n.filter(recent).sum().alias("everything.count_30d"),
        pl.col("days").filter(recent).explode().n_unique().alias("everything.active_days_30d"),
        pl.col("total").filter(call).sum().alias("call.total_duration_30d"),
        pl.col("given").filter(call).sum().alias("call.given"),
        pl.col("largest").filter(call).max().alias("call.largest_duration_30d"),
        pl.col("key").filter(INBOUND).max().alias("latest"),
    ]
    for name in COUNTED:
        mine = kind == name
        whole += [
            n.filter(mine & (bucket == 0)).sum().alias(f"{name}.count_7d"),
            n.filter(mine & recent).sum().alias(f"{name}.count_30d"),
            n.filter(mine).sum().alias(f"{name}.count"),
            pl.col("last").filter(mine).max().alias(f"{name}.last"),
        ]
    measured = groups.group_by("row").agg(whole).collect(engine="streaming").lazy()
    answered = seen.join(measured.select("row", "latest"), on="row")
    _result(seen, [measured, _unanswered(facts, answered)], output)


def by_lead(interactions: str, observations: str, output: str) -> None:
    """Facts by lead, so that a group is built in one go; few measures over all facts, most over 30 days of them."""
    lazy, seen = _prepare(interactions, observations)
    facts = lazy.sort("lead").collect(engine="streaming").lazy()
    call, recent = pl.when(kind == "call").then("duration"), _pairs(facts, seen).filter(bucket <= 2)
    whole = [pl.when(INBOUND).then(KEY).max().alias("latest")]
    month = [
        (bucket == 0).sum().alias("everything.count_7d"),
        (bucket <= 1).sum().alias("everything.count_28d"),
        pl.len().alias("everything.count_30d"),
        (happened // DAY).n_unique().alias("everything.active_days_30d"),
        call.sum().alias("call.total_duration_30d"),
        call.count().alias("call.given"),
        call.max().alias("call.largest_duration_30d"),
    ]
    for name in COUNTED:
        mine = kind == name
        whole += [mine.sum().alias(f"{name}.count"), pl.when(mine).then(happened).max().alias(f"{name}.last")]
        month += [
            (mine & (bucket == 0)).sum().alias(f"{name}.count_7d"),
            mine.sum().alias(f"{name}.count_30d"),
        ]
    measured, recent = pl.collect_all(
        [_pairs(facts, seen).group_by("row").agg(whole), recent.group_by("row").agg(month)], engine="streaming"
    )
    answered = seen.join(measured.lazy().select("row", "latest"), on="row")
    _result(seen, [measured.lazy(), recent.lazy(), _unanswered(facts, answered)], output)


FORMS = {"grouped": grouped, "by_lead": by_lead}

if __name__ == "__main__":
    timed.main(FORMS, pl.__version__)

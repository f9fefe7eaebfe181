"""The 40 measures in SQL, by DuckDB: as first written, in two groups, and as fast as we found it could be said.

python -m benchmarks.peers.by_duckdb FORM INTERACTIONS OBSERVATIONS OUTPUT
"""

from __future__ import annotations

import os

import duckdb

from benchmarks.large.measures import COUNTED, DAY, KINDS, WINDOWS, of_flow
from benchmarks.peers import timed

SETTINGS = "set threads = {cores}; set preserve_insertion_order = false; set TimeZone = 'UTC'"
KEY = "happened * 16 + enum_code(kind)"
"""The order of facts: at one instant, by kind."""

_columns = ", ".join


def _connect() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    kinds = f"create type kinds as enum ({_listed(sorted(KINDS))})"
    connection.execute(f"{SETTINGS.format(cores=len(os.sched_getaffinity(0)))}; {kinds}")
    return connection


def _listed(words: list[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def _copy(connection: duckdb.DuckDBPyConnection, query: str, output: str) -> None:
    connection.execute(f"copy ({query}) to '{output}' (format parquet)")


def first_written(interactions: str, observations: str, output: str) -> None:
    """A join by lead and time, and an aggregate with a filter for each measure."""

    def since(days: int) -> str:
        return f"occurred_at >= cutoff - interval {days} day"

    found = []
    for kind in COUNTED:
        mine = f"kind = '{kind}'"
        found += [
            f"count(*) filter ({mine} and {since(7)}) as '{kind}.count_7d'",
            f"count(*) filter ({mine} and {since(30)}) as '{kind}.count_30d'",
            f"count(*) filter ({mine}) as '{kind}.count'",
            f"epoch_us(cutoff - max(occurred_at) filter ({mine})) / {DAY} as '{kind}.days_since_last'",
        ]
    mine = f"kind = 'call' and {since(30)}"
    found += [
        f"coalesce(sum(duration) filter ({mine}), 0) as 'call.total_duration_30d'",
        f"avg(duration) filter ({mine}) as 'call.mean_duration_30d'",
        f"max(duration) filter ({mine}) as 'call.largest_duration_30d'",
        f"count(*) filter ({since(7)}) as 'everything.count_7d'",
        f"count(*) filter ({since(30)}) as 'everything.count_30d'",
        f"count(distinct occurred_at::date) filter ({since(30)}) as 'everything.active_days_30d'",
        f"count(*) filter ({since(7)}) / 7 / nullif(count(*) filter ({since(28)}) / 28, 0)"
        " as 'everything.trend_7d_28d'",
    ]
    inbound, outbound = (_listed(of_flow(flow)) for flow in ("inbound", "outbound"))
    query = f"""
        with pairs as (
            select o.row, o.cutoff, f.* from '{observations}' o
            left join '{interactions}' f on f.lead_id = o.lead_id and f.occurred_at < o.cutoff
        ), measured as (
            select row, {_columns(found)} from pairs group by row, cutoff
        ), answers as (
            select row, max((occurred_at, kind)) as latest from pairs where kind in ({inbound}) group by row
        ), unanswered as (
            select row, count(*) as unanswered from pairs left join answers using (row)
            where kind in ({outbound}) and (latest is null or (occurred_at, kind) > latest) group by row
        )
        select measured.*, coalesce(unanswered, 0) as 'everything.unanswered'
        from measured left join unanswered using (row)"""
    _copy(_connect(), query, output)


def _prepare(connection: duckdb.DuckDBPyConnection, interactions: str, observations: str, order: str = "") -> None:
    """`seen` (row, lead, cutoff) and `facts` (lead, kind, happened, duration): whole numbers in place of texts."""
    connection.execute(f"""
        create temp table leads as
            select lead_id, (row_number() over ())::integer as lead
            from (select distinct lead_id from '{observations}');
        create temp table seen as
            select row::integer as row, lead, epoch_us(cutoff) as cutoff
            from '{observations}' join leads using (lead_id);
        create temp table facts as
            select lead, kind::kinds as kind, epoch_us(occurred_at) as happened, duration
            from '{interactions}' join leads using (lead_id) {order}""")


PAIRS = "select row, kind, happened, duration, cutoff, cutoff - happened as age from facts join seen using (lead)"

BUCKET = "case {} else {} end::utinyint".format(
    " ".join(f"when age <= {days * DAY} then {number}" for number, days in enumerate(WINDOWS)), len(WINDOWS)
)
"""0 within 7 days, 1 within 28, 2 within 30, 3 before."""

DAYS = f"bit_or(1::bigint << (least(cutoff // {DAY} - happened // {DAY}, 31)))"
"""The different days, a bit each; what is older than any window shares one."""

UNANSWERED = f"""
    select row, count(*) as unanswered from facts join seen using (lead) join answered using (row)
    where kind in ({_listed(of_flow("outbound"))}) and happened < seen.cutoff and {KEY} > coalesce(latest, 0)
    group by row
"""
"""Outbound facts after the last inbound one, which stands in the table `answered`."""

ANSWERED = f"max({KEY}) filter (kind in ({_listed(of_flow('inbound'))}))"


def grouped(interactions: str, observations: str, output: str) -> None:
    """One join, a group for each observation, kind and window, and those groups pivoted by filters."""
    connection = _connect()
    _prepare(connection, interactions, observations)
    found = []
    for kind in COUNTED:
        mine = f"kind = '{kind}'"
        found += [
            f"coalesce(sum(n) filter ({mine} and bucket = 0), 0) as '{kind}.count_7d'",
            f"coalesce(sum(n) filter ({mine} and bucket <= 2), 0) as '{kind}.count_30d'",
            f"coalesce(sum(n) filter ({mine}), 0) as '{kind}.count'",
            f"min(age) filter ({mine}) / {DAY} as '{kind}.days_since_last'",
        ]
    mine = "kind = 'call' and bucket <= 2"
    found += [
        f"coalesce(sum(total) filter ({mine}), 0) as 'call.total_duration_30d'",
        f"sum(total) filter ({mine}) / sum(given) filter ({mine}) as 'call.mean_duration_30d'",
        f"max(largest) filter ({mine}) as 'call.largest_duration_30d'",
        "coalesce(sum(n) filter (bucket = 0), 0) as 'everything.count_7d'",
        "coalesce(sum(n) filter (bucket <= 2), 0) as 'everything.count_30d'",
        "coalesce(bit_count(bit_or(days) filter (bucket <= 2)), 0) as 'everything.active_days_30d'",
        "coalesce(sum(n) filter (bucket = 0), 0) / 7 / (sum(n) filter (bucket <= 1) / 28) as 'everything.trend_7d_28d'",
    ]
    connection.execute(f"""
        create temp table groups as
            select row, kind, {BUCKET} as bucket, count(*)::integer as n, min(age) as age, sum(duration) as total,
                count(duration)::integer as given, max(duration) as largest, max({KEY}) as latest,
                {DAYS} as days
            from ({PAIRS} where happened < cutoff) group by all;
        create temp table answered as
            select row, max(latest) filter (kind in ({_listed(of_flow("inbound"))})) as latest
            from groups group by row""")
    query = f"""
        with measured as (select row, {_columns(found)} from seen left join groups using (row) group by row),
        unanswered as ({UNANSWERED})
        select measured.*, coalesce(unanswered, 0) as 'everything.unanswered'
        from measured left join unanswered using (row)"""
    _copy(connection, query, output)


def _whole() -> list[str]:
    """Over all facts before a cutoff, or before it and not before the lead's cutoff before that."""
    found = [f"{ANSWERED} as latest"]
    for kind in COUNTED:
        found += [
            f"count(*) filter (kind = '{kind}') as n_{kind}",
            f"max(happened) filter (kind = '{kind}') as last_{kind}",
        ]
    return found


def _recent() -> list[str]:
    """Over the facts of the last 30 days."""
    found = [
        "count(*) filter (kind = 'call' and duration is not null) as given",
        "sum(duration) filter (kind = 'call') as total",
        "max(duration) filter (kind = 'call') as largest",
        "count(*) filter (bucket = 0) as n_7d",
        "count(*) filter (bucket <= 1) as n_28d",
        "count(*) as n_30d",
        f"bit_count({DAYS}) as days",
    ]
    for kind in COUNTED:
        found += [
            f"count(*) filter (kind = '{kind}' and bucket = 0) as n_{kind}_7d",
            f"count(*) filter (kind = '{kind}') as n_{kind}_30d",
        ]
    return found


def _result() -> str:
    found = ["seen.row"]
    for kind in COUNTED:
        found += [
            f"coalesce(n_{kind}_7d, 0) as '{kind}.count_7d'",
            f"coalesce(n_{kind}_30d, 0) as '{kind}.count_30d'",
            f"coalesce(n_{kind}, 0) as '{kind}.count'",
            f"(seen.cutoff - last_{kind}) / {DAY} as '{kind}.days_since_last'",
        ]
    found += [
        "coalesce(total, 0) as 'call.total_duration_30d'",
        "total / given as 'call.mean_duration_30d'",
        "largest as 'call.largest_duration_30d'",
        "coalesce(n_7d, 0) as 'everything.count_7d'",
        "coalesce(n_30d, 0) as 'everything.count_30d'",
        "coalesce(days, 0) as 'everything.active_days_30d'",
        "n_7d / 7 / nullif(n_28d / 28, 0) as 'everything.trend_7d_28d'",
        "coalesce(unanswered, 0) as 'everything.unanswered'",
    ]
    return f"""
        with unanswered as ({UNANSWERED})
        select {_columns(found)} from seen
        left join answered using (row) left join recent using (row) left join unanswered using (row)"""


def split(interactions: str, observations: str, output: str) -> None:
    """Facts by lead, so that a group is built in one go; few measures over all facts, most over 30 days of them."""
    connection = _connect()
    _prepare(connection, interactions, observations, "order by lead")
    connection.execute(f"""
        create temp table answered as
            select row, {_columns(_whole())} from ({PAIRS} where happened < cutoff) group by row;
        create temp table recent as
            select row, {_columns(_recent())} from (
                select *, {BUCKET} as bucket from ({PAIRS} where happened < cutoff and happened >= cutoff - {30 * DAY})
            ) group by row""")
    _copy(connection, _result(), output)


def onward(interactions: str, observations: str, output: str) -> None:
    """As `split`; over all, a fact is counted at the first cutoff after it, and the counts are carried onward."""
    connection = _connect()
    _prepare(connection, interactions, observations, "order by lead")
    carried = ["max(latest) over earlier as latest"]
    for kind in COUNTED:
        carried += [f"sum(n_{kind}) over earlier as n_{kind}", f"max(last_{kind}) over earlier as last_{kind}"]
    connection.execute(f"""
        create temp table spans as
            select *, lag(cutoff, 1, 0) over (partition by lead order by cutoff) as since from seen;
        create temp table steps as
            select row, {_columns(_whole())} from facts join spans using (lead)
            where happened < cutoff and happened >= since group by row;
        create temp table answered as
            select row, {_columns(carried)} from spans left join steps using (row)
            window earlier as (partition by lead order by cutoff);
        create temp table recent as
            select row, {_columns(_recent())} from (
                select *, {BUCKET} as bucket from ({PAIRS} where happened < cutoff and happened >= cutoff - {30 * DAY})
            ) group by row""")
    _copy(connection, _result(), output)


FORMS = {"first": first_written, "grouped": grouped, "split": split, "onward": onward}

if __name__ == "__main__":
    timed.main(FORMS, duckdb.__version__)

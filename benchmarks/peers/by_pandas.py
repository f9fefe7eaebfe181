"""The 40 measures by pandas, as a good analyst writes them: one join, masks, groups.

python -m benchmarks.peers.by_pandas pandas INTERACTIONS OBSERVATIONS OUTPUT
"""

from __future__ import annotations

import pandas as pd

from benchmarks.large.measures import COLUMNS, COUNTED, KINDS, of_flow
from benchmarks.peers import timed


def by_pandas(interactions: str, observations: str, output: str) -> None:
    """Pairs of observation and fact, then a group for each measure."""
    facts, seen = pd.read_parquet(interactions), pd.read_parquet(observations)
    facts["kind"] = facts["kind"].astype(pd.CategoricalDtype(sorted(KINDS), ordered=True))
    pairs = seen.merge(facts, on="lead_id")
    pairs = pairs[pairs["occurred_at"] < pairs["cutoff"]].drop(columns="lead_id")
    age = pairs["cutoff"] - pairs["occurred_at"]
    inside = {days: age <= pd.Timedelta(days=days) for days in (7, 28, 30)}
    day = pd.Timedelta(days=1)

    def count(chosen: pd.Series) -> pd.Series:
        return pairs.loc[chosen, "row"].value_counts()

    found = {}
    for kind in COUNTED:
        mine = pairs["kind"] == kind
        found[f"{kind}.count_7d"] = count(mine & inside[7])
        found[f"{kind}.count_30d"] = count(mine & inside[30])
        found[f"{kind}.count"] = count(mine)
        found[f"{kind}.days_since_last"] = age[mine].groupby(pairs["row"]).min() / day
    durations = pairs[(pairs["kind"] == "call") & inside[30]].groupby("row")["duration"]
    found["call.total_duration_30d"] = durations.sum()
    found["call.mean_duration_30d"] = durations.mean()
    found["call.largest_duration_30d"] = durations.max()
    month = pairs[inside[30]]
    found["everything.count_7d"] = week = count(inside[7])
    found["everything.count_30d"] = count(inside[30])
    found["everything.active_days_30d"] = month["occurred_at"].dt.floor("D").groupby(month["row"]).nunique()
    weeks = count(inside[28])
    found["everything.trend_7d_28d"] = week.reindex(weeks.index, fill_value=0) / 7 / (weeks / 28)
    moves = pairs.sort_values(["row", "occurred_at", "kind"])
    inbound, outbound = (moves["kind"].isin(of_flow(flow)) for flow in ("inbound", "outbound"))
    still_to_come = inbound[::-1].groupby(moves["row"]).cumsum()
    found["everything.unanswered"] = moves.loc[outbound & (still_to_come == 0), "row"].value_counts()

    result = pd.DataFrame(found, index=seen["row"])
    zero = [column.name for column in COLUMNS if column.measure.startswith(("count", "total", "active", "unanswered"))]
    result[zero] = result[zero].fillna(0)
    result.reset_index().to_parquet(output)


if __name__ == "__main__":
    timed.main({"pandas": by_pandas}, pd.__version__)

"""One of the windows by featuretools: of 30 days, the counts of each kind and the calls' durations.

python -W ignore -m benchmarks.peers.by_featuretools month INTERACTIONS OBSERVATIONS OUTPUT
"""

from __future__ import annotations

import featuretools as ft
import pandas as pd

from benchmarks.large.measures import COUNTED
from benchmarks.peers import timed


def month(interactions: str, observations: str, output: str) -> None:
    """Each cutoff by itself, as featuretools does it; of a lead one observation."""
    facts, seen = pd.read_parquet(interactions), pd.read_parquet(observations)
    for table, column in ((facts, "occurred_at"), (seen, "cutoff")):
        table[column] = table[column].dt.tz_localize(None).astype("datetime64[ns]")
    facts = facts[facts["lead_id"].isin(seen["lead_id"])].reset_index(names="fact")
    crm = ft.EntitySet("crm")
    crm.add_dataframe(seen[["lead_id"]].copy(), "leads", index="lead_id")
    crm.add_dataframe(facts, "facts", index="fact", time_index="occurred_at", logical_types={"kind": "Categorical"})
    crm.add_relationship("leads", "lead_id", "facts", "lead_id")
    crm.add_interesting_values(dataframe_name="facts", values={"kind": list(COUNTED)})
    features = ft.dfs(
        entityset=crm,
        target_dataframe_name="leads",
        agg_primitives=["count", "sum", "mean", "max"],
        where_primitives=["count", "sum", "mean", "max"],
        trans_primitives=[],
        features_only=True,
    )
    names = [f.get_name() for f in features]
    mine = [f"COUNT(facts WHERE kind = {kind})" for kind in COUNTED]
    calls = [f"{word}(facts.duration WHERE kind = call)" for word in ("SUM", "MEAN", "MAX")]
    wanted = ["COUNT(facts)", *mine, *calls]
    found = ft.calculate_feature_matrix(
        [features[names.index(name)] for name in wanted],
        crm,
        cutoff_time=seen.rename(columns={"cutoff": "time"})[["lead_id", "time"]],
        training_window=ft.Timedelta(30, "d"),
        include_cutoff_time=False,
        verbose=False,
    )
    columns = ["everything.count_30d", *(f"{kind}.count_30d" for kind in COUNTED)]
    columns += [f"call.{word}_duration_30d" for word in ("total", "mean", "largest")]
    result = found.loc[seen["lead_id"], wanted].set_axis(columns, axis=1).astype("float64")
    result.insert(0, "row", seen["row"].to_numpy())
    result.to_parquet(output, index=False)


if __name__ == "__main__":
    timed.main({"month": month}, ft.__version__)

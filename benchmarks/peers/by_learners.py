"""Others who learn from the same rows: AutoGluon, FLAML, CatBoost and LightGBM, each as its authors would have it used.

python -m benchmarks.peers.by_learners PEER ROWS OUTPUT SEED SECONDS

ROWS is a NumPy archive: `train` (n, p) and `test` (m, p) float64 with NaN for missing, both in time order; `label`
(n,); `categorical`, the columns that hold codes; `fit` and `validate`, the rows of training's newest fold, the first
known before the second begins. OUTPUT gets `probability` (m,). Printed: seconds of clock from rows in memory to
probabilities, versions, and who took part.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
CORES = len(os.sched_getaffinity(0))

PATIENCE = 50
"""Trees without a lower loss on the newest fold after which CatBoost and LightGBM stop."""


@dataclass(frozen=True)
class Rows:
    """What everyone learns from. Categorical columns are categories, a word a code."""

    train: pd.DataFrame
    label: NDArray[np.int64]
    test: pd.DataFrame
    categorical: list[str]
    fit: NDArray[np.int64]
    validate: NDArray[np.int64]


def autogluon(rows: Rows, seed: int, seconds: float) -> tuple[Floats, list[str]]:
    """`medium_quality` as it stands: it holds out rows at random by itself."""
    return _autogluon(rows, seed, seconds, ordered=False)


def autogluon_ordered(rows: Rows, seed: int, seconds: float) -> tuple[Floats, list[str]]:
    """`medium_quality` that is validated by the newest fold, and then learns from all rows (`refit_full`)."""
    return _autogluon(rows, seed, seconds, ordered=True)


def _autogluon(rows: Rows, seed: int, seconds: float, *, ordered: bool) -> tuple[Floats, list[str]]:
    from autogluon.tabular import TabularPredictor

    known = rows.train.assign(won=rows.label)
    with tempfile.TemporaryDirectory() as folder:
        predictor = TabularPredictor(
            "won", "binary", eval_metric="log_loss", path=folder, verbosity=0, learner_kwargs={"random_state": seed}
        )
        if ordered:
            held = {"tuning_data": known.iloc[rows.validate], "refit_full": True, "set_best_to_refit_full": True}
            known = known.iloc[rows.fit]
        else:
            held = {}
        predictor.fit(known, presets="medium_quality", time_limit=seconds, num_cpus=CORES, num_gpus=0, **held)
        found = predictor.predict_proba(rows.test)[1].to_numpy()
        return found, [*predictor.model_names(), f"answers: {predictor.model_best}"]


def flaml(rows: Rows, seed: int, seconds: float) -> tuple[Floats, list[str]]:
    """A search for so many seconds, validated by what comes later (`split_type="time"`)."""
    from flaml import AutoML

    search = AutoML()
    asked: dict[str, Any] = {"task": "classification", "metric": "log_loss", "split_type": "time"}
    asked |= {"time_budget": seconds, "seed": seed, "n_jobs": CORES, "verbose": 0}
    search.fit(rows.train, rows.label, **asked)
    return search.predict_proba(rows.test)[:, 1], [str(search.best_estimator), str(search.best_config)]


def catboost(rows: Rows, seed: int, _: float) -> tuple[Floats, list[str]]:
    """As it stands: a thousand trees."""
    train, test = _said(rows.train, rows), _said(rows.test, rows)
    model = _catboost(rows, seed).fit(train, rows.label)
    return model.predict_proba(test)[:, 1], [f"{model.tree_count_} trees"]


def catboost_ordered(rows: Rows, seed: int, _: float) -> tuple[Floats, list[str]]:
    """Told that rows have an order: as many trees as the newest fold asks for, then learnt from all rows."""
    train, test = _said(rows.train, rows), _said(rows.test, rows)
    first = _catboost(rows, seed, has_time=True, early_stopping_rounds=PATIENCE)
    later = (train.iloc[rows.validate], rows.label[rows.validate])
    first.fit(train.iloc[rows.fit], rows.label[rows.fit], eval_set=later)
    trees, rate = first.tree_count_, first.get_all_params()["learning_rate"]
    whole = _catboost(rows, seed, has_time=True, iterations=trees, learning_rate=rate).fit(train, rows.label)
    return whole.predict_proba(test)[:, 1], [f"{trees} trees"]


def _catboost(rows: Rows, seed: int, **asked: Any) -> Any:
    from catboost import CatBoostClassifier

    asked |= {"random_seed": seed, "thread_count": CORES, "verbose": False, "allow_writing_files": False}
    return CatBoostClassifier(cat_features=rows.categorical, **asked)


def _said(frame: pd.DataFrame, rows: Rows) -> pd.DataFrame:
    """CatBoost takes categories as texts, and no missing ones."""
    return frame.assign(**{name: frame[name].astype(str).astype(object) for name in rows.categorical})


def lightgbm(rows: Rows, seed: int, _: float) -> tuple[Floats, list[str]]:
    """As it stands: a hundred trees."""
    model = _lightgbm(seed).fit(rows.train, rows.label)
    return np.asarray(model.predict_proba(rows.test))[:, 1], ["100 trees"]


def lightgbm_ordered(rows: Rows, seed: int, _: float) -> tuple[Floats, list[str]]:
    """As many trees as the newest fold asks for, then learnt from all rows."""
    from lightgbm import early_stopping

    first = _lightgbm(seed, n_estimators=1_000)
    later = [(rows.train.iloc[rows.validate], rows.label[rows.validate])]
    stops = [early_stopping(PATIENCE, verbose=False)]
    first.fit(rows.train.iloc[rows.fit], rows.label[rows.fit], eval_set=later, callbacks=stops)
    trees = int(first.best_iteration_)
    whole = _lightgbm(seed, n_estimators=trees).fit(rows.train, rows.label)
    return np.asarray(whole.predict_proba(rows.test))[:, 1], [f"{trees} trees"]


def _lightgbm(seed: int, **asked: Any) -> Any:
    from lightgbm import LGBMClassifier

    return LGBMClassifier(random_state=seed, n_jobs=1, verbosity=-1, **asked)


PEERS: dict[str, Callable[[Rows, int, float], tuple[Floats, list[str]]]] = {
    each.__name__: each
    for each in (
        *(autogluon, autogluon_ordered, flaml),
        *(catboost, catboost_ordered, lightgbm, lightgbm_ordered),
    )
}


def read(path: str) -> Rows:
    """The archive as frames. A code has the same word in both."""
    with np.load(path) as held:
        train, test = (pd.DataFrame(held[name]) for name in ("train", "test"))
        label, fit, validate = (held[name].astype(np.int64) for name in ("label", "fit", "validate"))
        places = held["categorical"].tolist()
    names = [f"c{place}" for place in range(train.shape[1])]
    train.columns = test.columns = pd.Index(names)
    categorical = [names[place] for place in places]
    for name in categorical:
        known = np.unique(pd.concat([train[name], test[name]]).dropna())
        words = pd.CategoricalDtype([f"v{code:.0f}" for code in known])
        for frame in (train, test):
            said = frame[name].map(lambda code: f"v{code:.0f}", na_action="ignore")
            frame[name] = said.astype(words)
    return Rows(train, label, test, categorical, fit, validate)


def main() -> None:
    """Run one peer."""
    parser = argparse.ArgumentParser()
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("rows")
    parser.add_argument("output")
    parser.add_argument("seed", type=int)
    parser.add_argument("seconds", type=float)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    rows = read(options.rows)
    start = time.perf_counter()
    probability, took_part = PEERS[options.peer](rows, options.seed, options.seconds)
    seconds = time.perf_counter() - start
    np.savez(options.output, probability=probability)
    name = options.peer.removesuffix("_ordered")
    version = metadata.version({"autogluon": "autogluon.tabular"}.get(name, name))
    print(json.dumps({"seconds": round(seconds, 2), "version": version, "took_part": took_part}))


if __name__ == "__main__":
    main()

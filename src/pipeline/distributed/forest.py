"""Trees that the workers of a Dask cluster grow together, each on a share of the rows (LightGBM, data-parallel).

What is grown, how many of them, and what is made of their margins is decided where it always is: here trees only grow.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from contextlib import redirect_stdout

import dask.array as da
import lightgbm as lgb
import numpy as np
from dask.distributed import Client

from pipeline.learning.boosting import MOST_TREES, PATIENCE, Growth, Labels
from pipeline.learning.model import booster_of, booster_text
from pipeline.tables.columns import Floats

GROWN_BY = "dask"

FIRST_TREES = 100
"""So many trees are grown before one looks whether they are enough; then twice as many, and so on."""


class ClusterForest:
    """Trees on fixed rows, as `Forest`; a run that goes on is a new one, whose first trees are the same."""

    def __init__(self, client: Client, growth: Growth, X: Floats, label: Labels, categorical: Sequence[int]) -> None:
        self._client, self._growth, self._categorical = client, growth, list(categorical)
        self._rows = _dealt(client, X, label)
        self._booster: lgb.Booster | None = None
        self._asked = 0

    def best(self, X: Floats, label: Labels) -> int:
        """The number of trees, from 1 to MOST_TREES, with the lowest log loss on other rows."""
        asked = FIRST_TREES
        while True:
            booster = self._at_least(asked)
            losses = _losses(booster, X, label)
            best = 0
            for place, loss in enumerate(losses):
                if loss < losses[best]:
                    best = place
                if place - best >= PATIENCE:
                    return best + 1
            if asked >= MOST_TREES or len(losses) < asked:
                return best + 1
            asked = min(2 * asked, MOST_TREES)

    def grown(self, trees: int) -> lgb.Booster:
        """Exactly so many trees; fewer only if nothing is left to split."""
        return booster_of(booster_text(self._at_least(trees), trees))

    def _at_least(self, trees: int) -> lgb.Booster:
        if self._booster is None or self._asked < trees:
            self._booster, self._asked = self._fit(trees), trees
        return self._booster

    def _fit(self, trees: int) -> lgb.Booster:
        parameters = self._growth.parameters()
        # The number of threads is the workers' own. A classifier would look for both classes in every share.
        del parameters["num_threads"]
        model = lgb.DaskLGBMRegressor(
            client=self._client,
            tree_learner="data",
            n_estimators=trees,
            num_leaves=parameters.pop("num_leaves"),
            max_depth=parameters.pop("max_depth"),
            learning_rate=parameters.pop("learning_rate"),
            reg_lambda=parameters.pop("lambda_l2"),
            colsample_bytree=parameters.pop("feature_fraction"),
            subsample=parameters.pop("bagging_fraction"),
            subsample_freq=parameters.pop("bagging_freq"),
            random_state=parameters.pop("seed"),
            **parameters,
        )
        with redirect_stdout(io.StringIO()), warnings.catch_warnings():
            # It prints which ports it looks for, and doubts a parameter that it brings along itself.
            warnings.filterwarnings("ignore", "Parameter n_jobs will be ignored")
            model.fit(*self._rows, categorical_feature=self._categorical)
        return booster_of(booster_text(model.booster_))


def _dealt(client: Client, X: Floats, label: Labels) -> tuple[da.Array, da.Array]:
    """Rows dealt to the workers in turn: each share is like the whole, for it alone says the bins of some columns."""
    workers = sorted(client.scheduler_info(n_workers=-1)["workers"])
    workers = workers[: max(1, min(len(workers), len(X)))]
    shares: list[tuple[da.Array, da.Array]] = []
    for place, worker in enumerate(workers):
        own, answers = np.ascontiguousarray(X[place :: len(workers)]), label[place :: len(workers)].astype(np.float64)
        there = client.scatter([own, answers], workers=[worker], hash=False)
        shapes = (own.shape, answers.shape)
        shares.append(
            tuple(da.from_delayed(part, shape, np.float64) for part, shape in zip(there, shapes, strict=True))
        )
    return da.concatenate([own for own, _ in shares]), da.concatenate([answers for _, answers in shares])


def _losses(booster: lgb.Booster, X: Floats, label: Labels) -> list[float]:
    """The log loss of other rows after each tree."""
    margin, losses = np.zeros(len(X)), []
    for tree in range(booster.num_trees()):
        own = booster.predict(X, raw_score=True, start_iteration=tree, num_iteration=1, num_threads=1)
        margin += np.asarray(own, dtype=np.float64)
        losses.append(float((np.logaddexp(0.0, margin) - margin * (label == 1)).mean()))
    return losses

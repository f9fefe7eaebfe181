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

from pipeline.learning.boosting import MOST_TREES, PATIENCE, Growth, Labels, log_loss
from pipeline.learning.model import booster_of, booster_text
from pipeline.tables.columns import Floats

GROWN_BY = "dask"

FIRST_TREES = 100
"""So many trees are grown before one looks whether they are enough; then twice as many, and so on."""


class ClusterForest:
    """Trees on fixed rows, as `Forest`; a run that goes on is a new one, whose first trees are the same."""

    def __init__(
        self,
        client: Client,
        growth: Growth,
        X: Floats,
        label: Labels,
        categorical: Sequence[int],
        start: Floats | None = None,
    ) -> None:
        self._client, self._growth, self._categorical = client, growth, list(categorical)
        columns = [X, label.astype(np.float64), *([] if start is None else [start])]
        self._rows, self._answers, *begun = _dealt(client, columns)
        self._start = begun[0] if begun else None
        self._booster: lgb.Booster | None = None
        self._asked = 0

    def best(self, X: Floats, label: Labels, start: Floats | None = None) -> int:
        """The number of trees, up to MOST_TREES, with the lowest log loss on other rows; none as `Forest` has it."""
        asked = FIRST_TREES
        while True:
            losses = _losses(self._at_least(asked), X, label, start)
            best = 0 if start is not None else 1
            for trees in range(best, len(losses)):
                if losses[trees] < losses[best]:
                    best = trees
                if trees - best >= PATIENCE:
                    return best
            if asked >= MOST_TREES or len(losses) <= asked:
                return best
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
            min_child_samples=parameters.pop("min_data_in_leaf"),
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
            model.fit(self._rows, self._answers, init_score=self._start, categorical_feature=self._categorical)
        return booster_of(booster_text(model.booster_))


def _dealt(client: Client, columns: Sequence[Floats]) -> list[da.Array]:
    """Rows dealt to the workers in turn: each share is like the whole, for it alone says the bins of some columns."""
    workers = sorted(client.scheduler_info(n_workers=-1)["workers"])
    workers = workers[: max(1, min(len(workers), len(columns[0])))]
    shares: list[list[da.Array]] = []
    for place, worker in enumerate(workers):
        own = [np.ascontiguousarray(column[place :: len(workers)]) for column in columns]
        there = client.scatter(own, workers=[worker], hash=False)
        shares.append([da.from_delayed(part, each.shape, np.float64) for part, each in zip(there, own, strict=True)])
    return [da.concatenate(parts) for parts in zip(*shares, strict=True)]


def _losses(booster: lgb.Booster, X: Floats, label: Labels, start: Floats | None) -> list[float]:
    """The log loss of other rows before the first tree and after each."""
    margin = np.zeros(len(X)) if start is None else start.copy()
    losses = [log_loss(margin, label)]
    for tree in range(booster.num_trees()):
        own = booster.predict(X, raw_score=True, start_iteration=tree, num_iteration=1, num_threads=1)
        margin += np.asarray(own, dtype=np.float64)
        losses.append(log_loss(margin, label))
    return losses

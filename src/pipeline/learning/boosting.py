"""Growing trees, and how many: shallow gradient boosting with LightGBM, the same trees for the same rows and seed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from pipeline.learning.folds import MIN_WON_LEADS, SHARES, Fold
from pipeline.learning.model import Model, booster_of, booster_text
from pipeline.tables.columns import Floats

Labels = NDArray[np.integer]

MOST_TREES = 600
"""Where the search for a number of trees ends."""

PATIENCE = 50
"""Trees without a lower validation loss after which the search ends."""

TREES_WITHOUT_FOLDS = 50
"""So many where no fold can say how many."""


@dataclass(frozen=True)
class Growth:
    """How trees grow, in the words of the workspace's `model`. No class weights: they would spoil the calibration."""

    leaves: int
    depth: int
    learning_rate: float
    l2: float
    columns_share: float
    rows_share: float
    seed: int

    def parameters(self) -> dict[str, Any]:
        """LightGBM's parameters. One thread: more were slower on such sizes, and give the same trees."""
        return {
            "objective": "binary",
            "metric": "binary_logloss",
            "num_leaves": self.leaves,
            "max_depth": self.depth,
            "learning_rate": self.learning_rate,
            "lambda_l2": self.l2,
            "feature_fraction": self.columns_share,
            "bagging_fraction": self.rows_share,
            "bagging_freq": 1,
            "seed": self.seed,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": 1,
            "verbosity": -1,
        }


class Growing(Protocol):
    """Trees on fixed rows, wherever they grow."""

    def best(self, X: Floats, label: Labels) -> int:
        """The number of trees with the lowest log loss on other rows."""

    def grown(self, trees: int) -> lgb.Booster:
        """Exactly so many trees; fewer only if nothing is left to split."""


Grower = Callable[[Growth, Floats, Labels, Sequence[int]], Growing]
"""What begins to grow trees, as `Forest` does."""


class Forest:
    """Trees on fixed rows that can still grow: the first k are the k trees that a fresh start would have given."""

    def __init__(self, growth: Growth, X: Floats, label: Labels, categorical: Sequence[int]) -> None:
        """No tree yet. Rows `X` (n, p), NaN missing; columns at positions `categorical` hold codes."""
        self._parameters = growth.parameters()
        self._rows = lgb.Dataset(X, label, categorical_feature=list(categorical), params=self._parameters)
        self._booster = lgb.Booster(self._parameters, self._rows)

    def best(self, X: Floats, label: Labels) -> int:
        """The number of trees, from 1 to MOST_TREES, with the lowest log loss on other rows; grows them on the way."""
        # The parameters again: a call without them sets the number of threads back to all, for every booster there is.
        self._booster.add_valid(self._rows.create_valid(X, label, params=self._parameters), "later")
        best, lowest = 1, np.inf
        for trees in range(1, MOST_TREES + 1):
            finished = self._booster.update()
            loss = self._booster.eval_valid()[0][2]
            if loss < lowest:
                best, lowest = trees, loss
            if finished or trees - best >= PATIENCE:
                break
        return best

    def grown(self, trees: int) -> lgb.Booster:
        """Exactly so many trees; fewer only if nothing is left to split."""
        while self._booster.current_iteration() < trees and not self._booster.update():
            pass
        return booster_of(booster_text(self._booster, trees))


@dataclass(frozen=True)
class Search:
    """How many trees, with the best number of each fold (fold number -> trees) where the folds were asked."""

    trees: int
    best: Mapping[int, int]
    sentence: str


def search(
    growth: Growth,
    trees: int | str,
    X: Floats,
    label: Labels,
    folds: Sequence[Fold],
    categorical: Sequence[int],
    grower: Grower = Forest,
) -> tuple[Search, Floats]:
    """The number of trees for all rows of `X`, and the margins of the folds' validation parts, one after the other.

    With `trees="auto"` each fold's best number is scaled by the square root of (all rows / its own), since more rows
    carry more trees, and the median is taken; TREES_WITHOUT_FOLDS without. The margins come from as many trees as the
    number chosen means for a fold's rows, by the same scale: not from each fold's best, which has seen its validation
    part.
    """
    forests = [grower(growth, X[fold.fit], label[fold.fit], categorical) for fold in folds]
    scales = [math.sqrt(len(X) / len(fold.fit)) for fold in folds]
    best: dict[int, int] = {}
    if trees != "auto":
        found = Search(int(trees), best, f"{trees} trees, as the settings say.")
    elif not folds:
        told = f"No earlier part of the training period holds {MIN_WON_LEADS} won leads: {TREES_WITHOUT_FOLDS} trees."
        found = Search(TREES_WITHOUT_FOLDS, best, told)
    else:
        for fold, forest in zip(folds, forests, strict=True):
            best[fold.number] = forest.best(X[fold.validate], label[fold.validate])
        scaled = [number * scale for number, scale in zip(best.values(), scales, strict=True)]
        chosen = max(1, round(float(np.median(scaled))))
        found = Search(chosen, best, f"{chosen} trees, by the median of {len(folds)} rolling folds (of {SHARES - 1}).")
    margins = [np.empty(0)]
    for fold, forest, scale in zip(folds, forests, scales, strict=True):
        grown = Model(forest.grown(max(1, round(found.trees / scale))))
        margins.append(grown.margin(X[fold.validate]))
    return found, np.concatenate(margins)

"""Growing trees, and how many: shallow gradient boosting with LightGBM, the same trees for the same rows and seed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from pipeline.learning.calibration import loss_of
from pipeline.learning.folds import MIN_WON_LEADS, SHARES, Fold
from pipeline.learning.model import Model, booster_of, booster_text
from pipeline.learning.scorecard import Prior
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
    """How trees grow, in the words of the workspace's `model`. No class weights: they would spoil the calibration.

    `monotone` holds 1 (the margin never falls as the column rises), -1 or 0 a column; empty where nothing is asked.
    """

    leaves: int
    depth: int
    learning_rate: float
    l2: float
    columns_share: float
    rows_share: float
    rows_per_leaf: int
    seed: int
    monotone: tuple[int, ...] = ()

    def parameters(self) -> dict[str, Any]:
        """LightGBM's parameters. One thread: more were slower on such sizes, and give the same trees."""
        held = {"monotone_constraints": list(self.monotone), "monotone_constraints_method": "intermediate"}
        return (held if any(self.monotone) else {}) | {
            "objective": "binary",
            "metric": "binary_logloss",
            "num_leaves": self.leaves,
            "max_depth": self.depth,
            "learning_rate": self.learning_rate,
            "min_data_in_leaf": self.rows_per_leaf,
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

    def best(self, X: Floats, label: Labels, start: Floats | None = None) -> int:
        """The number of trees with the lowest log loss on other rows; with margins to start from it may be none."""

    def grown(self, trees: int) -> lgb.Booster:
        """Exactly so many trees; fewer only if nothing is left to split."""


Grower = Callable[[Growth, Floats, Labels, Sequence[int], Floats | None], Growing]
"""What begins to grow trees, as `Forest` does."""


class Forest:
    """Trees on fixed rows that can still grow: the first k are the k trees that a fresh start would have given."""

    def __init__(
        self, growth: Growth, X: Floats, label: Labels, categorical: Sequence[int], start: Floats | None = None
    ) -> None:
        """No tree yet. Rows `X` (n, p), NaN missing; columns at positions `categorical` hold codes.

        The trees are grown on top of the margins `start` (n,), and without them on top of the rows' base rate.
        """
        self._parameters = growth.parameters()
        self._rows = lgb.Dataset(
            X, label, init_score=start, categorical_feature=list(categorical), params=self._parameters
        )
        self._booster = lgb.Booster(self._parameters, self._rows)

    def best(self, X: Floats, label: Labels, start: Floats | None = None) -> int:
        """The number of trees, up to MOST_TREES, with the lowest log loss on other rows; grows them on the way.

        None at all where nothing lowers the loss of the margins `start` of those rows; without them at least one.
        """
        # The parameters again: a call without them sets the number of threads back to all, for every booster there is.
        later = self._rows.create_valid(X, label, init_score=start, params=self._parameters)
        self._booster.add_valid(later, "later")
        best, lowest = (1, np.inf) if start is None else (0, log_loss(start, label))
        for trees in range(1, MOST_TREES + 1):
            finished = self._booster.update()
            loss = self._booster.eval_valid()[0][2]
            if loss < lowest:
                best, lowest = trees, loss
            if finished or trees - best >= PATIENCE:
                break
        return best

    def grown(self, trees: int) -> lgb.Booster:
        """Exactly so many trees, at least one; fewer only if nothing is left to split."""
        while self._booster.current_iteration() < trees and not self._booster.update():
            pass
        return booster_of(booster_text(self._booster, trees))


def log_loss(margin: Floats, label: Labels) -> float:
    """The mean log loss of margins (n,) that are taken for log-odds."""
    return loss_of(margin, label) / len(label)


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
    priors: Sequence[Prior] | None = None,
) -> tuple[Search, Floats]:
    """The number of trees for all rows of `X`, and the margins of the folds' validation parts, one after the other.

    With `trees="auto"` each fold's best number is scaled by the square root of (all rows / its own), since more rows
    carry more trees, and the median is taken; TREES_WITHOUT_FOLDS without. The margins come from as many trees as the
    number chosen means for a fold's rows, by the same scale: not from each fold's best, which has seen its validation
    part. `priors`, one a fold and fitted on its rows, are what trees start from; then the number may be 0, and it is 0
    where the folds' trees do not lower the log loss of their validation parts together.
    """
    starts, laters = (
        [None] * len(folds)
        if priors is None
        else [prior.margin(X[getattr(fold, part)]) for prior, fold in zip(priors, folds, strict=True)]
        for part in ("fit", "validate")
    )
    forests = [
        grower(growth, X[fold.fit], label[fold.fit], categorical, start)
        for fold, start in zip(folds, starts, strict=True)
    ]
    scales = [math.sqrt(len(X) / len(fold.fit)) for fold in folds]
    best: dict[int, int] = {}
    if trees != "auto":
        found = Search(int(trees), best, f"{trees} trees, as the settings say.")
    elif not folds:
        number, told = (0, "the scorecard serves alone") if priors is not None else (TREES_WITHOUT_FOLDS, "")
        told = told or f"{TREES_WITHOUT_FOLDS} trees"
        found = Search(number, best, f"No earlier part of the training period holds {MIN_WON_LEADS} won leads: {told}.")
    else:
        for fold, forest, later in zip(folds, forests, laters, strict=True):
            best[fold.number] = forest.best(X[fold.validate], label[fold.validate], later)
        scaled = [number * scale for number, scale in zip(best.values(), scales, strict=True)]
        chosen = max(1 if priors is None else 0, round(float(np.median(scaled))))
        found = Search(chosen, best, f"{chosen} trees, by the median of {len(folds)} rolling folds (of {SHARES - 1}).")
    margins = [np.empty(0)]
    for fold, forest, scale, later in zip(folds, forests, scales, laters, strict=True):
        if not found.trees:
            margins.append(np.asarray(later))
            continue
        grown = Model(forest.grown(max(1, round(found.trees / scale)))).margin(X[fold.validate])
        margins.append(grown if later is None else grown + later)
    whole = np.concatenate(margins)
    if priors and found.trees and trees == "auto":
        return _earned(found, whole, np.concatenate([np.empty(0), *map(np.asarray, laters)]), label, folds)
    return found, whole


def _earned(
    found: Search, margin: Floats, alone: Floats, label: Labels, folds: Sequence[Fold]
) -> tuple[Search, Floats]:
    """The trees if they lower the log loss that the priors alone have on the validation parts; else none."""
    truth = label[np.concatenate([fold.validate for fold in folds])]
    before, after = log_loss(alone, truth), log_loss(margin, truth)
    if after < before:
        told = f"They lower the scorecard's log loss on later folds from {before:.4f} to {after:.4f}."
        return Search(found.trees, found.best, f"{found.sentence} {told}"), margin
    told = f"Trees did not lower the scorecard's log loss on later folds ({before:.4f} to {after:.4f})"
    return Search(0, found.best, f"{told}: it serves alone."), alone

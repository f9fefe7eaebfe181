"""The classifier that Leadlight fits, by scikit-learn's conventions: folds, number of trees, calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data

from pipeline.definitions.settings import ModelSettings
from pipeline.learning.boosting import Forest, Grower, Growth, Search, search
from pipeline.learning.calibration import IDENTITY, Line, OutOfFold, base_log_odds, earned_line
from pipeline.learning.folds import SHARES, rolling_folds, won_leads
from pipeline.learning.level import earned_level
from pipeline.learning.model import BASE_RATE, SCORECARD, TREES, Model, logistic
from pipeline.learning.scorecard import Prior, Scorecard, fit_prior
from pipeline.tables.columns import Floats, Instants

DEFAULTS = ModelSettings()
"""Written once, in the workspace's `model`."""

MIN_WON_FOR_TREES = 30
"""Won leads in training below which no trees are grown."""

Labels = NDArray[np.int8]
Leads = NDArray[np.int64]


class LeadClassifier(ClassifierMixin, BaseEstimator):
    """Probability that a lead converts within the horizon: gradient boosting and a calibration that earns its place.

    Parameters
    ----------
    trees : "auto" (by the rolling folds) or a number
    leaves, depth, learning_rate, l2, columns_share, rows_share, rows_per_leaf, seed : as in the workspace's `model`
    scorecard : the company's points, bound to the columns of X; calibrated, they are what trees start from
    monotone : (p,) 1 where the margin never falls as the column rises, -1 where it never rises, else 0; None for none

    Attributes
    ----------
    model_ : the fitted `Model`
    classes_ : (2,) lost and won
    n_features_in_, feature_names_in_ : as in scikit-learn
    base_rate_ : won share of the observations
    won_leads_ : won leads among them
    trees_ : number of trees; 0 where the scorecard or the base rate serves alone
    prior_ : the scorecard in log-odds; None without one
    folds_ : the rolling folds
    search_ : what they found
    margins_ : the out-of-fold margins that the calibration comes from
    said_ : sentences for people on what was done and why
    """

    def __init__(
        self,
        *,
        trees: int | str = DEFAULTS.trees,
        leaves: int = DEFAULTS.leaves,
        depth: int = DEFAULTS.depth,
        learning_rate: float = DEFAULTS.learning_rate,
        l2: float = DEFAULTS.l2,
        columns_share: float = DEFAULTS.columns_share,
        rows_share: float = DEFAULTS.rows_share,
        rows_per_leaf: int = DEFAULTS.rows_per_leaf,
        seed: int = DEFAULTS.seed,
        scorecard: Scorecard | None = None,
        monotone: tuple[int, ...] | None = None,
    ) -> None:
        self.trees = trees
        self.leaves = leaves
        self.depth = depth
        self.learning_rate = learning_rate
        self.l2 = l2
        self.columns_share = columns_share
        self.rows_share = rows_share
        self.rows_per_leaf = rows_per_leaf
        self.seed = seed
        self.scorecard = scorecard
        self.monotone = monotone

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        cutoff: Instants | None = None,
        horizon: int | None = None,
        lead: Leads | None = None,
        categorical: Sequence[int] = (),
        grower: Grower = Forest,
    ) -> Self:
        """Fit the tested model on training observations.

        Parameters
        ----------
        X : (n, p) measures, NaN missing
        y : (n,) two classes, the greater one is won
        cutoff : (n,) instants; without them there are no folds, hence TREES_WITHOUT_FOLDS and no calibration
        horizon : microseconds; None where `cutoff` is only an order
        lead : (n,) integers, equal for one lead; without them every row is a lead of its own
        categorical : positions of the columns that hold codes
        grower : what grows the trees; `refit` takes the same

        Raises
        ------
        ValueError
            If `trees` is neither "auto" nor a number from 1 on, or X or y are not what scikit-learn asks for.
        """
        X, label = self._take_in(X, y)
        lead = np.arange(len(label)) if lead is None else np.asarray(lead)
        cutoff = np.zeros(len(label), dtype=np.int64) if cutoff is None else np.asarray(cutoff)
        self.categorical_, self.horizon_ = tuple(int(position) for position in categorical), horizon
        self.grower_ = grower
        self.won_leads_ = won_leads(lead, label)
        self.folds_, self.search_, self.margins_ = [], Search(0, {}, ""), OutOfFold.none()
        self.prior_ = self._prior(X, label, lead)
        if self.won_leads_ < MIN_WON_FOR_TREES:
            serves = "base rate serves" if self.prior_ is None else "scorecard serves alone"
            told = f"{self.won_leads_} won leads in training, and trees need {MIN_WON_FOR_TREES}: the {serves}."
            return self._finish(X, label, IDENTITY, [told])
        self.folds_ = rolling_folds(cutoff, horizon, label, lead)
        found = [self._prior(X[fold.fit], label[fold.fit], lead[fold.fit]) for fold in self.folds_]
        priors = None if self.scorecard is None else [prior for prior in found if prior is not None]
        self.search_, margin = search(
            self.growth(), self.trees, X, label, self.folds_, self.categorical_, grower, priors
        )
        rows = np.concatenate([fold.validate for fold in self.folds_]) if self.folds_ else np.empty(0, dtype=np.int64)
        number = np.repeat([fold.number for fold in self.folds_], [len(fold.validate) for fold in self.folds_])
        self.margins_ = OutOfFold(number.astype(np.int64), margin, label[rows], cutoff[rows], lead[rows])
        return self._calibrated(X, label)

    def refit(
        self, X: ArrayLike, y: ArrayLike, *, test: NDArray[np.bool_], cutoff: Instants, lead: Leads
    ) -> LeadClassifier:
        """The served model: fitted on all mature observations with as many trees as this tested one.

        Its calibration comes from this one's out-of-fold margins and from the margins that this one gives to the rows
        of `test` (a mask, (n,)), which it has not seen. The other parameters as in `fit`.
        """
        check_is_fitted(self)
        served = LeadClassifier(**self.get_params())
        X, label = served._take_in(X, y)
        for name in ("categorical_", "horizon_", "grower_", "folds_", "search_", "margins_"):
            setattr(served, name, getattr(self, name))
        served.won_leads_, served.prior_ = won_leads(lead, label), served._prior(X, label, np.asarray(lead))
        if self.model_.kind == BASE_RATE or self.won_leads_ < MIN_WON_FOR_TREES:
            return served._finish(X, label, IDENTITY, self.said_)
        seen = (label[test], np.asarray(cutoff)[test], np.asarray(lead)[test])
        unseen = OutOfFold(np.full(int(test.sum()), SHARES), self.model_.margin(X[test]), *seen)
        served.margins_ = self.margins_.join(unseen)
        return served._calibrated(X, label)

    def decision_function(self, X: ArrayLike) -> Floats:
        """Calibrated log-odds (n,)."""
        measures = self._measures(X)
        return np.asarray(self.model_.log_odds(measures))

    def predict_proba(self, X: ArrayLike) -> Floats:
        """Probabilities (n, 2) of lost and won."""
        won = logistic(self.decision_function(X))
        return np.column_stack([1.0 - won, won])

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The likelier class (n,). Conversions are rare: to rank leads, use `predict_proba`."""
        chosen = (self.decision_function(X) > 0).astype(int)
        return np.asarray(self.classes_[chosen])

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.allow_nan = True
        return tags

    def _take_in(self, X: ArrayLike, y: ArrayLike) -> tuple[Floats, Labels]:
        """Measures and labels as arrays; sets what scikit-learn wants to know of them."""
        number = isinstance(self.trees, (int, np.integer)) and not isinstance(self.trees, bool) and self.trees >= 1
        if self.trees != "auto" and not number:
            raise ValueError(f"trees is {self.trees!r}; expected 'auto' or a number from 1 on")
        measures, target = validate_data(self, X, y, dtype=np.float64, ensure_all_finite="allow-nan")
        check_classification_targets(target)
        classes = np.unique(target)
        if set(classes.tolist()) <= {0, 1}:
            classes = np.array([0, 1], dtype=target.dtype)  # also where all are lost, or all won
        if len(classes) > 2:
            kind = type_of_target(target)
            raise ValueError(f"Only binary classification is supported. The type of the target is {kind}.")
        if len(classes) < 2:
            raise ValueError(f"{classes[0]!r} is the only class; two are needed, or labels 0 and 1")
        self.classes_ = classes
        return measures, np.searchsorted(classes, target).astype(np.int8)

    def _calibrated(self, X: Floats, label: Labels) -> Self:
        """The model on all rows, with the calibration that its margins out of fold have earned."""
        line, told = earned_line(self.margins_, self.horizon_)
        line, moved = earned_level(self.margins_, line, self.horizon_)
        return self._finish(X, label, line, [self.search_.sentence, told, *([moved] if moved else [])])

    def _finish(self, X: Floats, label: Labels, line: Line, said: list[str]) -> Self:
        """The model on all rows, with a number of trees and a calibration that are settled."""
        self.trees_, self.said_, self.base_rate_ = self.search_.trees, said, float(label.mean())
        if self.trees_:
            start = None if self.prior_ is None else self.prior_.margin(X)
            booster = self.grower_(self.growth(), X, label, self.categorical_, start).grown(self.trees_)
            self.model_ = Model(booster, line.slope, line.intercept, prior=self.prior_, kind=TREES)
        elif self.prior_ is not None:
            self.model_ = Model(None, line.slope, line.intercept, prior=self.prior_, kind=SCORECARD)
        else:
            self.model_ = Model(None, base_margin=base_log_odds(label), kind=BASE_RATE)
        return self

    def _prior(self, X: Floats, label: Labels, lead: Leads) -> Prior | None:
        return None if self.scorecard is None else fit_prior(self.scorecard, X, label, lead)

    def growth(self) -> Growth:
        """How its trees grow."""
        names = [field.name for field in fields(Growth) if field.name != "monotone"]
        return Growth(**{name: getattr(self, name) for name in names}, monotone=tuple(self.monotone or ()))

    def _measures(self, X: ArrayLike) -> Floats:
        check_is_fitted(self)
        measures: Floats = validate_data(self, X, reset=False, dtype=np.float64, ensure_all_finite="allow-nan")
        return measures

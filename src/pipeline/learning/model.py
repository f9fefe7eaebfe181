"""A fitted model as it serves: margins by trees, a straight line to calibrated log-odds, contributions that add up.

NumPy and LightGBM only: this is the request path.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from pipeline.learning.scorecard import Prior
from pipeline.learning.treeshap import Explainer
from pipeline.tables.columns import Floats

TREES = "trees"
SCORECARD = "scorecard"
BASE_RATE = "base rate"
KINDS = (TREES, SCORECARD, BASE_RATE)

UNTOLD = ("[num_threads:",)
"""Lines of LightGBM's text that say how it was fitted on this machine, not what was fitted."""


@dataclass(frozen=True)
class Model:
    """`log_odds = slope * margin + intercept`; the margin is the prior's and the trees', or `base_margin` for everyone.

    Attributes
    ----------
    booster : the trees; None where the scorecard or the base rate serves alone
    slope, intercept : calibration; 1 and 0 leave the margin as it is
    base_margin : the margin where there are neither trees nor a prior
    kind : "trees", "scorecard" or "base rate"
    prior : the scorecard's margin, which the trees were grown on top of; None without a scorecard
    segments : models that answer for some rows in this one's place; None where this one answers for all
    """

    booster: lgb.Booster | None
    slope: float = 1.0
    intercept: float = 0.0
    base_margin: float = 0.0
    kind: str = TREES
    prior: Prior | None = None
    segments: Segments | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS or (self.kind == TREES) != (self.booster is not None):
            raise ValueError(f"a model of kind {self.kind!r} {'without' if self.booster is None else 'with'} trees")
        if self.kind == SCORECARD and self.prior is None:
            raise ValueError("a model of kind 'scorecard' without a prior")
        if not self.slope > 0:
            raise ValueError(f"slope is {self.slope}; a calibration that turns the ranking round is none")

    @cached_property
    def explainer(self) -> Explainer | None:
        """What computes contributions; its tables take a fraction of a second, once. None without trees."""
        return None if self.booster is None else Explainer(self.booster)

    def ready(self) -> None:
        """Make now what would else be made when contributions are first asked for."""
        assert self.explainer is not None or self.booster is None
        for model in self.segments.models.values() if self.segments else ():
            model.ready()

    def margin(self, X: Floats) -> Floats:
        """Margins (n,) of measures `X` (n, p), without segments: log-odds before calibration."""
        if self.booster is None:
            return np.full(len(X), self.base_margin) if self.prior is None else self.prior.margin(X)
        if not len(X):
            return np.empty(0)
        grown = np.asarray(self.booster.predict(X, raw_score=True, num_threads=1), dtype=np.float64)
        return grown if self.prior is None else grown + self.prior.margin(X)

    def log_odds(self, X: Floats) -> Floats:
        """Calibrated log-odds (n,)."""
        whole = self.slope * self.margin(X) + self.intercept
        for rows, model in self.segments.of(X) if self.segments else ():
            whole[rows] = model.log_odds(X[rows])
        return whole

    def probability(self, X: Floats) -> Floats:
        """Calibrated probability (n,) of converting within the horizon."""
        return logistic(self.log_odds(X))

    def contributions(self, X: Floats, threads: int | None = None) -> tuple[float, Floats]:
        """Base and contributions (n, p) in calibrated log-odds: `base + row.sum() = log_odds` to 1e-9.

        The base is what the model says of a lead it knows nothing of: the mean over the rows it was fitted on. A column
        has the prior's part and the trees'. Where a segment has a model of its own, what sets that one's base apart is
        the contribution of belonging to the segment. `threads` are as the explainer takes them, and change no bit.
        """
        base, parts = self.base_margin if self.prior is None else self.prior.base, np.zeros(X.shape)
        explainer = self.explainer
        if explainer is not None:
            base = explainer.base + (0.0 if self.prior is None else base)
            parts = explainer.contributions(X, threads)[:, :-1]
        if self.prior is not None:
            parts = parts + self.prior.contributions(X)
        base, parts = self.slope * base + self.intercept, self.slope * parts
        for rows, model in self.segments.of(X) if self.segments else ():
            own, parts[rows] = model.contributions(X[rows], threads)
            parts[rows, self.segments.column if self.segments else 0] += own - base
        return base, parts

    def text(self) -> str:
        """The trees as LightGBM's text, without the lines that depend on threads; empty without trees."""
        return "" if self.booster is None else booster_text(self.booster)

    def to_json(self) -> dict[str, Any]:
        """The arithmetic beside the trees as plain data; prior and segments only where there are any."""
        plain: dict[str, Any] = {name: getattr(self, name) for name in ("kind", "slope", "intercept", "base_margin")}
        if self.prior is not None:
            plain["prior"] = self.prior.to_json()
        if self.segments is not None:
            models = {code: model.to_json() | {"text": model.text()} for code, model in self.segments.models.items()}
            plain["segments"] = {"column": self.segments.column, "models": {str(c): m for c, m in models.items()}}
        return plain

    @classmethod
    def from_text(
        cls,
        text: str,
        *,
        slope: float,
        intercept: float,
        base_margin: float,
        kind: str,
        prior: Mapping[str, Any] | None = None,
        segments: Mapping[str, Any] | None = None,
    ) -> Model:
        """The model whose trees `text` holds; the rest as `to_json` gives it. ValueError where it cannot be read."""
        own = None
        if segments is not None:
            models = {int(code): cls.from_text(**plain) for code, plain in segments["models"].items()}
            own = Segments(int(segments["column"]), models)
        return cls(
            booster_of(text) if text else None,
            float(slope),
            float(intercept),
            float(base_margin),
            kind,
            None if prior is None else Prior.from_json(prior),
            own,
        )


@dataclass(frozen=True)
class Segments:
    """Models of their own for some values of a categorical column: its code -> the model."""

    column: int
    models: Mapping[int, Model]

    def of(self, X: Floats) -> Iterator[tuple[NDArray[np.int64], Model]]:
        """The rows of `X` (n, p) that each model answers for, where there are any."""
        for code, model in self.models.items():
            rows = np.flatnonzero(X[:, self.column] == code)
            if len(rows):
                yield rows, model


def logistic(log_odds: Floats) -> Floats:
    """Probabilities of log-odds, without overflow at either end.

    >>> import numpy as np
    >>> logistic(np.array([-1000.0, 0.0, 1000.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    small = np.exp(-np.abs(log_odds))
    return np.where(log_odds >= 0, 1.0, small) / (1.0 + small)


def booster_text(booster: lgb.Booster, trees: int = -1) -> str:
    """LightGBM's text of the first `trees` (default: all): the same trees give the same text, whatever the threads."""
    lines = booster.model_to_string(num_iteration=trees).splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(UNTOLD))


def booster_of(text: str) -> lgb.Booster:
    """The trees again; ValueError where LightGBM cannot read the text."""
    try:
        return lgb.Booster(model_str=text)
    except lgb.basic.LightGBMError as error:
        raise ValueError(f"LightGBM cannot read the model: {error}") from error

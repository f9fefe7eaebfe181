"""A fitted model as it serves: margins by trees, a straight line to calibrated log-odds, contributions that add up.

NumPy and LightGBM only: this is the request path.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import lightgbm as lgb
import numpy as np

from pipeline.learning.treeshap import Explainer
from pipeline.tables.columns import Floats

TREES = "trees"
BASE_RATE = "base rate"

UNTOLD = ("[num_threads:",)
"""Lines of LightGBM's text that say how it was fitted on this machine, not what was fitted."""


@dataclass(frozen=True)
class Model:
    """`log_odds = slope * margin + intercept`; the margin is the trees', or `base_margin` for everyone without trees.

    Attributes
    ----------
    booster : the trees; None where the base rate alone serves
    slope, intercept : calibration; 1 and 0 leave the margin as it is
    base_margin : the margin where there are no trees
    kind : "trees" or "base rate"
    """

    booster: lgb.Booster | None
    slope: float = 1.0
    intercept: float = 0.0
    base_margin: float = 0.0
    kind: str = TREES

    def __post_init__(self) -> None:
        if self.kind not in (TREES, BASE_RATE) or (self.kind == TREES) != (self.booster is not None):
            raise ValueError(f"a model of kind {self.kind!r} {'without' if self.booster is None else 'with'} trees")
        if not self.slope > 0:
            raise ValueError(f"slope is {self.slope}; a calibration that turns the ranking round is none")

    @cached_property
    def explainer(self) -> Explainer | None:
        """What computes contributions; its tables take a fraction of a second, once. None without trees."""
        return None if self.booster is None else Explainer(self.booster)

    def margin(self, X: Floats) -> Floats:
        """Margins (n,) of measures `X` (n, p): log-odds before calibration."""
        if self.booster is None:
            return np.full(len(X), self.base_margin)
        if not len(X):
            return np.empty(0)
        return np.asarray(self.booster.predict(X, raw_score=True, num_threads=1), dtype=np.float64)

    def log_odds(self, X: Floats) -> Floats:
        """Calibrated log-odds (n,)."""
        return self.slope * self.margin(X) + self.intercept

    def probability(self, X: Floats) -> Floats:
        """Calibrated probability (n,) of converting within the horizon."""
        return logistic(self.log_odds(X))

    def contributions(self, X: Floats, threads: int | None = None) -> tuple[float, Floats]:
        """Base and contributions (n, p) in calibrated log-odds: `base + row.sum() = log_odds` to 1e-9.

        The base is what the model says of a lead it knows nothing of: the mean over the rows it was fitted on.
        `threads` are as the explainer takes them, and change no bit.
        """
        explainer = self.explainer
        if explainer is None:
            return self.slope * self.base_margin + self.intercept, np.zeros(X.shape)
        parts = explainer.contributions(X, threads)
        return self.slope * explainer.base + self.intercept, self.slope * parts[:, :-1]

    def text(self) -> str:
        """The trees as LightGBM's text, without the lines that depend on threads; empty without trees."""
        return "" if self.booster is None else booster_text(self.booster)

    @classmethod
    def from_text(cls, text: str, *, slope: float, intercept: float, base_margin: float, kind: str) -> Model:
        """The model whose trees `text` holds; ValueError where LightGBM cannot read it."""
        return cls(booster_of(text) if text else None, float(slope), float(intercept), float(base_margin), kind)


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

"""What a tested model is worth: figures on the test, by age and beside baselines, and a verdict in one sentence."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.spans import parse_span, span_text
from pipeline.definitions.zones import iso
from pipeline.features.training_set import TrainingSet
from pipeline.learning.folds import won_leads
from pipeline.learning.metrics import DRAWS, FIGURES, Figure, paired_log_loss, quality
from pipeline.learning.model import Model
from pipeline.quality.baselines import base_rate, logistic_regression
from pipeline.tables.columns import Floats, Instants

WON_TO_JUDGE = 10
"""Won leads in the test below which its figures judge nothing."""

TOO_FEW = "too few to judge"
"""How the verdict on such a test begins."""

SAME = 1e-9
"""A difference in log loss below which two models say the same; rounding makes more than 0."""

BANDS = {"0-7d": "0d", "7-30d": "7d", "30-90d": "30d", "over 90d": "90d"}
"""Bands of age and where they start: each holds `start <= age < next start`."""

Rows = NDArray[np.int64]


def evaluate(
    training_set: TrainingSet, model: Model, ages: tuple[int, ...] | None = None, draws: int = DRAWS
) -> dict[str, Any]:
    """Figures of the tested model as plain JSON.

    Parameters
    ----------
    training_set : its `test` rows judge; its `training` rows fit the baselines
    model : the tested model, which has seen nothing of the test
    ages : the workspace's ages in microseconds, if it observes at ages; else figures are by bands of age
    draws : bootstrap draws over groups

    Returns
    -------
    `test`, `by_age` (name -> group), `baselines` (`base_rate`, `logistic`, `scorecard` -> group), `verdict` (a
    sentence) and `said` (sentences on what to know of the figures). A group has `from` and `to` (its first and last
    cutoff), `n`, `won` (observations), `won_leads`, `base_rate` and the FIGURES; what is undefined is null, a figure
    with its reason.
    """
    rows, training = np.flatnonzero(training_set.test), training_set.training
    label, group = training_set.label[rows], training_set.group[rows]
    X, learnt = training_set.X[rows], training_set.label[training]
    probability = model.probability(X)
    logistic, said = logistic_regression(training_set.X[training], learnt, training_set.definition.categorical, X)
    rivals: dict[str, Floats | str] = {
        "base_rate": base_rate(learnt, len(rows)),
        "logistic": logistic,
        "scorecard": "the workspace has no scorecard" if model.prior is None else model.prior.probability(X),
    }
    age = training_set.cutoff[rows] - training_set.created_at[rows]
    places = {name: np.flatnonzero(chosen) for name, chosen in by_age(age, ages).items()}
    test = figures_of(training_set, rows, probability, draws)
    differences = {
        name: paired_log_loss(label, probability, rival, group, draws)
        for name, rival in rivals.items()
        if not isinstance(rival, str) and len(rows)
    }
    return {
        "test": test,
        "by_age": {
            name: figures_of(training_set, rows[chosen], probability[chosen], draws) for name, chosen in places.items()
        },
        "baselines": {name: figures_of(training_set, rows, rival, draws) for name, rival in rivals.items()},
        "verdict": _verdict(test, differences),
        "said": said + _weakness(differences),
    }


def by_age(age: Instants, ages: tuple[int, ...] | None) -> dict[str, NDArray[np.bool_]]:
    """Name -> mask of the observations of an age (microseconds since creation): the workspace's `ages`, or BANDS.

    An age of 0 is observed a microsecond after creation.

    >>> import numpy as np
    >>> chosen = by_age(np.array([1, 7, 30]) * 86_400_000_000, None)
    >>> [(name, mask.tolist()) for name, mask in chosen.items() if mask.any()]
    [('0-7d', [True, False, False]), ('7-30d', [False, True, False]), ('30-90d', [False, False, True])]
    """
    if ages is not None:
        return {span_text(span): age == max(span, 1) for span in sorted(set(ages))}
    band = np.searchsorted([parse_span(start) for start in BANDS.values()], age, side="right") - 1
    return {name: band == position for position, name in enumerate(BANDS)}


def figures_of(training_set: TrainingSet, rows: Rows, probability: Floats | str, draws: int) -> dict[str, Any]:
    """Counts and figures of some `rows` (m,) of the set, with probabilities (m,), as plain JSON.

    A sentence in place of the probabilities leaves the figures undefined, for that reason.
    """
    label, cutoff = training_set.label[rows], training_set.cutoff[rows]
    counts = {
        "from": iso(int(cutoff.min())) if len(rows) else None,
        "to": iso(int(cutoff.max())) if len(rows) else None,
        "n": len(rows),
        "won": int(label.sum()),
        "won_leads": won_leads(training_set.lead_id.codes[rows], label),
        "base_rate": float(label.mean()) if len(rows) else None,
    }
    if isinstance(probability, str):
        figures = dict.fromkeys(FIGURES, Figure(None, None, None, probability))
    else:
        figures = quality(label, probability, training_set.group[rows], draws)
    return counts | {name: figure.to_json() for name, figure in figures.items()}


def _verdict(test: dict[str, Any], differences: dict[str, Figure]) -> str:
    """Whether the test can judge, and what it says against the base rate."""
    if test["won_leads"] < WON_TO_JUDGE:
        return f"{TOO_FEW}: {test['won_leads']} won leads in the test, {WON_TO_JUDGE} are needed."
    figure = differences.get("base_rate")
    if figure is None or figure.value is None:
        return "nothing to compare with: there are no training observations."
    interval = "no interval" if figure.low is None else f"{figure.low:+.4f} to {figure.high:+.4f}"
    told = f"log loss {test['log_loss']['value']:.4f}, {figure.value:+.4f} ({interval}) against the base rate's"
    if figure.low is None or figure.high is None:
        return f"uncertain: {told}."
    if max(abs(figure.low), abs(figure.high)) < SAME:
        return f"the same as the base rate: {told}."
    if figure.high < 0:
        return f"better than the base rate: {told}."
    return f"worse than the base rate: {told}." if figure.low > 0 else f"not clearly better than the base rate: {told}."


def _weakness(differences: dict[str, Figure]) -> list[str]:
    figure = differences.get("logistic")
    if figure is None or figure.low is None or figure.low <= 0:
        return []
    return [f"The logistic regression is better than the model, by {figure.value:.4f} of log loss."]

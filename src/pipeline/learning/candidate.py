"""The candidate: the tested model and the served one, with models of their own for segments that earn them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from pipeline.features.training_set import TrainingSet
from pipeline.learning.boosting import Forest, Grower
from pipeline.learning.calibration import OutOfFold
from pipeline.learning.estimator import MIN_WON_FOR_TREES, LeadClassifier
from pipeline.learning.folds import won_leads
from pipeline.learning.model import Model, Segments
from pipeline.tables.columns import Floats

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Candidate:
    """Both estimators, their models with segments, and what to know of the segments, in sentences."""

    tested: LeadClassifier
    served: LeadClassifier
    tested_model: Model
    served_model: Model
    said: list[str] = field(default_factory=list)


def fit_candidate(
    estimator: LeadClassifier,
    rows: TrainingSet,
    *,
    refit: bool = True,
    segment: int | None = None,
    grower: Grower = Forest,
    progress: Callable[[str], None] = lambda _: None,
) -> Candidate:
    """Fit on the training observations, and again on all mature ones with `refit`.

    `segment` is the position of a categorical column: each of its values gets a model of its own where its training
    observations hold MIN_WON_FOR_TREES won leads and that model's margins out of fold are better than the whole's, by
    more than a standard error over leads. Else the whole answers for it.
    """
    progress("tested model: folds, trees, calibration")
    everyone = np.ones(len(rows.label), dtype=np.bool_)
    tested = _tested(estimator, rows, everyone, grower)
    own, said = ({}, []) if segment is None else _segments(tested, rows, segment, grower, progress)
    served = tested
    again = dict(own)
    if refit:
        progress("served model: all mature observations")
        served = _served(tested, rows, everyone)
        again = {code: _served(model, rows, rows.X[:, segment] == code) for code, model in own.items()}
    return Candidate(tested, served, _with(tested, own, segment), _with(served, again, segment), said)


def _tested(estimator: LeadClassifier, rows: TrainingSet, among: Mask, grower: Grower) -> LeadClassifier:
    train = rows.training & among
    fresh: LeadClassifier = clone(estimator)
    return fresh.fit(
        rows.X[train],
        rows.label[train],
        cutoff=rows.cutoff[train],
        horizon=rows.definition.horizon,
        lead=rows.lead_id.codes[train].astype(np.int64),
        categorical=rows.definition.categorical,
        grower=grower,
    )


def _served(tested: LeadClassifier, rows: TrainingSet, among: Mask) -> LeadClassifier:
    mature = rows.mature & among
    lead = rows.lead_id.codes[mature].astype(np.int64)
    return tested.refit(
        rows.X[mature], rows.label[mature], test=rows.test[mature], cutoff=rows.cutoff[mature], lead=lead
    )


def _with(whole: LeadClassifier, own: Mapping[int, LeadClassifier], segment: int | None) -> Model:
    if segment is None or not own:
        return whole.model_
    return replace(whole.model_, segments=Segments(segment, {code: model.model_ for code, model in own.items()}))


def _segments(
    whole: LeadClassifier, rows: TrainingSet, segment: int, grower: Grower, progress: Callable[[str], None]
) -> tuple[dict[int, LeadClassifier], list[str]]:
    """The models that earned their place, by code, and a sentence on each value that could have one."""
    name = rows.definition.columns[segment]
    own: dict[int, LeadClassifier] = {}
    said = []
    few = []
    for code, word in enumerate(rows.definition.vocabularies[name]):
        among = rows.X[:, segment] == code
        won = won_leads(rows.lead_id.codes[rows.training & among], rows.label[rows.training & among])
        if won < MIN_WON_FOR_TREES:
            few.append(word)
            continue
        progress(f"a model for {name} {word}")
        fitted = _tested(whole, rows, among, grower)
        better, told = _better(fitted, whole)
        said.append(f"{name} {word} ({won} won leads): {told}")
        if better:
            own[code] = fitted
    if few:
        said.append(
            f"The whole's model answers for {name} {', '.join(few)}: each has under {MIN_WON_FOR_TREES} won leads."
        )
    return own, said


def _better(own: LeadClassifier, whole: LeadClassifier) -> tuple[bool, str]:
    """Whether a segment's own margins out of fold beat the whole's on the observations that both have."""
    mine, theirs = _losses(own), _losses(whole)
    both = sorted(mine.keys() & theirs.keys())
    if not own.trees_ or not both:
        return False, "nothing tells whether a model of its own would be better, so the whole's answers."
    difference = np.array([mine[key] - theirs[key] for key in both])
    _, lead = np.unique([key[0] for key in both], return_inverse=True)
    sums = np.bincount(lead, difference - difference.mean())
    error = float(np.sqrt((sums**2).sum()) / len(difference))
    mean = float(difference.mean())
    told = f"log loss out of fold {mean:+.4f} (standard error {error:.4f}) against the whole's"
    if mean + error < 0:
        return True, f"a model of its own, {told}."
    return False, f"the whole's model answers, {told}."


def _losses(fitted: LeadClassifier) -> dict[tuple[int, int], float]:
    """(lead, cutoff) -> log loss of the calibrated margin out of fold."""
    margins: OutOfFold = fitted.margins_
    log_odds: Floats = fitted.model_.slope * margins.margin + fitted.model_.intercept
    losses = np.logaddexp(0.0, log_odds) - log_odds * (margins.label == 1)
    return dict(zip(zip(margins.lead.tolist(), margins.cutoff.tolist(), strict=True), losses.tolist(), strict=True))

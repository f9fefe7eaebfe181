"""Line 4: the demo CRM's model against the truth that its simulator knows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.proofs.line import Check, at_least, contains
from benchmarks.proofs.workshop import Workshop
from pipeline.demo.truth import corrected_log_loss, true_probability
from pipeline.features.training_set import TrainingSet
from pipeline.learning.bundle import Bundle
from pipeline.learning.figures import FIGURES, Ranked
from pipeline.learning.metrics import quality

RUNS = 400
PERFECT_DRAWS = 400
SEED = 4
GAIN, EXCESS = 0.80, 0.005

Floats = NDArray[np.float64]


def close_to_the_truth(workshop: Workshop, gain: float = GAIN) -> list[Check]:
    """Every observation of the test period: our probability, the true one, and what happened."""
    folder = workshop.demo
    training_set = TrainingSet.load(folder / "data" / "work" / "training")
    model = Bundle.load(folder / "models" / "candidate" / "tested").model
    test = np.flatnonzero(training_set.test)
    label = training_set.label[test].astype(np.float64)
    ours = model.probability(training_set.X[test])
    base = float(training_set.label[training_set.training].mean())

    runs = workshop.count(RUNS, 20)
    leads = [str(lead) for lead in training_set.lead_id.take(test).values()]
    truth = true_probability(folder / "data" / "demo", leads, training_set.cutoff[test], runs)
    of_truth = corrected_log_loss(label, truth)
    of_ours, of_base = log_loss(label, ours), log_loss(label, np.full(len(label), base))
    figures = quality(label, ours, training_set.group[test])
    found, perfect = calibration_error(label, ours), perfect_calibration_error(ours)
    return [
        Check(
            "observations of the test; runs an observation",
            [len(test), runs],
            f"all; {RUNS} or more",
            workshop.quick or runs >= RUNS,
        ),
        Check("log loss: base rate, ours, truth", [round(x, 5) for x in (of_base, of_ours, of_truth)], "said", True),
        Check("AUC: ours, truth", [round(auc(label, p), 4) for p in (ours, truth.probability)], "said", True),
        at_least("(base rate - ours) / (base rate - truth)", (of_base - of_ours) / (of_base - of_truth), gain),
        contains("calibration slope, 95 %", figures["calibration_slope"].to_json(), 1.0),
        contains("calibration intercept, 95 %", figures["calibration_intercept"].to_json(), 0.0),
        Check("calibration error: found, perfect", [round(found, 5), round(perfect, 5)], "said", True),
        Check(
            "calibration error beyond a perfect model's",
            round(found - perfect, 5),
            "<= 0.005",
            found - perfect <= EXCESS,
        ),
    ]


def log_loss(label: Floats, probability: Floats) -> float:
    """Mean negative log-likelihood."""
    return float(-np.mean(label * np.log(probability) + (1 - label) * np.log1p(-probability)))


def auc(label: Floats, probability: Floats) -> float:
    """The chance that a won observation stands above a lost one."""
    return _figure("auc", label, probability)


def calibration_error(label: Floats, probability: Floats) -> float:
    """Over ten bins of equal count, as everywhere."""
    return _figure("calibration_error", label, probability)


def perfect_calibration_error(probability: Floats) -> float:
    """What the same probabilities would show on average if each were exactly right: labels drawn from them."""
    random = np.random.default_rng(SEED)
    drawn = [
        calibration_error((random.random(len(probability)) < probability).astype(np.float64), probability)
        for _ in range(PERFECT_DRAWS)
    ]
    return float(np.mean(drawn))


def _figure(name: str, label: Floats, probability: Floats) -> float:
    ranked = Ranked.of(label, probability, np.arange(len(label)))
    return float(ranked.figures(np.ones(len(label)))[0][FIGURES.index(name)])

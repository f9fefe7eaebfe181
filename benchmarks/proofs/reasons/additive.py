"""Line 1: the reasons of every score, and the parts of every change, add up at every level."""

from __future__ import annotations

import numpy as np

from benchmarks.proofs.line import Check, at_least, below, equal, said
from benchmarks.proofs.workshop import Workshop
from pipeline.definitions.spans import DAY
from pipeline.reasons.changed import changed
from pipeline.reasons.scored import Scorer
from tests.reasons.crm import NOW, crowd
from tests.reasons.random_models import error_of_change, errors_of_levels, random_bundle

MODELS = 500
LEADS = 300
SEED = 6
EXACT = 1e-9


def adds_up(workshop: Workshop) -> list[Check]:
    """Random models, each scoring a crowd of random leads and telling what changed since another model's score."""
    models, random = workshop.count(MODELS, 20), np.random.default_rng(SEED)
    whole = crowd(LEADS, SEED)
    largest: dict[str, float] = {}
    scores = changes = 0
    drawn = {"with trees": 0, "with a scorecard under the trees": 0, "with categoricals": 0, "with segments": 0}
    missing = []
    for seed in range(models):
        before, after = random_bundle(seed), random_bundle(MODELS + seed, "2026-06-30-00000002")
        since = NOW - int(random.integers(1, 60)) * DAY
        scorer, later = Scorer(before, whole, since), Scorer(after, whole, NOW)
        scored = scorer.score(np.flatnonzero(whole.leads.created_at < since))
        found = errors_of_levels(scorer, scored)
        both = np.flatnonzero(scorer.ends.open & later.ends.open & (whole.leads.created_at < since))
        found["what changed"] = error_of_change(changed((before, after), whole, both, since, NOW))
        largest = {level: max(error, largest.get(level, 0.0)) for level, error in found.items()}
        scores, changes = scores + int(scored.open.sum()), changes + len(both)
        model, X = before.model, before.definition.matrix(scored.columns)[0]
        missing.append(float(np.isnan(X).mean()))
        for name, holds in zip(
            drawn,
            (
                model.booster is not None,
                model.booster is not None and model.prior is not None,
                model.booster is not None and bool(before.definition.categorical),
                model.segments is not None,
            ),
            strict=True,
        ):
            drawn[name] += holds
    return [
        equal("random models", models, workshop.count(MODELS, 20)),
        *(at_least(f"of them {name}", count, workshop.count(50, 1)) for name, count in drawn.items()),
        at_least("share of values missing, mean of the models", float(np.mean(missing)), 0.1),
        said("scores; changes between the scores of two models", [scores, changes]),
        *(below(f"{level}: greatest error in log-odds", error, EXACT) for level, error in largest.items()),
    ]

"""Line 9: every lead has exactly one stage and one action, and the rule that chose it is named."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from benchmarks.proofs.line import Check, at_least, equal, said
from benchmarks.proofs.workshop import Workshop
from pipeline.reasons.scores import score
from tests.reasons.crm import NOW, crowd
from tests.reasons.naive_rules import Drawn, action_of, rows, stage_of, with_attributes
from tests.reasons.random_models import random_bundle

LEADS = 1000
A_WORLD = 20
"""Leads of one history, with a model and rules of their own."""
BASE_RATES = (0.12, 0.001, 0.9, 0.0, float("nan"))
SEED = 60_000


def total(workshop: Workshop) -> list[Check]:
    """Random leads under random models and rules, each held against plain loops row by row."""
    worlds = workshop.count(LEADS // A_WORLD, 5)
    stages: Counter[str] = Counter()
    actions: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for seed in range(worlds):
        random = np.random.default_rng(SEED + seed)
        drawn = Drawn(random)
        people = with_attributes(crowd(A_WORLD, SEED + seed), random)
        model = random_bundle(seed)
        model = replace(model, card={**model.card, "base_rate": BASE_RATES[seed % 5], "rules": drawn.plain})
        scores = score(model, people, NOW, reasons=0)
        for row, each in zip(rows(model, people, drawn, scores), scores, strict=True):
            stages[each.stage] += 1
            actions[each.action] += 1
            found["leads"] += 1
            found["closed"] += each.probability is None
            found["one stage, as plain loops say"] += stage_of(row) == [each.stage]
            named = action_of(row, drawn) == (each.action, each.rule)
            found["one action by the rule named, as plain loops say"] += named
            found["the rule stands in the rules"] += (each.rule, each.action) in [(t, do) for t, do, _ in drawn.actions]
            found["opted out and an action all the same"] += (
                row["opted_out"] and drawn.actions[0][:2] == ("opted_out", "none") and each.action != "none"
            )
        found["sets of rules of their own"] += not drawn.shipped
        found["models without trees"] += model.model.booster is None
    whole = worlds * A_WORLD
    return [
        equal("random leads", found["leads"], whole),
        equal("exactly one stage, the one of plain loops", found["one stage, as plain loops say"], whole),
        equal(
            "exactly one action, its rule named, both those of plain loops",
            found["one action by the rule named, as plain loops say"],
            whole,
        ),
        equal("the rule is one of the rules, as written", found["the rule stands in the rules"], whole),
        equal("opted out first, and an action all the same", found["opted out and an action all the same"], 0),
        at_least("of the leads closed", found["closed"], workshop.count(50, 1)),
        at_least("sets of rules that do not ship", found["sets of rules of their own"], workshop.count(20, 1)),
        at_least("models without trees", found["models without trees"], workshop.count(5, 0)),
        at_least("stages that occur", len(stages), workshop.count(4, 2)),
        said("leads by stage", dict(sorted(stages.items()))),
        said("leads by action", dict(sorted(actions.items()))),
    ]

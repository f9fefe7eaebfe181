"""Line 2: what the demo's model says matters, against what matters in the simulator, and three leads worked through."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from benchmarks.proofs.line import Check, at_least, at_most, below, equal, said
from benchmarks.proofs.reasons.true_game import PLAYERS, Known, known, true_values
from benchmarks.proofs.reasons.worked_leads import BUYER, DAY, IGNORING, STUDENT, WORKED, Worked
from benchmarks.proofs.workshop import Workshop
from pipeline.definitions.zones import iso
from pipeline.demo import world
from pipeline.features.training_set import TrainingSet
from pipeline.learning.bundle import Bundle, load_champion
from pipeline.reasons import explain
from pipeline.reasons.scores import Score
from serving.scorer import Scorer
from serving.settings import Settings

DAYS, LEADS_A_DAY = 4, 50
BACKGROUND = 2_000
WALKS, RUNS = 40, 50
COPIES = 10
"""Of a worked lead, each explained by that many walks."""

DRAWS = 2_000
SEED = 2
RANK, TOP, BOTTOM = 0.8, 0.9, 1 / 3

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]


def reasons_are_the_truths(workshop: Workshop) -> list[Check]:
    """Mean |contribution| by criterion against the mean |Shapley value| of the simulator's log-odds; three leads."""
    folder = workshop.demo
    seen = TrainingSet.load(folder / "data" / "work" / "training")
    training = np.flatnonzero(seen.training)
    drawn = np.random.default_rng(SEED).choice(training, min(BACKGROUND, len(training)), replace=False)
    background = _known(workshop, seen, drawn)
    tested, champion = Bundle.load(folder / "models" / "candidate" / "tested"), load_champion(folder / "models")
    return [*_ranks(workshop, seen, background, tested), *_worked(workshop, champion, background)]


def _ranks(workshop: Workshop, seen: TrainingSet, background: Known, bundle: Bundle) -> list[Check]:
    """The same observations of the test period explained by the model and by the truth."""
    random = np.random.default_rng(SEED)
    own = _drawn(seen, workshop.count(LEADS_A_DAY, 10), random)
    walks = workshop.count(WALKS, 4)
    truth = true_values(_known(workshop, seen, own), background, walks, RUNS, SEED)
    criteria = [criterion.name for criterion in bundle.definition.criteria]
    _, parts = bundle.model.contributions(seen.X[own])
    ours = np.abs(explain.add_up(parts, bundle.definition.criterion_of, len(criteria)))
    exact = np.zeros_like(ours)
    playing = [criteria.index(player) for player in PLAYERS]
    exact[:, playing] = np.abs(truth)
    rank, low, high = rank_correlation(ours, exact, seen.group[own], random)
    alone, *_ = rank_correlation(ours[:, playing], exact[:, playing], seen.group[own], random)
    strength = {
        criteria[place]: [round(float(of[:, place].mean()), 3) for of in (exact, ours)]
        for place in np.argsort(-exact.mean(axis=0), kind="stable")
    }
    return [
        said("observations explained; orders of the criteria for each; runs", [len(own), 2 * walks, RUNS]),
        at_least("rank correlation over all criteria", rank, 0.0 if workshop.quick else RANK),
        said("its 95 % interval, over leads", [round(low, 3), round(high, 3)]),
        said(f"the same over the {len(playing)} criteria that move something in the simulator", round(alone, 3)),
        said("mean |log-odds| by criterion: truth, ours", strength),
    ]


def _known(workshop: Workshop, seen: TrainingSet, rows: Rows) -> Known:
    leads = [str(lead) for lead in seen.lead_id.take(rows).values()]
    return known(workshop.demo / "data" / "demo", leads, seen.cutoff[rows])


def _drawn(seen: TrainingSet, a_day: int, random: np.random.Generator) -> Rows:
    """Observations of the test on some days spread over it: on few days many leads can be simulated at once."""
    days, count = np.unique(seen.cutoff[seen.test], return_counts=True)
    days = days[count >= min(a_day, int(count.max()))]
    chosen = days[np.unique(np.linspace(0, len(days) - 1, DAYS).round().astype(int))]
    rows = [
        random.choice(at, min(a_day, len(at)), replace=False)
        for at in (np.flatnonzero(seen.test & (seen.cutoff == day)) for day in chosen)
    ]
    return np.concatenate(rows)


def rank_correlation(
    ours: Floats, exact: Floats, group: NDArray[np.int64], random: np.random.Generator, draws: int = DRAWS
) -> tuple[float, float, float]:
    """Spearman's correlation of the columns' means of (n, criteria), ties sharing a rank, and its 95 % interval.

    The interval draws groups of rows anew: what varies is who happened to be explained, not the criteria.
    """
    _, place = np.unique(group, return_inverse=True)
    groups = int(place.max()) + 1
    weights = random.multinomial(groups, np.full(groups, 1 / groups), size=draws)[:, place]
    found = [_correlation(ours.mean(axis=0), exact.mean(axis=0))]
    found += [_correlation(weight @ ours, weight @ exact) for weight in weights]
    low, high = np.quantile(found[1:], [0.025, 0.975])
    return found[0], float(low), float(high)


def _correlation(a: Floats, b: Floats) -> float:
    return float(np.corrcoef(rankdata(a), rankdata(b))[0, 1])


def _worked(workshop: Workshop, champion: Bundle, background: Known) -> list[Check]:
    """The three leads through the service's own door: where they stand, and what is said first."""
    scores = worked_scores(champion)
    buyer, student, ignoring = (scores[lead.name] for lead in WORKED)
    return [
        at_least(f"{BUYER.name}: percentile", buyer.percentile or 0.0, TOP),
        *_told(workshop, BUYER, buyer, background),
        at_most(f"{STUDENT.name}: percentile", student.percentile or 0.0, BOTTOM),
        *_told(workshop, STUDENT, student, background),
        below(f"{IGNORING.name}: probability", ignoring.probability or 1.0, float(champion.card["base_rate"])),
        *_told(workshop, IGNORING, ignoring, background),
    ]


def worked_scores(bundle: Bundle) -> Mapping[str, Score]:
    """Name -> score of the worked leads, as the service gives it."""
    scorer, as_of = Scorer(bundle), int(world.MIDNIGHTS[DAY])
    body = {"leads": [lead.request() for lead in WORKED], "as_of": iso(as_of)}
    _, scores = scorer.score(scorer.read(json.dumps(body).encode()), as_of, Settings())
    return {score.lead_id: score for score in scores}


def _told(workshop: Workshop, lead: Worked, score: Score, background: Known) -> list[Check]:
    """The first reason of all is what everybody would say, and speaks the way the lead stands.

    Beside it the three strongest reasons in either direction, ours and the truth's.
    """
    first = score.reasons[0]
    found = first.criterion
    direction = "in its favour" if lead.sign == "+" else "against it"
    copies = lead.known.take(np.zeros(COPIES, dtype=np.intp))
    values = true_values(copies, background, workshop.count(WALKS, 2), RUNS, SEED).mean(axis=0)
    truth = {PLAYERS[place]: round(float(values[place]), 2) for place in np.argsort(-np.abs(values))[:3]}
    ours = {reason.criterion: round(reason.contribution, 2) for reason in score.reasons[:3]}
    return [
        equal(f"{lead.name}: first reason", found, found if found in lead.first else lead.first[0]),
        equal(f"{lead.name}: ... speaks {direction}", first.sign, lead.sign),
        said(f"{lead.name}: its words", told(score, found)),
        said(f"{lead.name}: the three strongest, ours; the truth's", [ours, truth]),
        said(
            f"{lead.name}: probability, ours; true",
            [round(score.probability or 0.0, 5), round(lead.true_probability(), 5)],
        ),
    ]


def told(score: Score, criterion: str) -> str:
    """The sentence of a criterion."""
    return next((reason.text for reason in score.reasons if reason.criterion == criterion), "nothing")

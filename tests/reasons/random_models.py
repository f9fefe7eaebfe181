"""Models drawn at random, each with a definition of its own: what holds for all of them is no luck of one training.

A model may have trees, a scorecard under them, a scorecard alone or neither, and segments that have models of their
own. Its columns are a random choice of measures and attributes, in random families, some categorical and many missing.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import lightgbm as lgb
import numpy as np

from pipeline.definitions.criteria import FAMILIES, TIMING, Criterion
from pipeline.definitions.spans import DAY
from pipeline.features.matrix import Definition
from pipeline.features.measures import measure_all
from pipeline.learning.bundle import Bundle
from pipeline.learning.model import BASE_RATE, SCORECARD, TREES, Model, Segments
from pipeline.learning.scorecard import Clause, Prior, Scorecard
from pipeline.reasons import explain
from pipeline.reasons.changed import Changed
from pipeline.reasons.scored import Scored, Scorer
from pipeline.reasons.scores import in_words
from pipeline.tables.columns import Floats, Texts
from tests.reasons import crm

Random = np.random.Generator

POOL: tuple[dict[str, Any], ...] = (
    *crm.CRITERIA,
    {"name": "replies", "when": {"kind": "email_reply"}, "measures": ["count 14d", "share 60d", "days_since_first"]},
    {"name": "talks", "when": {"kind": "call"}, "measures": ["total duration", "largest duration 30d", "share 30d"]},
    {"name": "mails", "when": {"kind": "email_sent"}, "measures": ["count 7d", "active_days 30d", "days_since_last"]},
    {"name": "inbound", "when": {"flow": "inbound"}, "measures": ["count", "days_since_last", "trend 7d 28d"]},
    {"name": "account", "of": "account", "when": {"kind": "deal_lost"}, "measures": ["count", "days_since_last"]},
)
WORDS = {"sector": ("retail", "food", "mining"), "pages.latest_page": ("/pricing", "/team", "/jobs")}
KINDS = (TREES, TREES, TREES, TREES, SCORECARD, BASE_RATE)
"""Trees more often than what serves without them."""

TESTS = (">=", ">", "<=", "<", "is", "given", "missing")


def random_bundle(seed: int, version: str = "2026-06-30-00000001") -> Bundle:
    """A model for the leads of `crm.crowd`; the same seed gives the same one."""
    random = np.random.default_rng(seed)
    definition = random_definition(random)
    X = _training(definition)
    X = np.where(random.random(X.shape) < random.choice([0.0, 0.1, 0.4]), np.nan, X)
    model = _model(random, definition, X, str(random.choice(KINDS)))
    if "sector" in definition.columns and random.random() < 0.4:
        column = definition.columns.index("sector")
        codes = random.choice(len(definition.vocabularies["sector"]) + 1, size=2, replace=False).tolist()
        own = {int(code): _model(random, definition, X, str(random.choice(KINDS))) for code in codes}
        model = replace(model, segments=Segments(column, own))
    return crm.bundle(version=version, definition=definition, model=model)


def random_definition(random: Random) -> Definition:
    """Some criteria of the pool, each with some of its measures and in any family; then the age and the calendar."""
    criteria = []
    for plain in POOL:
        if random.random() < 0.3:
            continue
        drawn = dict(plain, family=str(random.choice(list(FAMILIES))))
        if "measures" in plain:
            size = random.integers(1, len(plain["measures"]) + 1)
            drawn["measures"] = random.choice(plain["measures"], size=size, replace=False).tolist()
        criteria.append(Criterion.from_json(drawn))
    criteria += [criterion for criterion in TIMING if random.random() < 0.7 or not criteria]
    columns = {name for criterion in criteria for name in criterion.columns}
    words = {
        name: tuple(random.permutation(known)[: random.integers(1, len(known) + 1)].tolist())
        for name, known in WORDS.items()
        if name in columns
    }
    return Definition(criteria=tuple(criteria), vocabularies=words, horizon=30 * DAY)


@cache
def _columns() -> dict[str, Floats | Texts]:
    """Every column of the pool for a crowd of other leads, at three moments each: measured once for all models."""
    whole = crm.crowd(200, 11)
    criteria = (*(Criterion.from_json({"family": "behaviour", **plain}) for plain in POOL), *TIMING)
    rows = np.repeat(np.arange(len(whole.leads)), 3)
    cutoff = whole.leads.created_at[rows] + np.tile(np.array([1, 20, 60]) * DAY, len(whole.leads))
    return measure_all(whole, rows, cutoff, Definition(criteria, WORDS, horizon=30 * DAY))


def _training(definition: Definition) -> Floats:
    return definition.matrix({name: _columns()[name] for name in definition.columns})[0]


def _model(random: Random, definition: Definition, X: Floats, kind: str) -> Model:
    """A model of that kind; its labels lean on some columns, present or missing."""
    line: dict[str, Any] = {"slope": float(random.uniform(0.3, 2)), "intercept": float(random.normal()), "kind": kind}
    if kind == BASE_RATE:
        return Model(None, base_margin=float(random.normal(-3, 1)), **line)
    prior = _prior(random, X) if kind == SCORECARD or random.random() < 0.6 else None
    if kind == SCORECARD:
        return Model(None, prior=prior, **line)
    scaled = np.nan_to_num((X - np.nanmean(X, axis=0)) / (np.nanstd(X, axis=0) + 1))
    pull = scaled @ random.normal(size=X.shape[1]) + np.isnan(X) @ random.normal(size=X.shape[1]) * 0.5
    label = random.random(len(X)) < 1 / (1 + np.exp(2 - pull))
    settings = {
        "objective": "binary", "num_threads": 1, "verbose": -1, "min_data_in_leaf": int(random.integers(2, 30)),
        "num_leaves": int(random.integers(2, 24)), "learning_rate": float(random.uniform(0.02, 0.4)),
        "min_data_per_group": 5, "lambda_l2": float(random.uniform(0.5, 5)), "seed": int(random.integers(1000)),
    }  # fmt: skip
    data = lgb.Dataset(
        X,
        label.astype(float),
        init_score=None if prior is None else prior.margin(X),
        categorical_feature=list(definition.categorical),
        params={"verbose": -1},
    )
    return Model(lgb.train(settings, data, int(random.integers(1, 60))), prior=prior, **line)


def _prior(random: Random, X: Floats) -> Prior:
    """Points for values that some rows hold, for missing ones too."""
    clauses = []
    for _ in range(random.integers(1, 9)):
        column = int(random.integers(X.shape[1]))
        known = X[~np.isnan(X[:, column]), column]
        value = float(random.choice(known)) if len(known) else 0.0
        clauses.append(Clause(column, str(column), str(random.choice(TESTS)), value, float(random.integers(-40, 41))))
    mean = Scorecard(tuple(clauses)).points(X).mean(axis=0)
    return Prior(tuple(clauses), float(random.uniform(0, 0.1)), float(random.normal(-3, 1)), tuple(mean.tolist()))


def errors_of_levels(scorer: Scorer, scored: Scored) -> dict[str, float]:
    """Level -> the greatest |base + contributions - log-odds| over the open leads; the log-odds know of no parts."""
    rows = np.flatnonzero(scored.open)
    model, criteria = scorer.bundle.model, scorer.bundle.definition.criteria
    X, _ = scorer.bundle.definition.matrix(scored.take(rows).columns)
    log_odds, (base, measures) = model.log_odds(X), model.contributions(X)
    kept = scored.contributions[rows]
    families = explain.by_family(kept, criteria)
    served = in_words(scorer, scored, rows)
    sums = {
        "measure": base + measures.sum(axis=1),
        "criterion": scored.base + kept.sum(axis=1),
        "family": scored.base + np.sum(list(families.values()), axis=0),
        "side": scored.base + scored.fit[rows] + scored.intent[rows],
        "score as told": np.array(
            [(one.base or 0.0) + sum(reason.contribution for reason in one.reasons) for one in served]
        ),
    }
    return {level: float(np.abs(total - log_odds).max(initial=0)) for level, total in sums.items()}


def error_of_change(found: Changed) -> float:
    """The greatest |time + facts + model - difference of the two scores|."""
    parts = found.time.sum(axis=1) + found.facts.sum(axis=1) + found.model.sum(axis=1) + found.base
    return float(np.abs(parts - (found.later.log_odds - found.earlier.log_odds)).max(initial=0))

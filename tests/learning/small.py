"""A small definition, model and bundle, for tests of what is done with them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np

from pipeline.champions.promotion import install
from pipeline.definitions.criteria import TIMING, Criterion
from pipeline.definitions.scorecard import read_scorecard
from pipeline.definitions.spans import DAY
from pipeline.features.matrix import Definition
from pipeline.learning.bundle import Bundle
from pipeline.learning.model import BASE_RATE, Model, Segments
from pipeline.learning.scorecard import bind, fit_prior
from pipeline.tables.columns import Floats

NOW = 1_780_000_000_000_000
FIRST, SECOND, THIRD = "2026-04-30-00000001", "2026-05-31-00000002", "2026-06-30-00000003"


def definition(measures: tuple[str, ...] = ("count 7d", "days_since_last"), **changes: Any) -> Definition:
    plain = {
        "name": "demo_requests",
        "label": {"en": "Demo requests", "fr": "Demandes de démonstration"},
        "when": {"kind": "demo_request"},
        "measures": list(measures),
    }
    sector = {"name": "sector", "attribute": "sector", "values": "categorical"}
    criteria = (Criterion.from_json(plain), Criterion.from_json(sector), *TIMING)
    return replace(Definition(criteria, {"sector": ("food", "métal", "retail")}, horizon=30 * DAY), **changes)


def measures(rows: int = 400, seed: int = 1) -> Floats:
    """Of `definition()`: words as codes, 3 being other; some values missing."""
    random = np.random.default_rng(seed)
    recency = np.where(random.random(rows) < 0.4, np.nan, random.exponential(10, rows))
    sector = random.choice([0, 1, 2, 3, np.nan], rows)
    others = random.random(rows) * 90, random.integers(1, 8, rows), random.integers(0, 24, rows)
    return np.column_stack([random.poisson(1, rows), recency, sector, *others]).astype(np.float64)


@cache
def model(trees: int = 8) -> Model:
    X = measures()
    label = np.random.default_rng(2).random(len(X)) < 1 / (1 + np.exp(1 - X[:, 0]))
    settings = {
        "objective": "binary",
        "num_threads": 1,
        "verbose": -1,
        "num_leaves": 7,
        "seed": 7,
        "deterministic": True,
    }
    scorecard = bind(read_scorecard({"demo_requests": 30, "sector": {"food": -20}}), definition())
    assert scorecard is not None
    prior = fit_prior(scorecard, X, label.astype(np.int8), np.arange(len(X)))

    def grown(number: int) -> lgb.Booster:
        data = lgb.Dataset(X, label.astype(float), categorical_feature=[2], params={"verbose": -1})
        return lgb.train(settings, data, number)

    # All that a model may be: trees on top of a scorecard, and a model of its own for one sector.
    own = Segments(2, {1: Model(grown(3), slope=1.1, intercept=0.2, prior=prior)})
    return Model(grown(trees), slope=0.93, intercept=-0.1, prior=prior, segments=own)


def bundle(version: str = FIRST, **changes: Any) -> Bundle:
    card = {"name": "acme", "knows_until": "2026-05-31T00:00:00+00:00", "said": ["Too few to judge: 7 won leads."]}
    whole = Bundle(version, definition(), model(), np.sort(model().probability(measures())), card)
    return replace(whole, **changes)


def without_trees(version: str = FIRST) -> Bundle:
    return bundle(version, model=Model(None, base_margin=-2.0, kind=BASE_RATE))


def installed(models: Path, *versions: str) -> None:
    """Stand versions in a models folder."""
    for version in versions:
        install(models, bundle(version), bundle(version))

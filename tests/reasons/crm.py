"""A small random CRM and a model of it, for tests of scores."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import lightgbm as lgb
import numpy as np

from pipeline.definitions.criteria import TIMING, Criterion
from pipeline.definitions.spans import DAY
from pipeline.features.matrix import Definition
from pipeline.features.measures import measure_all
from pipeline.learning.bundle import Bundle
from pipeline.learning.model import BASE_RATE, Model
from pipeline.tables.columns import History
from tests.histories import iso, read

NOW = 1_780_000_000_000_000
KINDS = {
    "demo_request": "inbound",
    "page_view": None,
    "call": "outbound",
    "email_reply": "inbound",
    "email_sent": "outbound",
}
CRITERIA = (
    {
        "name": "demo_requests",
        "label": {"en": "Demo requests"},
        "when": {"kind": "demo_request"},
        "measures": ["count 7d", "count 30d", "count", "days_since_last"],
    },
    {"name": "calls", "family": "engagement", "when": {"kind": "call"}, "measures": ["count", "mean duration 30d"]},
    {"name": "pages", "when": {"kind": "page_view"}, "measures": ["count 7d", "latest page", "distinct page"]},
    {"name": "all", "family": "engagement", "measures": ["count 30d", "active_days 30d", "trend 7d 28d", "unanswered"]},
    {
        "name": "account_deals",
        "of": "account",
        "label": {"en": "Deals won"},
        "when": {"kind": "deal_won"},
        "measures": ["count"],
    },
    {"name": "sector", "attribute": "sector", "values": "categorical"},
    {"name": "company_size", "attribute": "size", "values": "bands"},
)
DEFINITION = Definition(
    criteria=(*(Criterion.from_json(plain) for plain in CRITERIA), *TIMING),
    vocabularies={"pages.latest_page": ("/pricing", "/team"), "sector": ("retail", "food")},
    horizon=30 * DAY,
)


def lead(name: str, age: int = 40, **attributes: Any) -> dict[str, Any]:
    """A lead `age` days old at NOW."""
    return {
        "id": name,
        "created_at": iso(NOW - age * DAY),
        "attributes": attributes,
        "entities": {"account": f"of {name}"},
    }


def fact(name: str, kind: str, days: float, **more: Any) -> dict[str, Any]:
    """A fact that many days before NOW."""
    return {"entity_id": name, "at": iso(NOW - round(days * DAY)), "kind": kind, "flow": KINDS.get(kind), **more}


def deal(name: str, outcome: str, days: float, **more: Any) -> dict[str, Any]:
    """A deal closed that many days before NOW."""
    return {"lead": name, "outcome": outcome, "closed_at": iso(NOW - round(days * DAY)), **more}


def history(leads: list[dict[str, Any]], facts: list[dict[str, Any]] = (), deals: list[dict[str, Any]] = ()) -> History:
    """The tables, through the contracts."""
    case = {"leads": leads, "interactions": facts, "deals": deals, "data_until": iso(NOW + DAY)}
    return read(case)[0]


@cache
def crowd(size: int = 60, seed: int = 3) -> History:
    """Leads of all kinds: old and new, busy and silent, open, won and lost."""
    random = np.random.default_rng(seed)
    leads, facts, deals = [], [], []
    for number in range(size):
        name, age = f"L-{number:03}", int(random.integers(1, 200))
        sector = [None, "retail", "food", "mining"][random.integers(4)]
        leads.append(lead(name, age, sector=sector, size=[None, "1-10", "11-50", "200+"][random.integers(4)]))
        leads[-1]["entities"]["account"] = f"A-{number % 9}"
        for _ in range(random.poisson(5)):
            kind = list(KINDS)[random.integers(len(KINDS))]
            more = {"numbers": {"duration": float(random.integers(900))}} if kind == "call" else {}
            more |= (
                {"texts": {"page": ["/pricing", "/team", "/jobs"][random.integers(3)]}} if kind == "page_view" else {}
            )
            facts.append(fact(name, kind, random.uniform(0, age), **more))
        if random.random() < 0.3:
            deals.append(deal(name, ["won", "lost"][random.integers(2)], random.uniform(0, age)))
    return history(leads, facts, deals)


@cache
def model(seed: int = 5, trees: int = 12, slope: float = 0.9) -> Model:
    """Trees of the crowd's measures at several moments, with labels that lean on some of them."""
    whole, random = crowd(200, 11), np.random.default_rng(seed)
    rows = np.repeat(np.arange(len(whole.leads)), 3)
    cutoff = whole.leads.created_at[rows] + np.tile(np.array([1, 20, 60]) * DAY, len(whole.leads))
    X, _ = DEFINITION.matrix(measure_all(whole, rows, cutoff, DEFINITION))
    pull = np.nan_to_num(X[:, 2]) + (X[:, DEFINITION.columns.index("sector")] == 0) - 2.5
    label = random.random(len(X)) < 1 / (1 + np.exp(-pull))
    settings = {
        "objective": "binary",
        "num_threads": 1,
        "verbose": -1,
        "num_leaves": 6,
        "min_data_in_leaf": 5,
        "seed": seed,
    }
    data = lgb.Dataset(X, label.astype(float), categorical_feature=list(DEFINITION.categorical), params={"verbose": -1})
    return Model(lgb.train(settings, data, trees), slope=slope, intercept=-0.2)


def bundle(**changes: Any) -> Bundle:
    """A bundle of the model, with a card that knows the crowd's kinds."""
    card = {"base_rate": 0.12, "kinds": [*KINDS], "until": 180 * DAY}
    reference = np.sort(np.random.default_rng(1).beta(1, 6, 300))
    return replace(Bundle("2026-06-30-00000001", DEFINITION, model(), reference, card), **changes)


def base_rate_bundle() -> Bundle:
    """A bundle without trees."""
    return bundle(model=Model(None, base_margin=float(np.log(0.12 / 0.88)), kind=BASE_RATE))

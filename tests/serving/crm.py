"""A small CRM and a model trained on it in a second, for the tests of the service.

Contacts and accounts are shared, deals stand on two leads, attributes change, facts are recorded late, ids come twice:
whatever a request has to carry.
"""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any

import lightgbm as lgb
import numpy as np

from pipeline.definitions.criteria import TIMING, Criterion
from pipeline.definitions.scorecard import read_scorecard
from pipeline.definitions.spans import DAY
from pipeline.definitions.zones import instant
from pipeline.features.attributes import recorded_attributes
from pipeline.features.matrix import Definition, vocabulary
from pipeline.features.measures import measure_all
from pipeline.learning.bundle import Bundle
from pipeline.learning.model import Model
from pipeline.learning.scorecard import bind, fit_prior
from pipeline.tables.columns import LOST, NEVER, OPEN, WON, Changes, Deals, History, Interactions, Leads, Texts
from pipeline.tables.contracts import sift

DATA_UNTIL = instant(datetime.fromisoformat("2026-06-30T00:00:00Z"))
NOW = DATA_UNTIL + DAY
KINDS = ("page_view", "download", "demo_request", "call", "email_sent", "email_reply", "contract_sent")
FLOW = {"call": 2, "email_sent": 2, "email_reply": 1, "demo_request": 1}
TITLES = ("Responsable achats", "Head of Purchasing", "Étudiante", "Student", "CEO", "Stagiaire", None)

CRITERIA: tuple[dict[str, Any], ...] = (
    {"name": "demos", "when": {"kind": "demo_request"}, "measures": ["count 7d", "count", "days_since_last"]},
    {"name": "pricing", "when": {"kind": "page_view", "page": "/pricing*"}, "measures": ["count 30d", "share 30d"]},
    {
        "name": "calls",
        "when": {"kind": "call"},
        "measures": ["mean duration", "largest duration 30d", "total duration"],
    },
    {"name": "pages", "measures": ["distinct page", "latest page", "latest duration"]},
    {"name": "all", "family": "engagement", "measures": ["active_days 30d", "trend 7d 28d", "unanswered", "count"]},
    {
        "name": "contact_views",
        "of": "contact",
        "when": {"kind": "page_view"},
        "measures": ["count", "days_since_first"],
    },
    {"name": "contact_won", "of": "contact", "when": {"kind": "deal_won"}, "measures": ["count"]},
    {"name": "account_won", "of": "account", "when": {"kind": "deal_won"}, "measures": ["count", "days_since_last"]},
    {"name": "account_lost", "of": "account", "when": {"kind": "deal_lost"}, "measures": ["count"]},
    {"name": "sector", "attribute": "sector", "values": "categorical"},
    {"name": "country", "attribute": "country", "values": "categorical"},
    {"name": "function", "attribute": "job_title", "map": "job_function"},
    {"name": "size", "attribute": "company_size", "values": "bands"},
    {"name": "budget", "attribute": "budget", "values": "numeric"},
    {
        "name": "persona",
        "family": "demographics",
        "persona": [
            {
                "name": "function",
                "attribute": "job_title",
                "map": "job_function",
                "among": ["purchasing", "management"],
            },
            {"name": "sector", "attribute": "sector", "among": ["food", "metal"]},
            {"name": "size", "attribute": "company_size", "is": ">= 11"},
            {"name": "budget", "attribute": "budget", "values": "numeric", "is": "< 50000"},
        ],
    },
)


def history(leads: int = 240, seed: int = 7) -> History:
    """A CRM of `leads` leads up to DATA_UNTIL."""
    rng = random.Random(seed)
    ids = [f"L-{row:04d}" for row in range(leads)]
    created = [DATA_UNTIL - rng.randrange(2 * 3_600_000_000, 200 * DAY) for _ in ids]
    contacts = [rng.choice([None, *(f"C-{rng.randrange(leads // 2)}" for _ in range(4))]) for _ in ids]
    accounts = [rng.choice([None, *(f"A-{rng.randrange(leads // 4)}" for _ in range(4))]) for _ in ids]
    table = Leads(
        id=Texts.of(ids),
        created_at=np.array(created),
        attributes={
            "sector": _objects(rng.choice(["retail", "food", "metal", None]) for _ in ids),
            "country": _objects(rng.choice(["FR", "BE", None]) for _ in ids),
            "job_title": _objects(rng.choice(TITLES) for _ in ids),
            "company_size": _objects(rng.choice(["1-10", "11-50", "200+", None]) for _ in ids),
            "budget": _objects(rng.choice([None, float(rng.randrange(100_000))]) for _ in ids),
        },
        entities={"contact": Texts.of(contacts), "account": Texts.of(accounts)},
    )
    facts = (
        _facts(rng, "lead", [each for each in zip(ids, created, strict=True) for _ in range(rng.randrange(9))]),
        # A second system with ids of its own, which meet those of the first.
        _facts(rng, "lead", [each for each in zip(ids, created, strict=True) for _ in range(rng.randrange(3))]),
        _facts(rng, "contact", [(c, at) for c, at in zip(contacts, created, strict=True) if c for _ in range(2)]),
        _facts(rng, "account", [(a, at) for a, at in zip(accounts, created, strict=True) if a]),
    )
    sifted, _ = sift(table, facts, _deals(rng, ids, created), _changes(rng, ids, created), DATA_UNTIL, "Europe/Paris")
    return sifted


def _objects(values: Any) -> np.ndarray[Any, np.dtype[np.object_]]:
    listed = list(values)
    column = np.full(len(listed), None, dtype=object)
    column[:] = listed
    return column


def _facts(rng: random.Random, entity: str, owners: list[tuple[str, int]]) -> Interactions:
    rows = []
    for owner, created in owners:
        at = min(created + rng.randrange(-5 * DAY, 60 * DAY), DATA_UNTIL)
        # Whole hours now and then, so that facts meet at one instant.
        at = at // 3_600_000_000 * 3_600_000_000 if rng.random() < 0.5 else at
        known = at + rng.randrange(5 * DAY) if rng.random() < 0.2 else NEVER
        rows.append((owner, at, known, rng.choice(KINDS), rng.choice([None, f"e{rng.randrange(len(owners))}"])))
    return Interactions(
        entity=entity,
        entity_id=Texts.of(row[0] for row in rows),
        at=np.array([row[1] for row in rows]),
        known_at=np.array([row[2] for row in rows]),
        kind=Texts.of(row[3] for row in rows),
        id=Texts.of(row[4] for row in rows),
        flow=np.array([FLOW.get(row[3], 0) for row in rows], dtype=np.int8),
        numbers={"duration": np.array([rng.random() * 900 if row[3] == "call" else np.nan for row in rows])},
        texts={"page": Texts.of(rng.choice([None, "/pricing", "/pricing/team", "/blog"]) for _ in rows)},
    )


def _deals(rng: random.Random, ids: list[str], created: list[int]) -> Deals:
    rows = []
    for number, (lead, at) in enumerate(zip(ids, created, strict=True)):
        closed = at + rng.randrange(DAY, 90 * DAY)
        if rng.random() < 0.5 and closed < DATA_UNTIL:
            outcome = rng.choice([WON, LOST])
            rows.append((lead, f"d{number}", outcome, closed, at + DAY // 2 if rng.random() < 0.5 else NEVER))
            if number % 5 == 0:
                rows.append((rng.choice(ids[:number] or ids), f"d{number}", outcome, closed, NEVER))
            if number % 7 == 0:
                rows.append((lead, None, LOST, closed - DAY // 2, NEVER))
        elif rng.random() < 0.2:
            rows.append((lead, f"d{number}", OPEN, NEVER, at))
    columns = list(zip(*rows, strict=True))
    never = np.full(len(rows), NEVER)
    reopened = np.where(np.arange(len(rows)) % 11 == 0, np.array(columns[3]) + DAY, NEVER)
    return Deals(
        lead_id=Texts.of(columns[0]),
        id=Texts.of(columns[1]),
        outcome=np.array(columns[2], dtype=np.int8),
        closed_at=np.array(columns[3]),
        known_at=never,
        opened_at=np.array(columns[4]),
        reopened_at=np.where(np.array(columns[3]) == NEVER, NEVER, reopened),
        amount=np.where(np.arange(len(rows)) % 2, 1000.0, np.nan),
    )


def _changes(rng: random.Random, ids: list[str], created: list[int]) -> Changes:
    rows = [
        (lead, at + rng.randrange(60 * DAY), name, new, old, name == "company_size" or rng.random() < 0.5)
        for lead, at in zip(ids, created, strict=True)
        for name, new, old in (("company_size", "11-50", rng.choice([None, "1-10"])), ("sector", "food", "retail"))
        if rng.random() < 0.3
    ]
    columns = list(zip(*rows, strict=True))
    return Changes(
        lead_id=Texts.of(columns[0]),
        at=np.array(columns[1]),
        known_at=np.where(np.arange(len(rows)) % 4 == 0, np.array(columns[1]) + DAY, NEVER),
        attribute=Texts.of(columns[2]),
        value=_objects(columns[3]),
        old=_objects(columns[4]),
        has_old=np.array(columns[5]),
    )


def bundle(trained_on: History, version: str = "2026-06-30-1a2b3c4d", trees: int = 25) -> Bundle:
    """A model of a made-up outcome that rests on demos, calls, titles and earlier deals."""
    criteria = (*(Criterion.from_json(plain) for plain in CRITERIA), *TIMING)
    definition = Definition(
        criteria,
        {},
        recorded_attributes(trained_on),
        trained_on.timezone,
        30 * DAY,
        excluded_kinds=("contract*",),
    )
    lead = np.arange(len(trained_on.leads))
    cutoff = np.maximum(trained_on.leads.created_at + 1, np.int64(DATA_UNTIL - 20 * DAY))
    columns = measure_all(trained_on, lead, cutoff, definition)
    words = {name: vocabulary(column) for name, column in columns.items() if isinstance(column, Texts)}
    definition = Definition(
        criteria, words, definition.recorded, definition.timezone, definition.horizon, definition.excluded_kinds
    )
    X, _ = definition.matrix(columns)
    truth = (
        X[:, definition.columns.index("demos.count")] * 2
        + np.nan_to_num(X[:, definition.columns.index("calls.mean_duration")]) / 300
    )
    label = (truth + np.random.default_rng(7).normal(size=len(truth)) > 1.5).astype(int)
    data = lgb.Dataset(X, label, categorical_feature=list(definition.categorical), free_raw_data=False)
    settings = {
        "objective": "binary", "num_leaves": 8, "min_data_in_leaf": 5, "cat_smooth": 1.0, "min_data_per_group": 5,
        "num_threads": 1, "seed": 7, "deterministic": True, "verbosity": -1,
    }  # fmt: skip
    # A prior beside the trees, so that whatever is asked of a score is asked of both.
    rules = read_scorecard({"demos.count": 30, "calls.mean_duration": {">= 200": 10, "missing": -5}})
    scorecard = bind(rules, definition)
    assert scorecard is not None
    prior = fit_prior(scorecard, X, label, np.arange(len(label)))
    model = Model(lgb.train(settings, data, trees), slope=0.9, intercept=-0.1, prior=prior)
    card = {
        "name": "small",
        "base_rate": float(label.mean()),
        "kinds": sorted({*KINDS} - {"download"}),
        "until": 180 * DAY,
        "knows_until": "2026-06-30T00:00:00Z",
        "tested": {"from": "2026-05-01T00:00:00Z", "to": "2026-06-01T00:00:00Z", "n": 100},
        "test": {"auc": {"value": 0.8, "low": 0.7, "high": 0.9}},
        "said": ["Too few outcomes to judge."],
    }
    return Bundle(version, definition, model, np.sort(model.probability(X)), card)

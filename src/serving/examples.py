"""Examples of the documentation, as plain JSON. The tests send them and hold them to the schemas."""

from __future__ import annotations

from typing import Any

REQUEST: dict[str, Any] = {
    "as_of": "2026-06-30T00:00:00Z",
    "leads": [
        {
            "id": "L-20817",
            "created_at": "2026-06-09T08:42:10Z",
            "attributes": {
                "country": "FR",
                "source": "webinar",
                "job_title": "Responsable achats",
                "sector": "manufacturing",
                "company_size": "51-200",
            },
            "entities": {"contact": "C-7311", "account": "A-0452"},
            "interactions": [
                {"at": "2026-06-09T08:42:10Z", "kind": "webinar_signup", "flow": "inbound"},
                {"at": "2026-06-12T13:05:00Z", "kind": "email_sent", "flow": "outbound"},
                {"at": "2026-06-14T09:30:21Z", "kind": "email_reply", "flow": "inbound", "id": "E-99120"},
                {"at": "2026-06-26T16:11:02Z", "kind": "page_view", "texts": {"page": "/pricing"}},
                {"at": "2026-06-26T16:20:44Z", "kind": "demo_request", "flow": "inbound"},
                {
                    "at": "2026-06-29T10:00:00Z",
                    "kind": "call",
                    "flow": "outbound",
                    "numbers": {"duration": 540},
                    "known_at": "2026-06-29T10:15:00Z",
                },
                {"at": "2026-05-02T11:00:00Z", "kind": "page_view", "entity": "contact", "texts": {"page": "/blog"}},
            ],
            "changes": [{"at": "2026-06-20T12:00:00Z", "attribute": "company_size", "old": "11-50", "value": "51-200"}],
            "deals": [
                {
                    "id": "D-118",
                    "lead_id": "L-14002",
                    "of": ["account"],
                    "outcome": "won",
                    "closed_at": "2025-11-18T15:00:00Z",
                }
            ],
        }
    ],
}

RESPONSE: dict[str, Any] = {
    "model_version": "2026-06-30-1a2b3c4d",
    "as_of": "2026-06-30T00:00:00Z",
    "scores": [
        {
            "lead_id": "L-20817",
            "as_of": "2026-06-30T00:00:00Z",
            "probability": 0.18242552380635635,
            "log_odds": -1.5,
            "score": 97,
            "percentile": 0.968,
            "grade": "A",
            "stage": "qualified",
            "action": "call",
            "rule": "qualified and grade in [A, B]",
            "fit": 0.5,
            "intent": 1.25,
            "base": -3.25,
            "reasons": [
                {
                    "criterion": "demo_requests",
                    "family": "behaviour",
                    "side": "intent",
                    "label": "Demo requests",
                    "contribution": 1.25,
                    "points": 71.42857142857143,
                    "sign": "+",
                    "evidence": "1 demo request in the last 7 days, the latest 3 days ago",
                    "text": "1 demo request in the last 7 days, the latest 3 days ago. A strong point in favour.",
                },
                {
                    "criterion": "job_function",
                    "family": "demographics",
                    "side": "fit",
                    "label": "Function",
                    "contribution": 0.5,
                    "points": 28.571428571428573,
                    "sign": "+",
                    "evidence": "function: purchasing",
                    "text": "Function: purchasing. A point in favour.",
                },
            ],
            "model_version": "2026-06-30-1a2b3c4d",
            "warnings": [],
        }
    ],
}

MODEL: dict[str, Any] = {
    "model_version": "2026-06-30-1a2b3c4d",
    "kind": "trees",
    "base_rate": 0.031,
    "horizon_days": 30.0,
    "timezone": "Europe/Paris",
    "knows_until": "2026-06-30T00:00:00Z",
    "tested": {"from": "2026-01-12T00:00:00Z", "to": "2026-05-25T00:00:00Z", "n": 5120},
    "test": {"auc": {"value": 0.83, "low": 0.8, "high": 0.86}},
    "said": [],
    "attributes": ["country", "source", "job_title"],
    "kinds": ["demo_request", "page_view"],
    "columns": ["duration", "page"],
    "criteria": [
        {
            "name": "demo_requests",
            "family": "behaviour",
            "side": "intent",
            "label": {"en": "Demo requests", "fr": "Demandes de démonstration"},
            "columns": ["demo_requests.count_7d", "demo_requests.days_since_last"],
        }
    ],
}

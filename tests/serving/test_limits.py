"""Too much is refused before it costs anything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from serving.app import create_app
from serving.examples import REQUEST
from serving.settings import Settings
from tests.serving import crm

JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def strict(models: Path) -> Iterator[TestClient]:
    settings = Settings(models=models, max_body_bytes=4_000, max_leads=2, max_interactions=8)
    with TestClient(create_app(settings, clock=lambda: crm.NOW)) as client:
        yield client


def padded(size: int) -> bytes:
    body = json.dumps(REQUEST).encode()
    return body + b" " * (size - len(body))


@pytest.mark.parametrize(("size", "status"), [(4_000, 200), (4_001, 413), (1_000_000, 413)])
def test_the_body_is_limited(strict: TestClient, size: int, status: int) -> None:
    assert strict.post("/v1/score", content=padded(size), headers=JSON).status_code == status


def test_a_body_in_pieces_is_limited_too(strict: TestClient) -> None:
    taken = []

    def pieces() -> Iterator[bytes]:
        for _ in range(1_000):
            taken.append(1)
            yield b" " * 1_000

    assert strict.post("/v1/score", content=pieces(), headers=JSON).status_code == 413


def test_leads_are_limited(strict: TestClient) -> None:
    leads = [{"id": str(place), "created_at": "2026-06-01T00:00:00Z"} for place in range(3)]
    assert strict.post("/v1/score", json={"leads": leads[:2]}).status_code == 200
    answer = strict.post("/v1/score", json={"leads": leads})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/leads"


def test_interactions_of_a_lead_are_limited(strict: TestClient) -> None:
    facts = [{"at": "2026-06-02T00:00:00Z", "kind": "call"}] * 9
    lead = {"id": "1", "created_at": "2026-06-01T00:00:00Z"}
    assert strict.post("/v1/score", json={"leads": [{**lead, "interactions": facts[:8]}]}).status_code == 200
    answer = strict.post("/v1/score", json={"leads": [{**lead, "interactions": facts}]})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/leads/0/interactions"

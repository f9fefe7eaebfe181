"""A lead through HTTP and in a whole history: the same bits."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from starlette.testclient import TestClient

from pipeline.definitions.spans import DAY
from pipeline.features.attributes import recorded_attributes
from pipeline.features.matrix import Definition
from pipeline.learning.bundle import Bundle
from pipeline.reasons.scores import Score, score
from pipeline.tables.columns import History
from serving.client import lead_request, score_request
from serving.histories import history_of
from serving.schemas import ScoreRequest
from tests.histories import exact, measures, read
from tests.oracle import Oracle
from tests.serving import crm
from tests.worlds import worlds

Plain = dict[str, Any]


def sent(client: TestClient, body: Plain) -> list[Plain]:
    answer = client.post("/v1/score", json=body)
    assert answer.status_code == 200, answer.text[:1000]
    scores: list[Plain] = answer.json()["scores"]
    return scores


def offline(bundle: Bundle, history: History, as_of: int) -> tuple[np.ndarray[Any, Any], list[Score]]:
    rows = np.flatnonzero(history.leads.created_at < as_of)
    return rows, score(bundle, history, as_of, rows)


def plain(scored: Score) -> Plain:
    """As JSON, with the warnings on the model's side only."""
    return json.loads(json.dumps(scored.to_json()))


def agree(ours: Plain, theirs: Plain) -> None:
    assert theirs["warnings"][: len(ours["warnings"])] == ours["warnings"]
    assert exact({**theirs, "warnings": None}) == exact({**ours, "warnings": None})


@pytest.mark.parametrize("days", [0, 20, 60])
def test_all_leads_in_one_request(client: TestClient, bundle: Bundle, history: History, days: int) -> None:
    as_of = crm.DATA_UNTIL - days * DAY
    rows, scores = offline(bundle, history, as_of)
    answers = sent(client, score_request(history, rows.tolist(), as_of))
    assert len([one for one in scores if one.probability is not None]) > 30
    for ours, theirs in zip(scores, answers, strict=True):
        agree(plain(ours), theirs)


def test_every_lead_in_a_request_of_its_own(client: TestClient, bundle: Bundle, history: History) -> None:
    rows, scores = offline(bundle, history, crm.DATA_UNTIL)
    for row, ours in list(zip(rows.tolist(), scores, strict=True))[::3]:
        [theirs] = sent(client, score_request(history, [row], crm.DATA_UNTIL))
        agree(plain(ours), theirs)


def test_the_order_of_leads_and_facts_in_a_request_does_not_matter(client: TestClient, history: History) -> None:
    body = score_request(history, range(40), crm.DATA_UNTIL)
    turned = json.loads(json.dumps(body))
    turned["leads"].reverse()
    for lead in turned["leads"]:
        for name in ("interactions", "changes", "deals"):
            lead.get(name, []).reverse()
    assert exact(sent(client, turned)) == exact(sent(client, body)[::-1])


def test_leads_that_share_an_account_see_nothing_of_each_other(client: TestClient, history: History) -> None:
    body = score_request(history, range(60), crm.DATA_UNTIL)
    alone = [sent(client, {**body, "leads": [lead]})[0] for lead in body["leads"]]
    assert exact(sent(client, body)) == exact(alone)


def without_blanks(value: Any) -> Any:
    """A world as a file could hold it: there a blank text is missing."""
    if isinstance(value, dict):
        return {key: without_blanks(part) for key, part in value.items()}
    if isinstance(value, list):
        return [without_blanks(part) for part in value]
    return None if value == "" else value


@given(worlds)
def test_every_measure_of_every_world_survives_the_way_through_json(world: Plain) -> None:
    world = {**world, **{name: without_blanks(world[name]) for name in ("interactions", "leads", "changes", "deals")}}
    history, _ = read(world)
    recorded = recorded_attributes(history)
    row_of = {lead: row for row, lead in enumerate(history.leads.id.values())}
    pairs = [(one["lead"], one["cutoff"]) for one in Oracle(world).observations()]
    if not pairs:
        return
    body = json.dumps({"leads": [lead_request(history, row_of[lead]) for lead in sorted({lead for lead, _ in pairs})]})
    definition = Definition((), {}, timezone=history.timezone)
    received, account = history_of(ScoreRequest.model_validate_json(body).leads, definition, {})
    assert not account.leads
    assert exact(measures(world, received, pairs, recorded)) == exact(measures(world, history, pairs, recorded))

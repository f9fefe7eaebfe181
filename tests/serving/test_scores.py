"""What a score says adds up, and what a request lacks or holds besides is said."""

from __future__ import annotations

import json
import math
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from pipeline.definitions.zones import iso
from serving.examples import REQUEST
from serving.schemas import ScoreResponse
from tests.serving import crm

Plain = dict[str, Any]


def scored(client: TestClient, plain: Plain) -> Plain:
    answer = client.post("/v1/score", json=plain)
    assert answer.status_code == 200, answer.text[:1000]
    # NaN and Infinity are no JSON, though Python's reader takes them.
    parsed: Plain = json.loads(answer.text, parse_constant=pytest.fail)
    ScoreResponse.model_validate(parsed, strict=True)
    return parsed


def example(**fields: Any) -> Plain:
    plain = deepcopy(REQUEST)
    plain["leads"][0].update(fields)
    return plain


instants = st.integers(crm.DATA_UNTIL - 300 * crm.DAY, crm.DATA_UNTIL + 5 * crm.DAY).map(iso)
numbers = st.floats(-1e18, 1e18) | st.integers(-(10**18), 10**18) | st.none()
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.none()
facts = st.fixed_dictionaries(
    {"at": instants, "kind": st.sampled_from([*crm.KINDS, "unheard_of", "*", "deal_won"])},
    optional={
        "id": st.sampled_from(["1", "2"]),
        "known_at": instants,
        "flow": st.sampled_from(["inbound", "outbound", None]),
        "entity": st.sampled_from(["lead", "contact", "account"]),
        "numbers": st.dictionaries(st.sampled_from(["duration", "other"]), numbers),
        "texts": st.dictionaries(st.sampled_from(["page", "duration"]), texts),
    },
)
names = st.sampled_from(["sector", "budget", "job_title", "company_size", "opted_out", "never_heard_of"])
values = texts | numbers | st.booleans() | st.sampled_from(["retail", "11-50", "1e999", "9" * 400])
changes = st.fixed_dictionaries({"at": instants, "attribute": names, "value": values}, optional={"old": values})
outcomes = st.sampled_from(["won", "lost", "open"])
later = {"opened_at": instants, "reopened_at": instants, "known_at": instants, "amount": numbers}
others = st.fixed_dictionaries(
    {"outcome": outcomes, "closed_at": instants, "lead_id": st.just("x"), "of": st.just(["account"])}, optional=later
)


@st.composite
def leads(draw: st.DrawFn) -> Plain:
    created = draw(st.integers(crm.DATA_UNTIL - 300 * crm.DAY, crm.DATA_UNTIL))
    own = st.fixed_dictionaries(
        {"outcome": outcomes, "closed_at": st.integers(created, created + 90 * crm.DAY).map(iso)}, optional=later
    )
    return {
        "created_at": iso(created),
        "entities": {"contact": "c", "account": "a"},
        "attributes": draw(st.dictionaries(names, values)),
        "interactions": draw(st.lists(facts, max_size=12)),
        "changes": draw(st.lists(changes, max_size=3)),
        "deals": draw(st.lists(own, max_size=1)) + draw(st.lists(others, max_size=2)),
    }


@given(st.lists(leads(), min_size=1, max_size=2))
def test_every_score_adds_up(client: TestClient, drawn: list[Plain]) -> None:
    plain = {"leads": [{"id": str(place), **lead} for place, lead in enumerate(drawn)], "as_of": iso(crm.NOW)}
    for score in scored(client, plain)["scores"]:
        if score["probability"] is None:
            assert (score["reasons"], score["log_odds"], score["grade"]) == ([], None, None)
            continue
        parts = math.fsum(reason["contribution"] for reason in score["reasons"])
        assert score["base"] + parts == pytest.approx(score["log_odds"], abs=1e-9)
        assert score["base"] + score["fit"] + score["intent"] == pytest.approx(score["log_odds"], abs=1e-9)
        assert score["probability"] == pytest.approx(1 / (1 + math.exp(-score["log_odds"])), abs=1e-12)
        assert sum(reason["points"] for reason in score["reasons"]) == pytest.approx(100)


def test_unseen_values_and_kinds_are_scored_with_a_warning(client: TestClient) -> None:
    plain = example(attributes={"country": "Atlantis"})
    plain["leads"][0]["interactions"].append({"at": "2026-06-28T00:00:00Z", "kind": "hologram"})
    [score] = scored(client, plain)["scores"]
    assert 0 < score["probability"] < 1
    assert any("does not know this value of country" in warning for warning in score["warnings"])
    assert any("hologram" in warning for warning in score["warnings"])
    assert not any("Atlantis" in warning for warning in score["warnings"])


def test_what_was_not_sent_is_said(client: TestClient) -> None:
    [score] = scored(client, example(attributes={"country": "FR"}))["scores"]
    assert (
        "The request does not have these attributes, so they are missing: sector, job_title, company_size, budget."
        in score["warnings"]
    )


def test_what_is_not_yet_known_is_not_used_and_said(client: TestClient) -> None:
    [before] = scored(client, example())["scores"]
    later = [
        {"at": "2026-06-30T00:00:00Z", "kind": "demo_request"},
        {"at": "2026-06-29T00:00:00Z", "known_at": "2026-07-02T00:00:00Z", "kind": "demo_request"},
    ]
    [after] = scored(client, example(interactions=[*REQUEST["leads"][0]["interactions"], *later]))["scores"]
    assert after["reasons"] == before["reasons"]
    assert set(after["warnings"]) - set(before["warnings"]) == {
        "2 interactions are not known before 2026-06-30T00:00:00Z, so not used."
    }


def test_a_later_change_tells_the_value_before_it(client: TestClient) -> None:
    change = {"at": "2026-07-02T00:00:00Z", "attribute": "company_size", "value": "200+", "old": "1-10"}
    small = scored(client, example(attributes={"company_size": "1-10"}, changes=[]))
    told = scored(client, example(attributes={"company_size": "200+"}, changes=[change]))
    assert told["scores"][0]["probability"] == small["scores"][0]["probability"]
    assert told["scores"][0]["reasons"] == small["scores"][0]["reasons"]


def test_without_as_of_the_clock_says_when(client: TestClient) -> None:
    plain = example()
    del plain["as_of"]
    assert scored(client, plain)["as_of"] == iso(crm.NOW) == "2026-07-01T00:00:00Z"


def test_a_blank_text_is_a_missing_one(client: TestClient) -> None:
    blank = scored(client, example(attributes={"sector": " ", "job_title": None, "company_size": "", "budget": None}))
    missing = scored(client, example(attributes=dict.fromkeys(("sector", "job_title", "company_size", "budget"))))
    assert blank == missing


def test_kinds_that_the_workspace_excludes_change_nothing(client: TestClient) -> None:
    facts = [*REQUEST["leads"][0]["interactions"], {"at": "2026-06-28T00:00:00Z", "kind": "contract_sent"}]
    [with_it], [without] = (scored(client, plain)["scores"] for plain in (example(interactions=facts), example()))
    assert with_it == without


def test_a_closed_lead_has_a_stage_and_no_probability(client: TestClient) -> None:
    won = {"outcome": "won", "closed_at": "2026-06-20T00:00:00Z"}
    [score] = scored(client, example(deals=[won]))["scores"]
    assert (score["stage"], score["probability"], score["score"], score["reasons"]) == ("client", None, None, [])


def test_scores_come_in_the_order_of_the_leads(client: TestClient) -> None:
    ids = ["b", "a", "10", "9", "é"]
    plain = {**REQUEST, "leads": [{**REQUEST["leads"][0], "id": name} for name in ids]}
    assert [score["lead_id"] for score in scored(client, plain)["scores"]] == ids

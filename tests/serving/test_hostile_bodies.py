"""Whatever is sent, the answer is a problem that names the place and the remedy, and repeats nothing."""

from __future__ import annotations

import json
import logging
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from serving.examples import REQUEST
from serving.problems import MEDIA_TYPE, Problem
from tests.serving.bodies import HOSTILE, MINIMAL, SECRET, changed, deal, fact, lead, text

JSON = {"content-type": "application/json"}
DESIGNED = {400, 404, 405, 413, 415, 422}


def problem(client: TestClient, body: bytes, headers: dict[str, str] = JSON) -> Problem:
    answer = client.post("/v1/score", content=body, headers=headers)
    assert answer.status_code in DESIGNED, answer.text[:500]
    assert answer.headers["content-type"] == MEDIA_TYPE
    found = Problem.model_validate_json(answer.content, strict=True)
    assert found.status == answer.status_code
    return found


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_body_is_answered_with_a_problem(client: TestClient, name: str) -> None:
    started = time.monotonic()
    found = problem(client, HOSTILE[name])
    assert found.status == 422
    assert found.errors or name == "nothing"
    assert all(each.message and each.remedy for each in found.errors)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("name", HOSTILE)
def test_no_answer_and_no_log_repeats_the_input(
    client: TestClient, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = client.post("/v1/score", content=HOSTILE[name], headers=JSON).text
    # Words of a fault's own text may be words of the input: only what could be a person's counts.
    values = [SECRET, SECRET[:9], "33 6 12", "20817", "Responsable", "2026-02-30", "999", "1e300"]
    assert [value for value in values if value in answer + caplog.text] == []


@pytest.mark.parametrize(
    ("body", "places"),
    [
        (lead(id=1, created_at="yesterday"), ["/leads/0/id", "/leads/0/created_at"]),
        (lead(attributes={"sector": "food", "budget": ["a lot"]}), ["/leads/0/attributes/budget"]),
        (lead(attributes={SECRET: ["a lot"]}), ["/leads/0/attributes"]),
        (lead(**{SECRET: 1}), ["/leads/0"]),
        (fact(numbers={"duration": "long"}), ["/leads/0/interactions/0/numbers/duration"]),
        (fact(flow="in"), ["/leads/0/interactions/0/flow"]),
        (deal(outcome="won"), ["/leads/0/deals/0/closed_at"]),
        (deal(lead_id="x"), ["/leads/0/deals/0/of"]),
        (
            changed(lambda plain: plain["leads"][0].pop("entities")),
            ["/leads/0/interactions/6/entity", "/leads/0/deals/0/of"],
        ),
        (text({**REQUEST, "leads": REQUEST["leads"] * 2}), ["/leads/1/id"]),
        (b"{", [""]),
    ],
)
def test_the_place_is_named(client: TestClient, body: bytes, places: list[str]) -> None:
    assert [each.pointer for each in problem(client, body).errors] == places


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/x-www-form-urlencoded"}, 415),
        ({"content-type": "application/json; charset=latin-1"}, 415),
        ({"content-type": "application/json", "content-encoding": "gzip"}, 415),
        ({}, 415),
    ],
)
def test_another_kind_of_body_is_refused(client: TestClient, headers: dict[str, str], status: int) -> None:
    assert problem(client, text(REQUEST), headers).status == status


def test_utf8_may_be_said(client: TestClient) -> None:
    answer = client.post(
        "/v1/score", content=text(REQUEST), headers={"content-type": 'Application/JSON; charset="UTF-8"'}
    )
    assert answer.status_code == 200


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/v1/score", 405), ("GET", "/nothing", 404)])
def test_what_the_framework_refuses_is_a_problem_too(client: TestClient, method: str, path: str, status: int) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, MEDIA_TYPE)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
times = st.sampled_from(["2026-06-01T00:00:00Z", "2026-06-01T02:00:00+02:00", "2026-06-01", "now", None, 5])
something = {
    "id": st.text(max_size=3) | anything,
    "created_at": times,
    "attributes": st.dictionaries(
        st.sampled_from(["budget", "sector", "job_title", "company_size"]) | st.text(), anything
    )
    | anything,
    "entities": st.just({"contact": "c", "account": "a"}) | anything,
    "interactions": st.lists(
        st.fixed_dictionaries(
            {"at": times, "kind": st.text(max_size=3)},
            optional={"numbers": st.dictionaries(st.text(), anything), "texts": anything, "entity": anything},
        ),
        max_size=3,
    ),
    "deals": st.lists(st.fixed_dictionaries({"outcome": st.sampled_from(["open", "won", "lost"]), "closed_at": times})),
    "changes": anything,
}


requests = st.fixed_dictionaries(
    {"leads": st.lists(st.fixed_dictionaries({}, optional=something), max_size=2)}, optional={"as_of": anything}
)


@given(requests | anything)
def test_random_json_is_never_an_error_of_ours(client: TestClient, plain: object) -> None:
    assert client.post("/v1/score", content=text(plain), headers=JSON).status_code in {200, *DESIGNED}


@given(st.binary(max_size=200))
def test_random_bytes_are_never_an_error_of_ours(client: TestClient, body: bytes) -> None:
    assert client.post("/v1/score", content=body, headers=JSON).status_code in DESIGNED
    assert client.post("/v1/score", content=MINIMAL % body, headers=JSON).status_code in {200, *DESIGNED}


@pytest.mark.parametrize("value", ["1e999", "9" * 400, "-1e999", "nan", "inf", "1" * 5_000, "<" + "9" * 400])
@pytest.mark.parametrize("name", ["budget", "company_size", "sector", "job_title", "opted_out"])
def test_texts_that_are_strange_numbers_are_scored(client: TestClient, name: str, value: str) -> None:
    answer = client.post("/v1/score", content=lead(attributes={name: value}), headers=JSON)
    assert answer.status_code == 200
    json.loads(answer.text, parse_constant=pytest.fail)

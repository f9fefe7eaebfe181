"""Reasons and warnings in the language that a request asks for."""

from __future__ import annotations

from copy import deepcopy

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from serving.examples import REQUEST

headers = st.text(st.sampled_from("frenFREN-_*;q=0.159, ,;=xé\x7f\xff"), max_size=40) | st.binary(max_size=40).map(
    lambda raw: raw.decode("latin-1").translate(dict.fromkeys((0, 10, 13)))
)


def test_a_request_in_french_is_answered_in_french(client: TestClient) -> None:
    english = client.post("/v1/score", json=REQUEST)
    french = client.post("/v1/score", json=REQUEST, headers={"accept-language": "fr-FR, en;q=0.5"})
    assert (english.headers["content-language"], french.headers["content-language"]) == ("en", "fr")
    assert english.headers["vary"] == french.headers["vary"] == "Accept-Language"
    for ours, theirs in zip(english.json()["scores"], french.json()["scores"], strict=True):
        assert {**ours, "reasons": 0, "warnings": 0} == {**theirs, "reasons": 0, "warnings": 0}
        for one, other in zip(ours["reasons"], theirs["reasons"], strict=True):
            assert one["text"] != other["text"]
            assert one["contribution"] == other["contribution"]
            assert (one["criterion"], one["family"], one["side"]) == (
                other["criterion"],
                other["family"],
                other["side"],
            )


def test_warnings_about_the_request_are_french_too(client: TestClient) -> None:
    plain = deepcopy(REQUEST)
    plain["leads"][0]["attributes"] = {}
    (score,) = client.post("/v1/score", json=plain, headers={"accept-language": "fr"}).json()["scores"]
    assert any(warning.startswith("La requête n’a pas ces attributs") for warning in score["warnings"])


@given(st.lists(headers, max_size=3))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_header_holds_a_request_is_answered(client: TestClient, given_headers: list[str]) -> None:
    sent = [("accept-language", header.encode("latin-1")) for header in given_headers]
    answer = client.post("/v1/score", json=REQUEST, headers=sent)
    assert answer.status_code == 200
    assert answer.headers["content-language"] in ("en", "fr")


def test_the_documentation_says_which_languages_there_are(client: TestClient) -> None:
    (parameter,) = client.get("/openapi.json").json()["paths"]["/v1/score"]["post"]["parameters"]
    assert parameter["name"] == "Accept-Language"
    assert "en or fr" in parameter["description"]

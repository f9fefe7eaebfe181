"""The caller gives what the service answers, in the order asked; and says why it does not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from pipeline.learning.bundle import Bundle
from pipeline.reasons.scores import score
from pipeline.tables.columns import History
from serving.call import CallError, Service
from tests.serving import crm


@pytest.fixture
def address(client: TestClient) -> Iterator[str]:
    """The application behind a socket of the loopback interface."""

    class Handler(BaseHTTPRequestHandler):
        def _pass(self) -> None:
            length = int(self.headers.get("content-length", 0))
            answer = client.request(
                self.command, self.path, content=self.rfile.read(length), headers={"content-type": "application/json"}
            )
            self.send_response(answer.status_code)
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    for method in ("GET", "POST"):
        setattr(Handler, f"do_{method}", Handler._pass)
    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_it_is_ready_and_says_which_model(address: str, bundle: Bundle) -> None:
    assert Service(address).ready()
    assert Service(address).model()["model_version"] == bundle.version


def test_scores_are_our_own_in_the_order_asked(address: str, history: History, bundle: Bundle) -> None:
    leads = [5, 2, 9, 0, 7]
    answered = Service(address).score(history, leads, crm.NOW, at_once=2)
    expected = [one.to_json() for one in score(bundle, history, crm.NOW, leads)]
    assert [(one["lead_id"], one["probability"]) for one in answered] == [
        (one["lead_id"], one["probability"]) for one in expected
    ]


def test_a_refusal_names_place_and_remedy(address: str) -> None:
    with pytest.raises(CallError, match=r"422: .*/leads/0/created_at.*") as refused:
        Service(address).post("/v1/score", {"leads": [{"id": "L1", "created_at": "yesterday"}]})
    assert refused.value.problem["status"] == 422


def test_an_answer_that_is_no_problem_details_says_so(address: str) -> None:
    with pytest.raises(CallError, match="404"):
        Service(address).get("/nowhere")


def test_nobody_there_is_told() -> None:
    with pytest.raises(CallError, match="does not answer"):
        Service("http://127.0.0.1:9").get("/readyz")
    assert not Service("http://127.0.0.1:9").ready()


def test_no_proxy_is_asked(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert Service(address).ready()


def test_it_needs_the_standard_library_alone() -> None:
    import serving.call

    text = Path(str(serving.call.__file__)).read_text(encoding="utf-8")
    imported = [line.split()[1].split(".")[0] for line in text.splitlines() if line.startswith(("import ", "from "))]
    assert set(imported) == {"__future__", "json", "urllib", "collections", "typing", "pipeline", "serving"}

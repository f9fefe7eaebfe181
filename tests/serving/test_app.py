"""The application as a whole: its description, its logs, its imports, its process."""

from __future__ import annotations

import json
import logging
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from pipeline.learning.bundle import Bundle
from serving.app import create_app
from serving.examples import MODEL, REQUEST, RESPONSE
from serving.schemas import ModelResponse, ScoreResponse
from serving.scorer import Scorer
from serving.settings import Settings, table

ROOT = Path(__file__).parents[2]
API = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
SETTINGS = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def openapi(client: TestClient) -> dict[str, Any]:
    described: dict[str, Any] = client.get("/openapi.json").json()
    return described


def test_every_setting_is_documented() -> None:
    rows = [f"| `{name}` | `{default}` | {meaning} |" for name, default, meaning in table()]
    assert [row for row in rows if row not in SETTINGS] == []


def test_every_documented_setting_is_one() -> None:
    assert set(re.findall(r"LEADLIGHT_[A-Z_]+", SETTINGS + API)) <= {name for name, _, _ in table()}


def test_every_route_is_documented(openapi: dict[str, Any]) -> None:
    routes = {f"{method.upper()} {path}" for path, methods in openapi["paths"].items() for method in methods}
    assert routes == {"POST /v1/score", "GET /v1/model", "GET /healthz", "GET /readyz"}
    assert [route for route in routes if f"`{route}`" not in API] == []


def test_every_field_of_a_request_is_documented(openapi: dict[str, Any]) -> None:
    schemas = openapi["components"]["schemas"]
    names = {
        name
        for schema in ("ScoreRequest", "LeadIn", "Entities", "InteractionIn", "ChangeIn", "DealIn")
        for name in schemas[schema]["properties"]
    }
    assert [name for name in sorted(names) if f"`{name}`" not in API] == []


def test_every_reference_of_the_description_leads_somewhere(openapi: dict[str, Any]) -> None:
    references = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(openapi)))
    assert "ScoreRequest" in references
    assert references <= set(openapi["components"]["schemas"])


def test_the_examples_work(client: TestClient, openapi: dict[str, Any]) -> None:
    [request] = openapi["components"]["schemas"]["ScoreRequest"]["examples"]
    assert request == REQUEST
    assert client.post("/v1/score", json=request).status_code == 200
    ScoreResponse.model_validate(RESPONSE, strict=True)
    ModelResponse.model_validate(MODEL, strict=True)


def test_the_examples_of_answers_look_like_answers(client: TestClient) -> None:
    [score] = client.post("/v1/score", json=REQUEST).json()["scores"]
    assert list(score) == list(RESPONSE["scores"][0])
    assert list(score["reasons"][0]) == list(RESPONSE["scores"][0]["reasons"][0])
    assert list(client.get("/v1/model").json()) == list(MODEL)


def test_the_model_describes_itself(client: TestClient, bundle: Bundle) -> None:
    model = client.get("/v1/model").json()
    assert model["model_version"] == bundle.version
    assert model["horizon_days"] == 30
    assert model["test"]["auc"] == {"value": 0.8, "low": 0.7, "high": 0.9}
    assert model["attributes"] == ["sector", "country", "job_title", "company_size", "budget"]
    assert model["kinds"] == ["demo_request", "page_view", "call"]
    assert model["columns"] == ["duration", "page"]
    assert [each["name"] for each in model["criteria"]] == [each.name for each in bundle.definition.criteria]
    assert all(each["label"]["en"] for each in model["criteria"])


def test_an_error_of_ours_is_a_problem_and_its_log_holds_no_value(
    models: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise KeyError("Zoé Dubois")

    monkeypatch.setattr(Scorer, "score", fail)
    with TestClient(create_app(Settings(models=models))) as client:
        answer = client.post("/v1/score", json=REQUEST)
    assert (answer.status_code, answer.json()["title"]) == (500, "Internal Server Error")
    assert "KeyError at" in caplog.text
    assert "test_app.py" in caplog.text
    assert "Dubois" not in caplog.text + answer.text


def test_nothing_of_a_request_is_logged(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client.post("/v1/score", json=REQUEST)
    assert [word for word in ("L-20817", "C-7311", "Responsable", "demo_request") if word in caplog.text] == []


def test_importing_the_application_reads_no_setting_and_nothing_heavy() -> None:
    code = "import sys, serving.app, serving.client\nprint(*{name.partition('.')[0] for name in sys.modules})"
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "LEADLIGHT_PORT": "wrong"},
        capture_output=True,
        text=True,
        check=True,
    )
    heavy = {"shap", "mlflow", "dvc", "altair", "matplotlib", "duckdb", "typer"}
    assert set(ran.stdout.split()) & heavy == set()


def test_a_wrong_setting_ends_the_process_with_a_sentence() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "serving"],
        env={**os.environ, "LEADLIGHT_PORT": "wrong"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2
    assert ran.stderr == "LEADLIGHT_PORT is 'wrong'; expected a whole number from 0 to 65535\n"


def test_the_process_serves_the_commands_of_the_documentation(models: Path, tmp_path: Path) -> None:
    """Every shell command of docs/api.md, against the service as it is started there."""
    commands = re.findall(r"```sh\n(.*?)```", API, re.DOTALL)
    assert len(commands) >= 4
    (tmp_path / "models").symlink_to(models)
    body = re.search(r"```json request\n(.*?)```", API, re.DOTALL)
    assert body is not None
    assert json.loads(body[1])["leads"]
    (tmp_path / "request.json").write_text(body[1], encoding="utf-8")
    port = _free_port()
    environment = {**os.environ, "LEADLIGHT_PORT": str(port)}
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen([sys.executable, "-m", "serving"], cwd=tmp_path, env=environment, stderr=log)
        try:
            _wait(f"http://127.0.0.1:{port}/readyz")
            for command in (one for one in commands if one.startswith("curl")):
                ran = subprocess.run(
                    ["sh", "-c", command.replace(":8000", f":{port}")],
                    cwd=tmp_path,
                    capture_output=True,
                    text=True,
                    check=False,
                )
                assert ran.returncode == 0, ran.stderr
                assert json.loads(ran.stdout)
        finally:
            process.terminate()
            process.wait(10)
    text = (tmp_path / "log").read_text()
    assert "serves" in text
    assert "L-20817" not in text


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _wait(address: str) -> None:
    for _ in range(100):
        try:
            if httpx2.get(address).status_code == 200:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.1)
    pytest.fail("the service did not become ready")

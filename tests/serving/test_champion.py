"""The model in use is the pointer's, changes while requests run, and outlives a broken successor."""

from __future__ import annotations

import shutil
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from pipeline.learning.bundle import Bundle, bundle_path, champion_path
from serving.app import create_app
from serving.champion import GONE, INTERVAL, NONE_YET, Champion
from serving.examples import REQUEST
from serving.problems import MEDIA_TYPE
from serving.settings import Settings
from tests.serving import crm

NEWER = "2026-07-31-00000000"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def register(models: Path, bundle: Bundle, version: str) -> None:
    replace(bundle, version=version).save(bundle_path(models, version))


def point(models: Path, version: str) -> None:
    champion_path(models).write_text(version + "\n")


@pytest.fixture
def own_models(models: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(models, tmp_path / "models"))


def serving(champion: Champion) -> str | None:
    scorer = champion.current()
    return None if scorer is None else scorer.bundle.version


def test_without_a_model_the_service_is_alive_and_not_ready(tmp_path: Path, bundle: Bundle) -> None:
    with TestClient(create_app(Settings(models=tmp_path / "none"))) as client:
        assert client.get("/healthz").json() == {"status": "alive"}
        for method, path in (("GET", "/readyz"), ("GET", "/v1/model"), ("POST", "/v1/score")):
            answer = client.request(method, path, json=REQUEST if method == "POST" else None)
            assert (answer.status_code, answer.headers["content-type"]) == (503, MEDIA_TYPE)
            assert answer.json()["detail"] == NONE_YET


def test_the_first_model_serves_as_soon_as_it_is_promoted(tmp_path: Path, bundle: Bundle) -> None:
    clock = Clock()
    champion = Champion(tmp_path, clock)
    assert serving(champion) is None
    register(tmp_path, bundle, bundle.version)
    point(tmp_path, bundle.version)
    clock.now = INTERVAL
    assert serving(champion) == bundle.version
    assert champion.trouble is None


def test_a_newer_model_takes_over_within_a_second(own_models: Path, bundle: Bundle) -> None:
    clock = Clock()
    champion = Champion(own_models, clock)
    assert serving(champion) == bundle.version
    register(own_models, bundle, NEWER)
    point(own_models, NEWER)
    clock.now = INTERVAL - 0.1
    assert serving(champion) == bundle.version
    clock.now = INTERVAL
    assert serving(champion) == NEWER


@pytest.mark.parametrize("harm", ["missing", "cut", "pointer"])
def test_a_broken_successor_leaves_the_old_model_in_use_and_is_reported(
    own_models: Path, bundle: Bundle, harm: str
) -> None:
    clock = Clock()
    champion = Champion(own_models, clock)
    assert serving(champion) == bundle.version
    if harm == "cut":
        register(own_models, bundle, NEWER)
        (bundle_path(own_models, NEWER) / "model.txt").write_text("tree\n")
    point(own_models, "../../elsewhere" if harm == "pointer" else NEWER)
    clock.now = INTERVAL
    assert serving(champion) == bundle.version
    assert champion.trouble
    shutil.rmtree(bundle_path(own_models, NEWER), ignore_errors=True)
    register(own_models, bundle, NEWER)
    point(own_models, NEWER)
    clock.now = 2 * INTERVAL
    assert serving(champion) == NEWER
    assert champion.trouble is None


def test_readiness_tells_what_keeps_a_newer_model_out(own_models: Path, bundle: Bundle) -> None:
    with TestClient(create_app(Settings(models=own_models))) as client:
        assert client.get("/readyz").json() == {"status": "ready", "model_version": bundle.version, "detail": None}
    point(own_models, NEWER)
    with TestClient(create_app(Settings(models=own_models))) as client:
        assert client.get("/readyz").status_code == 503
        assert NEWER in client.get("/readyz").json()["detail"]


def test_a_pointer_that_is_gone_leaves_the_model_in_use(own_models: Path, bundle: Bundle) -> None:
    clock = Clock()
    champion = Champion(own_models, clock)
    assert serving(champion) == bundle.version
    champion_path(own_models).unlink()
    clock.now = INTERVAL
    assert (serving(champion), champion.trouble) == (bundle.version, GONE)


def test_a_bundle_that_is_no_bundle_inside_is_reported_by_its_kind_alone(own_models: Path, bundle: Bundle) -> None:
    (own_models / "champion").unlink()
    (own_models / "champion").mkdir()
    champion = Champion(own_models, Clock())
    assert serving(champion) is None
    assert champion.trouble is not None
    assert "IsADirectoryError" in champion.trouble


def test_no_request_is_dropped_while_models_change(own_models: Path, bundle: Bundle) -> None:
    register(own_models, bundle, NEWER)
    clock = Clock()
    champion = Champion(own_models, clock)
    stop = threading.Event()
    seen: list[str | None] = []

    def ask() -> None:
        while not stop.is_set():
            seen.append(serving(champion))

    serving(champion)
    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for turn in range(1, 6):
        point(own_models, NEWER if turn % 2 else bundle.version)
        clock.now = turn * INTERVAL
        serving(champion)
    stop.set()
    for thread in threads:
        thread.join()
    assert set(seen) <= {bundle.version, NEWER}


def test_requests_are_answered_by_one_model_each(own_models: Path, bundle: Bundle) -> None:
    with TestClient(create_app(Settings(models=own_models), clock=lambda: crm.NOW)) as client:
        answer = client.post("/v1/score", json=REQUEST).json()
    assert {answer["model_version"], *(score["model_version"] for score in answer["scores"])} == {bundle.version}

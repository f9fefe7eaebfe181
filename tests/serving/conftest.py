from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from pipeline.learning.bundle import Bundle, bundle_path, champion_path
from pipeline.tables.columns import History
from serving.app import create_app
from serving.settings import Settings
from tests.serving import crm


@pytest.fixture(scope="session")
def history() -> History:
    return crm.history()


@pytest.fixture(scope="session")
def bundle(history: History) -> Bundle:
    return crm.bundle(history)


@pytest.fixture(scope="session")
def models(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models with a champion; read only."""
    folder = tmp_path_factory.mktemp("models")
    bundle.save(bundle_path(folder, bundle.version))
    champion_path(folder).write_text(bundle.version + "\n")
    return folder


@pytest.fixture(scope="session")
def client(models: Path) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(models=models), clock=lambda: crm.NOW)) as client:
        yield client

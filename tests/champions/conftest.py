"""An MLflow database costs seconds of migrations: one is made for all tests, and copied."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipeline.champions import registry
from pipeline.champions.promotion import promote
from tests.learning.small import FIRST, NOW, SECOND, installed


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MLflow's database with nothing in it."""
    models = tmp_path_factory.mktemp("store")
    with registry._client(models):
        return models / "mlflow.db"


@pytest.fixture
def told_nothing(tmp_path: Path, empty_database: Path) -> Path:
    """A models folder: two versions stand and the first one serves; MLflow has been told of neither."""
    models = tmp_path / "my models"
    installed(models, FIRST, SECOND)
    promote(models, FIRST, "The first.", NOW)
    shutil.copy(empty_database, models)
    return models

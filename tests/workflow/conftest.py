"""A small CRM with its champion, in csv and in Parquet: trained once, and copied for whoever changes it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.workflow import small_crm
from tests.workflow.drifting import retrain


@pytest.fixture(scope="session", params=["csv", "parquet"])
def small(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small CRM and its champion."""
    folder = tmp_path_factory.mktemp("small")
    small_crm.write(folder, request.param)
    retrain(folder)
    return folder


@pytest.fixture
def crm(small: Path, tmp_path: Path) -> Path:
    """A copy of one's own."""
    shutil.copytree(small, tmp_path / "crm")
    return tmp_path / "crm"

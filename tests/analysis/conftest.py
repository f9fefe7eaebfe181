"""A small CRM with its champion, and its door in Python: trained once, and copied for whoever changes it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipeline.analysis import Leadlight
from tests.workflow import small_crm


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("analysed") / "crm"
    small_crm.write(folder, "parquet")
    Leadlight(folder / "leadlight.yaml").train()
    return folder


@pytest.fixture(scope="session")
def door(trained: Path) -> Leadlight:
    """The door of a folder that is only read."""
    return Leadlight(trained / "leadlight.yaml")


@pytest.fixture
def own(trained: Path, tmp_path: Path) -> Leadlight:
    """The door of a copy of one's own."""
    shutil.copytree(trained, tmp_path / "crm")
    return Leadlight(tmp_path / "crm" / "leadlight.yaml")

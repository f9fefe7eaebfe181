"""How many worlds Hypothesis draws, by the variable LEADLIGHT_HYPOTHESIS.

`dev`: in every run of the tests. `prove`: for the proof. `plant`: as `dev`, but what fails is not made smaller.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.exports import EXPORTS

# A world is a few hundred draws, which Hypothesis by itself finds large; the same worlds in every run.
SETTINGS = settings(
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
settings.register_profile("dev", SETTINGS, max_examples=150)
settings.register_profile("prove", SETTINGS, max_examples=2000)
settings.register_profile(
    "plant", SETTINGS, max_examples=150, phases=[Phase.explicit, Phase.generate], report_multiple_bugs=False
)
settings.load_profile(os.environ.get("LEADLIGHT_HYPOTHESIS", "dev"))


@pytest.fixture(scope="session")
def exports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every export of `tests/exports` in a folder of its own, written once; tests copy what they change."""
    folders = {export.name: tmp_path_factory.mktemp(export.name) for export in EXPORTS}
    for export in EXPORTS:
        export.write(folders[export.name])
    return folders

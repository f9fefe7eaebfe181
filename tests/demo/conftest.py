"""The company that the tests of the demo share."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.demo.people import people
from pipeline.demo.simulate import simulate
from pipeline.demo.workspace import demo_workspace
from pipeline.demo.write import write_demo
from tests.demo.company import LEADS, SEED, Demo


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    root = tmp_path_factory.mktemp("demo")
    (root / "leadlight.yaml").write_text(demo_workspace(), encoding="utf-8")
    folder = root / "data" / "demo"
    said = write_demo(folder, LEADS, SEED)
    who = people(LEADS, np.random.default_rng([SEED, 0]))
    return Demo(folder, said, who, simulate(who, np.random.default_rng([SEED, 1]), keep_states=True))

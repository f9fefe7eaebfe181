"""How numbers are written is learnt once: a later export is read as the model's was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.definitions.workspace import load_workspace
from pipeline.learning.bundle import load_champion
from pipeline.workflow.schema import read_for
from tests.workflow import small_crm
from tests.workflow.drifting import retrain


def written(folder: Path, durations: list[str]) -> None:
    """The interactions with other durations, one after the other."""
    facts = pd.read_csv(folder / "interactions.csv", dtype=str)
    called = facts["duration"].notna().to_numpy().nonzero()[0]
    facts.loc[called, "duration"] = [durations[place % len(durations)] for place in range(len(called))]
    facts.to_csv(folder / "interactions.csv", index=False)


def test_a_thousand_stays_a_thousand_when_no_other_value_tells(tmp_path: Path) -> None:
    small_crm.write(tmp_path, "csv")
    written(tmp_path, ["1.234", "12,5"])
    retrain(tmp_path)
    written(tmp_path, ["1.234"])
    champion, workspace = load_champion(tmp_path / "models"), load_workspace(tmp_path / "leadlight.yaml")
    read = read_for(champion, workspace).history.interactions[0].numbers["duration"]
    assert set(read[~np.isnan(read)].tolist()) == {1234.0}

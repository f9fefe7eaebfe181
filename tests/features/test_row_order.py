"""The order of rows means nothing: a database keeps none, and the training set is the same to the last bit."""

from __future__ import annotations

import random
from pathlib import Path

from pipeline.definitions.workspace import load_workspace
from pipeline.workflow import stages
from tests.sound_inputs import sound


def test_rows_in_another_order_give_the_same_training_set(tmp_path: Path) -> None:
    hashes = set()
    for name in ("as it is", "shuffled"):
        folder = tmp_path / name
        sound(folder)
        # Leads without a contact and an account are each a group of their own.
        leads = (folder / "leads.csv").read_text(encoding="utf-8").replace(",K7,A2,", ",,,").replace(",K9,A4,", ",,,")
        (folder / "leads.csv").write_text(leads, encoding="utf-8")
        if name == "shuffled":
            for path in sorted(folder.glob("*.csv")):
                header, *rows = path.read_text(encoding="utf-8").splitlines()
                random.Random(7).shuffle(rows)
                path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        summary = stages.features(load_workspace(folder / "leadlight.yaml"))
        assert summary["observations"] > 100
        hashes.add(summary["data_hash"])
    assert len(hashes) == 1

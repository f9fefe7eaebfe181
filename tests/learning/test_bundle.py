"""A bundle comes back as it went, to the bit; anything less than whole is refused in a sentence."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.definitions.criteria import TIMING
from pipeline.learning import bundle as module
from pipeline.learning.bundle import (
    FILES,
    MANIFEST,
    Bundle,
    BundleError,
    first_difference,
    load_champion,
    read_champion,
)
from pipeline.learning.model import Model
from pipeline.tables.files import PARTIAL
from tests.learning.small import FIRST, bundle, definition, measures, model, without_trees


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    bundle().save(tmp_path / "served")
    return tmp_path / "served"


def refusal(folder: Path) -> str:
    with pytest.raises(BundleError) as caught:
        Bundle.load(folder)
    return str(caught.value)


def read(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_it_scores_as_before_to_the_bit(folder: Path) -> None:
    loaded, X = Bundle.load(folder), measures(seed=9)
    assert np.array_equal(loaded.model.log_odds(X), model().log_odds(X))
    assert np.array_equal(loaded.model.contributions(X)[1], model().contributions(X)[1])


def test_all_else_comes_back_too(folder: Path) -> None:
    loaded = Bundle.load(folder)
    assert (loaded.version, loaded.definition, loaded.card) == (FIRST, definition(), bundle().card)
    assert loaded.definition.criteria[0].label == {"en": "Demo requests", "fr": "Demandes de démonstration"}
    assert np.array_equal(loaded.reference, bundle().reference)


def test_a_model_without_trees_comes_back(tmp_path: Path) -> None:
    without_trees().save(tmp_path / "served")
    loaded = Bundle.load(tmp_path / "served")
    assert loaded.model == without_trees().model


def test_the_same_bundle_gives_the_same_bytes_however_often_it_is_read_and_written(
    folder: Path, tmp_path: Path
) -> None:
    Bundle.load(folder).save(tmp_path / "again")
    assert read(folder) == read(tmp_path / "again")


def test_the_order_in_which_a_card_was_filled_leaves_no_trace() -> None:
    card = bundle().card
    assert bundle(card=dict(reversed(card.items()))).contents() == bundle().contents()


def test_it_is_text_for_people(folder: Path) -> None:
    files = read(folder)
    assert sorted(files) == sorted([*FILES, MANIFEST])
    assert "Demandes de démonstration" in files["definition.json"].decode("utf-8")
    assert len(files["reference.json"].splitlines()) == 1


def test_the_page_about_the_format_names_every_file_and_key(folder: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "model-format.md").read_text(encoding="utf-8")
    keys = {
        key for name in ("model.json", "definition.json", MANIFEST) for key in json.loads((folder / name).read_text())
    }
    for word in {*FILES, MANIFEST, *keys}:
        assert f"`{word}`" in page, word


@pytest.mark.parametrize("name", FILES)
def test_a_changed_file_is_refused_by_name(folder: Path, name: str) -> None:
    (folder / name).write_bytes((folder / name).read_bytes() + b" ")
    assert f"{name} is not the file that was written" in refusal(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_refused_by_name(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert f"{name} is missing" in refusal(folder)


def test_a_missing_folder_is_refused_with_the_remedy(tmp_path: Path) -> None:
    assert "is missing: no model stands there. Train one with 'leadlight train'" in refusal(tmp_path / "none")


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        (None, "has no manifest.json: it is no bundle, or was never finished"),
        ("{", "cannot be read as a bundle's manifest"),
        ("[]", "cannot be read as a bundle's manifest"),
        ('{"format_version": 3}', "is written in format 3; this Leadlight reads formats 1 and 2"),
        ('{"format_version": 1, "files": {}}', "does not name card.json"),
    ],
)
def test_a_manifest_that_is_none_is_refused(folder: Path, manifest: str | None, said: str) -> None:
    (folder / MANIFEST).unlink()
    if manifest is not None:
        (folder / MANIFEST).write_text(manifest)
    assert said in refusal(folder)


def test_a_definition_read_otherwise_than_written_is_refused_with_the_first_difference(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Newer(module.Definition):
        @classmethod
        def from_json(cls, plain: object) -> module.Definition:
            return definition(timezone="Europe/Paris")

    monkeypatch.setattr(module, "Definition", Newer)
    assert 'The first difference: timezone: "UTC" against "Europe/Paris"' in refusal(folder)


def test_trees_of_another_training_are_refused(tmp_path: Path) -> None:
    bundle(definition=definition(("count 7d",))).save(tmp_path / "served")
    assert "the model takes 6 columns and the definition has 5" in refusal(tmp_path / "served")


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (
            definition(("count 30d", "days_since_last")),
            'criteria, demo_requests, measures, 1: "count 7d" against "count 30d"',
        ),
        (definition(("count 7d",)), 'criteria, demo_requests, measures, 2: "days_since_last" against nothing'),
        (definition(criteria=TIMING), "criteria, demo_requests: demo_requests against age"),
        (definition(criteria=definition().criteria[:-1]), "criteria, created_hour: created_hour against nothing"),
        (definition(vocabularies={"sector": ("food", "retail")}), 'vocabularies, sector, 2: "métal" against "retail"'),
        (definition(recorded={"sector": True}), "recorded, sector: nothing against true"),
        (definition(timezone="Europe/Paris"), 'timezone: "UTC" against "Europe/Paris"'),
        (definition(horizon=None), "horizon: 2592000000000 against nothing"),
    ],
)
def test_the_first_difference_is_named(other: module.Definition, said: str) -> None:
    assert first_difference(definition(), other) == said
    with pytest.raises(BundleError, match=re.escape(said)):
        bundle().require(other)


def test_labels_make_no_difference() -> None:
    plain = definition().to_json()
    plain["criteria"][0]["label"] = {"en": "Demos"}
    relabelled = module.Definition.from_json(plain)
    assert first_difference(definition(), relabelled) is None
    bundle().require(relabelled)


def test_a_newer_bundle_takes_the_place_of_an_older_one(folder: Path) -> None:
    replace(bundle(), card={"name": "newer"}).save(folder)
    assert Bundle.load(folder).card == {"name": "newer"}
    assert [path.name for path in folder.parent.iterdir()] == ["served"]


def test_a_folder_with_anything_else_in_it_is_left_alone(folder: Path) -> None:
    (folder / "thesis.doc").write_text("years of work")
    with pytest.raises(BundleError, match=r"holds thesis\.doc, no part of a bundle"):
        bundle().save(folder)


@pytest.mark.parametrize("failing", [1, 2])
def test_a_rename_that_fails_leaves_the_older_bundle(
    folder: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    rename, calls = os.replace, []

    def fail(*names: Path) -> None:
        calls.append(names)
        if len(calls) == failing:
            raise OSError("the disk is full")
        rename(*names)

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="full"):
        replace(bundle(), card={"name": "newer"}).save(folder)
    assert Bundle.load(folder).card == bundle().card
    assert [path.name for path in folder.parent.iterdir()] == ["served"]


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.learning.small import bundle
calls = 0
def deadly(work):
    def call(*arguments):
        global calls
        calls += 1
        if calls == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)
        return work(*arguments)
    return call
os.fsync, os.replace = deadly(os.fsync), deadly(os.replace)
bundle(card={"name": "newer"}).save(Path(sys.argv[1]))
"""


@pytest.mark.parametrize("moment", [9, 10])
def test_killed_at_any_moment_what_stands_is_whole_or_refused(folder: Path, moment: int) -> None:
    """The old folder is moved (8), then the new one (9), and the parent is synced (10)."""
    killed = subprocess.run([sys.executable, "-c", KILLED, str(folder), str(moment)], check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    if moment == 9:
        assert "is missing" in refusal(folder)
    else:
        assert Bundle.load(folder).card == ({"name": "newer"} if moment > 9 else bundle().card)
    bundle(card={"name": "next"}).save(folder)
    assert Bundle.load(folder).card == {"name": "next"}
    assert not list(folder.parent.glob(f".*{PARTIAL}"))


def test_no_champion_is_said_with_the_remedy(tmp_path: Path) -> None:
    assert read_champion(tmp_path) is None
    with pytest.raises(BundleError, match=r"No model serves: .* Train one with 'leadlight train'"):
        load_champion(tmp_path)


@pytest.mark.parametrize("text", ["", "../../etc\n", ".hidden\n", "a b\n"])
def test_a_pointer_that_names_no_version_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "champion").write_text(text)
    with pytest.raises(BundleError, match="is no model version"):
        read_champion(tmp_path)


def test_a_model_must_be_one() -> None:
    with pytest.raises(ValueError, match="slope"):
        Model(None, slope=0.0, kind="base rate")

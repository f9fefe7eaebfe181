"""Every broken input of `tests/data/broken/` is refused in one error with names, and nothing is written."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from benchmarks.proofs.path.refusals import files
from pipeline.cli import main
from tests.broken_inputs import BrokenInput, broken_inputs
from tests.sound_inputs import sound

BROKEN = broken_inputs()


def leadlight(monkeypatch: pytest.MonkeyPatch, folder: Path, *words: str) -> int:
    """Run a command here, in a folder, and give its exit code."""
    monkeypatch.setattr(sys, "argv", ["leadlight", *words])
    monkeypatch.chdir(folder)
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code if isinstance(ended.value.code, int) else 0 if ended.value.code is None else 1


@pytest.fixture(scope="module")
def champion(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the model that was trained on the sound workspace."""
    folder = tmp_path_factory.mktemp("sound")
    sound(folder)
    with pytest.MonkeyPatch.context() as patched:
        assert leadlight(patched, folder, "train", "--json") == 0
    return folder / "models"


def test_without_a_defect_the_workspace_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sound(tmp_path)
    assert leadlight(monkeypatch, tmp_path, "check", "--strict") == 0
    assert "No error was found" in capsys.readouterr().out


def test_there_are_forty_defects_or_more_each_its_own() -> None:
    numbers = [int(broken.name.partition("-")[0]) for broken in BROKEN]
    assert numbers == list(range(1, len(BROKEN) + 1))
    assert len(BROKEN) >= 40
    assert len({broken.name.partition("-")[2] for broken in BROKEN}) == len(BROKEN)
    changed = {str((broken.replace, broken.write, broken.build, broken.command)) for broken in BROKEN}
    assert len(changed) == len(BROKEN)
    assert [broken.name for broken in BROKEN if len(broken.says) < 2] == []


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.name)
def test_a_defect_is_answered_by_name_and_nothing_is_written(
    broken: BrokenInput, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    broken.make(tmp_path)
    if broken.needs == "champion":
        shutil.copytree(request.getfixturevalue("champion"), tmp_path / "models")
    before = files(tmp_path)
    capsys.readouterr()
    code = leadlight(monkeypatch, tmp_path, *broken.command)
    told = capsys.readouterr()
    assert broken.faults(code, told.out, told.err, files(tmp_path) - before) == [], told.err

"""Ten broken inputs: each is refused in one sentence with names, and nothing is written."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.proofs.path.refusals import files
from pipeline.cli import main
from tests.broken import BROKEN, Broken, sound


def leadlight(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run a command here, and give its exit code."""
    monkeypatch.setattr(sys, "argv", ["leadlight", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_without_a_defect_the_workspace_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sound(tmp_path)
    assert leadlight(monkeypatch, "check", "-c", str(tmp_path / "leadlight.yaml")) == 0
    assert "Traceback" not in capsys.readouterr().err


def test_there_are_ten_defects() -> None:
    assert len({broken.name for broken in BROKEN}) == 10


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.name)
def test_a_defect_is_answered_by_name_and_nothing_is_written(
    broken: Broken, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken.build(tmp_path)
    before = files(tmp_path)
    code = leadlight(monkeypatch, "train", "-c", str(tmp_path / "leadlight.yaml"))
    captured = capsys.readouterr()
    assert code in (1, 2)
    assert broken.missing_words(captured.err) == [], captured.err
    assert "Traceback" not in captured.err
    assert captured.out == ""
    assert files(tmp_path) == before

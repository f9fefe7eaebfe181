"""The planted bugs keep up with the code and the documents; `python tests/planted_bugs.py` runs them."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.planted_bugs import BUGS, ROOT, Bug, plant


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_every_bug_can_still_be_planted(bug: Bug, tmp_path: Path) -> None:
    source = tmp_path / bug.path
    source.parent.mkdir(parents=True)
    shutil.copy(ROOT / "src" / bug.path, source)
    plant(bug, tmp_path)
    assert source.read_text(encoding="utf-8") != (ROOT / "src" / bug.path).read_text(encoding="utf-8")


def test_a_bug_whose_text_is_no_longer_there_is_refused(tmp_path: Path) -> None:
    bug = replace(BUGS[0], path="code.py", changes=(("a < b", "a <= b"),))
    (tmp_path / "code.py").write_text("a > b\n", encoding="utf-8")
    with pytest.raises(LookupError, match="stands there 0 times"):
        plant(bug, tmp_path)


def test_every_planted_bug_is_documented() -> None:
    text = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
    assert [bug.name for bug in BUGS if f"| {bug.name} | yes |" not in text] == []

"""What the commands do when columns drifted: exit codes, what is printed, and a training that goes on."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.definitions.workspace import load_workspace
from pipeline.workflow.stages import check
from tests.workflow.drifting import champion, files, found, renamed, retrain, scored, with_values
from tests.workflow.small_crm import change, edit

# The small CRM is trained once, by the worker that has all of these tests.
pytestmark = pytest.mark.xdist_group("small crm")


class Shell:
    """Runs commands in a folder, in this process: exit code, standard output and error."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.capsys, self.monkeypatch = capsys, monkeypatch

    def __call__(self, folder: Path, *words: str) -> tuple[int, str, str]:
        self.monkeypatch.setattr(sys, "argv", ["leadlight", *words])
        self.monkeypatch.chdir(folder)
        self.capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 1
        told = self.capsys.readouterr()
        return code, told.out, told.err


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    """The command line."""
    return Shell(capsys, monkeypatch)


def test_score_and_explain_end_with_1_where_check_ends_with_2(crm: Path, shell: Shell) -> None:
    change(crm, "leads", renamed("country", "land"))
    before = files(crm)
    for words, code in ((["score", "-o", "scores.csv"], 1), (["explain", "L0259"], 1), (["check"], 2), (["train"], 2)):
        ended, out, said = shell(crm, *words)
        assert (ended, out) == (code, "")
        assert "leads, column country: " in said
    assert files(crm) == before


def test_a_check_ends_with_1_for_drift_only_where_it_is_strict(crm: Path, shell: Shell) -> None:
    edit(crm, ", attributes: [sector]", "")
    edit(crm, "  - {name: sector, attribute: sector}\n", "")
    assert (shell(crm, "check")[0], shell(crm, "check", "--strict")[0]) == (0, 1)


def test_what_an_export_lacks_is_said_beside_its_scores(crm: Path, shell: Shell) -> None:
    change(crm, "contacts", with_values("sector", lambda _: None))
    ended, out, _ = shell(crm, "score", "-o", "scores.csv")
    assert ended == 0
    assert (crm / "scores.csv").exists()
    assert "warning" in out
    assert "contacts, column sector" in " ".join(out.split())
    (said,) = json.loads(shell(crm, "score", "--json")[1])["warnings"]
    assert said.startswith("contacts, column sector: It is empty for all 260 leads")


def test_a_check_names_the_drift_and_train_still_retrains(crm: Path) -> None:
    change(crm, "leads", renamed("country", "land"))
    edit(crm, "[country, employees,", "[land, employees,")
    edit(crm, "name: country, attribute: country", "name: country, attribute: land")
    result = check(load_workspace(crm / "leadlight.yaml"))
    assert result["ok"]
    before = champion(crm).version
    trained = retrain(crm)
    assert ("leads", "country") in [(finding["table"], finding["column"]) for finding in trained["findings"]]
    assert trained["promoted"], trained["reason"]
    assert f"Champion {before} was not compared" in trained["reason"]
    assert found(crm) == []
    assert scored(crm)

"""Where the workspace asks for a sign-off nothing serves without one; whoever has it is told how to give it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pipeline.champions.promotion import PromotionError
from pipeline.definitions.workspace import Workspace, WorkspaceError, load_workspace
from pipeline.learning.bundle import read_champion
from pipeline.workflow.train import promote_version, sign_off
from tests.workflow import small_crm
from tests.workflow.drifting import retrain
from tests.workflow.test_commands import Shell

NAME = "Camille Martin"


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small CRM whose workspace asks for a sign-off, trained; nothing serves."""
    folder = tmp_path_factory.mktemp("signed") / "crm"
    small_crm.write(folder, "csv")
    text = (folder / "leadlight.yaml").read_text(encoding="utf-8")
    (folder / "leadlight.yaml").write_text(f"{text}gates: {{sign_off: true}}\n", encoding="utf-8")
    (folder / "told.json").write_text(json.dumps(retrain(folder)), encoding="utf-8")
    return folder


@pytest.fixture
def gated(trained: Path, tmp_path: Path) -> Path:
    shutil.copytree(trained, tmp_path / "work")
    return tmp_path / "work"


@pytest.fixture
def shell(gated: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    return Shell(gated, capsys, monkeypatch)


def opened(folder: Path) -> tuple[Workspace, str]:
    version = json.loads((folder / "told.json").read_text(encoding="utf-8"))["model_version"]
    return load_workspace(folder / "leadlight.yaml"), version


def test_training_holds_what_nobody_signed_and_says_how(gated: Path) -> None:
    told = json.loads((gated / "told.json").read_text(encoding="utf-8"))
    assert not told["promoted"]
    assert read_champion(gated / "models") is None
    assert f"`leadlight sign {told['model_version']} --verdict approved --reviewer NAME`" in told["reason"]
    assert "But for that: Promoted" in told["reason"]


def test_promoting_needs_an_approval(gated: Path) -> None:
    workspace, version = opened(gated)
    with pytest.raises(PromotionError, match="nobody has signed"):
        promote_version(workspace, version, "By hand.", 0)
    sign_off(workspace, version, NAME, "rejected", "It leaks.", 0)
    with pytest.raises(PromotionError, match="was rejected on 1970-01-01"):
        promote_version(workspace, version, "By hand.", 0)
    sign_off(workspace, version, NAME, "approved", "", 1)
    found = promote_version(workspace, version, "By hand.", 2)
    assert (found["signed_off"]["reviewer"], found["signed_off"]["verdict"]) == (NAME, "approved")
    assert read_champion(gated / "models") == version


def test_training_again_promotes_what_was_approved(gated: Path) -> None:
    workspace, version = opened(gated)
    sign_off(workspace, version, NAME, "approved with remarks", "Few deals.", 0)
    assert retrain(gated)["promoted"]
    assert read_champion(gated / "models") == version


def test_the_name_stands_in_one_file_alone(gated: Path) -> None:
    workspace, version = opened(gated)
    sign_off(workspace, version, NAME, "approved", "", 0)
    promote_version(workspace, version, "By hand.", 0)
    holding = [path for path in gated.rglob("*") if path.is_file() and NAME.encode() in path.read_bytes()]
    assert holding == [gated / "models" / "signed" / f"{version}.json"]


def test_nothing_serves_so_nothing_is_signed_unnamed(gated: Path) -> None:
    with pytest.raises(WorkspaceError, match="name the version to sign off"):
        sign_off(opened(gated)[0], None, NAME, "approved", "", 0)


def test_the_commands_say_who_signed(shell: Shell, gated: Path) -> None:
    version = opened(gated)[1]
    code, _, err = shell("promote", version)
    assert code == 2
    assert "gates.sign_off asks for a sign-off" in err
    found = shell.json("sign", version, "--reviewer", NAME, "--verdict", "approved")
    assert {name: found[name] for name in ("model_version", "reviewer", "verdict", "notes")} == {
        "model_version": version,
        "reviewer": NAME,
        "verdict": "approved",
        "notes": "",
    }
    code, out, _ = shell("promote", version)
    assert code == 0
    assert f"approved by {NAME}" in " ".join(out.split())


def test_a_version_that_is_not_there_is_named_as_such(gated: Path) -> None:
    with pytest.raises(PromotionError, match="is no registered version"):
        promote_version(opened(gated)[0], "2026-01-01-00000000", "By hand.", 0)

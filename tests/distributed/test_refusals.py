"""What a cluster cannot do, or a worker finds wrong, is said in the sentence that one process would say."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.definitions.workspace import load_workspace
from pipeline.definitions.yaml_lines import WorkspaceError
from pipeline.distributed.open import hands, of
from pipeline.tables.sources import read_history
from tests.distributed import edge
from tests.distributed.conftest import require
from tests.distributed.processes import Processes


@pytest.fixture
def crm(tmp_path: Path) -> Path:
    edge.write(tmp_path / "crm")
    return tmp_path / "crm"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (",1.234,", ",twelve,", "'twelve' is no number"),
        ('"2,5"', "2.55", "is no number"),
        ("2026-03-02 10:15", "the second of March", "is no time"),
        ("77777.0", "1.2E+08", "has lost digits"),
        ("\n1006.0,", "\n1006.0,more,", "not the 9 fields of the header"),
    ],
)
def test_what_a_worker_finds_wrong_is_said_as_ever(crm: Path, old: str, new: str, said: str) -> None:
    edit(crm / "web-2.csv", old, new)
    workspace = load_workspace(crm / "leadlight.yaml")
    with pytest.raises(WorkspaceError) as here:
        read_history(workspace)
    with pytest.raises(WorkspaceError) as there:
        of(Processes(3)).read(workspace)
    assert said in str(here.value)
    assert (str(there.value), type(there.value)) == (str(here.value), type(here.value))


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_column_of_two_minds_has_to_be_declared(crm: Path) -> None:
    # Most numbers have a comma, and 0.500 may well be five hundred; a few cells of them do not tell.
    edit(crm / "web-2.csv", '"2,5"', '"2,6"')
    edit(crm / "web-2.csv", '"2,5"', "0.500")
    settings = crm / "leadlight.yaml"
    read_history(load_workspace(settings))
    with pytest.raises(WorkspaceError, match="declare which it is"):
        of(Processes(3)).read(load_workspace(settings))
    edit(settings, "numbers: [seconds, score]", "numbers: [{column: seconds, decimal: ','}, score]")
    history, account = of(Processes(3)).read(load_workspace(settings))
    assert account == read_history(load_workspace(settings))[1]
    assert len(history.interactions[0]) > 0


def test_an_engine_that_is_not_installed_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.distributed.open.find_spec", lambda name: None)
    for name in ("dask", "spark"):
        with pytest.raises(WorkspaceError, match=rf"pip install 'leadlight\[{name}\]'"), hands(name):
            pass


def test_spark_does_not_train() -> None:
    with pytest.raises(WorkspaceError, match="leadlight features --engine spark"), hands("spark", training=True):
        pass


def test_spark_without_java_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    require("spark")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(WorkspaceError, match="default-jre-headless"), hands("spark"):
        pass


@pytest.mark.parametrize(("name", "scheme"), [("dask", "tcp"), ("spark", "spark")])
def test_an_address_where_nobody_answers(name: str, scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    require(name)
    monkeypatch.setattr("pipeline.distributed.on_dask.PATIENCE", "1s")
    with pytest.raises(WorkspaceError, match="answers there"), hands(name, f"{scheme}://127.0.0.1:9"):
        pass


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["train", "--engine", "spark"], "grows no trees"),
        (["score", "--address", "tcp://127.0.0.1:8786"], "say what answers there"),
    ],
)
def test_the_commands_end_with_2(
    crm: Path, words: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(crm)
    monkeypatch.setattr(sys, "argv", ["leadlight", *words])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 2
    assert said in capsys.readouterr().err

"""`leadlight backtest`, and what calls bring in, from a CRM to what is printed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from pipeline.definitions.workspace import WorkspaceError, load_workspace
from pipeline.features.amounts import FILE, Amounts
from pipeline.quality.backtest import backtest
from pipeline.workflow import judging, stages
from pipeline.workflow.judging import backtested, capacity_key
from pipeline.workflow.places import Places
from tests.workflow.small_crm import write
from tests.workflow.test_commands import Shell


@pytest.fixture(scope="session")
def featured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small CRM with amounts, and its training set."""
    folder = tmp_path_factory.mktemp("judged") / "crm"
    write(folder, "csv")
    deals = pd.read_csv(folder / "deals.csv")
    deals["amount"] = range(100, 100 + len(deals))
    deals.to_csv(folder / "deals.csv", index=False)
    text = (folder / "leadlight.yaml").read_text(encoding="utf-8")
    text = text.replace("    outcome: deal_status\n", "    outcome: deal_status\n    amount: amount\n")
    (folder / "leadlight.yaml").write_text(text, encoding="utf-8")
    stages.features(load_workspace(folder / "leadlight.yaml"))
    return folder


@pytest.fixture
def shell(featured: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    shutil.copytree(featured, tmp_path / "work")
    return Shell(tmp_path / "work", capsys, monkeypatch)


def test_the_backtest_prints_periods_and_draws_them(shell: Shell) -> None:
    found = shell.json("backtest", "--periods", "3", "--period", "40d", "-o", "pictures/b.svg")
    assert [found["name"], found["period"], found["horizon"]] == ["small", "40d", "30d"]
    assert len(found["periods"]) == 3
    assert (shell.folder / "pictures" / "b.svg").read_text(encoding="utf-8").startswith("<svg")
    code, out, _ = shell("backtest", "--periods", "1", "-o", "b.html")
    assert code == 0
    assert "Ranking: AUC" in out
    assert "Written: b.html" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-o", "b.png"), "-o b.png: expected a name that ends in .svg, .html, .json"),
        (("--period", "a month"), "--period: 'a month' is no span of time"),
        (("--period", "5h"), "--period 5h: expected a day at least"),
    ],
)
def test_what_cannot_be_drawn_or_cut_is_refused_in_a_sentence(shell: Shell, words: tuple[str, ...], said: str) -> None:
    code, _, err = shell("backtest", *words)
    assert code == 2
    assert said in err


def test_rows_without_dates_have_parts_and_no_spans(featured: Path) -> None:
    workspace = load_workspace(featured / "leadlight.yaml").model_copy(update={"order": "file"})
    with pytest.raises(WorkspaceError, match="the rows have no dates"):
        backtested(workspace, 3, 86_400_000_000)
    with pytest.raises(WorkspaceError, match="expected a number from 1"):
        backtested(workspace, 0)
    found = backtested(workspace, 2)
    assert [(one["from"], one["to"]) for one in found["periods"]] == [(None, None)] * 2
    assert found["period"] is None


def test_a_backtest_is_computed_once_for_the_same_rows_settings_and_periods(
    featured: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = load_workspace(featured / "leadlight.yaml")
    first, fitted = backtested(workspace, 1), []

    def counted(*given: object, **named: object) -> dict[str, object]:
        fitted.append(given)
        return backtest(*given, **named)

    monkeypatch.setattr(judging, "backtest", counted)
    assert backtested(workspace, 1) == first
    assert fitted == []
    backtested(workspace, 2)
    assert len(fitted) == 1
    other = workspace.model_copy(update={"model": workspace.model.model_copy(update={"seed": 8})})
    backtested(other, 2)
    assert len(fitted) == 2


def test_amounts_of_won_deals_stand_beside_the_training_set(featured: Path) -> None:
    found = Amounts.load(Places(featured).training)
    deals = pd.read_csv(featured / "deals.csv")
    won = deals[deals.deal_status == "won"]
    assert sorted(found.amount.tolist()) == sorted(won.amount.astype(float).tolist())


def test_an_evaluation_tells_what_calls_bring_in_and_is_done_anew_when_that_changes(shell: Shell) -> None:
    shell.json("fit")
    first = shell.json("evaluate")
    assert first["capacity"]["table"]
    assert first["capacity"]["table"][0]["amount"]["value"] is not None
    assert shell.json("evaluate")["unchanged"]
    with (shell.folder / "leadlight.yaml").open("a", encoding="utf-8") as file:
        file.write("capacity: {per_week: 3}\n")
    again = shell.json("evaluate")
    assert not again["unchanged"]
    assert [one["per_week"] for one in again["capacity"]["table"]] == [1, 3, 6]
    assert {name: again[name] for name in ("test", "model_version")} == {
        name: first[name] for name in ("test", "model_version")
    }
    assert json.dumps(shell.json("evaluate")["capacity"]) == json.dumps(again["capacity"])


def test_other_amounts_are_another_capacity(shell: Shell) -> None:
    workspace, training = load_workspace(shell.folder / "leadlight.yaml"), Places(shell.folder).training
    before = capacity_key(workspace, training)
    assert capacity_key(workspace, training) == before
    (training / FILE).unlink()
    assert capacity_key(workspace, training) != before

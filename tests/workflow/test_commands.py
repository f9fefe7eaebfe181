"""The commands as a program calls them: section 9's JSON, exit codes, and outputs that are whole or not there."""

from __future__ import annotations

import json
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from pyarrow import csv

from pipeline.cli import main
from pipeline.learning.metrics import FIGURES

LEADS = 900


class Shell:
    """Runs commands in a folder, in this process."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.capsys, self.monkeypatch = folder, capsys, monkeypatch

    def __call__(self, *words: str) -> tuple[int, str, str]:
        self.monkeypatch.setattr(sys, "argv", ["leadlight", *words])
        self.monkeypatch.chdir(self.folder)
        self.capsys.readouterr()
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 1
        told = self.capsys.readouterr()
        return code, told.out, told.err

    def json(self, *words: str, code: int = 0) -> dict[str, Any]:
        ended, out, err = self(*words, "--json")
        assert ended == code, err
        plain: dict[str, Any] = json.loads(out)
        return plain


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small demo CRM and its champion."""
    folder = tmp_path_factory.mktemp("trained")
    capture = pytest.MonkeyPatch()
    capture.chdir(folder)
    for words in (["demo", "--leads", str(LEADS), "--json"], ["train", "--json"]):
        capture.setattr(sys, "argv", ["leadlight", *words])
        with suppress(SystemExit):
            main()
    capture.undo()
    assert (folder / "models" / "champion").exists()
    return folder


@pytest.fixture
def shell(trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A copy of the trained folder of one's own."""
    folder = tmp_path / "work"
    shutil.copytree(trained, folder)
    return Shell(folder, capsys, monkeypatch)


def is_figure(plain: object) -> bool:
    if not isinstance(plain, dict) or not {"value", "low", "high"} <= set(plain):
        return False
    return "why" in plain if plain["value"] is None else plain["low"] is None or plain["low"] <= plain["high"]


def test_check_accounts_for_every_row(shell: Shell) -> None:
    result = shell.json("check", "-o", "check.json")
    assert set(result["tables"]) == {"leads", "contacts", "accounts", "interactions", "deals", "changes", "spend"}
    for table in result["tables"].values():
        assert table["rows"] == table["used"] + sum(table["set_aside"].values())
    assert result["ok"] is True
    keys = {"code", "title", "severity", "table", "column", "evidence", "remedy", "suspect"}
    assert all(set(finding) == keys for finding in result["findings"])
    assert json.loads((shell.folder / "check.json").read_text()) == result


def test_train_answers_with_figures_and_their_intervals(shell: Shell) -> None:
    result = shell.json("train")
    assert set(result) >= {
        "model_version", "promoted", "reason", "observations", "excluded_columns", "test", "by_age", "baselines",
        "capacity",
        "seconds",
    }  # fmt: skip
    groups = [result["test"], *result["by_age"].values(), *result["baselines"].values()]
    assert all(is_figure(group[name]) for group in groups for name in FIGURES)
    assert {"from", "to", "n", "won", "base_rate"} <= set(result["test"])
    assert set(result["baselines"]) == {"base_rate", "logistic", "scorecard"}
    scorecard = result["baselines"]["scorecard"]
    assert scorecard["log_loss"]["value"] < result["baselines"]["base_rate"]["log_loss"]["value"]


def test_what_did_not_change_is_not_computed_again(shell: Shell) -> None:
    assert all(shell.json(stage)["unchanged"] for stage in ("features", "fit", "evaluate"))
    settings = shell.folder / "leadlight.yaml"
    settings.write_text(settings.read_text().replace("trees: auto", "trees: 20"))
    assert shell.json("features")["unchanged"]
    ended, _, said = shell("evaluate")
    assert ended == 2
    assert "run `leadlight fit`" in said
    assert not shell.json("fit")["unchanged"]
    assert not shell.json("evaluate")["unchanged"]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_scores_are_a_row_an_open_lead(shell: Shell, ending: str) -> None:
    result = shell.json("score", "-o", f"out/scores.{ending}")
    path = shell.folder / "out" / f"scores.{ending}"
    table = csv.read_csv(path) if ending == "csv" else pq.read_table(path)
    assert result["scored"] == table.num_rows > 0
    assert table.column_names[:3] == ["lead_id", "as_of", "probability"]
    assert {row for row in table.column("as_of").to_pylist() if isinstance(row, str)} <= {result["as_of"]}
    assert table.column("probability").null_count == 0
    assert [path.name for path in path.parent.iterdir()] == [path.name]


def test_an_explanation_adds_up(shell: Shell) -> None:
    shell("score", "-o", "scores.parquet")
    row = pq.read_table(shell.folder / "scores.parquet").slice(0, 1).to_pylist()[0]
    score = shell.json("explain", row["lead_id"])
    whole = score["base"] + sum(reason["contribution"] for reason in score["reasons"])
    assert abs(whole - score["log_odds"]) < 1e-9
    assert abs(score["base"] + score["fit"] + score["intent"] - score["log_odds"]) < 1e-9
    assert score["probability"] == row["probability"]
    assert [reason["contribution"] for reason in score["reasons"]] == [
        reason["contribution"] for reason in row["reasons"]
    ]


def test_what_changed_since_adds_up_from_one_score_to_the_other(shell: Shell) -> None:
    shell("score", "-o", "scores.parquet")
    table = pq.read_table(shell.folder / "scores.parquet", columns=["lead_id"]).column("lead_id").to_pylist()
    leads = pq.read_table(shell.folder / "data" / "demo" / "leads.parquet", columns=["lead_id", "created_at"])
    old = {
        row["lead_id"] for row in leads.to_pylist() if row["created_at"] and str(row["created_at"])[:10] < "2026-06-01"
    }
    lead = next(name for name in table if name in old)
    then, now = (
        shell.json("explain", lead, "--as-of", "2026-06-15"),
        shell.json("explain", lead, "--since", "2026-06-15"),
    )
    changed = now["changed"]
    assert changed["before"]["log_odds"] == then["log_odds"]
    assert changed["after"]["log_odds"] == now["log_odds"]
    parts = [part["contribution"] for step in ("time", "facts", "model") for part in changed[step]]
    assert abs(sum(parts) + changed["base"] - (now["log_odds"] - then["log_odds"])) < 1e-9
    ended, _, err = shell("explain", lead, "--since", "2026-06-15", "--model", "v0")
    assert ended == 2
    assert f"there are champion, {now['model_version']}" in err or "there are champion, candidate" in err


def test_a_language_is_asked_for_by_option_or_environment(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell("score", "-o", "scores.parquet")
    lead = pq.read_table(shell.folder / "scores.parquet").column("lead_id")[0].as_py()
    english, french = shell.json("explain", lead), shell.json("explain", lead, "--lang", "fr")
    assert english["log_odds"] == french["log_odds"]
    assert {one["text"] for one in english["reasons"]}.isdisjoint(one["text"] for one in french["reasons"])
    monkeypatch.setenv("LEADLIGHT_LANG", "fr")
    assert shell.json("explain", lead) == french
    assert shell.json("explain", lead, "--lang", "en") == english
    ended, out, err = shell("explain", lead, "--lang", "de")
    assert (ended, out) == (2, "")
    assert "--lang: 'de' is no language that Leadlight speaks; expected one of en, fr" in err


def test_nothing_personal_is_in_what_is_written(shell: Shell) -> None:
    shell("score", "-o", "scores.csv")
    leads = pq.read_table(shell.folder / "data" / "demo" / "leads.parquet").to_pandas()
    written = (shell.folder / "scores.csv").read_text()
    for column in ("full_name", "phone", "email"):
        assert not any(str(value) in written for value in leads[column].dropna().unique()[:200])


def test_a_second_model_is_held_promoted_by_hand_and_rolled_back(shell: Shell) -> None:
    first = (shell.folder / "models" / "champion").read_text().strip()
    settings = shell.folder / "leadlight.yaml"
    settings.write_text(settings.read_text().replace("seed: 7", "seed: 8"))
    result = shell.json("train")
    second = result["model_version"]
    assert second != first
    assert not result["promoted"]
    assert "too few outcomes" in result["reason"]
    assert shell.json("promote", second)["model_version"] == second
    assert shell.json("score")["model_version"] == second
    back = shell.json("rollback", "--reason", "the reps disagree")
    assert (back["model_version"], back["previous"]) == (first, second)
    assert (shell.folder / "models" / "champion").read_text().strip() == first


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["score", "-o", "scores.txt"], ".csv, .parquet, .json, .xlsx"),
        (["score", "--as-of", "2030-01-01"], "after data_until"),
        (["score", "--as-of", "soon"], "ISO 8601"),
        (["explain", "nobody"], "no such id"),
        (["explain", "nobody", "--model", "v0"], "it goes with --since"),
        (["report", "--audience", "probability > 0.5"], "known of open leads alone"),
        (["report", "--version", "v0"], "neither a registered version"),
        (["report", "-o", "report.pdf"], ".html"),
        (["promote", "v0"], "v0"),
        (["rollback"], "no earlier champion"),
        (["train", "-c", "elsewhere.yaml"], "no such file"),
    ],
)
def test_a_wrong_call_ends_in_a_sentence_and_exit_code_2(shell: Shell, words: list[str], said: str) -> None:
    before = sorted(path for path in shell.folder.rglob("*") if path.is_file())
    ended, out, err = shell(*words)
    assert ended == 2
    assert said in err
    assert "Traceback" not in err
    assert out == ""
    after = sorted(path for path in shell.folder.rglob("*") if path.is_file())
    assert [path for path in after if path.name != ".lock"] == [path for path in before if path.name != ".lock"]


def test_data_without_a_won_deal_is_found_wanting(shell: Shell) -> None:
    settings = shell.folder / "leadlight.yaml"
    settings.write_text(settings.read_text().replace("won: [closed_won]", "won: [victory]"))
    result = shell.json("check", code=1)
    assert not result["ok"]
    assert result["findings"][0]["code"] == "no-won-deal"
    champion = (shell.folder / "models" / "champion").read_text()
    ended, _, err = shell("train")
    assert ended == 1
    assert "sources.deals.won" in err
    assert (shell.folder / "models" / "champion").read_text() == champion


def test_strict_makes_warnings_an_exit_code(shell: Shell) -> None:
    changes = shell.folder / "data" / "demo" / "changes.parquet"
    pq.write_table(pq.read_table(changes).drop_columns("old"), changes)
    assert {"no-old-value"} <= {finding["code"] for finding in shell.json("check")["findings"]}
    assert shell("check")[0] == 0
    assert shell("check", "--strict")[0] == 1


def test_a_misspelt_column_of_old_values_is_an_error(shell: Shell) -> None:
    settings = shell.folder / "leadlight.yaml"
    changes = "{from: data/demo/changes.parquet"
    settings.write_text(settings.read_text().replace(changes, f"{changes}, old: former"))
    ended, _, err = shell("check")
    assert ended == 2
    assert "changes" in err
    assert "'former'" in err


def test_what_nobody_foresaw_ends_in_a_sentence_without_data(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("jane.doe@example.com")

    monkeypatch.setattr("pipeline.workflow.stages.check", broken)
    monkeypatch.delenv("LEADLIGHT_DEBUG", raising=False)
    ended, out, err = shell("check")
    assert ended == 1
    assert out == ""
    assert "KeyError" in err
    assert "LEADLIGHT_DEBUG" in err
    assert "jane" not in err
    assert "Traceback" not in err


def test_a_displayed_column_is_never_a_feature(shell: Shell) -> None:
    settings = shell.folder / "leadlight.yaml"
    settings.write_text(settings.read_text().replace("attributes: [country,", "attributes: [country, email,"))
    ended, _, err = shell("check")
    assert ended == 2
    assert "sources.leads.display" in err
    assert "email" in err


def test_an_export_without_an_observation_is_found_wanting(shell: Shell) -> None:
    settings = shell.folder / "leadlight.yaml"
    settings.write_text(settings.read_text().replace("until: 180d", "until: 0d"))
    ended, _, err = shell("features")
    assert ended == 1
    assert "no observation" in err


def test_train_names_the_excluded_columns_and_counts_the_rows(shell: Shell) -> None:
    result = shell.json("train")
    assert result["excluded_columns"] == ["budget_confirmed", "rep_grade"]
    assert {"kind": "contract_sent"}.items() <= result["excluded"][0].items()
    assert result["observations"] == result["rows"]["all"] > result["rows"]["test"] == result["test"]["n"]

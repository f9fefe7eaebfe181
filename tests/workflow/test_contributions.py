from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from pipeline.cli import main
from pipeline.definitions.workspace import load_workspace
from pipeline.features import parts
from pipeline.learning.bundle import load_champion
from pipeline.learning.model import BASE_RATE, Model
from pipeline.tables.pieces import NotInPieces
from pipeline.workflow import acting, contributions, scoring
from pipeline.workflow.places import Places
from tests.workflow.small_crm import change

PREFIX = "contribution."
FIELDS = (
    "as_of",
    "probability",
    "log_odds",
    "score",
    "percentile",
    "grade",
    "stage",
    "action",
    "rule",
    "fit",
    "intent",
    "base",
)


def leadlight(monkeypatch: pytest.MonkeyPatch, folder: Path, *words: str) -> int:
    monkeypatch.chdir(folder)
    monkeypatch.setattr("sys.argv", ["leadlight", *words])
    try:
        main()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def both(folder: Path, as_of: str | None = None, ending: str = "parquet") -> tuple[list[dict[str, Any]], list[Any]]:
    """The rows of the file, and the scores that `score` gives, both by the leads' ids."""
    workspace = load_workspace(folder / "leadlight.yaml")
    output = folder / f"scores.{ending}"
    summary, _, _ = scoring.score_contributions(workspace, as_of, output)
    told, scores, _ = scoring.score_leads(workspace, as_of)
    assert summary | {"output": None} == told
    table = pq.read_table(output) if ending == "parquet" else pyarrow.csv.read_csv(output)
    assert not [path for path in folder.iterdir() if path.name.startswith(".") and "partial" in path.name]
    return table.to_pylist(), sorted(scores, key=lambda score: score.lead_id)


def assert_same(rows: list[dict[str, Any]], scores: list[Any]) -> None:
    """Every number and word of the file is that of the score, to the bit."""
    assert [row["lead_id"] for row in rows] == [score.lead_id for score in scores]
    for row, score in zip(rows, scores, strict=True):
        plain = score.to_json()
        assert {name: row[name] for name in FIELDS} == {name: plain[name] for name in FIELDS}
        assert (row["model_version"], list(row["warnings"])) == (score.model_version, list(score.warnings))
        parts = {name.removeprefix(PREFIX): row[name] for name in row if name.startswith(PREFIX)}
        assert parts == {reason.criterion: reason.contribution for reason in score.reasons}
        assert abs(score.base + sum(parts.values()) - score.log_odds) < 1e-9


@pytest.fixture(params=[40, 10**6], ids=["many parts", "one part"])
def width(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "FACTS_A_PART", request.param)


@pytest.mark.usefixtures("width")
def test_the_file_has_the_bits_of_the_scores(crm: Path) -> None:
    # Leads with contacts and changes; an earlier moment at which some of them are not there yet, and others not closed.
    for as_of in (None, "2026-03-01T00:00:00Z"):
        rows, scores = both(crm, as_of)
        assert len(rows) > 0
        assert_same(rows, scores)


def every(table: pd.DataFrame, column: str, step: int, word: str) -> pd.DataFrame:
    """The table with a word in every so many rows."""
    return table.assign(**{column: np.where(np.arange(len(table)) % step == 0, word, table[column].astype(str))})


@pytest.mark.usefixtures("width")
def test_what_the_model_never_saw_is_warned_of_lead_by_lead(crm: Path) -> None:
    change(crm, "leads", lambda table: every(table, "country", 3, "Atlantis"))
    change(crm, "interactions", lambda table: every(table, "type", 5, "séance"))
    rows, scores = both(crm)
    assert len({tuple(row["warnings"]) for row in rows}) > 1
    assert_same(rows, scores)


def test_csv_has_the_same_numbers(crm: Path) -> None:
    rows, scores = both(crm, ending="csv")
    assert [row["log_odds"] for row in rows] == [score.log_odds for score in scores]
    calls = [next(r.contribution for r in score.reasons if r.criterion == "calls") for score in scores]
    assert [row[f"{PREFIX}calls"] for row in rows] == calls
    assert [row["warnings"] or "" for row in rows] == [" ".join(score.warnings) for score in scores]


def test_without_trees_all_contributions_are_nothing(crm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = load_champion(Places(crm).models)
    object.__setattr__(bundle, "model", Model(None, base_margin=-1.0, kind=BASE_RATE))
    monkeypatch.setattr(acting, "load_champion", lambda _: bundle)
    rows, scores = both(crm)
    assert {row[f"{PREFIX}calls"] for row in rows} == {0.0}
    assert_same(rows, scores)


def test_what_cannot_be_read_in_pieces_is_read_at_once(crm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted, _ = both(crm)

    def refused(*_: object, **__: object) -> None:
        raise NotInPieces

    monkeypatch.setattr(contributions, "_in_parts", refused)
    rows, scores = both(crm)
    assert rows == wanted
    assert_same(rows, scores)


def test_an_empty_column_of_interactions_is_told_with_its_rows(crm: Path) -> None:
    change(crm, "interactions", lambda table: table.assign(duration=None))
    summary, _, _ = scoring.score_contributions(load_workspace(crm / "leadlight.yaml"), None, crm / "scores.parquet")
    told, _, _ = scoring.score_leads(load_workspace(crm / "leadlight.yaml"))
    assert summary["warnings"] == told["warnings"]
    assert "interactions" in summary["warnings"][0]


@pytest.mark.parametrize("words", [["-o", "scores.json"], ["-o", "scores.xlsx"], []])
def test_another_ending_is_refused_in_a_sentence(
    crm: Path, words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert leadlight(monkeypatch, crm, "score", *words, "--contributions") == 2
    assert ".csv or .parquet" in capsys.readouterr().err


def test_a_cluster_is_refused_in_a_sentence(
    crm: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert leadlight(monkeypatch, crm, "score", "-o", "s.csv", "--contributions", "--engine", "dask") == 2
    assert "--engine" in capsys.readouterr().err


def test_the_best_are_shown_and_json_is_one_object(
    crm: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(parts, "FACTS_A_PART", 40)
    leadlight(monkeypatch, crm, "score", "--top", "5")
    best = capsys.readouterr().out.split("best of")[1].split("open leads scored")[0]
    leadlight(monkeypatch, crm, "score", "--top", "5", "-o", "scores.parquet", "--contributions")
    assert capsys.readouterr().out.split("best of")[1].split("open leads scored")[0] == best
    assert leadlight(monkeypatch, crm, "score", "-o", "scores.parquet", "--contributions", "--json") == 0
    assert set(json.loads(capsys.readouterr().out)) == {"scored", "as_of", "model_version", "output"}


def test_a_part_of_leads_without_a_fact_has_scores_too(crm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "FACTS_A_PART", 40)
    change(crm, "interactions", lambda table: table[table["lead_id"] < "L0200"])
    rows, scores = both(crm)
    assert_same(rows, scores)

"""`leadlight relaunch` and `leadlight persona`, and a persona on its way from the workspace to a score."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml
from pyarrow import csv

from pipeline.definitions.workspace import WorkspaceError, load_workspace
from pipeline.learning.bundle import load_champion
from pipeline.workflow import stages
from pipeline.workflow.relaunch_file import SCHEMA
from tests.workflow.drifting import retrain, scored
from tests.workflow.small_crm import write
from tests.workflow.test_commands import Shell, is_figure

PERSONA = "persona: {country: [FR], employees: '>= 50', sector: [retail]}\nmonotone: {persona: up}\n"


@pytest.fixture(scope="session")
def acting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small CRM whose workspace names its ideal customer, and its champion."""
    folder = tmp_path_factory.mktemp("acting") / "crm"
    write(folder, "parquet")
    with (folder / "leadlight.yaml").open("a", encoding="utf-8") as file:
        file.write(PERSONA)
    retrain(folder)
    return folder


@pytest.fixture
def shell(acting: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    shutil.copytree(acting, tmp_path / "work")
    return Shell(tmp_path / "work", capsys, monkeypatch)


def said(folder: Path, line: str) -> str:
    """What a workspace with this instead of its persona is refused with, when it is loaded or its features are made."""
    path = folder / "leadlight.yaml"
    path.write_text(path.read_text().replace(PERSONA, line + "\n"))
    with pytest.raises(WorkspaceError) as refused:
        stages.features(load_workspace(path))
    return str(refused.value)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_the_list_is_a_row_a_lead_with_its_content(shell: Shell, ending: str) -> None:
    result = shell.json("relaunch", "-o", f"out/list.{ending}")
    path = shell.folder / "out" / f"list.{ending}"
    table = csv.read_csv(path) if ending == "csv" else pq.read_table(path)
    assert table.column_names == SCHEMA.names
    assert result["listed"] == table.num_rows == sum(result["by_action"].values()) > 0
    ids = table.column("lead_id").to_pylist()
    assert len(set(ids)) == len(ids)
    assert set(table.column("action").to_pylist()) <= {"relaunch", "nurture"}
    assert all(table.column("rule").to_pylist())
    assert result["contents"]
    for content in result["contents"]:
        assert all(is_figure(content[name]) for name in ("share", "without", "difference"))


def test_people_see_the_list_and_what_followed_which_content(shell: Shell) -> None:
    code, out, _ = shell("relaunch", "--top", "3")
    assert code == 0
    assert "association" in out and "Nothing was written" in out and "moved up a stage" in out


def test_the_list_of_an_audience_has_its_leads_alone(shell: Shell) -> None:
    whole, large = shell.json("relaunch"), shell.json("relaunch", "--audience", "employees >= 200")
    assert 0 < large["listed"] < whole["listed"]
    assert large["audience"] == "employees >= 200"
    assert large["contents"] == [row for row in whole["contents"] if row["stage"] in large["by_stage"]]


def test_sentences_are_in_the_language_asked_for(shell: Shell) -> None:
    shell.json("relaunch", "-o", "list.parquet", "--lang", "fr")
    table = pq.read_table(shell.folder / "list.parquet")
    sentences = [text for text in table.column("sentence").to_pylist() if text]
    assert sentences and all(text.startswith("Sur ") for text in sentences)
    assert not any("favour" in text for text in table.column("reasons").to_pylist())


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("-o", "list.xlsx"), "-o list.xlsx: expected a name that ends in .csv or .parquet"),
        (("--as-of", "2027-01-01"), "is after data_until"),
        (("--lang", "de"), "--lang: 'de' is no language"),
    ],
)
def test_a_wrong_call_is_answered_in_a_sentence(shell: Shell, words: tuple[str, str], expected: str) -> None:
    code, out, err = shell("relaunch", *words)
    assert (code, out) == (2, "")
    assert expected in err


def test_without_dates_there_is_no_list(shell: Shell) -> None:
    workspace = load_workspace(shell.folder / "leadlight.yaml").model_copy(update={"order": "created_at"})
    from pipeline.workflow.relaunched import relaunch

    with pytest.raises(WorkspaceError, match="it takes dated facts"):
        relaunch(workspace)


def test_a_persona_is_proposed_with_the_lift_of_each_trait(shell: Shell) -> None:
    result = shell.json("persona")
    assert result["looked_at"] == len(result["traits"]) > 5
    for trait in result["traits"]:
        assert all(is_figure(trait[name]) for name in ("lift", "corrected", "share_of_won", "share_of_all"))
        assert not trait["proposed"] or trait["corrected"]["low"] > 1
    # Leads from France are won three times as often as the others.
    assert result["persona"]["country"] == ["FR"]
    assert yaml.safe_load(result["yaml"]) == {"persona": result["persona"]}


def test_what_is_proposed_can_be_pasted(shell: Shell) -> None:
    text = shell.json("persona")["yaml"]
    path = shell.folder / "leadlight.yaml"
    path.write_text(path.read_text().replace(PERSONA, text))
    assert {trait.name for trait in load_workspace(path).persona} == set(yaml.safe_load(text)["persona"])


def test_with_hardly_any_won_lead_nothing_is_proposed(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.workflow.persona.FEWEST_WON", 10_000)
    code, out, _ = shell("persona")
    assert code == 0
    assert "Too few won leads" in out and "persona:" not in out


def test_the_match_is_in_the_bundle_and_in_every_score(acting: Path) -> None:
    definition = load_champion(acting / "models").definition
    [persona] = [criterion for criterion in definition.criteria if criterion.persona]
    assert [trait.text for trait in persona.persona] == ["country: FR", "employees: >= 50", "sector: retail"]
    assert {entry["column"] for entry in load_champion(acting / "models").card["schema"]} >= set(persona.attributes)
    for one in scored(acting):
        [reason] = [reason for reason in one.reasons if reason.criterion == "persona"]
        assert "of 3 traits of the ideal customer" in reason.text


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("persona: {sectr: [retail]}", "did you mean sector?"),
        ("persona: {calls: [1]}", "this criterion reads no attribute"),
        ("persona: {plan: '>= 3'}", "its values are words, which are not compared"),
        ("persona: {employees: '>= many'}", "compares with no number"),
        ("persona: {sector: [Retail]}", "persona, sector: Retail: no lead has it"),
        ("persona: [retail]", "expected attributes and their values"),
        ("exclude: [sector]\npersona: {sector: [retail]}", "it is excluded"),
    ],
)
def test_a_persona_that_means_nothing_is_refused_in_a_sentence(shell: Shell, line: str, expected: str) -> None:
    if line.startswith("exclude"):
        path = shell.folder / "leadlight.yaml"
        path.write_text(path.read_text().replace("  - {name: sector, attribute: sector}\n", ""))
    assert expected in said(shell.folder, line)


def test_a_suspect_takes_its_trait_along(shell: Shell) -> None:
    from pipeline.workflow.suspected import leaving_out

    suspects: list[dict[str, Any]] = [{"column": "sector", "why": "it knows the outcome"}]
    left = leaving_out(load_workspace(shell.folder / "leadlight.yaml"), suspects)
    assert [trait.name for trait in left.workspace.persona] == ["country", "employees"]
    assert "The persona is left without sector." in left.said


def test_with_criteria_by_themselves_traits_are_attributes(shell: Shell) -> None:
    path = shell.folder / "leadlight.yaml"
    text = path.read_text()
    path.write_text(text[: text.index("criteria:")] + "criteria: auto\n" + PERSONA)
    stages.features(load_workspace(path))
    from pipeline.features.training_set import TrainingSet

    rows = TrainingSet.load(shell.folder / "data" / "work" / "training")
    column = rows.X[:, rows.definition.columns.index("persona")]
    assert set((3 * column).round(9).tolist()) == {0.0, 1.0, 2.0, 3.0}

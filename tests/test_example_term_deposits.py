"""The example of term deposits: rows without dates, of which the newest 30 % in the file's order are the test."""

from __future__ import annotations

import gzip
import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from benchmarks.proofs.data.term_deposits import ECONOMY, FILE, ROWS, TESTED
from benchmarks.proofs.path.loans import real_data
from pipeline.definitions.workspace import Workspace, load_workspace
from pipeline.features.observations import is_open
from pipeline.features.training_set import TrainingSet
from pipeline.learning.bundle import Bundle
from pipeline.reasons.scores import score
from pipeline.tables.sources import read_history
from pipeline.workflow import stages

EXAMPLE = Path(__file__).parents[1] / "examples" / "term_deposits"
NAME = "bank-additional-full.csv.gz"
NEVER = "999"

COLUMNS = (
    *("age", "job", "marital", "education", "default", "housing", "loan", "contact", "month", "day_of_week"),
    *("duration", "campaign", "pdays", "previous", "poutcome", *ECONOMY, "y"),
)
CLIENT = (
    *("41", "services", "married", "basic.9y", "unknown", "no", "no", "cellular", "may", "mon"),
    *("120", "1", NEVER, "0", "nonexistent", "1.1", "93.994", "-36.4", "4.857", "5191", "no"),
)


@pytest.fixture(scope="module")
def example() -> ModuleType:
    """The preparation script as a module; those of other examples have its name."""
    spec = importlib.util.spec_from_file_location("prepare_term_deposits", EXAMPLE / "prepare.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def clients(count: int) -> list[dict[str, str]]:
    """A quarter are students, of whom every other one says yes; a tenth were contacted in an earlier campaign."""
    told = [dict(zip(COLUMNS, CLIENT, strict=True)) | {"age": str(20 + row % 50)} for row in range(count)]
    for row in range(0, count, 4):
        told[row] |= {"job": "student", "y": "yes" if row % 8 else "no"}
    for row in range(3, count, 10):
        told[row] |= {"pdays": "3", "previous": "1", "poutcome": "success"}
    return told


def workspace_of(folder: Path, rows: list[dict[str, str]]) -> Workspace:
    """The example's workspace over a file of these rows, written as the published one is."""
    lines = [";".join(f'"{name}"' for name in COLUMNS)]
    lines += [
        ";".join(v if v[-1:].isdigit() else f'"{v}"' if v else "" for v in (row[name] for name in COLUMNS))
        for row in rows
    ]
    (folder / "data").mkdir()
    (folder / "data" / NAME).write_bytes(gzip.compress("\r\n".join([*lines, ""]).encode()))
    (folder / "leadlight.yaml").write_bytes((EXAMPLE / "leadlight.yaml").read_bytes())
    return load_workspace(folder / "leadlight.yaml")


def trained_on(workspace: Workspace) -> TrainingSet:
    return TrainingSet.load(stages.features(workspace)["output"])


def numbers(rows: TrainingSet, chosen: np.ndarray) -> list[int]:
    """The rows of the file, from 1, that are chosen."""
    return [int(rows.lead_id.words[code]) for code in rows.lead_id.codes[chosen]]


def test_the_newest_rows_of_the_file_are_the_test(tmp_path: Path) -> None:
    rows = trained_on(workspace_of(tmp_path, clients(200)))
    assert numbers(rows, rows.training) == [*range(1, 141)]
    assert numbers(rows, rows.test) == [*range(141, 201)]


def test_a_label_is_the_outcome_of_its_row(tmp_path: Path) -> None:
    told = clients(200)
    rows = trained_on(workspace_of(tmp_path, told))
    assert rows.mature.all()
    assert rows.label.tolist() == [int(row["y"] == "yes") for row in told]


def test_no_measure_tells_the_time(tmp_path: Path) -> None:
    definition = trained_on(workspace_of(tmp_path, clients(200))).definition
    assert [criterion.name for criterion in definition.criteria if criterion.built_in or criterion.measures] == []


def test_what_is_excluded_is_in_no_criterion_and_has_its_reason(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, clients(200))
    assert set(workspace.excluded_columns) == {"duration", "campaign", *ECONOMY}
    assert all(item.why for item in workspace.exclude)
    attributes = {criterion.attribute for criterion in trained_on(workspace).definition.criteria}
    assert attributes == {*COLUMNS} - {*workspace.excluded_columns, "y"}


def test_a_client_who_was_not_contacted_before_has_no_days_since(tmp_path: Path) -> None:
    rows = trained_on(workspace_of(tmp_path, clients(200)))
    column = {name: rows.X[:, place] for place, name in enumerate(rows.definition.columns)}
    earlier = np.arange(200) % 10 == 3
    assert (column["pdays"][earlier] == 3).all() and np.isnan(column["pdays"][~earlier]).all()
    assert rows.definition.vocabularies["default"] == ("unknown",), "an answer that is not known is a value of its own"
    assert not np.isnan(column["default"]).any()


def test_a_lead_without_an_outcome_is_scored_and_not_learnt_from(tmp_path: Path) -> None:
    told = clients(400)
    for row in (100, 399):
        told[row] |= {"job": "student", "y": ""}
    workspace = workspace_of(tmp_path, told)
    rows = trained_on(workspace)
    assert numbers(rows, ~rows.mature) == [101, 400]
    assert numbers(rows, rows.training | rows.test) == [n for n in range(1, 401) if n not in (101, 400)]
    stages.fit(workspace)
    served = Bundle.load(tmp_path / "models" / "candidate" / "served")
    assert served.card["trained_on"]["observations"] == 398

    history, _ = read_history(workspace)
    everyone = np.arange(len(history.leads))
    unknown = np.flatnonzero(is_open(history, everyone, np.full(len(everyone), workspace.data_until)))
    assert [history.leads.id.words[code] for code in history.leads.id.codes[unknown]] == ["101", "400"]
    found = score(served, history, workspace.data_until, unknown)
    assert all(each.probability is not None and each.probability > served.card["base_rate"] for each in found)


def test_the_published_file_is_taken_as_it_is_or_is_compressed(
    example: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = b'"age";"y"\r\n41;"no"\r\n'
    (tmp_path / "bank-additional-full.csv").write_bytes(plain)
    assert example.main([str(tmp_path / "bank-additional-full.csv"), "-o", str(tmp_path / "one")]) == 0
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_bytes(gzip.compress(plain))
    monkeypatch.setenv("LEADLIGHT_DATA", str(tmp_path))
    assert example.main(["-o", str(tmp_path / "two")]) == 0
    assert [gzip.decompress((tmp_path / folder / NAME).read_bytes()) for folder in ("one", "two")] == [plain, plain]


def test_a_missing_file_is_answered_in_a_sentence(
    example: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert example.main([str(tmp_path / NAME), "-o", str(tmp_path / "data")]) == 2
    assert "LEADLIGHT_DATA" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


def test_the_real_file_has_the_known_rows_and_base_rates(example: ModuleType, tmp_path: Path) -> None:
    file = real_data() / FILE
    if not file.is_file():
        pytest.skip(f"the published file is not here; set LEADLIGHT_DATA to the folder that holds {FILE}")
    assert example.main([str(file), "-o", str(tmp_path / "data")]) == 0
    (tmp_path / "leadlight.yaml").write_bytes((EXAMPLE / "leadlight.yaml").read_bytes())
    rows = trained_on(load_workspace(tmp_path / "leadlight.yaml"))
    assert (len(rows.label), int(rows.test.sum()), int(rows.training.sum())) == (ROWS, TESTED, ROWS - TESTED)
    assert numbers(rows, rows.test) == [*range(ROWS - TESTED + 1, ROWS + 1)]
    assert [round(float(rows.label[part].mean()), 4) for part in (rows.training, rows.test)] == [0.0557, 0.2455]

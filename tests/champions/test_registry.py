"""MLflow is told once, says what the pointer says, and its model gives the bundle's own bits."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest

from pipeline.champions import registry
from pipeline.champions.promotion import promote, rollback, settle
from pipeline.champions.registry import ALIAS, NAME, mend_alias, register, store_uri
from pipeline.champions.verdict import Verdict
from pipeline.features.matrix import Definition
from pipeline.learning.bundle import bundle_path, read_champion
from tests.learning.small import FIRST, NOW, SECOND, definition, installed, measures, model

WORDS = np.array(["food", "métal", "retail", "unseen in training", None], dtype=object)


def client(models: Path) -> Any:
    return mlflow.MlflowClient(store_uri(models), store_uri(models))


def tell(models: Path, version: str = FIRST) -> str:
    figures = {"auc": {"value": 0.7, "low": 0.6, "high": 0.8}, "lift_10": {"value": None, "low": None, "high": None}}
    return register(models, bundle_path(models, version), {"trees": 8}, figures, "d4t4")


def champion_of(models: Path) -> str | None:
    """The version under MLflow's alias."""
    try:
        return str(client(models).get_model_version_by_alias(NAME, ALIAS).tags["version"])
    except mlflow.MlflowException:
        return None


def aliased(models: Path) -> dict[str, str]:
    """Alias -> the version under it."""
    aliases = client(models).get_registered_model(NAME).aliases
    return {name: client(models).get_model_version(NAME, number).tags["version"] for name, number in aliases.items()}


def table(rows: int = 300) -> tuple[pd.DataFrame, np.ndarray[Any, np.dtype[np.float64]]]:
    """Measures as people send them, and as the matrix holds them."""
    X = measures(rows, seed=4)
    frame = pd.DataFrame(X, columns=list(definition().columns))
    frame["sector"] = WORDS[np.where(np.isnan(X[:, 2]), 4, X[:, 2]).astype(int)]
    return frame, X


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> Any:
    """The model as MLflow loads it."""
    models = tmp_path_factory.mktemp("served")
    installed(models, FIRST)
    shutil.copy(empty_database, models)
    run = tell(models)
    with warnings.catch_warnings(action="ignore"):
        return mlflow.pyfunc.load_model(str(models / "mlartifacts" / run / "artifacts" / "model"))


def test_mlflows_model_gives_the_bundles_bits(served: Any) -> None:
    frame, X = table()
    answer = served.predict(frame)
    assert list(answer.columns) == ["probability", "log_odds"]
    assert np.array_equal(answer["probability"], model().probability(X))
    assert np.array_equal(answer["log_odds"], model().log_odds(X))


def test_columns_are_taken_by_name(served: Any) -> None:
    frame, X = table()
    mixed = frame[frame.columns[::-1]].assign(owner="Ada")
    assert np.array_equal(served.predict(mixed)["probability"], model().probability(X))
    python = served.unwrap_python_model()
    assert np.array_equal(python.predict(None, mixed)["probability"], model().probability(X))


def test_a_row_alone_gets_the_same_bits(served: Any) -> None:
    frame, X = table(20)
    alone = [served.predict(frame.iloc[[row]])["probability"].item() for row in range(20)]
    assert alone == model().probability(X).tolist()


def test_the_index_is_kept_and_no_row_gives_no_row(served: Any) -> None:
    frame, _ = table(3)
    python = served.unwrap_python_model()
    assert python.predict(None, frame.set_axis(["a", "b", "c"]))["log_odds"].index.tolist() == ["a", "b", "c"]
    assert len(python.predict(None, frame.iloc[:0])) == 0


def test_columns_of_whole_numbers_and_of_nothing_are_taken(served: Any) -> None:
    frame, X = table()
    frame, X[:, 1] = frame.assign(created_hour=frame["created_hour"].astype(int)), np.nan
    python = served.unwrap_python_model()
    answer = python.predict(None, frame.assign(**{"demo_requests.days_since_last": None}))
    assert np.array_equal(answer["probability"], model().probability(X))


def test_a_missing_column_is_an_error_that_names_it(served: Any) -> None:
    frame, _ = table()
    with pytest.raises(Exception, match="sector"):
        served.predict(frame.drop(columns="sector"))
    with pytest.raises(ValueError, match=r"the measure 'sector' is missing \(1 of 6 are\)"):
        served.unwrap_python_model().predict(None, frame.drop(columns="sector"))


def test_words_among_numbers_are_an_error_that_names_the_column(served: Any) -> None:
    frame, _ = table()
    with pytest.raises(ValueError, match="the measure 'age' holds something other than numbers"):
        served.unwrap_python_model().predict(None, frame.assign(age="old"))


def test_its_folder_holds_no_pickle(told_nothing: Path) -> None:
    run = tell(told_nothing)
    folder = told_nothing / "mlartifacts" / run / "artifacts" / "model"
    endings = {path.suffix for path in folder.rglob("*") if path.is_file()}
    assert endings <= {".json", ".txt", ".yaml", ".py", ""}
    assert "python_model" not in (folder / "MLmodel").read_text()
    assert {line.split("==")[0] for line in (folder / "requirements.txt").read_text().split()} >= {"leadlight", "numpy"}


def test_the_signature_names_words_and_numbers(served: Any) -> None:
    kinds = {column.name: column.type.name for column in served.metadata.signature.inputs}
    assert kinds.pop("sector") == "string"
    assert set(kinds.values()) == {"double"}
    assert tuple(served.metadata.signature.inputs.input_names()) == definition().columns


def test_a_run_keeps_parameters_figures_hash_and_workspace(told_nothing: Path, tmp_path: Path) -> None:
    workspace = tmp_path / "leadlight.yaml"
    workspace.write_text("name: acme\n")
    figures = {"auc": {"value": 0.7, "low": 0.6, "high": 0.8}, "lift_10": {"value": None, "why": "no lead"}, "n": 400}
    folder = bundle_path(told_nothing, FIRST)
    run_id = register(told_nothing, folder, {"trees": 8}, figures, "d4t4", workspace, {"by": "test"})
    run = client(told_nothing).get_run(run_id)
    assert run.data.params == {"trees": "8", "data_hash": "d4t4", "fingerprint": definition().fingerprint}
    assert run.data.metrics == {"auc": 0.7, "auc_low": 0.6, "auc_high": 0.8, "n": 400.0}
    assert (run.data.tags["version"], run.data.tags["by"], run.info.status) == (FIRST, "test", "FINISHED")
    assert (told_nothing / "mlartifacts" / run_id / "artifacts" / "leadlight.yaml").read_text() == "name: acme\n"


def test_a_version_is_told_once(told_nothing: Path) -> None:
    assert tell(told_nothing) == tell(told_nothing)
    assert len(client(told_nothing).search_model_versions(f"name = '{NAME}'")) == 1


def test_the_alias_follows_the_pointer(told_nothing: Path) -> None:
    tell(told_nothing)
    tell(told_nothing, SECOND)
    assert champion_of(told_nothing) == FIRST
    promote(told_nothing, SECOND, "Better.", NOW + 1)
    assert mend_alias(told_nothing) == "2"
    assert champion_of(told_nothing) == SECOND
    rollback(told_nothing, "Back.", NOW + 2)
    mend_alias(told_nothing)
    assert champion_of(told_nothing) == FIRST


def test_what_was_held_last_is_the_challenger(told_nothing: Path) -> None:
    tell(told_nothing)
    tell(told_nothing, SECOND)
    assert aliased(told_nothing) == {"champion": FIRST}
    settle(told_nothing, SECOND, Verdict(False, "Held: too few."), NOW + 1)
    mend_alias(told_nothing)
    assert aliased(told_nothing) == {"champion": FIRST, "challenger": SECOND}
    promote(told_nothing, SECOND, "By hand.", NOW + 2)
    mend_alias(told_nothing)
    assert aliased(told_nothing) == {"champion": SECOND}, "what serves challenges nobody"


def test_a_verdict_is_told_once_with_its_figures(told_nothing: Path) -> None:
    run_id = tell(told_nothing)
    difference = {"value": -0.01, "low": -0.02, "high": -0.001}
    settle(told_nothing, SECOND, Verdict(False, "Held."), NOW + 1)
    settle(told_nothing, FIRST, Verdict(True, "Again."), NOW + 2)
    verdict = Verdict(False, "Held: not better.", {"won_leads": 40, "difference": difference, "gates": ["a"]})
    settle(told_nothing, FIRST, verdict, NOW + 3)
    for _ in range(2):
        mend_alias(told_nothing)
    run = client(told_nothing).get_run(run_id)
    assert (run.data.tags["verdict"], run.data.tags["reason"]) == ("held", "Held: not better.")
    assert run.data.metrics["verdict/difference_high"] == -0.001
    assert run.data.metrics["verdict/won_leads"] == 40
    assert len(client(told_nothing).get_metric_history(run_id, "verdict/won_leads")) == 1
    written = json.loads((told_nothing / "mlartifacts" / run_id / "artifacts" / "verdict.json").read_text())
    assert (written["figures"], written["previous"]) == (verdict.figures, FIRST)


def test_a_run_keeps_documents_and_figures_of_parts(told_nothing: Path) -> None:
    figure = {"value": 0.7, "low": 0.6, "high": 0.8}
    figures = {"segments": {"source": {"R&D (new)": {"auc": figure, "why": None, "few": True}}}}
    folder = bundle_path(told_nothing, FIRST)
    run_id = register(told_nothing, folder, {}, figures, "d4t4", documents={"gain.svg": "<svg/>"})
    place = "segments/source/R_D _new_/auc"
    metrics = client(told_nothing).get_run(run_id).data.metrics
    assert metrics == {place: 0.7, f"{place}_low": 0.6, f"{place}_high": 0.8}
    assert (told_nothing / "mlartifacts" / run_id / "artifacts" / "gain.svg").read_text() == "<svg/>"


def test_there_is_no_alias_where_the_champion_is_unknown(told_nothing: Path) -> None:
    tell(told_nothing)
    promote(told_nothing, SECOND, "Better.", NOW + 1)
    assert mend_alias(told_nothing) is None
    assert champion_of(told_nothing) is None


def test_mending_where_mlflow_was_never_told_makes_no_store(tmp_path: Path) -> None:
    assert mend_alias(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "moment", ["create_run", "log_param", "log_batch", "log_artifacts", "set_terminated", "create_model_version"]
)
def test_a_registration_cut_short_is_done_anew(
    told_nothing: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    def cut(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(mlflow.MlflowClient, moment, cut)
        with pytest.raises(KeyboardInterrupt):
            tell(told_nothing)
    assert read_champion(told_nothing) == FIRST
    run_id = tell(told_nothing)
    assert champion_of(told_nothing) == FIRST
    experiment = client(told_nothing).get_experiment_by_name(NAME).experiment_id
    assert [run.info.run_id for run in client(told_nothing).search_runs([experiment])] == [run_id]


def test_a_store_whose_making_was_cut_short_is_made_anew(tmp_path: Path, empty_database: Path) -> None:
    (tmp_path / ".mlflow.db.partial").write_text("half a database")
    (tmp_path / ".mlflow.db.partial-journal").write_text("and its journal")

    def make(uri: str) -> None:
        assert not list(tmp_path.iterdir())
        Path(uri.removeprefix("sqlite:///")).write_bytes(empty_database.read_bytes())

    registry._create(SimpleNamespace(MlflowClient=make), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mlflow.db"]


def test_neither_mlflows_settings_nor_the_folder_one_is_in_are_touched(
    told_nothing: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    here = told_nothing.parent / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    before = mlflow.get_tracking_uri()
    tell(told_nothing)
    assert mlflow.get_tracking_uri() == before
    assert mlflow.active_run() is None
    assert list(here.iterdir()) == []
    assert capfd.readouterr() == ("", "")


def test_the_registry_alone_does_not_import_mlflow() -> None:
    code = "import sys, pipeline.champions.registry; sys.exit('mlflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def test_every_criterion_of_a_definition_has_a_place_in_the_signature() -> None:
    wide: Definition = definition(("count 7d", "share 30d", "trend 7d 28d"))
    with warnings.catch_warnings(action="ignore"):
        assert tuple(registry._signature(wide).inputs.input_names()) == wide.columns

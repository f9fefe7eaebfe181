"""Two versions side by side: what differs is named, what neither has learnt from decides, the rest is said."""

from __future__ import annotations

import json
import shutil
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from pipeline.champions.promotion import read_promotions
from pipeline.champions.registry import NAME, _client
from pipeline.definitions.workspace import WorkspaceError, load_workspace
from pipeline.features.training_set import TrainingSet
from pipeline.learning.bundle import Bundle, bundle_path, read_champion
from pipeline.learning.metrics import FIGURES, paired_log_loss
from pipeline.views.compared import compared, segments_table
from pipeline.workflow.compare import compare
from pipeline.workflow.stages import evaluate, features, fit
from tests.workflow import small_crm
from tests.workflow.drifting import retrain

LATER = "2026-06-30T00:00:00Z"
SEGMENTS = "segments: [country, {column: employees, bands: [100]}, age]\n"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company that trained in March, and again in June with another depth and one criterion more and one less."""
    folder = tmp_path_factory.mktemp("company")
    small_crm.write(folder, "parquet")
    small_crm.edit(folder, LATER, "2026-03-20T00:00:00Z")
    retrain(folder)
    shutil.copytree(folder / "data" / "work" / "training", folder / "march")
    small_crm.edit(folder, "2026-03-20T00:00:00Z", LATER)
    small_crm.edit(folder, "depth: 3", "depth: 2")
    small_crm.edit(folder, "  - {name: band, attribute: band}\n", "")
    small_crm.edit(folder, "measures: [count 7d, count,", "measures: [count 14d, count,")
    small_crm.edit(folder, "goal:", f"{SEGMENTS}goal:")
    small_crm.edit(folder, "criteria:\n", "criteria:\n  - {name: replies, when: {kind: reply}, measures: [count]}\n")
    (folder / "trained.json").write_text(json.dumps(retrain(folder)))
    return folder


def side_by_side(company: Path, a: str = "champion", b: str = "candidate") -> dict[str, Any]:
    return compare(load_workspace(company / "leadlight.yaml"), a, b)


def test_what_differs_is_named(company: Path) -> None:
    found = side_by_side(company)
    assert found["settings"] == [{"name": "model.depth", "a": 3, "b": 2}]
    definition = found["definition"]
    assert (definition["added"], definition["removed"]) == (["replies"], ["band"])
    assert [one["name"] for one in definition["changed"]] == ["calls"]
    assert definition["changed"][0]["a"]["measures"][0] == "count 7d"
    assert definition["first"] and not definition["same"]
    assert not found["same_data"]
    assert found["a"]["data_until"][:7] == "2026-03" and found["b"]["data_until"][:7] == "2026-06"
    assert found["a"]["version"] == read_champion(company / "models")


def test_as_tested_both_are_judged_on_what_neither_has_learnt_from(company: Path) -> None:
    found = side_by_side(company)["as_tested"]
    rows = TrainingSet.load(company / "data" / "work" / "training")
    bundles = [Bundle.load(bundle_path(company / "models", read_champion(company / "models") or "") / "tested")]
    bundles.append(Bundle.load(company / "models" / "candidate" / "tested"))
    start = max(int(bundle.card["tested"]["start"]) for bundle in bundles)
    fresh = rows.mature & (rows.cutoff >= start)
    assert found["n"] == fresh.sum() > 0
    assert all(found["figures"][side][name].keys() >= {"value", "low", "high"} for side in "ab" for name in FIGURES)
    own = bundles[1].model.probability(rows.X[fresh])
    assert found["figures"]["b"]["log_loss"]["value"] == pytest.approx(
        paired_log_loss(rows.label[fresh], own, np.ones(fresh.sum()) * rows.label[fresh], rows.group[fresh], 0).value
    )
    difference = found["figures"]["b"]["log_loss"]["value"] - found["figures"]["a"]["log_loss"]["value"]
    assert found["log_loss"]["value"] == pytest.approx(difference)
    assert found["explanation"]["rank_correlation"]["value"] is not None


def test_the_other_way_round_is_the_other_sign(company: Path) -> None:
    forth, back = side_by_side(company), side_by_side(company, "candidate", "champion")
    assert forth["as_tested"]["log_loss"]["value"] == pytest.approx(-back["as_tested"]["log_loss"]["value"])
    assert forth["definition"]["added"] == back["definition"]["removed"]


def test_a_version_is_no_better_than_itself(company: Path) -> None:
    found = side_by_side(company, "candidate", "candidate")
    assert found["definition"]["same"] and found["same_data"] and not found["settings"]
    assert found["as_tested"]["log_loss"] == {"value": 0.0, "low": 0.0, "high": 0.0}
    assert found["as_tested"]["explanation"]["reasons_changed"]["value"] == 0.0
    assert "Both names stand for the same version." in found["said"]


def test_what_has_been_learnt_from_is_not_judged_on(company: Path) -> None:
    found = side_by_side(company)["as_served"]
    assert "figures" not in found
    assert "no outcome is known yet of cutoffs from 2026-0" in found["why"]


def test_importance_is_of_every_criterion_of_either(company: Path) -> None:
    found = {one["criterion"]: one for one in side_by_side(company)["importance"]}
    assert {"band", "replies", "country", "age"} <= set(found)
    assert found["band"]["b"] is None and found["replies"]["a"] is None
    assert found["country"]["a"]["low"] <= found["country"]["a"]["value"] <= found["country"]["a"]["high"]


def test_the_folder_of_a_bundle_is_a_version_too(company: Path) -> None:
    folder = f"models/bundles/{read_champion(company / 'models')}"
    assert side_by_side(company, folder)["as_tested"] == side_by_side(company)["as_tested"]


def test_two_training_sets_are_two_data_versions(company: Path) -> None:
    found = side_by_side(company, "march", "data/work/training")
    assert found["kind"] == "training sets"
    assert found["a"]["observations"] < found["b"]["observations"]
    assert found["a"]["won_share"]["low"] <= found["a"]["won_share"]["value"]
    assert not found["same_data"]
    columns = {one["column"]: one for one in found["columns"]}
    rows = TrainingSet.load(company / "march")
    place = rows.definition.columns.index("employees")
    assert columns["employees"]["mean"]["a"] == pytest.approx(float(np.nanmean(rows.X[:, place])))
    assert columns["country"]["mean"] == {"a": None, "b": None}, "words have no mean"


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        ("champion", "2026-01-01-00000000", "there are champion, candidate, 2026-0"),
        ("champion", "../elsewhere", "neither a registered version nor the folder"),
        ("champion", "march", "one is a training set and the other a model"),
    ],
)
def test_what_is_no_version_is_an_error_that_names_what_there_is(company: Path, a: str, b: str, said: str) -> None:
    with pytest.raises(WorkspaceError, match=said):
        side_by_side(company, a, b)


def printed(table: Any) -> str:
    console = Console(width=160, record=True, file=StringIO())
    console.print(table)
    return console.export_text()


def test_people_read_the_same_figures(company: Path) -> None:
    for pair in (("champion", "candidate"), ("march", "data/work/training")):
        found = side_by_side(company, *pair)
        text = printed(compared(found))
        assert "depth" in text or "employees" in text
        assert f"{found['b']['observations']:,}" in text


def test_segments_come_with_training_and_change_no_model(company: Path) -> None:
    trained = json.loads((company / "trained.json").read_text())
    assert set(trained["segments"]) == {"country", "employees", "age"}
    assert set(trained["segments"]["employees"]) == {"under 100", "100 and more"}
    whole = trained["test"]["n"]
    assert all(sum(group["n"] for group in groups.values()) == whole for groups in trained["segments"].values())
    assert trained["curves"]["reliability"] and trained["curves"]["gain"]
    table = printed(segments_table(trained["segments"]))
    assert "By employees" in table and "100 and more" in table
    assert segments_table({}) is None


def test_other_segments_judge_anew_and_train_nothing(company: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(company, folder)
    workspace = load_workspace(folder / "leadlight.yaml")
    features(workspace)
    assert evaluate(workspace)["unchanged"]
    small_crm.edit(folder, SEGMENTS, "segments: [plan]\n")
    again = retrain(folder)
    assert list(again["segments"]) == ["plan"]
    assert again["model_version"] == json.loads((company / "trained.json").read_text())["model_version"]


def test_a_verdict_keeps_its_figures_and_the_explanations(company: Path) -> None:
    entry = read_promotions(company / "models")[-1]
    assert entry.action == "held"
    assert entry.reason.startswith("Held: too few outcomes to compare by")
    assert entry.figures["explanation"]["leads"] > 0
    assert "Explanations: " in entry.reason


def test_mlflow_is_told_everything(company: Path) -> None:
    with _client(company / "models") as client:
        aliases = client.get_registered_model(NAME).aliases
        numbers = {version.version: version for version in client.search_model_versions(f"name = '{NAME}'")}
        champion, challenger = (numbers[int(aliases[name])] for name in ("champion", "challenger"))
        run = client.get_run(challenger.run_id)
        kept = {item.path for item in client.list_artifacts(challenger.run_id)}
        data = json.loads(
            (company / "models" / "mlartifacts" / challenger.run_id / "artifacts" / "data.json").read_text()
        )
    assert champion.tags["version"] == read_champion(company / "models")
    assert run.data.tags["verdict"] == "held" and run.data.tags["reason"].startswith("Held")
    metrics = run.data.metrics
    assert {"test_auc", "test_auc_low", "test_auc_high", "baselines/logistic/log_loss"} <= set(metrics)
    assert {"segments/country/FR/excess_low", "by_age/7-30d/log_loss", "verdict/won_leads"} <= set(metrics)
    assert {"leadlight.yaml", "data.json", "evaluation.json", "reliability.svg", "gain.svg", "verdict.json"} <= kept
    assert set(data["sources"]) == {f"{name}.parquet" for name in small_crm.TABLES}
    assert all(len(one["sha256"]) == 64 for one in data["sources"].values())
    assert run.data.params["data_hash"] == data["training_set"]
    assert run.data.tags["leadlight_version"]


def test_rows_without_dates_are_compared_and_given_none(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    x = random.normal(size=900)
    won = random.random(900) < 1 / (1 + np.exp(1 - x))
    lines = ["x,y", *(f"{value:.3f},{'yes' if end else 'no'}" for value, end in zip(x, won, strict=True))]
    (tmp_path / "calls.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "leadlight.yaml").write_text(
        "name: calls\norder: file\nmodel: {trees: 5}\ncriteria: [{name: x, attribute: x, values: numeric}]\n"
        "sources:\n  leads: {from: calls.csv, attributes: [x]}\n"
        '  deals: {from: calls.csv, outcome: y, won: ["yes"], lost: ["no"]}\n',
        encoding="utf-8",
    )
    for stage in (features, fit, evaluate):
        stage(load_workspace(tmp_path / "leadlight.yaml"))
    found = side_by_side(tmp_path, "candidate", "candidate")
    assert (found["a"]["knows_until"], found["as_tested"]["from"]) == (None, None)
    assert found["as_tested"]["log_loss"]["value"] == 0.0
    assert "1970" not in " ".join(found["said"])

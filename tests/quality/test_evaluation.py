"""The evaluation judges on the test alone, by age and beside baselines, and says when it cannot judge."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import log_loss, roc_auc_score

from pipeline.definitions.spans import DAY
from pipeline.features.training_set import TrainingSet
from pipeline.learning.estimator import LeadClassifier
from pipeline.learning.metrics import FIGURES
from pipeline.learning.model import Model
from pipeline.quality.baselines import logistic_regression
from pipeline.quality.evaluation import by_age, evaluate
from tests.learning.simulated import HORIZON, simulate, training_set

COUNTS = ["from", "to", "n", "won", "won_leads", "base_rate"]


@pytest.fixture(scope="module")
def rows() -> TrainingSet:
    return training_set(simulate(900, seed=3))


@pytest.fixture(scope="module")
def model(rows: TrainingSet) -> Model:
    train = rows.training
    classifier = LeadClassifier(trees=40).fit(
        rows.X[train],
        rows.label[train],
        cutoff=rows.cutoff[train],
        horizon=HORIZON,
        lead=rows.lead_id.codes[train],
        categorical=rows.definition.categorical,
    )
    return classifier.model_


def test_every_group_has_its_counts_and_figures_and_all_is_plain_json(rows: TrainingSet, model: Model) -> None:
    report = evaluate(rows, model, draws=20)
    assert list(report) == ["test", "by_age", "baselines", "verdict", "said"]
    assert list(report["baselines"]) == ["base_rate", "logistic", "scorecard"]
    for group in (report["test"], *report["by_age"].values(), *report["baselines"].values()):
        assert list(group) == [*COUNTS, *FIGURES]
    assert json.loads(json.dumps(report, allow_nan=False)) == report


def test_the_test_is_the_newest_period_and_nothing_else(rows: TrainingSet, model: Model) -> None:
    test = evaluate(rows, model, draws=2)["test"]
    p = model.probability(rows.X[rows.test])
    assert test["n"] == rows.test.sum()
    assert test["won"] == rows.label[rows.test].sum()
    assert test["won_leads"] == len(set(rows.lead_id.codes[rows.test & (rows.label == 1)]))
    assert test["auc"]["value"] == pytest.approx(roc_auc_score(rows.label[rows.test], p))
    assert test["from"] >= "2026"
    assert test["from"].endswith("Z")
    assert test["from"] < test["to"]
    outside = replace(rows, X=np.where(rows.test[:, None], rows.X, 0.0))
    assert evaluate(outside, model, draws=2)["test"] == test


def test_the_base_rate_is_that_of_training(rows: TrainingSet, model: Model) -> None:
    baseline = evaluate(rows, model, draws=2)["baselines"]["base_rate"]
    share = rows.label[rows.training].mean()
    expected = log_loss(rows.label[rows.test], np.full(rows.test.sum(), share))
    assert baseline["log_loss"]["value"] == pytest.approx(expected)
    assert baseline["auc"]["value"] == 0.5
    assert baseline["calibration_slope"]["why"] == "every probability is the same"


def test_the_logistic_regression_learns_from_training_alone_and_beats_the_base_rate(
    rows: TrainingSet, model: Model
) -> None:
    baselines = evaluate(rows, model, draws=2)["baselines"]
    assert baselines["logistic"]["log_loss"]["value"] < baselines["base_rate"]["log_loss"]["value"]
    known = rows.training | rows.test
    changed = replace(rows, label=np.where(known, rows.label, 1 - rows.label))
    assert evaluate(changed, model, draws=2)["baselines"] == baselines


def test_there_is_no_scorecard_and_it_says_so(rows: TrainingSet, model: Model) -> None:
    scorecard = evaluate(rows, model, draws=2)["baselines"]["scorecard"]
    assert all(scorecard[name]["value"] is None for name in FIGURES)
    assert {scorecard[name]["why"] for name in FIGURES} == {"the workspace has no scorecard"}


def test_bands_of_age_part_the_test(rows: TrainingSet, model: Model) -> None:
    report = evaluate(rows, model, draws=2)
    assert list(report["by_age"]) == ["0-7d", "7-30d", "30-90d", "over 90d"]
    assert sum(group["n"] for group in report["by_age"].values()) == report["test"]["n"]
    empty = by_age(np.array([0, 7 * DAY - 1, 7 * DAY, 30 * DAY, 90 * DAY - 1, 90 * DAY]), None)
    assert [mask.nonzero()[0].tolist() for mask in empty.values()] == [[0, 1], [2], [3, 4], [5]]


def test_ages_of_the_workspace_are_its_keys(rows: TrainingSet, model: Model) -> None:
    groups = evaluate(rows, model, ages=(9 * DAY, 2 * DAY), draws=2)["by_age"]
    age = (rows.cutoff - rows.created_at)[rows.test]
    assert {name: group["n"] for name, group in groups.items()} == {
        "2d": (age == 2 * DAY).sum(),
        "9d": (age == 9 * DAY).sum(),
    }
    assert by_age(np.array([1, DAY]), (0, DAY))["0d"].tolist() == [True, False]


def test_an_age_without_observations_has_null_figures_with_a_reason(rows: TrainingSet, model: Model) -> None:
    group = evaluate(rows, model, ages=(1 * DAY,), draws=2)["by_age"]["1d"]
    assert (group["n"], group["from"], group["base_rate"]) == (0, None, None)
    assert group["auc"]["why"] == "there are no observations"


def test_a_model_that_knows_something_is_better_than_the_base_rate(rows: TrainingSet, model: Model) -> None:
    assert evaluate(rows, model, draws=200)["verdict"].startswith("better than the base rate: log loss 0.")


def test_a_model_that_misleads_is_worse(rows: TrainingSet, model: Model) -> None:
    turned = Model(model.booster, model.slope, model.intercept + 3)
    report = evaluate(rows, turned, draws=200)
    assert report["verdict"].startswith("worse than the base rate")
    assert report["said"][0].startswith("The logistic regression is better than the model")


def test_under_ten_won_leads_in_the_test_there_are_figures_but_no_judgement(rows: TrainingSet, model: Model) -> None:
    won = np.unique(rows.lead_id.codes[rows.test & (rows.label == 1)])
    few = replace(rows, label=np.where(rows.test & np.isin(rows.lead_id.codes, won[9:]), 0, rows.label).astype(np.int8))
    report = evaluate(few, model, draws=200)
    assert report["verdict"] == "too few to judge: 9 won leads in the test, 10 are needed."
    assert report["test"]["auc"]["value"] is not None


def test_a_test_or_a_training_period_without_observations_is_no_error(rows: TrainingSet, model: Model) -> None:
    nothing = evaluate(replace(rows, test_from=int(rows.cutoff.max()) + 1), model, draws=2)
    assert nothing["verdict"].startswith("too few to judge: 0 won leads")
    assert nothing["baselines"]["logistic"]["auc"]["why"] == "there are no observations to judge"
    untaught = evaluate(replace(rows, test_from=int(rows.cutoff.min())), model, draws=2)
    assert untaught["baselines"]["base_rate"]["auc"]["why"] == "there are no training observations"
    assert untaught["verdict"].startswith("nothing to compare with")


def test_the_logistic_regression_takes_columns_without_values_and_categories_it_has_not_seen() -> None:
    random = np.random.default_rng(0)
    X = np.column_stack([random.normal(size=200), np.full(200, np.nan), random.integers(0, 3, 200)])
    X[:20, 2] = np.nan
    later = np.array([[0.0, 1.0, 7.0], [np.nan, np.nan, np.nan]])
    label = (X[:, 0] + random.normal(size=200) > 0).astype(np.int8)
    probability, said = logistic_regression(X, label, (2,), later)
    assert not isinstance(probability, str)
    assert np.isfinite(probability).all()
    assert said == []
    assert (
        logistic_regression(X, np.zeros(200, np.int8), (2,), later)[0]
        == "the training observations have one label only"
    )


def test_a_model_that_says_the_base_rate_is_the_same_as_the_base_rate(rows: TrainingSet) -> None:
    rate = float(rows.label[rows.training].mean())
    fallback = Model(None, base_margin=float(np.log(rate / (1 - rate))), kind="base rate")
    assert evaluate(rows, fallback, draws=50)["verdict"].startswith("the same as the base rate")

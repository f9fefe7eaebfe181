"""The backtest knows at each period what was known then, and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.definitions.spans import DAY
from pipeline.features.matrix import Definition
from pipeline.features.training_set import TrainingSet
from pipeline.learning.estimator import LeadClassifier
from pipeline.learning.metrics import FIGURES, quality
from pipeline.quality.backtest import MODELS, Period, _as_known, backtest, periods_of
from pipeline.tables.columns import Texts
from tests.learning.simulated import HORIZON, simulate, training_set

MONTH = 30 * DAY


def ten_trees(_: Definition) -> LeadClassifier:
    return LeadClassifier(trees=10)


@pytest.fixture(scope="module")
def rows() -> TrainingSet:
    return training_set(simulate(700, seed=5, level=-2.0))


def named(rows: TrainingSet, late: NDArray[np.bool_]) -> tuple[TrainingSet, dict[str, Texts]]:
    """The first column as words: `new` in the rows `late`, else one of three."""
    words = np.array(["a", "b", "c"])[rows.lead_id.codes % 3].astype(object)
    words[late] = "new"
    name = rows.definition.columns[0]
    definition = replace(rows.definition, vocabularies={name: ("new", "a", "b", "c")})
    return replace(rows, definition=definition), {name: Texts.of(words.tolist())}


def test_every_period_is_judged_by_what_came_in_it(rows: TrainingSet) -> None:
    found = backtest(rows, {}, ten_trees, periods_of(rows, 3, MONTH), draws=5)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert len(found["periods"]) == 3
    for one, period in zip(found["periods"], periods_of(rows, 3, MONTH), strict=True):
        inside = (rows.cutoff >= period.start) & (rows.cutoff < period.end)
        known = rows.cutoff + HORIZON <= period.start
        assert (one["n"], one["won"]) == (inside.sum(), rows.label[inside].sum())
        assert one["trained_on"]["observations"] == known.sum()
        assert list(one["figures"]) == list(MODELS)
        assert all(list(figures) == list(FIGURES) for figures in one["figures"].values())
        rate = np.full(inside.sum(), rows.label[known].mean())
        by_hand = quality(rows.label[inside], rate, rows.group[inside], draws=0)["log_loss"].value
        assert one["figures"]["base_rate"]["log_loss"]["value"] == pytest.approx(by_hand)


def test_what_was_not_known_then_changes_nothing(rows: TrainingSet) -> None:
    period = periods_of(rows, 4, MONTH)[1]
    unknown = (rows.cutoff + HORIZON > period.start) & ~((rows.cutoff >= period.start) & (rows.cutoff < period.end))
    assert unknown.sum() > 200
    X, label = rows.X.copy(), rows.label.copy()
    X[unknown], label[unknown] = 7.0, 1 - label[unknown]
    changed = replace(rows, X=X, label=label)
    as_it_was, now = (backtest(one, {}, ten_trees, [period], draws=3) for one in (rows, changed))
    assert now == as_it_was
    known = np.flatnonzero(rows.cutoff + HORIZON <= period.start)[:40]
    label = rows.label.copy()
    label[known] = 1 - label[known]
    assert backtest(replace(rows, label=label), {}, ten_trees, [period], draws=3) != as_it_was


def test_labels_of_the_period_judge_and_are_not_learnt_from(rows: TrainingSet) -> None:
    period = periods_of(rows, 3, MONTH)[2]
    inside = (rows.cutoff >= period.start) & (rows.cutoff < period.end)
    turned = replace(rows, label=np.where(inside, 1 - rows.label, rows.label).astype(np.int8))
    before, after = (backtest(one, {}, ten_trees, [period], draws=3)["periods"][0] for one in (rows, turned))
    assert after["trained_on"] == before["trained_on"]
    aucs = [one["figures"]["model"]["auc"]["value"] for one in (before, after)]
    assert sum(aucs) == pytest.approx(1)


def test_a_value_first_seen_in_the_period_has_no_code_of_its_own(rows: TrainingSet) -> None:
    period = periods_of(rows, 3, MONTH)[1]
    own, texts = named(rows, rows.cutoff >= period.start)
    then = _as_known(own, texts, period.start)
    name = own.definition.columns[0]
    assert set(then.definition.vocabularies[name]) == {"a", "b", "c"}
    assert set(then.X[own.cutoff >= period.start, 0].tolist()) == {3.0}
    assert set(then.X[then.training, 0].tolist()) == {0.0, 1.0, 2.0}
    asked: list[tuple[str, ...]] = []

    def remembered(definition: Definition) -> LeadClassifier:
        asked.append(definition.vocabularies[name])
        return ten_trees(definition)

    backtest(own, texts, remembered, [period], draws=0)
    assert "new" not in asked[0]


def test_few_won_leads_are_too_few_to_judge_and_to_grow_trees() -> None:
    few = training_set(simulate(90, seed=2, level=-3.0))
    found = backtest(few, {}, ten_trees, periods_of(few, 5, MONTH), draws=5)
    first, *_, last = found["periods"]
    assert first["trained_on"]["kind"] == "base rate"
    assert any("trees need 30" in told for told in first["said"])
    assert last["verdict"].startswith("Too few to judge: ")
    assert found["said"] == [
        "No period can be judged: each has under 10 won leads, or nothing was known when it began."
    ]


def test_a_period_before_any_outcome_has_reasons_and_no_figures(rows: TrainingSet) -> None:
    start = int(rows.cutoff.min())
    one = backtest(rows, {}, ten_trees, [Period(start, start + MONTH)], draws=5)["periods"][0]
    assert one["trained_on"]["observations"] == 0
    assert one["figures"]["model"]["auc"] == {
        "value": None,
        "low": None,
        "high": None,
        "why": "no outcome was known when the period began",
    }
    assert one["against_base_rate"]["value"] is None
    assert one["verdict"] == "Nothing was known: no outcome before the period."


def test_a_model_that_ranks_is_said_to_be_better(rows: TrainingSet) -> None:
    found = backtest(rows, {}, ten_trees, periods_of(rows, 2, 60 * DAY), draws=200)
    assert all(one["verdict"].startswith("Better: log loss -") for one in found["periods"])
    assert found["said"][0].startswith("In 2 of the 2 periods that can be judged the model is better")


def test_the_same_data_gives_the_same_backtest(rows: TrainingSet) -> None:
    first, second = (backtest(rows, {}, ten_trees, periods_of(rows, 2, MONTH), draws=20) for _ in range(2))
    assert json.dumps(first) == json.dumps(second)


def test_periods_end_with_the_newest_outcome_and_follow_one_another(rows: TrainingSet) -> None:
    periods = periods_of(rows, 4, MONTH)
    assert [one.end - one.start for one in periods] == [MONTH] * 4
    assert all(one.end == later.start for one, later in pairwise(periods))
    assert periods[-1].end == rows.cutoff.max() + 1
    immature = replace(rows, mature=rows.cutoff < periods[-1].start)
    assert periods_of(immature, 1, MONTH)[0].end <= periods[-1].start
    assert len(periods_of(rows, 500, MONTH)) < 20
    with pytest.raises(ValueError, match="no observation is mature"):
        periods_of(replace(rows, mature=np.zeros(len(rows.cutoff), dtype=np.bool_)), 3, MONTH)


def test_without_dates_the_newest_half_is_cut_into_equal_parts(rows: TrainingSet) -> None:
    order = replace(rows, cutoff=np.random.default_rng(1).permutation(len(rows.cutoff)).astype(np.int64))
    periods = periods_of(order, 5, None)
    sizes = [int(((order.cutoff >= one.start) & (order.cutoff < one.end)).sum()) for one in periods]
    assert max(sizes) - min(sizes) <= 2
    assert sum(sizes) == pytest.approx(len(order.cutoff) / 2, abs=2)

"""A scorecard's points, what they are worth in log-odds, and that its part of a score adds up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.definitions.scorecard import read_scorecard
from pipeline.definitions.yaml_lines import WorkspaceError
from pipeline.learning.boosting import Forest, log_loss
from pipeline.learning.estimator import LeadClassifier
from pipeline.learning.model import SCORECARD, Model
from pipeline.learning.scorecard import Prior, Scorecard, bind, fit_prior
from tests.learning.simulated import HORIZON, Simulated, simulate
from tests.learning.small import definition, measures
from tests.learning.test_model import GROWTH

RULES = {"demo_requests": 30, "sector": {"food": -20, "missing": 5}, "age": {">= 30": 10, "< 2": -4}}


def bound(rules: dict[str, object] = RULES) -> Scorecard:
    found = bind(read_scorecard(rules), definition())
    assert found is not None
    return found


def test_points_are_those_of_every_rule_that_holds() -> None:
    # demo_requests.count_7d, its days since the last, sector (food 0, métal 1, retail 2, other 3), age, weekday, hour
    X = np.array(
        [
            [2.0, 1.0, 0.0, 40.0, 1, 1],
            [0.0, np.nan, np.nan, 1.0, 1, 1],
            [0.0, np.nan, 3.0, 10.0, 1, 1],
            [0.0, 40.0, 2.0, np.nan, 1, 1],
        ]
    )
    assert bound().total(X).tolist() == [30 - 20 + 10, 5 - 4, 0, 30]


def test_what_happened_is_told_by_the_surest_measure_of_a_criterion() -> None:
    names = [clause.name for clause in bound({"demo_requests": 1}).clauses]
    assert names == ["demo_requests.days_since_last"]
    counted = bind(read_scorecard({"demo_requests": 1}), definition(("count 7d", "count", "days_since_last")))
    assert counted is not None
    assert [(clause.name, clause.test) for clause in counted.clauses] == [("demo_requests.count", ">")]


def test_a_value_that_training_does_not_know_counts_for_nobody_and_that_is_said() -> None:
    scorecard = bound({"sector": {"mining": 10}})
    assert scorecard.total(measures()).max() == 0
    assert scorecard.said == (
        "scorecard, sector: mining: no training row holds this value, so its points count for nobody.",
    )


def test_a_criterion_that_was_left_out_counts_for_nobody_and_that_is_said() -> None:
    scorecard = bind(read_scorecard({"quality": 10, "age": {"> 3": 1}}), definition(), {"quality"})
    assert scorecard is not None and len(scorecard.clauses) == 1
    assert scorecard.said == ("scorecard, quality: quality is left out, so its points count for nobody.",)


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"demo": 3}, "no criterion or column has this name; the criteria are demo_requests, sector"),
        ({"demo_requests": {">= 2": 3}}, "demo_requests has several columns; name one of demo_requests.count_7d"),
        ({"sector": {">= 2": 3}}, "sector holds words, as food, métal, retail; expected one"),
        ({"age": {"old": 3}}, "age holds numbers; expected something like '>= 50'"),
    ],
)
def test_a_rule_that_means_nothing_is_refused(rules: dict[str, object], said: str) -> None:
    with pytest.raises(WorkspaceError, match=f"^scorecard, .*{said}"):
        bound(rules)


@pytest.mark.parametrize("rules", [{"age": "many"}, {"age": {">= x": 1}}, {"age": True}, {"age": {"> 3": None}}])
def test_points_that_are_no_numbers_are_refused(rules: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="expected"):
        read_scorecard(rules)


def worth(points_a_log_odd: float, rows: int, seed: int = 3) -> tuple[Prior, float]:
    random = np.random.default_rng(seed + 1)
    X = measures(rows, seed)
    points = bound().total(X)
    label = (random.random(rows) < 1 / (1 + np.exp(2 - points * points_a_log_odd))).astype(np.int8)
    return fit_prior(bound(), X, label, np.arange(rows)), points_a_log_odd


def test_with_many_deals_the_points_are_worth_what_they_truly_are() -> None:
    prior, true = worth(0.05, 40_000)
    assert prior.slope == pytest.approx(true, rel=0.05)
    assert prior.intercept == pytest.approx(-2, abs=0.1)


def test_with_few_deals_they_are_worth_what_a_scorecard_is_expected_to_be() -> None:
    X = measures(12)
    prior = fit_prior(bound(), X, np.zeros(12, dtype=np.int8), np.zeros(12, dtype=np.int64))
    assert prior.slope * bound().total(X).std() == pytest.approx(0.5, abs=0.1)
    assert np.isfinite(prior.margin(X)).all()


def test_points_that_rank_the_wrong_way_round_are_worth_nothing_and_are_not_turned_round() -> None:
    prior, _ = worth(-0.08, 8_000)
    assert prior.slope == 0


def test_an_observation_more_of_the_same_lead_tells_nothing_more() -> None:
    X, label = measures(200), (np.arange(200) % 5 == 0).astype(np.int8)
    once = fit_prior(bound(), X, label, np.arange(200))
    often = fit_prior(bound(), np.tile(X, (6, 1)), np.tile(label, 6), np.tile(np.arange(200), 6))
    assert often.slope == pytest.approx(once.slope) and often.intercept == pytest.approx(once.intercept)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 40))
def test_base_and_contributions_add_up_with_a_prior(seed: int, trees: int) -> None:
    X = measures(300, seed)
    label = (np.random.default_rng(seed).random(300) < 0.3).astype(np.int8)
    prior = fit_prior(bound(), X, label, np.arange(300))
    booster = Forest(GROWTH, X, label, (2,), prior.margin(X)).grown(trees)
    for model in (
        Model(booster, slope=0.9, intercept=0.1, prior=prior),
        Model(None, slope=1.1, kind=SCORECARD, prior=prior),
    ):
        base, parts = model.contributions(X)
        assert np.abs(base + parts.sum(axis=1) - model.log_odds(X)).max() < 1e-9
        assert base == pytest.approx(model.log_odds(X).mean(), abs=0.05)
        again = Model.from_text(model.text(), **model.to_json())
        assert (again.log_odds(X) == model.log_odds(X)).all()
        assert (np.array([model.log_odds(X[row : row + 1])[0] for row in range(20)]) == model.log_odds(X)[:20]).all()


def helpful(seen: Simulated) -> Scorecard:
    """Points on the truth's own columns: 0, a third of the columns, and the last."""
    rules = read_scorecard({"first": {"> 1": 30}, "second": {"> 0": -15}, "last": {"<= 0": 20}})
    columns = {"first": 0, "second": seen.X.shape[1] // 3, "last": seen.X.shape[1] - 1}
    from pipeline.learning.scorecard import Clause

    return Scorecard(tuple(Clause(columns[r.of], r.of, r.test, float(r.value), r.points) for r in rules))


def fitted(seen: Simulated, scorecard: Scorecard | None) -> LeadClassifier:
    told = {"cutoff": seen.cutoff, "horizon": HORIZON, "lead": seen.lead, "categorical": seen.categorical}
    return LeadClassifier(scorecard=scorecard).fit(seen.X, seen.label, **told)


def test_below_the_least_number_of_won_leads_the_scorecard_serves_alone_and_says_so() -> None:
    seen = simulate(60)
    model = fitted(seen, helpful(seen))
    assert model.won_leads_ < 30 and model.model_.kind == SCORECARD
    assert model.said_ == [f"{model.won_leads_} won leads in training, and trees need 30: the scorecard serves alone."]
    assert len(np.unique(model.predict_proba(seen.X)[:, 1])) > 1


def test_with_many_deals_the_trees_learn_beyond_the_scorecard() -> None:
    seen, later = simulate(4_000, seed=1), simulate(4_000, seed=2)
    model = fitted(seen, helpful(seen))
    assert model.trees_ > 0 and model.prior_ is not None
    ours = log_loss(model.decision_function(later.X), later.label)
    assert ours < log_loss(model.prior_.margin(later.X), later.label)
    assert ours < 1.01 * log_loss(fitted(seen, None).decision_function(later.X), later.label)


def test_a_scorecard_of_noise_is_outgrown() -> None:
    seen, later = simulate(4_000, seed=1), simulate(4_000, seed=2)
    from pipeline.learning.scorecard import Clause

    noise = Scorecard((Clause(3, "noise", ">", 0.0, 30.0), Clause(4, "noise", "<", 0.0, -15.0)))
    ours = log_loss(fitted(seen, noise).decision_function(later.X), later.label)
    assert ours < 1.01 * log_loss(fitted(seen, None).decision_function(later.X), later.label)


def test_a_refitted_model_keeps_the_prior_and_fits_it_anew() -> None:
    seen = simulate(2_000, seed=5)
    model = fitted(seen, helpful(seen))
    test = seen.cutoff > np.quantile(seen.cutoff, 0.8)
    served = model.refit(seen.X, seen.label, test=test, cutoff=seen.cutoff, lead=seen.lead)
    assert served.model_.prior is not None and served.trees_ == model.trees_

"""The classifier keeps scikit-learn's conventions, and does what DESIGN's fifth section says of folds and trees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import estimator_checks_generator

from pipeline.learning.boosting import TREES_WITHOUT_FOLDS, Forest, Growth
from pipeline.learning.calibration import earned_line
from pipeline.learning.estimator import LeadClassifier
from pipeline.learning.level import earned_level
from pipeline.learning.metrics import quality
from pipeline.learning.model import BASE_RATE
from tests.learning.simulated import HORIZON, Simulated, simulate


def name_of(check: Callable[[LeadClassifier], None]) -> str:
    return str(getattr(check, "func", check).__name__)


# The one left out needs an environment variable of SciPy's, and skips itself without.
CONVENTIONS = [
    check for _, check in estimator_checks_generator(LeadClassifier()) if name_of(check) != "check_array_api_input"
]


@pytest.mark.parametrize("check", CONVENTIONS, ids=name_of)
def test_it_keeps_the_conventions_of_scikit_learn(check: Callable[[LeadClassifier], None]) -> None:
    check(LeadClassifier())


def fitted(seen: Simulated, **parameters: Any) -> LeadClassifier:
    return LeadClassifier(**parameters).fit(
        seen.X, seen.label, cutoff=seen.cutoff, horizon=HORIZON, lead=seen.lead, categorical=seen.categorical
    )


@pytest.fixture(scope="module")
def seen() -> Simulated:
    return simulate(900, seed=1)


@pytest.fixture(scope="module")
def tested(seen: Simulated) -> LeadClassifier:
    return fitted(seen)


def test_the_same_rows_give_the_same_model(seen: Simulated, tested: LeadClassifier) -> None:
    again = fitted(seen)
    assert again.model_.text() == tested.model_.text()
    assert (again.model_.slope, again.model_.intercept) == (tested.model_.slope, tested.model_.intercept)
    assert fitted(seen, seed=8).model_.text() != tested.model_.text()


def test_a_clone_is_unfitted_and_has_the_parameters() -> None:
    twin = clone(LeadClassifier(depth=3, trees=12))
    assert twin.get_params()["depth"] == 3
    with pytest.raises(NotFittedError):
        twin.predict_proba(np.zeros((1, 8)))


def test_the_number_of_trees_is_the_median_of_the_scaled_best_of_the_folds(
    seen: Simulated, tested: LeadClassifier
) -> None:
    sizes = {fold.number: len(fold.fit) for fold in tested.folds_}
    scaled = [best * (len(seen.X) / sizes[number]) ** 0.5 for number, best in tested.search_.best.items()]
    assert len(scaled) == 4
    assert tested.trees_ == round(float(np.median(scaled)))
    assert tested.model_.booster is not None
    assert tested.model_.booster.num_trees() == tested.trees_
    assert tested.said_[0] == f"{tested.trees_} trees, by the median of 4 rolling folds (of 4)."


def test_a_fold_is_fitted_on_its_past_alone(seen: Simulated, tested: LeadClassifier) -> None:
    """Its margins are those of a fresh model on what was known, whatever the rest of the data says."""
    fold = tested.folds_[1]
    forest = Forest(tested.growth(), seen.X[fold.fit], seen.label[fold.fit], seen.categorical)
    trees = round(tested.trees_ / (len(seen.X) / len(fold.fit)) ** 0.5)
    fresh = forest.grown(trees).predict(seen.X[fold.validate], raw_score=True, num_threads=1)
    mine = tested.margins_.take(tested.margins_.fold == fold.number)
    assert mine.margin.tobytes() == np.asarray(fresh).tobytes()
    assert (mine.label == seen.label[fold.validate]).all()
    assert (mine.lead == seen.lead[fold.validate]).all()


def test_growing_on_gives_the_trees_of_a_fresh_start(seen: Simulated) -> None:
    growth = Growth(15, 4, 0.05, 5.0, 0.7, 0.8, 20, 7)
    half = len(seen.X) // 2
    searched = Forest(growth, seen.X[:half], seen.label[:half], seen.categorical)
    assert 1 <= searched.best(seen.X[half:], seen.label[half:]) <= 600
    fresh = Forest(growth, seen.X[:half], seen.label[:half], seen.categorical)
    for trees in (5, 700):
        texts = [
            forest.grown(trees).predict(seen.X, raw_score=True, num_threads=1).tobytes() for forest in (searched, fresh)
        ]
        assert texts[0] == texts[1]


def test_a_given_number_of_trees_is_kept(seen: Simulated) -> None:
    model = fitted(seen, trees=7)
    assert (model.trees_, model.search_.best) == (7, {})
    assert model.model_.booster is not None
    assert model.model_.booster.num_trees() == 7
    assert len(model.margins_) == sum(len(fold.validate) for fold in model.folds_)


def test_without_cutoffs_there_are_no_folds_hence_fifty_trees_and_no_calibration(seen: Simulated) -> None:
    model = LeadClassifier().fit(seen.X, seen.label)
    assert model.trees_ == TREES_WITHOUT_FOLDS == 50
    assert (model.model_.slope, model.model_.intercept) == (1.0, 0.0)
    assert "50 trees" in model.said_[0]
    assert "margins are used as they are" in model.said_[1]


def few_won(seen: Simulated, won: int) -> Simulated:
    keep = np.isin(seen.lead, np.unique(seen.lead[seen.label == 1])[:won]) | (seen.label == 0)
    return Simulated(
        seen.X[keep], seen.label[keep], seen.truth[keep], seen.cutoff[keep], seen.lead[keep], seen.categorical
    )


def test_under_thirty_won_leads_the_base_rate_alone_serves(seen: Simulated) -> None:
    few = few_won(seen, 29)
    model = fitted(few)
    assert model.won_leads_ == 29
    assert model.model_.kind == BASE_RATE
    assert model.predict_proba(few.X)[:, 1] == pytest.approx(few.label.mean())
    assert model.said_ == ["29 won leads in training, and trees need 30: the base rate serves."]
    assert fitted(few_won(seen, 30)).trees_ > 0


@pytest.mark.parametrize("label", [0, 1])
def test_one_class_alone_still_gives_a_finite_probability(label: int) -> None:
    model = LeadClassifier().fit(np.zeros((9, 2)), np.full(9, label))
    assert model.predict_proba(np.zeros((1, 2)))[0, 1] == pytest.approx(0.95 if label else 0.05, abs=0.01)
    assert model.classes_.tolist() == [0, 1]


@pytest.mark.parametrize("trees", [0, -1, "many", 1.5, None, True])
def test_a_wrong_number_of_trees_is_refused(trees: Any) -> None:
    with pytest.raises(ValueError, match="expected 'auto' or a number from 1 on"):
        LeadClassifier(trees=trees).fit(np.zeros((4, 1)), [0, 1, 0, 1])


def test_a_frame_is_taken_by_its_column_names(seen: Simulated) -> None:
    frame = pd.DataFrame(seen.X, columns=[f"c{position}" for position in range(seen.X.shape[1])])
    model = LeadClassifier(trees=3).fit(frame, seen.label)
    assert model.feature_names_in_.tolist() == frame.columns.tolist()
    with pytest.raises(ValueError, match="feature names"):
        model.predict_proba(frame[frame.columns[::-1]])


def test_the_served_model_knows_all_and_is_calibrated_by_all_margins(seen: Simulated) -> None:
    start = int(np.quantile(seen.cutoff, 0.8))
    training, test = seen.cutoff + HORIZON <= start, seen.cutoff >= start
    past = Simulated(
        seen.X[training],
        seen.label[training],
        seen.truth[training],
        seen.cutoff[training],
        seen.lead[training],
        seen.categorical,
    )
    tested = fitted(past)
    served = tested.refit(seen.X, seen.label, test=test, cutoff=seen.cutoff, lead=seen.lead)
    assert served.trees_ == tested.trees_
    assert served.won_leads_ == len(np.unique(seen.lead[seen.label == 1]))
    last = served.margins_.take(served.margins_.fold == 5)
    assert last.margin.tobytes() == tested.model_.margin(seen.X[test]).tobytes()
    assert len(served.margins_) == len(tested.margins_) + test.sum()
    line, told = earned_line(served.margins_, HORIZON)
    line, moved = earned_level(served.margins_, line, HORIZON)
    assert (served.model_.slope, served.model_.intercept) == (line.slope, line.intercept)
    assert served.said_ == [tested.said_[0], told, *([moved] if moved else [])]
    whole = Forest(tested.growth(), seen.X, seen.label, seen.categorical).grown(tested.trees_)
    assert (
        served.model_.margin(seen.X).tobytes()
        == np.asarray(whole.predict(seen.X, raw_score=True, num_threads=1)).tobytes()
    )
    assert tested.model_.text() == fitted(past).model_.text()


def test_a_base_rate_is_served_with_all_that_is_known(seen: Simulated) -> None:
    few = few_won(seen, 12)
    training = few.cutoff < np.median(few.cutoff)
    tested = LeadClassifier().fit(few.X[training], few.label[training], lead=few.lead[training])
    served = tested.refit(few.X, few.label, test=~training, cutoff=few.cutoff, lead=few.lead)
    assert served.model_.kind == BASE_RATE
    assert served.predict_proba(few.X[:1])[0, 1] == pytest.approx(few.label.mean())
    assert served.said_ == tested.said_


def test_it_learns_what_there_is_to_learn(seen: Simulated, tested: LeadClassifier) -> None:
    later = simulate(900, seed=2)
    group = later.lead
    ours = quality(later.label, tested.predict_proba(later.X)[:, 1], group, draws=0)
    truth = quality(later.label, later.truth, group, draws=0)
    base = quality(later.label, np.full(len(group), seen.label.mean()), group, draws=0)
    gained, possible = (base["log_loss"].value - x["log_loss"].value for x in (ours, truth))
    assert gained > 0.6 * possible

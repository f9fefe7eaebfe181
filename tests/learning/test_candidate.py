"""Models of their own for segments: they earn their place, and scores still add up; directions hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipeline.definitions.criteria import TIMING, Criterion
from pipeline.definitions.yaml_lines import WorkspaceError
from pipeline.features.matrix import Definition
from pipeline.features.training_set import TrainingSet
from pipeline.learning.candidate import Candidate, fit_candidate
from pipeline.learning.directions import POLARITY, directions
from pipeline.learning.estimator import LeadClassifier
from pipeline.learning.model import Model
from tests.learning.simulated import HORIZON, simulate, training_set
from tests.learning.small import definition

SEGMENT = 4


def two_worlds(opposed: bool, leads: int = 5_000) -> TrainingSet:
    """Column 4 says the market; with `opposed` what raises the chance in the one lowers it in the other."""
    seen = simulate(leads, columns=8, seed=11)
    random = np.random.default_rng(12)
    market = (seen.lead % 2).astype(np.float64)
    rare = seen.lead % 97 == 0
    market[rare] = 2.0
    X = seen.X.copy()
    X[:, SEGMENT] = market
    turned = np.where((market == 1) & opposed, -1.0, 1.0)
    strength = 0.9 * np.nan_to_num(X[:, 3]) + 0.9 * np.nan_to_num(X[:, 2]) + 0.5 * np.log1p(X[:, 0])
    truth = 1 / (1 + np.exp(2.2 - turned * strength))
    label = (random.random(int(seen.lead.max()) + 1)[seen.lead] < truth).astype(np.int8)
    rows = training_set(replace(seen, X=X, label=label))
    criteria = tuple(
        Criterion("market" if place == SEGMENT else f"c{place}", "demographics", attribute=f"c{place}")
        for place in range(5)
    )
    return replace(
        rows, definition=Definition((*criteria, *TIMING), {"market": ("north", "south", "islands")}, horizon=HORIZON)
    )


@pytest.fixture(scope="module")
def opposed() -> tuple[TrainingSet, Candidate]:
    rows = two_worlds(opposed=True)
    return rows, fit_candidate(LeadClassifier(depth=2, leaves=3), rows, segment=SEGMENT)


def test_opposed_segments_earn_models_of_their_own(opposed: tuple[TrainingSet, Candidate]) -> None:
    rows, found = opposed
    assert found.tested_model.segments is not None
    assert set(found.tested_model.segments.models) <= {0, 1}
    test = rows.test

    def loss(model: Model) -> float:
        p = np.where(rows.label[test] == 1, model.probability(rows.X[test]), 1 - model.probability(rows.X[test]))
        return float(-np.log(p).mean())

    assert loss(found.tested_model) < loss(found.tested.model_)


def test_a_segment_with_few_deals_falls_back_to_the_whole_and_is_named(opposed: tuple[TrainingSet, Candidate]) -> None:
    rows, found = opposed
    assert found.said[-1] == "The whole's model answers for market islands: each has under 30 won leads."
    few = rows.X[:, SEGMENT] == 2
    assert (found.tested_model.log_odds(rows.X)[few] == found.tested.model_.log_odds(rows.X)[few]).all()


def test_alike_segments_share_the_whole_or_lose_nothing_by_their_own() -> None:
    rows = two_worlds(opposed=False, leads=2_500)
    found = fit_candidate(LeadClassifier(), rows, segment=SEGMENT)
    assert any("the whole's model answers" in sentence for sentence in found.said)


def test_base_and_contributions_add_up_with_segments(opposed: tuple[TrainingSet, Candidate]) -> None:
    rows, found = opposed
    for model in (found.tested_model, found.served_model):
        base, parts = model.contributions(rows.X[:500])
        assert np.abs(base + parts.sum(axis=1) - model.log_odds(rows.X[:500])).max() < 1e-9
        again = Model.from_text(model.text(), **model.to_json())
        assert (again.log_odds(rows.X[:500]) == model.log_odds(rows.X[:500])).all()
        alone = np.array([model.log_odds(rows.X[row : row + 1])[0] for row in range(40)])
        assert (alone == model.log_odds(rows.X)[:40]).all()


def test_a_direction_is_a_measures_polarity() -> None:
    assert directions({"demo_requests": "up", "age": "down"}, definition()) == (1, -1, 0, -1, 0, 0)
    assert directions({}, definition()) is None
    assert directions({"gone": "up"}, definition(), {"gone"}) == (0, 0, 0, 0, 0, 0)


def test_every_measure_word_has_a_polarity() -> None:
    from pipeline.definitions.criteria import WORDS

    assert set(POLARITY) == set(WORDS)


@pytest.mark.parametrize(("name", "said"), [("demo", "no such criterion"), ("sector", "words, which have no order")])
def test_a_direction_of_words_or_of_nothing_is_refused(name: str, said: str) -> None:
    with pytest.raises(WorkspaceError, match=said):
        directions({name: "up"}, definition())


def test_with_a_direction_more_never_lowers_the_score() -> None:
    seen = simulate(1_500, seed=4)
    told = {"cutoff": seen.cutoff, "horizon": HORIZON, "lead": seen.lead, "categorical": seen.categorical}
    column = 3
    free = LeadClassifier().fit(seen.X, seen.label, **told)
    held = LeadClassifier(monotone=tuple(int(place == column) for place in range(8))).fit(seen.X, seen.label, **told)
    X = np.repeat(seen.X[:50], 40, axis=0)
    X[:, column] = np.tile(np.linspace(-3, 3, 40), 50)
    steps = [np.diff(model.decision_function(X).reshape(50, 40), axis=1).min() for model in (free, held)]
    assert steps[0] < -1e-6 and steps[1] >= -1e-12

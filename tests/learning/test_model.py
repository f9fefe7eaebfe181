"""Contributions add up, a row has the same bits alone and in a crowd, and the text holds the whole model."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.learning.boosting import Forest, Growth
from pipeline.learning.model import BASE_RATE, Model, booster_text
from pipeline.tables.columns import Floats

GROWTH = Growth(
    leaves=15, depth=4, learning_rate=0.1, l2=5.0, columns_share=0.7, rows_share=0.8, rows_per_leaf=20, seed=7
)


def measures(rows: int, columns: int, categories: int, seed: int) -> Floats:
    """The first `categories` columns are codes; a sixth of all is missing."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(rows, columns))
    X[:, :categories] = random.integers(0, 30, (rows, categories))
    X[random.random(X.shape) < 1 / 6] = np.nan
    return X


def labels(X: Floats, seed: int) -> np.ndarray[tuple[int], np.dtype[np.int8]]:
    random = np.random.default_rng(seed)
    score = np.nan_to_num(X) @ random.normal(size=X.shape[1]) * 0.3 + np.isnan(X[:, 0]) - 1
    return (random.random(len(X)) < 1 / (1 + np.exp(-score))).astype(np.int8)


def grown(
    rows: int = 600, columns: int = 6, categories: int = 2, trees: int = 30, seed: int = 0
) -> tuple[Model, Floats]:
    X = measures(rows, columns, categories, seed)
    forest = Forest(GROWTH, X, labels(X, seed), range(categories))
    return Model(forest.grown(trees), slope=0.87, intercept=-0.21), X


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 12), st.integers(0, 3), st.integers(1, 60))
def test_base_and_contributions_add_up_to_the_log_odds(seed: int, columns: int, categories: int, trees: int) -> None:
    model, X = grown(400, columns, min(categories, columns - 1), trees, seed)
    other = measures(50, columns, min(categories, columns - 1), seed + 1)
    other[0] = np.nan
    other[1] = 1e12
    for rows in (X, other):
        base, parts = model.contributions(rows)
        assert parts.shape == rows.shape
        assert np.abs(base + parts.sum(axis=1) - model.log_odds(rows)).max() < 1e-9


def test_a_row_alone_has_the_bits_it_has_in_a_crowd() -> None:
    model, X = grown(1100)
    base, parts = model.contributions(X)
    probability, log_odds = model.probability(X), model.log_odds(X)
    for row in range(0, len(X), 7):
        alone = X[row : row + 1]
        assert model.probability(alone)[0] == probability[row]
        assert model.log_odds(alone)[0] == log_odds[row]
        assert model.contributions(alone)[0] == base
        assert model.contributions(alone)[1].tobytes() == parts[row].tobytes()
        assert model.contributions(alone)[1].sum(axis=1)[0] == parts.sum(axis=1)[row]


def test_how_the_matrix_lies_in_memory_does_not_matter() -> None:
    model, X = grown()
    assert model.probability(np.asfortranarray(X)).tobytes() == model.probability(X).tobytes()
    assert model.probability(X[::-1])[::-1].tobytes() == model.probability(X).tobytes()


def test_the_text_holds_the_whole_model_to_the_bit() -> None:
    model, X = grown()
    again = Model.from_text(model.text(), slope=0.87, intercept=-0.21, base_margin=0.0, kind="trees")
    assert again.text() == model.text()
    assert again.log_odds(X).tobytes() == model.log_odds(X).tobytes()
    assert again.contributions(X)[1].tobytes() == model.contributions(X)[1].tobytes()


def test_the_text_does_not_depend_on_the_number_of_threads() -> None:
    X = measures(3000, 8, 2, 3)
    texts = []
    for threads in (1, 2):
        parameters = GROWTH.parameters() | {"num_threads": threads}
        rows = lgb.Dataset(X, labels(X, 3), categorical_feature=[0, 1], params=parameters)
        booster = lgb.Booster(parameters, rows)
        for _ in range(5):
            booster.update()
        texts.append(booster_text(booster))
    assert texts[0] == texts[1]
    assert "num_threads" not in texts[0]


def test_without_trees_everyone_has_the_base_rate_and_nothing_contributes() -> None:
    model = Model(None, base_margin=-2.0, kind=BASE_RATE)
    X = measures(3, 4, 1, 0)
    base, parts = model.contributions(X)
    assert base == -2.0
    assert not parts.any()
    assert parts.shape == X.shape
    assert model.probability(X).tolist() == [1 / (1 + np.exp(2.0))] * 3
    assert Model.from_text(model.text(), slope=1.0, intercept=0.0, base_margin=-2.0, kind=BASE_RATE) == model


def test_no_rows_give_no_scores_and_the_same_base() -> None:
    model, X = grown()
    empty = np.empty((0, X.shape[1]))
    base, parts = model.contributions(empty)
    assert base == model.contributions(X)[0]
    assert parts.shape == empty.shape
    assert model.probability(empty).shape == (0,)


def test_a_model_that_contradicts_itself_is_refused() -> None:
    model, _ = grown(trees=1)
    with pytest.raises(ValueError, match="without trees"):
        Model(None)
    with pytest.raises(ValueError, match="with trees"):
        Model(model.booster, kind=BASE_RATE)
    with pytest.raises(ValueError, match="slope is 0"):
        Model(model.booster, slope=0.0)
    with pytest.raises(ValueError, match="LightGBM cannot read"):
        Model.from_text("rubbish", slope=1.0, intercept=0.0, base_margin=0.0, kind="trees")


def test_a_matrix_with_another_number_of_columns_is_refused() -> None:
    model, X = grown()
    with pytest.raises(lgb.basic.LightGBMError, match="number of features"):
        model.margin(X[:, :-1])

"""Folds see what was known then, never the future."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.learning.folds import Fold, rolling_folds


def folds_of(
    rows: list[tuple[int, bool, int]], horizon: int | None, least: int
) -> tuple[list[Fold], np.ndarray, np.ndarray, np.ndarray]:
    cutoff, label, lead = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    return rolling_folds(cutoff, horizon, label, lead, least), cutoff, label, lead


ROWS = st.lists(st.tuples(st.integers(0, 40), st.booleans(), st.integers(0, 15)), min_size=1, max_size=60)


@given(ROWS, st.integers(0, 20), st.integers(1, 4))
def test_every_fitted_row_was_known_before_the_first_that_validates(
    rows: list[tuple[int, bool, int]], horizon: int, least: int
) -> None:
    folds, cutoff, label, lead = folds_of(rows, horizon, least)
    for fold in folds:
        assert (cutoff[fold.fit] + horizon <= cutoff[fold.validate].min()).all()
        assert cutoff[fold.validate].min() == fold.start
        assert not set(fold.fit) & set(fold.validate)
        assert len({lead[row] for row in fold.fit if label[row] == 1}) >= least


@given(ROWS, st.integers(0, 20))
def test_all_that_was_known_is_fitted_on(rows: list[tuple[int, bool, int]], horizon: int) -> None:
    folds, cutoff, _, _ = folds_of(rows, horizon, 1)
    for fold in folds:
        known = set(np.flatnonzero((cutoff + horizon <= fold.start) & (cutoff < fold.start)))
        assert set(fold.fit) == known


@given(ROWS)
def test_the_order_of_the_rows_does_not_matter(rows: list[tuple[int, bool, int]]) -> None:
    plain, *_ = folds_of(rows, 5, 1)
    turned, *_ = folds_of(rows[::-1], 5, 1)
    last = len(rows) - 1
    assert [fold.start for fold in plain] == [fold.start for fold in turned]
    for one, other in zip(plain, turned, strict=True):
        assert set(one.fit) == {last - row for row in other.fit}
        assert set(one.validate) == {last - row for row in other.validate}


@given(ROWS)
def test_a_row_validates_at_most_once_and_a_cutoff_is_never_split(rows: list[tuple[int, bool, int]]) -> None:
    folds, cutoff, _, _ = folds_of(rows, None, 1)
    parts = [set(cutoff[fold.validate]) for fold in folds]
    assert sum(map(len, parts)) == len(set().union(*parts))


def test_the_last_four_fifths_validate() -> None:
    folds, *_ = folds_of([(at, True, at) for at in range(100)], 10, 1)
    assert [(fold.number, fold.start, len(fold.fit), len(fold.validate)) for fold in folds] == [
        (1, 20, 11, 20),
        (2, 40, 31, 20),
        (3, 60, 51, 20),
        (4, 80, 71, 20),
    ]


def test_without_a_horizon_an_earlier_row_is_known() -> None:
    folds, *_ = folds_of([(at, True, at) for at in range(100)], None, 1)
    assert [len(fold.fit) for fold in folds] == [20, 40, 60, 80]


def test_won_leads_are_counted_once_however_often_they_were_observed() -> None:
    rows = [(at, True, at % 19) for at in range(1000)]
    assert folds_of(rows, 10, 20)[0] == []
    assert len(folds_of(rows, 10, 19)[0]) == 4


def test_a_fold_with_too_few_won_leads_is_left_out() -> None:
    rows = [(at, at % 4 == 0, at) for at in range(200)]
    folds, *_ = folds_of(rows, 10, 20)
    assert [fold.number for fold in folds] == [3, 4]


def test_one_cutoff_alone_gives_no_folds() -> None:
    assert folds_of([(5, True, lead) for lead in range(100)], 10, 1)[0] == []
    assert rolling_folds(*(np.empty(0, dtype=np.int64), 3), *([np.empty(0, dtype=np.int64)] * 2)) == []

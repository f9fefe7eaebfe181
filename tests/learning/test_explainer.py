"""The tables against LightGBM's own `pred_contrib`, over models and rows of every kind; what is said without them."""

from __future__ import annotations

import copy
import ctypes
import re
import subprocess
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hatch_build
from pipeline.learning import groups, lookups, treeshap
from pipeline.learning.lookups import Lookups
from pipeline.learning.trees import read_trees
from pipeline.learning.treeshap import Explainer, contributions
from pipeline.native import declare
from pipeline.native.functions import FOREST_ARRAYS, SIGNATURES
from pipeline.native.sources import FOLDER
from pipeline.tables.columns import Floats
from tests.learning.test_model import labels, measures

EDGES = [np.nan, 0.0, -0.0, 1e-36, -1e-36, 1e-34, 1.0, -1.0, np.inf, -np.inf, 1e300, -1e300]
CODES = [np.nan, 0.0, -0.5, 0.7, -1.0, -7.0, 31.0, 31.9, 32.0, 64.0, 1e5, 3e9, 1e18, np.inf, -np.inf]


def grow(X: Floats, y: Any, categories: int = 0, trees: int = 6, **settings: Any) -> lgb.Booster:
    """Trees for ones and zeros, by these settings of LightGBM."""
    parameters = {"objective": "binary", "verbosity": -1, "num_threads": 1, "seed": 1, **settings}
    rows = lgb.Dataset(X, y, categorical_feature=list(range(categories)), params=parameters)
    return lgb.train(parameters, rows, trees)


def strangers(X: Floats, booster: lgb.Booster, categories: int, seed: int) -> Floats:
    """Rows unlike those of the training: edges, codes never seen, the trees' own thresholds and their neighbours."""
    random = np.random.default_rng(seed)
    rows = X[random.integers(0, len(X), 150)].copy()
    trees = read_trees(booster)
    for column in range(X.shape[1]):
        choice = np.array(CODES if column < categories else EDGES)
        if column >= categories and (turning := trees.threshold[trees.column == column]).size:
            choice = np.concatenate([choice, turning, np.nextafter(turning, np.inf), np.nextafter(turning, -np.inf)])
        odd = random.random(len(rows)) < 0.5
        rows[odd, column] = random.choice(choice, int(odd.sum()))
    return rows


def matrix(rows: int, columns: int, categories: int, seed: int) -> Floats:
    """Measures with many zeros and many equal values beside the missing ones."""
    random = np.random.default_rng(seed)
    X = measures(rows, columns, categories, seed)
    X[:, columns // 2 :] = np.round(X[:, columns // 2 :])
    X[random.random(X.shape) < 0.2] = 0.0
    return X


def apart(booster: lgb.Booster, rows: Floats) -> float:
    """The largest difference from LightGBM, by tables."""
    explainer = Explainer(booster)
    assert explainer.exact_tables, explainer.said
    expected = booster.predict(rows, pred_contrib=True, num_threads=1)
    found = explainer.contributions(rows)
    assert (found[:, -1] == expected[:, -1]).all()
    for row in range(0, len(rows), 40):
        assert explainer.contributions(rows[row : row + 1]).tobytes() == found[row].tobytes()
    return float(np.abs(found - expected).max())


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    columns=st.integers(1, 9),
    categories=st.integers(0, 3),
    trees=st.integers(1, 12),
    leaves=st.sampled_from([2, 3, 8, 31, 70]),
    depth=st.sampled_from([-1, 1, 3, 4, 6]),
    missing=st.sampled_from([{}, {"zero_as_missing": True}, {"use_missing": False}]),
    least=st.sampled_from([1, 20]),
)
def test_tables_say_what_lightgbm_says(
    seed: int, columns: int, categories: int, trees: int, leaves: int, depth: int, missing: dict[str, bool], least: int
) -> None:
    categories = min(categories, columns)
    X = matrix(250, columns, categories, seed)
    grown = {"num_leaves": leaves, "max_depth": depth, "min_data_in_leaf": least, "min_data_per_group": least}
    booster = grow(X, labels(X, seed), categories, trees, **grown, **missing, cat_smooth=1.0)
    assert apart(booster, X) < 1e-12
    assert apart(booster, strangers(X, booster, categories, seed)) < 1e-12


@pytest.mark.parametrize("depth", [-1, 12])
def test_leaves_too_deep_for_a_table_are_computed(depth: int) -> None:
    X = matrix(3000, 30, 2, 5)
    booster = grow(X, labels(X, 5), 2, 10, num_leaves=63, max_depth=depth, min_data_in_leaf=1, feature_fraction=0.3)
    tables = Lookups(read_trees(booster)).arrays["table_at"]
    assert (tables < 0).any() and (tables >= 0).any()
    assert apart(booster, strangers(X, booster, 2, 5)) < 1e-12


@pytest.mark.parametrize("most", [0, 1000])
def test_tables_are_as_small_as_they_have_to_be(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    booster, X = usual()
    monkeypatch.setattr(groups, "MOST_VALUES", most)
    assert Lookups(read_trees(booster)).nbytes <= 8 * (most + groups.MOST_BITS)
    assert apart(booster, X) < 1e-12


def test_what_no_tree_splits_on_contributes_nothing() -> None:
    X = matrix(300, 4, 0, 1)
    X[:, 2] = 7.0
    booster = grow(X, labels(X, 1))
    assert apart(booster, X) < 1e-12
    assert not contributions(booster, X)[:, 2].any()


def test_trees_without_a_split_contribute_nothing() -> None:
    X = matrix(60, 3, 0, 1)
    booster = grow(X, labels(X, 1), min_data_in_leaf=50)
    assert apart(booster, X) == 0.0
    assert not contributions(booster, X)[:, :-1].any()


def test_an_early_stop_counts() -> None:
    booster, X = usual()
    whole = contributions(booster, X)
    booster.best_iteration = 5
    assert apart(booster, X) < 1e-12
    assert np.abs(contributions(booster, X) - whole).max() > 0.01


def test_a_model_that_went_on_with_other_missing_values_is_explained() -> None:
    X = matrix(500, 4, 1, 3)
    booster = grow(X, labels(X, 3), 1)
    parameters = {"objective": "binary", "verbosity": -1, "num_threads": 1, "zero_as_missing": True}
    rows = lgb.Dataset(X, labels(X, 4), categorical_feature=[0], params=parameters, free_raw_data=False)
    further = lgb.train(parameters, rows, 6, init_model=booster)
    assert len(set(read_trees(further).missing)) > 1
    assert apart(further, strangers(X, further, 1, 3)) < 1e-12


def usual() -> tuple[lgb.Booster, Floats]:
    X = matrix(1500, 8, 2, 7)
    return grow(X, labels(X, 7), 2, 20, num_leaves=15, max_depth=4), X


def test_a_row_has_the_same_bits_alone_in_a_crowd_and_on_any_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    booster, X = usual()
    explainer = Explainer(booster)
    crowd = explainer.contributions(X, threads=1)
    monkeypatch.setattr(treeshap, "SHARE", 100)
    for threads in (None, 2, 3, 40):
        assert explainer.contributions(X, threads=threads).tobytes() == crowd.tobytes()
    for size in (1, 2, 31, 33, 127, 129):
        for start in (0, 5, 700):
            alone = explainer.contributions(X[start : start + size])
            assert alone.tobytes() == crowd[start : start + size].tobytes()
    assert explainer.contributions(np.asfortranarray(X)).tobytes() == crowd.tobytes()
    assert explainer.contributions(X[::-2]).tobytes() == crowd[::-2].tobytes()


def test_every_processor_gives_the_same_bits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    booster, X = usual()
    expected = contributions(booster, X)
    plain = tmp_path / "plain.so"
    sources = sorted(map(str, FOLDER.glob("*.c")))
    flags = [*hatch_build.FLAGS, "-O1", "-DLEADLIGHT_PLAIN", '-DLEADLIGHT_DIGEST=""', "-o", str(plain)]
    subprocess.run([*hatch_build.compiler(), *flags, *sources, "-lm"], check=True)
    loaded = ctypes.CDLL(str(plain))
    for name in SIGNATURES:
        declare(loaded, name)
    monkeypatch.setattr(treeshap, "library", lambda: loaded)
    monkeypatch.setattr(lookups, "library", lambda: loaded)
    assert contributions(booster, X).tobytes() == expected.tobytes()


def test_no_rows_have_no_contributions() -> None:
    booster, X = usual()
    assert contributions(booster, X[:0]).shape == (0, X.shape[1] + 1)


def test_a_copy_makes_its_own_tables() -> None:
    booster, X = usual()
    explainer = Explainer(booster)
    again = copy.deepcopy(explainer)
    assert again.exact_tables
    assert again.contributions(X).tobytes() == explainer.contributions(X).tobytes()


def test_the_tables_say_how_large_they_are() -> None:
    booster, _ = usual()
    assert re.fullmatch(r"Contributions come from tables of \d+\.\d MB\.", Explainer(booster).said)


def three_classes() -> tuple[lgb.Booster, Floats]:
    X = matrix(300, 4, 0, 1)
    return grow(X, np.arange(300) % 3, objective="multiclass", num_class=3), X


def averaged() -> tuple[lgb.Booster, Floats]:
    X = matrix(300, 4, 0, 1)
    bagging = {"bagging_freq": 1, "bagging_fraction": 0.5, "feature_fraction": 0.5}
    return grow(X, labels(X, 1), boosting="rf", **bagging), X


def far_categories() -> tuple[lgb.Booster, Floats]:
    X = matrix(300, 4, 1, 1)
    X[:, 0] = 70_000 + np.arange(300) % 3
    return grow(X, np.arange(300) % 3 == 0, 1, min_data_per_group=1, cat_smooth=0.1), X


@pytest.mark.parametrize(
    ("unlike", "why"),
    [(three_classes, "trees of its own"), (averaged, "averaged"), (far_categories, r"categories up to \d+")],
)
def test_other_trees_are_left_to_lightgbm_and_it_is_said(unlike: Any, why: str) -> None:
    booster, X = unlike()
    explainer = Explainer(booster)
    assert not explainer.exact_tables
    assert re.fullmatch(rf"Contributions come from LightGBM itself, exact but slower: .*{why}.*\.", explainer.said)
    expected = booster.predict(X, pred_contrib=True)
    np.testing.assert_array_equal(explainer.contributions(X), expected)
    assert explainer.base == expected[0, -1]


@pytest.mark.parametrize(
    ("limits", "categories", "why"),
    [
        ({"groups.WIDEST": 2, "groups.KEY_BITS": ((0, 0),)}, 2, r"a leaf depends on \d columns, and 2 are the most"),
        ({"lookups.MOST_CODES": 2}, 0, r"a column has \d+ thresholds"),
        ({"lookups.MOST_LISTED": 2}, 2, "a column has categories up to 31"),
    ],
)
def test_trees_beyond_the_tables_are_left_to_lightgbm(
    monkeypatch: pytest.MonkeyPatch, limits: dict[str, Any], categories: int, why: str
) -> None:
    X = matrix(600, 8, categories, 7)
    booster = grow(X, labels(X, 7), categories)
    for name, limit in limits.items():
        monkeypatch.setattr(f"pipeline.learning.{name}", limit)
    explainer = Explainer(booster)
    assert not explainer.exact_tables
    assert re.search(why, explainer.said)
    np.testing.assert_array_equal(explainer.contributions(X), booster.predict(X, pred_contrib=True))


def test_linear_leaves_are_refused_as_lightgbm_does() -> None:
    X = matrix(300, 4, 0, 1)
    booster = grow(X, labels(X, 1), linear_tree=True, min_data_in_leaf=20)
    with pytest.raises(lgb.basic.LightGBMError, match="linear"):
        Explainer(booster)


def test_tables_that_differ_from_lightgbm_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    booster, X = usual()
    monkeypatch.setattr(lookups, "_gauss", lambda most: [0.5, 1.0] * most * most)
    explainer = Explainer(booster)
    assert "tables and LightGBM differ by" in explainer.said
    np.testing.assert_array_equal(explainer.contributions(X), booster.predict(X, pred_contrib=True))


def test_trees_written_in_another_way_are_left_to_lightgbm(monkeypatch: pytest.MonkeyPatch) -> None:
    booster, _ = usual()
    text = booster.model_to_string()
    monkeypatch.setattr(booster, "model_to_string", lambda: text.replace("internal_count", "count_of_nodes"))
    assert "writes its trees in another way" in Explainer(booster).said


def test_a_matrix_of_other_columns_is_refused() -> None:
    booster, X = usual()
    with pytest.raises(lgb.basic.LightGBMError, match="number of features"):
        Explainer(booster).contributions(X[:, 1:])


def test_python_and_c_mean_the_same_structure() -> None:
    header = (FOLDER / "treeshap.h").read_text(encoding="utf-8")
    fields = re.search(r"typedef struct \{(.*)\} Forest;", header, re.DOTALL)
    assert fields
    kinds = {"double": "float64"} | {f"{kind}_t": kind for kind in ("int64", "int32", "uint16", "uint8")}
    listed = re.findall(r"const (\w+) \*(\w+);", fields[1])
    assert {name: kinds[kind] for kind, name in listed} == dict(FOREST_ARRAYS)
    assert [name for _, name in listed] == list(FOREST_ARRAYS)
    assert re.findall(r"int64_t (\w+);", fields[1]) == ["trees", "columns", "features", "nodes", "wide"]

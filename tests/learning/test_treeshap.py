"""Contributions against two readings that share no code with LightGBM's: the definition, and the shap library's own."""

from __future__ import annotations

import math
from importlib import import_module
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from pipeline.learning.treeshap import contributions
from pipeline.tables.columns import Floats
from tests.learning.test_model import grown, measures

Node = dict[str, Any]


def weight(node: Node) -> int:
    return int(node["leaf_count"] if "leaf_value" in node else node["internal_count"])


def goes_left(node: Node, value: float) -> bool:
    """LightGBM's rule: a category goes left if it is listed, a missing number where the node says."""
    if node["decision_type"] == "==":
        return not math.isnan(value) and str(int(value)) in node["threshold"].split("||")
    if math.isnan(value) and node["missing_type"] == "NaN":
        return bool(node["default_left"])
    return (0.0 if math.isnan(value) else value) <= node["threshold"]


def expectation(node: Node, row: Floats, known: frozenset[int]) -> float:
    """What the tree says of a row of which only some columns are known: the rest follows the rows it was grown on."""
    if "leaf_value" in node:
        return float(node["leaf_value"])
    left, right = node["left_child"], node["right_child"]
    if node["split_feature"] in known:
        return expectation(left if goes_left(node, row[node["split_feature"]]) else right, row, known)
    parts = [(weight(child), expectation(child, row, known)) for child in (left, right)]
    return sum(share * value for share, value in parts) / sum(share for share, _ in parts)


def shapley(trees: list[Node], row: Floats) -> list[float]:
    """Shapley values by their definition, over all subsets of columns; the last is the value of knowing nothing."""
    columns = range(len(row))
    worth = {
        frozenset(known): sum(expectation(tree, row, frozenset(known)) for tree in trees)
        for size in range(len(row) + 1)
        for known in combinations(columns, size)
    }
    values = []
    for column in columns:
        value = 0.0
        for known, alone in worth.items():
            if column not in known:
                share = (
                    math.factorial(len(known)) * math.factorial(len(row) - len(known) - 1) / math.factorial(len(row))
                )
                value += share * (worth[known | {column}] - alone)
        values.append(value)
    return [*values, worth[frozenset()]]


@pytest.mark.parametrize("seed", range(3))
def test_contributions_are_shapley_values_by_definition(seed: int) -> None:
    model, X = grown(columns=5, categories=2, trees=8, seed=seed)
    assert model.booster is not None
    trees = [tree["tree_structure"] for tree in model.booster.dump_model()["tree_info"]]
    rows = np.vstack([X[:10], measures(5, 5, 2, seed + 100), np.full((1, 5), np.nan), np.full((1, 5), 99.0)])
    found = contributions(model.booster, rows)
    for row, parts in zip(rows, found, strict=True):
        np.testing.assert_allclose(parts, shapley(trees, row), atol=1e-9)


def flat(root: Node) -> dict[str, np.ndarray[Any, Any]]:
    """A tree as the arrays that the shap library explains by its own algorithm."""
    nodes: list[Node] = []

    def place(node: Node) -> int:
        position = len(nodes)
        nodes.append({"left": -1, "right": -1, "missing": -1, "column": -2, "threshold": 0.0, "value": 0.0})
        nodes[position]["weight"] = float(weight(node))
        if "leaf_value" in node:
            nodes[position]["value"] = node["leaf_value"]
        else:
            left, right = place(node["left_child"]), place(node["right_child"])
            missing = left if goes_left(node, math.nan) else right
            nodes[position] |= {"left": left, "right": right, "missing": missing}
            nodes[position] |= {"column": node["split_feature"], "threshold": node["threshold"]}
        return position

    place(root)
    columns = {key: np.array([node[key] for node in nodes]) for key in nodes[0]}
    return {
        "children_left": columns["left"].astype(np.int32),
        "children_right": columns["right"].astype(np.int32),
        "children_default": columns["missing"].astype(np.int32),
        "features": columns["column"].astype(np.int32),
        "thresholds": columns["threshold"],
        "values": columns["value"][:, None],
        "node_sample_weight": columns["weight"],
    }


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_contributions_are_those_of_the_shap_library() -> None:
    shap = import_module("shap")  # here, since importing it warns of matplotlib's future
    model, X = grown(categories=0, trees=40)
    assert model.booster is not None
    trees = [flat(tree["tree_structure"]) for tree in model.booster.dump_model()["tree_info"]]
    explainer = shap.TreeExplainer({"trees": trees}, feature_perturbation="tree_path_dependent")
    expected = explainer.shap_values(X, check_additivity=False)
    found = contributions(model.booster, X)
    np.testing.assert_allclose(found[:, :-1], expected, atol=1e-9)
    np.testing.assert_allclose(found[:, -1], np.repeat(explainer.expected_value, len(X)), atol=1e-9)

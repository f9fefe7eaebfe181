"""LightGBM's trees as flat arrays, read from its text: what contributions are computed from.

Nodes and leaves of all trees stand one after the other; a tree of a single leaf splits on nothing and is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from pipeline.tables.columns import Floats

Ints = NDArray[np.int64]

CATEGORICAL, DEFAULT_LEFT = 1, 2
"""Bits of LightGBM's decision type; the two bits above them say what counts as missing."""

NOTHING, ZERO, NAN = 0, 1, 2
"""What a node takes for missing: nothing (NaN is read as 0), zero and NaN, or NaN."""


class UnknownTreesError(ValueError):
    """These trees cannot be read or explained here; the sentence says why."""


@dataclass(frozen=True)
class Trees:
    """The trees of a model, one after the other.

    Attributes
    ----------
    first_node, first_leaf : (trees + 1,) where each tree's nodes and leaves start; a tree has one node less than leaves
    column, threshold, left, right, count : (nodes,) a child >= 0 is a node of the same tree, ~child a leaf
    missing : (nodes,) NOTHING, ZERO or NAN
    default_left : (nodes,) whether what is missing goes left
    words : (nodes, 2) start and end in `categories`: the bit set of the categories that go left; (0, 0) for a number
    value, leaf_count : (leaves,)
    categories : 32-bit words
    """

    first_node: Ints
    first_leaf: Ints
    column: Ints
    threshold: Floats
    left: Ints
    right: Ints
    count: Ints
    missing: Ints
    default_left: NDArray[np.bool_]
    words: Ints
    value: Floats
    leaf_count: Ints
    categories: NDArray[np.uint32]


def read_trees(booster: lgb.Booster) -> Trees:
    """The trees that `booster.predict` would use; UnknownTreesError where contributions are not the sum of these."""
    header, *blocks = booster.model_to_string().partition("\nend of trees")[0].split("\nTree=")
    told = header.splitlines()
    if "num_tree_per_iteration=1" not in told:
        raise UnknownTreesError("each class has trees of its own")
    if "average_output" in told:
        raise UnknownTreesError("the trees are averaged, not summed")
    lines = [dict(line.split("=", 1) for line in block.splitlines()[1:] if "=" in line) for block in blocks]
    if any(tree.get("is_linear", "0") != "0" for tree in lines):
        raise UnknownTreesError("the trees have linear leaves")
    try:
        return _flat([tree for tree in lines if tree["num_leaves"] != "1"])
    except (KeyError, ValueError) as error:
        raise UnknownTreesError(f"LightGBM writes its trees in another way ({error})") from error


def _flat(lines: list[dict[str, str]]) -> Trees:
    """The arrays of trees that split, each line of all trees read at once."""
    leaves = np.array([int(tree["num_leaves"]) for tree in lines], dtype=np.int64)

    def numbers(key: str, size: int, kind: Any = np.int64) -> NDArray[Any]:
        text = " ".join(tree[key] for tree in lines if key in tree)
        found = np.array(text.split(), dtype=kind)
        if len(found) != size:
            raise ValueError(f"{len(found)} values of {key} for {size}")
        return found

    nodes = int((leaves - 1).sum())
    decision = numbers("decision_type", nodes)
    threshold = numbers("threshold", nodes, np.float64)
    words, categories = _category_sets(lines, leaves, decision, threshold)
    flat = Trees(
        np.concatenate([[0], np.cumsum(leaves - 1)]),
        np.concatenate([[0], np.cumsum(leaves)]),
        *(numbers("split_feature", nodes), threshold, numbers("left_child", nodes), numbers("right_child", nodes)),
        numbers("internal_count", nodes),
        (decision >> 2) & 3,
        (decision & DEFAULT_LEFT) != 0,
        words,
        numbers("leaf_value", int(leaves.sum()), np.float64),
        numbers("leaf_count", int(leaves.sum())),
        categories,
    )
    if (flat.count <= 0).any():
        raise UnknownTreesError("a node of a tree says that no row reached it")
    return flat


def _category_sets(
    lines: list[dict[str, str]], leaves: Ints, decision: Ints, threshold: Floats
) -> tuple[Ints, NDArray[np.uint32]]:
    """Where each categorical node's bit set lies in the words of all trees: its "threshold" is a number in its tree."""
    words = np.zeros((len(decision), 2), dtype=np.int64)
    listed: list[str] = []
    first = 0
    for tree, size in zip(lines, leaves - 1, strict=True):
        if tree["num_cat"] != "0":
            bounds = np.array(tree["cat_boundaries"].split(), dtype=np.int64) + len(listed)
            nodes = first + np.flatnonzero(decision[first : first + size] & CATEGORICAL)
            index = threshold[nodes].astype(np.int64)
            words[nodes, 0], words[nodes, 1] = bounds[index], bounds[index + 1]
            listed += tree["cat_threshold"].split()
        first += size
    return words, np.array(listed, dtype=np.uint32)

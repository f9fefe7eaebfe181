"""Trees as the compiled loop reads them (`pipeline/native/treeshap.h`), with their tables of contributions."""

from __future__ import annotations

import ctypes
import math
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.learning.groups import MOST_BITS, WIDEST, grouped
from pipeline.learning.trees import NOTHING, Trees, UnknownTreesError
from pipeline.native import library
from pipeline.native.functions import FOREST_ARRAYS, Forest
from pipeline.tables.columns import Floats

CATEGORY = 3
"""What treeshap.h calls a column of categories, beside the three ways of being missing."""

MOST_CODES = 2**16 - 4
"""Different thresholds of a column that its codes can tell apart; one code less of categories."""

MOST_LISTED = 2**24
"""Bytes of all lists of categories."""


class Lookups:
    """The arrays of a model's `Forest`, held as long as the structure that points to them.

    Attributes
    ----------
    arrays : the fields of `forest` by name
    forest : what treeshap.c takes
    nbytes : size of the tables
    """

    def __init__(self, trees: Trees) -> None:
        """Make the tables; UnknownTreesError where they would not be exact."""
        used, feature = np.unique(trees.column, return_inverse=True)
        arrays: dict[str, Any] = {**grouped(trees, feature.tolist()), "used": used, "first_node": trees.first_node}
        arrays |= _codes(trees, np.array(arrays.pop("order"), dtype=np.int64))
        arrays["points"] = _gauss((WIDEST + 1) // 2)
        # The compiled loop reads as many values of the last line as of any.
        arrays["tables"] = np.zeros(arrays.pop("values") + MOST_BITS)
        self.arrays = {name: np.ascontiguousarray(arrays[name], dtype=kind) for name, kind in FOREST_ARRAYS.items()}
        largest = int(np.diff(trees.first_node).max(initial=0))
        wide = int((self.arrays["table_at"] < 0).sum())
        sizes = (len(trees.first_node) - 1, len(self.arrays["column"]), len(used), largest, wide)
        self.forest = Forest(*sizes, *(array.ctypes.data for array in self.arrays.values()))
        tables = self.arrays["tables"]
        self.nbytes = tables.nbytes
        library().treeshap_tables(ctypes.byref(self.forest), tables.ctypes.data)


def _codes(trees: Trees, order: NDArray[np.int64]) -> dict[str, Any]:
    """The columns with their thresholds, and each node, in its new order, as a question about codes.

    A feature is a column once for each way of being missing that its nodes have: LightGBM has one a feature, but a
    model that went on from another may mix them.
    """
    categorical = trees.words[:, 1] > trees.words[:, 0]
    kind = np.where(categorical, CATEGORY, trees.missing)
    columns, code = np.unique(trees.column * 4 + kind, return_inverse=True)
    # Added to a code, it makes the code of what is missing the lowest: it was the highest that 16 bits hold.
    shift = (trees.default_left & ~categorical & (trees.missing != NOTHING)).astype(np.int64)
    limit, listed_at = np.zeros(len(code), dtype=np.int64), np.full(len(code), -1)
    thresholds: list[Floats] = []
    listed = [np.zeros(0, dtype=np.uint8)]
    for column, number in enumerate(columns):
        nodes = np.flatnonzero(code == column)
        if number % 4 == CATEGORY:
            lists = _lists(trees, nodes, MOST_LISTED - sum(part.size for part in listed))
            listed_at[nodes] = sum(part.size for part in listed) + np.arange(len(nodes)) * lists.shape[1]
            listed.append(lists.reshape(-1))
            thresholds.append(np.array([lists.shape[1] - 1.0]))
            continue
        different = np.unique(trees.threshold[nodes])
        if len(different) > MOST_CODES:
            raise UnknownTreesError(f"a column has {len(different)} thresholds")
        limit[nodes] = np.searchsorted(different, trees.threshold[nodes]) + shift[nodes]
        filled = np.full(1 << len(different).bit_length(), np.inf)
        filled[: len(different)] = different
        thresholds.append(filled)
    asked = np.arange(len(order))
    categories = np.flatnonzero(categorical[order])
    return {
        "column": columns // 4,
        "kind": columns % 4,
        "first_threshold": np.cumsum([0, *map(len, thresholds)]),
        "thresholds": np.concatenate([np.empty(0), *thresholds]),
        "code": code[order],
        "shift": shift[order],
        "limit": limit[order],
        "listed_at": listed_at[order],
        "listed": np.concatenate(listed),
        "category": (asked - np.repeat(trees.first_node[:-1], np.diff(trees.first_node)))[categories],
        "first_category": np.searchsorted(categories, trees.first_node),
    }


def _lists(trees: Trees, nodes: NDArray[np.int64], most: int) -> NDArray[np.uint8]:
    """For each node 255 at the categories that go left, 0 at the others and, last, at those that no node lists."""
    sets = [trees.categories[start:end].astype("<u4").view(np.uint8) for start, end in trees.words[nodes]]
    categories = 8 * max(map(len, sets))
    if categories > MOST_CODES or len(sets) * (categories + 1) > most:
        raise UnknownTreesError(f"a column has categories up to {categories - 1}")
    lists = np.zeros((len(sets), categories + 1), dtype=np.uint8)
    for row, words in zip(lists, sets, strict=True):
        row[: 8 * len(words)] = 255 * np.unpackbits(words, bitorder="little")
    return lists


@cache
def _gauss(most: int) -> list[float]:
    """Gauss's formulas on [0, 1] with 0, 1, ... `most` points: each its points, then their weights, which sum to one.

    >>> _gauss(1)
    [0.5, 1.0]
    """
    listed: list[float] = []
    for points in range(1, most + 1):
        at, weights = [], []
        for number in range(points):
            # A root of Legendre's polynomial, by Newton's iteration from near by.
            x = math.cos(math.pi * (number + 0.75) / (points + 0.5))
            for _ in range(8):
                value, slope = _legendre(points, x)
                x -= value / slope
            slope = _legendre(points, x)[1]
            at.append((1.0 + x) / 2.0)
            weights.append(1.0 / ((1.0 - x * x) * slope * slope))
        listed += at + [weight / math.fsum(weights) for weight in weights]
    return listed


def _legendre(degree: int, x: float) -> tuple[float, float]:
    """Legendre's polynomial and its slope inside (-1, 1)."""
    value, before = x, 1.0
    for n in range(2, degree + 1):
        value, before = ((2 * n - 1) * x * value - (n - 1) * before) / n, value
    return value, degree * (x * value - before) / (x * x - 1.0)

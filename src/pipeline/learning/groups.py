"""Leaves of trees in groups that share a table of contributions, and what the key of each group is made of."""

from __future__ import annotations

from typing import Any

from pipeline.learning.trees import Trees, UnknownTreesError

MOST_VALUES = 64 * 2**20 // 8
"""Of all tables of a model: 64 MB."""

KEY_BITS = ((7, 8), (6, 7), (5, 6), (4, 5), (0, 0))
"""How many conditions may make the key of several leaves, and of one alone: tried in this order until the tables are
small enough. More would make them larger and hardly faster; with none there is no table, and every leaf is computed."""

WIDEST = 64
"""Features on one leaf's path, as many as treeshap.c computes."""

Path = dict[int, tuple[tuple[int, ...], float]]
"""Feature -> its conditions on the way from the root, and the share of rows that meet them."""

Factors = dict[int, tuple[int, int, float]]
"""Feature -> the bits of the key that it reads, the values they must have, and the share of rows that meet them."""


def grouped(trees: Trees, feature: list[int]) -> dict[str, Any]:
    """The lists of treeshap.h's `Forest` that describe groups and leaves, and `values`: how many numbers tables hold.

    `feature` (nodes,) is each node's feature, counted among those that some tree splits on. UnknownTreesError where a
    leaf depends on more than WIDEST.
    """
    for together, alone in KEY_BITS:
        groups = _Groups(trees, feature, together, alone)
        if groups.values <= MOST_VALUES:
            break
    return {**groups.lists, "values": groups.values}


class _Groups:
    """Each tree is cut from its root down, into the largest parts whose conditions fit into a key.

    A key holds a bit for each feature of the path from the root to the part, and a bit for each node inside it: whether
    a row satisfies all the path's conditions on that feature, and whether it goes left. A leaf that is a part of its
    own with too long a path has no table: its contributions are computed for each row.
    """

    def __init__(self, trees: Trees, feature: list[int], together: int, alone: int) -> None:
        """Cut all trees; ends early where the tables have become too large."""
        self.values = 0
        self._together, self._alone = together, alone
        self._feature = feature
        self._children = {"left": trees.left.tolist(), "right": trees.right.tolist()}
        self._rows, self._leaf_rows = trees.count.tolist(), trees.leaf_count.tolist()
        self._value: list[float] = trees.value.tolist()
        firsts = ("first_group", "first_feature", "first_leaf", "first_condition", "first_factor")
        rest = ("table_at", "bits", "feature", "condition", "bit", "value", "position", "mask", "want", "ratio")
        self.lists: dict[str, list[Any]] = {**{name: [0] for name in firsts}, **{name: [] for name in rest}}
        for node, leaf in zip(trees.first_node[:-1].tolist(), trees.first_leaf[:-1].tolist(), strict=True):
            self._first_node, self._first_leaf = node, leaf
            self._cut()
            self.lists["first_group"].append(len(self.lists["table_at"]))
            if self.values > MOST_VALUES:
                break

    def _cut(self) -> None:
        """One tree's groups, from left to right."""
        inside = self._inside()
        waiting: list[tuple[int, Path]] = [(0, {})]
        while waiting:
            node, path = waiting.pop()
            if node < 0 or len(path) + inside[node] <= self._together:
                self._group(node, path)
                continue
            feature = self._feature[self._first_node + node]
            met, share = path.get(feature, ((), 1.0))
            for turn, side in ((1, "right"), (0, "left")):
                child = self._child(node, side)
                further = ((*met, 2 * node + turn), share * self._share(node, child))
                waiting.append((child, path | {feature: further}))

    def _inside(self) -> dict[int, int]:
        """Node of the tree -> how many nodes there are from it on."""
        order, waiting = [], [0]
        while waiting:
            node = waiting.pop()
            order.append(node)
            waiting += [child for side in self._children if (child := self._child(node, side)) >= 0]
        inside: dict[int, int] = {}
        for node in reversed(order):
            inside[node] = 1 + sum(inside.get(self._child(node, side), 0) for side in self._children)
        return inside

    def _child(self, node: int, side: str) -> int:
        return int(self._children[side][self._first_node + node])

    def _share(self, node: int, child: int) -> float:
        """Of the rows that reached a node, those that went on to this child."""
        rows = self._rows[self._first_node + child] if child >= 0 else self._leaf_rows[self._first_leaf + ~child]
        return float(rows / self._rows[self._first_node + node])

    def _group(self, node: int, path: Path) -> None:
        """Add the leaves from `node` on as one group, with a table unless it is one leaf with too long a path."""
        lists, tabled = self.lists, len(path) <= self._alone
        if len(path) > WIDEST:
            raise UnknownTreesError(f"a leaf depends on {len(path)} columns, and {WIDEST} are the most")
        place = {feature: position for position, feature in enumerate(path)}
        conditions = [met for met, _ in path.values()]
        factors: Factors = {}
        for position, (feature, (_, share)) in enumerate(path.items()):
            bit = 1 << position if tabled else 0
            factors[feature] = (bit, bit, share)
        self._leaves(node, factors, place, conditions)
        for bit, met in enumerate(conditions):
            lists["condition"] += met
            lists["bit"] += [bit] * len(met)
        lists["feature"] += place
        lists["bits"].append(len(conditions))
        lists["table_at"].append(self.values if tabled else -1)
        for first, listed in (("first_condition", "condition"), ("first_feature", "feature"), ("first_leaf", "value")):
            lists[first].append(len(lists[listed]))
        self.values += len(place) << len(conditions) if tabled else 0

    def _leaves(self, node: int, factors: Factors, place: dict[int, int], conditions: list[tuple[int, ...]]) -> None:
        """Add the leaves from a node on; `place` and `conditions` grow by what the nodes inside the group ask."""
        lists = self.lists
        if node < 0:
            lists["value"].append(self._value[self._first_leaf + ~node])
            for feature, (mask, want, share) in factors.items():
                for name, number in (("position", place[feature]), ("mask", mask), ("want", want), ("ratio", share)):
                    lists[name].append(number)
            lists["first_factor"].append(len(lists["ratio"]))
            return
        bit = 1 << len(conditions)
        conditions.append((2 * node,))
        feature = self._feature[self._first_node + node]
        place.setdefault(feature, len(place))
        mask, want, share = factors.get(feature, (0, 0, 1.0))
        for wanted, side in ((bit, "left"), (0, "right")):
            child = self._child(node, side)
            met = (mask | bit, want | wanted, share * self._share(node, child))
            self._leaves(child, factors | {feature: met}, place, conditions)

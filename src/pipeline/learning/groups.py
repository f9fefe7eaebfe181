"""Leaves of trees in groups that share a table of contributions, and what the key of each group is made of."""

from __future__ import annotations

from typing import Any

from pipeline.learning.trees import Trees, UnknownTreesError

MOST_BITS = 8
"""Of a key, as in treeshap.h."""

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

FIRSTS = {
    "first_turn": "turn",
    "first_group": "table_at",
    "first_feature": "feature",
    "first_leaf": "value",
    "first_condition": "condition",
    "first_factor": "ratio",
}
"""The lists of where each owner's part starts, and the lists that hold the parts."""

REST = (
    *("order", "turn_place", "turn_bit", "place", "above", "inside", "bits", "width", "part"),
    *("position", "mask", "want"),
)


def grouped(trees: Trees, feature: list[int]) -> dict[str, Any]:
    """The lists of treeshap.h's `Forest` that describe turns, groups and leaves; two more are:

    `values`, how many numbers the tables hold, and `order` (nodes,), where each node of a tree stood: inside a group
    they follow one another. `feature` (nodes,) is each node's feature, counted among those that some tree splits on.
    UnknownTreesError where a leaf depends on more than WIDEST.
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
        self._first_node = self._first_leaf = 0
        self._unread = max(feature, default=-1) + 1
        self._children: dict[str, list[int]] = {"left": trees.left.tolist(), "right": trees.right.tolist()}
        self._rows, self._leaf_rows = trees.count.tolist(), trees.leaf_count.tolist()
        self._value: list[float] = trees.value.tolist()
        self.lists: dict[str, list[Any]] = {name: [0] for name in FIRSTS}
        self.lists |= {name: [] for name in (*FIRSTS.values(), *REST)}
        for node, leaf in zip(trees.first_node[:-1].tolist(), trees.first_leaf[:-1].tolist(), strict=True):
            self._first_node, self._first_leaf = node, leaf
            self._cut()
            self._end("first_turn", "first_group")
            if self.values > MOST_VALUES:
                break

    def _end(self, *firsts: str) -> None:
        """The next owner's part starts here."""
        for first in firsts:
            self.lists[first].append(len(self.lists[FIRSTS[first]]))

    def _cut(self) -> None:
        """One tree's turns from the root down, and its groups from left to right."""
        lists, inside = self.lists, self._inside()
        places = 0
        waiting: list[tuple[int, Path, int]] = [(0, {}, 0)]
        while waiting:
            node, path, place = waiting.pop()
            if node < 0 or len(path) + inside[node] <= self._together:
                self._group(node, path, place)
                continue
            feature, rank = self._feature[self._first_node + node], self._rank(node)
            met, share = path.get(feature, ((), 1.0))
            bit = list(path).index(feature) if met else len(path)
            lists["turn"].append(rank)
            lists["turn_place"].append(place)
            lists["turn_bit"].append(1 << bit if bit < MOST_BITS else 0)
            places += 2
            for turn, side in ((1, "right"), (0, "left")):
                child = self._child(node, side)
                further = ((*met, 2 * rank + turn), share * self._share(node, child))
                waiting.append((child, path | {feature: further}, places - 1 + turn))

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
        return self._children[side][self._first_node + node]

    def _rank(self, node: int) -> int:
        """The node's new place in its tree: the next."""
        order = self.lists["order"]
        order.append(self._first_node + node)
        return len(order) - self._first_node - 1

    def _share(self, node: int, child: int) -> float:
        """Of the rows that reached a node, those that went on to this child."""
        rows = self._rows[self._first_node + child] if child >= 0 else self._leaf_rows[self._first_leaf + ~child]
        return float(rows / self._rows[self._first_node + node])

    def _group(self, node: int, path: Path, place: int) -> None:
        """Add the leaves from `node` on as one group, with a table unless it is one leaf with too long a path."""
        lists, tabled = self.lists, len(path) <= self._alone
        if len(path) > WIDEST:
            raise UnknownTreesError(f"a leaf depends on {len(path)} columns, and {WIDEST} are the most")
        factors: Factors = {}
        for position, (feature, (met, share)) in enumerate(path.items()):
            bit = 1 << position if tabled else 0
            factors[feature] = (bit, bit, share)
            lists["condition"] += () if tabled else met
            lists["part"] += () if tabled else [position] * len(met)
        first = len(lists["order"])
        features = {feature: position for position, feature in enumerate(path)}
        self._leaves(node, factors, features, len(path))
        bits = len(path) + len(lists["order"]) - first
        numbers = {"place": place, "above": len(path), "inside": first - self._first_node, "bits": bits}
        numbers |= {"width": len(features), "table_at": self.values if tabled else -1}
        for name, number in numbers.items():
            lists[name].append(number)
        lists["feature"] += features
        if tabled:
            lists["feature"] += range(self._unread, self._unread + MOST_BITS - len(features))
            self.values += len(features) << bits
        self._end("first_feature", "first_leaf", "first_condition")

    def _leaves(self, node: int, factors: Factors, features: dict[int, int], bits: int) -> int:
        """Add the leaves from a node on; `features` grows by what the nodes inside ask. How many bits there are now."""
        lists = self.lists
        if node < 0:
            lists["value"].append(self._value[self._first_leaf + ~node])
            for feature, (mask, want, share) in factors.items():
                for name, number in (("position", features[feature]), ("mask", mask), ("want", want), ("ratio", share)):
                    lists[name].append(number)
            self._end("first_factor")
            return bits
        self._rank(node)
        bit = 1 << bits
        bits += 1
        feature = self._feature[self._first_node + node]
        features.setdefault(feature, len(features))
        mask, want, share = factors.get(feature, (0, 0, 1.0))
        for wanted, side in ((bit, "left"), (0, "right")):
            child = self._child(node, side)
            met = (mask | bit, want | wanted, share * self._share(node, child))
            bits = self._leaves(child, factors | {feature: met}, features, bits)
        return bits

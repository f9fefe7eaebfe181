"""The definition of a model's inputs, and the matrix that measures become: columns in order, texts as codes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.criteria import Criterion
from pipeline.definitions.maps import OTHER, Rules, read_rules
from pipeline.tables.columns import Floats, Texts

Mask = NDArray[np.bool_]

CATEGORIES = 50
"""The most frequent training values of a categorical column that keep a code of their own."""


@dataclass(frozen=True)
class Definition:
    """All that turns a history into the model's matrix, as plain data.

    `vocabularies`: categorical column -> its values by frequency; a value's code is its position, `len` is `other`,
    missing is NaN. `missing` are the texts that mean no value.
    `recorded`: rule 10's answer per attribute with a change history. `horizon` is in microseconds.
    """

    criteria: tuple[Criterion, ...]
    vocabularies: Mapping[str, tuple[str, ...]]
    recorded: Mapping[str, bool] = field(default_factory=dict)
    timezone: str = "UTC"
    horizon: int | None = None
    excluded_kinds: tuple[str, ...] = ()
    excluded_columns: tuple[str, ...] = ()
    maps: Mapping[str, Rules] = field(default_factory=dict)
    missing: tuple[str, ...] = ()

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of the matrix's columns, in order."""
        return tuple(name for criterion in self.criteria for name in criterion.columns)

    @cached_property
    def categorical(self) -> tuple[int, ...]:
        """Positions of the categorical columns."""
        return tuple(position for position, name in enumerate(self.columns) if name in self.vocabularies)

    @cached_property
    def criterion_of(self) -> tuple[int, ...]:
        """For each column the position of its criterion."""
        return tuple(position for position, criterion in enumerate(self.criteria) for _ in criterion.columns)

    @cached_property
    def fingerprint(self) -> str:
        """Hash of criteria, vocabularies and all else that a measure depends on; labels for people do not count."""
        plain = self.to_json()
        for criterion in plain["criteria"]:
            criterion.pop("label", None)
        return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """Plain data for the bundle."""
        return {
            "criteria": [criterion.to_json() for criterion in self.criteria],
            "vocabularies": {name: list(words) for name, words in self.vocabularies.items()},
            "recorded": dict(self.recorded),
            "timezone": self.timezone,
            "horizon": self.horizon,
            "excluded_kinds": list(self.excluded_kinds),
            "excluded_columns": list(self.excluded_columns),
            "maps": {
                name: [{"value": value, "patterns": list(patterns)} for value, patterns in rules]
                for name, rules in self.maps.items()
            },
        } | ({"missing": list(self.missing)} if self.missing else {})

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Definition:
        """Read what `to_json` wrote."""
        return cls(
            criteria=tuple(Criterion.from_json(criterion) for criterion in plain["criteria"]),
            vocabularies={name: tuple(words) for name, words in plain["vocabularies"].items()},
            recorded=dict(plain["recorded"]),
            timezone=plain["timezone"],
            horizon=plain["horizon"],
            excluded_kinds=tuple(plain["excluded_kinds"]),
            excluded_columns=tuple(plain["excluded_columns"]),
            maps={name: read_rules(rules) for name, rules in plain["maps"].items()},
            missing=tuple(plain.get("missing", ())),
        )

    def matrix(self, columns: Mapping[str, Floats | Texts]) -> tuple[Floats, dict[str, Mask]]:
        """The matrix (n, p) of float64, and for each column with unseen values the rows that hold one.

        A text without a code of its own is `other`, and counts as unseen; so does a text in a numeric column, which
        becomes NaN, as LightGBM would silently take it for a number.
        """
        size = next((len(column) for column in columns.values()), 0)
        matrix = np.empty((size, len(self.columns)), dtype=np.float64)
        unseen: dict[str, Mask] = {}
        for position, name in enumerate(self.columns):
            column = columns[name]
            if isinstance(column, Texts):
                matrix[:, position], strange = self._codes(name, column)
            elif name in self.vocabularies:
                strange = ~np.isnan(column)
                matrix[:, position] = np.where(strange, len(self.vocabularies[name]), np.nan)
            else:
                matrix[:, position] = column
                continue
            if strange.any():
                unseen[name] = strange
        return matrix, unseen

    def _codes(self, name: str, column: Texts) -> tuple[Floats, Mask]:
        words = self.vocabularies.get(name)
        index = {word: float(code) for code, word in enumerate(words or ())}
        rest = np.nan if words is None else float(len(words))
        table = np.array([index.get(word, rest) for word in column.words] + [np.nan], dtype=np.float64)
        strange = np.array([word not in index and word != OTHER for word in column.words] + [False])
        return table[column.codes], strange[column.codes]


def vocabulary(column: Texts, limit: int = CATEGORIES) -> tuple[str, ...]:
    """The `limit` most frequent values, ties by text.

    >>> vocabulary(Texts.of(["b", "a", "b", None, "a", "c"]), 2)
    ('a', 'b')
    """
    counts = np.bincount(column.codes[column.codes >= 0], minlength=len(column.words))
    order = sorted(range(len(column.words)), key=lambda code: (-counts[code], column.words[code]))
    return tuple(column.words[code] for code in order[:limit] if counts[code] > 0)

"""What the facts of many partitions hold, in few words: enough to say of each column what a training set has to say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from pipeline.definitions.numerals import read_number
from pipeline.tables.columns import Interactions, Texts

Digest = Mapping[str, Any]


@dataclass(frozen=True)
class Digested(Interactions):
    """Facts that are elsewhere: of `rows` rows each column holds those that tell, apart from the other columns.

    Kinds stand beside each flow that they have; a number is there if any is; of texts there is one that is no number,
    or else all of them.
    """

    rows: int = 0

    def __len__(self) -> int:
        return self.rows


def digest(facts: Interactions) -> dict[str, Any]:
    """The digest of a partition's facts."""
    pairs = np.unique(np.stack([facts.kind.codes, facts.flow.astype(np.int32)], axis=1), axis=0)
    return {
        "rows": len(facts),
        "pairs": [[facts.kind.words[kind], flow] for kind, flow in pairs.tolist()],
        "numbers": {name: not bool(np.isnan(column).all()) for name, column in facts.numbers.items()},
        "texts": {name: _texts(column) for name, column in facts.texts.items()},
    }


def _texts(column: Texts) -> dict[str, int]:
    """Texts and how often each occurs, as far as they tell whether all are numbers."""
    counts = np.bincount(column.codes[column.codes >= 0], minlength=len(column.words))
    return _telling({column.words[code]: int(counts[code]) for code in np.flatnonzero(counts).tolist()})


def _telling(counts: Mapping[str, int]) -> dict[str, int]:
    odd = next((word for word in sorted(counts) if np.isnan(read_number(word))), None)
    return dict(counts) if odd is None else {odd: counts[odd]}


def digested(empty: Interactions, digests: Sequence[Digest]) -> Digested:
    """The digests of all partitions as one table; `empty` has its columns and all its kinds, and no row."""
    pairs = sorted({(kind, flow) for each in digests for kind, flow in each["pairs"]})
    rows = sum(each["rows"] for each in digests)
    held = {name: any(each["numbers"][name] for each in digests) for name in empty.numbers}
    texts: dict[str, Counter[str]] = {name: Counter() for name in empty.texts}
    for each in digests:
        for name, counts in each["texts"].items():
            texts[name].update(counts)
    kinds = Texts.of(kind for kind, _ in pairs).recode(empty.kind.words)
    columns = {field.name: getattr(empty, field.name) for field in fields(empty)}
    columns |= {
        "kind": Texts(kinds, empty.kind.words),
        "flow": np.array([flow for _, flow in pairs], dtype=np.int8),
        "numbers": {name: np.array([0.0 if some else np.nan])[: min(rows, 1)] for name, some in held.items()},
        "texts": {name: _repeated(_telling(counts)) for name, counts in texts.items()},
    }
    return Digested(**columns, rows=rows)


def _repeated(counts: Mapping[str, int]) -> Texts:
    words = tuple(sorted(counts))
    return Texts(np.repeat(np.arange(len(words), dtype=np.int32), [counts[word] for word in words]), words)

"""What a model reads of a lead: attributes, kinds, numbers and texts by name, taken once from its definition."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.definitions.criteria import Criterion
from pipeline.features.ledger import DEAL_KINDS
from pipeline.features.matrix import Definition

NOT_TEXTS = ("kind", "flow")
"""Fields of `when` that are no text of the fact."""


@dataclass(frozen=True)
class Expectations:
    """Names that the criteria read; `kinds` are words or patterns of them.

    `columns` are numbers and texts of interactions: `latest` reads whichever of the two it finds.
    """

    attributes: tuple[str, ...]
    kinds: tuple[str, ...]
    columns: tuple[str, ...]

    @classmethod
    def of(cls, definition: Definition, beside: Iterable[Criterion] = ()) -> Expectations:
        """Read a definition, and what rules ask for beside it.

        >>> demos = Criterion.from_json({"name": "demos", "when": {"kind": ["demo*"]}, "measures": ["count 7d"]})
        >>> Expectations.of(Definition((demos,), {}))
        Expectations(attributes=(), kinds=('demo*',), columns=())
        """
        criteria = (*definition.criteria, *beside)
        chosen = [field for criterion in criteria for field, _ in criterion.when if field not in NOT_TEXTS]
        measured = [measure.column for criterion in criteria for measure in criterion.measures if measure.column]
        return cls(
            attributes=_unique(name for criterion in criteria for name in criterion.attributes),
            kinds=_unique(kind for criterion in criteria for kind in _kinds(criterion)),
            columns=tuple(sorted({*chosen, *measured})),
        )

    @property
    def names(self) -> frozenset[str]:
        """Every name that a request may hold and that is the model's own."""
        return frozenset((*self.attributes, *self.columns))


def _kinds(criterion: Criterion) -> tuple[str, ...]:
    kinds = next((patterns for field, patterns in criterion.when if field == "kind"), ())
    return tuple(kind for kind in kinds if kind not in DEAL_KINDS.values())


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))

"""An attribute's values as a criterion reads them, and the share of a persona's traits that leads have."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.criteria import Criterion
from pipeline.definitions.maps import Rules, shipped_map
from pipeline.definitions.persona import reader
from pipeline.definitions.traits import Trait
from pipeline.features.attributes import read_values
from pipeline.tables.columns import Floats, Objects, Texts


def read_attribute(values: Objects, criterion: Criterion, maps: Mapping[str, Rules] | None) -> Floats | Texts:
    """Values of a criterion's attribute as its column; `maps` are those of a definition, before those that ship."""
    return read_values(values, criterion.values, _rules(criterion, maps), criterion.decimal or ".")


def _rules(criterion: Criterion, maps: Mapping[str, Rules] | None) -> Rules | None:
    if criterion.map is None:
        return None
    return maps[criterion.map] if maps and criterion.map in maps else shipped_map(criterion.map)


def share_of_traits(
    criterion: Criterion, value: Callable[[str], Objects], size: int, maps: Mapping[str, Rules] | None = None
) -> Floats:
    """The share of a persona's traits that match, (size,) from 0 to 1; `value` gives an attribute's values (size,).

    A missing value matches nothing.

    >>> persona = Criterion("persona", "demographics", persona=(Trait("sector", "sector", ("food",)),
    ...                                                       Trait("size", "size", test=">= 50")))
    >>> columns = {"sector": np.array(["food", "food", None], object), "size": np.array(["50-99", None, 10.0], object)}
    >>> share_of_traits(persona, columns.__getitem__, 3).tolist()
    [1.0, 0.5, 0.0]
    """
    found = np.zeros(size, dtype=np.float64)
    for trait in criterion.persona:
        found += matches(trait, read_attribute(value(trait.attribute), reader(trait), maps))
    return found / len(criterion.persona)


def matches(trait: Trait, column: Floats | Texts) -> NDArray[np.bool_]:
    """Which values of a trait's column match, read as its `reader` says."""
    if isinstance(column, Texts):
        named = np.array([*(word in trait.among for word in column.words), False], dtype=np.bool_)
        return named[column.codes]
    compare, limit = trait.comparison
    # What is missing compares as false.
    return np.asarray(compare(column, limit), dtype=np.bool_)

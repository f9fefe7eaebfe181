"""What an attribute was at a cutoff (DESIGN section 3, rule 10), and how its values are read: numbers, bands, maps."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.maps import Rules, apply_map
from pipeline.definitions.numerals import lower_bound_of, read_number
from pipeline.tables.columns import Floats, History, Instants, Objects, Texts
from pipeline.tables.facts import visible_at
from pipeline.tables.matching import distinct

Indices = NDArray[np.int64]


def recorded_attributes(history: History) -> dict[str, bool]:
    """Attribute -> True if every lead's first change carries the old value, False if any lacks it.

    An attribute without changes is not in the result.
    """
    changes, order = history.changes, history.changes.order
    attribute, lead = changes.attribute.codes[order], changes.lead_id.codes[order]
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = (attribute[1:] != attribute[:-1]) | (lead[1:] != lead[:-1])
    carried: dict[str, bool] = {}
    for code, has_old in zip(attribute[first].tolist(), changes.has_old[order][first].tolist(), strict=True):
        name = changes.attribute.words[code]
        carried[name] = carried.get(name, True) and has_old
    return carried


def attribute_at(history: History, name: str, lead: Indices, cutoff: Instants, recorded: Mapping[str, bool]) -> Objects:
    """The attribute's value of each observation at its cutoff: text, number or None."""
    column = history.leads.attributes.get(name)
    standing = np.full(len(lead), None, dtype=object) if column is None else column[lead]
    if stands(history, name, recorded):
        return standing
    changes, order = history.changes, history.changes.order
    mine = order[changes.attribute.codes[order] == _code(changes.attribute, name)]
    owner = changes.lead_id.codes[mine]
    seen = visible_at(changes.at, changes.known_at)[mine]
    code = history.changed[lead]
    start = np.searchsorted(owner, code, side="left")
    stop = np.where(code >= 0, np.searchsorted(owner, code, side="right"), start)
    values = standing.copy() if recorded.get(name, True) else np.full(len(lead), None, dtype=object)
    for row in np.flatnonzero(stop > start).tolist():
        run = mine[start[row] : stop[row]]
        visible = run[seen[start[row] : stop[row]] < cutoff[row]]
        if len(visible):
            values[row] = changes.value[visible[-1]]
        elif recorded.get(name, bool(changes.has_old[run[0]])):
            values[row] = changes.old[run[0]]
        else:
            values[row] = None
    return values


def stands(history: History, name: str, recorded: Mapping[str, bool]) -> bool:
    """Whether an attribute has no history: a lead's value is the same at every cutoff."""
    changed = history.changes.attribute
    return name not in recorded and not bool((changed.codes == _code(changed, name)).any())


def leads_once(history: History, name: str, lead: Indices, cutoff: Instants, recorded: Mapping[str, bool]) -> Objects:
    """The values that an attribute takes among observations: of a lead whose value stands only once."""
    if stands(history, name, recorded):
        there = np.zeros(len(history.leads), dtype=np.bool_)
        there[lead] = True
        lead = np.flatnonzero(there)
        cutoff = np.zeros(len(lead), dtype=np.int64)
    return attribute_at(history, name, lead, cutoff, recorded)


def _code(column: Texts, word: str) -> int:
    return column.words.index(word) if word in column.words else -2


def read_values(values: Objects, how: str | None, rules: Rules | None, decimal: str = ".") -> Floats | Texts:
    """Values as a column: by `map` rules, as "numeric", "bands" or "categorical"; by default as what they all are."""
    objects, codes = distinct(values)
    if rules is not None:
        texts = _as_texts(objects)
        mapped = Texts.of(apply_map(rules, texts.words))
        return Texts(np.append(mapped.codes, np.int32(-1))[texts.codes], mapped.words).take(codes)
    listed = objects.tolist()
    if how is None:
        how = "numeric" if all(value is None or isinstance(value, float | int) for value in listed) else "categorical"
        if all(value is None for value in listed):
            how = "categorical"
    if how == "categorical":
        return _as_texts(objects).take(codes)
    read = [number(value, decimal) if how == "numeric" else lower_bound(value) for value in listed]
    return np.array(read, dtype=np.float64)[codes]


def _as_texts(values: Objects) -> Texts:
    return Texts.of([None if value is None else as_text(value) for value in values.tolist()])


def as_text(value: object) -> str:
    """A value as a category's name; a whole number without its point.

    >>> as_text(3.0), as_text("retail")
    ('3', 'retail')
    """
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def number(value: object, decimal: str = ".") -> float:
    """A finite number, or NaN where the value is none.

    >>> number("12.5"), number("1e999"), number("twelve")
    (12.5, nan, nan)
    """
    if not isinstance(value, float | int):
        return np.nan if value is None else read_number(str(value), decimal)
    return float(value) if np.isfinite(value) else np.nan


def lower_bound(value: object) -> float:
    """The lower bound of a band; NaN where the value is no band.

    >>> lower_bound("11-50"), lower_bound("200+"), lower_bound("< 10"), lower_bound("1,001-5,000")
    (11.0, 200.0, 0.0, 1001.0)
    """
    if value is None or isinstance(value, float | int):
        return number(value)
    return lower_bound_of(value if isinstance(value, str) else str(value))

"""Every column of a set of criteria at a set of observations: ledgers, attributes and built-in measures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.criteria import Criterion
from pipeline.definitions.maps import Rules
from pipeline.definitions.spans import DAY, HOUR
from pipeline.definitions.zones import local
from pipeline.features.attributes import attribute_at, stands
from pipeline.features.kernel import measure_ledger
from pipeline.features.ledger import Ledger, build_ledger
from pipeline.features.matrix import Definition
from pipeline.features.plan import layout_of
from pipeline.features.traits import read_attribute, share_of_traits
from pipeline.tables.columns import Floats, History, Instants, Objects, Texts

Indices = NDArray[np.int64]


def measure(
    history: History,
    lead: Indices,
    cutoff: Instants,
    criteria: Sequence[Criterion],
    recorded: Mapping[str, bool],
    *,
    maps: Mapping[str, Rules] | None = None,
    excluded_kinds: Sequence[str] = (),
    excluded_columns: Sequence[str] = (),
    timezone: str | None = None,
    ledger_of: Callable[[str], Ledger] | None = None,
    standing: Mapping[str, Floats | Texts] | None = None,
    threads: int | None = None,
) -> dict[str, Floats | Texts]:
    """Column name -> n values, for n observations (`lead`: rows of the history's leads, `cutoff`: UTC microseconds).

    Only facts visible at the cutoff count (DESIGN section 3, rule 3). Missing is NaN in numbers, code -1 in texts.
    `ledger_of` gives the ledger of an entity, by default built from the history; `standing` is what `standing_values`
    gave.
    """
    zone = timezone or history.timezone
    columns: dict[str, Floats | Texts] = {}
    layout = layout_of(criteria)
    for entity, mine in layout.of_entity.items():
        ledger = ledger_of(entity) if ledger_of else build_ledger(history, entity, excluded_kinds, excluded_columns)
        columns |= measure_ledger(ledger, mine, lead, cutoff, zone, threads)
    for criterion in layout.others:
        if standing is not None and criterion.name in standing:
            known = standing[criterion.name]
            columns[criterion.name] = known.take(lead) if isinstance(known, Texts) else known[lead]
        elif criterion.attribute is not None:
            values = attribute_at(history, criterion.attribute, lead, cutoff, recorded)
            columns[criterion.name] = read_attribute(values, criterion, maps)
        elif criterion.persona:
            columns[criterion.name] = share_of_traits(
                criterion, lambda name: attribute_at(history, name, lead, cutoff, recorded), len(lead), maps
            )
        elif criterion.built_in is not None:
            columns[criterion.name] = built_in(criterion.built_in, history.leads.created_at[lead], cutoff, zone)
    return columns if layout.in_order else {name: columns[name] for name in layout.names}


def standing_values(history: History, definition: Definition) -> dict[str, Floats | Texts]:
    """Of every criterion over an attribute without a history its value of each lead, to be read once and not anew.

    How an attribute is read is settled in a definition: nothing depends on which leads are read beside it.
    """
    size = len(history.leads)

    def value(name: str) -> Objects:
        return history.leads.attributes.get(name, np.full(size, None, dtype=object))

    return {
        criterion.name: read_attribute(value(criterion.attribute), criterion, definition.maps)
        if criterion.attribute is not None
        else share_of_traits(criterion, value, size, definition.maps)
        for criterion in definition.criteria
        if criterion.attributes and all(stands(history, name, definition.recorded) for name in criterion.attributes)
    }


def measure_all(
    history: History,
    lead: Indices,
    cutoff: Instants,
    definition: Definition,
    *,
    ledger_of: Callable[[str], Ledger] | None = None,
    standing: Mapping[str, Floats | Texts] | None = None,
    threads: int | None = None,
) -> dict[str, Floats | Texts]:
    """The columns of a definition: what `matrix` needs, exclusions, maps and zone as they were frozen.

    The rest is as in `measure`.
    """
    return measure(
        history,
        lead,
        cutoff,
        definition.criteria,
        definition.recorded,
        maps=definition.maps,
        excluded_kinds=definition.excluded_kinds,
        excluded_columns=definition.excluded_columns,
        timezone=definition.timezone,
        ledger_of=ledger_of,
        standing=standing,
        threads=threads,
    )


def built_in(word: str, created_at: Instants, cutoff: Instants, timezone: str) -> Floats:
    """Age (days, a fraction), created_weekday (ISO, 1 to 7), created_hour (0 to 23), the latter two in the zone."""
    if word == "age":
        return np.asarray((cutoff - created_at) / DAY, dtype=np.float64)
    clock = local(created_at, timezone)
    if word == "created_weekday":
        # 1970-01-01 was a Thursday, ISO weekday 4.
        return ((clock // DAY + 3) % 7 + 1).astype(np.float64)
    return (clock % DAY // HOUR).astype(np.float64)

"""The house's tables as Arrow tables and back: every value to the bit, and no memory of where it came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.tables.columns import Changes, Deals, Floats, Interactions, Leads, Objects, Texts
from pipeline.tables.frame import to_texts
from pipeline.tables.words import many_texts

NUMBER, TEXT, OF_ENTITY = "number ", "text ", "entity "
"""What stands before a column's name, so that no name of an export is taken for one of ours."""


def texts_out(column: Texts) -> pa.Array:
    """Texts as Arrow strings."""
    words = pa.array(list(column.words), pa.string())
    return words.take(pa.array(column.codes, mask=column.codes < 0))


def objects_out(column: Objects) -> pa.Array:
    """An attribute's values, which are numbers throughout or texts throughout; None is missing."""
    values = column.tolist()
    numeric = any(isinstance(value, float | int) for value in values)
    return pa.array(values, pa.float64() if numeric else pa.string())


def objects_in(column: pa.ChunkedArray) -> Objects:
    """The values again."""
    found = np.empty(len(column), dtype=object)
    found[:] = column.to_pylist()
    return found


def facts_out(facts: Interactions) -> pa.Table:
    """Facts of one table, a row each."""
    columns: dict[str, pa.Array] = {
        "entity_id": texts_out(facts.entity_id),
        "at": pa.array(facts.at),
        "kind": texts_out(facts.kind),
        "id": texts_out(facts.id),
        "known_at": pa.array(np.ascontiguousarray(facts.known_at)),
        "flow": pa.array(facts.flow),
    }
    columns |= {NUMBER + name: pa.array(column) for name, column in facts.numbers.items()}
    columns |= {TEXT + name: texts_out(column) for name, column in facts.texts.items()}
    return pa.table(columns)


def facts_in(table: pa.Table, entity: str, kinds: Sequence[str]) -> Interactions:
    """The facts again, their kinds as codes into `kinds`: all that the whole table holds, here or elsewhere."""
    kind = to_texts(_whole(table, "kind"))
    return Interactions(
        entity=entity,
        entity_id=to_texts(_whole(table, "entity_id")),
        at=_numbers(table, "at"),
        kind=Texts(kind.recode(kinds), tuple(kinds)),
        id=many_texts(table.column("id")),
        known_at=_numbers(table, "known_at"),
        flow=_numbers(table, "flow"),
        numbers={name: _numbers(table, NUMBER + name) for name in _named(table, NUMBER)},
        texts={name: to_texts(_whole(table, TEXT + name)) for name in _named(table, TEXT)},
    )


def leads_out(leads: Leads) -> pa.Table:
    """Leads with their attributes and entities; what is only displayed stays where it is."""
    columns: dict[str, pa.Array] = {"id": texts_out(leads.id), "created_at": pa.array(leads.created_at)}
    columns |= {TEXT + name: objects_out(column) for name, column in leads.attributes.items()}
    columns |= {OF_ENTITY + name: texts_out(column) for name, column in leads.entities.items()}
    return pa.table(columns)


def leads_in(table: pa.Table) -> Leads:
    """The leads again."""
    return Leads(
        id=to_texts(_whole(table, "id")),
        created_at=_numbers(table, "created_at"),
        attributes={name: objects_in(table.column(TEXT + name)) for name in _named(table, TEXT)},
        entities={name: to_texts(_whole(table, OF_ENTITY + name)) for name in _named(table, OF_ENTITY)},
    )


def rows_out(rows: Deals | Changes) -> pa.Table:
    """Deals or changes, field by field."""
    columns: dict[str, pa.Array] = {}
    for name in (field.name for field in fields(rows)):
        column = getattr(rows, name)
        if isinstance(column, Texts):
            columns[name] = texts_out(column)
        else:
            columns[name] = objects_out(column) if column.dtype == object else pa.array(np.ascontiguousarray(column))
    return pa.table(columns)


def deals_in(table: pa.Table) -> Deals:
    """The deals again."""
    instants = ("closed_at", "known_at", "opened_at", "reopened_at")
    return Deals(
        lead_id=to_texts(_whole(table, "lead_id")),
        id=to_texts(_whole(table, "id")),
        outcome=_numbers(table, "outcome"),
        amount=_numbers(table, "amount"),
        **{name: _numbers(table, name) for name in instants},
    )


def changes_in(table: pa.Table) -> Changes:
    """The changes again."""
    return Changes(
        lead_id=to_texts(_whole(table, "lead_id")),
        at=_numbers(table, "at"),
        known_at=_numbers(table, "known_at"),
        attribute=to_texts(_whole(table, "attribute")),
        value=objects_in(table.column("value")),
        old=objects_in(table.column("old")),
        has_old=_numbers(table, "has_old"),
    )


def measures_out(columns: Mapping[str, Floats | Texts]) -> pa.Table:
    """Measures of observations, a column each; a number that is missing stays the NaN that it is."""
    return pa.table(
        {name: texts_out(column) if isinstance(column, Texts) else pa.array(column) for name, column in columns.items()}
    )


def measures_in(table: pa.Table, names: Sequence[str]) -> dict[str, Floats | Texts]:
    """The named measures again."""
    found: dict[str, Floats | Texts] = {}
    for name in names:
        text = pa.types.is_string(table.schema.field(name).type)
        found[name] = to_texts(_whole(table, name)) if text else _numbers(table, name)
    return found


def _named(table: pa.Table, before: str) -> list[str]:
    return [name.removeprefix(before) for name in table.column_names if name.startswith(before)]


def _whole(table: pa.Table, name: str) -> pa.Array:
    column = table.column(name)
    return column.combine_chunks() if column.num_chunks else pa.array([], column.type)


def _numbers(table: pa.Table, name: str) -> Any:
    """A column of plain values; its type is that of what was sent."""
    return _whole(table, name).to_numpy(zero_copy_only=False)

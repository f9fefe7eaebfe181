"""What a model reads of each table, as it was in training: what a later export is held against before it is scored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np

from pipeline.definitions.criteria import Criterion
from pipeline.definitions.maps import OTHER, apply_map, shipped_map
from pipeline.definitions.numerals import read_number
from pipeline.definitions.persona import reader
from pipeline.definitions.workspace import Workspace
from pipeline.features.attributes import as_text, lower_bound, number
from pipeline.features.matrix import Definition, vocabulary
from pipeline.tables.asked import Asked, Column, asked
from pipeline.tables.columns import History, Objects, Texts
from pipeline.tables.matching import distinct

EMPTY = "empty"
"""The type of a column without a value."""

NOT_IN_FACTS = ("kind", "flow")
"""Fields of `when` that are roles of a table of interactions, and none of its texts."""

Entry = dict[str, Any]


def schema_of(workspace: Workspace, history: History, definition: Definition) -> list[Entry]:
    """An entry a column that the definition reads: `table`, `role`, `column`, `type`; of interactions also `entity`.

    `type` is "id", "time", "number" or "text", or "empty" where no row has a value. An attribute also has `known`, the
    share of its values that the model can tell apart, and `words` where it is read as bands.
    """
    entries: list[Entry] = []
    facts = iter(history.interactions)
    tables = asked(workspace)
    owners = {criterion.of for criterion in definition.criteria if criterion.measures}
    owners |= {table.table.removesuffix("s") for table in tables}
    for table in tables:
        part = None if table.entity is None else next(facts)
        for column in _needed(table, definition, owners):
            entry: Entry = {"table": table.table, "role": column.role, "column": column.name, "type": column.type}
            if column.role == "attribute":
                criterion = reader_of(definition, column.name)
                assert criterion is not None
                entry |= attribute_entry(history.leads.attributes[column.name], criterion, definition)
            if part is not None:
                entry["entity"] = table.entity
                if column.role == "number":
                    entry["type"] = EMPTY if np.isnan(part.numbers[column.name]).all() else "number"
                elif column.role == "text":
                    entry["type"] = type_of_texts(part.texts[column.name])
            entries.append(entry)
    source = workspace.sources.changes
    if source is not None and source.old is None and history.changes.has_old.any():
        # It is read where it is there, though nobody named it.
        entries.append({"table": "changes", "role": "old", "column": "old", "type": "text"})
    return entries


def _needed(table: Asked, definition: Definition, owners: Collection[str]) -> list[Column]:
    """The columns of a table that the definition cannot do without; `owners` are the entities that it looks at."""
    if table.table == "spend":
        return []
    columns = columns_read(definition, table.entity)
    unneeded = ("display", "amount", "opted_out")
    return [
        column
        for column in table.columns
        if column.role not in unneeded
        and (column.role != "attribute" or reader_of(definition, column.name) is not None)
        and (column.role not in ("number", "text") or column.name in columns)
        and (table.table != "leads" or column.role not in ("contact", "account") or column.role in owners)
    ]


def reader_of(definition: Definition, attribute: str) -> Criterion | None:
    """The first criterion that reads an attribute; a trait of the persona where no other does."""
    own = (criterion for criterion in definition.criteria if criterion.attribute == attribute)
    traits = (trait for criterion in definition.criteria for trait in criterion.persona if trait.attribute == attribute)
    return next(iter((*own, *map(reader, traits))), None)


def columns_read(definition: Definition, entity: str | None) -> set[str]:
    """Numbers and texts of an entity's interactions that criteria measure, or choose facts by."""
    mine = [criterion for criterion in definition.criteria if criterion.measures and criterion.of == entity]
    measured = {measure.column for criterion in mine for measure in criterion.measures if measure.column is not None}
    return measured | {field for criterion in mine for field, _ in criterion.when if field not in NOT_IN_FACTS}


def attribute_entry(values: Objects, criterion: Criterion, definition: Definition) -> Entry:
    """How an attribute's values (n,) stand: `type`, `known`, and `words` of bands, the most frequent first."""
    counts = counted(values)
    entry: Entry = {"type": type_of(counts, criterion)}
    if not counts:
        return entry
    if criterion.values == "bands":
        entry["words"] = list(vocabulary(Texts.of([None if v is None else as_text(v) for v in values.tolist()])))
    return entry | {"known": share_known(counts, criterion, definition, entry.get("words", ()))}


def counted(values: Objects) -> Counter[object]:
    """How often each value occurs; the missing ones are left out."""
    objects, codes = distinct(values)
    counts: Counter[object] = Counter()
    for value, count in zip(objects.tolist(), np.bincount(codes, minlength=len(objects)).tolist(), strict=True):
        if value is not None:
            counts[value] += count
    return counts


def type_of(counts: Counter[object], criterion: Criterion) -> str:
    """The type of an attribute's values: numbers also where texts are, if the criterion reads all of them as such."""
    if not counts:
        return EMPTY
    if criterion.values == "numeric":
        return "number" if all(map(knows(criterion, None), counts)) else "text"
    return "number" if all(isinstance(value, float | int) for value in counts) else "text"


def type_of_texts(column: Texts) -> str:
    """The type of a column of texts: "number" if each is one."""
    used = [column.words[code] for code in np.unique(column.codes[column.codes >= 0]).tolist()]
    if not used:
        return EMPTY
    return "number" if all(not np.isnan(read_number(word)) for word in used) else "text"


def share_known(
    counts: Counter[object], criterion: Criterion, definition: Definition, words: Sequence[str] = ()
) -> float:
    """The share of the values that the model can tell apart, to six digits; `words` are the bands of training."""
    known = knows(criterion, definition, words)
    return round(sum(count for value, count in counts.items() if known(value)) / counts.total(), 6)


def knows(criterion: Criterion, definition: Definition | None, words: Sequence[str] = ()) -> Callable[[object], bool]:
    """Whether a value means something to the model: a number, a band or a category of its own, no `other`."""
    if criterion.map is not None:
        own = {} if definition is None else definition.maps
        rules = own[criterion.map] if criterion.map in own else shipped_map(criterion.map)
        return lambda value: apply_map(rules, [as_text(value)]) != [OTHER]
    if criterion.values == "numeric":
        return lambda value: not np.isnan(number(value, criterion.decimal or "."))
    if criterion.values == "bands":
        bands = set(words)
        return lambda value: as_text(value) in bands if bands else not np.isnan(lower_bound(value))
    if definition is not None and criterion.name not in definition.vocabularies:
        # A trait's own words are looked for among all there are.
        return lambda _: True
    named = set(() if definition is None else definition.vocabularies[criterion.name])
    return lambda value: as_text(value) in named

"""Contacts and accounts: what is known of them joins their leads."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.sources import EntitySource
from pipeline.tables.account import Sieve, TableAccount
from pipeline.tables.asked import of_entity
from pipeline.tables.columns import Codes, Objects, Texts
from pipeline.tables.matching import distinct
from pipeline.tables.reader import Reader
from pipeline.tables.values import attributes, ids, texts


def read_entities(
    reader: Reader,
    table: str,
    source: EntitySource,
    of_lead: Texts,
    excluded: Collection[str],
    commas: Collection[str | None] = (),
) -> tuple[dict[str, Objects], TableAccount]:
    """Columns of contacts or accounts, one value a lead; of rows with one id the first in order of values stands.

    `of_lead` (n,) names each lead's contact or account: None where it has none, or the table does not know it. `commas`
    are the attributes with decimal commas.
    """
    named = [name for name in source.attributes if name not in excluded]
    frame = reader.frame(table, source.from_, of_entity(table, source, excluded).names)
    key = ids(frame, source.id)
    columns = {name: attributes(frame, name, commas=name in commas) for name in named}
    columns |= {name: texts(frame, name).objects() for name in source.display}
    order = np.arange(len(key))
    if np.bincount(key.codes + 1, minlength=2)[1:].max() > 1:
        order = np.lexsort((*reversed([_rank(column) for column in columns.values()]), key.codes))
    row_of = np.full(len(key.words) + 1, -1, dtype=np.int64)
    row_of[key.codes[order][::-1]] = order[::-1]
    row_of[-1] = -1
    stands = np.zeros(len(key), dtype=np.bool_)
    stands[row_of[row_of >= 0]] = True
    sieve = Sieve(len(key))
    sieve.aside("no id", key.codes < 0)
    sieve.aside("repeated id", ~stands)
    row = row_of[of_lead.recode(key.words)]
    return {name: _at_rows(column, row) for name, column in columns.items()}, sieve.account()


def _rank(column: Objects) -> Codes:
    """The order of values as texts, a missing one first."""
    objects, codes = distinct(column)
    return Texts.of([None if value is None else str(value) for value in objects.tolist()]).codes[codes]


def _at_rows(column: Objects, row: NDArray[np.int64]) -> Objects:
    """The values at the given rows, None where the row is -1."""
    padded = np.full(len(column) + 1, None, dtype=object)
    padded[:-1] = column
    found: Objects = padded[row]
    return found

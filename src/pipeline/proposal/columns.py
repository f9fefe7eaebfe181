"""What one column of a file looks like: how full it is, what it holds, and how that is written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.definitions.cells import TimeColumn
from pipeline.definitions.numerals import decimal_of, read_number
from pipeline.definitions.yaml_lines import WorkspaceError
from pipeline.proposal.dates import FEW_UNREADABLE, MOST_UNREADABLE, clock_alone, written
from pipeline.proposal.vocabulary import fits, words
from pipeline.tables.columns import NEVER, Floats, Instants, Texts
from pipeline.tables.frame import Frame
from pipeline.tables.times import instants
from pipeline.tables.values import texts

LONG_TEXT = 40
"""Texts of so many letters on average are sentences."""

_PHONE = re.compile(r"\+?[\d\s().-]{8,20}")
_PADDED = re.compile(r"[-+]?0\d")


@dataclass(frozen=True)
class Column:
    """One column of `rows` values: `codes` and `words` as texts, with what they seem to be.

    `kind` is "empty", "time", "clock", "boolean", "number" or "text". `spec` are the keys of a time column besides its
    name; `dayfirst` is None where day and month cannot be told apart; `unreadable` the few texts that are not of the
    kind; `lost` says why ids in it have lost digits; `pointed` that the file writes 123 as 123.0.
    """

    name: str
    texts: Texts
    kind: str
    spec: Mapping[str, Any]
    dayfirst: bool | None = True
    unreadable: tuple[str, ...] = ()
    decimal: str = "."
    at: Instants | None = None
    numbers: Floats | None = None
    lost: str | None = None
    pointed: bool = False

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def there(self) -> NDArray[np.bool_]:
        """Which rows have a value."""
        return self.texts.codes >= 0

    @cached_property
    def filled(self) -> float:
        """The share of rows with a value."""
        return float(self.there.mean()) if len(self) else 0.0

    @property
    def distinct(self) -> int:
        """How many different values there are."""
        return len(self.texts.words)

    @cached_property
    def counts(self) -> dict[str, int]:
        """Value -> rows."""
        counted = np.bincount(self.texts.codes[self.there], minlength=self.distinct)
        return dict(zip(self.texts.words, counted.tolist(), strict=True))

    @cached_property
    def unique(self) -> bool:
        """Whether no value stands twice, but for a few rows such as a total below the table or its names repeated."""
        share = 0.95 if fits(self.name, "columns", "id") else 0.999
        return self.distinct >= 2 and self.distinct >= self.there.sum() * share - 1

    @cached_property
    def whole(self) -> bool:
        """Whether its values could be ids: texts, or digits without mark or currency."""
        return self.kind == "text" or (
            self.kind == "number" and all(word.isdigit() for word in self.texts.words if word not in self.unreadable)
        )

    @cached_property
    def long(self) -> bool:
        """Whether it holds sentences, or texts of which hardly two are alike."""
        if self.kind != "text" or not self.distinct:
            return False
        length = sum(map(len, self.texts.words)) / self.distinct
        return length > LONG_TEXT or self.distinct > max(50, 0.5 * self.there.sum())

    @cached_property
    def personal(self) -> bool:
        """Whether it holds what belongs to a person: a name, an address, a number to call."""
        if self.kind == "boolean" or (self.kind == "number" and not fits(self.name, "columns", "personal_numbers")):
            return False
        if fits(self.name, "columns", "personal"):
            return True
        if self.kind != "text" or not self.distinct:
            return False
        sample = self.texts.words[:500]
        marked = sum("@" in word or (bool(_PHONE.fullmatch(word)) and not word.isdigit()) for word in sample)
        return marked > 0.3 * len(sample)


def look(frame: Frame, name: str, timezone: str, dayfirst: bool | None) -> Column:
    """Look at one column of a table. `dayfirst` is what other columns of the export show."""
    try:
        column = frame.column(name)
    except WorkspaceError as error:
        return Column(name, Texts.missing(frame.rows), "empty", {}, lost=str(error))
    found = texts(frame, name)
    if not found.words:
        return Column(name, found, "empty", {})
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        return Column(name, found, "time", {}, at=instants(frame, TimeColumn(column=name), timezone))
    if pa.types.is_boolean(column.type):
        return Column(name, found, "boolean", {})
    counts = Column(name, found, "text", {}).counts
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        how = written(counts, dayfirst)
        if how is not None:
            return _time(frame, name, found, how.spec, how.dayfirst, how.unreadable, timezone)
        if clock_alone(found.words):
            return Column(name, found, "clock", {})
    if {word.casefold() for word in found.words} <= {*words("outcomes", "yes"), *words("outcomes", "no")}:
        return Column(name, found, "boolean", {})
    pointed = pa.types.is_string(column.type) and bool(pc.any(pc.match_substring_regex(column, r"^\d+\.0$")).as_py())
    return replace(_number(name, found, counts) or Column(name, found, "text", {}), pointed=pointed)


def _time(
    frame: Frame,
    name: str,
    found: Texts,
    spec: Mapping[str, Any],
    dayfirst: bool | None,
    unreadable: tuple[str, ...],
    timezone: str,
) -> Column:
    readable = Frame(
        frame.table, frame.file, frame.columns, frame.rows, frame.read, missing=(*frame.missing, *unreadable)
    )
    try:
        at = instants(readable, TimeColumn(column=name, **spec), timezone)
    except WorkspaceError:
        # A day that no month has, as 31 June: it has the shape of a date and is none.
        return Column(name, found, "text", {})
    return Column(name, found, "time", spec, dayfirst, unreadable, at=at)


def _number(name: str, found: Texts, counts: Mapping[str, int]) -> Column | None:
    """The column as numbers, if nearly all of its rows are; leading zeros make a code and no number."""
    decimal = decimal_of(found.words)
    read = np.array([read_number(word, decimal) for word in found.words])
    wrong = tuple(word for word, value in zip(found.words, read.tolist(), strict=True) if np.isnan(value))
    if sum(counts[word] for word in wrong) > MOST_UNREADABLE * sum(counts.values()):
        return None
    if any(map(_PADDED.match, found.words)) or len(wrong) > FEW_UNREADABLE or len(wrong) == len(read):
        return None
    values = np.append(read, np.nan)[found.codes]
    return Column(name, found, "number", {}, unreadable=wrong, decimal=decimal, numbers=values)


def known(column: Column) -> NDArray[np.bool_]:
    """Which rows of a time column have an instant."""
    assert column.at is not None
    there: NDArray[np.bool_] = column.at != NEVER
    return there


def day_votes(columns: Sequence[Column]) -> bool | None:
    """Whether the export writes the day first, by the columns that show it; None where none does."""
    shown = [column.dayfirst for column in columns if column.kind == "time" and "format" in column.spec]
    if True in shown:
        return True
    return False if False in shown else None

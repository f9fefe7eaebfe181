"""What a condition is made of, and of which rows each part holds. Of a value that is missing no comparison holds."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.maps import glob
from pipeline.definitions.numerals import lower_bound_of, read_number
from pipeline.definitions.traits import COMPARISONS

Mask = NDArray[np.bool_]

KEYWORDS = ("and", "or", "not", "in", "is", "missing", "always")
"""Words of the language; a name that is one stands in quotes."""

YES = {"true", "yes", "y", "oui", "o", "vrai"}
"""Texts that mean yes, in any case; numbers do unless they are 0."""

BARE = re.compile(r"\w(?:[\w.+-]*[\w+])?")
"""A text or a name that needs no quotes, unless it is a keyword."""
NUMBER = re.compile(r"[-+]?\d{1,300}(\.\d{1,300})?")


class Words(Protocol):
    """A column of texts: codes into words, -1 where it is missing."""

    @property
    def codes(self) -> NDArray[np.int32]:
        """One of each row."""

    @property
    def words(self) -> tuple[str, ...]:
        """What the codes mean."""


Column = NDArray[Any] | Words
Values = Mapping[str, Column]
"""Name -> n values: numbers (NaN is missing), truth values or texts."""


def means_yes(text: str) -> bool:
    """Whether a CRM's text says yes.

    >>> [means_yes(text) for text in ("TRUE", "1", "oui", "0", "0.0", "no", "")]
    [True, True, True, False, False, False, False]
    """
    word = text.strip().lower()
    try:
        return float(word) != 0 and not math.isnan(float(word))
    except ValueError:
        return word in YES


def quoted(text: str) -> str:
    """A name or a text as it stands in a condition.

    >>> quoted("retail"), quoted("Lead Source"), quoted("it's"), quoted("not")
    ('retail', "'Lead Source'", "'it''s'", "'not'")
    """
    bare = BARE.fullmatch(text) and text.lower() not in KEYWORDS and not NUMBER.fullmatch(text)
    return text if bare else "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True)
class Literal:
    """What a value is compared with: a text, in which only `*` is special, or a number, as it is written."""

    text: str
    number: float | None = None

    def __str__(self) -> str:
        return quoted(self.text) if self.number is None else self.text

    def is_word(self, word: str) -> bool:
        """Whether a text is this one, or the number that this is."""
        if self.number is not None and word != self.text:
            return read_number(word) == self.number
        return word == self.text or ("*" in self.text and glob(self.text).fullmatch(word) is not None)

    def are(self, numbers: NDArray[Any]) -> Mask:
        """Which numbers are this one."""
        found: Mask = np.zeros(len(numbers), dtype=np.bool_) if self.number is None else numbers == self.number
        return found


@dataclass(frozen=True)
class Always:
    """What holds of every row."""

    def holds(self, values: Values, size: int) -> Mask:
        """Of all."""
        del values
        return np.ones(size, dtype=np.bool_)

    def names(self) -> Iterator[str]:
        """None."""
        yield from ()

    def __str__(self) -> str:
        return "always"


@dataclass(frozen=True)
class Yes:
    """A name alone: it is there and says yes."""

    name: str

    @cached_property
    def known(self) -> dict[tuple[str, ...], Mask]:
        """Of some columns' words what it says of each."""
        return {}

    def holds(self, values: Values, size: int) -> Mask:
        """Truth values as they are, numbers but 0, texts that mean yes."""
        del size
        column = values[self.name]
        if isinstance(column, np.ndarray) and column.dtype == np.bool_:
            return column
        return _of(column, lambda numbers: (numbers != 0) & ~np.isnan(numbers), self)

    def says(self, word: str) -> bool:
        """Of a text."""
        return means_yes(word)

    def names(self) -> Iterator[str]:
        """The one."""
        yield self.name

    def __str__(self) -> str:
        return quoted(self.name)


@dataclass(frozen=True)
class Compare:
    """A name and a number: `>=`, `>`, `<=`, `<`. A band is compared by its lower bound."""

    name: str
    sign: str
    value: Literal

    @cached_property
    def known(self) -> dict[tuple[str, ...], Mask]:
        """Of some columns' words what it says of each."""
        return {}

    def holds(self, values: Values, size: int) -> Mask:
        """Of what is no number, nothing."""
        del size
        limit = self.value.number
        return _of(values[self.name], lambda numbers: COMPARISONS[self.sign](numbers, limit or 0.0), self)

    def says(self, word: str) -> bool:
        """Of a text: its number, or its lower bound."""
        number = read_number(word)
        number = lower_bound_of(word) if math.isnan(number) else number
        return bool(COMPARISONS[self.sign](number, self.value.number or 0.0))

    def names(self) -> Iterator[str]:
        """The one."""
        yield self.name

    def __str__(self) -> str:
        return f"{quoted(self.name)} {self.sign} {self.value}"


@dataclass(frozen=True)
class Among:
    """A name and values, of which it is one or, with `out`, none: `=`, `!=`, `in`, `not in`."""

    name: str
    values: tuple[Literal, ...]
    out: bool = False

    @cached_property
    def known(self) -> dict[tuple[str, ...], Mask]:
        """Of some columns' words what it says of each."""
        return {}

    def holds(self, values: Values, size: int) -> Mask:
        """Of what is missing, neither way."""
        del size

        def numbers(column: NDArray[Any]) -> Mask:
            found = np.zeros(len(column), dtype=np.bool_)
            for value in self.values:
                found |= value.are(column)
            return ~found & ~np.isnan(column) if self.out else found

        return _of(values[self.name], numbers, self)

    def says(self, word: str) -> bool:
        """Of a text."""
        return any(value.is_word(word) for value in self.values) != self.out

    def names(self) -> Iterator[str]:
        """The one."""
        yield self.name

    def __str__(self) -> str:
        if len(self.values) == 1:
            return f"{quoted(self.name)} {'!=' if self.out else '='} {self.values[0]}"
        return f"{quoted(self.name)} {'not in' if self.out else 'in'} [{', '.join(map(str, self.values))}]"


@dataclass(frozen=True)
class Missing:
    """A name whose value is not there."""

    name: str

    def holds(self, values: Values, size: int) -> Mask:
        """NaN among numbers, -1 among codes."""
        del size
        column = values[self.name]
        found: Mask = np.isnan(column) if isinstance(column, np.ndarray) else column.codes < 0
        return found

    def names(self) -> Iterator[str]:
        """The one."""
        yield self.name

    def __str__(self) -> str:
        return f"{quoted(self.name)} is missing"


@dataclass(frozen=True)
class Not:
    """What holds where another does not."""

    term: Term

    def holds(self, values: Values, size: int) -> Mask:
        """The others."""
        return ~self.term.holds(values, size)

    def names(self) -> Iterator[str]:
        """The other's."""
        yield from self.term.names()

    def __str__(self) -> str:
        return f"not ({self.term})" if isinstance(self.term, Joined) else f"not {self.term}"


@dataclass(frozen=True)
class Joined:
    """Terms that hold all at once (`and`), or of which one holds (`or`)."""

    word: str
    terms: tuple[Term, ...]

    def holds(self, values: Values, size: int) -> Mask:
        """What is settled for every row is not asked on."""
        every = self.word == "and"
        found = self.terms[0].holds(values, size)
        for term in self.terms[1:]:
            if every and not found.any():
                break
            found = found & term.holds(values, size) if every else found | term.holds(values, size)
        return found

    def names(self) -> Iterator[str]:
        """Those of all."""
        for term in self.terms:
            yield from term.names()

    def __str__(self) -> str:
        return f" {self.word} ".join(f"({term})" if isinstance(term, Joined) else str(term) for term in self.terms)


Term = Always | Yes | Compare | Among | Missing | Not | Joined


_FEW = 64
"""Of so few words the answers are kept: grades and stages are asked for with every request."""


def _of(column: Column, numbers: Callable[[NDArray[Any]], Mask], term: Yes | Compare | Among) -> Mask:
    """Of a column of numbers by a test of them all, of one of texts by a test of each word."""
    if isinstance(column, np.ndarray):
        return numbers(column)
    words, known = column.words, term.known
    table = known.get(words)
    if table is None:
        # The last answers for what is missing.
        table = np.array([*map(term.says, words), False], dtype=np.bool_)
        if len(words) <= _FEW and len(known) < _FEW:
            known[words] = table
    found: Mask = table[column.codes]
    return found

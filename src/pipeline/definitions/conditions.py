"""Conditions as an analyst writes them: `company_size >= 50 and pricing_pages.count_7d > 0`. Read, never run as code.

    condition   = always | term, joined by `and`, `or`; `and` binds more; `not` before a term; parentheses
    term        = name                                     it says yes: true, a number but 0
                | name >= 50                               also >, <=, <
                | name = value | name != value             a value is a text (only * is special) or a number
                | name in [value, ...] | name not in [...]
                | name is missing | name is not missing

Names and texts with blanks stand in quotes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pipeline.definitions.terms import (
    KEYWORDS,
    NUMBER,
    Always,
    Among,
    Compare,
    Joined,
    Literal,
    Mask,
    Missing,
    Not,
    Term,
    Values,
    Yes,
)

LONGEST = 2000
"""Characters of a condition."""
DEEPEST = 40
"""Parentheses and `not` within each other."""
MOST_TERMS, MOST_DEEP = 1000, 100
"""Terms of a condition, and how deep they stand within each other, once the audiences that it names stand in it."""

_TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>'(?:[^']|'')*'|"(?:[^"]|"")*")|(?P<sign>>=|<=|!=|==|>|<|=)|(?P<mark>[()\[\],])"""
    r"""|(?P<word>[-+]?\w(?:[\w.+-]*[\w+])?))"""
)
_SIGNS = (">=", "<=", "!=", ">", "<", "=")


@dataclass(frozen=True)
class Condition:
    """A condition: `text` as it was written, `root` what it says. `str` prints it so that it reads the same again."""

    text: str
    root: Term

    def __str__(self) -> str:
        return str(self.root)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What it asks for, each once, as they stand."""
        return tuple(dict.fromkeys(self.root.names()))

    def holds(self, values: Values, size: int | None = None) -> Mask:
        """Of which of n rows it holds, (n,).

        `values` gives each name's column: numbers (NaN is missing), truth values, or texts. `size` is n, needed where
        there is no column.

        >>> import numpy as np
        >>> parse("company_size >= 50 and not contacted").holds(
        ...     {"company_size": np.array([50.0, 200.0, np.nan]), "contacted": np.array([False, True, False])}
        ... ).tolist()
        [True, False, False]
        """
        if size is None:
            column = next(iter(values.values()))
            size = len(column if isinstance(column, np.ndarray) else column.codes)
        return self.root.holds(values, size)

    def using(self, audiences: Mapping[str, Condition]) -> Condition:
        """With the audiences that it names in it; ValueError where it becomes too long."""
        if not any(name in audiences for name in self.names):
            return self
        root = _put(self.root, audiences)
        size, depth = _extent(root)
        if size > MOST_TERMS or depth > MOST_DEEP:
            raise ValueError(
                f"with its audiences it has more than {MOST_TERMS} terms, or {MOST_DEEP} within each other; write it "
                "shorter"
            )
        return Condition(self.text, root)


def parse(text: str) -> Condition:
    """Read a condition; ValueError says what was expected, and where.

    >>> parse("sector in [retail, food] and not pricing_pages.count_7d = 0").names
    ('sector', 'pricing_pages.count_7d')
    >>> parse("company_size > many")
    Traceback (most recent call last):
        ...
    ValueError: at 'many': > compares with a number, as in >= 50
    """
    return Condition(text.strip(), _Reader(text).read())


class _Reader:
    """Reads the tokens of one condition from left to right."""

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST:
            raise ValueError(f"it has {len(text)} characters; expected at most {LONGEST}")
        self.tokens: list[tuple[str, str]] = []
        at, end = 0, len(text.rstrip())
        while at < end:
            found = _TOKEN.match(text, at)
            if found is None:
                raise ValueError(f"at {text[at:end].strip()[:20]!r}: expected a name, a value or a sign")
            kind = str(found.lastgroup)
            word = found[kind]
            if kind == "quoted":
                word = word[1:-1].replace(word[0] * 2, word[0])
            elif kind == "word" and word.lower() in KEYWORDS:
                kind, word = "keyword", word.lower()
            self.tokens.append((kind, "=" if word == "==" else word))
            at = found.end()
        self.at = 0
        self.depth = 0

    def read(self) -> Term:
        if not self.tokens:
            raise ValueError("nothing is there; expected a condition, as in company_size >= 50")
        term = self._joined("or")
        if self.at < len(self.tokens):
            raise self._wrong("expected and, or, or the end")
        return term

    def _joined(self, word: str) -> Term:
        below = self._term if word == "and" else lambda: self._joined("and")
        terms = [below()]
        while self._take("keyword", word):
            terms.append(below())
        if len(terms) == 1:
            return terms[0]
        # What is joined by the same word in parentheses is joined alike.
        flat = [
            part
            for term in terms
            for part in (term.terms if isinstance(term, Joined) and term.word == word else (term,))
        ]
        return Joined(word, tuple(flat))

    def _term(self) -> Term:
        if self._take("keyword", "not"):
            self._deeper()
            term: Term = Not(self._term())
            self.depth -= 1
            return term
        if self._take("mark", "("):
            self._deeper()
            term = self._joined("or")
            self._need("mark", ")")
            self.depth -= 1
            return term
        if self._take("keyword", "always"):
            return Always()
        kind, name = self._next()
        if kind not in ("word", "quoted") or not name.strip() or (kind == "word" and NUMBER.fullmatch(name)):
            raise self._wrong("expected a name, as in company_size >= 50", 1)
        return self._about(name)

    def _about(self, name: str) -> Term:
        """What is said of a name."""
        if self._take("keyword", "is"):
            out = self._take("keyword", "not")
            self._need("keyword", "missing")
            return Not(Missing(name)) if out else Missing(name)
        if self._take("keyword", "not"):
            self._need("keyword", "in")
            return Among(name, self._list(), out=True)
        if self._take("keyword", "in"):
            return Among(name, self._list())
        sign = next((sign for sign in _SIGNS if self._take("sign", sign)), None)
        if sign is None:
            return Yes(name)
        value = self._value()
        if sign in ("=", "!="):
            return Among(name, (value,), out=sign == "!=")
        if value.number is None:
            raise self._wrong(f"{sign} compares with a number, as in >= 50", 1)
        return Compare(name, sign, value)

    def _list(self) -> tuple[Literal, ...]:
        self._need("mark", "[")
        values = [self._value()]
        while self._take("mark", ","):
            values.append(self._value())
        self._need("mark", "]")
        return tuple(dict.fromkeys(values))

    def _value(self) -> Literal:
        kind, text = self._next()
        if kind not in ("word", "quoted"):
            raise self._wrong("expected a value; one that is a sign or a word of the language stands in quotes", 1)
        return Literal(text, float(text) if kind == "word" and NUMBER.fullmatch(text) else None)

    def _next(self) -> tuple[str, str]:
        found = self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")
        self.at += 1
        return found

    def _take(self, kind: str, word: str) -> bool:
        found = self.at < len(self.tokens) and self.tokens[self.at] == (kind, word)
        self.at += found
        return found

    def _need(self, kind: str, word: str) -> None:
        if not self._take(kind, word):
            raise self._wrong(f"expected {word}")

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self._wrong(f"nested more than {DEEPEST} deep; write it flat")

    def _wrong(self, expected: str, back: int = 0) -> ValueError:
        place = self.at - back
        where = f"at {self.tokens[place][1][:40]!r}" if place < len(self.tokens) else "at the end"
        return ValueError(f"{where}: {expected}")


def _put(term: Term, audiences: Mapping[str, Condition]) -> Term:
    """A term with conditions for the names of audiences."""
    if isinstance(term, Yes) and term.name in audiences:
        return audiences[term.name].root
    if isinstance(term, Not):
        return Not(_put(term.term, audiences))
    if isinstance(term, Joined):
        return Joined(term.word, tuple(_put(part, audiences) for part in term.terms))
    return term


def _extent(term: Term) -> tuple[int, int]:
    """How many terms there are, and how many at most within each other."""
    parts = term.terms if isinstance(term, Joined) else (term.term,) if isinstance(term, Not) else ()
    below = [_extent(part) for part in parts]
    return 1 + sum(size for size, _ in below), 1 + max((depth for _, depth in below), default=0)

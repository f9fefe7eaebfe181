"""Free texts to values by patterns: tables of job titles ship with Leadlight as data, in French and English."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources

import yaml

Rules = tuple[tuple[str, tuple[str, ...]], ...]
"""Ordered (value, patterns); the first pattern that matches gives the value."""

OTHER = "other"


def fold(text: str) -> str:
    """Lower case, without accents, blanks made single: what patterns of a map are matched against.

    >>> fold("  Acheteuse  Sénior ")
    'acheteuse senior'
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(plain.split())


@lru_cache(maxsize=4096)
def glob(pattern: str) -> re.Pattern[str]:
    """A pattern in which only `*` is special and matches any run, line ends included."""
    return re.compile(".*".join(re.escape(part) for part in pattern.split("*")), re.DOTALL)


def shipped() -> tuple[str, ...]:
    """Names of the maps that ship with Leadlight."""
    folder = resources.files(__package__) / "maps"
    return tuple(sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml")))


@lru_cache(maxsize=32)
def shipped_map(name: str) -> Rules:
    """Rules of a shipped map; ValueError names those there are."""
    if name not in shipped():
        raise ValueError(f"map: {name!r}; expected one of {', '.join(shipped())}")
    plain = yaml.safe_load((resources.files(__package__) / "maps" / f"{name}.yaml").read_text(encoding="utf-8"))
    return read_rules(plain)


def read_rules(plain: object) -> Rules:
    """Rules from `[{value, patterns}]`, one at least and each with one pattern or more; ValueError says if it is not.

    >>> read_rules([{"value": 7, "patterns": "Seven"}])
    (('7', ('seven',)),)
    """
    if not isinstance(plain, list | tuple) or not plain:
        raise ValueError("expected a list of {value: ..., patterns: [...]}")
    return tuple(map(_rule, plain))


def _rule(plain: object) -> tuple[str, tuple[str, ...]]:
    # What has another shape would be read as the text that Python writes for it, and match nothing without a word.
    if not isinstance(plain, Mapping) or set(plain) != {"value", "patterns"}:
        raise ValueError("expected {value: ..., patterns: [...]}")
    patterns = plain["patterns"] if isinstance(plain["patterns"], list | tuple) else [plain["patterns"]]
    if not patterns:
        raise ValueError("expected one pattern at least")
    return _text(plain["value"]), tuple(fold(_text(pattern)) for pattern in patterns)


def _text(plain: object) -> str:
    if not isinstance(plain, str | int | float):
        raise ValueError("expected a text")
    # YAML's true is what a column of truth values is read as.
    return str(plain).lower() if isinstance(plain, bool) else str(plain)


def apply_map(rules: Rules, texts: Sequence[str]) -> list[str]:
    """The value of each text; `other` where no pattern matches.

    >>> apply_map((("purchasing", ("*acheteu*", "*buyer*")),), ["Acheteuse sénior", "Pilot"])
    ['purchasing', 'other']
    """
    compiled = [(value, [glob(pattern) for pattern in patterns]) for value, patterns in rules]
    return [
        next((value for value, patterns in compiled if any(p.fullmatch(folded) for p in patterns)), OTHER)
        for folded in map(fold, texts)
    ]

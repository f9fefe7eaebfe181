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


def read_rules(plain: Sequence[Mapping[str, object]]) -> Rules:
    """Rules from `[{value, patterns}]`."""
    return tuple(
        (str(rule["value"]), tuple(fold(str(pattern)) for pattern in _listed(rule["patterns"]))) for rule in plain
    )


def _listed(patterns: object) -> Sequence[object]:
    return patterns if isinstance(patterns, list | tuple) else [patterns]


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

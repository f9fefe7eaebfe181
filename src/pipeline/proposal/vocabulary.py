"""How exports call things: names and values compared with lists of words that are data, in `vocabulary.yaml`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

from pipeline.definitions.maps import fold, glob


@lru_cache(maxsize=1)
def _all() -> dict[str, Any]:
    text = (resources.files(__package__) / "vocabulary.yaml").read_text(encoding="utf-8")
    plain: dict[str, Any] = yaml.safe_load(text)
    return plain


def words(section: str, name: str) -> Sequence[Any]:
    """A list of the vocabulary, as in `words("columns", "id")`."""
    found: Sequence[Any] = _all()[section][name]
    return found


def whole_name(name: str) -> str:
    """As `plain_name`, with what stands in front: the table's name in "Organization - ID"."""
    return plain_name(name.replace(" - ", " "))


@lru_cache(maxsize=8192)
def plain_name(name: str) -> str:
    """A name as the vocabulary is written: words apart, in lower case, without accents, marks and what stands in front.

    >>> plain_name("(Do Not Modify) Created On"), plain_name("Deal - Won time"), plain_name("ConvertedContactId")
    ('created on', 'won time', 'converted contact id')
    """
    name = re.sub(r"^\((do not modify|ne pas modifier|nicht [aä]ndern)\)\s*", "", name, flags=re.IGNORECASE)
    name = re.sub(r"^[A-Z]\w+ - (?=\w)", "", name)
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return " ".join(re.sub(r"[^a-z0-9]+", " ", fold(name)).split())


def rank(name: str, patterns: Sequence[str]) -> int | None:
    """The place of the first pattern that a name fits, None where none does.

    >>> rank("Created On", words("columns", "created_at")), rank("Country", words("columns", "created_at"))
    (1, None)
    """
    folded = plain_name(name)
    return next((place for place, pattern in enumerate(patterns) if glob(pattern).fullmatch(folded)), None)


def fits(name: str, section: str, list_: str) -> bool:
    """Whether a name fits a list of the vocabulary."""
    return rank(name, words(section, list_)) is not None


def why_late(name: str) -> str | None:
    """Why a column of that name usually tells the future; None where nothing is known."""
    if fits(name, "columns", "kept"):
        return None
    return next(
        (str(group["why"]) for group in words("columns", "late") if rank(name, group["names"]) is not None), None
    )

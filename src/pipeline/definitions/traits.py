"""Traits of the ideal customer as an analyst writes them: an attribute, and the values or the comparison that match."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

COMPARISONS: Mapping[str, Callable[[Any, float], Any]] = {
    ">=": lambda value, limit: value >= limit,
    "<=": lambda value, limit: value <= limit,
    ">": lambda value, limit: value > limit,
    "<": lambda value, limit: value < limit,
}


@dataclass(frozen=True)
class Trait:
    """What one attribute has to be: `among` some values, or what `test` says of its number, as in ">= 50".

    `name` is what the workspace calls it; `values`, `map` and `decimal` are as in a criterion over an attribute. A band
    is compared by its lower bound; of `among`, values are compared as they are written, or as the map names them.
    """

    name: str
    attribute: str
    among: tuple[str, ...] = ()
    test: str | None = None
    values: str | None = None
    map: str | None = None
    decimal: str | None = None
    label: Mapping[str, str] = field(default_factory=dict, compare=False)

    def title(self, language: str = "en") -> str:
        """The label for people; the name in words where there is none."""
        return self.label.get(language) or self.label.get("en") or self.name.replace("_", " ")

    @property
    def text(self) -> str:
        """For people: `sector: manufacturing, logistics`, `company_size: >= 50`."""
        return f"{self.name}: {self.test or ', '.join(self.among)}"

    @property
    def comparison(self) -> tuple[Callable[[Any, float], Any], float]:
        """What compares a value with a number, and the number."""
        assert self.test is not None
        word, number = self.test.split()
        return COMPARISONS[word], float(number)

    def to_json(self) -> dict[str, Any]:
        """Plain data for the bundle, without what is not given; labels are those of criteria."""
        plain: dict[str, Any] = {"name": self.name, "attribute": self.attribute}
        plain |= {"among": list(self.among)} if self.test is None else {"is": self.test}
        return plain | {key: getattr(self, key) for key in ("values", "map", "decimal") if getattr(self, key)}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Trait:
        """Read what `to_json` wrote."""
        known: dict[str, Any] = {key: plain.get(key) for key in ("values", "map", "decimal")}
        return cls(plain["name"], plain["attribute"], tuple(plain.get("among", ())), plain.get("is"), **known)


def read_traits(plain: Mapping[str, Any]) -> tuple[Trait, ...]:
    """The traits of the workspace's `persona`, each over the attribute of its name until a criterion says otherwise.

    ValueError says key, value and what was expected.

    >>> [trait.text for trait in read_traits({"sector": ["food", "retail"], "company_size": ">=50"})]
    ['sector: food, retail', 'company_size: >= 50']
    >>> read_traits({"company_size": ">= many"})
    Traceback (most recent call last):
        ...
    ValueError: company_size: '>= many' compares with no number; expected something like '>= 50'
    """
    traits = []
    for name, given in plain.items():
        listed = list(given) if isinstance(given, list | tuple) else [given]
        if not listed:
            raise ValueError(f"{name}: nothing is named; expected values, as in [purchasing, management], or '>= 50'")
        words = [_word(str(name), value) for value in listed]
        found = re.fullmatch(r"(>=|<=|>|<)\s*(.+)", words[0]) if len(words) == 1 else None
        if found is None:
            traits.append(Trait(str(name), str(name), tuple(dict.fromkeys(words))))
            continue
        if not re.fullmatch(r"[-+]?\d+(\.\d+)?", found[2]):
            raise ValueError(f"{name}: {words[0]!r} compares with no number; expected something like '>= 50'")
        traits.append(Trait(str(name), str(name), test=f"{found[1]} {found[2]}"))
    return tuple(traits)


def _word(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if not isinstance(value, str | int | float) or not str(value).strip():
        raise ValueError(f"{name}: {value!r} is no value; expected values, as in [purchasing, management], or '>= 50'")
    return str(value).strip()

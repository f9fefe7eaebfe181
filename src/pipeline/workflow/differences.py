"""What sets two models or training sets apart before anything is measured: settings, criteria, words, data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pipeline.features.matrix import Definition
from pipeline.learning.bundle import first_difference

ABOUT = ("name", "until", "excluded", "scorecard", "monotone", "grown_by", "tuned")
"""What a bundle's card says of how it was made, beside `settings`."""

FROZEN = ("timezone", "horizon", "excluded_kinds", "excluded_columns", "recorded", "maps", "missing")
"""What a definition fixes beside criteria and vocabularies."""


def settings_apart(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The settings of two bundles' cards that differ, by name: `{"name", "a", "b"}`, None where one has none.

    >>> settings_apart({"settings": {"depth": 4, "seed": 7}}, {"settings": {"depth": 3, "seed": 7}})
    [{'name': 'model.depth', 'a': 4, 'b': 3}]
    """
    one, other = (_flat(card) for card in (a, b))
    return [
        {"name": name, "a": one.get(name), "b": other.get(name)}
        for name in sorted(one.keys() | other.keys())
        if one.get(name) != other.get(name)
    ]


def definitions_apart(a: Definition, b: Definition) -> dict[str, Any]:
    """Criteria `added` and `removed` from `a` to `b`, those `changed` with how, `words` of vocabularies, the `first`.

    `changed` and `frozen` hold `{"name", "a", "b"}` with the parts that differ; `words` counts what came and went of
    each vocabulary of both. Labels for people do not count.
    """
    one, other = a.to_json(), b.to_json()
    mine, theirs = ({c["name"]: c for c in plain["criteria"]} for plain in (one, other))
    for criterion in (*mine.values(), *theirs.values()):
        criterion.pop("label", None)
    changed = [
        {"name": name, **_parts_apart(mine[name], theirs[name])}
        for name in mine
        if name in theirs and mine[name] != theirs[name]
    ]
    shared = {name: words for name, words in a.vocabularies.items() if name in b.vocabularies}
    words = {
        name: {"added": len({*b.vocabularies[name]} - {*known}), "removed": len({*known} - {*b.vocabularies[name]})}
        for name, known in shared.items()
        if {*known} != {*b.vocabularies[name]}
    }
    frozen = [
        {"name": name, "a": one.get(name), "b": other.get(name)} for name in FROZEN if one.get(name) != other.get(name)
    ]
    return {
        "added": [name for name in theirs if name not in mine],
        "removed": [name for name in mine if name not in theirs],
        "changed": changed,
        "words": words,
        "frozen": frozen,
        "first": first_difference(a, b),
        "same": a.fingerprint == b.fingerprint,
    }


def shown(value: Any) -> str:
    """A setting's value for people, on one line; "-" where there is none."""
    if value is None:
        return "-"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _flat(card: Mapping[str, Any]) -> dict[str, Any]:
    flat = {f"model.{name}": value for name, value in card.get("settings", {}).items()}
    for name in ABOUT:
        value = card.get(name)
        if isinstance(value, Mapping):
            flat |= {f"{name}.{key}": part for key, part in value.items()}
        elif value:
            flat[name] = value
    return flat


def _parts_apart(a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, Any]:
    apart = [key for key in sorted(a.keys() | b.keys()) if a.get(key) != b.get(key)]
    return {side: {key: plain.get(key) for key in apart} for side, plain in (("a", a), ("b", b))}

"""Random conditions, each with what it means in plain Python: a row is a dict of values, None where one is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Row = Mapping[str, Any]
Meaning = Callable[[Row], bool]
Drawn = tuple[str, Meaning]
Random = np.random.Generator

BANDS = {"1-10": 1.0, "11-50": 11.0, "200+": 200.0, "retail": None, "food": None, "mining": None, "yes": None}
"""Texts that rows hold, with the number that each is compared as."""
SIGNS: dict[str, Callable[[float, float], bool]] = {
    ">=": lambda value, limit: value >= limit,
    ">": lambda value, limit: value > limit,
    "<=": lambda value, limit: value <= limit,
    "<": lambda value, limit: value < limit,
}


def condition(random: Random, names: Mapping[str, str], depth: int = 3) -> Drawn:
    """A condition over names, each a "number", a "text", a "grade" or a "flag"."""
    kind = random.integers(6) if depth else 0
    if kind < 3:
        return _term(random, names)
    if kind == 3:
        text, holds = condition(random, names, depth - 1)
        return f"not ({text})", lambda row: not holds(row)
    parts = [condition(random, names, depth - 1) for _ in range(random.integers(2, 4))]
    word, all_or_any = (" and ", all) if kind == 4 else (" or ", any)
    return word.join(f"({text})" for text, _ in parts), lambda row: all_or_any(holds(row) for _, holds in parts)


def _term(random: Random, names: Mapping[str, str]) -> Drawn:
    name = str(random.choice(list(names)))
    kind = names[name]
    if kind == "flag":
        return name, lambda row: bool(row[name])
    if random.random() < 0.2:
        return f"{name} is missing", lambda row: row[name] is None
    if kind == "number" and random.random() < 0.7:
        sign, limit = str(random.choice(list(SIGNS))), round(float(random.normal(1, 3)), 1)
        return f"{name} {sign} {limit}", lambda row: row[name] is not None and SIGNS[sign](row[name], limit)
    if kind == "text" and random.random() < 0.3:
        sign, limit = str(random.choice(list(SIGNS))), float(random.integers(0, 60))
        return (
            f"{name} {sign} {limit:g}",
            lambda row: row[name] is not None and BANDS[row[name]] is not None and SIGNS[sign](BANDS[row[name]], limit),
        )
    known = {"number": ["0", "1", "2"], "text": list(BANDS), "grade": ["A", "B", "C", "D"]}[kind]
    values = sorted(set(random.choice(known, size=random.integers(1, 4)).tolist()))
    out = bool(random.random() < 0.3)
    meant = [float(value) for value in values] if kind == "number" else values
    text = f"{name} {'not in' if out else 'in'} [{', '.join(values)}]"
    return text, lambda row: row[name] is not None and (row[name] in meant) != out

"""The company's own points per criterion, as an analyst writes them: rules, checked against the criteria later."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

COMPARISONS = (">=", "<=", ">", "<")
HAPPENED, MISSING, IS = "happened", "missing", "is"
"""What a rule may ask besides a comparison: that there is something at all, that there is nothing, or a value."""


@dataclass(frozen=True)
class Points:
    """Points for the leads of which `test` holds: a comparison with a number, HAPPENED, MISSING, or IS with a text.

    `of` names a criterion, or one of its columns as in `demo_requests.count_7d`.
    """

    of: str
    test: str
    value: str
    points: float

    @property
    def text(self) -> str:
        """For people: `demo_requests`, `job_function: student`, `company_size: >= 50`."""
        said = {HAPPENED: "", MISSING: ": missing", IS: f": {self.value}"}.get(self.test, f": {self.test} {self.value}")
        return f"{self.of}{said}"


def read_scorecard(plain: Mapping[str, Any]) -> tuple[Points, ...]:
    """The rules of the workspace's `scorecard`; ValueError says key, value and what was expected.

    >>> [rule.text for rule in read_scorecard({"demo_requests": 30, "job_function": {"student": -20}})]
    ['demo_requests', 'job_function: student']
    >>> read_scorecard({"company_size": {">= 50": 10}})[0]
    Points(of='company_size', test='>=', value='50', points=10.0)
    """
    rules: list[Points] = []
    for of, given in plain.items():
        if not isinstance(given, Mapping):
            rules.append(Points(str(of), HAPPENED, "", _points(of, given)))
            continue
        for condition, points in given.items():
            word = str(condition).lower() if isinstance(condition, bool) else str(condition).strip()
            found = re.fullmatch(r"(>=|<=|>|<)\s*(.+)", word)
            test, value = (found[1], found[2]) if found else (MISSING if word == MISSING else IS, word)
            if found and not re.fullmatch(r"[-+]?\d+(\.\d+)?", value):
                raise ValueError(f"{of}: {word!r} compares with no number; expected something like '>= 50'")
            rules.append(Points(str(of), test, value, _points(f"{of}, {word}", points)))
    return tuple(rules)


def _points(place: object, given: Any) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not abs(given) < 1e9:
        raise ValueError(f"{place}: {given!r} is no number of points; expected one, as in 30 or -20")
    return float(given)

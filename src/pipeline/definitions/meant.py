"""What a name in a condition means: a column of a criterion, another measure of its facts, or an attribute."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from pipeline.definitions.criteria import COLUMN_WORDS, WINDOW_WORDS, WORDS, Criterion, Measure

_SPAN = r"\d+[mhdw]"


def measure_named(name: str) -> Measure | None:
    """The measure of a name as columns have it; None where it is none.

    >>> [measure_named(name).text for name in ("count", "count_7d", "mean_call_time_30d", "trend_7d_28d")]
    ['count', 'count 7d', 'mean call_time 30d', 'trend 7d 28d']
    >>> measure_named("count_often")
    """
    # The longest word first: days_since_last begins like no other, and stays so.
    word = next((each for each in sorted(WORDS, key=len, reverse=True) if re.match(rf"{each}(_|$)", name)), None)
    if word is None:
        return None
    column = "_(.+?)" if word in COLUMN_WORDS else "()"
    spans = "{2}" if word == "trend" else "?" if word in WINDOW_WORDS else "{0}"
    found = re.fullmatch(rf"{column}((?:_{_SPAN}){spans})", name[len(word) :])
    if found is None:
        return None
    of = [f"'{found[1]}'" if re.search(r"\s", found[1]) else found[1]] if found[1] else []
    try:
        return Measure.parse(" ".join([word, *of, *re.findall(_SPAN, found[2])]))
    except ValueError:
        return None


def meant(name: str, criteria: Iterable[Criterion], attributes: Collection[str] | None = None) -> Criterion | None:
    """A criterion whose first column is what a name means, or which has a column of this very name; None if nothing is.

    A criterion of facts by its name alone means how many there are. An attribute is read as it is written; with None
    every other name is one.

    >>> demos = Criterion.from_json({"name": "demos", "when": {"kind": "demo"}, "measures": ["count 7d"]})
    >>> [meant(name, [demos]).columns for name in ("demos.count_7d", "demos.count_30d", "demos", "sector")]
    [('demos.count_7d',), ('asked demos.count_30d.count_30d',), ('asked demos.count.count',), ('asked sector',)]
    """
    for criterion in criteria:
        if name in criterion.columns:
            return criterion
        if not criterion.measures:
            continue
        rest = "count" if name == criterion.name else name.removeprefix(f"{criterion.name}.")
        measure = measure_named(rest) if rest != name else None
        if measure is not None:
            # Names with a space cannot be a workspace's own.
            own = f"asked {criterion.name}.{measure.name}"
            return Criterion(own, criterion.family, (measure,), of=criterion.of, when=criterion.when)
    if attributes is not None and name not in attributes:
        return None
    return Criterion(f"asked {name}", "demographics", attribute=name, values="categorical")


def hint(name: str, words: Sequence[str], criteria: Sequence[Criterion], attributes: Collection[str]) -> str:
    """What a name that means nothing may have been meant for."""
    known = [*words, *sorted(attributes), *_named(criteria)]
    near = difflib.get_close_matches(name, known, n=1)
    if near:
        return f"did you mean {near[0]}?"
    owner = next((criterion.name for criterion in criteria if name.startswith(f"{criterion.name}.")), None)
    if owner is not None:
        return f"expected a measure of {owner}, as in {owner}.count_7d"
    return f"expected one of {', '.join(dict.fromkeys([*words, *sorted(attributes), *(c.name for c in criteria)]))}"


def _named(criteria: Iterable[Criterion]) -> Iterator[str]:
    for criterion in criteria:
        yield criterion.name
        yield from criterion.columns

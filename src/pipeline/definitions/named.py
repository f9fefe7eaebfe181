"""Settings that name criteria: held against the criteria that the file writes out, before any table is read."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from pipeline.definitions.criteria import Criterion
from pipeline.definitions.strict import wrong


def check_names(names: Sequence[str], criteria: Sequence[Criterion], key: str, *, columns: bool = True) -> None:
    """Refuse the first name that is no criterion and, with `columns`, no column of one."""
    known = [criterion.name for criterion in criteria]
    every = {*known, *(column for criterion in criteria for column in criterion.columns)} if columns else set(known)
    for name in names:
        if name not in every:
            near = difflib.get_close_matches(name, sorted(every), n=1)
            hint = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(known)}"
            raise wrong(f"no criterion has this name; {hint}", place=(key, name))


def check_directions(asked: Mapping[str, str], criteria: Sequence[Criterion]) -> None:
    """Refuse a direction for what is no criterion, or for one whose values are words."""
    check_names(list(asked), criteria, "monotone", columns=False)
    for criterion in criteria:
        if criterion.name in asked and (criterion.map is not None or criterion.values == "categorical"):
            raise wrong("its values are words, which have no order: take it out", place=("monotone", criterion.name))

"""Explanations as `shap.Explanation`, so that every plot of shap draws our numbers.

In calibrated log-odds: base_values + values.sum(axis=1) is what the model says, to 1e-9. `shap` takes seconds to import
and is imported only here, when it is asked for.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from pipeline.definitions.criteria import Criterion
from pipeline.learning.bundle import Bundle
from pipeline.reasons.explain import by_family
from pipeline.reasons.wording import line
from pipeline.tables.columns import Floats
from pipeline.views.waterfall import cut, steps

if TYPE_CHECKING:
    import shap

LEVELS = ("measure", "criterion", "family")
UNKNOWN = "unknown"
EVIDENCE = 44
"""Characters of evidence beside a bar."""


class Explained(Protocol):
    """What is drawn: n observations explained by one model, as `workflow.explained` gives them."""

    @property
    def bundle(self) -> Bundle:
        """The model."""

    @property
    def base(self) -> float:
        """What it says before anything is known."""

    @property
    def measures(self) -> Floats:
        """Contributions (n, p)."""

    @property
    def criteria(self) -> Floats:
        """Contributions (n, criteria)."""

    def leading(self, name: str) -> str:
        """The column whose value stands for a criterion."""

    def numbers(self, column: str) -> Floats:
        """What the model saw in a column (n,), categories as codes."""

    def values(self, column: str) -> Floats | Sequence[str | None]:
        """What people read in a column (n,)."""


def explanation(explained: Explained, level: str = "criterion") -> shap.Explanation:
    """The explanations of n observations at a level: "measure", "criterion" or "family".

    `data` holds numbers to plot against: of measures what the model saw, of a criterion its leading measure, of a
    family how many of its measures say something (neither missing nor 0). `display_data` holds what people read:
    numbers, and categories as words, `unknown` where one is missing. ValueError names the levels where it is none.

    It draws with all of shap.plots: waterfall, beeswarm, bar, scatter, heatmap.
    """
    if level not in LEVELS:
        raise ValueError(f"{level!r} is no level of explanation; expected one of {', '.join(LEVELS)}")
    criteria = explained.bundle.definition.criteria
    if level == "measure":
        columns = list(explained.bundle.definition.columns)
        names, values = _column_names(criteria), explained.measures
    elif level == "criterion":
        columns = [explained.leading(criterion.name) for criterion in criteria]
        names, values = _apart([line(criterion.title()) for criterion in criteria]), explained.criteria
    else:
        return _families(explained)
    data, shown = zip(*(_column(explained, column) for column in columns), strict=True)
    return _shap().Explanation(
        values=values.copy(),
        base_values=np.full(len(values), explained.base),
        data=np.column_stack(data),
        display_data=np.column_stack(shown),
        feature_names=names,
    )


def score_explanation(score: Mapping[str, Any]) -> shap.Explanation:
    """One score, as JSON with every criterion, for shap.plots.waterfall: one row, each reason beside its evidence.

    ValueError where the lead is closed: it has no reasons.
    """
    if score["log_odds"] is None:
        raise ValueError(f"lead {line(score['lead_id'])} is closed and has no reasons to draw")
    reasons, path = score["reasons"], steps(score)
    return _shap().Explanation(
        values=np.array([reason["contribution"] for reason in reasons], dtype=np.float64),
        base_values=float(score["base"]),
        data=np.arange(len(reasons), dtype=np.float64),
        display_data=np.array([cut(step.evidence, EVIDENCE) for step in path], dtype=object),
        feature_names=_apart([line(reason["label"]) for reason in reasons]),
    )


def plots() -> Any:
    """`shap.plots`, imported without what it and its own libraries have to say to each other."""
    return _shap().plots


def _shap() -> Any:
    with warnings.catch_warnings(action="ignore"):
        return import_module("shap")


def _families(explained: Explained) -> shap.Explanation:
    definition = explained.bundle.definition
    sums = by_family(explained.criteria, definition.criteria)
    seen = np.column_stack([explained.numbers(column) for column in definition.columns])
    words = np.array([column in definition.vocabularies for column in definition.columns])
    said = ~np.isnan(seen) & (words | (seen != 0))
    data, shown = [], []
    for family in sums:
        mine = [place for place, of in enumerate(definition.criterion_of) if definition.criteria[of].family == family]
        known = said[:, mine].sum(axis=1)
        data.append(known.astype(np.float64))
        shown.append(np.array([f"{count} of {len(mine)} known" for count in known.tolist()], dtype=object))
    return _shap().Explanation(
        values=np.column_stack([*sums.values()]),
        base_values=np.full(len(explained.criteria), explained.base),
        data=np.column_stack(data),
        display_data=np.column_stack(shown),
        feature_names=[family.capitalize() for family in sums],
    )


def _column_names(criteria: Sequence[Criterion]) -> list[str]:
    """A name a column, as people read it: `Demo requests: count 7d`."""
    names = []
    for criterion in criteria:
        title = line(criterion.title())
        names += [f"{title}: {measure.text}" for measure in criterion.measures] or [title]
    return _apart(names)


def _apart(names: list[str]) -> list[str]:
    """The names, told apart where two are alike: shap finds a feature by its name.

    >>> _apart(["Rank", "Sector", "Rank"])
    ['Rank', 'Sector', 'Rank (2)']
    """
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found


def _column(explained: Explained, name: str) -> tuple[Floats, Any]:
    """A column to plot against (n,), and what people read of it: numbers as they are, categories as words.

    shap takes a column for categories if it holds a text, and gives each value a tick: numbers must stay numbers. A
    category that is not known has a place of its own, after all others.
    """
    seen, read = explained.numbers(name).astype(np.float64), explained.values(name)
    if isinstance(read, np.ndarray):
        return seen, seen.astype(object)
    last = len(explained.bundle.definition.vocabularies[name]) + 1
    words = np.array([UNKNOWN if word is None else line(word) for word in read], dtype=object)
    return np.where(np.isnan(seen), last, seen), words

"""The company's scorecard: points of leads, and the log-odds that these points are worth.

A scorecard is bound to the columns of a definition, calibrated on training observations, and is then the margin that
trees start from (the prior), or the model that serves where deals are too few for trees. NumPy only: the request path.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.criteria import Criterion
from pipeline.definitions.maps import OTHER
from pipeline.definitions.scorecard import HAPPENED, IS, MISSING, Points
from pipeline.definitions.yaml_lines import WorkspaceError
from pipeline.features.attributes import lower_bound
from pipeline.features.matrix import Definition
from pipeline.learning.calibration import IDENTITY, base_log_odds, chances, fit_line
from pipeline.tables.columns import Floats

Mask = NDArray[np.bool_]

EXPECTED_SLOPE = 0.5
"""Log-odds a standard deviation of the points that are expected before any deal is seen: whoever writes a scorecard
means it to say something, and hardly any says more than this. Deals soon outweigh it: see SPREAD."""

SPREAD = 0.5
"""Standard deviation of that expectation, in its own unit of log-odds a standard deviation of the points."""

_HAPPENED = ("count", "days_since_last", "days_since_first", "active_days", "distinct", "total", "unanswered", "share")
"""The measures that tell whether a fact of the choice is there, the surest first; a column without a window first."""

Labels = NDArray[np.integer]


@dataclass(frozen=True)
class Clause:
    """Points for rows in which a column's value passes a test; a missing value passes MISSING alone.

    `test` is `>=`, `>`, `<=`, `<`, IS (equal to `value`), "given" (not missing) or MISSING.
    """

    column: int
    name: str
    test: str
    value: float
    points: float

    @property
    def between(self) -> tuple[float, float, bool]:
        """The least and the greatest value that pass, both included, and whether a missing one does."""
        return _BETWEEN[self.test](self.value)


_BETWEEN: Mapping[str, Callable[[float], tuple[float, float, bool]]] = {
    ">=": lambda value: (value, np.inf, False),
    ">": lambda value: (float(np.nextafter(value, np.inf)), np.inf, False),
    "<=": lambda value: (-np.inf, value, False),
    "<": lambda value: (-np.inf, float(np.nextafter(value, -np.inf)), False),
    IS: lambda value: (value, value, False),
    "given": lambda _: (-np.inf, np.inf, False),
    MISSING: lambda _: (np.inf, -np.inf, True),
}


@dataclass(frozen=True)
class Scorecard:
    """A scorecard bound to the columns of a definition. `said`: what of it counts for nobody, in sentences."""

    clauses: tuple[Clause, ...]
    said: tuple[str, ...] = field(default=(), compare=False)

    @cached_property
    def _arrays(self) -> tuple[NDArray[np.int64], Floats, Floats, Mask, Floats]:
        low, high, missing = zip(*(clause.between for clause in self.clauses), strict=True)
        column = np.array([clause.column for clause in self.clauses])
        points = np.array([clause.points for clause in self.clauses])
        return column, np.array(low), np.array(high), np.array(missing), points

    def points(self, X: Floats) -> Floats:
        """The points of rows (n, p) by each clause, (n, clauses): all clauses at once, for a request has one row."""
        if not self.clauses:
            return np.zeros((len(X), 0))
        column, low, high, missing, points = self._arrays
        value = X[:, column]
        holds = (value >= low) & (value <= high) | np.isnan(value) & missing
        return np.where(holds, points, 0.0)

    def total(self, X: Floats) -> Floats:
        """The points of rows (n, p), (n,); a row has the same bits in any crowd."""
        if not self.clauses:
            return np.zeros(len(X))
        return np.add.accumulate(self.points(X), axis=1)[:, -1]


@dataclass(frozen=True)
class Prior:
    """Points as log-odds: `margin = intercept + slope * points`.

    Attributes
    ----------
    clauses : the scorecard's
    slope : log-odds a point, 0 or more
    intercept : log-odds of a lead with no points
    mean : of each clause the mean points over the rows it was fitted on: what a lead is compared with
    """

    clauses: tuple[Clause, ...]
    slope: float
    intercept: float
    mean: tuple[float, ...]

    @cached_property
    def scorecard(self) -> Scorecard:
        """Its clauses."""
        return Scorecard(self.clauses)

    @property
    def base(self) -> float:
        """The mean margin over the rows it was fitted on."""
        base = self.intercept
        for mean in self.mean:
            base += self.slope * mean
        return base

    def margin(self, X: Floats) -> Floats:
        """Log-odds (n,) of rows (n, p)."""
        return self.intercept + self.slope * self.scorecard.total(X)

    def probability(self, X: Floats) -> Floats:
        """Probabilities (n,) of rows (n, p)."""
        return chances(IDENTITY, self.margin(X))

    def contributions(self, X: Floats) -> Floats:
        """Of each column its part of the margin, (n, p): `base` and a row's parts add up to its margin."""
        parts = np.zeros(X.shape)
        if self.clauses:
            order, starts, columns, mean = self._by_column
            points = self.slope * (self.scorecard.points(X) - mean)
            parts[:, columns] = np.add.reduceat(points[:, order], starts, axis=1)
        return parts

    @cached_property
    def _by_column(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], Floats]:
        """The clauses by their columns, where each column's begin, the columns, and each clause's mean."""
        column = np.array([clause.column for clause in self.clauses])
        order = np.argsort(column, kind="stable")
        columns, starts = np.unique(column[order], return_index=True)
        return order, starts, columns, np.array(self.mean)

    def to_json(self) -> dict[str, Any]:
        """Plain data for the bundle."""
        clauses = [asdict(clause) | {"mean": mean} for clause, mean in zip(self.clauses, self.mean, strict=True)]
        return {"slope": self.slope, "intercept": self.intercept, "clauses": clauses}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Prior:
        """Read what `to_json` wrote; ValueError where a clause asks what nobody knows."""
        clauses, mean = [], []
        for given in plain["clauses"]:
            own = dict(given)
            mean.append(float(own.pop("mean")))
            clauses.append(Clause(**own))
            if clauses[-1].test not in _BETWEEN:
                raise ValueError(f"a clause of the prior asks {clauses[-1].test!r}")
        return cls(tuple(clauses), float(plain["slope"]), float(plain["intercept"]), tuple(mean))


def fit_prior(scorecard: Scorecard, X: Floats, label: Labels, lead: NDArray[np.integer]) -> Prior:
    """What a scorecard's points are worth in log-odds, by a logistic regression on its sum alone.

    Two numbers are learnt, the level and the slope. The slope has a normal prior (EXPECTED_SLOPE, SPREAD); a lead
    counts once, however often it was observed, since its observations share one future. At least half an observation
    is taken for won and for lost, so that the level is finite.

    Parameters
    ----------
    X : (n, p) measures, n > 0
    label : (n,) 0 or 1
    lead : (n,) integers, equal for one lead
    """
    points = scorecard.total(X)
    mean, spread = float(points.mean()), float(points.std())
    level = base_log_odds(label)
    means = tuple(scorecard.points(X).mean(axis=0).tolist())
    alone = Prior(scorecard.clauses, 0.0, level, means)
    if not spread > 0:
        return alone
    expected, weight = EXPECTED_SLOPE / spread, len(np.unique(lead)) / len(X)
    line = fit_line(
        level + expected * (points - mean),
        np.asarray(label + (chances(IDENTITY, np.array([level])) - label.mean()), dtype=np.float64) * weight,
        np.full(len(label), weight),
        centre=level,
        ridge=((EXPECTED_SLOPE / SPREAD) ** 2, 0.0),
    )
    # A scorecard that ranks the wrong way round counts for nothing: its points are not turned round.
    if not line.slope > 0:
        return alone
    slope = line.slope * expected
    return Prior(scorecard.clauses, slope, float(line(np.array([level]))[0]) - slope * mean, means)


def bind(rules: Sequence[Points], definition: Definition, left_out: Collection[str] = ()) -> Scorecard | None:
    """The rules as clauses on the definition's columns; None without rules.

    WorkspaceError names a rule that no criterion or column answers to, or that compares words with a number. A rule on
    a criterion of `left_out`, which the workspace has and this model must not see, counts for nobody, and that is said.
    """
    if not rules:
        return None
    clauses, said = [], []
    names = {criterion.name for criterion in definition.criteria}
    for rule in rules:
        criterion = rule.of.partition(".")[0]
        if criterion in left_out and criterion not in names:
            said.append(f"scorecard, {rule.text}: {criterion} is left out, so its points count for nobody.")
            continue
        name = _column(rule, definition)
        position = definition.columns.index(name)
        words = definition.vocabularies.get(name)
        test, value = _asked(rule, name, words)
        if rule.test == IS and words is not None and rule.value not in (*words, OTHER):
            said.append(f"scorecard, {rule.text}: no training row holds this value, so its points count for nobody.")
        clauses.append(Clause(position, name, test, value, rule.points))
    return Scorecard(tuple(clauses), tuple(said))


def _asked(rule: Points, name: str, words: tuple[str, ...] | None) -> tuple[str, float]:
    """The test and its number."""
    measure = name.partition(".")[2]
    if rule.test == HAPPENED:
        there = not measure or measure.startswith(("days_since", "latest", "mean", "largest"))
        return ("given", 0.0) if there else (">", 0.0)
    if rule.test == MISSING:
        return MISSING, 0.0
    if words is None:
        value = lower_bound(rule.value) if rule.test == IS else float(rule.value)
        if np.isnan(value):
            raise WorkspaceError(f"scorecard, {rule.text}: {name} holds numbers; expected something like '>= 50'")
        return rule.test, value
    if rule.test != IS:
        raise WorkspaceError(f"scorecard, {rule.text}: {name} holds words, as {', '.join(words[:3])}; expected one")
    codes = {word: float(code) for code, word in enumerate(words)} | {OTHER: float(len(words))}
    return IS, codes.get(rule.value, -1.0)


def _column(rule: Points, definition: Definition) -> str:
    """The column that a rule asks: as it is named, or the one of its criterion that tells it best."""
    if rule.of in definition.columns:
        return rule.of
    criterion = next((one for one in definition.criteria if one.name == rule.of), None)
    if criterion is None:
        known = ", ".join(one.name for one in definition.criteria)
        raise WorkspaceError(f"scorecard, {rule.of}: no criterion or column has this name; the criteria are {known}")
    if rule.test in (HAPPENED, MISSING):
        return min(criterion.columns, key=lambda name: _rank(name, criterion))
    if len(criterion.columns) > 1:
        raise WorkspaceError(
            f"scorecard, {rule.text}: {rule.of} has several columns; name one of {', '.join(criterion.columns)}"
        )
    return criterion.columns[0]


def _rank(name: str, criterion: Criterion) -> tuple[int, int, int]:
    """How well a column tells whether a fact of its criterion is there: the least is the best."""
    place = criterion.columns.index(name)
    measure = criterion.measures[place]
    word = _HAPPENED.index(measure.word) if measure.word in _HAPPENED else len(_HAPPENED)
    return (measure.window is not None, word, -(measure.window or 0))

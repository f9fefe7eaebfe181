"""The parts of a workspace that are not tables: the goal, when leads are observed, the test, the model, exclusions."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from pipeline.definitions.maps import Rules, read_rules
from pipeline.definitions.scorecard import Points, read_scorecard
from pipeline.definitions.spans import DAY, parse_span
from pipeline.definitions.strict import Name, Names, Strict, named, wrong
from pipeline.definitions.traits import Trait, read_traits

MISSING = (
    *("#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#N/D", "#VALEUR!"),
    *("NULL", "Null", "null", "(null)", "\\N", "NaN", "nan", "NaT", "<NA>", "None", "N/A", "n/a"),
    *("Select", "-", "--"),
)
"""Texts of an export that mean no value, unless the workspace says otherwise."""

# A cell is compared without its outer blanks, so that a text with some could never be found.
Missing = Annotated[Names, AfterValidator(lambda texts: tuple(text.strip() for text in texts))]


def _span(plain: Any) -> Any:
    if isinstance(plain, str):
        try:
            return parse_span(plain)
        except ValueError as error:
            raise wrong(str(error).partition("; ")[2]) from None
    raise wrong("expected a whole number and a unit, as in 12h or 7d")


Span = Annotated[int, BeforeValidator(_span)]


UNTIL = 180 * DAY
"""How old a lead is at most while it is observed, where the workspace does not say."""


class Goal(Strict):
    """What is predicted: a won deal within the horizon."""

    horizon: Span

    @field_validator("horizon")
    @classmethod
    def _positive(cls, horizon: int) -> int:
        if horizon <= 0:
            raise wrong("expected more than nothing, as in 30d")
        return horizon


class Observe(Strict):
    """When leads are observed: `every` and `until`, or `ages`, or `after: interaction` (spans in microseconds)."""

    every: Span | None = None
    until: Span | None = None
    ages: tuple[Span, ...] | None = None
    after: Literal["interaction"] | None = None

    @model_validator(mode="after")
    def _one(self) -> Observe:
        given = [name for name in ("every", "ages", "after") if getattr(self, name) is not None]
        if len(given) != 1:
            raise wrong("expected exactly one of every (with until), ages, after")
        if self.every is not None and (self.every % DAY or self.every == 0):
            raise wrong("expected whole days, as in 7d", "every")
        if (self.until is None) == (self.every is not None):
            raise wrong("every and until go together, as in {every: 7d, until: 180d}")
        if self.ages is not None and not self.ages:
            raise wrong("expected at least one age, as in [1d, 7d]", "ages")
        return self


class Test(Strict):
    """Which cutoffs are the test: the newest that hold `share` of the mature observations, or all from `from` on."""

    share: float = Field(0.2, gt=0, lt=1)
    from_: Name | None = Field(None, alias="from")


def _trees(plain: Any) -> Any:
    if plain == "auto" or (isinstance(plain, int) and not isinstance(plain, bool) and 1 <= plain <= 10_000):
        return plain
    raise wrong("expected auto (by the rolling folds) or a whole number of trees from 1 to 10000")


class ModelSettings(Strict):
    """The gradient boosting."""

    trees: Annotated[int | Literal["auto"], BeforeValidator(_trees)] = "auto"
    leaves: int = Field(15, ge=2, le=4096)
    depth: int = Field(2, ge=1, le=64)
    learning_rate: float = Field(0.05, gt=0, le=1)
    l2: float = Field(5.0, ge=0)
    columns_share: float = Field(0.4, gt=0, le=1)
    rows_share: float = Field(0.8, gt=0, le=1)
    rows_per_leaf: int = Field(20, ge=1, le=100_000)
    seed: int = Field(7, ge=0, lt=2**31)
    refit: bool = True
    segment_by: Name | None = None


class Capacity(Strict):
    """How many leads can be called: what the evaluation says of the calls it would have asked for."""

    per_week: int | None = Field(None, ge=1)


class Tune(Strict):
    """A search for better settings of `model` than those written there, of so many trials, these the first."""

    trials: int = Field(ge=2, le=10_000)


class Exclusion(Strict):
    """A column or a kind that no model sees, and why. A plain name means both."""

    column: Name | None = None
    kind: Name | None = None
    name: Name | None = None
    why: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Exclusion:
        if sum(value is not None for value in (self.column, self.kind, self.name)) != 1:
            raise wrong("expected a name, {column: ..., why: ...} or {kind: ..., why: ...}")
        return self


Excluded = Annotated[
    Exclusion, BeforeValidator(lambda plain: {"name": plain} if isinstance(plain, str | int | float) else plain)
]


class Segment(Strict):
    """Leads to judge by themselves: by the values of a column, or by bands of its numbers, cut at `bands`."""

    column: Name
    bands: tuple[float, ...] = ()

    @field_validator("bands")
    @classmethod
    def _rising(cls, bands: tuple[float, ...]) -> tuple[float, ...]:
        if any(not low < high for low, high in pairwise(bands)):
            raise wrong("expected numbers, each above the one before, as in [10, 50, 200]")
        return bands


Segmented = Annotated[Segment, named("column")]
"""A plain name means its values."""


class Gates(Strict):
    """What a challenger's reasons must have in common with the champion's before it may replace it; None asks nothing.

    `rank_correlation` is the least, `reasons_changed` the greatest share of leads whose first three reasons changed.
    With `sign_off` a version serves only after a reviewer approved it.
    """

    rank_correlation: float | None = Field(None, ge=-1, le=1)
    reasons_changed: float | None = Field(None, ge=0, le=1)
    sign_off: bool = False


def _scorecard(plain: Any) -> Any:
    if isinstance(plain, tuple):
        return plain
    if not isinstance(plain, Mapping):
        raise wrong("expected criteria and their points, as in {demo_requests: 30, job_function: {student: -20}}")
    try:
        return read_scorecard(plain)
    except ValueError as error:
        raise wrong(str(error)) from None


ScorecardRules = Annotated[tuple[Points, ...], BeforeValidator(_scorecard)]


def _traits(plain: Any) -> Any:
    if isinstance(plain, tuple):
        return plain
    if not isinstance(plain, Mapping) or not plain:
        raise wrong("expected attributes and their values, as in {sector: [food, retail], company_size: '>= 50'}")
    try:
        return read_traits(plain)
    except ValueError as error:
        raise wrong(str(error)) from None


Traits = Annotated[tuple[Trait, ...], BeforeValidator(_traits)]
"""The company's points: a number for what happened, or values and comparisons with their points."""


def _map(plain: Any) -> Any:
    if not isinstance(plain, Mapping):
        raise wrong("expected names and their rules, as in {my_map: [{value: buyer, patterns: ['*buyer*']}]}")
    found: dict[str, Rules] = {}
    for name, rules in plain.items():
        try:
            found[str(name)] = read_rules(rules)
        except ValueError:
            raise wrong("expected a list of {value: ..., patterns: [...]}", place=(str(name),)) from None
    return found


Maps = Annotated[Mapping[str, Any], BeforeValidator(_map)]
"""Name -> rules: own maps of free texts to values, in the order they are tried."""

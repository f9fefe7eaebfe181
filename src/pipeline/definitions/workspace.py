"""leadlight.yaml as frozen, validated settings: the one place where an analyst says what the data means.

A wrong file is answered with the key, its line, the value and what was expected.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, PrivateAttr, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError

from pipeline.definitions.criteria import TIMING, Criterion
from pipeline.definitions.maps import shipped_map
from pipeline.definitions.sources import Name, Sources, Strict
from pipeline.definitions.spans import DAY, parse_span
from pipeline.definitions.yaml_lines import KeyPath, WorkspaceError, dotted, read_yaml
from pipeline.definitions.zones import parse_instant

__all__ = ["Workspace", "WorkspaceError", "load_workspace"]


def _wrong(expected: str, key: str | None = None, place: KeyPath = ()) -> PydanticCustomError:
    context: dict[str, Any] = {"expected": expected, "place": place}
    if key is not None:
        context["key"] = key
    return PydanticCustomError("leadlight", "{expected}", context)


def _span(plain: Any) -> Any:
    if isinstance(plain, str):
        try:
            return parse_span(plain)
        except ValueError as error:
            raise _wrong(str(error).partition("; ")[2]) from None
    raise _wrong("expected a whole number and a unit, as in 12h or 7d")


Span = Annotated[int, BeforeValidator(_span)]


class Goal(Strict):
    """What is predicted: a won deal within the horizon."""

    horizon: Span

    @field_validator("horizon")
    @classmethod
    def _positive(cls, horizon: int) -> int:
        if horizon <= 0:
            raise _wrong("expected more than nothing, as in 30d")
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
            raise _wrong("expected exactly one of every (with until), ages, after")
        if self.every is not None and (self.every % DAY or self.every == 0):
            raise _wrong("expected whole days, as in 7d", "every")
        if (self.until is None) == (self.every is not None):
            raise _wrong("every and until go together, as in {every: 7d, until: 180d}")
        if self.ages is not None and not self.ages:
            raise _wrong("expected at least one age, as in [1d, 7d]", "ages")
        return self


class Test(Strict):
    """Which cutoffs are the test: the newest that hold `share` of the mature observations, or all from `from` on."""

    share: float = Field(0.2, gt=0, lt=1)
    from_: Name | None = Field(None, alias="from")


def _trees(plain: Any) -> Any:
    if plain == "auto" or (isinstance(plain, int) and not isinstance(plain, bool) and 1 <= plain <= 10_000):
        return plain
    raise _wrong("expected auto (by the rolling folds) or a whole number of trees from 1 to 10000")


class ModelSettings(Strict):
    """The gradient boosting."""

    trees: Annotated[int | Literal["auto"], BeforeValidator(_trees)] = "auto"
    leaves: int = Field(15, ge=2, le=4096)
    depth: int = Field(4, ge=1, le=64)
    learning_rate: float = Field(0.05, gt=0, le=1)
    l2: float = Field(5.0, ge=0)
    columns_share: float = Field(0.7, gt=0, le=1)
    rows_share: float = Field(0.8, gt=0, le=1)
    seed: int = Field(7, ge=0, lt=2**31)
    refit: bool = True


class Exclusion(Strict):
    """A column or a kind that no model sees, and why. A plain name means both."""

    column: Name | None = None
    kind: Name | None = None
    name: Name | None = None
    why: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Exclusion:
        if sum(value is not None for value in (self.column, self.kind, self.name)) != 1:
            raise _wrong("expected a name, {column: ..., why: ...} or {kind: ..., why: ...}")
        return self


Excluded = Annotated[
    Exclusion, BeforeValidator(lambda plain: {"name": plain} if isinstance(plain, str | int | float) else plain)
]


class Workspace(Strict):
    """All settings of one workspace. Spans and instants are microseconds; paths are relative to `root`."""

    name: Name
    timezone: str = "UTC"
    data_until_text: Name = Field(alias="data_until")
    sources: Sources
    goal: Goal = Goal(horizon="30d")
    observe: Observe = Observe(every="7d", until="180d")
    test: Test = Test()
    model: ModelSettings = ModelSettings()
    exclude: tuple[Excluded, ...] = ()
    keep: Mapping[str, str] = Field(default_factory=dict)
    max_age: Span = 180 * DAY
    criteria: Literal["auto"] | tuple[Criterion, ...] = "auto"
    _root: Path = PrivateAttr(default=Path())

    @field_validator("timezone")
    @classmethod
    def _zone(cls, timezone: str) -> str:
        try:
            ZoneInfo(timezone)
        except (KeyError, ValueError, OSError):
            raise _wrong("expected a time zone of the IANA list, as in Europe/Paris or UTC") from None
        return timezone

    @field_validator("criteria", mode="before")
    @classmethod
    def _criteria(cls, plain: Any) -> Any:
        if plain == "auto":
            return plain
        if not isinstance(plain, list):
            raise _wrong("expected auto, or a list of criteria")
        criteria = []
        for position, item in enumerate(plain):
            try:
                criteria.append(_read_criterion(item))
            except ValueError as error:
                key = str(error).split(":", 1)[0]
                place: KeyPath = (position, key) if isinstance(item, dict) and key in item else (position,)
                raise _wrong(str(error), place=place) from None
        names = [criterion.name for criterion in (*TIMING, *criteria)]
        for position, criterion in enumerate(criteria):
            if names.count(criterion.name) > 1:
                raise _wrong("expected a name of its own; another criterion has it", place=(position, "name"))
        return tuple(criteria)

    @model_validator(mode="after")
    def _instants(self) -> Workspace:
        for text, place in ((self.data_until_text, ("data_until",)), (self.test.from_, ("test", "from"))):
            if text is not None:
                try:
                    parse_instant(text, self.timezone)
                except (ValueError, OverflowError):
                    raise _wrong("expected ISO 8601, as in 2026-06-30T00:00:00Z", place=place) from None
        return self

    @property
    def root(self) -> Path:
        """The folder that the workspace's paths are relative to: its own."""
        return self._root

    @cached_property
    def data_until(self) -> int:
        """When the export was taken."""
        return parse_instant(self.data_until_text, self.timezone)

    @property
    def horizon(self) -> int | None:
        """How long after a cutoff a won deal counts."""
        return self.goal.horizon

    @property
    def test_from(self) -> int | None:
        """The declared start of the test, if any."""
        return None if self.test.from_ is None else parse_instant(self.test.from_, self.timezone)

    @property
    def excluded_kinds(self) -> tuple[str, ...]:
        """Patterns of kinds that are in no ledger."""
        return tuple(sorted({kind for item in self.exclude for kind in (item.kind, item.name) if kind is not None}))

    def excluding(self, kinds: Iterable[str], columns: Iterable[str]) -> Workspace:
        """These settings with other exclusions: those of a served model, whatever was edited since."""
        exclude = (*(Exclusion(kind=kind) for kind in kinds), *(Exclusion(column=name) for name in columns))
        return self.model_copy(update={"exclude": exclude})

    @property
    def excluded_columns(self) -> tuple[str, ...]:
        """Columns that no model sees."""
        return tuple(sorted({name for item in self.exclude for name in (item.column, item.name) if name is not None}))


def _read_criterion(plain: Any) -> Criterion:
    if isinstance(plain, Criterion):
        return plain
    if not isinstance(plain, dict):
        raise ValueError(f"{plain!r}: expected a criterion: name, family and measures or attribute")
    criterion = Criterion.from_json(plain)
    if criterion.map is not None:
        shipped_map(str(criterion.map))
    return criterion


def load_workspace(path: str | Path) -> Workspace:
    """Read and validate a workspace file; WorkspaceError says file, line, key, value and what was expected."""
    path = Path(path)
    plain, lines = read_yaml(path)
    try:
        workspace = Workspace.model_validate(plain)
    except ValidationError as error:
        raise WorkspaceError("\n".join(_sentences(error, plain, lines, path))) from None
    workspace._root = path.resolve().parent
    return workspace


def _sentences(error: ValidationError, plain: Any, lines: dict[KeyPath, int], path: Path) -> Iterable[str]:
    for item in error.errors():
        context = item.get("ctx", {})
        place = tuple(item["loc"])
        if context.get("place"):
            place = (*place, *context["place"])
        elif "key" in context:
            place = (*place, context["key"])
        while place not in lines and place[:-1] in lines and item["type"] != "missing":
            place = place[:-1]
        known = place
        while known not in lines:
            known = known[:-1]
        if item["type"] == "missing":
            yield f"{path}, line {lines[known]}: {dotted(place)} is missing; it is required"
            continue
        value = _at(plain, known)
        shown = f" is {value!r}" if isinstance(value, str | int | float | bool) else ""
        message = item["msg"].removeprefix("Value error, ").replace("Input should be", "expected")
        yield f"{path}, line {lines[known]}: {dotted(known) or 'the workspace'}{shown}: {message}"


def _at(plain: Any, place: KeyPath) -> Any:
    for part in place:
        plain = (
            plain[int(part)] if isinstance(plain, list) else next(v for k, v in plain.items() if str(k) == str(part))
        )
    return plain

"""leadlight.yaml as frozen, validated settings: the one place where an analyst says what the data means.

A wrong file is answered with the key, its line, the value and what was expected.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, PrivateAttr, ValidationError, ValidationInfo, field_validator, model_validator

from pipeline.definitions.acting import (
    ActionSetting,
    AudienceSettings,
    GradeSettings,
    StageSettings,
    acting,
    check_rules,
)
from pipeline.definitions.criteria import TIMING, Criterion
from pipeline.definitions.maps import Rules, shipped, shipped_map
from pipeline.definitions.named import check_directions, check_names
from pipeline.definitions.persona import check_traits, persona_of
from pipeline.definitions.refusals import sentences
from pipeline.definitions.rules import OPTED_OUT
from pipeline.definitions.rules import Rules as ActingRules
from pipeline.definitions.settings import (
    MISSING,
    UNTIL,
    Capacity,
    Excluded,
    Exclusion,
    Gates,
    Goal,
    Maps,
    Missing,
    ModelSettings,
    Observe,
    ScorecardRules,
    Segmented,
    Span,
    Test,
    Traits,
    Tune,
)
from pipeline.definitions.sources import Sources
from pipeline.definitions.spans import DAY, HOUR, span_text
from pipeline.definitions.strict import Name, Strict, wrong
from pipeline.definitions.undated import check_dates
from pipeline.definitions.yaml_lines import KeyPath, WorkspaceError, read_yaml
from pipeline.definitions.zones import parse_instant

AFTER_THE_FILE = HOUR
"""Where rows have an order and no dates, each is a microsecond of 1970's first hour, by its number: whatever is
appended later, a row keeps its instant, and what one model knows can be compared with another."""

__all__ = ["Workspace", "WorkspaceError", "load_workspace"]


class Workspace(Strict):
    """All settings of one workspace. Spans and instants are microseconds; paths are relative to `root`.

    `order` says that the data has no history of dates: "file" takes the rows' order for time, "created_at" knows when a
    lead came and not when it ended. The horizon is off then, and a lead without an outcome is unknown.
    """

    name: Name
    timezone: str = "UTC"
    data_until_text: Name | None = Field(None, alias="data_until")
    order: Literal["file", "created_at"] | None = None
    sources: Sources
    missing: Missing = MISSING
    goal: Goal = Goal(horizon="30d")
    observe: Observe = Observe(every="7d", until=span_text(UNTIL))
    test: Test = Test()
    model: ModelSettings = ModelSettings()
    tune: Tune | None = None
    exclude: tuple[Excluded, ...] = ()
    keep: Mapping[str, str] = Field(default_factory=dict)
    scorecard: ScorecardRules = ()
    persona: Traits = ()
    monotone: Mapping[Name, Literal["up", "down"]] = Field(default_factory=dict)
    segments: tuple[Segmented, ...] = ()
    max_age: Span = 180 * DAY
    capacity: Capacity = Capacity()
    gates: Gates = Gates()
    stages: StageSettings = StageSettings()
    grades: GradeSettings = Field(default_factory=dict)
    actions: tuple[ActionSetting, ...] = ()
    audiences: AudienceSettings = Field(default_factory=dict)
    map: Maps = Field(default_factory=dict)
    criteria: Literal["auto"] | tuple[Criterion, ...] = "auto"
    _root: Path = PrivateAttr(default=Path())

    @field_validator("timezone")
    @classmethod
    def _zone(cls, timezone: str) -> str:
        try:
            ZoneInfo(timezone)
        except (KeyError, ValueError, OSError):
            raise wrong("expected a time zone of the IANA list, as in Europe/Paris or UTC") from None
        return timezone

    @field_validator("criteria", mode="before")
    @classmethod
    def _criteria(cls, plain: Any, info: ValidationInfo) -> Any:
        # A wrong `map` is an error of its own: then nothing is said of the names that criteria use.
        own = info.data.get("map")
        if plain == "auto":
            return plain
        if not isinstance(plain, list):
            raise wrong("expected auto, or a list of criteria")
        criteria = []
        for position, item in enumerate(plain):
            try:
                criteria.append(_read_criterion(item, own))
            except ValueError as error:
                key = str(error).split(":", 1)[0]
                place: KeyPath = (position, key) if isinstance(item, dict) and key in item else (position,)
                raise wrong(str(error), place=place) from None
        names = {criterion.name for criterion in TIMING}
        for position, criterion in enumerate(criteria):
            if criterion.name in names:
                raise wrong("expected a name of its own; another criterion has it", place=(position, "name"))
            names.add(criterion.name)
        return tuple(criteria)

    @model_validator(mode="after")
    def _instants(self) -> Workspace:
        for text, place in ((self.data_until_text, ("data_until",)), (self.test.from_, ("test", "from"))):
            if text is not None:
                try:
                    parse_instant(text, self.timezone)
                except (ValueError, OverflowError):
                    raise wrong("expected ISO 8601, as in 2026-06-30T00:00:00Z", place=place) from None
        return self

    @model_validator(mode="after")
    def _kept_or_left_out(self) -> Workspace:
        for item in self.exclude:
            name = item.column or item.kind or item.name
            if name in self.keep:
                raise wrong(f"{name} stands under exclude too: take it out of one of them", place=("keep", str(name)))
        return self

    @model_validator(mode="after")
    def _points_and_directions(self) -> Workspace:
        written = () if self.criteria == "auto" else self.criteria
        tables = (self.sources.leads, self.sources.contacts, self.sources.accounts)
        check_traits(self.persona, written, {name for table in tables if table for name in table.attributes})
        if self.criteria != "auto":
            every = (*self.criteria, *self.persona_of(self.criteria), *TIMING)
            check_names([rule.of for rule in self.scorecard], every, "scorecard")
            check_directions(self.monotone, every)
        return self

    @model_validator(mode="after")
    def _stages_and_actions(self) -> Workspace:
        every = None if self.criteria == "auto" else (*self.criteria, *self.persona_of(self.criteria), *TIMING)
        check_rules(self.acting, self.actions, every, self.attributes)
        return self

    @cached_property
    def acting(self) -> ActingRules:
        """Where leads stand and what to do, by `stages`, `grades`, `actions` and `audiences`."""
        return acting(self.stages, self.grades, self.actions, self.audiences)

    @property
    def attributes(self) -> tuple[str, ...]:
        """What the tables say of a lead beside its history, without what is left out."""
        tables = (self.sources.leads, self.sources.contacts, self.sources.accounts)
        names = [name for table in tables if table for name in table.attributes]
        return tuple(name for name in names if name not in self.excluded_columns)

    def persona_of(self, criteria: Sequence[Criterion]) -> tuple[Criterion, ...]:
        """The criterion of the ideal customer, if the workspace names one, beside other criteria."""
        found = persona_of(self.persona, criteria, {criterion.name for criterion in criteria})
        return () if found is None else (found,)

    @model_validator(mode="after")
    def _dated(self) -> Workspace:
        check_dates(
            self.order,
            self.sources,
            self.data_until_text,
            self.test.from_,
            self.observe if "observe" in self.model_fields_set else None,
            () if self.criteria == "auto" else self.criteria,
        )
        return self

    @property
    def root(self) -> Path:
        """The folder that the workspace's paths are relative to: its own."""
        return self._root

    @cached_property
    def data_until(self) -> int:
        """When the export was taken; where rows have an order and no dates, a moment after all of them."""
        if self.order == "file" or self.data_until_text is None:
            return AFTER_THE_FILE
        return parse_instant(self.data_until_text, self.timezone)

    @property
    def horizon(self) -> int | None:
        """How long after a cutoff a won deal counts; None where outcomes are not dated."""
        return self.goal.horizon if self.order is None else None

    @property
    def observed(self) -> Observe:
        """When leads are observed: as said, or once at creation where there are no dates."""
        return self.observe if self.order is None else Observe(ages=["0d"])

    def rules(self, name: str) -> Rules:
        """A map's rules: the workspace's own, before those that ship under the same name."""
        own: Rules = self.map.get(name, ())
        return (*own, *(shipped_map(name) if name in shipped() else ()))

    @property
    def test_from(self) -> int | None:
        """The declared start of the test, if any."""
        return None if self.test.from_ is None else parse_instant(self.test.from_, self.timezone)

    @property
    def excluded_kinds(self) -> tuple[str, ...]:
        """Patterns of kinds that are in no ledger."""
        return tuple(sorted({kind for item in self.exclude for kind in (item.kind, item.name) if kind is not None}))

    def tuning(self, trials: int | None) -> Workspace:
        """These settings with so many trials of `tune`; None leaves them as they are."""
        return self if trials is None else self.model_copy(update={"tune": Tune(trials=trials)})

    def excluding(self, kinds: Iterable[str], columns: Iterable[str]) -> Workspace:
        """These settings with other exclusions: those of a served model, whatever was edited since."""
        exclude = (*(Exclusion(kind=kind) for kind in kinds), *(Exclusion(column=name) for name in columns))
        return self.model_copy(update={"exclude": exclude})

    @property
    def excluded_columns(self) -> tuple[str, ...]:
        """Columns that no model sees."""
        return tuple(sorted({name for item in self.exclude for name in (item.column, item.name) if name is not None}))


def _read_criterion(plain: Any, own: Mapping[str, Rules] | None) -> Criterion:
    if isinstance(plain, Criterion):
        return plain
    if not isinstance(plain, dict):
        raise ValueError(f"{plain!r}: expected a criterion: name, family and measures or attribute")
    if "persona" in plain:
        raise ValueError("persona: the ideal customer stands under `persona` of the workspace, beside the criteria")
    criterion = Criterion.from_json(plain)
    if criterion.attribute == OPTED_OUT:
        raise ValueError("attribute: who opted out is never a feature: name the column under sources.leads.opted_out")
    if criterion.map is not None and own is not None and str(criterion.map) not in own:
        known = ", ".join(sorted({*shipped(), *own}))
        if str(criterion.map) not in shipped():
            raise ValueError(f"map: {criterion.map!r}; expected one of {known}, or one of your own under `map`")
    return criterion


def load_workspace(path: str | Path) -> Workspace:
    """Read and validate a workspace file; WorkspaceError says file, line, key, value and what was expected."""
    path = Path(path)
    plain, lines = read_yaml(path)
    try:
        workspace = Workspace.model_validate(plain)
    except ValidationError as error:
        raise WorkspaceError("\n".join(sentences(error, plain, lines, path))) from None
    workspace._root = path.resolve().parent
    return workspace

"""What the workspace says of each table: where it is, and which column means what."""

from __future__ import annotations

import difflib
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError


class Strict(BaseModel):
    """Frozen, and a key it does not know is refused with what was meant."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, plain: Any, info: ValidationInfo) -> Any:
        if not isinstance(plain, dict):
            raise PydanticCustomError("leadlight", "expected keys and values: {keys}", {"keys": ", ".join(cls._keys())})
        for key in plain:
            if key not in cls._keys():
                near = difflib.get_close_matches(str(key), cls._keys(), n=1)
                hint = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(cls._keys())}"
                raise PydanticCustomError("leadlight_key", "no such key; {hint}", {"hint": hint, "key": key})
        return plain

    @classmethod
    def _keys(cls) -> list[str]:
        return [field.alias or name for name, field in cls.model_fields.items()]


def _named(key: str) -> BeforeValidator:
    """A plain text stands for the mapping with that one key."""
    return BeforeValidator(lambda plain: {key: plain} if isinstance(plain, str | int | float) else plain)


def _text(plain: Any) -> Any:
    return str(plain) if isinstance(plain, int | float) and not isinstance(plain, bool) else plain


def _texts(plain: Any) -> Any:
    return [_text(item) for item in plain] if isinstance(plain, list) else [_text(plain)]


Name = Annotated[str, BeforeValidator(_text)]
Names = Annotated[tuple[Name, ...], BeforeValidator(_texts)]


class Place(Strict):
    """Where a table is: a file or glob (csv, parquet), or DuckDB SQL over files."""

    file: Name | None = None
    sql: Name | None = None

    @model_validator(mode="after")
    def _one(self) -> Place:
        if (self.file is None) == (self.sql is None):
            raise PydanticCustomError("leadlight", "expected a file, a glob or {{sql: ...}}", {})
        return self


From = Annotated[Place, _named("file")]


class TimeColumn(Strict):
    """A column of instants: how its texts are read, and whether it holds days only."""

    column: Name
    format: Name | None = None
    dayfirst: bool = False
    precision: Literal["instant", "day"] | None = None


Time = Annotated[TimeColumn, _named("column")]


class LeadsSource(Strict):
    """The table of leads."""

    from_: From = Field(alias="from")
    id: Name
    created_at: Time
    attributes: Names = ()
    entities: dict[Literal["contact", "account"], Name] = {}
    display: Names = ()

    @model_validator(mode="after")
    def _display_is_no_feature(self) -> LeadsSource:
        _apart(self.attributes, self.display)
        return self


def _apart(attributes: Names, display: Names) -> None:
    for name in display:
        if name in attributes:
            message = "{name} stands under attributes too; what is displayed is never a feature: keep it in one of them"
            raise PydanticCustomError("leadlight", message, {"name": name, "key": "display"})


class EntitySource(Strict):
    """What is known of contacts or accounts; their attributes join their leads."""

    from_: From = Field(alias="from")
    id: Name
    attributes: Names = ()
    display: Names = ()

    @model_validator(mode="after")
    def _display_is_no_feature(self) -> EntitySource:
        _apart(self.attributes, self.display)
        return self


class KindColumn(Strict):
    """Where the kind stands: a column, with a prefix put before it, or one value for the whole table."""

    column: Name | None = None
    prefix: str = ""
    value: Name | None = None

    @model_validator(mode="after")
    def _one(self) -> KindColumn:
        if (self.column is None) == (self.value is None):
            raise PydanticCustomError("leadlight", "expected a column, or {{value: call}} for a table of one kind", {})
        return self


class FlowKinds(Strict):
    """Which kinds go out and which come in, or the column that says so."""

    outbound: Names = ()
    inbound: Names = ()
    column: Name | None = None


class InteractionsSource(Strict):
    """One table of interactions."""

    from_: From = Field(alias="from")
    entity: Literal["lead", "contact", "account"] = "lead"
    entity_id: Name
    id: Name | None = None
    at: Time
    known_at: Time | None = None
    repeats: Literal["keep", "drop"] = "keep"
    kind: Annotated[KindColumn, _named("column")]
    flow: Annotated[FlowKinds, _named("column")] = FlowKinds()
    numbers: Names = ()
    texts: Names = ()


class OutcomeColumn(Strict):
    """Where the outcome stands: a column, or one value for a table of won (or lost) deals only."""

    column: Name | None = None
    value: Literal["won", "lost"] | None = None

    @model_validator(mode="after")
    def _one(self) -> OutcomeColumn:
        if (self.column is None) == (self.value is None):
            raise PydanticCustomError("leadlight", "expected a column, or {{value: won}} for a table of won deals", {})
        return self


class DealsSource(Strict):
    """The table of deals, which may be the leads' own."""

    from_: From = Field(alias="from")
    id: Name | None = None
    lead_id: Name
    closed_at: Time
    known_at: Time | None = None
    opened_at: Time | None = None
    reopened_at: Time | None = None
    undated_lost: Literal["aside", "open"] = "aside"
    outcome: Annotated[OutcomeColumn, _named("column")]
    won: Names = ("won",)
    lost: Names = ("lost",)
    amount: Name | None = None


class ChangesSource(Strict):
    """The table of attribute changes."""

    from_: From = Field(alias="from")
    lead_id: Name = "lead_id"
    at: Time = TimeColumn(column="at")
    attribute: Name = "attribute"
    value: Name = "value"
    old: Name | None = None
    known_at: Time | None = None


class SpendSource(Strict):
    """What was spent a day, by channel and campaign."""

    from_: From = Field(alias="from")
    at: Time
    channel: Name
    campaign: Name | None = None
    amount: Name


def _list(plain: Any) -> Any:
    return plain if isinstance(plain, list) else [plain]


class Sources(Strict):
    """The tables of a workspace."""

    leads: LeadsSource
    contacts: EntitySource | None = None
    accounts: EntitySource | None = None
    interactions: Annotated[tuple[InteractionsSource, ...], BeforeValidator(_list)] = ()
    deals: DealsSource
    changes: ChangesSource | None = None
    spend: SpendSource | None = None

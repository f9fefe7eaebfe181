"""What the workspace says of each table: where it is, and which column means what."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from pipeline.definitions.cells import Number, Numbers, Time, TimeColumn
from pipeline.definitions.places import From
from pipeline.definitions.strict import Name, Names, Strict, named, wrong


class LeadsSource(Strict):
    """The table of leads. Where it is the deals' too and no other names its rows, a row's number may be its id."""

    from_: From = Field(alias="from")
    id: Name | None = None
    created_at: Time | None = None
    attributes: Names = ()
    entities: dict[Literal["contact", "account"], Name] = Field(default_factory=dict)
    display: Names = ()
    opted_out: Name | None = None

    @model_validator(mode="after")
    def _display_is_no_feature(self) -> LeadsSource:
        _apart(self.attributes, self.display)
        if self.opted_out is not None and {self.opted_out, "opted_out"} & {*self.attributes}:
            twice = "it stands under attributes too; who opted out is never a feature: take it out there"
            raise wrong(twice, key="opted_out")
        return self


def _apart(attributes: Names, display: Names) -> None:
    for name in display:
        if name in attributes:
            twice = f"{name} stands under attributes too; what is displayed is never a feature: keep it in one of them"
            raise wrong(twice, key="display")


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
            raise wrong("expected a column, or {value: call} for a table of one kind")
        return self


class FlowKinds(Strict):
    """Which kinds go out and which come in, or the column that says so; with both, which of the column's values."""

    outbound: Names = ()
    inbound: Names = ()
    column: Name | None = None

    @model_validator(mode="after")
    def _one_way(self) -> FlowKinds:
        for word in self.inbound:
            if word in self.outbound:
                raise wrong(f"{word} stands under outbound too: take it out of one of them", key="inbound")
        return self


class InteractionsSource(Strict):
    """One table of interactions."""

    from_: From = Field(alias="from")
    entity: Literal["lead", "contact", "account"] = "lead"
    entity_id: Name
    id: Name | None = None
    at: Time
    known_at: Time | None = None
    repeats: Literal["keep", "drop"] = "keep"
    kind: Annotated[KindColumn, named("column")]
    flow: Annotated[FlowKinds, named("column")] = FlowKinds()
    numbers: Numbers = ()
    texts: Names = ()


class OutcomeColumn(Strict):
    """Where the outcome stands: a column, or one value for a table of won (or lost) deals only."""

    column: Name | None = None
    value: Literal["won", "lost"] | None = None

    @model_validator(mode="after")
    def _one(self) -> OutcomeColumn:
        if (self.column is None) == (self.value is None):
            raise wrong("expected a column, or {value: won} for a table of won deals")
        return self


class DealsSource(Strict):
    """The table of deals, which may be the leads' own."""

    from_: From = Field(alias="from")
    id: Name | None = None
    lead_id: Name | None = None
    closed_at: Time | None = None
    known_at: Time | None = None
    opened_at: Time | None = None
    reopened_at: Time | None = None
    undated_lost: Literal["aside", "open"] = "aside"
    outcome: Annotated[OutcomeColumn, named("column")]
    won: Names = ("won",)
    lost: Names = ("lost",)
    amount: Number | None = None


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
    amount: Number


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

    @model_validator(mode="after")
    def _entities_of_leads(self) -> Sources:
        for position, table in enumerate(self.interactions):
            if table.entity != "lead" and table.entity not in self.leads.entities:
                raise wrong(
                    f"sources.leads.entities does not say which column of the leads holds the {table.entity}'s id; "
                    f"add entities: {{{table.entity}: {table.entity}_id}}",
                    place=("interactions", position, "entity"),
                )
        return self

"""What a request for scores holds and what the answers hold, with examples.

Instants of a request are UTC microseconds once read; instants of an answer are texts in ISO 8601.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from serving.examples import MODEL, REQUEST, RESPONSE
from serving.fields import Amount, Attributes, AttributeValue, Id, Instant, Numbers, Words

Entity = Literal["lead", "contact", "account"]


class _Request(BaseModel):
    """Strict: no type is turned into another, and no field is ignored."""

    model_config = ConfigDict(strict=True, extra="forbid")


class Entities(_Request):
    """The contact and the account of a lead, by id."""

    contact: Id | None = None
    account: Id | None = None


class InteractionIn(_Request):
    """One dated fact about the lead, its contact or its account."""

    at: Instant = Field(description="When it happened.")
    kind: Id = Field(description="What happened: demo_request, page_view, call, ...")
    id: Id | None = Field(None, description="Two interactions of one entity with the same id are one fact.")
    known_at: Instant | None = Field(None, description="When it was recorded, if later than `at`.")
    flow: Literal["inbound", "outbound"] | None = Field(
        None,
        description="From the lead, to the lead, or null for neither; left out, what the kind had in training.",
    )
    entity: Entity = Field("lead", description="Whom it is about.")
    numbers: Numbers = Field(default_factory=dict, description="Its numbers by name: duration, amount, ...")
    texts: Words = Field(default_factory=dict, description="Its texts by name: page, campaign, ...")


class ChangeIn(_Request):
    """One change of an attribute: the value from `at` on and, where `old` is given, the value before."""

    at: Instant
    attribute: Id
    value: AttributeValue
    old: AttributeValue = Field(None, description="The value before. Giving null says that there was none.")
    known_at: Instant | None = None


class DealIn(_Request):
    """A deal of the lead or, with `lead_id` and `of`, of another lead of its contact or account."""

    outcome: Literal["open", "won", "lost"]
    closed_at: Instant | None = Field(None, description="Required of a deal won or lost.")
    known_at: Instant | None = Field(None, description="When the close was recorded, if later.")
    opened_at: Instant | None = None
    reopened_at: Instant | None = None
    id: Id | None = None
    amount: Amount | None = None
    lead_id: Id | None = Field(None, description="The other lead whose deal it is; left out for the lead's own.")
    of: list[Literal["contact", "account"]] | None = Field(
        None,
        fail_fast=True,
        description="What the other lead shares with this one. Required with `lead_id`; may be empty.",
    )


class LeadIn(_Request):
    """A lead with its whole history, its contact's and its account's included. It is scored as if it were alone."""

    id: Id
    created_at: Instant
    attributes: Attributes = Field(default_factory=dict, description="What is known of it today, by name.")
    entities: Entities = Field(default_factory=Entities)
    # Of a list the first fault is enough: a body of a million wrong rows is answered at once.
    interactions: list[InteractionIn] = Field(default_factory=list, fail_fast=True)
    changes: list[ChangeIn] = Field(default_factory=list, fail_fast=True)
    deals: list[DealIn] = Field(default_factory=list, fail_fast=True)


class ScoreRequest(_Request):
    """Leads to score, each with its history."""

    model_config = ConfigDict(json_schema_extra={"examples": [REQUEST]})

    leads: list[LeadIn] = Field(min_length=1, fail_fast=True)
    as_of: Instant | None = Field(
        None, description="The moment to score at: nothing that was not known before it is used. Default: now."
    )


FIELD_NAMES = frozenset(
    name for model in (ScoreRequest, LeadIn, Entities, InteractionIn, ChangeIn, DealIn) for name in model.model_fields
)
"""Names that a fault may repeat: they are ours."""


class ReasonOut(BaseModel):
    """One reason: a contribution in calibrated log-odds, in words, with its evidence."""

    criterion: str
    family: str
    side: Literal["fit", "intent"]
    label: str
    contribution: float
    points: float = Field(description="Its share of the explanation: 100 |c| / sum |c|.")
    sign: Literal["+", "-", "0"]
    evidence: str = Field(description="What the model saw, in words.")
    text: str


class ScoreOut(BaseModel):
    """A score. base + fit + intent = log_odds = base + the contributions; probability = 1 / (1 + exp(-log_odds)).

    A closed lead has its stage and no probability: the numbers are null.
    """

    lead_id: str
    as_of: str
    probability: float | None = Field(description="Of a won deal within the horizon.")
    log_odds: float | None
    score: int | None = Field(description="100 x percentile, rounded.")
    percentile: float | None
    grade: Literal["A", "B", "C", "D"] | None
    stage: Literal["contact", "prospect", "qualified", "client"]
    action: str = Field(description="What to do next: a word of the rules.")
    rule: str = Field(description="The rule that chose the action, as it is written.")
    fit: float | None
    intent: float | None
    base: float | None
    reasons: list[ReasonOut]
    model_version: str
    warnings: list[str]


class ScoreResponse(BaseModel):
    """Scores in the order of the leads."""

    model_config = ConfigDict(protected_namespaces=(), json_schema_extra={"examples": [RESPONSE]})

    model_version: str
    as_of: str
    scores: list[ScoreOut]


class CriterionOut(BaseModel):
    """A criterion: what a person would name as a reason."""

    name: str
    family: str
    side: Literal["fit", "intent"]
    label: dict[str, str]
    columns: list[str]


class ModelResponse(BaseModel):
    """The model in use: what it is, how good it was on the newest period, what it reads of a lead."""

    model_config = ConfigDict(protected_namespaces=(), json_schema_extra={"examples": [MODEL]})

    model_version: str
    kind: str = Field(description='"trees"; "scorecard" or "base rate" where deals were too few for trees.')
    base_rate: float = Field(description="Share of won observations in training.")
    horizon_days: float | None = Field(description="How long after the moment of scoring a won deal counts.")
    timezone: str
    knows_until: str | None = Field(description="No outcome from this instant on was used in training.")
    tested: dict[str, Any] | None = Field(description="The period of the test and its observations.")
    test: dict[str, Any] | None = Field(description="Figures of the test, each {value, low, high} at 95 %.")
    said: list[str] = Field(description="What must be said of this model.")
    attributes: list[str] = Field(description="Attributes that it reads; one that is not sent is missing.")
    kinds: list[str] = Field(description="Kinds of interactions that its criteria choose, or patterns of them.")
    columns: list[str] = Field(description="Numbers and texts of interactions that it reads.")
    criteria: list[CriterionOut]


class Health(BaseModel):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Readiness(BaseModel):
    """A model serves. `detail` says what keeps a newer one from doing so."""

    model_config = ConfigDict(protected_namespaces=())

    status: Literal["ready"] = "ready"
    model_version: str
    detail: str | None = None

"""The workspace's keys for stages, grades, actions and audiences, and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field, field_validator

from pipeline.definitions.conditions import parse
from pipeline.definitions.criteria import Criterion
from pipeline.definitions.meant import hint, meant
from pipeline.definitions.rules import (
    ACTIONS,
    BEFORE,
    DEFAULT_ACTIONS,
    FACTS,
    INTEREST,
    INTEREST_WITHIN,
    SCORED,
    Rules,
    rules_of,
)
from pipeline.definitions.settings import Span
from pipeline.definitions.strict import Name, Names, Strict, named, wrong
from pipeline.definitions.yaml_lines import KeyPath


class InterestKinds(Strict):
    """Kinds of facts that are concrete interest, and the flow that they need, if any."""

    kind: Names
    flow: Literal["inbound", "outbound"] | None = None


class StageSettings(Strict):
    """What makes a lead qualified: facts of the kinds of `interest`, not older than `within`."""

    interest: tuple[Annotated[InterestKinds, named("kind")], ...] = tuple(
        InterestKinds(kind=list(kinds), flow=flow) for kinds, flow in INTEREST
    )
    within: Span = INTEREST_WITHIN

    @field_validator("interest")
    @classmethod
    def _some(cls, interest: tuple[InterestKinds, ...]) -> tuple[InterestKinds, ...]:
        if not any(item.kind for item in interest):
            raise wrong("expected kinds of interactions, as in [demo_request, {kind: call, flow: inbound}]")
        return interest

    @field_validator("within")
    @classmethod
    def _positive(cls, within: int) -> int:
        if within <= 0:
            raise wrong("expected more than nothing, as in 90d")
        return within


class ActionSetting(Strict):
    """An action and the condition under which it is the one."""

    when: Name
    do: Name

    @field_validator("do")
    @classmethod
    def _word(cls, do: str) -> str:
        if not re.fullmatch(r"[^\W\d][\w-]{0,59}", do):
            raise wrong(f"expected one word, as in call or phone_within_a_day; {', '.join(ACTIONS)} ship")
        return do


GradeSettings = Mapping[Literal["A", "B", "C"], Annotated[float, Field(gt=0, le=1e6)]]
AudienceSettings = Mapping[Name, Name]


def acting(
    stages: StageSettings, grades: GradeSettings, actions: Sequence[ActionSetting], audiences: AudienceSettings
) -> Rules:
    """The rules that the four keys make; an error says which place of them is wrong."""
    interest = tuple((item.kind, item.flow) for item in stages.interest)
    written = [(item.when, item.do) for item in actions]
    return rules_of(interest, stages.within, grades, written or DEFAULT_ACTIONS, audiences)


def check_rules(
    rules: Rules,
    actions: Sequence[ActionSetting],
    criteria: Sequence[Criterion] | None,
    attributes: Collection[str],
) -> None:
    """Refuse the first name of an audience or a rule that means nothing.

    Without criteria, where they are not written out, any name may be that of one: nothing is refused but a name of
    rules in an audience.
    """
    words = (*FACTS, *SCORED)
    for name, condition in rules.audiences.items():
        check_condition(condition.names, words, rules, criteria, attributes, ("audiences", name))
    for place, item in enumerate(actions):
        names = parse(item.when).using(rules.audiences).names
        check_condition(names, (*words, BEFORE), rules, criteria, attributes, ("actions", place, "when"))


def check_condition(
    names: Sequence[str],
    words: Sequence[str],
    rules: Rules,
    criteria: Sequence[Criterion] | None,
    attributes: Collection[str],
    place: KeyPath = (),
) -> None:
    """Refuse the first name that is none of the words, no criterion or measure of one, and no attribute."""
    for name in names:
        if name == BEFORE and BEFORE not in words:
            raise wrong(f"{BEFORE} is for `actions` alone: take it out", place=place)
        if name in words or criteria is None or meant(name, criteria, attributes) is not None:
            continue
        said = hint(name, (*words, *rules.audiences), criteria, attributes)
        raise wrong(f"{name} is no word of conditions, audience, criterion or attribute; {said}", place=place)

"""Leads of a request as a history: the same columns that an export becomes.

Each lead brings the facts of its contact and account with it and sees nothing of the request's other leads: entities,
other leads and deals get names of their own for every lead of the request, after a null character that no id holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np

from pipeline.definitions.numerals import read_number
from pipeline.features.matrix import Definition
from pipeline.tables.account import Account
from pipeline.tables.columns import (
    FLOWS,
    NEVER,
    OUTCOMES,
    Changes,
    Deals,
    Floats,
    History,
    Instants,
    Interactions,
    Leads,
    Objects,
    Texts,
)
from pipeline.tables.contracts import sift
from serving.fields import EARLIEST, LATEST, Value
from serving.schemas import ChangeIn, DealIn, Entity, InteractionIn, LeadIn

ENTITIES: tuple[Entity, ...] = get_args(Entity)

TRUTH = {"True": "true", "TRUE": "true", "False": "false", "FALSE": "false"}
"""Truth values as programs write them -> the word that a file's column of them is read as."""


@dataclass(frozen=True)
class _Reading:
    """What the training data's reader makes of a value, so that a request's value is read as a file's.

    `nothing` and `no_numbers` stand for no value; `known` are the words of each attribute and text in the model.
    """

    nothing: frozenset[str]
    no_numbers: frozenset[float]
    known: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, definition: Definition) -> _Reading:
        known: dict[str, set[str]] = {}
        for criterion in definition.criteria:
            for name, patterns in criterion.when:
                known.setdefault(name, set()).update(patterns)
            measured = [(each.column, f"{criterion.name}.{each.name}") for each in criterion.measures]
            for read, column in (*measured, (criterion.attribute, criterion.name)):
                if read is not None:
                    known.setdefault(read, set()).update(definition.vocabularies.get(column, ()))
            for trait in criterion.persona:
                known.setdefault(trait.attribute, set()).update(trait.among)
        numbers = frozenset(read_number(text) for text in definition.missing)
        return cls(frozenset(definition.missing), numbers, {name: frozenset(words) for name, words in known.items()})

    def text(self, text: str | None) -> str | None:
        """A text, or None where it stands for no value."""
        return None if text in self.nothing else text

    def number(self, number: float | None) -> float | None:
        """A number, or None where it stands for no value: a typed file's -1 is none where the text -1 is."""
        return None if number in self.no_numbers else number

    def word(self, name: str, text: str | None) -> str | None:
        """A text of a column. "True" is true, but in a column that held other words as well, where it stayed itself."""
        plain = TRUTH.get(text or "")
        if self.text(text) is None or plain is None:
            return self.text(text)
        known = self.known.get(name, frozenset())
        return text if text in known and plain not in known else plain

    def value(self, name: str, value: Value) -> Value:
        """An attribute's value."""
        return self.word(name, value) if value is None or isinstance(value, str) else self.number(value)

    def changed(self, name: str, value: Value) -> Value:
        """An attribute's value in a change. A file has those of all attributes in one column: "True" often stayed."""
        stayed = isinstance(value, str) and value in TRUTH and value in self.known.get(name, frozenset())
        return self.text(str(value)) if stayed else self.value(name, value)


def history_of(leads: Sequence[LeadIn], definition: Definition, flows: Mapping[str, str]) -> tuple[History, Account]:
    """The history of leads, through the contracts; its first rows are the leads in order, if none is set aside.

    Nothing is too late to be kept: what is not visible is not seen, and a later change's old value is. An interaction
    that says nothing of its flow has the one that `flows` gives its kind, as in the training data.
    """
    reading = _Reading.of(definition)
    facts = _interactions(leads, flows, frozenset(definition.excluded_columns), reading)
    return sift(
        _leads(leads, reading),
        facts,
        _deals(leads, reading),
        _changes(leads, reading),
        LATEST,
        definition.timezone,
        excluded_kinds=definition.excluded_kinds,
    )


def _leads(leads: Sequence[LeadIn], reading: _Reading) -> Leads:
    """The request's leads, then those that they name in deals.

    A lead that is only named has its entities and deals. It is never scored, so its time of creation, the earliest
    there is, says nothing. A lead that is asked for keeps its id whatever it is: it is there to be answered.
    """
    others: dict[str, tuple[int, DealIn]] = {}
    for place, lead in enumerate(leads):
        for deal in lead.deals:
            if deal.lead_id is not None and reading.text(deal.lead_id) is not None:
                others.setdefault(_other(deal.lead_id, place), (place, deal))
    names = sorted({name for lead in leads for name in lead.attributes})
    count = len(leads) + len(others)
    entities: dict[str, Texts] = {
        kind: Texts.of(
            [
                *(_entity(lead, place, kind, reading) for place, lead in enumerate(leads)),
                *(
                    _entity(leads[place], place, kind, reading) if kind in (deal.of or ()) else None
                    for place, deal in others.values()
                ),
            ]
        )
        for kind in ENTITIES[1:]
    }
    return Leads(
        id=Texts.of([*(lead.id for lead in leads), *others]),
        created_at=_instants([*(lead.created_at for lead in leads), *(EARLIEST for _ in others)]),
        attributes={
            name: _objects([reading.value(name, lead.attributes.get(name)) for lead in leads], count) for name in names
        },
        entities=entities,
    )


def _other(lead_id: str, place: int) -> str:
    return f"{lead_id}\0{place}"


def _entity(lead: LeadIn, place: int, kind: str, reading: _Reading) -> str | None:
    """A name of its own for the lead's contact or account; None where there is none, and facts about it go too."""
    return None if reading.text(getattr(lead.entities, kind)) is None else str(place)


def _interactions(
    leads: Sequence[LeadIn], flows: Mapping[str, str], excluded: frozenset[str], reading: _Reading
) -> tuple[Interactions, ...]:
    found = []
    for entity in ENTITIES:
        rows = [
            (lead.id if entity == "lead" else _entity(lead, place, entity, reading), fact)
            for place, lead in enumerate(leads)
            for fact in lead.interactions
            if fact.entity == entity
        ]
        if rows:
            owners, facts = [owner for owner, _ in rows], [fact for _, fact in rows]
            found.append(_table(entity, owners, facts, flows, excluded, reading))
    return tuple(found)


def _table(
    entity: str,
    owners: list[str | None],
    facts: list[InteractionIn],
    flows: Mapping[str, str],
    excluded: frozenset[str],
    reading: _Reading,
) -> Interactions:
    numbers = sorted({name for fact in facts for name in fact.numbers} - excluded)
    texts = sorted({name for fact in facts for name in fact.texts} - excluded)
    return Interactions(
        entity=entity,
        entity_id=Texts.of(owners),
        at=_instants(fact.at for fact in facts),
        kind=Texts.of(reading.text(fact.kind) for fact in facts),
        id=Texts.of(reading.text(fact.id) for fact in facts),
        known_at=_instants(fact.known_at for fact in facts),
        flow=np.array([FLOWS[_flow(fact, flows)] for fact in facts], dtype=np.int8),
        numbers={name: _floats(reading.number(fact.numbers.get(name)) for fact in facts) for name in numbers},
        texts={name: Texts.of(reading.word(name, fact.texts.get(name)) for fact in facts) for name in texts},
    )


def _flow(fact: InteractionIn, flows: Mapping[str, str]) -> str | None:
    return fact.flow if "flow" in fact.model_fields_set else flows.get(fact.kind)


def _deals(leads: Sequence[LeadIn], reading: _Reading) -> Deals:
    rows = [(place, lead, deal) for place, lead in enumerate(leads) for deal in lead.deals]

    def column(value: Callable[[DealIn], int | None]) -> Instants:
        return _instants(value(deal) for _, _, deal in rows)

    def owner(place: int, lead: LeadIn, deal: DealIn) -> str | None:
        other = reading.text(deal.lead_id)
        return lead.id if deal.lead_id is None else None if other is None else _other(other, place)

    return Deals(
        lead_id=Texts.of(owner(*row) for row in rows),
        # At the end of the id, so that ids keep their order.
        id=Texts.of(None if reading.text(deal.id) is None else f"{deal.id}\0{place}" for place, _, deal in rows),
        outcome=np.array([OUTCOMES[deal.outcome] for _, _, deal in rows], dtype=np.int8),
        closed_at=column(lambda deal: deal.closed_at),
        known_at=column(lambda deal: deal.known_at),
        opened_at=column(lambda deal: deal.opened_at),
        reopened_at=column(lambda deal: deal.reopened_at),
        amount=_floats(reading.number(deal.amount) for _, _, deal in rows),
    )


def _changes(leads: Sequence[LeadIn], reading: _Reading) -> Changes:
    rows: list[tuple[LeadIn, ChangeIn]] = [(lead, change) for lead in leads for change in lead.changes]
    return Changes(
        lead_id=Texts.of(lead.id for lead, _ in rows),
        at=_instants(change.at for _, change in rows),
        known_at=_instants(change.known_at for _, change in rows),
        attribute=Texts.of(reading.text(change.attribute) for _, change in rows),
        value=_objects([reading.changed(change.attribute, change.value) for _, change in rows], len(rows)),
        old=_objects([reading.changed(change.attribute, change.old) for _, change in rows], len(rows)),
        has_old=np.array(["old" in change.model_fields_set for _, change in rows], dtype=np.bool_),
    )


def _instants(values: Iterable[int | None]) -> Instants:
    return np.array([NEVER if value is None else value for value in values], dtype=np.int64)


def _floats(values: Iterable[float | None]) -> Floats:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _objects(values: Sequence[object], size: int) -> Objects:
    """An object array of `size`; what `values` lack is None."""
    column = np.full(size, None, dtype=object)
    column[: len(values)] = values
    return column

"""Leads of a request as a history: the same columns that an export becomes.

Each lead brings the facts of its contact and account with it and sees nothing of the request's other leads: entities,
other leads and deals get names of their own for every lead of the request, after a null character that no id holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import get_args

import numpy as np

from pipeline.features.matrix import Definition
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
from pipeline.tables.contracts import Account, sift
from serving.fields import EARLIEST, LATEST
from serving.schemas import ChangeIn, DealIn, Entity, InteractionIn, LeadIn

ENTITIES: tuple[Entity, ...] = get_args(Entity)


def history_of(leads: Sequence[LeadIn], definition: Definition, flows: Mapping[str, str]) -> tuple[History, Account]:
    """The history of leads, through the contracts; its first rows are the leads in order, if none is set aside.

    Nothing is too late to be kept: what is not visible is not seen, and a later change's old value is. An interaction
    that says nothing of its flow has the one that `flows` gives its kind, as in the training data.
    """
    facts = _interactions(leads, flows, frozenset(definition.excluded_columns))
    return sift(
        _leads(leads),
        facts,
        _deals(leads),
        _changes(leads),
        LATEST,
        definition.timezone,
        excluded_kinds=definition.excluded_kinds,
    )


def _leads(leads: Sequence[LeadIn]) -> Leads:
    """The request's leads, then those that they name in deals.

    A lead that is only named has its entities and deals. It is never scored, so its time of creation, the earliest
    there is, says nothing.
    """
    others: dict[str, tuple[int, DealIn]] = {}
    for place, lead in enumerate(leads):
        for deal in lead.deals:
            if deal.lead_id is not None:
                others.setdefault(_other(deal.lead_id, place), (place, deal))
    names = sorted({name for lead in leads for name in lead.attributes})
    count = len(leads) + len(others)
    entities: dict[str, Texts] = {
        kind: Texts.of(
            [
                *(_entity(lead, place, kind) for place, lead in enumerate(leads)),
                *(
                    _entity(leads[place], place, kind) if kind in (deal.of or ()) else None
                    for place, deal in others.values()
                ),
            ]
        )
        for kind in ENTITIES[1:]
    }
    return Leads(
        id=Texts.of([*(lead.id for lead in leads), *others]),
        created_at=_instants([*(lead.created_at for lead in leads), *(EARLIEST for _ in others)]),
        attributes={name: _objects([lead.attributes.get(name) for lead in leads], count) for name in names},
        entities=entities,
    )


def _other(lead_id: str, place: int) -> str:
    return f"{lead_id}\0{place}"


def _entity(lead: LeadIn, place: int, kind: str) -> str | None:
    return None if getattr(lead.entities, kind) is None else str(place)


def _interactions(
    leads: Sequence[LeadIn], flows: Mapping[str, str], excluded: frozenset[str]
) -> tuple[Interactions, ...]:
    found = []
    for entity in ENTITIES:
        rows = [
            (lead.id if entity == "lead" else str(place), fact)
            for place, lead in enumerate(leads)
            for fact in lead.interactions
            if fact.entity == entity
        ]
        if rows:
            found.append(_table(entity, [owner for owner, _ in rows], [fact for _, fact in rows], flows, excluded))
    return tuple(found)


def _table(
    entity: str, owners: list[str], facts: list[InteractionIn], flows: Mapping[str, str], excluded: frozenset[str]
) -> Interactions:
    numbers = sorted({name for fact in facts for name in fact.numbers} - excluded)
    texts = sorted({name for fact in facts for name in fact.texts} - excluded)
    return Interactions(
        entity=entity,
        entity_id=Texts.of(owners),
        at=_instants(fact.at for fact in facts),
        kind=Texts.of(fact.kind for fact in facts),
        id=Texts.of(fact.id for fact in facts),
        known_at=_instants(fact.known_at for fact in facts),
        flow=np.array([FLOWS[_flow(fact, flows)] for fact in facts], dtype=np.int8),
        numbers={name: _floats(fact.numbers.get(name) for fact in facts) for name in numbers},
        texts={name: Texts.of(fact.texts.get(name) for fact in facts) for name in texts},
    )


def _flow(fact: InteractionIn, flows: Mapping[str, str]) -> str | None:
    return fact.flow if "flow" in fact.model_fields_set else flows.get(fact.kind)


def _deals(leads: Sequence[LeadIn]) -> Deals:
    rows = [(place, lead, deal) for place, lead in enumerate(leads) for deal in lead.deals]

    def column(value: Callable[[DealIn], int | None]) -> Instants:
        return _instants(value(deal) for _, _, deal in rows)

    return Deals(
        lead_id=Texts.of(
            lead.id if deal.lead_id is None else _other(deal.lead_id, place) for place, lead, deal in rows
        ),
        # At the end of the id, so that ids keep their order.
        id=Texts.of(None if deal.id is None else f"{deal.id}\0{place}" for place, _, deal in rows),
        outcome=np.array([OUTCOMES[deal.outcome] for _, _, deal in rows], dtype=np.int8),
        closed_at=column(lambda deal: deal.closed_at),
        known_at=column(lambda deal: deal.known_at),
        opened_at=column(lambda deal: deal.opened_at),
        reopened_at=column(lambda deal: deal.reopened_at),
        amount=_floats(deal.amount for _, _, deal in rows),
    )


def _changes(leads: Sequence[LeadIn]) -> Changes:
    rows: list[tuple[LeadIn, ChangeIn]] = [(lead, change) for lead in leads for change in lead.changes]
    return Changes(
        lead_id=Texts.of(lead.id for lead, _ in rows),
        at=_instants(change.at for _, change in rows),
        known_at=_instants(change.known_at for _, change in rows),
        attribute=Texts.of(change.attribute for _, change in rows),
        value=_objects([change.value for _, change in rows], len(rows)),
        old=_objects([change.old for _, change in rows], len(rows)),
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

"""The ledger: all facts about the entities of one type as flat sorted columns plus offsets.

One entity is just the small case: a request's single lead and an export's million go through the same code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.maps import glob
from pipeline.tables.columns import (
    LOST,
    NEUTRAL,
    NEVER,
    OPEN,
    WON,
    Codes,
    Floats,
    History,
    Instants,
    Interactions,
    Texts,
)
from pipeline.tables.facts import fact_order, first_of_each_id, merge, take, visible_at

DEAL_KINDS = {WON: "deal_won", LOST: "deal_lost"}


@dataclass(frozen=True)
class Ledger:
    """Facts of entity e stand at `offsets[e]:offsets[e + 1]`, in the order of rule 4.

    `of_lead` gives each lead's entity, -1 for none. A fact is visible at a cutoff if `at < cutoff` and `seen < cutoff`.
    `own` holds the pairs (lead, fact), as `lead * len(at) + fact` in order, that the lead never sees: its own deals and
    those of leads that share one of its deals.
    """

    entity: str
    of_lead: NDArray[np.int64]
    offsets: NDArray[np.int64]
    at: Instants
    seen: Instants
    kind: Texts
    flow: NDArray[np.int8]
    texts: Mapping[str, Texts]
    numbers: Mapping[str, Floats]
    own: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.at)

    def known_before(self, instant: int) -> Ledger:
        """The ledger without the facts that were not yet visible at an instant (UTC microseconds)."""
        keep = (self.at < instant) & (self.seen < instant)
        count = np.append(0, np.cumsum(keep, dtype=np.int64))
        lead, fact = np.divmod(self.own, max(len(self), 1))
        seen = keep[fact]
        return replace(
            self,
            offsets=count[self.offsets],
            at=self.at[keep],
            seen=self.seen[keep],
            kind=self.kind.take(keep),
            flow=self.flow[keep],
            texts={name: column.take(keep) for name, column in self.texts.items()},
            numbers={name: column[keep] for name, column in self.numbers.items()},
            own=lead[seen] * int(count[-1]) + count[fact[seen]],
        )


def build_ledger(
    history: History, entity: str, excluded_kinds: Sequence[str] = (), excluded_columns: Sequence[str] = ()
) -> Ledger:
    """The ledger of "lead", "contact" or "account", without excluded kinds (patterns) and columns (names)."""
    words, of_lead = _entities(history, entity)
    facts = merge([table for table in history.interactions if table.entity == entity] or [_no_facts(entity)])
    deal = np.full(len(facts), -1, dtype=np.int64)
    if entity != "lead" and len(history.deals):
        deals, rows = _deal_facts(history, entity)
        facts, deal = merge([facts, deals]), np.append(deal, rows)
    code = facts.entity_id.recode(words)
    keep = code >= 0
    if excluded_kinds and len(facts.kind.words):
        patterns = [glob(pattern) for pattern in excluded_kinds]
        out = np.array([any(p.fullmatch(word) for p in patterns) for word in facts.kind.words] + [False])
        keep &= ~out[facts.kind.codes]
    if not keep.all():
        facts, deal, code = take(facts, keep), deal[keep], code[keep]
    if excluded_columns:
        facts = replace(
            facts,
            numbers={name: column for name, column in facts.numbers.items() if name not in excluded_columns},
            texts={name: column for name, column in facts.texts.items() if name not in excluded_columns},
        )
    if not stands(code, facts.at):
        order = fact_order(facts, code)
        facts, deal, code = take(facts, order), deal[order], code[order]
    return Ledger(
        entity=entity,
        of_lead=of_lead,
        offsets=np.searchsorted(code, np.arange(len(words) + 1)),
        at=facts.at,
        seen=visible_at(facts.at, facts.known_at),
        kind=facts.kind,
        flow=facts.flow,
        texts=facts.texts,
        numbers=facts.numbers,
        own=_own_deals(history, of_lead, code, deal) if len(history.deals) else np.empty(0, dtype=np.int64),
    )


def stands(entity: Codes, at: Instants) -> bool:
    """Whether facts stand in their order already, no two at one instant: as the history of one lead often comes."""
    if len(at) < 2:
        return True
    same, later = entity[1:] == entity[:-1], at[1:] > at[:-1]
    return bool((later | ~same).all()) and bool((same | (entity[1:] > entity[:-1])).all())


def _no_facts(entity: str) -> Interactions:
    none, nowhere = Texts.missing(0), np.empty(0, np.int64)
    return Interactions(entity, none, nowhere, none, none, nowhere, np.empty(0, np.int8))


def _entities(history: History, entity: str) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """The ids that have a ledger, and each lead's position among them."""
    column = history.leads.id if entity == "lead" else history.leads.entities.get(entity)
    if column is None:
        return (), np.full(len(history.leads), -1, dtype=np.int64)
    return column.words, column.codes.astype(np.int64)


def _deal_facts(history: History, entity: str) -> tuple[Interactions, NDArray[np.int64]]:
    """Closed deals as facts of their leads' entity, and each fact's row among the deals."""
    deals, leads = history.deals, history.leads
    column = leads.entities.get(entity, Texts.missing(len(leads)))
    lead = history.owner
    rows = np.flatnonzero((deals.outcome != OPEN) & (deals.closed_at != NEVER) & (lead >= 0))
    rows = rows[column.codes[lead[rows]] >= 0]
    known = Texts(np.where(deals.outcome[rows] == WON, 1, 0).astype(np.int32), (DEAL_KINDS[LOST], DEAL_KINDS[WON]))
    facts = Interactions(
        entity=entity,
        entity_id=Texts(column.codes[lead[rows]], column.words),
        at=visible_at(deals.closed_at, deals.known_at)[rows],
        kind=known,
        id=deals.id.take(rows),
        known_at=np.full(len(rows), NEVER),
        flow=np.full(len(rows), NEUTRAL, dtype=np.int8),
    )
    keep = first_of_each_id(facts)
    return take(facts, keep), rows[keep]


def _own_deals(
    history: History, of_lead: NDArray[np.int64], entity: Codes, deal: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The pairs (lead, fact) that the lead must not see, as `lead * facts + fact`, sorted."""
    facts = np.flatnonzero(deal >= 0)
    if len(facts) == 0:
        return np.empty(0, dtype=np.int64)
    owner, id_ = history.owner, history.deals.id
    # A deal without an id is a deal of its own.
    key = np.where(id_.codes >= 0, id_.codes, len(id_.words) + np.arange(len(owner)))
    # Whoever shares a deal is entangled with others; the rest, by far the most, share theirs with nobody.
    order = np.lexsort((owner, key))
    another = (key[order][1:] == key[order][:-1]) & (owner[order][1:] != owner[order][:-1])
    shared = np.zeros(len(id_.words) + len(owner), dtype=np.bool_)
    shared[key[order][1:][another]] = True
    entangled = np.zeros(len(of_lead) + 1, dtype=np.bool_)
    entangled[owner[shared[key]]] = True
    lead = owner[deal[facts]]
    alone = ~entangled[lead] & (lead >= 0)
    alone[alone] = of_lead[lead[alone]] == entity[facts[alone]]
    pairs = (lead * len(deal) + facts)[alone]
    others = facts[entangled[lead]]
    if len(others):
        hidden = _entangled(key, owner, np.flatnonzero(entangled[owner]))
        more = [
            lead * len(deal) + fact
            for fact in others.tolist()
            for lead in hidden(int(key[deal[fact]]))
            if lead >= 0 and of_lead[lead] == entity[fact]
        ]
        pairs = np.append(pairs, np.array(more, dtype=np.int64))
    return np.sort(pairs)


def _entangled(key: NDArray[np.int64], owner: NDArray[np.int64], rows: NDArray[np.int64]) -> Callable[[int], set[int]]:
    """The leads that must not see a deal: its own, and those that share any deal with one of these."""
    by_deal: dict[int, set[int]] = {}
    by_lead: dict[int, set[int]] = {}
    for deal, lead in zip(key[rows].tolist(), owner[rows].tolist(), strict=True):
        by_deal.setdefault(deal, set()).add(lead)
        by_lead.setdefault(lead, set()).add(deal)
    sharers = {lead: set[int]().union(*(by_deal[deal] for deal in deals)) for lead, deals in by_lead.items()}
    return lambda deal: set[int]().union(*(sharers[lead] for lead in by_deal[deal]))

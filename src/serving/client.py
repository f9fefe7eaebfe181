"""Leads of an export as requests: what a caller of the service sends for them.

The opposite of `histories`: proof, documentation and notebooks send leads through HTTP with it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.zones import iso
from pipeline.tables.columns import FLOWS, NEVER, OUTCOMES, History, Interactions, Texts
from pipeline.tables.facts import fact_order, merge, take

FLOW_OF = {code: name for name, code in FLOWS.items()}
OUTCOME_OF = {code: name for name, code in OUTCOMES.items()}

Plain = dict[str, Any]
Rows = NDArray[np.int64]


def score_request(history: History, leads: Iterable[int], as_of: int | None = None) -> Plain:
    """The body of `POST /v1/score` for rows of the history's leads, at an instant or, without one, now."""
    plain: Plain = {"leads": [lead_request(history, lead) for lead in leads]}
    return plain if as_of is None else {"as_of": iso(as_of), **plain}


def lead_request(history: History, lead: int) -> Plain:
    """One lead with all that its score may depend on; as plain JSON, without what is missing.

    Parameters
    ----------
    lead : a row of `history.leads`
    """
    leads = history.leads
    entities = {
        name: column.words[column.codes[lead]] for name, column in leads.entities.items() if column.codes[lead] >= 0
    }
    own = leads.id.words[leads.id.codes[lead]]
    plain: Plain = {
        "id": own,
        "created_at": iso(int(leads.created_at[lead])),
        # A missing value is sent as one: what is not sent at all draws a warning.
        "attributes": {name: _plain(column[lead]) for name, column in leads.attributes.items()},
        "entities": entities,
        "interactions": [
            fact for entity, word in (("lead", own), *entities.items()) for fact in _facts(history, entity, word)
        ],
        "changes": _changes(history, own),
        "deals": _deals(history, lead, own),
    }
    return {name: value for name, value in plain.items() if value not in ({}, [])}


def _plain(value: Any) -> Any:
    """A value of an object column; NaN is missing."""
    if value is None or isinstance(value, str):
        return value
    return None if np.isnan(value) else float(value)


def _where(column: Texts, word: str) -> Rows:
    """The rows that hold a word."""
    place = bisect_left(column.words, word)
    if place == len(column.words) or column.words[place] != word:
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(column.codes == place)


def _facts(history: History, entity: str, word: str) -> list[Plain]:
    """The facts of one entity, in order; ids that several tables share are told apart, their order kept."""
    parts = [take(table, _where(table.entity_id, word)) for table in history.interactions if table.entity == entity]
    if not parts:
        return []
    table = merge(parts)
    table = take(table, fact_order(table, np.zeros(len(table), dtype=np.int64)))
    seen: dict[str, int] = {}
    facts = []
    for row in range(len(table)):
        fact = _fact(table, row)
        name = fact.get("id")
        if name is not None:
            seen[name] = seen.get(name, 0) + 1
            fact["id"] = name + "\1" * (seen[name] - 1)
        facts.append(fact)
    return facts


def _fact(table: Interactions, row: int) -> Plain:
    numbers = {name: float(column[row]) for name, column in table.numbers.items() if not np.isnan(column[row])}
    texts = {name: column.words[column.codes[row]] for name, column in table.texts.items() if column.codes[row] >= 0}
    fact = {
        "at": iso(int(table.at[row])),
        "kind": table.kind.words[table.kind.codes[row]],
        "id": _word(table.id, row),
        "known_at": _time(table.known_at[row]),
        "flow": FLOW_OF[int(table.flow[row])],
        "entity": None if table.entity == "lead" else table.entity,
        "numbers": numbers or None,
        "texts": texts or None,
    }
    return _given(fact)


def _changes(history: History, own: str) -> list[Plain]:
    changes = history.changes
    found = []
    for row in _where(changes.lead_id, own).tolist():
        change: Plain = {
            "at": iso(int(changes.at[row])),
            "attribute": changes.attribute.words[changes.attribute.codes[row]],
            "known_at": _time(changes.known_at[row]),
        }
        change = {**_given(change), "value": _plain(changes.value[row])}
        if changes.has_old[row]:
            change["old"] = _plain(changes.old[row])
        found.append(change)
    return found


def _deals(history: History, lead: int, own: str) -> list[Plain]:
    """The lead's deals, those of leads that share an entity with it, and those of leads that share a deal with it."""
    leads, deals = history.leads, history.deals
    shares = {
        name: np.flatnonzero(column.codes == column.codes[lead])
        for name, column in leads.entities.items()
        if column.codes[lead] >= 0
    }
    mine = _where(deals.lead_id, own)
    named = np.unique(deals.id.codes[mine])
    partners = np.isin(deals.id.codes, named[named >= 0])
    others = {leads.id.words[leads.id.codes[row]] for rows in shares.values() for row in rows.tolist()}
    others |= {deals.lead_id.words[code] for code in np.unique(deals.lead_id.codes[partners]).tolist()}
    found = [_deal(history, row) for row in mine.tolist()]
    for other in sorted(others - {own}):
        row = _where(leads.id, other)
        of = [name for name, rows in shares.items() if np.isin(row, rows).any()]
        theirs = _where(deals.lead_id, other).tolist()
        found += [{**_deal(history, deal), "lead_id": other, "of": of} for deal in theirs]
    return found


def _deal(history: History, row: int) -> Plain:
    deals = history.deals
    amount = float(deals.amount[row])
    return _given(
        {
            "id": _word(deals.id, row),
            "outcome": OUTCOME_OF[int(deals.outcome[row])],
            "closed_at": _time(deals.closed_at[row]),
            "known_at": _time(deals.known_at[row]),
            "opened_at": _time(deals.opened_at[row]),
            "reopened_at": _time(deals.reopened_at[row]),
            "amount": None if np.isnan(amount) else amount,
        }
    )


def _word(column: Texts, row: int) -> str | None:
    code = column.codes[row]
    return None if code < 0 else column.words[code]


def _time(at: np.int64) -> str | None:
    return None if at == NEVER else iso(int(at))


def _given(plain: Plain) -> Plain:
    return {name: value for name, value in plain.items() if value is not None}

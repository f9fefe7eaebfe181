"""Tables of interactions: whose each fact is, when it happened, what it is and who moved towards whom."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.proposal.columns import Column, known
from pipeline.proposal.links import Link, Way, links
from pipeline.proposal.roles import Roles, pick
from pipeline.proposal.shape import Shaped, quote
from pipeline.proposal.tables import Table
from pipeline.proposal.times import time_notes, time_of, time_plain
from pipeline.proposal.vocabulary import fits, plain_name, rank, why_late, words
from pipeline.proposal.write import DOUBT, Block

MOST_KINDS = 60
SPOKEN = list(words("columns", "kind")).index("subject")
"""From here on the names of kinds are what a fact is about; then the table's name stands before each."""

MOST_TEXTS = 300
"""Different values of a text that facts are told apart by."""

LATE = 30 * 86_400_000_000
"""Facts recorded so much later than they happened were imported: when they were written says nothing."""


def interactions(table: Table, roles: Roles, of_leads: dict[str, str]) -> Block | None:
    """The section of one table; None where its rows can be given to nobody. `of_leads` grows by entities it needs."""
    block, shaped, notes = Block(), Shaped(table), Block()
    whose = _whose(table, roles, shaped, of_leads, notes)
    at = time_of(table)
    if whose is None or at is None:
        return None
    entity, entity_id = whose
    gone = next(
        (c for c in table.of("boolean") if fits(c.name, "columns", "deleted") and "true" in c.texts.words), None
    )
    if gone is not None and shaped.able:
        shaped.keep(f"coalesce(lower(cast(t.{quote(gone.name)} as varchar)), 'false') <> 'true'")
    used = {entity_id, at.name, *([] if gone is None else [gone.name])}
    block.put("from", shaped.place())
    block.notes |= notes.notes
    block.put("entity", None if entity == "lead" else entity)
    block.put("entity_id", entity_id)
    ids = [key for key in table.keys if (key.name not in used and fits(key.name, "columns", "id")) or key.filled > 0.99]
    own = next((key for key in ids if key.name not in used and not key.personal), None)
    if own is not None:
        used.add(own.name)
        block.put("id", own.name)
    block.put("at", time_plain(table, at), *time_notes(at))
    if at.filled < 0.999:
        block.note(
            "at", f"{DOUBT} {at.name} of {table.name} is empty in {1 - at.filled:.1%} of the rows: these are set aside"
        )
    known_at = _known_at(table, at, used)
    if known_at is not None:
        used.add(known_at.name)
        block.put("known_at", time_plain(table, known_at))
    kind = _kind(table, used)
    if kind is None:
        block.put("kind", {"value": kind_name(table.name)}, "no column tells kinds apart: the table is one kind")
    else:
        used.add(kind.name)
        spoken = (rank(kind.name, words("columns", "kind")) or 0) >= SPOKEN
        block.put("kind", {"column": kind.name, "prefix": f"{kind_name(table.name)}: "} if spoken else kind.name)
    flow, notes_of_flow = _flow(table, kind, used)
    block.put("flow", flow, *notes_of_flow)
    block.put("numbers", [number_plain(column) for column in _numbers(table, used)] or None)
    block.put("texts", [column.name for column in _texts(table, used)] or None)
    return block


def _whose(
    table: Table, roles: Roles, shaped: Shaped, of_leads: dict[str, str], notes: Block
) -> tuple[str, str] | None:
    """The entity and the column that names it; joins are added to `shaped` where no column does alone."""
    if roles.key is None:
        return None
    found = links(
        table, roles.leads, [key for key in roles.leads.keys if not key.personal or "@" in key.texts.words[0]]
    )
    direct = next((link for link in found if link.plain and link.key == roles.key), None)
    for role, entity in ((roles.contacts, "contact"), (roles.accounts, "account")):
        if role is None or direct is not None:
            continue
        mine = links(table, role, role.keys[:2])
        theirs = links(roles.leads, role, role.keys[:2])
        if mine and theirs and mine[0].plain and mine[0].key == theirs[0].key:
            of_leads.setdefault(entity, theirs[0].column)
            return entity, mine[0].column
    ways = [Way(link, roles.leads, roles.key) for link in ([direct, *found] if direct else found)]
    chosen = _cover(table, [*ways, *_by_deals(table, roles)])
    if direct is not None and [way.link for way in chosen] == [direct]:
        if direct.share < 0.98:
            notes.note("entity_id", f"{DOUBT} {1 - direct.share:.0%} of the rows name no lead of this export")
        return "lead", direct.column
    if chosen and shaped.able and all(way.to.sql is not None for way in chosen):
        told = ", ".join(f"{way.link.column} = {way.link.key} of {way.to.name}" for way in chosen)
        notes.note("from", f"rows are given to their leads by {told}")
        return "lead", shaped.lead_of(chosen)
    shared = _shared(table, roles.leads)
    if shared is not None:
        of_leads.setdefault("contact", shared[1])
        return "contact", shared[0]
    if chosen:
        notes.note(
            "entity_id",
            f"{DOUBT} rows also name leads by {chosen[-1].link.column}; join the tables by SQL to use these",
        )
        return ("lead", direct.column) if direct is not None else None
    return None


def _by_deals(table: Table, roles: Roles) -> list[Way]:
    """The ways over a deal: activities move to it once it is there, and it names its lead."""
    deals = roles.deals
    if deals is None or deals is roles.leads:
        return []
    to_lead = next((link for link in links(deals, roles.leads) if link.plain and link.key == roles.key), None)
    if to_lead is None:
        return []
    keys = [key for key in deals.keys if key.name != to_lead.column]
    return [Way(link, deals, to_lead.column) for link in links(table, deals, keys[:3])]


def _cover(table: Table, ways: list[Way]) -> list[Way]:
    """The ways that each give a lead to rows which the ones before leave without."""
    chosen: list[Way] = []
    reached: NDArray[np.bool_] = np.zeros(table.rows, dtype=np.bool_)
    for way in ways:
        if any(way.link.folded != other.link.folded for other in chosen):
            continue
        hit = _hit(table.columns[way.link.column], way.to.columns[way.link.key], way.link)
        if (hit & ~reached).sum() >= 0.01 * table.rows:
            chosen.append(way)
            reached |= hit
    return chosen[:4]


def _hit(column: Column, key: Column, link: Link) -> NDArray[np.bool_]:
    theirs = set(key.texts.words)
    bare = {re.sub(r"^[A-Za-z]+_", "", word) for word in theirs} if link.bare else set()
    folded = {word.lower() for word in theirs} if link.folded else set()
    known_ = np.array(
        [
            word in theirs
            or (link.bare and re.sub(r"^[A-Za-z]+_", "", word) in bare)
            or (link.folded and word.lower() in folded)
            or (link.several and any(part.strip() in theirs for part in word.split(";")))
            for word in column.texts.words
        ]
        + [False]
    )
    found: NDArray[np.bool_] = known_[column.texts.codes]
    return found


def _shared(table: Table, leads: Table) -> tuple[str, str] | None:
    """A column of the table and one of the leads that name the same contacts, which leads share."""
    for theirs in leads.columns.values():
        if theirs.unique or theirs.kind not in ("text", "number") or not fits(theirs.name, "columns", "contact"):
            continue
        for mine in table.columns.values():
            same = set(mine.texts.words) & set(theirs.texts.words)
            if mine.distinct >= 20 and len(same) > 0.8 * mine.distinct:
                return mine.name, theirs.name
    return None


def _known_at(table: Table, at: Column, used: set[str]) -> Column | None:
    able = [c for c in table.of("time") if c.name not in used and c.filled > 0.95]
    found = pick(able, "known_at")
    if found is None or found.at is None or at.at is None:
        return None
    both = known(found) & known(at)
    lag = found.at[both] - at.at[both]
    return found if len(lag) and (lag > 0).any() and np.percentile(lag, 95) < LATE else None


def _kind(table: Table, used: set[str]) -> Column | None:
    able = [c for c in table.of("text") if c.name not in used and 1 < c.distinct <= MOST_KINDS and c.filled > 0.8]
    able = [c for c in able if not fits(c.name, "columns", "flow") and not fits(c.name, "columns", "owner")]
    return pick([c for c in able if not c.personal or "@" not in "".join(c.texts.words)], "kind")


def kind_name(name: str) -> str:
    """The one kind of a table, from its name.

    >>> kind_name("All Phone Calls"), kind_name("form-submissions"), kind_name("crm_phonecall")
    ('phone_call', 'form_submission', 'phonecall')
    """
    parts = [part for part in plain_name(name).split() if part not in ("all", "crm", "export", "my")]
    if not parts:
        return "interaction"
    last = parts[-1]
    last = (
        f"{last[:-3]}y"
        if last.endswith("ies")
        else last[:-1]
        if last.endswith("s") and not last.endswith("ss")
        else last
    )
    return "_".join([*parts[:-1], last])


def _flow(table: Table, kind: Column | None, used: set[str]) -> tuple[Any, list[str]]:
    column = pick([c for c in table.of("text") if c.name not in used and c.distinct <= 6], "flow")
    if column is not None:
        inward = [word for word in column.texts.words if rank(word, words("flows", "inbound")) is not None]
        outward = [word for word in column.texts.words if rank(word, words("flows", "outbound")) is not None]
        outward = [word for word in outward if word not in inward]
        if inward and outward:
            used.add(column.name)
            if set(inward) == {"inbound"} and set(outward) == {"outbound"}:
                return column.name, []
            return {"column": column.name, "outbound": outward, "inbound": inward}, []
    names = [kind_name(table.name)] if kind is None else list(kind.texts.words)
    inward = [name for name in names if rank(name, words("flows", "kinds_inbound")) is not None]
    outward = [
        name for name in names if rank(name, words("flows", "kinds_outbound")) is not None and name not in inward
    ]
    if not inward and not outward:
        return None, []
    flow = {key: value for key, value in (("outbound", outward), ("inbound", inward)) if value}
    return flow, [f"{DOUBT} {table.name}: who moved towards whom is guessed from the names of the kinds"]


def _numbers(table: Table, used: set[str]) -> list[Column]:
    return [
        column
        for column in table.of("number")
        if column.name not in used
        and column.distinct > 2
        and not column.unique
        and not column.unreadable
        and not fits(column.name, "columns", "id")
        and not fits(column.name, "columns", "owner")
        and not fits(column.name, "columns", "technical")
        and max(map(len, column.texts.words)) < 12
    ][:4]


def number_plain(column: Column) -> Any:
    """A number column as the workspace names it."""
    return {"column": column.name, "decimal": ","} if column.decimal == "," else column.name


def _texts(table: Table, used: set[str]) -> list[Column]:
    return [
        column
        for column in table.of("text")
        if column.name not in used
        and 1 < column.distinct <= MOST_TEXTS
        and not column.long
        and not column.personal
        and why_late(column.name) is None
        and not fits(column.name, "columns", "owner")
        and not fits(column.name, "columns", "technical")
        and not re.search(
            r"outcome|result|state|priority|done|ergebnis|resultat|related|regarding", plain_name(column.name)
        )
    ][:3]

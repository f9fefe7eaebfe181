"""The deals: which lead each belongs to, how and when it ended, and what that says of every lead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.proposal.columns import Column, known
from pipeline.proposal.facts import number_plain
from pipeline.proposal.links import Link, Way, links
from pipeline.proposal.outcomes import Outcome
from pipeline.proposal.roles import Roles, created_column, pick
from pipeline.proposal.shape import Shaped, quote
from pipeline.proposal.tables import Table
from pipeline.proposal.times import time_notes, time_of, time_plain
from pipeline.proposal.vocabulary import fits
from pipeline.proposal.write import DOUBT, Block
from pipeline.tables.columns import NEVER, Instants


@dataclass(frozen=True)
class Ended:
    """Of each row of the leads: 1 won, 2 lost, 0 neither, and when it closed (NEVER where that is not told)."""

    outcome: NDArray[np.int8]
    closed_at: Instants

    @property
    def won(self) -> NDArray[np.bool_]:
        """Which leads were won."""
        won: NDArray[np.bool_] = self.outcome == 1
        return won


def deals(roles: Roles) -> tuple[Block, Ended, list[str]]:
    """The section, what it says of every lead, and what is missing: sentences that a person has to answer."""
    block, table, outcome = Block(), roles.deals, roles.outcome
    nothing = Ended(np.zeros(roles.leads.rows, dtype=np.int8), np.full(roles.leads.rows, NEVER))
    if table is None:
        return block, nothing, [_no_outcome(roles)]
    if outcome is None:
        return _won_alone(roles)
    shaped, missing = Shaped(table), []
    own = table is roles.leads
    code = _codes(table.columns[outcome.column], outcome)
    alive = _alive(roles, outcome)
    closed = _closed(roles, code)
    ended = _ended_too(table.columns[outcome.column], outcome, closed)
    code = np.where(np.isin(table.columns[outcome.column].texts.codes, list(ended)), 2, code).astype(np.int8)
    column, lost = outcome.column, [*outcome.lost, *ended.values()]
    if alive is not None:
        dead = f"lower(cast(t.{quote(alive.name)} as varchar)) in ('false', '0')"
        column = shaped.column(f"case when {dead} then 'lost' else t.{quote(outcome.column)} end", "outcome")
        lost = ["lost"]
        gone = np.array([word.casefold() in ("false", "0") for word in alive.texts.words] + [False])[alive.texts.codes]
        code = np.where(gone, 2, code).astype(np.int8)
    closed_name, at = None, np.full(table.rows, NEVER)
    if len(closed) == 2 and shaped.able:
        closed_name = shaped.column(f"coalesce({', '.join(f't.{quote(c.name)}' for c in closed)})", "closed_at")
    if closed:
        at = np.max([c.at for c in closed if c.at is not None], axis=0)
    link = None if own else _to_lead(roles)
    lead_id = roles.key if own else None
    row_of = np.arange(table.rows)
    if link is not None:
        lead_id, row_of = _linked(roles, shaped, link)
    if lead_id is None and not own:
        missing.append(f"sources.deals.lead_id: no column of {table.shown} names a lead of {roles.leads.shown}")
    block.put("from", shaped.place())
    if not own and table.keys and table.keys[0].name != lead_id:
        block.put("id", table.keys[0].name)
    block.put("lead_id", lead_id)
    opened = None if own else created_column(table)
    opened = None if opened is not None and opened in closed else opened
    block.put(
        "opened_at",
        None if opened is None else time_plain(table, opened),
        *([] if opened is None else time_notes(opened)),
    )
    if closed:
        block.put("closed_at", closed_name or time_plain(table, closed[0]), *_doubts(table.rows, closed[0], at, code))
    undated = int(((code == 2) & (at == NEVER)).sum())
    if closed and undated:
        block.put("undated_lost", "open", f"{DOUBT} {undated:,} lost deals have no date; they are kept as open leads")
    block.put("outcome", column)
    block.put("won", list(outcome.won))
    told = _readings(table.columns[outcome.column], replace(outcome, lost=tuple(lost)), alive)
    if ended:
        told.append(f"{DOUBT} {', '.join(ended.values())} read as lost: such deals have a closing date and are not won")
    block.put("lost", lost, *told)
    block.put("amount", _amount(table))
    return block, _of_leads(roles.leads.rows, row_of, code, at), missing


def _amount(table: Table) -> Any:
    amount = pick([c for c in table.of("number") if not fits(c.name, "columns", "expected")], "amount")
    return None if amount is None or amount.unreadable else number_plain(amount)


def _won_alone(roles: Roles) -> tuple[Block, Ended, list[str]]:
    """A table of deals that tells no outcome: then each is a win."""
    block, table = Block(), roles.deals
    assert table is not None
    code = np.ones(table.rows, dtype=np.int8)
    link, closed = (
        _to_lead(roles),
        _closed(roles, code) or [c for c in [created_column(table) or time_of(table)] if c is not None],
    )
    if link is None or not closed or closed[0].at is None:
        nothing = Ended(np.zeros(roles.leads.rows, dtype=np.int8), np.full(roles.leads.rows, NEVER))
        return block, nothing, [_no_outcome(roles)]
    shaped = Shaped(table)
    lead_id, row_of = _linked(roles, shaped, link)
    block.put("from", shaped.place())
    block.put("lead_id", lead_id)
    block.put("closed_at", time_plain(table, closed[0]), *time_notes(closed[0]))
    block.put("outcome", {"value": "won"}, f"{DOUBT} no column tells won from lost: each row of {table.shown} is a win")
    return block, _of_leads(roles.leads.rows, row_of, code, closed[0].at), []


def _ended_too(column: Column, outcome: Outcome, closed: Sequence[Column]) -> dict[int, str]:
    """Code -> value of those that neither list reads and that come with a closing date, where open deals have none."""
    if not closed or closed[0].at is None:
        return {}
    dated = np.max([c.at for c in closed if c.at is not None], axis=0) != NEVER
    share = {
        code: (float(dated[column.texts.codes == code].mean()), word) for code, word in enumerate(column.texts.words)
    }
    rest = {code: item for code, item in share.items() if item[1] not in (*outcome.won, *outcome.lost)}
    won = [item[0] for item in share.values() if item[1] in outcome.won]
    if not rest or max(won) < 0.8 or min(item[0] for item in rest.values()) > 0.3:
        return {}
    return {code: word for code, (filled, word) in rest.items() if filled > 0.8}


def _no_outcome(roles: Roles) -> str:
    tables = [table for table in (roles.deals, roles.leads, *roles.unused, *roles.interactions) if table is not None]
    near = [
        f"{column.name} of {table.shown} ({', '.join(column.texts.words[:6])})"
        for table in tables
        for column in table.of("text", "boolean")
        if 2 <= column.distinct <= 12
        and (fits(column.name, "columns", "outcome") or fits(column.name, "columns", "target"))
    ]
    told = f" (or is it {'; or '.join(near[:3])}? Then name what means won and lost)" if near else ""
    return (
        f"sources.deals: no table tells the outcome of a lead, won or lost, and when it closed{told}. Export the deals "
        "(opportunities) with their stage and closing date"
    )


def _codes(column: Column, outcome: Outcome) -> NDArray[np.int8]:
    read = [1 if word in outcome.won else 2 if word in outcome.lost else 0 for word in column.texts.words]
    return np.array([*read, 0], dtype=np.int8)[column.texts.codes]


def _alive(roles: Roles, outcome: Outcome) -> Column | None:
    """The column whose "false" means lost, where no value of the outcome does."""
    assert roles.deals is not None
    able = [c for c in roles.deals.of("boolean") if fits(c.name, "columns", "alive") and c.distinct == 2]
    return able[0] if able and not outcome.lost and roles.deals.sql is not None else None


def _closed(roles: Roles, code: NDArray[np.int8]) -> list[Column]:
    """The column of closing times, or one of wins and one of losses; none where no column tells."""
    table = roles.deals
    assert table is not None
    created = created_column(table)
    able = [c for c in table.of("time") if c is not created and not fits(c.name, "columns", "expected")]
    ended = code > 0
    able = [c for c in able if not ended.any() or known(c)[ended].mean() > 0.3 or fits(c.name, "columns", "won_at")]
    best = pick(able, "closed_at")
    won, lost = pick(table.of("time"), "won_at"), pick(table.of("time"), "lost_at")
    if best is None and won is not None and lost is not None:
        return [won, lost]
    return [] if best is None else [best]


def _doubts(rows: int, closed: Column, at: Instants, code: NDArray[np.int8]) -> list[str]:
    notes = time_notes(closed)
    for value, name in ((1, "won"), (2, "lost")):
        mine = code == value
        empty = float((at[mine] == NEVER).mean()) if mine.any() else 0.0
        if empty > 0.005:
            notes.append(f"{DOUBT} {closed.name} is empty for {empty:.0%} of the {name} deals")
    return notes


def _readings(column: Column, outcome: Outcome, alive: Column | None) -> list[str]:
    counts = column.counts
    rest = [f"{word} ({counts[word]:,})" for word in column.texts.words if word not in (*outcome.won, *outcome.lost)]
    notes = [f"open: {', '.join(rest[:8])}{', ...' if len(rest) > 8 else ''}"] if rest else []
    if not outcome.lost and alive is None:
        notes.append(f"{DOUBT} no value of {column.name} means lost: without losses every old lead looks open for ever")
    if alive is not None:
        notes.append(f"{DOUBT} {alive.name} = false is read as lost")
    return notes


def _to_lead(roles: Roles) -> Link | None:
    """How deals name their leads: by the lead's own id, or the lead names its deal; the surest way first."""
    assert roles.deals is not None
    found = links(roles.deals, roles.leads)
    found.sort(key=lambda link: (-round(link.reach, 1), not link.plain or link.key != roles.key))
    return found[0] if found else None


def _linked(roles: Roles, shaped: Shaped, link: Link) -> tuple[str | None, NDArray[np.int64]]:
    """The column with the lead's id, and each deal's row among the leads (-1 for none; of several the first)."""
    assert roles.deals is not None and roles.key is not None
    key, column = roles.leads.columns[link.key], roles.deals.columns[link.column]
    row_of: dict[str, int] = {}
    for row, code in enumerate(key.texts.codes.tolist()):
        if code >= 0:
            row_of.setdefault(_short(key.texts.words[code], link), row)
    first = [_short(word.split(";")[0].strip() if link.several else word, link) for word in column.texts.words]
    rows = np.array([*(row_of.get(word, -1) for word in first), -1], dtype=np.int64)[column.texts.codes]
    if link.plain and link.key == roles.key:
        return link.column, rows
    if not shaped.able or roles.leads.sql is None:
        return None, rows
    return shaped.lead_of([Way(link, roles.leads, roles.key)]), rows


def _short(word: str, link: Link) -> str:
    return word.rpartition("_")[2] if link.bare else word.lower() if link.folded else word


def _of_leads(leads: int, row_of: NDArray[np.int64], code: NDArray[np.int8], at: Instants) -> Ended:
    outcome, closed = np.zeros(leads, dtype=np.int8), np.full(leads, NEVER)
    # Lost deals first, so that of a lead with both the won one stays.
    for value in (2, 1):
        mine = np.flatnonzero((code == value) & (row_of >= 0))
        outcome[row_of[mine]] = value
        closed[row_of[mine]] = at[mine]
    return Ended(outcome, closed)

"""The sections of a proposed workspace, from the roles of its tables to the columns that are excluded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pipeline.proposal.attributes import Sorted, opted_out, sort_columns
from pipeline.proposal.columns import Column
from pipeline.proposal.endings import Ended, deals
from pipeline.proposal.facts import interactions, number_plain
from pipeline.proposal.links import links
from pipeline.proposal.moments import goal, settings
from pipeline.proposal.roles import Roles, created_column, every_table, named_as_creation, pick
from pipeline.proposal.shape import plain_place
from pipeline.proposal.tables import Table
from pipeline.proposal.times import time_notes, time_of, time_plain
from pipeline.proposal.vocabulary import fits
from pipeline.proposal.write import DOUBT, Block
from pipeline.tables.account import Account


@dataclass
class Proposal:
    """A workspace in the making. `missing` are sentences of what no table tells; `trouble` what trying it showed."""

    head: list[str]
    body: Block
    missing: list[str]
    left: dict[str, str] = field(default_factory=dict)
    criteria: list[Block] | None = None
    trouble: str | None = None
    told: list[str] = field(default_factory=list)

    def text(self) -> str:
        """The file."""
        block = Block([*self.body.items], {key: [*notes] for key, notes in self.body.notes.items()})
        block.put("criteria", self.criteria or "auto")
        if self.trouble is not None:
            block.note("criteria", f"{DOUBT} trying this workspace ended so: {self.trouble}")
        head = [*self.head, *self.told, *(f"MISSING: {sentence}" for sentence in self.missing)]
        return "".join(f"# {line}\n" for line in head) + "\n".join(block.lines()) + "\n"

    def notes(self) -> list[str]:
        """Every comment."""
        trouble = [] if self.trouble is None else [f"{DOUBT} trying this workspace ended so: {self.trouble}"]
        return [*self.told, *self.body.all_notes(), *trouble]

    def tell(self, account: Account) -> None:
        """Add what reading the tables set aside."""
        for name, table in account.tables.items():
            for reason, count in table.set_aside.items():
                if count >= 0.01 * table.rows:
                    self.told.append(f"{DOUBT} {name}: {count:,} of {table.rows:,} rows are set aside: {reason}")


def compose(roles: Roles, name: str, timezone: str) -> Proposal:
    """Write the sections."""
    leads, body, sources = roles.leads, Block(), Block()
    created = created_column(leads)
    deal_block, ended, missing = deals(roles)
    entities = _entities(roles)
    facts = {table.shown: interactions(table, roles, entities) for table in roles.interactions}
    fact_blocks = [block for block in facts.values() if block is not None]
    left = {name: "its rows have no time, or name nothing by its id" for name, b in facts.items() if b is None}
    order = _order(roles, created, deal_block, fact_blocks)
    missing += _missing(roles, created, order, deal_block)
    out = opted_out(leads)
    used = _used(roles, created, entities, deal_block) | {out or ""}
    rows = np.arange(leads.rows)
    sorted_ = sort_columns(leads, used, ended, None if created is None else created.at, rows)
    lead_block = _leads(leads, None if order == "file" else roles.key, created, entities, sorted_)
    lead_block.put("opted_out", out)
    sources.put("leads", lead_block)
    exclude = [(name_, why) for name_, why in sorted_.late.items()]
    for role, entity in (("contacts", "contact"), ("accounts", "account")):
        table = getattr(roles, role)
        if table is not None and entity in entities:
            block, late = _entity(table, leads, entities[entity], ended, created, sorted_.named)
            sources.put(role, block)
            exclude += late
        elif table is not None:
            left[table.shown] = "no column of the leads names its rows"
    if fact_blocks:
        sources.put("interactions", fact_blocks)
    if deal_block.items:
        if order is not None:
            deal_block.items = [
                item for item in deal_block.items if item[0] not in ("closed_at", "opened_at", "undated_lost")
            ]
            if order == "file" and roles.deals is leads:
                deal_block.items = [item for item in deal_block.items if item[0] not in ("lead_id", "id")]
        sources.put("deals", deal_block)
    else:
        key = roles.key or "lead_id"
        sources.note(
            "deals",
            f"deals: {{from: deals.csv, lead_id: {key}, closed_at: ..., outcome: ..., won: [...], lost: [...]}}",
        )
    if roles.changes is not None:
        sources.put("changes", _changes(roles.changes, roles))
    if roles.spend is not None:
        sources.put("spend", _spend(roles.spend))
    settings(body, roles, created, ended, order, name, timezone)
    body.put("sources", sources)
    goal(body, created, ended, order, bool(fact_blocks))
    if exclude:
        body.put(
            "exclude",
            [_exclusion(column, why) for column, why in exclude],
            "columns that tell the future; take one out to learn from it",
        )
    left |= {table.shown: "it fits no role" for table in roles.unused}
    return Proposal(_head(roles, left), body, missing, left)


def _head(roles: Roles, left: Mapping[str, str]) -> list[str]:
    seen = ", ".join(dict.fromkeys(table.shown for table in every_table(roles)))
    lost = [column.lost for table in every_table(roles) for column in table.columns.values() if column.lost]
    return [
        f"Proposed by `leadlight init` from {seen}.",
        f"Lines with `{DOUBT}` are doubts. Read them, then run `leadlight check`.",
        *(f"{DOUBT} {name} is not used: {why}" for name, why in left.items()),
        *(f"{DOUBT} {sentence}" for sentence in lost),
    ]


def _missing(roles: Roles, created: Column | None, order: str | None, deal_block: Block) -> list[str]:
    """What no table tells and no model can be without."""
    leads, missing = roles.leads, []
    if order is None and created is None:
        dates = ", ".join(column.name for column in leads.of("time"))
        told = f" (its dates are {dates})" if dates else ""
        missing.append(f"sources.leads.created_at: no column of {leads.shown} says when a lead was created{told}")
    if roles.key is None and (roles.deals is not leads or roles.interactions):
        missing.append(f"sources.leads.id: no column of {leads.shown} tells its rows apart")
    if deal_block.items and order is None and "closed_at" not in dict(deal_block.items):
        place = roles.deals.shown if roles.deals is not None else "the deals"
        missing.append(f"sources.deals.closed_at: no column of {place} says when deals closed")
    return missing


def _order(roles: Roles, created: Column | None, deal_block: Block, facts: Sequence[Block]) -> str | None:
    """Which order stands for dates, where there are none: only where nothing in the export needs them."""
    closed = "closed_at" in dict(deal_block.items)
    if facts or not deal_block.items or (created is not None and closed):
        return None
    if created is None and roles.deals is roles.leads and not roles.leads.of("time"):
        return "file"
    return "created_at" if created is not None else None


def _entities(roles: Roles) -> dict[str, str]:
    """The columns of the leads that name contacts and accounts."""
    found: dict[str, str] = {}
    for role, entity in (("contacts", "contact"), ("accounts", "account")):
        table = getattr(roles, role)
        if table is not None:
            mine = [
                link for link in links(roles.leads, table, table.keys[:3]) if link.plain and link.column != roles.key
            ]
            if mine:
                found[entity] = mine[0].column
    for column in roles.leads.columns.values():
        shared = column.kind in ("text", "number") and not column.unique and column.distinct > 0.05 * len(column)
        if (
            shared
            and "id" in column.name.lower()
            and "account" not in found
            and fits(column.name, "columns", "account")
        ):
            found["account"] = column.name
    return found


def _used(roles: Roles, created: Column | None, entities: dict[str, str], deal_block: Block) -> set[str]:
    used = {roles.key or "", "" if created is None else created.name, *entities.values()}
    if roles.deals is roles.leads and roles.outcome is not None:
        used |= {roles.outcome.column}
        plain = dict(deal_block.items)
        for key in ("amount", "closed_at"):
            value = plain.get(key)
            used |= (
                {value}
                if isinstance(value, str)
                else {value["column"]}
                if isinstance(value, dict) and "column" in value
                else set()
            )
    return used


def _leads(table: Table, key: str | None, created: Column | None, entities: dict[str, str], columns: Sorted) -> Block:
    block = Block()
    block.put("from", plain_place(table), *([] if table.whole else [f"the first {table.rows:,} rows were looked at"]))
    block.put("id", key)
    if key is None:
        block.note(
            "created_at" if created is not None else "attributes",
            f"{DOUBT} no column is an id: a row is called by its number",
        )
    if created is not None:
        guessed = [] if named_as_creation(created) else [f"{DOUBT} taken for the creation: no column's name says so"]
        block.put("created_at", time_plain(table, created), *time_notes(created), *guessed)
    block.put("attributes", columns.named or None)
    if columns.left:
        block.note("attributes", f"left out: {', '.join(columns.left)}")
    block.put("entities", entities or None)
    block.put("display", columns.shown or None)
    return block


def _entity(
    table: Table, leads: Table, column: str, ended: Ended, created: Column | None, taken: Sequence[str]
) -> tuple[Block, list[tuple[str, str]]]:
    found = next((link for link in links(leads, table, table.keys[:3]) if link.column == column), None)
    key = table.columns[found.key] if found is not None else table.keys[0]
    row_of = {word: row for row, word in enumerate(key.texts.values())}
    rows = np.array([row_of.get(word, -1) for word in leads.columns[column].texts.values()], dtype=np.int64)
    columns = sort_columns(table, {key.name, *taken}, ended, None if created is None else created.at, rows)
    block = Block()
    block.put("from", plain_place(table))
    block.put("id", key.name)
    block.put("attributes", columns.named or None)
    if columns.left:
        block.note("attributes", f"left out: {', '.join(columns.left)}")
    return block, list(columns.late.items())


def _changes(table: Table, roles: Roles) -> Block:
    block = Block()
    found = links(table, roles.leads)
    at = time_of(table)
    block.put("from", plain_place(table))
    block.put("lead_id", found[0].column if found else None)
    block.put("at", None if at is None else time_plain(table, at))
    for key, words_ in (("attribute", "attribute"), ("value", "new_value"), ("old", "old_value")):
        column = pick([c for c in table.columns.values() if c is not at], words_)
        block.put(key, None if column is None else column.name)
    return block


def _spend(table: Table) -> Block:
    block = Block()
    at, amount = table.of("time")[0], pick(table.of("number"), "amount") or table.of("number")[0]
    channels = [column for column in table.of("text") if fits(column.name, "columns", "acquisition")] or table.of(
        "text"
    )
    block.put("from", plain_place(table))
    block.put("at", time_plain(table, at), *time_notes(at))
    block.put("channel", channels[0].name if channels else None)
    campaign = next((column.name for column in channels[1:] if "campa" in column.name.lower()), None)
    block.put("campaign", campaign)
    block.put("amount", number_plain(amount))
    return block


def _exclusion(column: str, why: str) -> Any:
    return {"column": column, "why": why}

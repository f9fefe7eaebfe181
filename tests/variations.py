"""The same world told otherwise: with another future, about one lead alone, in a crowd, in another order of arrival."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.draws import Draw, pick, rarely
from tests.histories import iso
from tests.oracle import Oracle
from tests.oracle_rows import DAY, instant
from tests.worlds import Edges, edges, interaction

Plain = dict[str, Any]

TABLES = ("leads", "interactions", "deals", "changes")
LATER = (0, 1, 2 * DAY, 60 * DAY)


def another_future(draw: Draw, world: Plain, cutoff: int) -> Plain:
    """The world with facts that are not visible at the cutoff removed, changed and added.

    What is kept as it is: which leads are set aside, which of them share a deal's id, and which attributes have a
    history (whole tables decide that, rules 9 to 11, and not single facts).
    """
    oracle = Oracle(world)
    around = edges(world)
    rows = [_later_fact(draw, world, around, cutoff, row) for row in world["interactions"]]
    rows += [_later_fact(draw, world, around, cutoff, None) for _ in range(pick(draw, (2, 0)))]
    deals = [_later_deal(draw, oracle, cutoff, row) for row in world["deals"]]
    if oracle.leads and not rarely(draw, 2):
        deals.append(_later_deal(draw, oracle, cutoff, {"lead": pick(draw, sorted(oracle.leads)), "outcome": "open"}))
    recorded = [row for row in world["changes"] if row["attribute"] in oracle.recorded()]
    changes = [row for row in world["changes"] if row not in recorded]
    changes += [_later_change(draw, cutoff, row) for row in recorded]
    changes += [_later_change(draw, cutoff, row | {"value": "new"}) for row in recorded if rarely(draw, 3)]
    newcomer = {"id": "new", "created_at": iso(cutoff), "entities": {"contact": "k1", "account": "m1"}}
    return world | {
        "leads": world["leads"] + ([] if rarely(draw, 2) else [newcomer]),
        "interactions": [row for row in rows if row is not None],
        "deals": [row for row in deals if row is not None],
        "changes": [row for row in changes if row is not None],
    }


def _seen(row: Plain) -> int:
    return max(instant(row[key]) for key in ("at", "known_at") if row.get(key) is not None)


def _push(draw: Draw, row: Plain, cutoff: int) -> Plain:
    """The row made invisible at the cutoff: it happens, or becomes known, at the cutoff or later."""
    return row | {pick(draw, ("at", "known_at")): iso(cutoff + pick(draw, LATER))}


def _later_fact(draw: Draw, world: Plain, around: Edges, cutoff: int, row: Plain | None) -> Plain | None:
    if row is not None:
        if _seen(row) < cutoff or rarely(draw, 3):
            return row
        if rarely(draw, 2):
            return None
    return _push(draw, interaction(draw, around, world), cutoff)


def _later_deal(draw: Draw, oracle: Oracle, cutoff: int, row: Plain) -> Plain | None:
    if row["lead"] not in oracle.leads:
        return row
    visible = (
        row["outcome"] != "open"
        and max(instant(row[key]) for key in ("closed_at", "known_at") if row.get(key) is not None) < cutoff
    )
    if visible:
        return row
    if "deal_id" not in row:
        if rarely(draw, 3):
            return None
        row = row | {"outcome": pick(draw, ("won", "lost"))}
    if row["outcome"] == "open":
        return row
    earliest = max(cutoff, instant(oracle.leads[row["lead"]]["created_at"]))
    return row | {"closed_at": iso(min(earliest + pick(draw, LATER), max(oracle.data_until, earliest)))}


def _later_change(draw: Draw, cutoff: int, row: Plain) -> Plain | None:
    if row["value"] != "new" and (_seen(row) < cutoff or rarely(draw, 3)):
        return row
    return None if rarely(draw, 2) else _push(draw, row, cutoff)


def alone(world: Plain, lead: str) -> Plain:
    """What concerns one lead: its rows, the facts of its entities, and the leads it shares them or deals with."""
    rows = [row for row in world["leads"] if row["id"] == lead]
    entities = {(kind, name) for row in rows for kind, name in row["entities"].items() if name is not None}
    near = {row["id"] for row in world["leads"] if entities & set(row["entities"].items())} | {lead}
    before: set[str] = set()
    while near != before:
        before = near
        ids = {row["deal_id"] for row in world["deals"] if row["lead"] in near and "deal_id" in row}
        near = near | {row["lead"] for row in world["deals"] if row.get("deal_id") in ids}
    entities.add(("lead", lead))
    return world | {
        "leads": [row for row in world["leads"] if row["id"] in near],
        "interactions": [row for row in world["interactions"] if (row["entity"], row["entity_id"]) in entities],
        "deals": [row for row in world["deals"] if row["lead"] in near],
        "changes": [row for row in world["changes"] if row["lead"] == lead],
    }


def crowded(world: Plain, other: Plain) -> Plain:
    """The world with all the rows of another before its own, under names that are not its own."""
    leads = [
        row | {"id": row["id"] and f"0{row['id']}", "entities": {k: v and f"0{v}" for k, v in row["entities"].items()}}
        for row in other["leads"]
    ]
    rows = [
        row | {"entity_id": f"0{row['entity_id']}", "texts": row["texts"] | {"more": "x"}}
        for row in other["interactions"]
    ]
    deals = [
        row | {"lead": f"0{row['lead']}"} | ({"deal_id": f"0{row['deal_id']}"} if "deal_id" in row else {})
        for row in other["deals"]
    ]
    changes = [row | {"lead": f"0{row['lead']}"} for row in other["changes"]]
    added = dict(zip(TABLES, (leads, rows, deals, changes), strict=True))
    return world | {table: added[table] + world[table] for table in TABLES}


def shuffled(draw: Draw, world: Plain) -> tuple[Plain, Plain]:
    """The world, and the same with the rows of every table in another order."""
    order = Random(draw(10_000))
    return world, world | {table: order.sample(world[table], len(world[table])) for table in TABLES}

"""Whole small worlds for Hypothesis, in the format of `tests/golden/`, with times on the edges where meanings change.

A world is drawn in two steps: first leads, observation times and measures; then facts, whose times are taken from the
edges that the first step makes (cutoffs, window starts, label ends, creations, local midnights, the export's end), on
the edge itself or a microsecond beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.draws import Draw, drawn, pick, rarely, some
from tests.histories import iso
from tests.oracle import Oracle
from tests.oracle_rows import DAY, instant, span
from tests.questions import KINDS, measure_list

Plain = dict[str, Any]

ZONES = ("UTC", "Europe/Paris", "America/New_York", "Asia/Beirut")
# Before changes to summer and winter time in Europe and in America, and in midwinter.
STARTS = ("2026-03-20T00:00:00Z", "2026-03-02T00:00:00Z", "2025-10-19T00:00:00Z", "2025-12-27T00:00:00Z")
SCHEDULES: tuple[Plain, ...] = (
    {"ages": ["0d"]},
    {"ages": ["1h", "1d", "7d"]},
    {"ages": ["2d", "12h"]},
    {"every": "7d", "until": "21d"},
    {"every": "2d", "until": "9d"},
    {"every": "1d", "until": "5d"},
    {"after": "interaction"},
)
# Equal up to case, across slashes, and in an order by code point that UTF-16 does not share.
TEXTS = ("/pricing", "/pricing/team", "/Pricing", "", "é", "\uffff", "\U0001d4d0")
# Sums of these depend on their order to the last bit.
NUMBERS = (0.1, 0.2, 0.3, 1.0, 1e16, -1e16, 3.3, -5.5, 90, 1e-9)
LEADS = ("a", "b", "c", "d", "e")
ENTITIES = {"contact": ("k1", "k2"), "account": ("m1", "m2")}
OUTCOMES = {"l1": "lost", "w1": "won", "l2": "lost", "w2": "won"}
BESIDE = (0, -1, 0, 1)
SPANS = ("window", "short", "long")
SIZES = ("1-10", "11-50", "200+")


@dataclass(frozen=True)
class Edges:
    """The instants of a world at which meanings change, and times near them.

    `cutoffs` are each lead's own (of a contact or an account: all of them), `windows` and `horizon` spans.
    """

    cutoffs: dict[str, tuple[int, ...]]
    windows: tuple[int, ...]
    horizon: int
    others: tuple[int, ...]

    def fact(self, draw: Draw, entity_id: str) -> str:
        """Mostly just before a cutoff or at the start of one of its windows."""
        spans = (0, 1, *self.windows, *self.windows, 6 * 3_600_000_000, 2 * DAY + 7)
        if rarely(draw, 4):
            return iso(pick(draw, self.others) + pick(draw, BESIDE))
        return iso(self._cutoff(draw, entity_id) - pick(draw, spans) + pick(draw, BESIDE))

    def close(self, draw: Draw, lead: str) -> str:
        """Mostly at a cutoff or at the end of its label's interval, between, or well before."""
        if rarely(draw, 4):
            return iso(pick(draw, self.others) + pick(draw, BESIDE))
        spans = (self.horizon, 0, self.horizon, -DAY, DAY, -3 * DAY)
        return iso(self._cutoff(draw, lead) + pick(draw, spans) + pick(draw, BESIDE))

    def _cutoff(self, draw: Draw, name: str) -> int:
        return pick(draw, self.cutoffs.get(name) or self.cutoffs[""])


def world(draw: Draw) -> Plain:
    """A case without `expected`: one to five leads, their entities, facts, deals and changes, and measures."""
    start = instant(pick(draw, STARTS))
    made: Plain = {
        "data_until": iso(start + pick(draw, (60, 30)) * DAY),
        "horizon": pick(draw, ("7d", "3d", "30d")),
        "timezone": pick(draw, ZONES),
        "observe": pick(draw, SCHEDULES),
        "leads": [],
        "measures": measure_list(draw),
    }
    for name in LEADS[: pick(draw, (2, 3, 1, 5))]:
        made["leads"] += lead_rows(draw, name, start)
    around = edges(made)
    if rarely(draw, 4):
        ends = pick(draw, around.cutoffs[""]) + pick(draw, (0, around.horizon)) + pick(draw, BESIDE)
        made["data_until"] = iso(ends)
    rows = some(draw, pick(draw, (10, 5, 0)), 14, lambda: interaction(draw, around, made))
    made["interactions"] = rows + [twin(draw, row, around, made) for row in rows if rarely(draw, 3)]
    # Deals and changes come in crowds or hardly at all: what they mean shows where several meet.
    made["deals"] = some(draw, *pick(draw, ((0, 1), (6, 9), (1, 3))), lambda: deal(draw, around, made))
    made["changes"] = some(draw, pick(draw, (0, 3)), 6, lambda: change(draw, around, made))
    return made


def lead_rows(draw: Draw, name: str, start: int) -> list[Plain]:
    """The rows of one lead: one, unless the world is dirty."""
    clock = pick(draw, (0, 1, DAY - 1, 34_200_000_000, 23 * 3_600_000_000))
    row: Plain = {"id": name, "created_at": iso(start + draw(10) * DAY + clock)}
    row["entities"] = {
        kind: pick(draw, (names[0], names[0], *names, None)) for kind, names in ENTITIES.items() if not rarely(draw)
    }
    row["attributes"] = {
        "size": pick(draw, (*SIZES, None)),
        "title": pick(draw, ("Acheteuse", "Student")),
    }
    if rarely(draw, 24):
        row["created_at"] = None
    if rarely(draw, 24):
        row["id"] = None
    return [row, row] if rarely(draw, 24) else [row]


def edges(world: Plain) -> Edges:
    """What the leads' possible cutoffs, creations and windows, the horizon, the zone and the export make."""
    skeleton = Oracle(world)
    created = {lead: instant(row["created_at"]) for lead, row in skeleton.leads.items()}
    if "after" in world["observe"]:
        own = {lead: tuple(at + day * DAY + 1 for day in (0, 1, 4)) for lead, at in created.items()}
    else:
        own = {lead: tuple(sorted(skeleton.candidates(lead))) for lead in created}
    listed = tuple(sorted({cutoff for cutoffs in own.values() for cutoff in cutoffs})) or (skeleton.data_until,)
    first = skeleton.local(min(listed)).date()
    midnights = {midnight(first + timedelta(days=day), skeleton.zone) for day in range(-2, 4)}
    return Edges(
        cutoffs=own | {"": listed},
        windows=tuple(sorted({span(measure[key]) for measure in world["measures"] for key in SPANS if key in measure})),
        horizon=skeleton.horizon,
        others=tuple(sorted(midnights | set(created.values()) | {skeleton.data_until})),
    )


def midnight(day: date, zone: ZoneInfo) -> int:
    """The start of a local day."""
    at = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def known(world: Plain) -> tuple[str, ...]:
    """The leads that have an id."""
    return tuple(dict.fromkeys(row["id"] for row in world["leads"] if row["id"] is not None)) or ("nobody",)


def twin(draw: Draw, row: Plain, around: Edges, world: Plain) -> Plain:
    """A row that differs from another in little: in what ties are decided by, or in when one id was said to happen."""
    fresh = interaction(draw, around, world)
    differ = pick(draw, (("texts", "numbers"), ("numbers",), ("flow",), ("kind", "id"), ("at", "known_at"), ()))
    copy = {key: value for key, value in row.items() if key not in differ}
    if "at" in differ:
        row["id"] = copy["id"] = "1"
    return copy | {key: fresh[key] for key in differ if key in fresh}


def interaction(draw: Draw, around: Edges, world: Plain) -> Plain:
    """A row about a lead, a contact or an account, sometimes one that nobody knows."""
    entity = pick(draw, ("lead", "lead", "contact", "account"))
    names = known(world) if entity == "lead" else ENTITIES[entity]
    entity_id = "unknown" if rarely(draw, 16) else pick(draw, (names[0], *names))
    row: Plain = {
        "entity": entity,
        "entity_id": entity_id,
        "at": around.fact(draw, entity_id),
        "kind": pick(draw, KINDS),
        "texts": {name: pick(draw, TEXTS) for name in ("page", "campaign") if not rarely(draw, 3)},
        "numbers": {name: pick(draw, NUMBERS) for name in ("duration", "visits") if not rarely(draw, 3)},
        "table": draw(2),
    }
    if rarely(draw, 3):
        row["id"] = pick(draw, ("1", "2", "10"))
    if rarely(draw, 4):
        row["known_at"] = around.fact(draw, entity_id)
    if not rarely(draw, 2):
        row["flow"] = pick(draw, ("inbound", "outbound", None))
    if rarely(draw):
        row["numbers"]["duration"] = row["texts"]["page"] = None
    return row


def deal(draw: Draw, around: Edges, world: Plain) -> Plain:
    """A deal: won, lost or open, with or without an id, mostly closed after its lead was created."""
    leads = [row for row in world["leads"] if row["id"] is not None] or [{"id": "a"}]
    lead = pick(draw, [leads[0], *leads])
    row: Plain = {"lead": lead["id"]}
    if not rarely(draw, 2):
        row["deal_id"] = pick(draw, tuple(OUTCOMES))
    usual = OUTCOMES.get(row.get("deal_id", ""))
    row["outcome"] = pick(draw, ("lost", "won", "open")) if usual is None or rarely(draw, 16) else usual
    if rarely(draw, 4):
        row["outcome"] = "open"
    if row["outcome"] != "open" and not rarely(draw, 24):
        created = instant(lead.get("created_at") or world["data_until"])
        at = instant(around.close(draw, lead["id"]))
        row["closed_at"] = iso(at if rarely(draw, 24) else max(at, created))
        if rarely(draw, 4):
            row["known_at"] = around.close(draw, row["lead"])
    for key in ("opened_at", "reopened_at"):
        if rarely(draw, 3):
            row[key] = around.close(draw, row["lead"])
    return row


def change(draw: Draw, around: Edges, world: Plain) -> Plain:
    """A change of an attribute, mostly with the value that it replaced."""
    lead = pick(draw, known(world))
    row: Plain = {
        "lead": lead,
        "at": around.fact(draw, lead),
        "attribute": pick(draw, ("size", "size", "title")),
        "value": pick(draw, (*SIZES, None)),
    }
    if not rarely(draw, 3):
        row["old"] = pick(draw, (*SIZES, None))
    if rarely(draw, 4):
        row["known_at"] = around.fact(draw, lead)
    return row


worlds = drawn(world)

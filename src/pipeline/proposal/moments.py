"""When: the export's moment, the zone, how far ahead to look, and when leads are observed."""

from __future__ import annotations

import numpy as np

from pipeline.definitions.settings import MISSING
from pipeline.definitions.spans import DAY
from pipeline.definitions.zones import local_day, moment
from pipeline.proposal.columns import Column, known
from pipeline.proposal.endings import Ended
from pipeline.proposal.roles import Roles, every_table
from pipeline.proposal.times import time_of
from pipeline.proposal.vocabulary import fits
from pipeline.proposal.write import DOUBT, Block
from pipeline.tables.columns import NEVER

HORIZONS = {7: (0, 7), 14: (0, 14), 30: (60, 60), 60: (120, 120), 90: (np.inf, np.inf)}
"""Days of a horizon -> within how many days at most half, or nine tenths, of the wins came for it to be proposed."""

WEEK = 7 * DAY
SLIP = 14 * DAY
"""A date so far beyond nearly all others is no date of the export's time."""

AGES = (30, 60, 90, 180, 365)
"""Days up to which a lead may be observed."""


def settings(
    body: Block,
    roles: Roles,
    created: Column | None,
    ended: Ended,
    order: str | None,
    name: str,
    timezone: str,
) -> None:
    """Write name, zone, the export's moment, the order where there are no dates, and the texts that mean no value."""
    body.put("name", name)
    columns = [column for table in every_table(roles) for column in table.of("time")]
    zoned = any(word[-1:] == "Z" or "+" in word for column in columns for word in column.texts.words[:20])
    if columns and not zoned and timezone == "UTC":
        body.note(
            "timezone",
            f"{DOUBT} the times say no zone and are read as UTC: set yours, as in Europe/Paris (or --timezone)",
        )
    body.put("timezone", timezone)
    if order == "file":
        body.put(
            "order", "file", f"{DOUBT} the rows' order stands for time: is the last row the newest?{_undated(roles)}"
        )
    else:
        until, why = _data_until(roles, created, ended, timezone)
        body.put("data_until", until, *why)
        body.put("order", order, *([_unknown_ends(roles)] if order else []))
    extra = sorted({word for table in every_table(roles) for c in table.of("time", "number") for word in c.unreadable})
    if extra:
        body.put(
            "missing",
            [*MISSING, *extra],
            f"the usual ones, and {DOUBT} {', '.join(extra)}: no value in columns of times or numbers",
        )


def _unknown_ends(roles: Roles) -> str:
    return f"{DOUBT} no column dates the outcomes: each is known at the export alone.{_undated(roles)}"


def _undated(roles: Roles) -> str:
    """What could hold dates and is not written as any: a count of seconds, a sheet's numbers of days."""
    names = [
        column.name
        for column in roles.leads.of("number", "text")
        if any(fits(column.name, "columns", list_) for list_ in ("created_at", "closed_at"))
    ]
    return f" Not read as dates: {', '.join(names)}; turn them into dates by SQL" if names else ""


def _data_until(roles: Roles, created: Column | None, ended: Ended, timezone: str) -> tuple[str | None, list[str]]:
    """The first midnight after all that has happened: leads, closes, edits, and facts as long as they come densely.

    A close or a fact far beyond is a slip or a plan, and is set aside.
    """
    if created is None or created.at is None:
        return None, []
    newest = int(created.at[known(created)].max())
    closes = np.sort(ended.closed_at[(ended.outcome > 0) & (ended.closed_at != NEVER)])
    edited = [c for table in every_table(roles) for c in table.of("time") if fits(c.name, "columns", "technical")]
    for ends in (closes, *(np.sort(c.at[known(c)]) for c in edited if c.at is not None)):
        if len(ends):
            usual = max(newest, int(np.percentile(ends, 99)))
            newest = max(newest, int(ends[ends <= usual + SLIP].max()))
    facts = [
        at.at[known(at)] for table in roles.interactions if (at := time_of(table)) is not None and at.at is not None
    ]
    pooled = np.sort(np.concatenate(facts)) if facts else np.empty(0, dtype=np.int64)
    before = int(((pooled > newest - 8 * WEEK) & (pooled <= newest)).sum()) / 8
    while True:
        near = pooled[(pooled > newest) & (pooled <= newest + WEEK)]
        if len(near) == 0 or len(near) < 0.2 * before:
            break
        newest = int(near.max())
    later = int((pooled > newest).sum())
    day = int(local_day(np.array([newest], dtype=np.int64), timezone)[0]) + 1
    until = moment(day * DAY).date().isoformat()
    notes = [f"{DOUBT} when was the export taken? Leads, closes and most interactions are before this day"]
    if later:
        notes.append(f"{DOUBT} {later:,} interactions are dated later, as planned ones are: they are set aside")
    return until, notes


def goal(body: Block, created: Column | None, ended: Ended, order: str | None, facts: bool) -> None:
    """Write the horizon and when leads are observed, by how long the won ones took."""
    if order is not None or created is None or created.at is None:
        return
    sure = ended.won & (ended.closed_at != NEVER) & known(created)
    days = (ended.closed_at[sure] - created.at[sure]) / DAY
    days = days[days >= 0]
    horizon, until, note = 30, 180, []
    if len(days) >= 10:
        half, most = np.percentile(days, [50, 90])
        horizon = next(span for span, reach in HORIZONS.items() if most <= reach[1] or half <= reach[0])
        until = next((span for span in AGES if span >= most), AGES[-1])
        note = [f"half of the won leads closed within {half:.0f} days of their creation, 90 % within {most:.0f}"]
    body.put("goal", {"horizon": f"{horizon}d"}, *note)
    if facts:
        body.put("observe", {"every": "7d", "until": f"{until}d"})
    else:
        body.put("observe", {"ages": ["0d"]}, "without interactions a lead is looked at once, when it is created")

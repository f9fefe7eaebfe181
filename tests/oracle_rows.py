"""The oracle's first half: instants, spans and rows (DESIGN section 3, rules 2, 4 and 9), in plain loops.

Of the rows of a case it keeps what may be used: leads that are not set aside, their deals and changes, and facts.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Plain = dict[str, Any]

DAY = 86_400_000_000
SPANS = {"m": 60_000_000, "h": 3_600_000_000, "d": DAY, "w": 7 * DAY}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(text: str) -> int:
    """Microseconds since 1970 of an ISO 8601 text with a zone."""
    return (datetime.fromisoformat(text) - EPOCH) // timedelta(microseconds=1)


def span(text: str) -> int:
    """Microseconds of `12h`, `7d`."""
    return int(text[:-1]) * SPANS[text[-1]]


def missing_first(value: Any) -> tuple[Any, ...]:
    """A sort key: a missing value before every other."""
    return (0,) if value is None else (1, value)


class Rows:
    """The rows of one case that may be used."""

    def __init__(self, case: Plain) -> None:
        self.case = case
        self.zone = ZoneInfo(case.get("timezone", "UTC"))
        self.data_until = instant(case["data_until"])
        self.horizon = span(case["horizon"])
        rows = case.get("interactions", [])
        self.text_names = sorted({name for row in rows for name in row.get("texts", {})})
        self.number_names = sorted({name for row in rows for name in row.get("numbers", {})})
        self.set_aside = self._set_aside()
        self.leads = {
            row["id"]: row for row in case["leads"] if row.get("id") is not None and row["id"] not in self.set_aside
        }
        self.deals = self._deals()
        self.changes = self._changes()
        self.facts = self._facts()

    def _set_aside(self) -> dict[str, str]:
        rows = [row for row in self.case["leads"] if row.get("id") is not None]
        reasons = {}
        for row in rows:
            ended = [
                deal
                for deal in self.case.get("deals", [])
                if deal["lead"] == row["id"] and deal.get("outcome") in ("won", "lost")
            ]
            if sum(other["id"] == row["id"] for other in rows) > 1:
                reasons[row["id"]] = "repeated id"
            elif row.get("created_at") is None:
                reasons[row["id"]] = "no creation time"
            elif instant(row["created_at"]) > self.data_until:
                reasons[row["id"]] = "after data_until"
            elif any(deal.get("closed_at") is None for deal in ended):
                reasons[row["id"]] = "outcome without a date"
            elif any(instant(deal["closed_at"]) < instant(row["created_at"]) for deal in ended):
                reasons[row["id"]] = "closed before created"
            elif any(self._has_two_outcomes(deal.get("deal_id")) for deal in ended):
                reasons[row["id"]] = "two outcomes"
        return reasons

    def _has_two_outcomes(self, deal_id: str | None) -> bool:
        rows = [row for row in self.case["deals"] if deal_id is not None and row.get("deal_id") == deal_id]
        return {"won", "lost"} <= {row.get("outcome") for row in rows}

    def _deals(self) -> list[Plain]:
        """Deals with the instant from which their close counts; a close after the export is not known."""
        kept = []
        for row in self.case.get("deals", []):
            if row["lead"] not in self.leads:
                continue
            close = None
            if row.get("outcome") in ("won", "lost"):
                close = max(instant(row[key]) for key in ("closed_at", "known_at") if row.get(key) is not None)
            late = close is not None and close > self.data_until
            if not late:
                kept.append({**row, "close": close})
            elif row.get("opened_at") is not None or row.get("reopened_at") is not None:
                kept.append({**row, "close": None, "outcome": "open"})
        return kept

    def _changes(self) -> list[Plain]:
        kept = []
        for row in self.case.get("changes", []):
            at = instant(row["at"])
            seen = at if row.get("known_at") is None else max(at, instant(row["known_at"]))
            if row["lead"] in self.leads and seen <= self.data_until:
                kept.append({**row, "at": at, "seen": seen})
        return kept

    def _facts(self) -> list[Plain]:
        facts = []
        for row in self.case.get("interactions", []):
            at = instant(row["at"])
            seen = at if row.get("known_at") is None else max(at, instant(row["known_at"]))
            fact: Plain = {"texts": {}, "numbers": {}, "id": None, "flow": None, "entity": "lead", "table": 0}
            facts.append({**fact, **row, "at": at, "seen": seen})
        facts = [fact for fact in facts if fact["seen"] <= self.data_until]
        return [fact for fact in facts if self._stands(fact, facts)]

    def _stands(self, fact: Plain, facts: list[Plain]) -> bool:
        """Of the rows of one table and entity with one id only the first seen, then the first in order, is the fact."""
        if fact["id"] is None:
            return True
        same = [
            other for other in facts if all(other[key] == fact[key] for key in ("table", "entity", "entity_id", "id"))
        ]
        return fact is min(same, key=lambda other: (other["seen"], self.order(other)))

    def order(self, fact: Plain) -> tuple[Any, ...]:
        """The sort key of rule 4: at, kind, id, texts, numbers, flow; a missing value first."""
        return (
            fact["at"],
            fact["kind"],
            missing_first(fact["id"]),
            [missing_first(fact["texts"].get(name)) for name in self.text_names],
            [missing_first(fact["numbers"].get(name)) for name in self.number_names],
            missing_first(fact["flow"]),
        )

    def local(self, at: int) -> datetime:
        """An instant on the wall clock of the workspace's zone."""
        return (EPOCH + timedelta(microseconds=at)).astimezone(self.zone)

"""What everybody computes on the large CRM: 40 measures. Plain Python: peers read it in environments of their own."""

from __future__ import annotations

from typing import NamedTuple

DAY = 86_400_000_000
"""A day in microseconds."""

KINDS = {
    "page_view": (0.30, None),
    "email_sent": (0.16, "outbound"),
    "email_open": (0.14, None),
    "call": (0.10, "outbound"),
    "download": (0.07, None),
    "email_reply": (0.06, "inbound"),
    "form": (0.05, "inbound"),
    "webinar": (0.04, None),
    "inbound_call": (0.03, "inbound"),
    "meeting": (0.02, None),
    "demo_request": (0.02, "inbound"),
    "quote_request": (0.01, "inbound"),
}
"""Kind -> its share of the interactions, and its flow."""

COUNTED = ("page_view", "email_sent", "call", "download", "email_reply", "form", "demo_request", "quote_request")
"""The kinds with four measures each; `call` has three more over its duration."""

OF_A_KIND = ("count 7d", "count 30d", "count", "days_since_last")
OF_CALLS = ("total duration 30d", "mean duration 30d", "largest duration 30d")
OF_ALL = ("count 7d", "count 30d", "active_days 30d", "trend 7d 28d", "unanswered")
"""Over the ledger as a whole."""

WINDOWS = (7, 28, 30)
"""Days: the edges at which some measure changes."""

AGES = {
    1: (240,),
    2: (120, 240),
    4: (60, 120, 180, 240),
    12: tuple(range(20, 241, 20)),
}
"""Observations a lead -> its ages in days when observed."""


class Column(NamedTuple):
    """A column of the result: its name, its kind (None for all interactions), and the measure's text."""

    name: str
    kind: str | None
    measure: str


def _criteria() -> list[tuple[str, str | None, tuple[str, ...]]]:
    kinds = [(kind, kind, OF_A_KIND + OF_CALLS if kind == "call" else OF_A_KIND) for kind in COUNTED]
    return [*kinds, ("everything", None, OF_ALL)]


CRITERIA = [
    {"name": name, **({"when": {"kind": kind}} if kind else {}), "measures": list(measures)}
    for name, kind, measures in _criteria()
]
"""As in a workspace."""

COLUMNS = tuple(
    Column(f"{name}.{measure.replace(' ', '_')}", kind, measure)
    for name, kind, measures in _criteria()
    for measure in measures
)
"""The 40, in the order of the result."""


def of_flow(flow: str) -> list[str]:
    """The kinds that flow this way."""
    return [kind for kind, (_, way) in KINDS.items() if way == flow]

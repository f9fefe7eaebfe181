"""The company of the demo in numbers: its calendar, what its leads are like, and what each visible thing does to them.

Every effect is a term of log-odds a day. Nothing else moves a lead: what the simulator knows, the files say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.zones import day_start

Table = NDArray[np.float32]
"""An effect by a small count or by days: looked up, so that the same few numbers serve every lead."""

TIMEZONE = "Europe/Paris"
FIRST_DAY = date(2023, 7, 1)
LAST_DAY = date(2026, 6, 29)
DAYS = (LAST_DAY - FIRST_DAY).days + 1
DATA_UNTIL = 1_782_777_600_000_000
"""2026-06-30T00:00:00Z, in UTC microseconds: two hours after the last day simulated has ended in Paris."""

HORIZON_DAYS = 30
NEVER_DAYS = 255
"""Days since something that never happened, or that long ago."""

_EPOCH = date(1970, 1, 1)
_BEYOND = 400  # days known after the last, for simulating forward from the newest cutoffs

MIDNIGHTS: NDArray[np.int64] = np.array(
    [day_start((FIRST_DAY - _EPOCH).days + day, TIMEZONE) for day in range(DAYS + _BEYOND)], dtype=np.int64
)
"""The first instant of each local day, by its number since FIRST_DAY."""


@dataclass(frozen=True)
class Day:
    """What the calendar does to everybody: terms of log-odds for a visit to the site and for a won deal."""

    working: bool
    visit: float
    won: float


# By month, January first. The season is mild: August and the holidays are slow, nothing else shows much.
_MONTH_VISIT = (0.05, 0.05, 0.08, 0.0, -0.05, 0.05, -0.12, -0.35, 0.12, 0.1, 0.08, -0.2)
_MONTH_WON = (0.0, 0.02, 0.03, 0.0, -0.03, 0.03, -0.02, -0.12, 0.03, 0.04, 0.02, 0.0)


def weekday(day: int) -> int:
    """The weekday of a day by its number since FIRST_DAY; 0 is Monday."""
    return (FIRST_DAY.weekday() + day) % 7


def calendar_day(day: int) -> Day:
    """The calendar's terms of a day, by its number since FIRST_DAY."""
    on = FIRST_DAY + timedelta(days=day)
    working = weekday(day) < 5
    return Day(
        working=working,
        visit=_MONTH_VISIT[on.month - 1] + (0.12 if working else -0.6),
        won=_MONTH_WON[on.month - 1] + (0.28 if working else -2.0),
    )


CREATION_BY_MONTH = (1.02, 1.02, 1.06, 1.0, 0.95, 1.05, 0.88, 0.65, 1.12, 1.12, 1.08, 0.85)


# --- Who the leads are: value -> share, and the terms they add -------------------------------------------------------

FUNCTION_WON = {
    "purchasing": 1.0, "operations": 0.45, "management": 0.6, "it": 0.25, "engineering": 0.15, "finance": 0.0,
    "marketing": -0.4, "sales": -0.4, "hr": -0.6, "other": -0.35, "student": -2.6,
}  # fmt: skip
RANK_WON = {"executive": 0.25, "director": 0.45, "manager": 0.25, "staff": -0.2, "student": 0.0}
FUNCTION_ANSWER = {"purchasing": 0.35, "operations": 0.2, "management": -0.3, "student": -0.5}

SECTORS = {
    "manufacturing": 0.24, "logistics": 0.14, "retail": 0.13, "construction": 0.12, "software": 0.12, "health": 0.09,
    "education": 0.09, "public": 0.07,
}  # fmt: skip
SECTOR_WON = {
    "manufacturing": 0.45, "logistics": 0.35, "retail": 0.0, "construction": 0.1, "software": -0.1, "health": -0.15,
    "education": -0.7, "public": -0.45,
}  # fmt: skip

SIZES = {"1-10": 0.27, "11-50": 0.27, "51-200": 0.22, "201-1000": 0.15, "1000+": 0.09}
SIZE_WON = {"1-10": -0.6, "11-50": 0.0, "51-200": 0.4, "201-1000": 0.35, "1000+": 0.05}
SIZE_AMOUNT = {"1-10": 2_400.0, "11-50": 6_500.0, "51-200": 15_000.0, "201-1000": 38_000.0, "1000+": 90_000.0}

COUNTRIES = {"FR": 0.68, "BE": 0.12, "CH": 0.08, "GB": 0.07, "DE": 0.05}
COUNTRY_WON = {"FR": 0.1, "BE": 0.0, "CH": -0.05, "GB": -0.25, "DE": -0.3}

SOURCES = {
    "organic": 0.22, "paid_search": 0.22, "paid_social": 0.14, "content": 0.12, "webinar": 0.08, "trade_show": 0.08,
    "partner": 0.07, "referral": 0.07,
}  # fmt: skip
SOURCE_WON = {
    "organic": 0.1, "paid_search": 0.0, "paid_social": -0.55, "content": -0.35, "webinar": 0.0, "trade_show": 0.1,
    "partner": 0.4, "referral": 0.65,
}  # fmt: skip

# source -> campaign -> (share within the source, its term for a won deal, euros a lead)
CAMPAIGNS: dict[str, dict[str, tuple[float, float, float]]] = {
    "paid_search": {"search_brand": (0.35, 0.35, 18.0), "search_generic": (0.45, -0.1, 62.0),
                    "search_competitors": (0.2, -0.2, 95.0)},
    "paid_social": {"social_awareness": (0.6, -0.25, 34.0), "social_lead_forms": (0.4, 0.15, 71.0)},
    "content": {"white_paper_costs": (0.55, -0.15, 22.0), "newsletter": (0.45, 0.15, 6.0)},
    "webinar": {"webinar_monthly": (1.0, 0.0, 40.0)},
    "trade_show": {"show": (1.0, 0.0, 140.0)},
    "partner": {"partner_programme": (1.0, 0.0, 55.0)},
}  # fmt: skip
"""The campaign `show` is written with its year, as companies do: `show_2025`."""

# What a lead did as it was created, by source: the chance of each, one or none.
ENTRY = {
    "organic": {"demo_request": 0.12, "quote_request": 0.06, "download": 0.3},
    "paid_search": {"demo_request": 0.18, "quote_request": 0.07, "download": 0.25},
    "paid_social": {"demo_request": 0.04, "download": 0.5},
    "content": {"download": 0.85},
    "webinar": {"webinar_signup": 0.95},
    "trade_show": {"demo_request": 0.08},
    "partner": {"demo_request": 0.2, "quote_request": 0.12},
    "referral": {"demo_request": 0.25, "quote_request": 0.12},
}

TIMEFRAMES = ("unknown", "exploring", "this_year", "this_quarter")
TIMEFRAME_WON = np.array([0.0, -0.3, 0.25, 0.85], dtype=np.float32)

ACCOUNT_WON, ACCOUNT_LOST = 0.45, -0.15
"""Each of up to two earlier deals of the account, closed before the day the lead was created."""


# --- What facts do: tables by count (0 to 255) or by days since (0 to 255) --------------------------------------------


def by_count(effect: float, most: int) -> Table:
    """`effect` for each of the first `most`."""
    return (effect * np.minimum(np.arange(256), most)).astype(np.float32)


def by_days(effect: float, half: float, never: float = 0.0) -> Table:
    """`effect`, halved `half` days later, then slowly less; `never` where it never happened."""
    days = np.arange(256)
    return np.where(days == NEVER_DAYS, never, effect / (1.0 + days / half)).astype(np.float32)


def _ramp(points: dict[int, float]) -> Table:
    """Straight lines between the points, level beyond them."""
    return np.interp(np.arange(256), list(points), list(points.values())).astype(np.float32)


WON_CEILING = 0.09
WON = {
    "active_7d": by_count(0.14, 4),
    "active_30d": by_count(0.06, 10),
    "priced_30d": by_count(0.42, 4),
    "since_demo": by_days(1.7, 12.0),
    "since_quote": by_days(2.1, 10.0),
    "since_inbound": by_days(0.8, 8.0),
    "talks": by_count(0.32, 4),
    "downloads": by_count(0.12, 3),
    "webinars": by_count(0.25, 2),
    "unanswered": _ramp({0: 0.0, 1: -0.15, 2: -0.5, 3: -1.1, 4: -1.8, 5: -2.6, 7: -3.4}),
    "age": _ramp({1: -0.7, 12: 0.0, 40: 0.0, 120: -0.5, 240: -0.8}),
}
WON_BASE = -5.9
WON_PURCHASING_DEMO = 0.6
"""A buyer who has asked for a demo has a budget."""

LOST_CEILING = 0.12
LOST = {
    "active_30d": by_count(-0.16, 6),
    "since_inbound": by_days(-0.9, 12.0),
    "unanswered": _ramp({0: 0.0, 2: 0.1, 4: 0.6, 6: 1.2, 9: 1.6}),
    "age": _ramp({1: -1.2, 14: -0.2, 30: 0.0, 120: 0.3, 200: 1.0}),
}
LOST_BASE = -1.75
LOST_STUDENT = 0.4

VISIT = {
    "since_visit": _ramp({1: 0.75, 3: 0.4, 8: 0.1, 20: 0.0, 60: -0.35}),
    "active_30d": by_count(0.1, 10),
    "since_outbound": by_days(0.55, 2.5),
    "since_inbound": by_days(0.5, 6.0),
    "age": _ramp({1: 0.5, 10: 0.1, 30: 0.0, 90: -0.5}),
}
VISIT_BASE = -2.9

PRICE_BASE, PRICE_FIT = -1.9, 0.45
"""On a visit: a look at the prices, the likelier the better the lead fits."""
DOWNLOAD_BASE, WEBINAR_BASE, DEMO_BASE, QUOTE_BASE = -2.6, -3.9, -4.3, -4.8
ASK_PRICED = by_count(0.5, 3)
ASK_FIT = 0.5
ASK_UNANSWERED = _ramp({0: 0.0, 2: -0.2, 5: -1.6, 8: -2.2})
ASKED_ALREADY = -1.6

OUTBOUND = {
    "since_inbound": by_days(2.6, 3.0),
    "since_outbound": _ramp({1: -1.6, 2: -0.4, 4: 0.2, 10: 0.3, 30: 0.0}),
    "unanswered": _ramp({0: 0.0, 3: -0.3, 5: -1.3, 8: -2.6, 12: -4.0}),
    "active_7d": by_count(0.25, 3),
}
OUTBOUND_BASE, OUTBOUND_FIT = -2.7, 0.45
CALL_SHARE = 0.55

ANSWER = {
    "since_inbound": by_days(1.1, 6.0),
    "unanswered": _ramp({0: 0.0, 2: -0.5, 5: -2.0, 8: -2.6}),
    "active_7d": by_count(0.15, 3),
}
ANSWER_BASE = -1.4
REPLY_BASE = -3.3
REPLY_WITHIN = 6
"""A reply comes at most so many days after the latest attempt."""
RING_BASE = -5.6
RING_TALKED = by_count(0.5, 3)

TIMEFRAME_TOLD = 0.4
"""Chance that a conversation tells when they want to buy."""

ENTRY_VISITED, ENTRY_PRICED = 0.8, 0.22

"""Times, spans, numbers, probabilities and the CRM's own texts in words."""

from __future__ import annotations

import math
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from pipeline.definitions.spans import DAY, HOUR
from pipeline.definitions.zones import day_start, local_day

LONGEST_VALUE = 60
"""Characters of an attribute's value that a sentence shows."""
DAYS_COUNTED = 100
"""Up to here "n days ago"; then months, and years from two years on."""


@dataclass(frozen=True)
class Today:
    """The moment of scoring (UTC microseconds) in the workspace's zone: what "today" and "yesterday" refer to.

    >>> noon = Today(12 * HOUR)
    >>> noon.ago(0.25), noon.ago(0.75), noon.ago(3.0), noon.ago(200.0), noon.ago(800.0)
    ('today', 'yesterday', '3 days ago', '6 months ago', '2 years ago')
    """

    as_of: int
    timezone: str = "UTC"

    @cached_property
    def _midnights(self) -> tuple[int, ...]:
        return _midnights(int(local_day(np.array([self.as_of], dtype=np.int64), self.timezone)[0]), self.timezone)

    def ago(self, days: float) -> str:
        """Elapsed days before the moment, said in calendar days while they are few."""
        if days >= 730:
            return f"{int(days / 365.25):,} years ago"
        if days >= DAYS_COUNTED:
            return f"{int(days / 30.44)} months ago"
        calendar = len(self._midnights) - bisect_right(self._midnights, self.as_of - round(days * DAY))
        return "today" if calendar == 0 else "yesterday" if calendar == 1 else f"{calendar} days ago"


@lru_cache(maxsize=64)
def _midnights(today: int, timezone: str) -> tuple[int, ...]:
    """Starts of the latest local days, ascending up to `today` (days since 1970-01-01)."""
    return tuple(day_start(day, timezone) for day in range(today - DAYS_COUNTED - 1, today + 1))


def span(window: int) -> str:
    """A window's length in words.

    >>> span(7 * DAY), span(DAY), span(12 * HOUR), span(HOUR // 2)
    ('7 days', '24 hours', '12 hours', '30 minutes')
    """
    if window % DAY == 0 and window > DAY:
        return f"{window // DAY} days"
    if window % HOUR == 0:
        return "hour" if window == HOUR else f"{window // HOUR} hours"
    return f"{window * 60 // HOUR} minutes"


def number(value: float) -> str:
    """A number for people: no digits that mean nothing.

    >>> number(1200.0), number(340.44), number(2.5), number(0.0312), number(math.inf)
    ('1,200', '340', '2.5', '0.031', 'inf')
    """
    if not math.isfinite(value) or abs(value) >= 1e15:
        return f"{value:g}"
    if value == round(value) or abs(value) >= 100:
        return f"{round(value):,}"
    return f"{value:.1f}".removesuffix(".0") if abs(value) >= 1 else f"{value:.2g}"


def percent(probability: float) -> str:
    """A probability for people, with more digits near 0 and 1.

    >>> percent(0.312), percent(0.0314), percent(0.00004), percent(0.9999)
    ('31 %', '3.1 %', 'under 0.1 %', 'over 99.9 %')
    """
    if probability < 0.001:
        return "under 0.1 %"
    if probability > 0.999:
        return "over 99.9 %"
    digits = 1 if probability < 0.0995 or probability > 0.99 else 0
    return f"{100 * probability:.{digits}f} %"


def plain(value: str) -> str:
    r"""A text of the CRM on one line, without control characters, cut where it is long.

    >>> plain("Head of\n purchasing\x1b[31m")
    'Head of purchasing [31m'
    """
    words = line(value) or "(empty)"
    return words if len(words) <= LONGEST_VALUE else words[: LONGEST_VALUE - 1].rstrip() + "…"


def line(text: object) -> str:
    """A text of the data on one line, without the control characters that a terminal would obey."""
    letters = (" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in str(text))
    return " ".join("".join(letters).split())

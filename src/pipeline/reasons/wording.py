"""Times, spans, numbers, probabilities and the CRM's own texts in words."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np

from pipeline.definitions.spans import DAY, HOUR
from pipeline.definitions.zones import day_start, local_day
from pipeline.reasons.language import Language, language

LONGEST_VALUE = 60
"""Characters of an attribute's value that a sentence shows."""
TIED = "\u00a0\u202f"
"""Blanks at which no line is broken, as French writes before a colon or a per cent sign."""
DAYS_COUNTED = 100
"""Up to here "n days ago"; then months, and years from two years on."""


class Ago(NamedTuple):
    """Elapsed time as people tell it: a whole number of "day", "month" or "year"."""

    unit: str
    n: int

    def text(self, words: Language) -> str:
        """In words: "today", "yesterday", "3 days ago", "6 months ago"."""
        if self.unit == "year":
            return words.count("{n} year ago", "{n} years ago", self.n)
        if self.unit == "month":
            return words.count("{n} month ago", "{n} months ago", self.n)
        if self.n < 2:
            return words.text("yesterday") if self.n else words.text("today")
        return words.count("{n} day ago", "{n} days ago", self.n)


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

    def elapsed(self, days: float) -> Ago:
        """Elapsed days before the moment, in calendar days while they are few."""
        if days >= 730:
            return Ago("year", int(days / 365.25))
        if days >= DAYS_COUNTED:
            return Ago("month", int(days / 30.44))
        return _DAYS_AGO[len(self._midnights) - bisect_right(self._midnights, self.as_of - round(days * DAY))]

    def ago(self, days: float, words: Language | None = None) -> str:
        """The same in words."""
        return self.elapsed(days).text(words or language())


_DAYS_AGO = [Ago("day", n) for n in range(DAYS_COUNTED + 3)]


@lru_cache(maxsize=64)
def _midnights(today: int, timezone: str) -> tuple[int, ...]:
    """Starts of the latest local days, ascending up to `today` (days since 1970-01-01)."""
    return tuple(day_start(day, timezone) for day in range(today - DAYS_COUNTED - 1, today + 1))


def span(window: int, words: Language | None = None) -> str:
    """A window's length in words.

    >>> span(7 * DAY), span(DAY), span(12 * HOUR), span(HOUR // 2)
    ('7 days', '24 hours', '12 hours', '30 minutes')
    """
    words = words or language()
    if window % DAY == 0 and window > DAY:
        return words.count("{n} day", "{n} days", window // DAY)
    if window % HOUR == 0:
        return words.count("{n} hour", "{n} hours", window // HOUR)
    return words.count("{n} minute", "{n} minutes", window * 60 // HOUR)


def within(window: int, words: Language) -> str:
    """A window that ends now.

    >>> within(7 * DAY, language("en")), within(7 * DAY, language("fr"))
    ('in the last 7 days', 'ces 7 derniers jours')
    """
    if window % DAY == 0 and window > DAY:
        return words.count("in the last {n} day", "in the last {n} days", window // DAY)
    if window == HOUR:
        return words.text("in the last hour")
    if window % HOUR == 0:
        return words.count("in the last {n} hour", "in the last {n} hours", window // HOUR)
    return words.count("in the last {n} minute", "in the last {n} minutes", window * 60 // HOUR)


def number(value: float) -> str:
    """A number for people, in English: no digits that mean nothing.

    >>> number(1200.0), number(340.44), number(2.5), number(0.0312), number(float("inf"))
    ('1,200', '340', '2.5', '0.031', 'inf')
    """
    return language().number(value)


def percent(probability: float) -> str:
    """A probability for people, in English, with more digits near 0 and 1.

    >>> percent(0.312), percent(0.0314), percent(0.00004), percent(0.9999)
    ('31 %', '3.1 %', 'under 0.1 %', 'over 99.9 %')
    """
    return language().percent(probability)


def plain(value: str, words: Language | None = None) -> str:
    r"""A text of the CRM on one line, without control characters, cut where it is long.

    >>> plain("Head of\n purchasing\x1b[31m")
    'Head of purchasing [31m'
    """
    shown = line(value) or (words or language()).text("(empty)")
    return shown if len(shown) <= LONGEST_VALUE else shown[: LONGEST_VALUE - 1].rstrip() + "…"


def line(text: object) -> str:
    """A text of the data on one line, without the control characters that a terminal would obey."""
    letters = (letter if letter in TIED or unicodedata.category(letter)[0] not in "CZ" else " " for letter in str(text))
    return re.sub(" +", " ", "".join(letters)).strip(" ")

"""Spans of time as people write them: `12h`, `7d`."""

from __future__ import annotations

import re

HOUR = 3_600_000_000
DAY = 24 * HOUR
"""In microseconds, as every span."""

LONGEST = 36_525 * DAY
"""A hundred years."""

UNITS = {"m": HOUR // 60, "h": HOUR, "d": DAY, "w": 7 * DAY}


def parse_span(text: str) -> int:
    """Microseconds of a span; ValueError says what was expected.

    >>> parse_span("12h"), parse_span("7d")
    (43200000000, 604800000000)
    """
    match = re.fullmatch(r"(\d+)([mhdw])", str(text))
    if match is None:
        raise ValueError(f"{text!r} is no span of time; expected a whole number and a unit, as in 12h or 7d")
    span = int(match[1]) * UNITS[match[2]]
    if span > LONGEST:
        raise ValueError(f"{text!r} is too long; expected at most a hundred years, as in 30d")
    return span


def span_text(span: int) -> str:
    """The shortest text of a span.

    >>> span_text(604800000000), span_text(43200000000)
    ('7d', '12h')
    """
    for unit in ("d", "h", "m"):
        if span % UNITS[unit] == 0:
            return f"{span // UNITS[unit]}{unit}"
    raise ValueError(f"{span} microseconds are no whole number of minutes")

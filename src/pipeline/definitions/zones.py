"""Local days and hours of instants, without a table of every instant: offsets by their transitions."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.spans import DAY

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_MONDAY = 4
"""1970-01-05 in days since 1970-01-01."""


def instant(moment: datetime) -> int:
    """UTC microseconds of a datetime with a zone, exactly."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def moment(at: int) -> datetime:
    """The datetime in UTC of an instant; OverflowError outside the years 1 to 9999."""
    return EPOCH + timedelta(microseconds=at)


def iso(at: int) -> str:
    """ISO 8601 with a zone, as in every output: `2026-06-30T00:00:00Z`.

    >>> iso(0)
    '1970-01-01T00:00:00Z'
    """
    return moment(at).isoformat().replace("+00:00", "Z")


def _offset(zone: ZoneInfo, second: int) -> int:
    delta = datetime.fromtimestamp(second, zone).utcoffset()
    return 0 if delta is None else delta // timedelta(seconds=1)


@lru_cache(maxsize=512)
def _transitions(timezone: str, year: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Starts (UTC seconds) and offsets (seconds) of the year's spans of constant offset."""
    zone = ZoneInfo(timezone)
    start = int(datetime(year, 1, 1, tzinfo=UTC).timestamp())
    stop = int(datetime(year + 1, 1, 1, tzinfo=UTC).timestamp()) if year < 9999 else start + 365 * 86_400
    starts, offsets = [start], [_offset(zone, start)]
    for day in range(start, stop, 86_400):
        low, high = day, min(day + 86_400, stop - 1)
        if _offset(zone, high) == offsets[-1]:
            continue
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if _offset(zone, middle) == offsets[-1] else (low, middle)
        starts.append(high)
        offsets.append(_offset(zone, high))
    return tuple(starts), tuple(offsets)


def local(at: NDArray[np.int64], timezone: str) -> NDArray[np.int64]:
    """Instants as microseconds on the zone's own clock since its 1970-01-01 00:00."""
    if timezone == "UTC" or len(at) == 0:
        return at
    first, last = moment(int(at.min())).year, moment(int(at.max())).year
    starts: list[int] = []
    offsets: list[int] = []
    for year in range(first, last + 1):
        year_starts, year_offsets = _transitions(timezone, year)
        starts += year_starts
        offsets += year_offsets
    where = np.searchsorted(np.array(starts, dtype=np.int64) * 1_000_000, at, side="right") - 1
    shifted: NDArray[np.int64] = at + np.array(offsets, dtype=np.int64)[where] * 1_000_000
    return shifted


def local_day(at: NDArray[np.int64], timezone: str) -> NDArray[np.int64]:
    """The calendar day in the zone, as days since 1970-01-01."""
    return local(at, timezone) // DAY


def day_start(day: int, timezone: str) -> int:
    """The first instant of a local calendar day (days since 1970-01-01)."""
    midnight = date(1970, 1, 1) + timedelta(days=day)
    # Of a midnight that the change to summer time skips, fold=0 gives the instant of the change: the day's first.
    return instant(datetime(midnight.year, midnight.month, midnight.day, tzinfo=ZoneInfo(timezone)).astimezone(UTC))


def parse_instant(text: str, timezone: str) -> int:
    """An instant from ISO 8601; without a zone it is read in `timezone`, and a date means its start.

    >>> parse_instant("2026-06-30", "Europe/Paris") == parse_instant("2026-06-29T22:00:00Z", "UTC")
    True
    """
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no instant; expected ISO 8601, as in 2026-06-30T00:00:00Z") from None
    if len(text) <= len("2026-06-30"):
        return day_start(read.toordinal() - date(1970, 1, 1).toordinal(), timezone)
    # In UTC, so that what leaves the years 1 to 9999 is an OverflowError here, and not where it is shown.
    return instant((read if read.tzinfo else read.replace(tzinfo=ZoneInfo(timezone))).astimezone(UTC))

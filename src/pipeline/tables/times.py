"""Columns of times as instants in UTC microseconds, however they are written; a day is its first or last instant."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.definitions.cells import TimeColumn
from pipeline.definitions.spans import DAY
from pipeline.definitions.yaml_lines import WorkspaceError
from pipeline.definitions.zones import day_start, instant
from pipeline.tables.columns import NEVER, Instants, nowhen
from pipeline.tables.frame import Frame, is_text, strings

_ZONED = r"[T ]\d.*(?:Z|[+-]\d{2}:?\d{2}|[+-]\d{2})$"
_YEAR_FIRST = r"^\d{4}(?:\D|\d{4})"
_DAY_ONLY = r"^\d{4}-?\d{2}-?\d{2}$"
_NO_DAY_IN_IT = r"^\d{4}(?:-\d{2})?$"
_MONTH_SECOND = r"^\d{1,2}[./-](?:1[3-9]|[2-9]\d)[./-]\d"
"""What has no month in its second place, though the day is said to come first: pandas would read it the other way."""


def instants(frame: Frame, spec: TimeColumn, timezone: str, *, starts: bool = False, clocked: bool = False) -> Instants:
    """A column of instants; NEVER where empty. A day is its first instant if `starts`, else its last.

    `clocked` says of a piece of a column that some text of the whole has a clock time: a date alone is then a midnight.
    """
    name = spec.columns[0]
    column = frame.column(name) if spec.time is None else _joined(frame, spec, timezone)
    kind = column.type
    if pa.types.is_null(kind) or not len(column):
        return np.full(len(column), NEVER)
    if pa.types.is_date(kind):
        days = column.cast(pa.date32()).cast(pa.int32()).fill_null(_NO_DAY).to_numpy(False)
        return _days(days, timezone, starts or spec.precision == "instant")
    if pa.types.is_timestamp(kind):
        if spec.precision != "day" and (kind.tz or timezone == "UTC"):
            return _stamps(column)
        stamps = pd.Series(column.cast(pa.timestamp("us", kind.tz), safe=False).to_pandas())
        read = _bounded(stamps.dt.tz_convert(UTC)) if kind.tz else _localise(stamps, timezone)
        daily = np.zeros(len(read), dtype=np.bool_)
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind):
        words = pd.Series(strings(column).to_pandas(), dtype="str")
        try:
            read, daily = _parse(words, spec, timezone, clocked)
        except ValueError as error:
            place = f"{frame.table} ({frame.file}), column {name}"
            raise WorkspaceError(f"{place}: format {' or '.join(spec.format)!r} cannot be used: {error}") from None
        wrong = np.flatnonzero(read.isna() & words.notna())
        if len(wrong):
            row = int(wrong[0])
            said = f"written as {' or '.join(spec.format)}" if spec.format else "that can be read"
            declare = "add its format to the list" if spec.format else f"declare {{column: {name}, format: ...}}"
            remedy = f"is no time {said}; {declare}, name it under `missing`, or correct it"
            raise frame.error(name, row, words.iloc[row], remedy)
    else:
        raise frame.error(name, 0, column[0].as_py(), f"is {kind}, no time; expected dates, times or ISO 8601 texts")
    found: Instants = read.dt.as_unit("us").astype("int64").to_numpy()
    if spec.precision == "day":
        daily = np.ones(len(found), dtype=np.bool_)
    elif spec.precision == "instant":
        daily = np.zeros(len(found), dtype=np.bool_)
    if daily.any():
        clock = read.dt.tz_convert(timezone).dt.tz_localize(None).dt.as_unit("us").astype("int64").to_numpy()
        held = _days(np.where((found == NEVER) | ~daily, _NO_DAY, clock // DAY), timezone, starts)
        found = np.where(daily, held, found)
    return found


def _stamps(column: pa.Array) -> Instants:
    """Timestamps whose zone is known, without a detour: what lies outside _YEARS is moved to their edges."""
    first, last = (instant(datetime(year, 1, 1, tzinfo=UTC)) for year in _YEARS)
    there = column.cast(pa.timestamp("us", column.type.tz), safe=False).cast(pa.int64())
    missing = there.is_null() if there.null_count else None
    found: Instants = np.asarray(there if missing is None else there.fill_null(0))
    low, high = (int(found.min()), int(found.max())) if len(found) else (first, last)
    if low < first or high > last:
        found = np.clip(found, first, last)
    if missing is not None:
        found = np.where(np.asarray(missing), NEVER, found)
    return found


def optional_instants(frame: Frame, spec: TimeColumn | None, timezone: str) -> Instants:
    """A column that the workspace need not name: NEVER throughout where it does not."""
    return nowhen(frame.rows) if spec is None else instants(frame, spec, timezone)


def _joined(frame: Frame, spec: TimeColumn, timezone: str) -> pa.Array:
    """A day and a clock time as one text; a row without a clock time holds a day alone."""
    day, clock = (_plain(frame.column(name), timezone) for name in spec.columns)
    return pc.if_else(pc.is_null(clock), day, pc.binary_join_element_wise(day, clock, " "))


def _plain(column: pa.Array, timezone: str) -> pa.Array:
    """Days without their midnights and clock times without fractions of seconds that say nothing, as texts."""
    if pa.types.is_timestamp(column.type):
        # An instant's day is that of the zone in which the workspace's days are.
        column = column.cast(pa.timestamp("us", timezone), safe=False) if column.type.tz else column
        column = column.cast(pa.date32(), safe=False)
    column = pc.replace_substring_regex(strings(column), r"[ T]00:00(:00(\.0+)?)?$", "")
    return pc.replace_substring_regex(column, r"(:\d\d)\.0+$", r"\1")


_NO_DAY = -(2**31)
_YEARS = (2, 9999)
"""The first instants of these years are the first and the last that are told apart: 9999-12-31 and the like stand for
never, and what is next to the calendar's end has no local time in some zone."""


def _days(days: NDArray[np.integer], timezone: str, starts: bool) -> Instants:
    first, last = (date(year, 1, 1).toordinal() - date(1970, 1, 1).toordinal() for year in _YEARS)
    unique, place = np.unique(days, return_inverse=True)
    edges = []
    for day in unique.tolist():
        held = min(max(day, first), last)
        found = day_start(held, timezone) if starts else day_start(held + 1, timezone) - 1
        edges.append(NEVER if day == _NO_DAY else found)
    instants: Instants = np.array(edges, dtype=np.int64)[place]
    return instants


def _localise(stamps: pd.Series, timezone: str) -> pd.Series:
    """Clock times of the zone as UTC: of a doubled hour the first, in a skipped hour the change's instant."""
    first = np.ones(len(stamps), dtype=np.bool_)
    return _bounded(stamps).dt.tz_localize(timezone, ambiguous=first, nonexistent="shift_forward").dt.tz_convert(UTC)


def _bounded(stamps: pd.Series) -> pd.Series:
    """Timestamps to the microsecond, what lies outside _YEARS moved to their edges."""
    edges = (pd.Timestamp(year=year, month=1, day=1, tz=stamps.dt.tz).as_unit("us") for year in _YEARS)
    return stamps.dt.as_unit("us").clip(*edges)


Daily = NDArray[np.bool_]

_CLOCK = r"%[HIMSfpXcs]"
_FIRST_CLOCK = rf"[\sT]*{_CLOCK}"
"""Where a format's clock begins; what stands before it reads a row whose clock is empty."""


def depends_on_the_whole(frame: Frame, spec: TimeColumn) -> bool:
    """Whether what a date alone means depends on the other texts of its column."""
    if spec.time is not None or spec.format or spec.precision is not None:
        return False
    return is_text(frame.chunks(spec.columns[0]).type)


def has_clock(frame: Frame, spec: TimeColumn) -> bool:
    """Whether some text of a column has a clock time."""
    words = _with_a_day(pd.Series(strings(frame.column(spec.columns[0])).to_pandas(), dtype="str"), spec)
    return bool(_clocked(words, _year_first(words, spec)).any())


def _with_a_day(words: pd.Series, spec: TimeColumn) -> pd.Series:
    """The texts without those that name no day, or have no month where one is to be."""
    words = words.mask(_matches(words, _NO_DAY_IN_IT))
    return words.mask(_matches(words, _MONTH_SECOND)) if spec.dayfirst else words


def _year_first(words: pd.Series, spec: TimeColumn) -> pd.Series:
    found: pd.Series = _matches(words, _YEAR_FIRST) | (not spec.dayfirst)
    return found


def _clocked(words: pd.Series, year_first: pd.Series) -> Daily:
    found: Daily = (words.notna() & ~_matches(words, _DAY_ONLY) & (year_first | _matches(words, ":"))).to_numpy()
    return found


def _parse(words: pd.Series, spec: TimeColumn, timezone: str, some_clock: bool) -> tuple[pd.Series, Daily]:
    """Texts as UTC timestamps (NaT where unreadable), and which of them are a date alone."""
    if spec.format:
        days = [re.split(_FIRST_CLOCK, format_)[0] for format_ in spec.format] if spec.time is not None else []
        return _formatted(words, list(dict.fromkeys([*spec.format, *days])), timezone)
    # A year or a month alone is no day, and what has a year in front is written so whatever else comes first.
    words = _with_a_day(words, spec)
    year_first = _year_first(words, spec)
    zoned = _matches(words, _ZONED)
    read = pd.Series(pd.NaT, index=words.index, dtype="datetime64[us, UTC]")
    for rows, how in ((year_first, {"format": "ISO8601"}), (~year_first, {"format": "mixed", "dayfirst": True})):
        if (rows & zoned).any():
            read[rows & zoned] = _bounded(pd.to_datetime(words[rows & zoned], errors="coerce", utc=True, **how))
        if (rows & ~zoned).any():
            read[rows & ~zoned] = _localise(pd.to_datetime(words[rows & ~zoned], errors="coerce", **how), timezone)
    clocked = _clocked(words, year_first)
    if spec.time is None and (some_clock or clocked.any()):
        # Among instants a date alone is a midnight; day and clock in two columns say row by row what is known.
        return read, np.zeros(len(words), dtype=np.bool_)
    return read, ~clocked


def _matches(words: pd.Series, pattern: str) -> pd.Series:
    return words.str.contains(pattern).fillna(False).astype(bool)


def _formatted(words: pd.Series, formats: Sequence[str], timezone: str) -> tuple[pd.Series, Daily]:
    """Texts by the first of the formats that fits; what a format without a clock reads is a day."""
    read = pd.Series(pd.NaT, index=words.index, dtype="datetime64[us, UTC]")
    daily = np.zeros(len(words), dtype=np.bool_)
    for format_ in formats:
        open_ = (read.isna() & words.notna()).to_numpy()
        if not open_.any():
            break
        zoned = "%z" in format_ or "%Z" in format_
        found = pd.to_datetime(words[open_], format=format_, errors="coerce", utc=zoned)
        found = _bounded(found) if zoned else _localise(found, timezone)
        read[open_] = found
        if not re.search(_CLOCK, format_):
            daily[open_] = found.notna().to_numpy()
    return read, daily

"""Columns of times as instants in UTC microseconds, however they are written; a day is its first or last instant."""

from __future__ import annotations

import re
from datetime import UTC, date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.definitions.sources import TimeColumn
from pipeline.definitions.spans import DAY
from pipeline.definitions.yaml_lines import WorkspaceError
from pipeline.definitions.zones import day_start
from pipeline.tables.columns import NEVER, Instants
from pipeline.tables.values import Frame, strings

_ZONED = r"[T ]\d.*(?:Z|[+-]\d{2}:?\d{2}|[+-]\d{2})$"
_DAY_ONLY = r"^\d{4}-\d{2}-\d{2}$"


def instants(frame: Frame, spec: TimeColumn, timezone: str, *, starts: bool = False) -> Instants:
    """A column of instants; NEVER where empty. A day is its first instant if `starts`, else its last."""
    column = frame.column(spec.column)
    kind = column.type
    if pa.types.is_null(kind) or not len(column):
        return np.full(len(column), NEVER)
    if pa.types.is_date(kind):
        days = column.cast(pa.date32()).cast(pa.int32()).fill_null(_NO_DAY).to_numpy(False)
        return _days(days, timezone, starts or spec.precision == "instant")
    if pa.types.is_timestamp(kind):
        stamps = pd.Series(column.cast(pa.timestamp("us", kind.tz), safe=False).to_pandas())
        read = _bounded(stamps.dt.tz_convert(UTC)) if kind.tz else _localise(stamps, timezone)
        daily = False
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind):
        words = pd.Series(strings(column).to_pandas(), dtype="str")
        try:
            read, daily = _parse(words, spec, timezone)
        except ValueError as error:
            place = f"{frame.table} ({frame.file}), column {spec.column}"
            raise WorkspaceError(f"{place}: format {spec.format!r} cannot be used: {error}") from None
        wrong = np.flatnonzero(read.isna() & words.notna())
        if len(wrong):
            row = int(wrong[0])
            remedy = f"is no time that can be read; declare {{column: {spec.column}, format: ...}} or correct it"
            raise frame.error(spec.column, row, words.iloc[row], remedy)
    else:
        raise frame.error(
            spec.column, 0, column[0].as_py(), f"is {kind}, no time; expected dates, times or ISO 8601 texts"
        )
    found: Instants = read.dt.as_unit("us").astype("int64").to_numpy()
    if spec.precision == "day" or (daily and spec.precision is None):
        clock = read.dt.tz_convert(timezone).dt.tz_localize(None).dt.as_unit("us").astype("int64").to_numpy()
        return _days(np.where(found == NEVER, _NO_DAY, clock // DAY), timezone, starts)
    return found


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


def _parse(words: pd.Series, spec: TimeColumn, timezone: str) -> tuple[pd.Series, bool]:
    """Texts as UTC timestamps (NaT where unreadable), and whether every one of them is a date alone."""
    if spec.format is not None:
        if "%z" in spec.format or "%Z" in spec.format:
            return _bounded(pd.to_datetime(words, format=spec.format, errors="coerce", utc=True)), False
        naive = pd.to_datetime(words, format=spec.format, errors="coerce")
        return _localise(naive, timezone), not re.search(r"%[HIMSfpXcs]", spec.format)
    how: dict[str, Any] = {"format": "mixed", "dayfirst": True} if spec.dayfirst else {"format": "ISO8601"}
    zoned = words.str.contains(_ZONED).fillna(False).astype(bool)
    read = pd.Series(pd.NaT, index=words.index, dtype="datetime64[us, UTC]")
    if zoned.any():
        read[zoned] = _bounded(pd.to_datetime(words[zoned], errors="coerce", utc=True, **how))
    if not zoned.all():
        read[~zoned] = _localise(pd.to_datetime(words[~zoned], errors="coerce", **how), timezone)
    present = words.dropna()
    if spec.dayfirst:
        return read, not present.str.contains(":", regex=False).any()
    return read, len(present) > 0 and bool(present.str.match(_DAY_ONLY).all())

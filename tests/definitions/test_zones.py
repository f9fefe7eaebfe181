"""Local days and hours against the standard library, instant by instant."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.definitions.spans import DAY
from pipeline.definitions.zones import day_start, instant, local, moment

ZONES = ("UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata", "America/Sao_Paulo", "Australia/Lord_Howe")


@given(
    st.lists(st.datetimes(datetime(1975, 1, 1), datetime(2045, 1, 1)), min_size=1, max_size=20), st.sampled_from(ZONES)
)
def test_the_zones_clock_is_the_standard_librarys(moments: list[datetime], zone: str) -> None:
    at = np.array([instant(each.replace(tzinfo=UTC)) for each in moments], dtype=np.int64)
    expected = [instant(each.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=UTC)) for each in moments]
    assert local(at, zone).tolist() == expected


@given(st.integers(2_000, 27_000), st.sampled_from(ZONES))
def test_a_day_starts_at_its_first_instant(day: int, zone: str) -> None:
    start = np.array([day_start(day, zone)], dtype=np.int64)
    assert local(start, zone)[0] // DAY == day
    assert local(start - 1, zone)[0] // DAY == day - 1
    assert moment(int(start[0])).tzinfo is UTC

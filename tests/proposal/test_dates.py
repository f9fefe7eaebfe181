"""How times are written, seen from a column's texts."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.proposal.dates import written

FORMATS = [
    "%d.%m.%Y %H:%M",
    "%d/%m/%Y",
    "%m/%d/%Y %I:%M %p",
    "%Y/%m/%d %H:%M:%S",
    "%d %b %Y",
    "%B %d, %Y",
    "%d-%b-%Y %H:%M",
    "%Y%m%d",
    "%d/%m/%y",
    "%m-%d-%Y",
]
DAYS = st.datetimes(datetime(2021, 1, 1), datetime(2029, 12, 31)).map(lambda moment: moment.replace(microsecond=0))


@pytest.mark.parametrize("format_", FORMATS)
@settings(max_examples=30)
@given(days=st.lists(DAYS, min_size=1, max_size=20))
def test_what_a_format_wrote_is_read_by_the_format_found(format_: str, days: list[datetime]) -> None:
    # A day above 12 tells days from months; without one nothing could.
    days = [*days, datetime(2026, 3, 25, 14, 5), datetime(2026, 5, 31, 9, 30)]
    texts = [day.strftime(format_) for day in days]
    found = written(dict.fromkeys(texts, 1))
    assert found is not None
    formats = found.spec["format"] if isinstance(found.spec["format"], list) else [found.spec["format"]]
    for text, day in zip(texts, days, strict=True):
        read = next(moment for f in formats if (moment := parsed(text, f)) is not None)
        assert read == datetime.strptime(day.strftime(format_), format_)


def parsed(text: str, format_: str) -> datetime | None:
    try:
        return datetime.strptime(text, format_)
    except ValueError:
        return None


def test_iso_needs_no_format() -> None:
    found = written({"2026-01-05T09:00:00Z": 3, "2026-01-06 10:00": 1, "2026-01-07": 1})
    assert found is not None and found.spec == {}


def test_days_and_months_that_nothing_tells_apart_are_doubted() -> None:
    found = written({"01/02/2026": 2, "03/04/2026": 1})
    assert found is not None and found.dayfirst is None
    told = written({"01/02/2026": 2, "03/04/2026": 1}, dayfirst=False)
    assert told is not None and told.spec == {"format": "%m/%d/%Y"}


def test_a_few_stand_ins_for_no_time_are_named() -> None:
    found = written({"05/01/2026": 60, "25/01/2026": 60, "00/00/0000": 2})
    assert found is not None and found.unreadable == ("00/00/0000",)


@pytest.mark.parametrize("texts", [["12.5", "13.7"], ["L-1", "L-2"], ["10.0.0.1", "10.0.0.2"], ["20241399"], ["may"]])
def test_what_only_looks_like_a_time_is_none(texts: list[str]) -> None:
    assert written(dict.fromkeys(texts, 1)) is None

"""Times however they are written: formats tried in order, days and clocks in two columns, the day first, zones."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.definitions.cells import TimeColumn
from pipeline.definitions.places import Place
from pipeline.definitions.settings import MISSING
from pipeline.definitions.workspace import WorkspaceError
from pipeline.definitions.zones import instant, iso
from pipeline.tables.columns import NEVER
from pipeline.tables.reader import Reader
from pipeline.tables.times import instants
from pipeline.tables.values import Frame


def read(values: Any, zone: str = "UTC", *, starts: bool = False, **how: Any) -> list[str | None]:
    columns = values if isinstance(values, dict) else {"c": values}
    spec = TimeColumn(**({"date": "d", "time": "t"} if "d" in columns else {"column": "c"}), **how)
    table = pa.table(
        {name: column if isinstance(column, pa.Array) else pa.array(column) for name, column in columns.items()}
    )
    found = instants(Frame.of("deals", "deals.csv", table, 1, MISSING), spec, zone, starts=starts)
    return [None if at == NEVER else iso(at) for at in found.tolist()]


END = "T23:59:59.999999Z"
BOTH = ["%d/%m/%Y %H:%M", "%d/%m/%Y"]


@pytest.mark.parametrize(
    "values", [["2026-01-05", None], ["2026-01-05", ""], ["2026-01-05", "#N/A"], ["2026-01-05", "-"]]
)
def test_days_with_a_gap_among_them_are_still_days(values: list[str | None]) -> None:
    assert read(values) == [f"2026-01-05{END}", None]
    assert read(values, starts=True) == ["2026-01-05T00:00:00Z", None]


@pytest.mark.parametrize("values", [["05/01/2026", None], ["5.1.2026", ""]])
def test_days_with_the_day_first_and_a_gap_are_still_days(values: list[str | None]) -> None:
    assert read(values, dayfirst=True) == [f"2026-01-05{END}", None]


@pytest.mark.parametrize("text", ["20260105", "2026-01-05"])
def test_a_date_without_a_clock_is_a_day_however_it_is_written(text: str) -> None:
    assert read([text, text]) == [f"2026-01-05{END}"] * 2


def test_a_date_among_instants_is_a_midnight() -> None:
    assert read(["2026-01-05", "2026-01-06 10:00"]) == ["2026-01-05T00:00:00Z", "2026-01-06T10:00:00Z"]


def test_the_first_format_that_fits_reads_a_row_and_one_without_a_clock_reads_a_day() -> None:
    values = ["05/01/2026 10:30", "06/01/2026", None, "#N/A", "07/01/2026 00:00"]
    assert read(values, format=BOTH) == ["2026-01-05T10:30:00Z", f"2026-01-06{END}", None, None, "2026-01-07T00:00:00Z"]
    assert read(values, format=BOTH, starts=True)[1] == "2026-01-06T00:00:00Z"
    assert read(values, format=BOTH[::-1]) == read(values, format=BOTH)


def test_the_order_of_formats_decides_what_two_of_them_could_read() -> None:
    assert read(["01/02/2026", "13/02/2026"], format=["%m/%d/%Y", "%d/%m/%Y"], starts=True) == [
        "2026-01-02T00:00:00Z",
        "2026-02-13T00:00:00Z",
    ]


def test_a_day_by_its_format_is_a_day_of_the_workspaces_zone() -> None:
    assert read(["29/03/2026"], "Europe/Paris", format="%d/%m/%Y") == ["2026-03-29T21:59:59.999999Z"]
    assert read(["29/03/2026"], "Europe/Paris", format="%d/%m/%Y", starts=True) == ["2026-03-28T23:00:00Z"]


def test_formats_with_and_without_a_zone_may_stand_beside_each_other() -> None:
    values = ["05/01/2026 10:30", "2026-01-05T10:30:00+0500", "2026-01-05T10:30:00Z"]
    found = read(values, "Europe/Paris", format=["%d/%m/%Y %H:%M", "%Y-%m-%dT%H:%M:%S%z"])
    assert found == ["2026-01-05T09:30:00Z", "2026-01-05T05:30:00Z", "2026-01-05T10:30:00Z"]


@pytest.mark.parametrize("how", [{"format": BOTH}, {"format": "%d/%m/%Y"}, {"dayfirst": True}])
def test_a_day_that_no_calendar_has_is_refused_with_row_and_line(how: dict[str, Any]) -> None:
    with pytest.raises(WorkspaceError, match=r"deals.csv\), column c, row 3 \(line 4\): '31/02/2026' is no time"):
        read(["28/02/2026", None, "31/02/2026"], **how)


def test_a_row_of_no_format_is_told_every_format() -> None:
    with pytest.raises(WorkspaceError, match=r"'2026-01-05' is no time written as %d/%m/%Y %H:%M or %d/%m/%Y; add its"):
        read(["05/01/2026", "2026-01-05"], format=BOTH)


def test_declared_precision_stands_above_what_the_formats_say() -> None:
    values = ["05/01/2026 10:30", "06/01/2026"]
    assert read(values, format=BOTH, precision="day") == [f"2026-01-05{END}", f"2026-01-06{END}"]
    assert read(values, format=BOTH, precision="instant")[1] == "2026-01-06T00:00:00Z"


def test_the_day_first_is_never_taken_for_the_month() -> None:
    found = read(["01/02/2026 10:00", "13/02/2026 10:00"], dayfirst=True)
    assert found == ["2026-02-01T10:00:00Z", "2026-02-13T10:00:00Z"]
    for text in ("02/13/2026", "12/31/2025", "12-31-2025 10:00", "1.13.26"):
        with pytest.raises(WorkspaceError, match=f"'{text}' is no time"):
            read(["01/02/2026", text], dayfirst=True)


def test_a_year_that_stands_first_is_the_year_where_the_day_is_said_to_stand_first() -> None:
    """Sheets hold real dates beside texts; a real one comes out as 2026-02-01."""
    assert read(["2026-02-01", "03/02/2026"], dayfirst=True) == [f"2026-02-01{END}", f"2026-02-03{END}"]


TWO = {"d": ["2026-01-05", "2026-01-06", None, "2026-01-08"], "t": ["10:30", None, "11:00", ""]}
TWO_READ = ["2026-01-05T10:30:00Z", f"2026-01-06{END}", None, f"2026-01-08{END}"]


def test_a_day_and_a_clock_in_two_columns_are_one_time_and_a_day_alone_is_a_day() -> None:
    assert read(TWO) == TWO_READ
    assert read(TWO, starts=True)[1] == "2026-01-06T00:00:00Z"
    assert read({"d": ["05/01/2026", "06/01/2026"], "t": ["9:05", None]}, dayfirst=True) == [
        "2026-01-05T09:05:00Z",
        f"2026-01-06{END}",
    ]


def test_a_day_without_a_clock_follows_the_declared_format_of_both() -> None:
    two = {"d": ["05/01/2026", "06/01/2026"], "t": ["10:30", None]}
    assert read(two, format=BOTH) == ["2026-01-05T10:30:00Z", f"2026-01-06{END}"]
    assert read(two, format="%d/%m/%Y %H:%M") == ["2026-01-05T10:30:00Z", f"2026-01-06{END}"]


@pytest.mark.parametrize("how", [{}, {"format": "%Y-%m-%d %H:%M:%S"}])
@pytest.mark.parametrize(
    "day", [[date(2026, 1, 5)], pa.array([datetime(2026, 1, 5)], pa.timestamp("us")), ["2026-01-05"]]
)
@pytest.mark.parametrize("unit", ["s", "us"])
def test_typed_days_and_clocks_are_texts_without_what_says_nothing(day: Any, unit: str, how: dict[str, Any]) -> None:
    clock = pa.array([time(10, 30)], pa.time32("s") if unit == "s" else pa.time64("us"))
    assert read({"d": day, "t": clock}, **how) == ["2026-01-05T10:30:00Z"]


def test_the_midnight_of_a_day_written_with_one_says_nothing_beside_a_clock() -> None:
    two = {"d": ["2026-01-05 00:00:00", "2026-01-06 00:00:00"], "t": ["10:30", None]}
    assert read(two) == ["2026-01-05T10:30:00Z", f"2026-01-06{END}"]


def test_cells_of_a_sheet_are_the_days_and_instants_that_they_hold(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for line in [
        ("day", "at", "mixed", "clock"),
        (date(2026, 1, 5), datetime(2026, 1, 5, 10, 30), date(2026, 1, 5), time(9, 5)),
        (None, None, None, None),
        (date(2026, 1, 6), datetime(2026, 1, 6), "06/01/2026", None),
    ]:
        book.active.append(line)
    book.save(tmp_path / "deals.xlsx")
    with Reader(tmp_path) as reader:
        frame = reader.whole("deals", Place(file="deals.xlsx"))

        def found(**how: Any) -> list[str | None]:
            return [None if at == NEVER else iso(at) for at in instants(frame, TimeColumn(**how), "UTC").tolist()]

        assert found(column="day") == [f"2026-01-05{END}", None, f"2026-01-06{END}"]
        assert found(column="at") == ["2026-01-05T10:30:00Z", None, "2026-01-06T00:00:00Z"]
        assert found(column="at", precision="day") == [f"2026-01-05{END}", None, f"2026-01-06{END}"]
        assert found(column="mixed", format=["%d/%m/%Y", "%Y-%m-%d"]) == found(column="day")
        assert found(column="mixed", dayfirst=True) == found(column="day")
        assert found(date="day", time="clock") == ["2026-01-05T09:05:00Z", None, f"2026-01-06{END}"]


@pytest.mark.parametrize(
    "text", ["2026-01-05T10:30:00+01:00", "2026-01-05 10:30+0100", "2026-01-05T09:30Z", "2026-01-05 10:30+01"]
)
def test_a_zone_in_a_text_stands_above_the_workspaces(text: str) -> None:
    assert read([text, "2026-01-05 10:30"], "America/New_York") == ["2026-01-05T09:30:00Z", "2026-01-05T15:30:00Z"]


FORMATS = st.builds(
    lambda day, between, clock: day + between + clock if clock else day,
    st.sampled_from(["%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y%m%d", "%d %b %Y", "%B %d, %Y", "%j %Y"]),
    st.sampled_from([" ", "T", ", "]),
    st.sampled_from(["", "%H:%M", "%H:%M:%S", "%I:%M:%S %p", "%H:%M:%S.%f", "%Hh%M", "%X"]),
)
MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1))
ZONES = st.sampled_from(["UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata"])


@given(st.lists(MOMENTS, min_size=1, max_size=4), FORMATS, ZONES, st.booleans())
def test_what_a_format_writes_it_reads(moments: list[datetime], form: str, zone: str, starts: bool) -> None:
    expected = []
    for moment in moments:
        written = datetime.strptime(moment.strftime(form), form)
        local = written.replace(tzinfo=ZoneInfo(zone))
        if local.astimezone(UTC).astimezone(local.tzinfo).replace(tzinfo=None) != written:
            return  # a clock time that summer time skips
        if not any(mark in form for mark in "HIX"):
            end = (written + timedelta(days=1)).replace(tzinfo=ZoneInfo(zone))
            expected.append(iso(instant(local) if starts else instant(end) - 1))
        else:
            expected.append(iso(instant(local)))
    assert read([moment.strftime(form) for moment in moments], zone, starts=starts, format=form) == expected

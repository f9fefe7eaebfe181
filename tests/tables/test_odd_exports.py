"""What real exports hold that nobody declared: stand-ins for never, zones, huge numbers, columns without a name."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from pipeline.definitions.cells import NumberColumn, TimeColumn
from pipeline.definitions.workspace import WorkspaceError
from pipeline.definitions.zones import iso
from pipeline.tables.columns import NEVER
from pipeline.tables.delimited import read_header, row_fault
from pipeline.tables.files import replace_text
from pipeline.tables.frame import Frame
from pipeline.tables.times import instants
from pipeline.tables.values import attributes, numbers, texts

ZONES = ["UTC", "America/New_York", "Pacific/Auckland"]


def frame(values: Any) -> Frame:
    array = values if isinstance(values, pa.Array) else pa.array(values)
    return Frame.of("deals", "deals.csv", pa.table({"c": array}))


def read(values: Any, timezone: str = "UTC", *, starts: bool = False, **how: Any) -> list[str | None]:
    found = instants(frame(values), TimeColumn(column="c", **how), timezone, starts=starts)
    return [None if at == NEVER else iso(at) for at in found.tolist()]


@pytest.mark.parametrize("timezone", ZONES)
@pytest.mark.parametrize("starts", [True, False])
@pytest.mark.parametrize(
    "values",
    [
        ["9999-12-31", "0001-01-01", None],
        ["9999-12-31T23:59:59", "0001-01-01T00:00:00", None],
        ["9999-12-31T23:59:59-10:00", "0001-01-01T00:00:00+14:00", None],
        [date(9999, 12, 31), date(1, 1, 1), None],
        pa.array([datetime(9999, 12, 31, 23, 59, 59), datetime(1, 1, 1), None], pa.timestamp("us")),
        pa.array([datetime(9999, 12, 31, 23, 59, 59), datetime(1, 1, 1), None], pa.timestamp("us", "UTC")),
    ],
)
def test_a_stand_in_for_never_is_read_as_far_away_in_every_zone(values: Any, timezone: str, starts: bool) -> None:
    for precision in (None, "day"):
        late, early, missing = read(values, timezone, starts=starts, precision=precision)
        assert late is not None and "9998-12-30" < late < "9999-01-03"
        assert early is not None and "0001-12-30" < early < "0002-01-03"
        assert missing is None


def test_times_with_the_day_first_may_have_zones() -> None:
    assert read(["31/12/2025 10:00+01:00", "01/02/2025 10:00", "1/2/2025 23:00Z"], dayfirst=True) == [
        "2025-12-31T09:00:00Z",
        "2025-02-01T10:00:00Z",
        "2025-02-01T23:00:00Z",
    ]


def test_a_format_that_is_none_is_named() -> None:
    with pytest.raises(WorkspaceError, match=r"deals \(deals.csv\), column c: format '%Q' cannot be used"):
        read(["1"], format="%Q")


def test_a_column_without_rows_holds_no_instant_whatever_its_type() -> None:
    assert read(pa.array([], pa.int64())) == []


def test_a_whole_number_beyond_a_floats_digits_is_read_as_the_nearest() -> None:
    column = frame([10**18 + 1, None])
    assert numbers(column, NumberColumn(column="c"))[0] == 1e18
    assert attributes(column, "c").tolist() == [1e18, None]


@pytest.mark.parametrize("values", [[1.0, 1.7e308], ["1", "1.7e308"]])
def test_a_number_whose_sum_could_be_infinite_is_refused(values: list[Any]) -> None:
    with pytest.raises(WorkspaceError, match=r"column c, row 2: '1\.7e\+?308'"):
        numbers(frame(values), NumberColumn(column="c"))
    assert np.isfinite(numbers(frame(["1e100", None]), NumberColumn(column="c"))[0])


@pytest.mark.parametrize("values", [pa.array([[1]]), pa.array([{"a": 1}]), pa.array([b"\xff"])])
def test_a_column_of_lists_or_bytes_is_refused_by_name(values: pa.Array) -> None:
    with pytest.raises(WorkspaceError, match=r"deals \(deals.csv\), column c: holds .*; export it as text"):
        texts(frame(values), "c")


def test_a_column_without_a_name_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text(",id,\n0,L1,x\n")
    assert read_header(tmp_path / "leads.csv") == (",", ["column 1", "id", "column 3"])


def test_a_row_that_cannot_be_split_is_told_by_its_id_and_never_by_a_name() -> None:
    error = "CSV Error on Line: 3\nOriginal Line: {},won,1\nExpected Number of Columns: 2 Found: 3"
    assert "begins with 'L6'" in str(row_fault(error.format("L6")))
    for private in ("Jane Doe", "Doe", "j.doe1@example.com", "0033612345678"):
        assert private not in str(row_fault(error.format(private)))


def test_a_file_that_cannot_take_its_place_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match="taken"):
        replace_text(tmp_path / "taken", "text")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]

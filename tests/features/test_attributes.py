"""Attributes at a cutoff and how their values are read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pipeline.features.attributes import attribute_at, lower_bound, number, read_values, recorded_attributes
from pipeline.tables.columns import Texts
from tests.histories import plain_values, read
from tests.oracle_rows import instant

Plain = dict[str, Any]

CASE: Plain = {
    "data_until": "2026-06-30T00:00:00Z",
    "leads": [
        {"id": "a", "created_at": "2026-01-01T00:00:00Z", "attributes": {"size": "200+", "sector": "retail"}},
        {"id": "b", "created_at": "2026-01-01T00:00:00Z", "attributes": {"size": "11-50"}},
    ],
    "changes": [{"lead": "a", "at": "2026-01-10T00:00:00Z", "attribute": "size", "value": "200+", "old": "1-10"}],
}


def at(case: Plain, name: str, day: str, recorded: dict[str, bool]) -> list[object]:
    """The attribute of both leads on a day of January 2026."""
    history, _ = read(case)
    cutoff = np.full(2, instant(f"2026-01-{day}T00:00:00Z"))
    return list(attribute_at(history, name, np.array([0, 1]), cutoff, recorded).tolist())


def test_a_change_fixes_the_value_before_it_by_the_old_one() -> None:
    assert recorded_attributes(read(CASE)[0]) == {"size": True}
    assert at(CASE, "size", "05", {"size": True}) == ["1-10", "11-50"]
    assert at(CASE, "size", "11", {"size": True}) == ["200+", "11-50"]


def test_an_attribute_without_a_history_stands_as_it_is() -> None:
    assert at(CASE, "sector", "05", {"size": True}) == ["retail", None]


def test_what_training_found_unrecorded_stays_missing_for_leads_without_a_change() -> None:
    without = CASE | {"changes": []}
    assert at(without, "size", "05", {"size": False}) == [None, None]
    assert at(without, "size", "05", {"size": True}) == ["200+", "11-50"]


@pytest.mark.parametrize(
    ("text", "bound"),
    [("11-50", 11), ("200+", 200), ("1 001 - 5 000", 1001), ("<10", 0), ("> 500", 500), ("51 to 200", 51), (12.0, 12)],
)
def test_a_band_is_its_lower_bound(text: object, bound: float) -> None:
    assert lower_bound(text) == bound


@pytest.mark.parametrize("text", [None, "", "unknown", "-", "n/a"])
def test_what_is_no_band_is_missing(text: object) -> None:
    assert np.isnan(lower_bound(text))


def test_numbers_are_read_from_texts_and_what_is_none_is_missing() -> None:
    column = read_values(np.array(["12", " -1.5e3 ", "many", None, 7.5], dtype=object), "numeric", None)
    assert plain_values(column) == [12.0, -1500.0, None, None, 7.5]
    assert np.isnan(number("1.2.3"))


def test_a_map_turns_texts_into_values_and_keeps_the_missing_missing() -> None:
    rules = (("purchasing", ("*acheteu*", "*buyer*")),)
    column = read_values(np.array(["Acheteuse", None, "Pilot"], dtype=object), None, rules)
    assert isinstance(column, Texts)
    assert column.values() == ["purchasing", None, "other"]


def test_a_category_of_whole_numbers_is_named_without_its_point() -> None:
    column = read_values(np.array([3.0, "3", None], dtype=object), "categorical", None)
    assert plain_values(column) == ["3", "3", None]

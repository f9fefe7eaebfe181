"""Job titles to functions and ranks, in French and English."""

from __future__ import annotations

import pytest

from pipeline.definitions.maps import apply_map, shipped, shipped_map


def test_the_maps_of_job_titles_ship_with_the_package() -> None:
    assert {"job_function", "job_rank"} <= set(shipped())


@pytest.mark.parametrize(
    ("title", "function"),
    [
        ("Purchasing manager", "purchasing"),
        ("Responsable des achats", "purchasing"),
        ("ACHETEUSE SENIOR", "purchasing"),
        ("Student", "student"),
        ("Étudiante en master", "student"),
    ],
)
def test_a_title_has_its_function(title: str, function: str) -> None:
    assert apply_map(shipped_map("job_function"), [title]) == [function]


def test_an_unknown_map_names_those_there_are() -> None:
    with pytest.raises(ValueError, match="job_function"):
        shipped_map("jobs")

"""The shipped maps of job titles read what people type, the demo's people included."""

from __future__ import annotations

import pytest

from pipeline.definitions.maps import apply_map, shipped_map
from pipeline.demo import words


def test_titles_mean_to_the_shipped_map_what_they_stand_under() -> None:
    for function, titles in words.TITLES.items():
        for typed in (titles, [title.upper() for title in titles], [f" {title.lower()}  " for title in titles]):
            assert set(apply_map(shipped_map("job_function"), typed)) == {function}, titles


@pytest.mark.parametrize(
    ("title", "function", "rank"),
    [
        ("Directrice des Achats", "purchasing", "director"),
        ("Stagiaire achats", "student", "student"),
        ("Head of Procurement", "purchasing", "director"),
        ("PDG", "management", "executive"),
        ("Directeur de la transformation", "other", "director"),
        ("Assistante RH", "hr", "staff"),
        ("Chief Financial Officer", "finance", "executive"),
        ("Ingénieur commercial", "sales", "staff"),
        ("Lead developer", "it", "manager"),
        ("Apicultrice", "other", "staff"),
    ],
)
def test_a_title_is_read_as_function_and_rank(title: str, function: str, rank: str) -> None:
    assert apply_map(shipped_map("job_function"), [title]) == [function]
    assert apply_map(shipped_map("job_rank"), [title]) == [rank]

"""Criteria: what is written is what is kept, and what is wrong is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.definitions.criteria import Criterion, Measure
from pipeline.definitions.spans import parse_span
from pipeline.definitions.yaml_lines import WorkspaceError, read_yaml


@pytest.mark.parametrize("column", ["call duration", "clicks 7d", "durée d'appel", "d'appel", 'a "b" c', "a\\b c", "x"])
def test_a_column_of_any_name_survives_the_way_through_text(column: str) -> None:
    for measure in (Measure("mean", column=column), Measure("largest", parse_span("7d"), column)):
        assert Measure.parse(measure.text) == measure


def test_columns_that_differ_by_a_blank_are_two_measures() -> None:
    texts = [Measure("mean", column=column).text for column in ("call time", "call_time")]
    assert len(Criterion.from_json({"name": "calls", "measures": texts}).columns) == 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"when": 3, "measures": ["count"]}, "when: 3; expected fields and values"),
        ({"attribute": {"a": "b"}}, "attribute: {'a': 'b'}; expected the name of one column"),
        ({"measures": [""]}, "'' is no measure; expected one of count"),
        ({"measures": ["count 0d"]}, "'0d' is no time at all"),
        ({"measures": ["trend 7d 0d"]}, "'0d' is no time at all"),
        ({"measures": ["count 40000d"]}, "'40000d' is too long; expected at most a hundred years"),
    ],
)
def test_a_wrong_criterion_is_told_what_was_expected(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=f"^{said.replace('{', '[{]')}"):
        Criterion.from_json({"name": "x", **wrong})


def test_numbers_where_texts_are_meant_are_texts() -> None:
    criterion = Criterion.from_json({"name": "year", "attribute": 2024, "label": {"en": 2024}})
    assert (criterion.attribute, criterion.title()) == ("2024", "2024")


def test_yaml_that_holds_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "leadlight.yaml").write_text("name: &a [*a]\n")
    with pytest.raises(WorkspaceError, match="something in it holds itself"):
        read_yaml(tmp_path / "leadlight.yaml")

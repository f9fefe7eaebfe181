"""What is usual, against plain loops."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.definitions.criteria import TIMING, Criterion
from pipeline.definitions.spans import DAY
from pipeline.features.matrix import Definition
from pipeline.learning.usual import BANDS, LEAST, STEPS, usual

CRITERIA = (
    {"name": "demos", "when": {"kind": "demo"}, "measures": ["count", "days_since_last", "mean duration"]},
    {"name": "sector", "attribute": "sector", "values": "categorical"},
    {"name": "size", "attribute": "size", "values": "bands"},
    {"name": "revenue", "attribute": "revenue", "values": "numeric"},
)
DEFINITION = Definition(
    criteria=(*(Criterion.from_json(plain) for plain in CRITERIA), *TIMING),
    vocabularies={"sector": ("retail", "food")},
    horizon=30 * DAY,
)


def rows(seed: int, leads: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Observations of leads at several ages: matrix, lead, cutoff, creation; in no order."""
    random = np.random.default_rng(seed)
    lead = np.repeat(np.arange(leads), 5)
    age = np.concatenate([np.sort(random.choice(150, 5, replace=False) + 1) for _ in range(leads)])
    created = random.integers(0, 400, leads)[lead] * DAY
    size = len(lead)
    matrix = np.column_stack(
        [
            random.poisson(1.5, size),
            np.where(random.random(size) < 0.4, np.nan, random.integers(0, 90, size)),
            random.normal(300, 50, size),
            random.choice([0.0, 1.0, 2.0, np.nan], leads)[lead],
            random.choice([1.0, 51.0, np.nan], leads)[lead],
            random.normal(1e5, 1e4, leads)[lead],
            age,
            random.integers(1, 8, leads)[lead],
            random.integers(0, 24, leads)[lead],
        ]
    ).astype(float)
    order = random.permutation(size)
    return matrix[order], lead[order], (created + age * DAY)[order], created[order]


@given(st.integers(0, 10_000), st.integers(26, 60))
@settings(max_examples=10, deadline=None)
def test_shares_are_those_that_loops_count(seed: int, leads: int) -> None:
    matrix, lead, cutoff, created = rows(seed, leads)
    found = usual(matrix, DEFINITION, lead, cutoff, created)
    for band, (low, high) in enumerate(zip((0, *BANDS), (*BANDS, 10**9), strict=True)):
        newest: dict[int, tuple[int, float, float]] = {}
        for row, one in enumerate(lead.tolist()):
            age = (cutoff[row] - created[row]) / DAY
            if low < age <= high and newest.get(one, (-1,))[0] < cutoff[row]:
                newest[one] = (cutoff[row], matrix[row, 0], matrix[row, 1])
        assert found["leads"][band] == len(newest)
        for step in STEPS:
            shares = found["columns"]["demos.count"]["at_least"].get(str(step), [0.0] * 4)
            some = sum(count >= step for _, count, _ in newest.values())
            assert shares[band] == (round(some / len(newest), 4) if len(newest) >= LEAST else shares[band])
        if len(newest) < LEAST:
            assert found["columns"]["demos.count"]["at_least"]["1"][band] is None
        else:
            since = sum(not np.isnan(days) for _, _, days in newest.values()) / len(newest)
            assert found["columns"]["demos.days_since_last"]["at_least"]["1"][band] == round(since, 4)
    first = [int(np.flatnonzero(lead == one)[np.argmin(cutoff[lead == one])]) for one in range(leads)]
    sector = found["columns"]["sector"]
    assert sector["values"] == [round(float(np.mean(matrix[first, 3] == code)), 4) for code in (0, 1)]
    assert sector["other"] == round(float(np.mean(matrix[first, 3] == 2)), 4)
    assert sector["missing"] == round(float(np.mean(np.isnan(matrix[first, 3]))), 4)
    revenue = np.sort(matrix[first, 5])
    assert found["columns"]["revenue"]["deciles"][4] == revenue[int(np.ceil(leads * 0.5)) - 1]
    assert dict(map(tuple, found["columns"]["size"]["numbers"]))[1.0] == round(float(np.mean(matrix[first, 4] == 1)), 4)


def test_the_order_of_rows_moves_nothing_and_the_answer_is_plain() -> None:
    matrix, lead, cutoff, created = rows(3, 50)
    again = np.random.default_rng(0).permutation(len(lead))
    one = json.dumps(usual(matrix, DEFINITION, lead, cutoff, created), allow_nan=False)
    assert one == json.dumps(usual(matrix[again], DEFINITION, lead[again], cutoff[again], created[again]))


def test_what_moves_with_the_lead_or_belongs_to_nobody_is_not_told() -> None:
    columns = usual(*_few(50))["columns"]
    assert "age" not in columns
    assert {"created_weekday", "created_hour"} <= set(columns)


@pytest.mark.parametrize("leads", [0, 1, LEAST - 1])
def test_of_few_leads_nothing_is_told(leads: int) -> None:
    assert usual(*_few(leads))["columns"] == {}


def _few(leads: int) -> tuple[np.ndarray, Definition, np.ndarray, np.ndarray, np.ndarray]:
    matrix, lead, cutoff, created = rows(1, 60)
    some = lead < leads
    return matrix[some], DEFINITION, lead[some], cutoff[some], created[some]

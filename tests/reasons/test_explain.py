from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipeline.reasons import explain
from tests.reasons.crm import DEFINITION

CONTRIBUTIONS = arrays(np.float64, (3, len(DEFINITION.columns)), elements=st.floats(-5, 5))
CRITERIA = DEFINITION.criteria


def summed(columns: np.ndarray) -> np.ndarray:
    return explain.add_up(columns, DEFINITION.criterion_of, len(CRITERIA))


@given(CONTRIBUTIONS)
def test_criteria_families_and_sides_are_sums_of_the_same_columns(columns: np.ndarray) -> None:
    criteria = summed(columns)
    fit, intent = explain.by_side(criteria, CRITERIA)
    families = sum(explain.by_family(criteria, CRITERIA).values())
    for total in (criteria.sum(axis=1), fit + intent, families):
        assert total == pytest.approx(columns.sum(axis=1), abs=1e-12)


@given(CONTRIBUTIONS)
def test_a_lead_has_the_same_sums_alone_in_a_crowd_and_in_any_memory_layout(columns: np.ndarray) -> None:
    crowd = summed(columns)
    assert np.array_equal(summed(columns[1:2])[0], crowd[1])
    assert np.array_equal(summed(np.asfortranarray(columns)), crowd)
    assert np.array_equal(explain.points(crowd[1:2])[0], explain.points(crowd)[1])


@given(CONTRIBUTIONS)
def test_points_are_shares_of_the_explanation(columns: np.ndarray) -> None:
    for row, points in zip(summed(columns), explain.points(summed(columns)), strict=True):
        assert points.sum() == pytest.approx(100 if row.any() else 0)
        assert (points >= 0).all()


@given(CONTRIBUTIONS)
def test_reasons_stand_by_strength_and_then_by_name(columns: np.ndarray) -> None:
    criteria, names = summed(columns), [criterion.name for criterion in CRITERIA]
    for row, order in zip(criteria, explain.strongest_first(criteria, names), strict=True):
        expected = sorted(range(len(names)), key=lambda place: (-abs(row[place]), names[place]))
        assert order.tolist() == expected


@pytest.mark.parametrize(("contribution", "sign"), [(1e-9, "+"), (-2.0, "-"), (0.0, "0"), (-0.0, "0")])
def test_a_sign_says_for_or_against(contribution: float, sign: str) -> None:
    assert explain.sign(contribution) == sign

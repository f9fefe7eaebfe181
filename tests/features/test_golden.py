"""The worked histories: the pipeline observes exactly what they say, and agrees with the oracle to the bit."""

from __future__ import annotations

from typing import Any

import pytest

from tests.histories import GOLDEN, answer, exact, like
from tests.oracle import Oracle

Plain = dict[str, Any]


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case["name"])
def test_the_worked_histories_come_out_as_written(case: Plain) -> None:
    observations, set_aside = answer(case)
    assert set_aside == case["expected"]["set_aside"]
    assert observations == like(case["expected"]["observations"])


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case["name"])
def test_the_kernel_agrees_with_the_oracle_to_the_bit_on_the_worked_histories(case: Plain) -> None:
    assert exact(answer(case)[0]) == exact(Oracle(case).observations())

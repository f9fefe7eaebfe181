"""What won deals brought in: by lead and time, known amounts alone, and only in the window that is asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.definitions.spans import DAY
from pipeline.features.amounts import FILE, Amounts
from pipeline.tables.columns import Texts


def amounts(*rows: tuple[str, int, float]) -> Amounts:
    lead, day, amount = zip(*rows, strict=True)
    return Amounts(Texts.of(lead), np.array(day, dtype=np.int64) * DAY, np.array(amount))


def asked(own: Amounts, lead: str, start: int, end: int) -> float:
    edges = np.array([start]) * DAY, np.array([end]) * DAY
    return float(own.between(Texts.of([lead]), *edges)[0])


def test_amounts_of_a_window_add_up_and_its_end_does_not_belong_to_it() -> None:
    own = amounts(("a", 3, 100.0), ("a", 5, 20.0), ("a", 9, 7.0), ("b", 4, 1.0))
    assert asked(own, "a", 3, 9) == 120.0
    assert asked(own, "a", 4, 9) == 20.0
    assert asked(own, "a", 9, 10) == 7.0
    assert asked(own, "b", 0, 10) == 1.0


def test_a_window_without_a_known_amount_is_missing_and_not_nothing() -> None:
    own = amounts(("a", 3, 100.0))
    assert np.isnan(asked(own, "a", 4, 9))
    assert np.isnan(asked(own, "nobody", 0, 9))


def test_windows_are_those_of_plain_loops() -> None:
    random = np.random.default_rng(4)
    rows = [(f"L{random.integers(9)}", int(random.integers(30)), float(random.integers(1, 99))) for _ in range(80)]
    own = amounts(*rows)
    for lead, start in [(f"L{n}", int(random.integers(30))) for n in range(10) for _ in range(5)]:
        inside = [amount for who, day, amount in rows if who == lead and start <= day < start + 7]
        found = asked(own, lead, start, start + 7)
        assert np.isnan(found) if not inside else found == pytest.approx(sum(inside))


def test_what_is_written_is_read_and_nothing_makes_no_file(tmp_path: Path) -> None:
    own = amounts(("a", 3, 100.0), ("b", 4, 1.5))
    own.write(tmp_path)
    again = Amounts.load(tmp_path)
    assert again.lead_id.values() == ["a", "b"]
    assert (again.closed_at.tolist(), again.amount.tolist()) == (own.closed_at.tolist(), own.amount.tolist())
    empty = tmp_path / "empty"
    empty.mkdir()
    Amounts.load(empty).write(empty)
    assert not (empty / FILE).exists()
    assert len(Amounts.load(empty)) == 0

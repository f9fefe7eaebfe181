"""One lead from plain values has the bits of the same lead in a history."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.definitions.criteria import Criterion
from pipeline.definitions.spans import DAY
from pipeline.features.measures import measure
from pipeline.features.one_lead import measure_one
from pipeline.tables.columns import FLOWS, NEVER, Deals, History, Interactions, Leads, Texts, no_changes

CUTOFF = 100 * DAY
CRITERIA = tuple(
    Criterion.from_json({"family": "behaviour", **plain})
    for plain in (
        {"name": "all", "measures": ["count 7d", "count", "active_days 30d", "trend 7d 28d", "unanswered"]},
        {"name": "calls", "when": {"kind": ["call"]}, "measures": ["total size", "mean size 30d", "share 30d"]},
        {"name": "pages", "when": {"page": ["/a*"]}, "measures": ["days_since_first 30d", "days_since_last", "count"]},
        {"name": "seen", "measures": ["latest page", "distinct page 30d", "largest size", "latest size"]},
    )
)

facts = st.lists(
    st.tuples(
        st.sampled_from([1, DAY, 71 * DAY, 93 * DAY, 99 * DAY, CUTOFF - 1, CUTOFF, CUTOFF + DAY]),
        st.sampled_from(["call", "visit", "mail"]),
        st.sampled_from([None, "inbound", "outbound"]),
        st.sampled_from([None, 0.1, 0.2, 3.0]),
        st.sampled_from([None, "/a", "/ab", "/b"]),
        st.sampled_from([None, CUTOFF - 1, CUTOFF, CUTOFF + 1]),
    ),
    max_size=12,
)


def in_a_history(rows: list[Any]) -> dict[str, Any]:
    size, none = len(rows), np.empty(0, dtype=np.int64)
    table = Interactions(
        entity="lead",
        entity_id=Texts.of(["L"] * size),
        at=np.array([row[0] for row in rows], dtype=np.int64),
        kind=Texts.of([row[1] for row in rows]),
        id=Texts.of([f"{place:02}" for place in range(size)]),
        known_at=np.array([NEVER if row[5] is None else row[5] for row in rows], dtype=np.int64),
        flow=np.array([FLOWS[row[2]] for row in rows], dtype=np.int8),
        numbers={"size": np.array([row[3] for row in rows], dtype=np.float64)},
        texts={"page": Texts.of([row[4] for row in rows])},
    )
    leads = Leads(Texts.of(["L"]), np.zeros(1, dtype=np.int64))
    deals = Deals(Texts.missing(0), Texts.missing(0), np.empty(0, np.int8), none, none, none, none, np.empty(0))
    history = History(leads, (table,), deals, no_changes(), CUTOFF + 2 * DAY)
    return measure(history, np.zeros(1, dtype=np.int64), np.array([CUTOFF]), CRITERIA, {})


def bits(column: Any) -> Any:
    return column.values() if isinstance(column, Texts) else column.tobytes()


@given(facts, st.booleans())
def test_plain_values_are_measured_as_a_history(rows: list[Any], late: bool) -> None:
    rows = [(*row[:5], row[5] if late else None) for row in rows]
    columns = [[row[place] for row in rows] for place in range(6)]
    found = measure_one(
        CRITERIA,
        CUTOFF,
        *columns[:3],
        numbers={"size": columns[3]},
        texts={"page": columns[4]},
        id=[f"{place:02}" for place in range(len(rows))],
        known_at=columns[5] if late else None,
    )
    expected = in_a_history(rows)
    assert {name: bits(column) for name, column in found.items()} == {
        name: bits(column) for name, column in expected.items()
    }


def test_nothing_is_measured_of_nothing() -> None:
    found = measure_one(CRITERIA, CUTOFF, [], [])
    assert found["all.count"].tolist() == [0.0]
    assert np.isnan(found["pages.days_since_last"]).all()

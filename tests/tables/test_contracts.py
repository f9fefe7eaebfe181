"""The account of rows: every row in is used or set aside under a named reason, whatever dirt it holds."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.tables.columns import NEVER, Deals, Interactions, Leads, Texts, no_changes
from pipeline.tables.contracts import LEAD_REASONS, sift

IDS = st.sampled_from([None, "a", "b", "c", "d"])
TIMES = st.sampled_from([NEVER, 0, 5, 10, 20, 99])


@st.composite
def dirt(draw: st.DrawFn) -> tuple[Leads, Interactions, Deals]:
    def column(of: st.SearchStrategy[object], size: int) -> list[object]:
        return draw(st.lists(of, min_size=size, max_size=size))

    def instants(size: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.array(column(TIMES, size), dtype=np.int64)

    def texts(size: int) -> Texts:
        return Texts.of(draw(st.lists(IDS, min_size=size, max_size=size)))

    n, m, k = (draw(st.integers(0, 6)) for _ in range(3))
    facts = Interactions(
        draw(st.sampled_from(["lead", "contact"])),
        texts(m),
        instants(m),
        texts(m),
        texts(m),
        instants(m),
        np.zeros(m, dtype=np.int8),
        {"n": np.array(column(st.sampled_from([1.0, np.nan]), m), dtype=np.float64)},
    )
    outcome = np.array(column(st.sampled_from([0, 1, 2]), k), dtype=np.int8)
    never = np.full(k, NEVER)
    deals = Deals(texts(k), texts(k), outcome, instants(k), instants(k), never, never, np.full(k, np.nan))
    return Leads(texts(n), instants(n), entities={"contact": texts(n)}), facts, deals


@given(dirt(), st.booleans())
def test_rows_in_are_rows_used_and_rows_set_aside(dirty: tuple[Leads, Interactions, Deals], drop: bool) -> None:
    leads, facts, deals = dirty
    history, account = sift(leads, [facts], deals, no_changes(), 20, drop_repeats=[drop])
    for name, rows in (("leads", len(leads)), ("interactions", len(facts)), ("deals", len(deals))):
        table = account.tables[name]
        assert table.rows == rows
        assert table.used + sum(table.set_aside.values()) == rows
        assert all(count > 0 for count in table.set_aside.values())
    assert account.tables["leads"].used == len(history.leads)
    assert account.tables["interactions"].used == len(history.interactions[0])
    assert set(account.tables["leads"].set_aside) <= set(LEAD_REASONS)
    assert set(account.leads.values()) <= set(LEAD_REASONS)


def test_exact_repeats_without_an_id_are_kept_unless_dropped() -> None:
    leads = Leads(Texts.of(["a"]), np.array([0]))
    facts = Interactions(
        "lead",
        Texts.of(["a"] * 3),
        np.array([1, 1, 1]),
        Texts.of(["v"] * 3),
        Texts.missing(3),
        np.full(3, NEVER),
        np.zeros(3, dtype=np.int8),
        {"n": np.array([np.nan, np.nan, 1.0])},
    )
    empty = np.empty(0, dtype=np.int64)
    deals = Deals(Texts.missing(0), Texts.missing(0), np.empty(0, np.int8), empty, empty, empty, empty, np.empty(0))
    kept, _ = sift(leads, [facts], deals, no_changes(), 9)
    dropped, account = sift(leads, [facts], deals, no_changes(), 9, drop_repeats=[True])
    assert len(kept.interactions[0]) == 3
    assert len(dropped.interactions[0]) == 2
    assert account.tables["interactions"].set_aside == {"exact repeat": 1}

"""The ledger and the kernel beyond single measures: what is excluded, empty, or laid out in parts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pipeline.definitions.criteria import TIMING, Criterion, Measure
from pipeline.definitions.settings import Observe
from pipeline.features import kernel
from pipeline.features.ledger import build_ledger
from pipeline.features.measures import measure
from pipeline.features.observations import observe
from pipeline.tables.columns import Texts
from tests.histories import GOLDEN, answer, exact, read
from tests.oracle_rows import DAY, instant

Plain = dict[str, Any]

CASE: Plain = {
    "data_until": "2026-06-30T00:00:00Z",
    "horizon": "30d",
    "leads": [
        {"id": "b", "created_at": "2026-01-01T00:00:00Z", "entities": {"contact": "k"}},
        {"id": "a", "created_at": "2026-01-02T00:00:00Z", "entities": {"contact": None}},
    ],
    "interactions": [
        {"entity_id": "b", "at": "2026-01-05T00:00:00Z", "kind": "call", "numbers": {"minutes": 3.0}},
        {"entity_id": "b", "at": "2026-01-03T00:00:00Z", "kind": "contract_sent", "texts": {"page": "/x"}},
        {"entity_id": "a", "at": "2026-01-04T00:00:00Z", "kind": "call"},
    ],
    "deals": [{"lead": "b", "outcome": "won", "closed_at": "2026-03-20T00:00:00Z"}],
}


def test_facts_stand_by_entity_and_then_in_order() -> None:
    history, _ = read(CASE)
    ledger = build_ledger(history, "lead")
    assert ledger.offsets.tolist() == [0, 1, 3]
    assert ledger.of_lead.tolist() == [1, 0]
    assert ledger.kind.values() == ["call", "contract_sent", "call"]


def test_what_is_excluded_is_in_no_ledger() -> None:
    history, _ = read(CASE)
    ledger = build_ledger(history, "lead", ["contract_*"], ["minutes"])
    assert ledger.kind.values() == ["call", "call"]
    assert (set(ledger.numbers), set(ledger.texts)) == (set(), {"page"})


def test_an_excluded_kind_makes_no_observation() -> None:
    history, _ = read(CASE)
    after = Observe.model_validate({"after": "interaction"})
    assert len(observe(history, after, 30 * DAY)) == 3
    assert len(observe(history, after, 30 * DAY, ["contract_sent"])) == 2


def test_a_ledger_of_entities_that_nobody_has_is_empty() -> None:
    history, _ = read(CASE)
    ledger = build_ledger(history, "account")
    assert (len(ledger), ledger.of_lead.tolist()) == (0, [-1, -1])


def test_without_a_horizon_any_later_win_counts_and_a_lead_without_an_outcome_is_unknown() -> None:
    history, _ = read(CASE)
    found = observe(history, Observe.model_validate({"ages": ["1d", "170d"]}), None)
    assert sorted(zip(found.lead.tolist(), found.label.tolist(), strict=True)) == [(0, 1), (1, -1), (1, -1)]
    assert found.mature.tolist() == (found.label >= 0).tolist()


def test_no_leads_and_no_observations_give_empty_columns() -> None:
    nobody, _ = read(CASE | {"leads": []})
    none = np.empty(0, dtype=np.int64)
    texts = Criterion("page", "behaviour", measures=(Measure.parse("latest page"),))
    calls = Criterion("calls", "behaviour", measures=(Measure.parse("count 7d"), Measure.parse("share")))
    size = Criterion("size", "demographics", attribute="size", values="categorical")
    for history in (nobody, read(CASE)[0]):
        columns = measure(history, none, none, [texts, calls, size, *TIMING], {})
        assert {len(column) for column in columns.values()} == {0}
    assert len(observe(nobody, Observe.model_validate({"every": "7d", "until": "30d"}), 30 * DAY)) == 0


def test_a_text_that_no_fact_has_is_missing_and_the_column_stays_one_of_texts() -> None:
    history, _ = read(CASE)
    cutoff = np.array([instant("2026-02-01T00:00:00Z")] * 2)
    criterion = Criterion("page", "behaviour", measures=(Measure.parse("latest page"),))
    column = measure(history, np.array([0, 1]), cutoff, [criterion], {})["page.latest_page"]
    assert isinstance(column, Texts)
    assert column.values() == ["/x", None]


@pytest.mark.parametrize("facts", [1, 3])
def test_shared_by_threads_every_bit_is_the_same(monkeypatch: pytest.MonkeyPatch, facts: int) -> None:
    whole = [exact(answer(case)) for case in GOLDEN]
    monkeypatch.setattr(kernel, "FACTS_A_THREAD", facts)
    monkeypatch.setattr("os.cpu_count", lambda: 5)
    assert [exact(answer(case)) for case in GOLDEN] == whole

"""Rules that the worked histories leave open, each settled once: pipeline and oracle give the answer written here."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from tests.histories import answer, exact, iso
from tests.oracle import Oracle
from tests.oracle_rows import DAY, instant

Plain = dict[str, Any]

START = instant("2026-01-01T00:00:00Z")


def day(number: float) -> str:
    """That many days after the leads were created."""
    return iso(START + int(number * DAY))


def case(names: str = "a", **given: Any) -> Plain:
    """Leads of one contact, created together and looked at after ten days."""
    rows = [{"id": name, "created_at": day(0), "entities": {"contact": "k"}} for name in names]
    plain = {"data_until": day(100), "horizon": "30d", "observe": {"ages": ["10d"]}, "leads": rows}
    return {"interactions": [], "deals": [], "changes": [], "measures": [], **plain, **given}


def answered(plain: Plain) -> list[Plain]:
    """The observations on which pipeline and oracle agree."""
    observations, set_aside = answer(plain)
    oracle = Oracle(plain)
    assert exact(observations) == exact(oracle.observations())
    assert set_aside == oracle.set_aside
    return observations


def counts(plain: Plain) -> dict[str, int]:
    """The first measure of every observed lead."""
    name = plain["measures"][0]["name"]
    return {one["lead"]: int(one["measures"][name]) for one in answered(plain)}


EARLIER_DEALS = [{"name": "deals", "word": "count", "of": "contact", "when": {"kind": "deal_*"}}]


def test_the_deals_of_a_lead_that_shares_a_deal_are_never_facts_nor_is_that_lead_s_deal_on_a_third() -> None:
    deals = [
        {"lead": "a", "deal_id": "1", "outcome": "open"},
        {"lead": "b", "deal_id": "1", "outcome": "open"},
        {"lead": "b", "deal_id": "2", "outcome": "lost", "closed_at": day(3), "reopened_at": day(4)},
        {"lead": "c", "deal_id": "2", "outcome": "lost", "closed_at": day(3), "reopened_at": day(4)},
    ]
    assert counts(case("abcd", deals=deals, measures=EARLIER_DEALS)) == {"a": 0, "b": 0, "c": 0, "d": 1}


def test_a_deal_on_two_leads_is_a_fact_from_when_it_first_counts() -> None:
    deals = [
        {"lead": "b", "deal_id": "1", "outcome": "won", "closed_at": day(3), "known_at": day(9)},
        {"lead": "c", "deal_id": "1", "outcome": "won", "closed_at": day(4)},
    ]
    measures = [*EARLIER_DEALS, {"name": "last", "word": "days_since_last", "of": "contact"}]
    (only,) = answered(case("abc", deals=deals, measures=measures))
    assert (only["lead"], only["measures"]) == ("a", {"deals": 1.0, "last": 6.0})


def test_deals_without_an_id_are_each_a_fact() -> None:
    deals = [{"lead": "b", "outcome": "lost", "closed_at": day(3)}] * 2
    assert counts(case("ab", deals=deals, measures=EARLIER_DEALS)) == {"a": 2}


@pytest.mark.parametrize(
    ("deals", "is_open"),
    [
        ([{"outcome": "lost", "closed_at": day(3)}, {"opened_at": day(3)}], True),
        ([{"outcome": "won", "closed_at": day(3)}, {"opened_at": day(3)}], False),
        ([{"outcome": "lost", "closed_at": day(3), "opened_at": day(3)}], False),
        ([{"outcome": "lost", "closed_at": day(3), "reopened_at": day(3)}], True),
        ([{"outcome": "won", "closed_at": day(3)}, {"outcome": "lost", "closed_at": day(3)}], False),
    ],
    ids=["lost beside one opened", "won beside one opened", "opened and lost", "lost and reopened", "won and lost"],
)
def test_at_one_instant_an_opening_comes_before_losses_wins_and_reopenings(deals: list[Plain], is_open: bool) -> None:
    rows = [{"lead": "a", "deal_id": str(number), **deal} for number, deal in enumerate(deals)]
    assert bool(answered(case(deals=rows))) == is_open


def test_of_several_deals_opened_before_a_loss_any_that_has_not_closed_keeps_the_lead_open() -> None:
    deals = [
        {"lead": "a", "deal_id": "1", "opened_at": day(1), "outcome": "lost", "closed_at": day(50)},
        {"lead": "a", "deal_id": "2", "opened_at": day(2), "outcome": "lost", "closed_at": day(5)},
        {"lead": "a", "deal_id": "3", "outcome": "lost", "closed_at": day(6)},
    ]
    assert len(answered(case(deals=deals))) == 1
    assert answered(case(deals=deals[1:])) == []


def test_a_deal_that_closed_and_was_reopened_before_a_loss_does_not_keep_the_lead_open() -> None:
    deals = [
        {
            "lead": "a",
            "deal_id": "1",
            "opened_at": day(1),
            "outcome": "lost",
            "closed_at": day(2),
            "reopened_at": day(3),
        },
        {"lead": "a", "deal_id": "2", "outcome": "lost", "closed_at": day(6)},
    ]
    assert answered(case(deals=deals)) == []


@pytest.mark.parametrize(
    ("midnight", "created"),
    [("2026-03-28T22:00:00Z", "2026-03-28T12:00:00Z"), ("2025-10-25T22:00:00Z", "2025-10-25T12:00:00Z")],
    ids=["a midnight that summer time skips", "a midnight after an hour that comes twice"],
)
def test_a_snapshot_is_taken_at_the_first_instant_of_the_local_day(midnight: str, created: str) -> None:
    leads = [{"id": "a", "created_at": created}]
    (only,) = answered(
        case(
            leads=leads,
            data_until="2027-01-01T00:00:00Z",
            timezone="Asia/Beirut",
            observe={"every": "1d", "until": "1d"},
        )
    )
    assert only["cutoff"] == instant(midnight)


def test_two_interactions_at_one_instant_make_one_observation() -> None:
    rows = [{"entity_id": "a", "at": day(2), "kind": kind} for kind in ("visit", "call")]
    measures = [{"name": "n", "word": "count"}]
    (only,) = answered(case(interactions=rows, measures=measures, observe={"after": "interaction"}))
    assert (only["cutoff"], only["measures"]) == (instant(day(2)) + 1, {"n": 2.0})


def test_changes_of_one_instant_are_ordered_by_what_they_say() -> None:
    rows = [
        {"lead": "a", "at": day(3), "attribute": "size", "value": "200+", "old": "11-50"},
        {"lead": "a", "at": day(3), "attribute": "size", "value": "200+", "old": None},
        {"lead": "a", "at": day(3), "attribute": "size", "value": None, "old": "1-10"},
        {"lead": "a", "at": day(12), "attribute": "size", "value": "gone"},
    ]
    measures = [{"name": "size", "word": "attribute", "column": "size"}]
    for changes in permutations(rows):
        told = answered(case(changes=list(changes), measures=measures, observe={"ages": ["1d", "5d"]}))
        assert [one["measures"]["size"] for one in told] == ["1-10", "200+"]


def test_the_same_id_in_two_tables_or_of_two_entities_is_two_facts() -> None:
    rows = [{"entity_id": "a", "at": day(2), "kind": "visit", "id": "1", "table": table} for table in (0, 1)]
    rows.append({"entity": "contact", "entity_id": "k", "at": day(2), "kind": "visit", "id": "1"})
    measures = [{"name": "own", "word": "count"}, {"name": "contact", "word": "count", "of": "contact"}]
    (only,) = answered(case(interactions=rows, measures=measures))
    assert only["measures"] == {"own": 2.0, "contact": 1.0}


def test_a_lead_s_reason_is_the_first_in_the_list() -> None:
    leads = [
        {"id": "a", "created_at": None},
        {"id": "a", "created_at": day(0)},
        {"id": "b", "created_at": None},
        {"id": "c", "created_at": day(200)},
        {"id": "d", "created_at": day(5)},
        {"id": "e", "created_at": day(5)},
        {"id": "f", "created_at": day(0)},
    ]
    deals = [
        {"lead": "c", "deal_id": "1", "outcome": "won"},
        {"lead": "d", "deal_id": "1", "outcome": "won"},
        {"lead": "d", "deal_id": "1", "outcome": "lost", "closed_at": day(1)},
        {"lead": "e", "deal_id": "1", "outcome": "lost", "closed_at": day(1)},
        {"lead": "f", "deal_id": "1", "outcome": "lost", "closed_at": day(7)},
    ]
    plain = case(leads=leads, deals=deals)
    assert answered(plain) == []
    assert Oracle(plain).set_aside == {
        "a": "repeated id",
        "b": "no creation time",
        "c": "after data_until",
        "d": "outcome without a date",
        "e": "closed before created",
        "f": "two outcomes",
    }

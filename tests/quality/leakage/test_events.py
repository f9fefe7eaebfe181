"""Kinds and changes by how they stand to the end: announcing it, dated back, after it."""

from __future__ import annotations

import numpy as np

from pipeline.definitions.spans import DAY
from pipeline.quality.leakage.find import find_leaks
from pipeline.tables.columns import NEVER, Changes, Texts
from tests.quality.leakage.company import Company, company, history, leaks, outcome, suspects, workspace


def everyday(of: Company) -> Company:
    """Facts that fall anywhere into a lead's life."""
    span = np.minimum(of.lasts, 200)
    lead = np.repeat(np.arange(len(of.created)), of.random.poisson(0.1 * span))
    of.add(lead, span[lead] * of.random.random(len(lead)), "visit")
    return of


def test_a_kind_shortly_before_the_wins_announces_them() -> None:
    of = everyday(company())
    rows = np.flatnonzero(of.won & (of.random.random(len(of.created)) < 0.7))
    of.add(rows, of.lasts[rows] - 2 * of.random.random(len(rows)), "contract")
    assert suspects(leaks(of)) == {"contract": "announces"}


def test_a_kind_after_the_losses_announces_them() -> None:
    of = everyday(company())
    rows = np.flatnonzero(of.lost)
    of.add(rows, of.lasts[rows] + of.random.random(len(rows)), "farewell")
    found = leaks(of)
    assert suspects(found) == {"farewell": "announces"}
    assert "are lost within" in next(each.evidence for each in found.findings if each.column == "farewell")


def test_the_last_step_before_the_outcome_announces_it() -> None:
    # Several such facts over many days, the last one with the end; a tenth of the leads with it are lost.
    of = everyday(company())
    rows = np.flatnonzero(of.won | (of.lost & (of.random.random(len(of.created)) < 0.1)))
    of.add(rows, of.lasts[rows] * (0.5 + 0.4 * of.random.random(len(rows))), "validation")
    of.add(rows, of.lasts[rows] - 0.01, "validation")
    assert suspects(leaks(of)) == {"validation": "announces"}


def test_an_honest_request_days_before_many_wins_does_not() -> None:
    of = everyday(company())
    asks = of.random.random(len(of.created)) < np.where(of.wins, 0.9, 0.1)
    rows = np.flatnonzero(asks & (of.lasts < 1e5))
    before = of.random.exponential(6, len(rows))
    of.add(rows, np.maximum(of.lasts[rows] - before, 0.5 * of.lasts[rows]), "quote_request")
    assert suspects(leaks(of)) == {}


def test_where_all_ends_within_days_a_kind_that_winners_like_announces_nothing() -> None:
    of = company()
    of.created, of.lasts = of.created * 0.9, np.minimum(of.lasts * 0.05, 20)
    asks = of.random.random(len(of.created)) < np.where(of.wins, 0.8, 0.05)
    rows = np.flatnonzero(asks)
    of.add(rows, of.lasts[rows] * of.random.random(len(rows)), "demo_request")
    found = leaks(of)
    assert suspects(found) == {}
    assert outcome(found, "announces")[0] == "nothing"


def test_what_happens_every_day_is_near_every_end_and_announces_none() -> None:
    of = company()
    of.wins[:] = of.random.random(len(of.wins)) < 0.9
    span = np.minimum(of.lasts, 150)
    lead = np.repeat(np.arange(len(of.created)), np.ceil(span).astype(np.int64))
    of.add(lead, span[lead] * of.random.random(len(lead)), "visit")
    assert suspects(leaks(of)) == {}


def test_what_happens_every_hour_is_no_last_step() -> None:
    of = company(500)
    of.created, of.lasts = of.created * 0.9, np.minimum(of.lasts, 5)
    of.wins[:] = of.random.random(len(of.wins)) < 0.9
    lead = np.repeat(np.flatnonzero(of.wins), 200)
    of.add(lead, of.lasts[lead] * of.random.random(len(lead)), "ping")
    assert outcome(leaks(of), "announces")[0] == "nothing"


def test_what_is_logged_at_every_end_says_nothing_of_which() -> None:
    of = everyday(company())
    rows = np.flatnonzero(of.ended)
    of.add(rows, of.lasts[rows], "closing_note")
    assert suspects(leaks(of)) == {}


def test_a_kind_that_is_dated_back_is_suspected() -> None:
    of = everyday(company())
    rows = np.flatnonzero(of.chance(0.8, 0.03, 0.03))
    of.add(rows, 0.05 * np.minimum(of.lasts, 200)[rows], "qualification")
    assert suspects(leaks(of)) == {"qualification": "filled-later"}


def test_a_number_that_is_written_on_all_facts_of_the_won_is_suspected() -> None:
    of = everyday(company())
    lead = of.facts[0][0]
    of.numbers = np.where(of.chance(0.9, 0.05, 0.05)[lead], of.random.random(len(lead)), np.nan)
    assert suspects(leaks(of)) == {"value": "filled-later"}


def test_a_number_that_says_how_long_it_lasted_is_not() -> None:
    of = everyday(company())
    lead = of.facts[0][0]
    of.numbers = np.exp(0.5 * of.interest[lead] + of.random.normal(size=len(lead)))
    assert suspects(leaks(of)) == {}


def changes(of: Company, age: np.ndarray, rows: np.ndarray) -> Changes:
    size = len(rows)
    at = ((of.created[rows] + age) * DAY).astype(np.int64)
    values = np.full(size, "new", dtype=object)
    lead = Texts.of([f"L{row:05d}" for row in rows])
    old = np.full(size, "old", dtype=object)
    return Changes(lead, at, np.full(size, NEVER), Texts.of(["phase"] * size), values, old, np.ones(size, np.bool_))


def test_recorded_changes_with_the_outcome_are_told_and_before_it_suspected() -> None:
    of = everyday(company())
    of.attributes["phase"] = np.where(of.won, "new", "old").astype(object)
    rows = np.flatnonzero(of.won)
    late = find_leaks(workspace(), history(of, changes=changes(of, of.lasts[rows] + 0.01, rows)))
    (told,) = (each for each in late.findings if each.code == "changes-after-outcome")
    assert (told.severity, told.column, late.suspects) == ("note", "phase", ())
    early = find_leaks(workspace(), history(of, changes=changes(of, of.lasts[rows] - 0.3, rows)))
    assert suspects(early) == {"phase": "changes-after-outcome"}


def test_facts_after_the_end_are_counted_by_kind() -> None:
    of = everyday(company())
    rows = np.flatnonzero(of.ended)
    of.add(rows, of.lasts[rows] + 20 * of.random.random(len(rows)) + 5, "newsletter")
    of.add(rows, of.lasts[rows] * of.random.random(len(rows)), "newsletter")
    (told,) = (each for each in leaks(of).findings if each.code == "after-outcome")
    assert told.severity == "note"
    assert "newsletter (" in told.evidence


def test_without_facts_the_answer_is_why() -> None:
    found = leaks(company())
    assert outcome(found, "announces") == ("not applicable", "there are no interactions")
    assert outcome(found, "changes-after-outcome") == ("not applicable", "no changes of attributes are recorded")
    elsewhere = find_leaks(workspace(), history(everyday(company())), without_facts="they are with the workers")
    assert outcome(elsewhere, "announces") == ("not applicable", "they are with the workers")

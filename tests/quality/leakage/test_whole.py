"""The export as a whole: clocks and ids, cohorts, people twice, effort that an older score directs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from pipeline.quality.leakage.find import Leaks, find_leaks
from pipeline.tables.columns import OUTBOUND, Texts
from pipeline.tables.findings import Finding
from tests.quality.leakage.company import Company, company, history, leaks, outcome, suspects, texts, workspace


def told(found: Leaks, code: str) -> list[Finding]:
    return [each for each in found.findings if each.code == code]


def a_rate_of_the_day(of: Company) -> np.ndarray:
    return np.round(3 + np.sin(of.created // 10 / 9), 3).astype(object)


def a_row_number(of: Company) -> np.ndarray:
    return (1e6 + np.arange(len(of.created))).astype(object)


def a_date(of: Company) -> np.ndarray:
    return texts(
        [f"2026-{int(day // 28) % 12 + 1:02d}-{int(day) % 28 + 1:02d}" for day in of.random.permuted(of.created)]
    )


def an_id(of: Company) -> np.ndarray:
    return texts([f"{number:x}" for number in of.random.permutation(10**6)[: len(of.created)]])


def a_period(of: Company) -> np.ndarray:
    return texts([f"campaign {int(day // 50)}" for day in of.created])


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (a_rate_of_the_day, "a clock"),
        (a_row_number, "the order of rows"),
        (a_date, "a date"),
        (an_id, "an id"),
        (a_period, "a clock"),
    ],
)
def test_what_tells_the_time_is_named_and_kept(make: Callable[[Company], np.ndarray], what: str) -> None:
    of = company()
    of.attributes["x"] = make(of)
    found = leaks(of)
    (note,) = told(found, "in-disguise")
    assert (note.severity, note.column, note.suspect) == ("note", "x", False)
    assert note.evidence.startswith(f"It is {what}")


def test_months_and_numbers_of_leads_are_no_clocks() -> None:
    of = company()
    of.attributes["month"] = texts([f"m{int(day // 15) % 12}" for day in of.created])
    of.attributes["employees"] = np.round(of.random.lognormal(3, 1, len(of.created))).astype(object)
    of.attributes["drifting"] = np.round(of.created / 300 + of.random.normal(size=len(of.created)), 2).astype(object)
    assert told(leaks(of), "in-disguise") == []


def test_a_cut_of_the_export_is_seen_in_its_cohorts() -> None:
    of = company(4_000)
    assert told(leaks(of), "cohort") == []
    # Of leads of the first half only those are exported that were won, and a few others.
    keep = (of.created > 300) | of.wins | (of.random.random(len(of.created)) < 0.2)
    cut = Company(of.created[keep], of.lasts[keep], of.wins[keep], of.interest[keep], of.random)
    (warning,) = told(leaks(cut), "cohort")
    assert (warning.severity, warning.suspect) == ("warning", False)
    assert "%" in warning.evidence


def test_a_company_that_wins_more_and_more_has_no_jump() -> None:
    of = company(4_000)
    of.wins |= of.random.random(len(of.wins)) < 0.3 * of.created / 600
    assert told(leaks(of), "cohort") == []


def twice(of: Company, column: str, *, names: bool, contacts: list[str | None]) -> Leaks:
    """Every tenth lead has the address or phone of the lead before it."""
    size = len(of.created)
    own = np.arange(size)
    own[9::10] = own[8::10][: len(own[9::10])]
    shuffled = of.random.permutation(size)[own]
    if column == "mail":
        values = texts([f"{number}@example.org" for number in shuffled])
        values[9::10] = [value.upper() for value in values[9::10]]
    else:
        values = texts([f"+33 1 {number:08d}" for number in shuffled])
    display = {column: values}
    if names:
        display["name"] = texts([f"Person {number}" for number in shuffled])
    return find_leaks(workspace(), history(of, display=display, entities={"contact": Texts.of(contacts)}))


def test_one_address_under_two_contacts_is_one_person_twice() -> None:
    of = company()
    found = twice(of, "mail", names=False, contacts=[f"C{row}" for row in range(len(of.created))])
    (finding,) = told(found, "twins")
    assert finding.evidence.startswith("500 leads share mail")
    assert "example.org" not in finding.evidence + finding.remedy
    # Two leads of one contact are known to be one person.
    own = np.arange(len(of.created))
    own[9::10] = own[8::10]
    assert told(twice(company(), "mail", names=False, contacts=[f"C{row}" for row in own]), "twins") == []


def test_a_phone_alone_may_be_a_switchboard() -> None:
    contacts: list[str | None] = [f"C{row}" for row in range(2_500)]
    alone = twice(company(), "phone", names=False, contacts=contacts)
    assert told(alone, "twins") == []
    assert outcome(alone, "twins")[0] == "not applicable"
    assert len(told(twice(company(), "phone", names=True, contacts=contacts), "twins")) == 1


def test_twins_across_the_start_of_the_test_are_a_warning() -> None:
    of = company()
    mails = texts([f"{number}@example.org" for number in range(len(of.created))])
    mails[-100:] = mails[:100]
    found = find_leaks(workspace(), history(of, display={"mail": mails}))
    (finding,) = told(found, "twins")
    assert finding.severity == "warning"
    assert "100 (20 %) have one created before it" in finding.evidence


def called_by_a_score(of: Company, score: np.ndarray, by: np.ndarray) -> Leaks:
    of.attributes["lead_score"] = np.round(score).astype(object)
    span = np.minimum(of.lasts, 30)
    lead = np.repeat(np.arange(len(of.created)), of.random.poisson(np.exp(by / 2)))
    of.add(lead, span[lead] * of.random.random(len(lead)), "call")
    return find_leaks(workspace(), history(of, flow=OUTBOUND))


def test_effort_that_follows_an_old_score_is_told() -> None:
    of = company()
    score = of.random.normal(size=len(of.created))
    (note,) = told(called_by_a_score(of, 50 + 10 * score, score), "feedback")
    assert (note.severity, note.column) == ("note", "lead_score")
    other = company()
    noise = other.random.normal(size=len(other.created))
    found = called_by_a_score(other, 50 + 10 * other.random.normal(size=len(noise)), noise)
    assert told(found, "feedback") == []
    assert suspects(found) == {}

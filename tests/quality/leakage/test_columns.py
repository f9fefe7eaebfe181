"""Attributes that know the outcome are suspected, and honest ones are not, however strong or late they are."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from pipeline.quality.leakage.said import FEWEST_WON
from tests.quality.leakage.company import UNTIL, Company, company, leaks, outcome, suspects, texts


def filled_with_the_order(of: Company) -> None:
    of.attributes["x"] = texts(
        np.where(of.chance(0.8, 0.1, 0.05), of.random.choice(["yes", "no"], len(of.created)), None)
    )


def given_at_the_close(of: Company) -> None:
    seen = of.random.normal(size=len(of.created)) + 1.5 * of.won
    of.attributes["x"] = texts(np.where(of.chance(0.8, 0.8, 0.05), np.where(seen > 1, "A", "B"), None))


def replaced_at_the_close(of: Company) -> None:
    before = of.random.choice(["warm", "cold"], len(of.created))
    of.attributes["x"] = texts(np.where(of.chance(0.7, 0.7, 0), np.where(of.won, "hot", "cold"), before))


def an_amount_of_the_order(of: Company) -> None:
    amount = np.round(of.random.lognormal(8, 1, len(of.created)))
    of.attributes["x"] = np.where(of.chance(0.95, 0.15, 0.15), amount, None).astype(object)


def computed_anew(of: Company) -> None:
    of.attributes["x"] = np.round(of.random.normal(size=len(of.created)) + 2 * of.won, 2).astype(object)


@pytest.mark.parametrize(
    "make",
    [filled_with_the_order, given_at_the_close, replaced_at_the_close, an_amount_of_the_order, computed_anew],
)
def test_what_comes_with_the_outcome_is_suspected(make: Callable[[Company], None]) -> None:
    of = company()
    make(of)
    assert suspects(leaks(of)) == {"x": "filled-later"}


def strong(of: Company) -> None:
    of.attributes["x"] = np.round(of.interest, 2).astype(object)


def strong_word(of: Company) -> None:
    of.attributes["x"] = texts(np.where(of.interest > 1, "asked for a price", "did not"))


def by_a_provider(of: Company) -> None:
    there = of.created + of.random.exponential(80, len(of.created)) < UNTIL
    value = of.interest + of.random.normal(size=len(of.created))
    of.attributes["x"] = np.where(there, np.round(np.exp(value), 2), None).astype(object)


def more_frequent_every_month(of: Company) -> None:
    rising = of.random.random(len(of.created)) < 0.6 * of.created / UNTIL
    of.attributes["x"] = texts(np.where(rising, "new", np.where(of.interest > 0.5, "old", "other")))


def campaigns(of: Company) -> None:
    named = texts([f"c{int(day // 90)}" for day in of.created])
    of.attributes["x"] = texts(np.where(of.interest > 0.3, named, "none"))


def a_gap_that_says_something(of: Company) -> None:
    of.attributes["x"] = texts(np.where(of.interest > 0.5, "given", None))


@pytest.mark.parametrize(
    "make", [strong, strong_word, by_a_provider, more_frequent_every_month, campaigns, a_gap_that_says_something]
)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_is_honest_is_not(make: Callable[[Company], None], seed: int) -> None:
    of = company(seed=seed, pull=1.5)
    make(of)
    assert suspects(leaks(of)) == {}


def test_what_is_filled_later_for_all_alike_is_told_and_kept() -> None:
    of = company(pull=1.5)
    by_a_provider(of)
    found = leaks(of)
    note = next(each for each in found.findings if each.code == "filled-later")
    assert (note.severity, note.suspect, note.column) == ("note", False, "x")
    assert "alike" in note.evidence
    assert found.suspects == ()


def test_a_suspect_says_its_figures_and_is_to_be_left_out() -> None:
    of = company()
    filled_with_the_order(of)
    found = leaks(of)
    (finding,) = (each for each in found.findings if each.column == "x")
    assert (finding.severity, finding.suspect) == ("warning", True)
    assert "open leads" in finding.evidence and "AUC of 0." in finding.evidence and "keep" in finding.remedy
    assert [each.to_json() for each in found.suspects] == [{"column": "x", "why": found.suspects[0].why}]
    assert found.suspects[0].why.startswith("suspected: ")


def test_what_is_kept_is_a_note_with_its_reason() -> None:
    of = company()
    filled_with_the_order(of)
    found = leaks(of, keep={"x": "set at intake"})
    (finding,) = (each for each in found.findings if each.column == "x")
    assert (finding.severity, finding.suspect) == ("note", False)
    assert "set at intake" in finding.evidence
    assert found.suspects == ()


def test_of_few_won_leads_nothing_is_said() -> None:
    of = company(200)
    of.wins[np.flatnonzero(of.wins)[FEWEST_WON - 5 :]] = False
    filled_with_the_order(of)
    found = leaks(of)
    for code in ("separates", "filled-later"):
        assert outcome(found, code)[0] == "not applicable"
        assert "leads are won" in str(outcome(found, code)[1])
    assert suspects(found) == {}


def test_where_no_lead_is_open_only_what_tells_nearly_all_is_suspected() -> None:
    of = company()
    of.created *= 0.6
    of.lasts = np.minimum(of.lasts, 120)
    of.attributes["half"] = texts(np.where(of.chance(0.6, 0.1, 0), "yes", None))
    of.attributes["all"] = texts(np.where(of.chance(0.98, 0.01, 0), "yes", None))
    found = leaks(of)
    assert outcome(found, "filled-later")[0] == "not applicable"
    assert suspects(found) == {"all": "separates"}


def test_clean_columns_are_hardly_ever_suspected() -> None:
    wrongly = 0
    for seed in range(6):
        of = company(900, seed=100 + seed)
        for number in range(20):
            weight = 0.1 * (number % 10)
            value = weight * of.interest + of.random.normal(size=len(of.created))
            of.attributes[f"x{number}"] = np.where(of.random.random(len(value)) < 0.7, value, None).astype(object)
        wrongly += len(leaks(of).suspects)
    assert wrongly <= 2

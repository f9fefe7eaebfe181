"""All checks together: each answers, each is documented, and data without dates is looked at as far as that goes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.definitions.workspace import Workspace
from pipeline.quality.leakage.find import ORDER, find_leaks
from pipeline.quality.leakage.said import TITLES
from tests.quality.leakage.company import company, history, leaks, outcome, texts

DOCUMENT = Path(__file__).parents[3] / "docs" / "leakage.md"


def undated() -> Workspace:
    plain = {
        "name": "company",
        "order": "file",
        "sources": {
            "leads": {"from": "leads.csv"},
            "deals": {"from": "leads.csv", "outcome": "y", "won": ["yes"], "lost": ["no"]},
        },
    }
    return Workspace.model_validate(plain)


def test_every_check_answers_whatever_there_is() -> None:
    found = leaks(company(30))
    assert [answer.code for answer in found.answers] == list(TITLES)
    assert {answer.to_json()["outcome"] for answer in found.answers} <= {"found", "nothing", "not applicable"}
    assert all(
        answer.to_json()["why"] for answer in found.answers if outcome(found, answer.code)[0] == "not applicable"
    )
    assert set(ORDER) == set(TITLES)


def test_every_check_is_documented() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert [code for code in TITLES if f"## `{code}`" not in text] == []


def test_without_dates_one_column_that_tells_more_than_all_others_is_suspected() -> None:
    of = company()
    of.created[:] = 0
    of.lasts[:] = 1.0
    size = len(of.created)
    of.attributes["after"] = np.round(of.wins + 0.6 * of.random.normal(size=size), 2).astype(object)
    of.attributes["known"] = np.round(of.interest + of.random.normal(size=size), 2).astype(object)
    of.attributes["word"] = texts(of.random.choice(["a", "b"], size))
    found = find_leaks(undated(), history(of))
    assert [(each.about, each.name) for each in found.suspects] == [("column", "after")]
    assert "all other columns together" in found.suspects[0].why
    assert outcome(found, "filled-later")[0] == "not applicable"
    assert outcome(found, "announces")[0] == "not applicable"


def test_without_dates_two_columns_that_tell_alike_clear_each_other() -> None:
    of = company()
    of.created[:] = 0
    of.lasts[:] = 1.0
    for name in ("one", "other"):
        of.attributes[name] = np.round(of.wins + 0.7 * of.random.normal(size=len(of.wins)), 2).astype(object)
    assert find_leaks(undated(), history(of)).suspects == ()


def test_no_value_that_may_be_somebodys_is_in_a_finding() -> None:
    of = company()
    of.attributes["owner"] = texts(np.where(of.chance(0.9, 0.05, 0.02), "closer@example.org", "desk@example.org"))
    told = [each.evidence + each.remedy for each in leaks(of).findings if each.column == "owner"]
    assert told
    assert not any("@" in text for text in told)


def test_the_order_of_leads_means_nothing() -> None:
    of = company()
    of.attributes["x"] = texts(np.where(of.chance(0.8, 0.1, 0.05), "yes", None))
    of.attributes["y"] = np.round(of.interest, 2).astype(object)
    before = leaks(of)
    order = of.random.permutation(len(of.created))
    for name in ("created", "lasts", "wins", "interest"):
        setattr(of, name, getattr(of, name)[order])
    of.attributes = {name: column[order] for name, column in of.attributes.items()}
    assert [each.name for each in leaks(of).suspects] == [each.name for each in before.suspects] == ["x"]


@pytest.mark.parametrize("size", [0, 1, 5, 60])
@pytest.mark.parametrize("wins", ["none", "all", "some"])
def test_nothing_much_is_looked_at_without_a_warning(size: int, wins: str) -> None:
    of = company(size)
    if wins != "some":
        of.wins[:] = wins == "all"
    of.attributes = {
        "empty": np.full(size, None, dtype=object),
        "same": texts(["x"] * size),
        "number": np.arange(size).astype(object),
    }
    of.add(np.arange(0), np.empty(0), "never")
    of.numbers = np.empty(0)
    assert leaks(of).suspects == ()
    of.add(np.arange(size), np.zeros(size), "call")
    of.numbers = np.full(size, np.nan)
    assert leaks(of).suspects == ()

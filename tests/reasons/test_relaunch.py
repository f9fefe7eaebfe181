from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.definitions.rules import LETTERS, STAGES
from pipeline.definitions.spans import DAY
from pipeline.features.ledger import Ledger
from pipeline.features.ledgers import Whole
from pipeline.reasons import relaunch
from pipeline.reasons.language import language
from pipeline.reasons.relaunch import Content, contents_of, facts_to_look_at, leads_at_any_time, listed, stood
from pipeline.reasons.scored import Scorer
from pipeline.tables.columns import History
from pipeline.workflow.relaunched import tried_before
from tests.reasons.crm import NOW, bundle, crowd, deal, fact, history, lead


def ledger(of: History) -> Ledger:
    return Whole(of).ledger("lead")


def contents(*facts: dict[str, Any]) -> list[str]:
    return [one.label for one in contents_of(ledger(history([lead("a", 300)], list(facts))), NOW)[0]]


def test_contents_are_outbound_facts_and_those_of_neither_direction_by_kind_and_text() -> None:
    found = contents(
        fact("a", "call", 3),
        fact("a", "call", 4),
        fact("a", "call", 9),
        fact("a", "page_view", 5, texts={"page": "/pricing"}),
        fact("a", "page_view", 6, texts={"page": "/pricing"}),
        fact("a", "page_view", 6, texts={"page": "/team"}),
    )
    assert found == ["Call", "Page view: /pricing", "Page view: /team"]


@pytest.mark.parametrize(
    "one",
    [
        fact("a", "email_reply", 3),
        fact("a", "demo_request", 3) | {"flow": None},
        fact("a", "meeting", 3) | {"flow": "outbound"},
        fact("a", "call", 400),
        fact("a", "call", -0.1),
    ],
    ids=["what the lead did", "interest without a flow", "interest that was outbound", "long ago", "not yet"],
)
def test_no_content_is(one: dict[str, Any]) -> None:
    assert contents(one) == []


def looked_at(*facts: dict[str, Any]) -> list[int]:
    """The instants at which facts are looked at, in days before now."""
    one = history([lead("a", 300)], list(facts))
    _, of_fact = contents_of(ledger(one), NOW)
    lead_, after, content = facts_to_look_at(ledger(one), of_fact, one, NOW)
    assert len(lead_) == len(after) == len(content)
    return sorted(round((NOW - at) / DAY) for at in after.tolist())


def test_a_content_is_looked_at_when_its_time_to_move_is_over_and_not_before() -> None:
    assert looked_at(*(fact("a", "call", days) for days in (13.9, 14.1, 20))) == [14, 20]


def test_of_a_content_so_many_facts_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relaunch, "MOST_CASES", 4)
    found = looked_at(*(fact("a", "call", 20 + days) for days in range(30)))
    assert len(found) == 4


def test_leads_at_any_time_were_there_young_enough_and_have_their_time_to_move() -> None:
    one = history([lead("young", 10), lead("old", 500), lead("between", 100)])
    rows, cutoff = leads_at_any_time(one, NOW, 180 * DAY)
    age = (cutoff - one.leads.created_at[rows]) / DAY
    assert len(rows) and (age > 0).all() and (age <= 180).all()
    assert (cutoff + relaunch.WITHIN <= NOW).all()
    assert set(one.leads.id.take(rows).values()) == {"old", "between"}


def test_where_a_lead_stood_is_what_a_scorer_says_of_that_day() -> None:
    one, model = crowd(), bundle()
    whole = Whole(one)
    for days in (0, 30, 90):
        scorer = Scorer(model, one, NOW - days * DAY)
        rows = np.flatnonzero(one.leads.created_at < scorer.as_of)
        scored = scorer.score(rows)
        found = stood(model, one, rows, np.full(len(rows), scorer.as_of), whole.ledger)
        assert found.open.tolist() == scored.open.tolist()
        assert found.stage.tolist() == scored.standing.stage.tolist()
        assert found.grade.tolist() == scored.standing.grade.tolist()


def test_instants_of_their_own_give_what_one_instant_gives() -> None:
    one, model = crowd(), bundle()
    whole, rows = Whole(one), np.flatnonzero(crowd().leads.created_at < NOW - 60 * DAY)
    cutoff = NOW - (np.arange(len(rows)) % 5) * 10 * DAY
    found = stood(model, one, rows, cutoff, whole.ledger)
    for at in np.unique(cutoff).tolist():
        mine = cutoff == at
        alone = stood(model, one, rows[mine], cutoff[mine], whole.ledger)
        assert found.stage[mine].tolist() == alone.stage.tolist()


def test_nothing_after_the_day_changes_what_was_tried() -> None:
    random, leads, facts, deals = np.random.default_rng(8), [], [], []
    for number in range(40):
        name, age = f"L-{number:02}", int(random.integers(90, 200))
        leads.append(lead(name, age, sector="retail"))
        facts += [
            fact(name, ["call", "page_view", "email_sent"][random.integers(3)], days)
            for days in random.uniform(0, age, 6)
        ]
        if random.random() < 0.5:
            deals.append(deal(name, ["won", "lost"][random.integers(2)], random.uniform(0, age)))
    as_of = NOW - 40 * DAY

    def tried(known: float) -> list[Any]:
        """From an export that holds what was there so many days ago."""
        early = [[row for row in rows if _days(row) > known] for rows in (facts, deals)]
        one = history(leads, *early)
        found = tried_before(bundle(), one, as_of, Whole(one).ledger, 180 * DAY)
        return [[c.label for c in found.contents], *(cases.moved.tolist() for cases in (found.exposed, found.others))]

    assert tried(40) == tried(-1)
    assert len(tried(40)[1]) > 20


def _days(row: dict[str, Any]) -> float:
    at = np.datetime64(str(row.get("at") or row["closed_at"]).removesuffix("Z"), "us").astype(np.int64)
    return float((NOW - at) / DAY)


PEOPLE = st.lists(
    st.tuples(
        st.sampled_from([None, "yes", "no", "true", "0", "1", "oui"]),
        st.integers(0, 6),
        st.sampled_from(["open", "won", "lost"]),
        st.sampled_from(["retail", "food", None]),
    ),
    min_size=1,
    max_size=12,
)


@given(PEOPLE)
def test_nobody_who_opted_out_and_no_closed_lead_is_on_the_list_and_each_lead_once(people: list[Any]) -> None:
    leads, facts, deals = [], [], []
    for number, (out, calls, outcome, sector) in enumerate(people):
        leads.append(lead(f"L{number}", 90, sector=sector, opted_out=out))
        facts += [fact(f"L{number}", "call", 2 + each) for each in range(calls)]
        if outcome != "open":
            deals.append(deal(f"L{number}", outcome, 1))
    one = history(leads, facts, deals)
    scored = Scorer(bundle(), one, NOW).score(np.arange(len(one.leads)))
    rows = listed(scored)
    names = one.leads.id.take(scored.lead[rows]).values()
    allowed = {
        f"L{n}"
        for n, (out, _, outcome, _) in enumerate(people)
        if outcome == "open" and out not in ("yes", "true", "1", "oui")
    }
    assert set(names) <= allowed
    assert len(set(names)) == len(names)
    assert {scored.standing.rules.words[code] for code in scored.standing.action[rows]} <= {"relaunch", "nurture"}


def test_an_opted_out_lead_is_not_listed_though_a_rule_would_nurture_it() -> None:
    rules = {
        "actions": [{"when": "opted_out", "do": "nurture"}],
        "stages": {"interest": [{"kind": ["demo"]}], "within": "90d"},
    }
    card = bundle().card | {"rules": {**rules, "grades": {}, "audiences": {}}}
    one = history([lead("a", 90, opted_out="yes"), lead("b", 90, opted_out="no")])
    scored = Scorer(bundle(card=card), one, NOW).score(np.arange(2))
    assert scored.standing.rules.words[scored.standing.action[0]] == "nurture"
    assert one.leads.id.take(scored.lead[listed(scored)]).values() == ["b"]


def test_the_list_is_by_maturity_stage_first_then_probability() -> None:
    many = crowd(200, 11)
    scored = Scorer(bundle(), many, NOW).score(np.flatnonzero(many.leads.created_at < NOW))
    rows = listed(scored)
    keys = [(-relaunch.RANK[scored.standing.stage[row]], -scored.probability[row]) for row in rows]
    assert len(rows) > 5 and keys == sorted(keys)
    assert len(LETTERS) == 4 and [STAGES[place] for place in np.argsort(relaunch.RANK)] == [
        "contact",
        "prospect",
        "qualified",
        "client",
    ]


def said(code: str, *, clear: bool) -> str:
    figures = {"value": 0.3, "low": 0.24, "high": 0.37}, {"value": 0.1, "low": None, "high": None}
    content = Content("download", None, ("asset", "case_study"))
    return relaunch.sentence(language(code), content, "stage", 1216, figures, clear=clear)


def test_the_sentence_says_whose_share_it_is_and_that_it_is_an_association() -> None:
    assert said("en", clear=True) == (
        "Of 1,216 leads at this stage with “Download: case study”, 30 % (24 % to 37 %) moved up a stage within 14 "
        "days; without it 10 %. An association: these leads may have been closer to a deal already."
    )
    assert said("en", clear=False).endswith("That is no clear difference: it may be chance.")


def test_the_sentence_is_french_where_french_is_asked_for() -> None:
    text = said("fr", clear=True)
    assert text.startswith("Sur 1\u202f216 prospects à cette étape")
    assert "association" in text and "leads" not in text and "14 jours" in text

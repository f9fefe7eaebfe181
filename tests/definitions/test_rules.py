from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.definitions.rules import ACTIONS, DEFAULT, DEFAULT_ACTIONS, Rules
from pipeline.definitions.workspace import Workspace, WorkspaceError, load_workspace

BASE = """name: acme
data_until: 2026-06-30T00:00:00Z
sources:
  leads: {from: leads.csv, id: id, created_at: created, attributes: [sector, company_size, owner]}
  deals: {from: deals.csv, lead_id: id, closed_at: closed, outcome: outcome}
exclude: [owner]
"""
CRITERIA = """criteria:
  - {name: demo_requests, when: {kind: demo_request}, measures: [count 7d]}
  - {name: sector, attribute: sector}
"""


def load(tmp_path: Path, text: str, criteria: str = CRITERIA) -> Workspace:
    path = tmp_path / "leadlight.yaml"
    path.write_text(BASE + criteria + text, encoding="utf-8")
    return load_workspace(path)


def test_a_workspace_that_says_nothing_has_the_rules_that_ship(tmp_path: Path) -> None:
    acting = load(tmp_path, "").acting
    assert acting == DEFAULT
    assert acting.texts == tuple(when for when, _ in DEFAULT_ACTIONS)
    assert acting.words == ACTIONS


def test_rules_are_kept_in_order_with_the_two_that_nobody_has_to_write(tmp_path: Path) -> None:
    acting = load(
        tmp_path,
        'audiences: {large: "company_size >= 50", warm: "large and demo_requests.count_90d > 0"}\n'
        "actions:\n"
        '  - {when: "qualified and warm", do: phone_within_a_day}\n'
        '  - {when: "prospect", do: call}\n',
    ).acting
    assert acting.texts == ("opted_out", "qualified and warm", "prospect", "always")
    assert [rule.do for rule in acting.actions] == ["none", "phone_within_a_day", "call", "nurture"]
    assert acting.words == (*ACTIONS, "phone_within_a_day")
    assert acting.actions[1].when.names == ("qualified", "company_size", "demo_requests.count_90d")


def test_a_rule_of_ones_own_for_who_opted_out_and_a_last_one_stay_as_they_are(tmp_path: Path) -> None:
    text = "actions: [{when: qualified and not opted_out, do: call}, {when: always, do: rest}]"
    assert load(tmp_path, text).acting.texts == ("qualified and not opted_out", "always")


def test_rules_survive_the_card_with_the_audiences_that_they_name(tmp_path: Path) -> None:
    acting = load(
        tmp_path,
        'audiences: {large: "company_size >= 50", big: "large and sector = food", other: "sector = retail"}\n'
        "actions: [{when: big and not qualified, do: call}]\n"
        "stages: {interest: [demo_request, {kind: [call, visit], flow: inbound}], within: 14d}\n"
        "grades: {A: 4}\n",
    ).acting
    plain = json.loads(json.dumps(acting.to_json()))
    assert sorted(plain["audiences"]) == ["big", "large"]
    again = Rules.from_json(plain)
    assert (again.interest, again.within, again.grades) == (acting.interest, acting.within, acting.grades)
    assert again.actions == acting.actions and again.to_json() == plain
    assert again.interest == ((("demo_request",), None), (("call", "visit"), "inbound"))
    assert again.grades == (("A", 4.0), ("B", 1.5), ("C", 0.5))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "actions: [{when: qualifed, do: call}]",
            "actions[0].when is 'qualifed': qualifed is no word of conditions, audience, criterion or "
            "attribute; did you mean qualified?",
        ),
        (
            "actions: [{when: qualified and, do: call}]",
            "actions[0].when is 'qualified and': at the end: expected a name, as in company_size >= 50",
        ),
        (
            "actions: [{when: qualified, do: call them}]",
            "actions[0].do is 'call them': expected one word, as in call or phone_within_a_day; none, rest, "
            "call, answer, introduce, nurture, relaunch ship",
        ),
        (
            "actions: [{when: always, do: call}, {when: qualified, do: answer}]",
            "actions[1].when is 'qualified': no lead comes to this rule: the one before holds always",
        ),
        (
            "actions: [{wen: qualified, do: call}]",
            "actions[0].wen is 'qualified': no such key; did you mean when?",
        ),
        (
            "audiences: {a: demo_requests.cuont_7d > 0}",
            "audiences.a is 'demo_requests.cuont_7d > 0': demo_requests.cuont_7d is no word of conditions, "
            "audience, criterion or attribute; did you mean demo_requests.count_7d?",
        ),
        (
            "audiences: {a: owner = x}",
            "audiences.a is 'owner = x': owner is no word of conditions, audience, criterion or attribute; "
            "expected one of contacted, unanswered, interested, opted_out, stage, client, qualified, prospect, "
            "contact, grade, probability, score, percentile, fit, intent, a, company_size, sector, "
            "demo_requests, age, created_weekday, created_hour",
        ),
        (
            "audiences: {a: grade_before = A}",
            "audiences.a is 'grade_before = A': grade_before is for `actions` alone: take it out",
        ),
        (
            "audiences: {a: b, b: not a}",
            "audiences.a is 'b': it names itself, by way of a and b and a",
        ),
        (
            "audiences: {grade: sector = x}",
            "audiences.grade is 'sector = x': this word has a meaning of its own in conditions; name it otherwise",
        ),
        (
            "grades: {A: 1}",
            "grades: expected A to ask for more than B, which asks for 1.5",
        ),
        (
            "grades: {E: 1}",
            "grades.E is 1: expected 'A', 'B' or 'C'",
        ),
        (
            "stages: {within: 0d}",
            "stages.within is '0d': expected more than nothing, as in 90d",
        ),
        (
            "stages: {interest: []}",
            "stages.interest: expected kinds of interactions, as in [demo_request, {kind: call, flow: inbound}]",
        ),
    ],
)
def test_a_wrong_rule_is_refused_with_its_place_and_what_was_meant(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(WorkspaceError) as caught:
        load(tmp_path, text)
    assert str(caught.value) == f"{tmp_path / 'leadlight.yaml'}, line 10: {said}"


def test_without_written_criteria_any_name_may_be_that_of_one(tmp_path: Path) -> None:
    acting = load(tmp_path, "audiences: {a: webinar.count_7d > 0}", "criteria: auto\n").acting
    assert acting.audiences["a"].names == ("webinar.count_7d",)


def test_who_opted_out_is_never_a_feature(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="who opted out is never a feature"):
        load(tmp_path, "", "criteria: [{name: out, attribute: opted_out}]")
    twice = BASE.replace("company_size, owner]", "out], opted_out: out").replace("exclude: [owner]\n", "")
    path = tmp_path / "twice.yaml"
    path.write_text(twice, encoding="utf-8")
    with pytest.raises(WorkspaceError, match=r"sources\.leads\.opted_out is 'out': it stands under attributes too"):
        load_workspace(path)

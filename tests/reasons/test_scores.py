from __future__ import annotations

import json
import math
import time
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.definitions.spans import DAY
from pipeline.definitions.zones import iso
from pipeline.reasons.language import language
from pipeline.reasons.scores import REST, Score, score
from tests.reasons import crm
from tests.reasons.crm import DEFINITION, NOW, bundle, crowd, deal, fact, history, lead

FIELDS = (
    "lead_id as_of probability log_odds score percentile grade stage action rule fit intent base "
    "reasons model_version warnings"
)
NUMBERS = ("probability", "log_odds", "score", "percentile", "grade", "fit", "intent", "base")


def scored(scores: list[Score]) -> list[Score]:
    return [each for each in scores if each.probability is not None]


def test_the_fields_are_those_of_the_design_in_its_order() -> None:
    assert " ".join(field.name for field in fields(Score)) == FIELDS
    assert " ".join(score(bundle(), crowd(), NOW)[0].to_json()) == FIELDS


@given(st.integers(0, 1000), st.integers(1, 30), st.floats(0.05, 3))
@settings(max_examples=15, deadline=None)
def test_base_and_reasons_add_up_to_the_log_odds(seed: int, trees: int, slope: float) -> None:
    for each in scored(score(bundle(model=crm.model(seed, trees, slope)), crowd(), NOW)):
        assert each.base + sum(reason.contribution for reason in each.reasons) == pytest.approx(each.log_odds, abs=1e-9)
        assert each.base + each.fit + each.intent == pytest.approx(each.log_odds, abs=1e-9)
        assert each.probability == pytest.approx(1 / (1 + math.exp(-each.log_odds)), abs=1e-15)
        for side in ("fit", "intent"):
            part = sum(reason.contribution for reason in each.reasons if reason.side == side)
            assert part == pytest.approx(getattr(each, side), abs=1e-9)


def test_every_criterion_is_a_reason_the_strongest_first() -> None:
    for each in scored(score(bundle(), crowd(), NOW)):
        assert {reason.criterion for reason in each.reasons} == {criterion.name for criterion in DEFINITION.criteria}
        assert list(each.reasons) == sorted(
            each.reasons, key=lambda reason: (-abs(reason.contribution), reason.criterion)
        )
        assert sum(reason.points for reason in each.reasons) == pytest.approx(100)


def test_where_fewer_are_asked_for_the_rest_stands_together_and_all_add_up() -> None:
    whole, three = score(bundle(), crowd(), NOW), score(bundle(), crowd(), NOW, reasons=3)
    for each, short in zip(scored(whole), scored(three), strict=True):
        *shown, rest = short.reasons
        assert tuple(shown) == each.reasons[:3]
        assert (rest.criterion, rest.label) == (REST, "Everything else")
        assert rest.evidence == f"{len(each.reasons) - 3} other criteria"
        assert short.base + sum(reason.contribution for reason in short.reasons) == pytest.approx(
            each.log_odds, abs=1e-9
        )
        assert sum(reason.points for reason in short.reasons) == pytest.approx(100)
        assert replace(short, reasons=each.reasons) == each


def test_where_all_are_asked_for_nothing_is_left() -> None:
    many = len(DEFINITION.criteria)
    assert score(bundle(), crowd(), NOW, reasons=many) == score(bundle(), crowd(), NOW)


def test_reasons_and_warnings_speak_the_language_and_codes_and_numbers_do_not() -> None:
    english, french = score(bundle(), crowd(), NOW), score(bundle(), crowd(), NOW, language=language("fr"))
    for ours, theirs in zip(english, french, strict=True):
        assert [bool(warning) for warning in ours.warnings] == [bool(warning) for warning in theirs.warnings]
        assert not set(ours.warnings) & set(theirs.warnings)
        for one, other in zip(ours.reasons, theirs.reasons, strict=True):
            assert one.text != other.text
            assert one._replace(label="", evidence="", text="") == other._replace(label="", evidence="", text="")
        assert replace(ours, reasons=(), warnings=()) == replace(theirs, reasons=(), warnings=())


def test_a_lead_has_the_same_bits_alone_and_in_a_crowd() -> None:
    everyone = score(bundle(), crowd(), NOW)
    rows = np.flatnonzero(crowd().leads.created_at < NOW)
    for row, each in zip(rows[::7].tolist(), everyone[::7], strict=True):
        assert score(bundle(), crowd(), NOW, [row]) == [each]
    assert score(bundle(), crowd(), NOW, rows[::-1]) == everyone[::-1]


def test_the_json_is_plain_and_whole() -> None:
    for each in score(bundle(), crowd(), NOW):
        plain = each.to_json()
        assert json.loads(json.dumps(plain, allow_nan=False)) == plain
        assert plain["as_of"] == iso(NOW)
        assert len(plain["reasons"]) == len(each.reasons)


def test_a_percentile_shares_the_middle_of_its_ties() -> None:
    one = score(bundle(), history([lead("a")]), NOW)[0]
    reference = np.sort(np.array([0.0, one.probability, one.probability, 1.0, 1.0]))
    again = score(bundle(reference=reference), history([lead("a")]), NOW)[0]
    assert (again.percentile, again.score) == (0.4, 40)
    nothing = score(bundle(reference=np.empty(0)), history([lead("a")]), NOW)[0]
    assert (nothing.percentile, nothing.score) == (None, None)


@pytest.mark.parametrize("outcome", ["won", "lost"])
def test_a_closed_lead_has_a_stage_and_no_probability(outcome: str) -> None:
    closed = score(bundle(), history([lead("a")], [fact("a", "demo_request", 1)], [deal("a", outcome, 5)]), NOW)[0]
    assert closed.stage == ("client" if outcome == "won" else "contact")
    assert [getattr(closed, name) for name in NUMBERS] == [None] * len(NUMBERS)
    assert closed.reasons == ()
    assert closed.warnings == ("The lead is closed: it has a stage and no probability.",)


def test_a_lead_is_not_scored_before_its_creation() -> None:
    people = history([lead("a", 5), lead("b", 0)])
    with pytest.raises(ValueError, match=r"lead 'b' was created at .* Leave it out, or score at a later time\.$"):
        score(bundle(), people, NOW, [0, 1])
    assert [each.lead_id for each in score(bundle(), people, NOW)] == ["a"]
    assert score(bundle(), people, NOW - 90 * DAY) == []


def test_what_is_not_yet_visible_changes_nothing() -> None:
    before = history([lead("a")], [fact("a", "demo_request", 3)])
    after = history([lead("a")], [fact("a", "demo_request", 3), fact("a", "demo_request", 0)], [deal("a", "won", 0)])
    assert score(bundle(), after, NOW) == score(bundle(), before, NOW)


def test_an_unknown_value_is_scored_and_named_by_its_attribute_only() -> None:
    one = score(bundle(), history([lead("a", sector="jane@example.com")]), NOW)[0]
    assert one.probability is not None
    assert one.warnings == ("Sector: the model does not know this value of sector and reads it as “other”.",)


def test_an_unknown_kind_is_scored_and_named() -> None:
    people = history([lead("a"), lead("b"), lead("c")], [fact("a", "webinar", 2), fact("c", "webinar", 0)])
    warned = [each.warnings for each in score(bundle(), people, NOW)]
    assert warned == [
        ("The model does not know interactions of the kind “webinar”: they count at most as interactions in general.",),
        (),
        (),
    ]


@pytest.mark.parametrize("kinds", [["+33 6 12 34 56 78"], ["jane@example.com"], [f"kind {n}" for n in range(11)]])
def test_a_kind_that_could_be_personal_and_too_many_kinds_are_not_named(kinds: list[str]) -> None:
    people = history([lead("a")], [fact("a", kind, 2) for kind in kinds])
    (warning,) = score(bundle(), people, NOW)[0].warnings
    assert warning.startswith("The model does not know some kinds")


def test_a_lead_older_than_any_of_the_training_is_scored_with_a_warning() -> None:
    at_the_limit, beyond = score(bundle(), history([lead("a", 180), lead("b", 181)]), NOW)
    assert at_the_limit.warnings == ()
    assert beyond.warnings == ("The lead is older than 180 days, the oldest that the model has learned from.",)


def test_without_trees_everyone_has_the_base_rate_and_is_told_so() -> None:
    for each in scored(score(crm.base_rate_bundle(), crowd(), NOW)):
        assert each.probability == pytest.approx(0.12)
        assert each.grade == "C"
        assert {reason.points for reason in each.reasons} == {0.0}
        assert {reason.sign for reason in each.reasons} == {"0"}
        assert any("base rate" in warning for warning in each.warnings)


def test_reasons_show_what_the_model_saw() -> None:
    people = history([lead("a", 12, sector="retail")], [fact("a", "demo_request", 1.5), fact("a", "demo_request", 3)])
    evidence = {reason.criterion: reason.evidence for reason in score(bundle(), people, NOW)[0].reasons}
    assert evidence["demo_requests"] == "2 demo requests in the last 7 days, the latest yesterday"
    assert evidence["sector"] == "sector: retail"
    assert evidence["company_size"] == "company size not known"
    assert evidence["age"] == "the lead is 12 days old"


def test_a_thousand_leads_take_no_more_than_moments() -> None:
    many = crowd(1000, 2)
    started = time.perf_counter()
    assert len(score(bundle(), many, NOW)) == 1000
    assert time.perf_counter() - started < 10


def test_a_text_where_a_number_of_a_window_was_is_read_as_missing() -> None:
    texts = [fact("a", "call", days, texts={"duration": text}) for days, text in ((3, "long"), (2, None))]
    (found,) = score(bundle(), history([lead("a")], texts), NOW)
    assert any("duration" in warning and "missing" in warning for warning in found.warnings)
    (nothing,) = score(bundle(), history([lead("a")], [texts[1]]), NOW)
    assert not any("duration" in warning for warning in nothing.warnings)

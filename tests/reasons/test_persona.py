from __future__ import annotations

from dataclasses import replace
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.definitions.criteria import TIMING, Criterion
from pipeline.definitions.maps import apply_map, shipped_map
from pipeline.definitions.persona import persona_of
from pipeline.definitions.traits import Trait, read_traits
from pipeline.features.matrix import Definition
from pipeline.features.measures import measure_all, standing_values
from pipeline.features.observations import FOREVER
from pipeline.learning.model import Model
from pipeline.reasons.language import language
from pipeline.reasons.persona import labelled, persona_text
from pipeline.reasons.scores import score
from pipeline.tables.columns import Changes, History, Texts
from tests.reasons.crm import NOW, bundle, fact, history, lead

FUNCTION = Criterion(
    "job_function", "demographics", attribute="title", map="job_function", label={"en": "Function", "fr": "Fonction"}
)
SECTOR = Criterion("sector", "demographics", attribute="sector", values="categorical", label={"en": "Sector"})
SIZE = Criterion("company_size", "demographics", attribute="size", values="bands")
TRAITS = read_traits({"job_function": ["purchasing", "management"], "sector": "food", "company_size": ">= 50"})
PERSONA = persona_of(TRAITS, [FUNCTION, SECTOR, SIZE])
assert PERSONA is not None
DEFINITION = Definition(
    (FUNCTION, SECTOR, SIZE, PERSONA, *TIMING), {"job_function": ("purchasing",), "sector": ("food",)}
)

TITLES = ["Head of Purchasing", "Student", "Acheteuse", "CEO", "Pilot", None]
SIZES = ["1-10", "50-99", "200+", "12", 49.0, 50.0, None, "many"]
PEOPLE = st.lists(
    st.tuples(st.sampled_from(TITLES), st.sampled_from(["food", "Food", "retail", None]), st.sampled_from(SIZES)),
    min_size=1,
    max_size=8,
)


def plainly(title: Any, sector: Any, size: Any) -> float:
    """The share of the three traits, by plain Python."""
    function = None if title is None else apply_map(shipped_map("job_function"), [title])[0]
    bounds = {"1-10": 1, "50-99": 50, "200+": 200, "12": 12, 49.0: 49, 50.0: 50}
    matching = [function in ("purchasing", "management"), sector == "food", bounds.get(size, -1) >= 50]
    return sum(matching) / 3


def people(rows: list[Any]) -> History:
    return history([lead(f"L{n}", 40, title=t, sector=s, size=z) for n, (t, s, z) in enumerate(rows)])


@given(PEOPLE)
def test_the_match_is_the_share_of_traits_whoever_is_looked_at_beside(rows: list[Any]) -> None:
    whole = people(rows)
    lead_, cutoff = np.arange(len(rows)), np.full(len(rows), NOW)
    together = measure_all(whole, lead_, cutoff, DEFINITION)["persona"]
    standing = standing_values(whole, DEFINITION)["persona"]
    alone = [measure_all(whole, lead_[[n]], cutoff[[n]], DEFINITION)["persona"][0] for n in range(len(rows))]
    assert together.tolist() == standing.tolist() == alone == [plainly(*row) for row in rows]


def test_a_change_that_is_not_yet_visible_changes_no_match() -> None:
    one = people([(None, "food", None)])
    changed = replace(one, changes=_change(one, NOW - 1))
    at = [
        measure_all(changed, np.array([0]), np.array([when]), replace(DEFINITION, recorded={"sector": True}))[
            "persona"
        ][0]
        for when in (NOW - 1, NOW)
    ]
    assert at == pytest.approx([0.0, 1 / 3])


def _change(one: History, at: int) -> Changes:
    value, old = (np.array([text], dtype=object) for text in ("food", "retail"))
    return Changes(one.leads.id, np.array([at]), np.array([at]), Texts.of(["sector"]), value, old, np.array([True]))


def test_a_definition_with_a_persona_comes_back_from_json_the_same() -> None:
    back = Definition.from_json(DEFINITION.to_json())
    assert back.criteria == DEFINITION.criteria and back.fingerprint == DEFINITION.fingerprint
    other = replace(DEFINITION, criteria=(*DEFINITION.criteria[:3], persona_of(TRAITS[:2], []), *TIMING))
    assert other.fingerprint != DEFINITION.fingerprint


def test_a_definition_without_one_is_written_as_before() -> None:
    assert all("persona" not in criterion.to_json() for criterion in (FUNCTION, SECTOR, SIZE, *TIMING))


@pytest.fixture(scope="module")
def scored() -> dict[str, Any]:
    """A buyer and a student, by a model that learned from the match alone; reasons by lead and language."""
    random = np.random.default_rng(2)
    X = np.full((400, len(DEFINITION.columns)), np.nan)
    place = DEFINITION.columns.index("persona")
    X[:, place] = random.integers(0, 4, 400) / 3
    label = random.random(400) < 0.1 + 0.7 * X[:, place]
    data = lgb.Dataset(X, label.astype(float), params={"verbose": -1})
    model = Model(lgb.train({"objective": "binary", "verbose": -1, "num_threads": 1, "min_data_in_leaf": 5}, data, 20))
    one = people([("Head of Purchasing", "food", "10-20"), ("Student", "retail", None)])
    made = bundle(definition=DEFINITION, model=model)
    return {code: score(made, one, NOW, language=language(code)) for code in ("en", "fr")}


def test_the_match_is_a_reason_like_any_other(scored: dict[str, Any]) -> None:
    buyer, student = scored["en"]
    reason = buyer.reasons[0]
    assert (reason.criterion, reason.family, reason.side) == ("persona", "demographics", "fit")
    assert abs(buyer.base + sum(each.contribution for each in buyer.reasons) - buyer.log_odds) < 1e-9
    assert buyer.fit > 0 > student.fit


def test_the_sentence_says_which_traits_match(scored: dict[str, Any]) -> None:
    english, french = ([one.reasons[0].evidence for one in scored[code]] for code in ("en", "fr"))
    assert english[0] == "matches 2 of 3 traits of the ideal customer: function, sector; not: company size"
    assert english[1].startswith("matches 0 of 3 traits of the ideal customer; not: function, sector, company size")
    assert french[0].startswith("2 des 3 traits du client idéal\u202f: fonction")
    assert "ideal" not in "".join(french)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1.0, 1.0, 1.0, 1.0], "matches 3 of 3 traits of the ideal customer: function, sector, company size"),
        ([2 / 3], "matches 2 of 3 traits of the ideal customer"),
    ],
)
def test_a_match_in_words(values: list[float], expected: str) -> None:
    assert persona_text(labelled(PERSONA, DEFINITION.criteria), values) == expected


@pytest.mark.parametrize(
    ("plain", "problem"),
    [
        ({"size": ">= x"}, "compares with no number"),
        ({"size": []}, "nothing is named"),
        ({"size": [{"a": 1}]}, "is no value"),
        ({"size": None}, "is no value"),
    ],
)
def test_a_trait_that_says_nothing_is_refused(plain: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        read_traits(plain)


def test_truth_values_and_whole_numbers_are_read_as_files_are() -> None:
    assert read_traits({"known": [True, 3, 3.0, " a "]}) == (Trait("known", "known", ("true", "3", "a")),)


def test_facts_are_no_part_of_a_match() -> None:
    rows = [("CEO", "food", "200+")]
    with_ = history([lead("L0", 40, title="CEO", sector="food", size="200+")], [fact("L0", "call", 3)])
    at = np.array([0]), np.array([min(NOW, FOREVER)])
    assert (
        measure_all(with_, *at, DEFINITION)["persona"] == measure_all(people(rows), *at, DEFINITION)["persona"] == 1.0
    )

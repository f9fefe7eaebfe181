from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.definitions.conditions import DEEPEST, LONGEST, parse
from pipeline.definitions.terms import Among, Column, Joined, Not, quoted
from pipeline.tables.columns import Texts
from tests.definitions.naive_conditions import BANDS, condition

NAMES = {"size": "number", "demos.count_7d": "number", "sector": "text", "grade": "grade", "contacted": "flag"}
PIECES = [
    *("size", "'Lead Source'", "and", "or", "not", "in", "is", "missing", "always", "(", ")", "[", "]", ",", "=", "!="),
    *(">=", "<", "5", "-1.5", "11-50", '"it""s"', "200+", "é", "'", "$", " ", "=="),
]


def column(kind: str, values: list[object]) -> Column:
    if kind == "flag":
        return np.array(values, dtype=np.bool_)
    if kind == "number":
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    return Texts.of(values)


def rows(random: np.random.Generator, size: int) -> list[dict[str, object]]:
    known: Mapping[str, list[object]] = {
        "number": [None, 0.0, 1.0, 2.0, -1.5, 40.0],
        "text": [None, *BANDS],
        "grade": [None, "A", "B", "C", "D"],
        "flag": [False, True],
    }
    return [{name: known[kind][random.integers(len(known[kind]))] for name, kind in NAMES.items()} for _ in range(size)]


def holds(text: str, **values: object) -> list[bool]:
    return parse(text).holds({name: column_of(given) for name, given in values.items()}).tolist()


def column_of(given: object) -> Column:
    assert isinstance(given, list)
    if any(isinstance(value, str) for value in given):
        return Texts.of(given)
    return np.array([np.nan if value is None else value for value in given])


@given(st.integers(0, 10**9))
@settings(deadline=None)
def test_a_condition_holds_where_plain_python_says_so(seed: int) -> None:
    random = np.random.default_rng(seed)
    text, means = condition(random, NAMES)
    table = rows(random, 30)
    values = {name: column(kind, [row[name] for row in table]) for name, kind in NAMES.items()}
    assert parse(text).holds(values, 30).tolist() == [means(row) for row in table], text


@given(st.integers(0, 10**9))
@settings(deadline=None)
def test_what_is_printed_reads_the_same_again(seed: int) -> None:
    read = parse(condition(np.random.default_rng(seed), NAMES)[0])
    again = parse(str(read))
    assert again.root == read.root and str(again) == str(read)


@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join)))
@settings(deadline=None, max_examples=300)
def test_any_text_is_a_condition_or_a_sentence_why_not(text: str) -> None:
    try:
        read = parse(text)
    except ValueError:
        return
    assert parse(str(read)).root == read.root


@given(st.text(min_size=1, max_size=20).filter(str.strip))
def test_any_name_and_any_text_can_be_written(text: str) -> None:
    found = parse(f"{quoted(text)} = {quoted(text)}").root
    assert isinstance(found, Among)
    assert (found.name, found.values[0].text) == (text, text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "nothing is there; expected a condition, as in company_size >= 50"),
        ("a >=", "at the end: expected a value; one that is a sign or a word of the language stands in quotes"),
        ("a > many", "at 'many': > compares with a number, as in >= 50"),
        ("50 > a", "at '50': expected a name, as in company_size >= 50"),
        ("a b", "at 'b': expected and, or, or the end"),
        ("a in (x)", r"at '(': expected ["),
        ("a in [x", "at the end: expected ]"),
        ("a in []", "at ']': expected a value; one that is a sign or a word of the language stands in quotes"),
        ("(a or b", "at the end: expected )"),
        ("a is here", "at 'here': expected missing"),
        ("a = 1 $ 2", "at '$ 2': expected a name, a value or a sign"),
        ("'' = 1", "at '': expected a name, as in company_size >= 50"),
        ("__import__('os')", "at '(': expected and, or, or the end"),
    ],
)
def test_a_wrong_condition_says_where_and_what_was_expected(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        parse(text)


@pytest.mark.parametrize("text", ["(" * 5000 + "a", "not " * 400 + "a", "(" * (DEEPEST + 1) + "a" + ")" * 50])
def test_what_is_nested_too_deep_is_refused_and_breaks_nothing(text: str) -> None:
    with pytest.raises(ValueError, match=r"nested more than|at most"):
        parse(text)


def test_and_binds_more_than_or() -> None:
    found = parse("a or b and not c").root
    assert isinstance(found, Joined) and found.word == "or"
    assert isinstance(found.terms[1], Joined) and isinstance(found.terms[1].terms[1], Not)


def test_a_long_chain_is_flat() -> None:
    text = " or ".join(["a"] * ((LONGEST + 4) // 5))
    assert holds(text, a=[1.0, None]) == [True, False]


def test_of_what_is_missing_no_comparison_holds() -> None:
    for text in ("a = 1", "a != 1", "a > 0", "a < 9", "a in [1, 2]", "a not in [1, 2]", "a"):
        assert holds(text, a=[None]) == [False]
        assert holds(text, a=[None, "x"])[0] is False
    assert holds("not a = 1", a=[None]) == [True]
    assert holds("a is missing", a=[None, 1.0]) == [True, False]
    assert holds("a is not missing", a=[None, "x"]) == [False, True]


def test_bands_are_compared_by_their_lower_bound_and_texts_by_their_number() -> None:
    bands = ["11-50", "51-200", "200+", "< 10", "unknown", "-5", "1,001-5,000"]
    assert holds("size >= 51", size=bands) == [False, True, True, False, False, False, True]
    assert holds("size < 0", size=bands) == [False, False, False, False, False, True, False]


def test_a_star_matches_any_run_and_case_counts() -> None:
    assert holds("c = spring_2026", c=["spring_2026", "Spring_2026"]) == [True, False]
    assert holds("c in ['spring*', x]", c=["spring_2026", "x", "xs", "off spring"]) == [True, True, False, False]


def test_a_name_alone_holds_where_it_says_yes() -> None:
    assert holds("a", a=[0.0, 2.0, None]) == [False, True, False]
    assert holds("a", a=["Oui", "no", "1", "0", None]) == [True, False, True, False, False]


def test_audiences_stand_for_their_conditions() -> None:
    large = parse("size >= 50")
    found = parse("large and not contacted").using({"large": large})
    assert found.names == ("size", "contacted") and found.text == "large and not contacted"
    chain = {"a0": parse("size > 0")}
    for place in range(1, 6):
        chain[f"a{place}"] = parse(f"a{place - 1} and not a{place - 1} or a{place - 1}").using(chain)
    longer = parse("a5 and not a5 or a5")
    with pytest.raises(ValueError, match="write it shorter"):
        longer.using(chain)

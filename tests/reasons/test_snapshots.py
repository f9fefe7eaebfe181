"""The snapshots of sentences in each language, which were read aloud."""

from __future__ import annotations

import pytest

from pipeline.definitions.criteria import BUILT_IN, WORDS
from pipeline.reasons.language import LANGUAGES
from tests.reasons.worked_sentences import CASES, SNAPSHOTS, machine_words, sentences


@pytest.mark.parametrize("code", LANGUAGES)
def test_sentences_are_those_that_were_read_aloud(code: str) -> None:
    kept = (SNAPSHOTS / f"{code}.txt").read_text(encoding="utf-8").splitlines()
    assert sentences(code) == kept
    assert len(set(kept)) >= 40


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_sentence_speaks_like_a_machine(code: str) -> None:
    assert not {sentence: found for sentence in sentences(code) if (found := machine_words(sentence, code))}


@pytest.mark.parametrize(
    ("sentence", "code"),
    [("count_7d = 2", "en"), ("2 demo  requests", "en"), ("sector: None", "en"), ("2 demandes in 7 jours", "fr"),
     ("4 % des prospects", "fr"), ("1,200 demandes", "fr")],
)  # fmt: skip
def test_machine_words_are_found(sentence: str, code: str) -> None:
    assert machine_words(sentence, code)


def test_the_cases_hold_every_measure_word_and_every_built_in() -> None:
    assert {measure.word for case in CASES for measure in case.criterion.measures} == set(WORDS)
    assert {case.criterion.built_in for case in CASES} == {*BUILT_IN, None}

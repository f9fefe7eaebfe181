"""Texts are found among known ones as a dict finds them, short ones by their bytes and long ones by their place."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.tables.index import MISSING, MOST_WORDS, STRANGE, Index
from pipeline.tables.matching import places

WORDS = st.one_of(
    st.text(alphabet="ab\0é", max_size=9), st.text(max_size=20), st.sampled_from(["a" * n for n in range(70)])
)


@given(st.lists(WORDS, unique=True), st.lists(WORDS | st.none()), st.booleans(), st.integers(0, 3))
def test_a_text_is_found_where_it_stands(words: list[str], others: list[str | None], wide: bool, cut: int) -> None:
    sought = [*others, *words, None]
    column = pa.array(sought, type=pa.large_string() if wide else pa.string())[cut:]
    place = {word: at for at, word in enumerate(words)}
    wanted = [MISSING if word is None else place.get(word, STRANGE) for word in sought[cut:]]
    assert Index(tuple(words)).find(column).tolist() == wanted


@pytest.mark.parametrize("length", [7, 8, 8 * MOST_WORDS - 1, 8 * MOST_WORDS, 100])
def test_texts_that_differ_only_at_their_end_are_told_apart(length: int) -> None:
    same = "x" * (length - 1)
    words = (*(same + end for end in "abc"), same)
    assert (
        Index(words).find(pa.array([*words, same + "d", same + "\0", same + "ab"])).tolist()
        == [0, 1, 2, 3] + [STRANGE] * 3
    )


def test_a_full_table_is_searched_to_the_end() -> None:
    words = tuple(f"lead-{number:08d}" for number in range(70_000))
    found = Index(words).find(pa.array([*words[::-7], "lead-00070000"]))
    assert found.tolist() == [*range(len(words) - 1, -1, -7), STRANGE]


def test_long_vocabularies_are_matched_as_short_ones_are() -> None:
    own = tuple(sorted(f"{number:07d}" for number in range(0, 60_000, 2)))
    words = tuple(sorted(f"{number:07d}" for number in range(0, 60_000, 3)))
    table = places(own, words)
    assert table[-1] == -1
    assert [words[place] if place >= 0 else None for place in table[:-1].tolist()] == [
        word if int(word) % 3 == 0 else None for word in own
    ]
    lone = tuple(sorted([*own, "\ud800"]))
    assert np.array_equal(places(lone, words)[:-2], table[:-1])

"""What worlds are drawn with: positions below a count, from Hypothesis or from a seed.

Hypothesis makes a failing world small, but repeats itself much while it looks; a seed spreads wider. Each is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from random import Random
from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T")
Draw = Callable[[int], int]
"""A position below a count; 0 in the simplest world."""


@cache
def _places(count: int) -> st.SearchStrategy[int]:
    # One strategy for all draws: to make a new one costs more than to draw from it.
    return st.integers(0, count - 1)


def drawn(make: Callable[[Draw], T]) -> st.SearchStrategy[T]:
    """What `make` makes of its draws: in a third of the examples Hypothesis' own, in the others those of a seed."""

    @st.composite
    def by_hypothesis(draw: st.DrawFn) -> T:
        return make(lambda count: draw(_places(count)))

    seeded = st.integers(0, 2**32 - 1).map(lambda seed: make(Random(seed).randrange))
    return by_hypothesis() | seeded | seeded


def pick(draw: Draw, options: Sequence[T]) -> T:
    """One of the options; the first in the simplest world."""
    return options[draw(len(options))]


def rarely(draw: Draw, one_in: int = 8) -> bool:
    """True about once in so many draws, and never in the simplest world."""
    return draw(one_in) == one_in - 1


def some(draw: Draw, least: int, most: int, make: Callable[[], T]) -> list[T]:
    """From `least` to `most` things."""
    return [make() for _ in range(least + draw(most - least + 1))]

"""Draws for Hypothesis that cost little, so that a world of a few hundred draws takes milliseconds."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


@cache
def places(count: int) -> st.SearchStrategy[int]:
    """Positions below `count`, one strategy for all draws: to make a new one costs more than to draw from it."""
    return st.integers(0, count - 1)


def pick(draw: st.DrawFn, options: Sequence[T]) -> T:
    """One of the options; the first in the simplest world."""
    return options[draw(places(len(options)))]


def rarely(draw: st.DrawFn, one_in: int = 8) -> bool:
    """True about once in so many draws, and never in the simplest world."""
    return draw(places(one_in)) == one_in - 1

"""How much a reason counts, in words."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.reasons.language import Language, language, message
from pipeline.tables.columns import Floats

LEAST = (0.02, 0.2, 0.7)
"""From these |contributions| on a reason counts a little, counts, counts much: 0.7 doubles or halves the odds."""
WEIGHTS = (
    message("Of no weight here."),
    message("A small point in favour."),
    message("A small point against."),
    message("A point in favour."),
    message("A point against."),
    message("A strong point in favour."),
    message("A strong point against."),
)


def reason_text(evidence: str, contribution: float, words: Language | None = None) -> str:
    """The whole reason: its evidence, then how much it counts.

    >>> reason_text("2 demo requests in the last 7 days, the latest yesterday", 1.3)
    '2 demo requests in the last 7 days, the latest yesterday. A strong point in favour.'
    """
    grade = int(grades(np.array([contribution]))[0])
    return f"{evidence[:1].upper()}{evidence[1:]}. {(words or language()).text(WEIGHTS[grade])}"


def grades(contributions: Floats) -> NDArray[np.int64]:
    """Of each contribution the place in WEIGHTS of the sentence that says how much it counts."""
    size = np.searchsorted(LEAST, np.abs(contributions), side="right")
    graded: NDArray[np.int64] = np.where(size == 0, 0, 2 * size - (contributions > 0)).astype(np.int64)
    return graded

"""Which content is followed by a move: the share of leads that moved after it, beside that of those without it.

Association and nothing more: nobody drew lots for who is sent what. Figures are of the leads most like the one in
question: of one stage and grade, where these are too few of one stage, else of all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from pipeline.learning.metrics import DRAWS, Figure, drawn_weights, figure_of_draws, independent
from pipeline.tables.columns import Floats

Indices = NDArray[np.integer]
Mask = NDArray[np.bool_]

FEWEST = 30
"""Leads with a content, and without it, that a figure takes; with fewer, leads that are less alike are asked."""
LEVELS = ("grade", "stage", "all")
"""How alike the leads of a figure are, the most alike first: of one stage and grade, of one stage, or all of them."""
SEED = 7
CHUNK = 100


@dataclass(frozen=True)
class Cases:
    """n leads at instants, each (n,): `group` is drawn together; codes of stage and grade; whether each moved up."""

    lead: Indices
    group: Indices
    stage: Indices
    grade: Indices
    moved: Mask

    def __len__(self) -> int:
        return len(self.lead)

    def at(self, level: str, stage: int, grade: int) -> Mask:
        """Those that are alike at a level."""
        if level == "all":
            return np.ones(len(self), dtype=np.bool_)
        alike = self.stage == stage
        return np.asarray(alike if level == "stage" else alike & (self.grade == grade), dtype=np.bool_)


@dataclass(frozen=True)
class Worked:
    """What followed a content (a place in the list): shares with intervals, of `leads` different leads with it.

    `clear` says that chance alone would make any of the contents compared differ so much in at most one case of 20.
    """

    content: int
    level: str
    leads: int
    share: Figure
    without: Figure
    difference: Figure
    clear: bool

    @property
    def cautious(self) -> float:
        """What to rank by: the lower end of the difference's interval."""
        return -np.inf if self.difference.low is None else self.difference.low


def what_worked(
    exposed: Cases, content: Indices, others: Cases, had: Mask, stage: int, grade: int, draws: int = DRAWS
) -> list[Worked]:
    """Contents by what followed them among leads like those of a stage and grade, the best first.

    Parameters
    ----------
    exposed : n leads just after a content
    content : (n,) which one
    others : m leads at any time
    had : (m, contents) who of them had which content lately: these do not count as without it

    Notes
    -----
    A content is looked at where FEWEST leads had it and FEWEST had not, and one of both moved. Groups are drawn with
    replacement, with and without together, since a lead may be on both sides.
    """
    found: list[Worked] = []
    left = list(range(had.shape[1]))
    for level in LEVELS:
        with_, without = exposed.at(level, stage, grade), others.at(level, stage, grade)
        enough = [
            place for place in left if _enough(exposed, with_ & (content == place), others, without & ~had[:, place])
        ]
        found += _figures(exposed, content, with_, others, had, without, enough, level, had.shape[1], draws)
        left = [place for place in left if place not in enough]
    return sorted(found, key=lambda one: (-one.cautious, one.content))


def _enough(exposed: Cases, with_: Mask, others: Cases, without: Mask) -> bool:
    sides = ((exposed, with_), (others, without))
    if any(len(np.unique(cases.lead[mask])) < FEWEST for cases, mask in sides):
        return False
    moved = np.concatenate([cases.moved[mask] for cases, mask in sides])
    return bool(moved.any())


def _figures(
    exposed: Cases,
    content: Indices,
    with_: Mask,
    others: Cases,
    had: Mask,
    without: Mask,
    places: list[int],
    level: str,
    compared: int,
    draws: int,
) -> list[Worked]:
    if not places:
        return []
    ids, group = np.unique(np.append(exposed.group[with_], others.group[without]), return_inverse=True)
    own, rest = group[: with_.sum()], group[with_.sum() :]
    sums = np.zeros((len(ids), 4, len(places)))
    for position, place in enumerate(places):
        mine, none = content[with_] == place, ~had[without, place]
        for row, (who, mask, moved) in enumerate(
            ((own, mine, exposed.moved[with_]), (rest, none, others.moved[without]))
        ):
            sums[:, 2 * row, position] = np.bincount(who[mask], minlength=len(ids))
            sums[:, 2 * row + 1, position] = np.bincount(who[mask & moved], minlength=len(ids))
    drawn = drawn_sums(sums.reshape(len(ids), -1), draws).reshape(-1, 4, len(places))
    whole = sums.sum(axis=0)
    # As many differences as contents are looked at: by Bonferroni, with the spread of the draws.
    needed = -float(ndtri(0.05 / (2 * max(compared, 1))))
    answers = []
    for position, place in enumerate(places):
        mine, none = content[with_] == place, ~had[without, place]
        value = [_share(whole[row + 1, position], whole[row, position]) for row in (0, 2)]
        of_draw = [_share(drawn[:, row + 1, position], drawn[:, row, position]) for row in (0, 2)]
        behind = [independent(own[mine]), independent(rest[none])]
        fewer = min(behind, key=lambda one: one.alike)
        share, beside = (figure_of_draws(float(value[side]), of_draw[side], groups=behind[side]) for side in (0, 1))
        gap = of_draw[0] - of_draw[1]
        difference = figure_of_draws(float(value[0] - value[1]), gap, groups=fewer)
        spread = float(np.nanstd(gap)) if difference.low is not None else np.inf
        clear = difference.low is not None and difference.low > 0 and value[0] - value[1] > needed * spread
        leads = len(np.unique(exposed.lead[with_][mine]))
        answers.append(Worked(place, level, leads, share, beside, difference, bool(clear)))
    return answers


def drawn_sums(sums: Floats, draws: int = DRAWS) -> Floats:
    """Sums (groups, columns) of groups drawn anew, a row a draw; whole numbers, so that any order adds up alike."""
    weights = drawn_weights(np.arange(len(sums)), len(sums), draws, SEED)
    rows = []
    for first in range(0, draws, CHUNK):
        chunk = [weight for _, weight in zip(range(min(CHUNK, draws - first)), weights, strict=False)]
        rows += [np.stack(chunk) @ sums] if chunk else []
    return np.concatenate(rows) if rows else np.empty((0, sums.shape[1]))


def _share(part: Floats, whole: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(part / whole, dtype=np.float64)

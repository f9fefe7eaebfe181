"""Where the base rate moves, the newest outcomes say most of the next ones: a level that follows them.

A local level model (Harvey, 1989, Forecasting, Structural Time Series Models and the Kalman Filter, section 2.2):
margins out of fold are cut into blocks in time order, each block shows how far its outcomes were from its margins, and
the level walks at random from block to block. How far it walks is not known, so every answer to that counts by how well
it explains what was seen. Where nothing moved, the level stays near 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.learning.calibration import LEVEL_SPREAD, Line, OutOfFold, chances, dot, fit_line, loss_of
from pipeline.tables.columns import Floats

MOST_BLOCKS, FEWEST_BLOCKS = 16, 4
FEWEST_JUDGED = 3
"""Blocks that can be asked whether following pays, at least."""

WON_A_BLOCK = 20
"""Won leads that a block has on average, at least; with fewer for FEWEST_BLOCKS nothing is looked for."""

STEPS = np.array([0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8])
"""How far the level may walk from one block to the next: standard deviations, in log-odds."""

EXPECTED_STEP = 0.15
"""Mean of the exponential distribution of the step that is expected before anything is seen."""

BLOCK_SPREAD = 2.0
"""Standard deviation of the prior on one block's own shift: a block without won leads has a finite one."""


@dataclass(frozen=True)
class Block:
    """Adjacent margins: the log-odds by which outcomes were off, the variance of that, and when it was known."""

    rows: NDArray[np.int64]
    shift: float
    variance: float
    first: int
    known: int


def earned_level(margins: OutOfFold, line: Line, horizon: int | None) -> tuple[Line, str]:
    """The line with a level that follows the newest outcomes in place of its intercept.

    Later blocks are asked, each with the level of the blocks whose outcomes were known at its first cutoff: it is taken
    unless their log loss speaks against it, beside no level at all, by more than a standard error over blocks. In 80
    simulated histories (`benchmarks/levels.py`) to demand a lower loss would have cost 0.0006 of log loss on average
    where the base rate stands, and this rule 0.0008; where it walks fast that one gains 0.0123, and this one 0.0138.

    Parameters
    ----------
    margins : out of fold, in any order
    line : what calibrates them
    horizon : microseconds after which an outcome is known; None where an earlier cutoff is known

    Returns
    -------
    The line and a sentence; `line` as it is and an empty sentence where fewer than FEWEST_JUDGED blocks can be asked,
    or they speak against it.
    """
    log_odds = line.slope * margins.margin
    blocks = _blocks(margins, log_odds, horizon)
    plain, followed, judged = [], [], 0
    for block in blocks:
        earlier = [other for other in blocks if other.known <= block.first]
        if earlier:
            own, label = log_odds[block.rows], margins.label[block.rows]
            plain.append(loss_of(own, label))
            followed.append(loss_of(own + level_after(earlier), label))
            judged += len(own)
    if len(plain) < FEWEST_JUDGED:
        return line, ""
    worse = np.array(followed) - np.array(plain)
    if worse.sum() > float(np.sqrt(((worse - worse.mean()) ** 2).sum())):
        return line, ""
    level = level_after(blocks)
    figures = f"the log loss of later ones goes from {sum(plain) / judged:.4f} to {sum(followed) / judged:.4f}"
    return Line(line.slope, level), f"The level follows the newest outcomes ({figures}): an intercept of {level:+.3f}."


def level_after(blocks: list[Block]) -> float:
    """The level after blocks in time order: the mean over STEPS, each by its likelihood and EXPECTED_STEP.

    >>> blocks = [Block(np.arange(0), shift, 0.01, 0, 0) for shift in (0.0, 0.1, -0.1, 0.0, 0.05, 1.5)]
    >>> round(level_after(blocks[:5]), 2), round(level_after(blocks), 1)
    (0.01, 1.4)
    """
    level, variance = np.zeros(len(STEPS)), np.full(len(STEPS), LEVEL_SPREAD**2)
    fit = -STEPS / EXPECTED_STEP
    for block in blocks:
        variance = variance + STEPS**2
        total = variance + block.variance
        fit -= (np.log(total) + (block.shift - level) ** 2 / total) / 2
        gain = variance / total
        level, variance = level + gain * (block.shift - level), (1 - gain) * variance
    weight = np.exp(fit - fit.max())
    return dot(weight, level) / float(weight.sum())


def _blocks(margins: OutOfFold, log_odds: Floats, horizon: int | None) -> list[Block]:
    """Equal parts in time order; none where too few leads are won for FEWEST_BLOCKS."""
    won = len(np.unique(margins.lead[margins.label == 1]))
    number = min(MOST_BLOCKS, won // WON_A_BLOCK)
    if number < FEWEST_BLOCKS:
        return []
    blocks = []
    for rows in np.array_split(np.argsort(margins.cutoff, kind="stable"), number):
        own, label = log_odds[rows], margins.label[rows].astype(np.float64)
        # A lead counts once in a block, however often it was observed: its observations share one future.
        weight = len(np.unique(margins.lead[rows])) / len(rows)
        weights, ridge = np.full(len(rows), weight), (0.0, BLOCK_SPREAD**-2)
        line = fit_line(own, label * weight, weights, free_slope=False, ridge=ridge)
        chance = chances(line, own)
        information = weight * dot(chance, 1.0 - chance)
        times = margins.cutoff[rows]
        known = int(times.max()) + (1 if horizon is None else horizon)
        blocks.append(Block(rows, line.intercept, 1.0 / information, int(times.min()), known))
    return blocks

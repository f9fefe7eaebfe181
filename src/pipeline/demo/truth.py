"""The true probability of converting, by simulating forward from what is visible, and the noise that this leaves.

An observation's state is read off the written files, facts before the cutoff alone, and advanced day by day by the
function that made the history. Chances of closing are not drawn but multiplied out along each run: with w_t and l_t the
chances that the lead is won or lost on day t of the horizon, given the facts that the run drew, its share converting is

    q = sum over t of  w_t * product over s < t of (1 - w_s - l_s)

whose mean is the probability that drawing them would estimate, with far less noise (Rao-Blackwell). The estimate is the
mean of q over the runs; its variance is the sample variance of q divided by their number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.demo import world
from pipeline.demo.simulate import Progress
from pipeline.demo.state import Profile, State
from pipeline.demo.step import after, closing, happen
from pipeline.demo.visible import read_crm, visible
from pipeline.tables.columns import Instants

Floats = NDArray[np.float64]

_COPIES = 60_000  # (observation, run) pairs advanced at once: enough to amortise a call, little enough for the cache


@dataclass(frozen=True)
class Truth:
    """Unbiased estimates (n,) of the true probability, and the variance of each that so few runs leave."""

    probability: Floats
    variance: Floats


def advance(
    profile: Profile,
    state: State,
    day: int,
    runs: int = 400,
    seed: int = 11,
    horizon: int = world.HORIZON_DAYS,
) -> Truth:
    """The chance of winning in the local days [day, day + horizon), for leads open at the first instant of `day`.

    `profile`, `state`: one row a lead, n rows. At least 2 runs.
    """
    size = len(state)
    probability, variance = np.zeros(size), np.zeros(size)
    width = max(1, _COPIES // runs)
    for start in range(0, size, width):
        rows = np.arange(start, min(start + width, size))
        random = np.random.default_rng([seed, day, start])
        share = _run(profile.take(np.repeat(rows, runs)), state.take(np.repeat(rows, runs)), day, horizon, random)
        shares = share.reshape(len(rows), runs)
        probability[rows] = shares.mean(axis=1)
        variance[rows] = shares.var(axis=1, ddof=1) / runs
    return Truth(probability, variance)


def true_probability(
    folder: Path,
    lead_ids: Sequence[str],
    cutoffs: Instants,
    runs: int = 400,
    seed: int = 11,
    progress: Progress | None = None,
) -> Truth:
    """The chance that each lead is won in [cutoff, cutoff + 30 local days), by the files of the demo in `folder`.

    `cutoffs`: (n,) UTC microseconds, each a local midnight at which the lead is created and open, else ValueError (for
    openness, the caller's care). About 0.15 us a day and run: 40,000 observations and 400 runs take a minute or two.
    """
    profile, state, day = visible(read_crm(folder), lead_ids, cutoffs)
    probability, variance = np.zeros(len(day)), np.zeros(len(day))
    done = 0
    for number in np.unique(day).tolist():
        rows = np.flatnonzero(day == number)
        found = advance(profile.take(rows), state.take(rows), number, runs, seed)
        probability[rows], variance[rows] = found.probability, found.variance
        done += len(rows)
        if progress is not None:
            progress("observations", done, len(day))
    return Truth(probability, variance)


def corrected_log_loss(label: NDArray[np.generic], truth: Truth) -> float:
    """The log loss that the exact probabilities would have, from estimates of them.

    With p = exact + e, E[e] = 0 and var[e] = v, the loss of a row is too high by about v / (2 q^2), q being the
    probability given to what happened (p if won, 1 - p if not): the second-order term of -log. It is subtracted row by
    row; what is left is of third order in e / q, some 1e-6 at 400 runs.
    """
    given = np.where(np.asarray(label) > 0, truth.probability, 1.0 - truth.probability)
    return float(np.mean(-np.log(given) - truth.variance / (2.0 * given**2)))


def _run(profile: Profile, state: State, day: int, horizon: int, random: np.random.Generator) -> Floats:
    """The share converting of each copy, by facts drawn for it."""
    still_open, share = np.ones(len(state)), np.zeros(len(state))
    for number in range(day, day + horizon):
        today = world.calendar_day(number)
        won, lost = closing(profile, state, today)
        share += still_open * won
        still_open *= 1.0 - won - lost
        if number < day + horizon - 1:
            state = after(state, happen(profile, state, today, random))
    return share

"""Three rules for a level that follows the newest outcomes, on simulated histories whose base rate stands or walks.

python -m benchmarks.levels

Prints, for each pace of the walk, by how much each rule changes the log loss of the test against the line alone: the
mean over 20 histories and the worst. Nothing real is looked at.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pipeline.learning.calibration import Line, OutOfFold, earned_line, loss_of
from pipeline.learning.estimator import LeadClassifier
from pipeline.learning.level import _blocks, level_after
from tests.learning.simulated import HORIZON, WEEK, Simulated, simulate

LEADS, SEEDS = 2_000, range(100, 120)
PACES = (0.0, 0.03, 0.08, 0.15)
"""Standard deviations of the base rate's step from week to week, in log-odds."""


def walking(seed: int, pace: float) -> Simulated:
    """A history whose labels are drawn anew, with a level that walks at random."""
    seen = simulate(LEADS, seed=seed)
    if not pace:
        return seen
    random = np.random.default_rng(seed + 99)
    week = (seen.cutoff - seen.cutoff.min()) // WEEK
    path = np.cumsum(random.normal(0, pace, int(week.max()) + 1))
    log_odds = np.log(seen.truth / (1 - seen.truth)) + path[week]
    fate = random.random(int(seen.lead.max()) + 1)[seen.lead]
    return replace(seen, label=(fate < 1 / (1 + np.exp(-log_odds))).astype(np.int8))


def judged(margins: OutOfFold, line: Line) -> tuple[float, float, float]:
    """The level after all blocks, by how much following it raised the loss of later ones, and its standard error."""
    log_odds = line.slope * margins.margin
    blocks = _blocks(margins, log_odds, HORIZON)
    worse = [
        loss_of(log_odds[block.rows] + level_after(earlier), margins.label[block.rows])
        - loss_of(log_odds[block.rows], margins.label[block.rows])
        for block in blocks
        if (earlier := [other for other in blocks if other.known <= block.first])
    ]
    if not worse:
        return line.intercept, 0.0, -1.0
    apart = np.array(worse)
    return level_after(blocks), float(apart.sum()), float(np.sqrt(((apart - apart.mean()) ** 2).sum()))


def main() -> None:
    """Every pace, every history, every rule."""
    for pace in PACES:
        gains, rules = [], []
        for seed in SEEDS:
            seen = walking(seed, pace)
            start = np.quantile(seen.cutoff, 0.8, method="nearest")
            train, test = seen.cutoff + HORIZON <= start, seen.cutoff >= start
            told = {"cutoff": seen.cutoff[train], "lead": seen.lead[train], "categorical": seen.categorical}
            fitted = LeadClassifier().fit(seen.X[train], seen.label[train], horizon=HORIZON, **told)
            line, _ = earned_line(fitted.margins_, HORIZON)
            level, worse, error = judged(fitted.margins_, line)
            margin, label = fitted.model_.margin(seen.X[test]), seen.label[test]
            plain = loss_of(line(margin), label)
            gains.append((loss_of(line.slope * margin + level, label) - plain) / len(label))
            rules.append((error >= 0, error >= 0 and worse < 0, error >= 0 and worse <= error))
        for place, rule in enumerate(("always", "if later outcomes gain by it", "unless they speak against it")):
            found = np.where([taken[place] for taken in rules], gains, 0.0)
            print(f"pace {pace:.2f}, {rule:<30} mean {found.mean():+.5f}, worst {found.max():+.4f}", flush=True)


if __name__ == "__main__":
    main()

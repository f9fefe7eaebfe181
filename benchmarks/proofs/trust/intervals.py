"""Line 5: the intervals of a small export's test contain what the fitted model does on a large sample of its world."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

import numpy as np
from scipy.stats import binomtest

from benchmarks.proofs.line import Check, said
from benchmarks.proofs.trust.exports import HORIZON_WEEKS, WEEK, Observed, draw_world, observe
from benchmarks.proofs.workshop import Workshop
from pipeline.learning.estimator import MIN_WON_FOR_TREES, LeadClassifier
from pipeline.learning.figures import FIGURES, Ranked
from pipeline.learning.metrics import quality

EXPORTS, LARGE = 200, 60_000
TEST_SHARE = 0.2
LEAST, MOST = 0.90, 0.99
FEW, MANY = 10, 30
"""Won leads of a test that has few: under 10 the verdict says that nothing can be judged."""


@dataclass(frozen=True)
class Export:
    """Won leads in its test, figure -> whether its interval holds the large sample's, width of the AUC's interval."""

    won: int
    held: dict[str, bool]
    width: float
    again: int


def interval_covers(workshop: Workshop) -> list[Check]:
    """Exports whose accounts come and go, as claimed; and as a remark those whose accounts stay for good."""
    count = workshop.count(EXPORTS, 12)
    checks = []
    for lasting in (False, True):
        found = _spread(lasting, count)
        of = "accounts of which the training saw a part" if lasting else "small exports"
        share, low, high = coverage([export.held["auc"] for export in found])
        name = f"{count} {of}: share whose 95 % AUC interval contains the large sample's AUC"
        if lasting:
            checks.append(said(name, share))
        else:
            checks.append(Check(name, share, f"{LEAST:g} to {MOST:g}", LEAST <= share <= MOST))
        checks.append(said("... its 95 % interval (exact)", [low, high]))
        few = [export.held["auc"] for export in found if FEW <= export.won <= MANY]
        checks.append(said(f"... of the {len(few)} with {FEW} to {MANY} won leads in the test", list(coverage(few))))
        others = {figure: coverage([export.held[figure] for export in found])[0] for figure in FIGURES[1:]}
        checks.append(said("... of the other figures", others))
        checks.append(said("... median width of the AUC's interval", round(_median(found), 3)))
        checks.append(said("... exports drawn anew, for want of won leads", sum(export.again for export in found)))
    return checks


def coverage(held: list[bool]) -> tuple[float, float, float]:
    """The share that holds, with its exact 95 % interval."""
    if not held:
        return (float("nan"),) * 3
    between = binomtest(sum(held), len(held)).proportion_ci(0.95, "exact")
    return round(sum(held) / len(held), 4), round(float(between.low), 4), round(float(between.high), 4)


def measure(lasting: bool, seed: int) -> Export:
    """One export, fitted and judged as `fit` and `evaluate` do, beside a large sample over the same weeks.

    An export that has too few won leads for trees, or to judge by, is drawn anew: there the product says so itself.
    """
    for again in range(100):
        random = np.random.default_rng([seed, lasting, again])
        world = draw_world(random, lasting=lasting)
        export = observe(world, random)
        start = int(np.quantile(export.cutoff, 1 - TEST_SHARE, method="nearest"))
        training = export.take(export.cutoff + HORIZON_WEEKS * WEEK <= start)
        test = export.take(export.cutoff >= start)
        if _won(test) >= FEW and _won(training) >= MIN_WON_FOR_TREES:
            break
    model = LeadClassifier().fit(
        training.X,
        training.label,
        cutoff=training.cutoff,
        horizon=HORIZON_WEEKS * WEEK,
        lead=training.lead,
        categorical=(1, 2),
    )
    figures = quality(test.label, model.predict_proba(test.X)[:, 1], test.account)
    large = observe(world, random, LARGE)
    large = large.take(large.cutoff >= start)
    truth = _values(large, model)
    held = {}
    for name, figure in figures.items():
        # No interval holds nothing: it counts against us.
        held[name] = figure.low is not None and figure.high is not None and figure.low <= truth[name] <= figure.high
    auc = figures["auc"]
    width = float("nan") if auc.low is None or auc.high is None else auc.high - auc.low
    return Export(_won(test), held, width, again)


def _spread(lasting: bool, count: int) -> list[Export]:
    with ProcessPoolExecutor(os.cpu_count() or 1, mp_context=get_context("spawn")) as pool:
        return list(pool.map(partial(measure, lasting), range(count), chunksize=4))


def _won(rows: Observed) -> int:
    return len(np.unique(rows.lead[rows.label == 1]))


def _values(rows: Observed, model: LeadClassifier) -> dict[str, float]:
    """The figures themselves, without any draw."""
    ranked = Ranked.of(rows.label.astype(np.float64), model.predict_proba(rows.X)[:, 1], rows.account)
    return dict(zip(FIGURES, ranked.figures(np.ones(len(rows.label)))[0].tolist(), strict=True))


def _median(found: list[Export]) -> float:
    return float(np.nanmedian([export.width for export in found]))

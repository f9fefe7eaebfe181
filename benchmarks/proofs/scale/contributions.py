"""Line 4: exact contributions, fast; and a million leads scored with theirs."""

from __future__ import annotations

from statistics import median
from time import perf_counter

from benchmarks.contributed import Trees, furthest, one_row, random_model, trees
from benchmarks.proofs.line import Check, at_least, at_most, below, equal, said
from benchmarks.proofs.scale.million import scored
from benchmarks.proofs.workshop import Workshop
from benchmarks.rounds import in_turns, ratio, spread, timed

ROWS, OVER_LIGHTGBM = 100_000, 20
ONE_ROW = 0.2e-3
MODELS, TOLERANCE = 500, 1e-9


def contributions(workshop: Workshop) -> list[Check]:
    """The three claims about contributions, then the leads."""
    return [*against_lightgbm(workshop), *on_random_models(workshop), *scored(workshop)]


def against_lightgbm(workshop: Workshop) -> list[Check]:
    """Many rows in turns with LightGBM, and one row alone."""
    model = trees(workshop.count(ROWS, 500))
    model.ours(slice(1))
    turns = in_turns({"ours": timed(model.ours), "theirs": timed(model.pred_contrib)}, workshop.count(2, 1))
    alone = timed(one_row(model))
    seconds = [alone() for _ in range(workshop.count(2_000, 20))]
    return [
        said("300 trees x 31 leaves, rows", len(model.X)),
        *(said(f"seconds, {name}", spread(each)) for name, each in turns.items()),
        at_least("pred_contrib / ours", ratio(turns["theirs"], turns["ours"])["median"], OVER_LIGHTGBM),
        at_most("one row: median seconds", median(seconds), ONE_ROW),
        below("largest difference", _apart(model, slice(1_000)), TOLERANCE),
    ]


def on_random_models(workshop: Workshop) -> list[Check]:
    """Models of all shapes, with missing values and categories, at rows that training had not."""
    count, start = workshop.count(MODELS, 20), perf_counter()
    apart = {seed: _apart(random_model(seed)) for seed in range(count)}
    return [
        equal("random models", len(apart), count),
        below("largest difference on any of them", max(apart.values()), TOLERANCE),
        said("seconds", round(perf_counter() - start, 1)),
    ]


def _apart(model: Trees, rows: slice = slice(None)) -> float:
    return furthest(model.ours(rows), model.pred_contrib(rows))

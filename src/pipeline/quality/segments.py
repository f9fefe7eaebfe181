"""Quality and calibration of parts of the test: by channel, sector, size, age, or what the workspace names."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.settings import Segment
from pipeline.definitions.spans import DAY
from pipeline.definitions.yaml_lines import WorkspaceError
from pipeline.features.matrix import Definition
from pipeline.features.training_set import TrainingSet
from pipeline.learning.metrics import DRAWS, mean_figure
from pipeline.learning.model import Model
from pipeline.quality.evaluation import TOO_FEW, WON_TO_JUDGE, by_age, figures_of
from pipeline.tables.columns import Floats

AGE = "age"
MOST = 20
"""Values that are judged by themselves: the most frequent of the test. The others are one."""

OTHERS, MISSING = "(other values)", "(missing)"

Mask = NDArray[np.bool_]


def by_segment(
    training_set: TrainingSet,
    model: Model,
    segments: Sequence[Segment],
    ages: tuple[int, ...] | None = None,
    draws: int = DRAWS,
) -> dict[str, dict[str, Any]]:
    """Figures of the tested model on parts of the test, as plain JSON: column -> value -> group.

    Parameters
    ----------
    training_set : its `test` rows judge
    model : the tested model
    segments : the workspace's; `age` without bands is by the workspace's `ages`, or by the bands of `evaluate`
    draws : bootstrap draws over groups

    Returns
    -------
    A group is as `evaluate` gives it, with two more figures: `mean_probability`, and `excess`, the mean probability
    minus the won share (above 0 the model promises too much). `why` is None, or says that there are too few won leads
    to judge by; the figures are there all the same, with their intervals. Values come by frequency, bands in order.

    Raises
    ------
    WorkspaceError
        If a segment names nothing that the training set holds, or numbers without bands; the sentence says what there
        is.
    """
    rows = np.flatnonzero(training_set.test)
    probability = model.probability(training_set.X[rows])
    label, group = training_set.label[rows], training_set.group[rows]
    found: dict[str, dict[str, Any]] = {}
    for segment in segments:
        found[segment.column] = {}
        for value, chosen in parts(training_set, rows, segment, ages).items():
            here = np.flatnonzero(chosen)
            if not len(here):
                continue
            judged = figures_of(training_set, rows[here], probability[here], draws)
            promised, owner = probability[here], group[here]
            won = judged["won_leads"]
            few = won < WON_TO_JUDGE
            found[segment.column][value] = judged | {
                "mean_probability": mean_figure(promised, owner, draws).to_json(),
                "excess": mean_figure(promised - label[here], owner, draws).to_json(),
                "why": f"{TOO_FEW}: {won} won leads, {WON_TO_JUDGE} are needed" if few else None,
            }
    return found


def parts(
    training_set: TrainingSet, rows: NDArray[np.int64], segment: Segment, ages: tuple[int, ...] | None = None
) -> dict[str, Mask]:
    """Value -> mask of those of the `rows` (n,) that have it; every row is in exactly one part, but for `ages`."""
    if segment.column == AGE:
        age = training_set.cutoff[rows] - training_set.created_at[rows]
        return banded(age / DAY, segment.bands) if segment.bands else by_age(age, ages)
    definition = training_set.definition
    place = column_of(definition, segment.column)
    name, values = definition.columns[place], training_set.X[rows, place]
    if name in definition.vocabularies:
        if segment.bands:
            raise WorkspaceError(f"segments, {segment.column}: its values are words and cannot be cut; leave out bands")
        return _worded(values, definition.vocabularies[name])
    bounds = segment.bands
    if not bounds and _criterion(definition, place).values == "bands":
        known = training_set.X[:, place]
        bounds = tuple(float(bound) for bound in np.unique(known[~np.isnan(known)])[1:])
    if not bounds or len(bounds) >= MOST:
        raise WorkspaceError(
            f"segments, {segment.column}: it holds numbers; say where to cut them, as in "
            f"{{column: {segment.column}, bands: [10, 50]}}"
        )
    return banded(values, bounds)


def column_of(definition: Definition, name: str) -> int:
    """The position of what a segment names: a column, a criterion of one column, or the attribute that one reads."""
    candidates = [
        [place for place, column in enumerate(definition.columns) if column == name],
        [place for place in range(len(definition.columns)) if _criterion(definition, place).name == name],
        [place for place in range(len(definition.columns)) if _criterion(definition, place).attribute == name],
    ]
    places = next(filter(None, candidates), [])
    if len(places) == 1:
        return places[0]
    if places:
        several = ", ".join(definition.columns[place] for place in places)
        raise WorkspaceError(f"segments: {name!r} is several columns; name one of them: {several}")
    words = [column for column in definition.columns if column in definition.vocabularies]
    numbers = [column for column in definition.columns if column not in definition.vocabularies and column != AGE]
    raise WorkspaceError(
        f"segments: no criterion and no attribute of one is called {name!r}; there are {', '.join([AGE, *words])}"
        + (f", and with bands {', '.join(numbers)}" if numbers else "")
    )


def banded(numbers: Floats, bounds: Sequence[float]) -> dict[str, Mask]:
    """Numbers (n,) in bands: below the first bound, from each to below the next, from the last on; and the missing.

    >>> {band: mask.tolist() for band, mask in banded(np.array([5.0, 10.0, np.nan]), (10,)).items()}
    {'under 10': [True, False, False], '10 and more': [False, True, False], '(missing)': [False, False, True]}
    """
    edges = [f"{bound:.12g}" for bound in bounds]
    inner = [f"{low} to under {high}" for low, high in pairwise(edges)]
    names = [f"under {edges[0]}", *inner, f"{edges[-1]} and more"]
    missing = np.isnan(numbers)
    band = np.where(missing, -1, np.searchsorted(np.asarray(bounds, dtype=np.float64), numbers, side="right"))
    return {name: band == place for place, name in enumerate(names)} | {MISSING: missing}


def _worded(codes: Floats, words: Sequence[str]) -> dict[str, Mask]:
    """The most frequent words among codes (n,), then all others as one, then the missing."""
    missing = np.isnan(codes)
    counts = np.bincount(codes[~missing].astype(np.int64), minlength=len(words) + 1)[: len(words)]
    frequent = [int(code) for code in np.argsort(-counts, kind="stable")[:MOST] if counts[code]]
    return {words[code]: codes == code for code in frequent} | {
        OTHERS: ~missing & ~np.isin(codes, frequent),
        MISSING: missing,
    }


def _criterion(definition: Definition, place: int) -> Any:
    return definition.criteria[definition.criterion_of[place]]

"""What judges a model beside its test's figures: what so many calls a week bring in, and the backtest."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from pipeline.definitions.spans import DAY, span_text
from pipeline.definitions.workspace import Workspace, WorkspaceError
from pipeline.features.amounts import FILE, Amounts
from pipeline.features.training_set import TrainingSet, read_texts
from pipeline.quality.backtest import PERIODS, backtest, periods_of
from pipeline.quality.capacity import capacity
from pipeline.quality.weekly import WEEK
from pipeline.tables.columns import Floats
from pipeline.tables.files import replace_text
from pipeline.workflow.fitting import estimator_of, segment_of
from pipeline.workflow.places import Places, fit_key, read_summary
from pipeline.workflow.schema import Progress, quiet
from pipeline.workflow.suspected import without

PERIOD = 30 * DAY
"""How long a period of the backtest is, unless asked for another."""

MOST_PERIODS = 120


def capacity_key(workspace: Workspace, training: Path) -> str:
    """Hash of what `capacities` depends on beside the candidate: the setting, and the amounts of the deals."""
    path = training / FILE
    amounts = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""
    return hashlib.sha256(f"{workspace.capacity.per_week} {amounts}".encode()).hexdigest()


def capacities(workspace: Workspace, training: Path, rows: TrainingSet, probability: Floats) -> dict[str, Any]:
    """What calls bring in on the test's weekly lists; `probability` (n,) is of the test's observations."""
    every = workspace.observed.every
    days = WEEK if every is None else max(WEEK, every // DAY)
    return capacity(rows, probability, Amounts.load(training), workspace.capacity.per_week, days)


def backtested(
    workspace: Workspace, periods: int = PERIODS, period: int | None = None, progress: Progress = quiet
) -> dict[str, Any]:
    """Training and test at each of the last periods, from the training set that stands; plain JSON.

    It is kept in `data/work/backtest.json`, and not computed again while nothing that it depends on has changed.
    `period` is in microseconds, PERIOD by default; rows without dates are cut into equal parts instead, and their
    periods have `from` and `to` null. WorkspaceError where it cannot be done as asked.
    """
    if not 1 <= periods <= MOST_PERIODS:
        raise WorkspaceError(f"--periods {periods}: expected a number from 1 to {MOST_PERIODS}")
    undated = workspace.order == "file"
    if undated and period is not None:
        raise WorkspaceError(f"--period {span_text(period)}: the rows have no dates (order: file); leave it out")
    if period is not None and period < DAY:
        raise WorkspaceError(f"--period {span_text(period)}: expected a day at least, as in 30d")
    training = Places(workspace.root).training
    rows = TrainingSet.load(training)
    workspace = without(workspace, rows.suspects)
    length = None if undated else period or PERIOD
    try:
        asked = periods_of(rows, periods, length)
    except ValueError as error:
        raise WorkspaceError(f"{training}: {error}; export a longer history, or set a shorter goal.horizon") from None
    places = Places(workspace.root)
    # A fit a period takes minutes: what stands and is of the same rows, settings, code and periods is taken as it is.
    inputs = hashlib.sha256(f"{fit_key(workspace, rows)} {periods} {length}".encode()).hexdigest()
    standing = read_summary(places.backtest)
    if standing is not None and standing.get("inputs") == inputs:
        found: dict[str, Any] = standing["backtest"]
        return found
    result = backtest(
        rows,
        read_texts(training, rows.definition),
        lambda definition: estimator_of(workspace, definition),
        asked,
        segment=segment_of(workspace, rows.definition),
        progress=progress,
    )
    if workspace.tune is not None:
        result["said"].append("Nothing was tuned: each period is fitted with the settings under `model`.")
    for one in result["periods"] if undated else ():
        one |= {"from": None, "to": None}
    horizon = rows.definition.horizon
    whole = {
        "name": workspace.name,
        "period": None if length is None else span_text(length),
        "horizon": None if horizon is None else span_text(horizon),
        **result,
    }
    text = json.dumps({"inputs": inputs, "backtest": whole}, indent=1, ensure_ascii=False, allow_nan=False)
    replace_text(places.backtest, f"{text}\n")
    return whole

"""Who is observed when, and which observations a model may learn from: all of it known before a measure is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.criteria import Criterion
from pipeline.definitions.workspace import Workspace
from pipeline.definitions.yaml_lines import DataError
from pipeline.definitions.zones import iso
from pipeline.features.define import settled
from pipeline.features.ledgers import Ledgers
from pipeline.features.observations import FOREVER, Observations, observe, start_of_test
from pipeline.tables.columns import History, Instants

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Seen:
    """Observations in the order in which they are written, which of them a model may learn from, and the test's start.

    `criteria` are those of the workspace with how each attribute is read, where that is known already.
    """

    rows: Observations
    test_from: int
    training: Mask
    criteria: tuple[Criterion, ...] | None = None


def split(rows: Observations, history: History, workspace: Workspace) -> Seen:
    """Where the test begins. DataError where there is nothing to observe, or nothing to learn from."""
    if len(rows) == 0:
        raise DataError(
            "no observation: no lead was open at a cutoff; check data_until, created_at and observe in the workspace"
        )
    test_from = start_of_test(rows, workspace.test.share, workspace.test_from)
    training = training_rows(rows.cutoff, rows.mature, workspace.horizon, test_from)
    if not training.any():
        newest = iso(int(rows.cutoff.max()))
        raise DataError(
            "no observation to learn from: none has cutoff + horizon before the test starts "
            f"({'never' if test_from == FOREVER else iso(test_from)}; newest cutoff {newest}, data_until "
            f"{iso(history.data_until)}); export a longer history, or set a shorter goal.horizon or a later test.from"
        )
    return Seen(rows, test_from, training)


def seen_without_facts(history: History, workspace: Workspace) -> Seen:
    """What can be said before any interaction was read, where no observation depends on one."""
    seen = split(observed(history, workspace), history, workspace)
    rows, training = seen.rows, seen.training
    return replace(seen, criteria=settled(history, workspace, rows.lead[training], rows.cutoff[training]))


def training_rows(cutoff: Instants, mature: Mask, horizon: int | None, test_from: int) -> Mask:
    """Which observations a model may learn from before the test."""
    known = cutoff if horizon is None else cutoff + horizon
    return mature & (known <= test_from) & (cutoff < test_from)


def observed(history: History, workspace: Workspace, ledgers: Ledgers | None = None) -> Observations:
    """The observations in the order in which they are written: by lead and cutoff, with `order: file` as they come.

    `ledgers` are looked at only where each interaction has its observation (`observe: {after: interaction}`).
    """
    rows = observe(history, workspace.observed, workspace.horizon, workspace.excluded_kinds, ledgers)
    return in_order(rows, history, workspace)


def in_order(rows: Observations, history: History, workspace: Workspace) -> Observations:
    """Observations as they are written."""
    if workspace.order == "file":
        return rows
    # The order of a table's rows means nothing, and a database keeps none: the same rows, the same training set.
    lead = history.leads.id.codes[rows.lead]
    if bool(((lead[1:] > lead[:-1]) | (lead[1:] == lead[:-1]) & (rows.cutoff[1:] >= rows.cutoff[:-1])).all()):
        return rows
    return rows.take(np.lexsort((rows.cutoff, lead)))

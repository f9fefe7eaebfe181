"""In every drawn world a partitioned run means what one process means: leads and facts go anywhere, the bits stay."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.definitions.workspace import Workspace
from pipeline.distributed.cluster import Cluster
from pipeline.distributed.open import of
from pipeline.features.attributes import recorded_attributes
from pipeline.features.auto import Counts, count_training
from pipeline.features.ledgers import Whole
from pipeline.features.schema import schema_of
from pipeline.tables.columns import Floats, History, Texts
from pipeline.workflow.hands import HERE, Hands
from tests.distributed import drawn
from tests.distributed.processes import Processes
from tests.worlds import worlds

FEWER = 10
"""A world is written as nine files and read twice: a tenth of the usual number."""


@settings(max_examples=max(15, settings().max_examples // FEWER))
@given(worlds, st.sampled_from([1, 2, 3, 5]), st.booleans())
def test_a_world_in_partitions_is_the_same_world(case: dict[str, Any], width: int, auto: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        workspace = drawn.workspace(case, Path(folder) / "world", auto=auto)
        cluster = Cluster(Processes(width))
        here, there = found(workspace, HERE, counted), found(workspace, of(cluster.engine), cluster.counts)
    for name in here:
        assert here[name] == there[name], name


def counted(history: History, workspace: Workspace, lead: Any, cutoff: Any) -> Counts:
    recorded = recorded_attributes(history)
    ledgers = Whole(history, workspace.excluded_kinds, workspace.excluded_columns)
    return count_training(ledgers, lead, cutoff, recorded, workspace.excluded_columns)


def found(workspace: Workspace, hands: Hands, count: Callable[..., Counts]) -> dict[str, Any]:
    """All that a run finds, such that equality is equality to the bit."""
    history, account = hands.read(workspace)
    rows = hands.observe(history, workspace.observed, workspace.horizon, workspace.excluded_kinds)
    plain: dict[str, Any] = {
        "account": {name: table.to_json() for name, table in account.tables.items()},
        "order": [list(table.set_aside) for table in account.tables.values()],
        "aside": dict(account.leads),
        "observations": [column.tolist() for column in (rows.lead, rows.cutoff, rows.mature, rows.label)],
        "kinds": [part.kind.words for part in history.interactions],
        "flows": [
            sorted({*zip(part.kind.codes.tolist(), part.flow.tolist(), strict=True)}) for part in history.interactions
        ],
    }
    if len(rows) == 0:
        return plain
    definition = hands.define(history, workspace, rows.lead, rows.cutoff)
    columns = hands.measure(history, rows.lead, rows.cutoff, definition)
    plain["counts"] = count(history, workspace, rows.lead[::-1], rows.cutoff[::-1])
    plain["schema"] = schema_of(workspace, history, definition)
    plain["definition"] = definition.to_json()
    plain["measures"] = {name: bits(column) for name, column in columns.items()}
    return plain


def bits(column: Floats | Texts) -> Any:
    return column.values() if isinstance(column, Texts) else column.tobytes()

"""The training set of interactions that need not fit into memory."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from pipeline.definitions.workspace import Workspace
from pipeline.features.parts import in_parts
from pipeline.features.seen import seen_without_facts
from pipeline.features.training_set import Suspects, write_training_set
from pipeline.tables.files import arriving
from pipeline.tables.history import read_in_pieces
from pipeline.workflow.schema import Progress


def out_of_core(
    workspace: Workspace,
    folder: Path,
    inputs: Callable[[], str | None],
    progress: Progress,
    suspects: Suspects = (),
) -> dict[str, Any]:
    """The training set, its interactions read in pieces and measured in parts; NotInPieces where that cannot be.

    `inputs` gives the hash of what goes in, and is asked once everything was read.
    """
    left_out = workspace.excluded_kinds, workspace.excluded_columns
    with (
        arriving(folder) as target,
        read_in_pieces(workspace, progress) as pieces,
        ThreadPoolExecutor(1) as beside,
    ):
        # While facts are read; only observations after each interaction have to wait for them.
        by_facts = workspace.observed.after is not None
        known = None if by_facts else beside.submit(seen_without_facts, pieces.history, workspace)
        with in_parts(pieces, target, *left_out, progress) as parts:
            seen = None if known is None else known.result()
            read = parts, workspace, target, inputs(), progress, pieces.decimals, seen
            return write_training_set(*read, suspects=suspects)

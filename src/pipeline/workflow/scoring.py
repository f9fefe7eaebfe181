"""score and explain: the champion's answers for the export's leads."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from pipeline.definitions.workspace import Workspace, WorkspaceError
from pipeline.definitions.zones import iso, parse_instant
from pipeline.features.observations import is_open
from pipeline.learning.bundle import Bundle, load_champion
from pipeline.reasons.scores import Score, score
from pipeline.tables.columns import History
from pipeline.tables.contracts import Account
from pipeline.tables.files import PARTIAL
from pipeline.tables.sources import read_history
from pipeline.workflow.places import Places
from pipeline.workflow.stages import Progress, quiet


def as_of_instant(workspace: Workspace, text: str | None) -> int:
    """When to score: `text` in the workspace's zone, by default the export's instant; never after it."""
    if text is None:
        return workspace.data_until
    try:
        as_of = parse_instant(text, workspace.timezone)
    except (ValueError, OverflowError) as error:
        raise WorkspaceError(f"--as-of: {error}") from None
    if as_of > workspace.data_until:
        raise WorkspaceError(
            f"--as-of: {iso(as_of)} is after data_until, {iso(workspace.data_until)}: the export knows nothing of it; "
            "name an earlier time, or export anew"
        )
    return as_of


def read_for(bundle: Bundle, workspace: Workspace, progress: Progress = quiet) -> tuple[History, Account]:
    """The export as the model was trained to see it: without what was excluded then, with what was since."""
    definition = bundle.definition
    asked = workspace.excluding(definition.excluded_kinds, definition.excluded_columns)
    return read_history(asked, progress)


def score_leads(
    workspace: Workspace, as_of: str | None = None, output: Path | None = None, progress: Progress = quiet
) -> tuple[dict[str, Any], list[Score], History]:
    """Score every open lead and write csv or parquet by the output's ending; section 9's JSON, the scores, the data."""
    instant = as_of_instant(workspace, as_of)
    if output is not None and output.suffix not in (".csv", ".parquet"):
        raise WorkspaceError(f"-o {output.name}: expected a name that ends in .csv or .parquet")
    bundle = load_champion(Places(workspace.root).models)
    history, _ = read_for(bundle, workspace, progress)
    rows = np.flatnonzero(history.leads.created_at < instant)
    rows = rows[is_open(history, rows, np.full(len(rows), instant))]
    progress(f"scoring {len(rows):,} open leads")
    scores = score(bundle, history, instant, rows)
    if output is not None:
        progress("writing")
        write_scores(scores, output)
    summary = {
        "scored": len(scores),
        "as_of": iso(instant),
        "model_version": bundle.version,
        "output": None if output is None else str(output),
    }
    return summary, scores, history


def explain_lead(workspace: Workspace, lead: str, as_of: str | None = None, progress: Progress = quiet) -> Score:
    """One lead's score with every criterion."""
    instant = as_of_instant(workspace, as_of)
    bundle = load_champion(Places(workspace.root).models)
    history, account = read_for(bundle, workspace, progress)
    if lead in account.leads:
        raise WorkspaceError(f"{lead}: this lead is set aside: {account.leads[lead]}")
    if lead not in history.leads.id.words:
        raise WorkspaceError(f"{lead}: the leads of {workspace.name} have no such id")
    row = int(np.flatnonzero(history.leads.id.codes == history.leads.id.words.index(lead))[0])
    try:
        return score(bundle, history, instant, [row])[0]
    except ValueError as error:
        raise WorkspaceError(str(error)) from None


def write_scores(scores: Sequence[Score], output: Path) -> None:
    """The scores as a table, a row a lead; `reasons` is nested in parquet and JSON in csv. Whole or not at all."""
    plain = [score.to_json() for score in scores]
    nested = output.suffix == ".parquet"
    if not nested:
        for row in plain:
            row["reasons"] = json.dumps(row["reasons"], ensure_ascii=False)
            row["warnings"] = " ".join(row["warnings"])
    schema = _schema(nested)
    table = pa.table({field.name: pa.array([row[field.name] for row in plain], field.type) for field in schema}, schema)
    output.parent.mkdir(parents=True, exist_ok=True)
    partial = output.with_name(f".{output.name}{PARTIAL}")
    try:
        if nested:
            pq.write_table(table, partial)
        else:
            pyarrow.csv.write_csv(table, partial)
        os.replace(partial, output)
    finally:
        partial.unlink(missing_ok=True)


def _schema(nested: bool) -> pa.Schema:
    text, number = pa.string(), pa.float64()
    reason = pa.struct(
        [
            ("criterion", text),
            ("family", text),
            ("side", text),
            ("label", text),
            ("contribution", number),
            ("points", number),
            ("sign", text),
            ("evidence", text),
            ("text", text),
        ]
    )
    return pa.schema(
        [
            ("lead_id", text),
            ("as_of", text),
            ("probability", number),
            ("log_odds", number),
            ("score", pa.int64()),
            ("percentile", number),
            ("grade", text),
            ("stage", text),
            ("action", text),
            ("fit", number),
            ("intent", number),
            ("base", number),
            ("reasons", pa.list_(reason) if nested else text),
            ("model_version", text),
            ("warnings", pa.list_(text) if nested else text),
        ]
    )


def names_of(history: History, scores: Sequence[Score]) -> dict[str, str]:
    """What people call the scored leads: the displayed columns, where the workspace names any. For the screen alone."""
    shown = [column for name, column in history.leads.display.items() if "phone" not in name and "mail" not in name][:2]
    wanted = {score.lead_id for score in scores}
    names = {}
    for row, lead in enumerate(history.leads.id.values()):
        if lead in wanted and shown:
            names[str(lead)] = ", ".join(str(column[row]) for column in shown if column[row] is not None)
    return names

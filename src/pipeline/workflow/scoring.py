"""score and explain: the champion's answers for the export's leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.definitions.workspace import Workspace, WorkspaceError
from pipeline.definitions.zones import iso, parse_instant
from pipeline.features.observations import is_open
from pipeline.learning.bundle import Bundle, load_champion
from pipeline.reasons.scores import Score, score
from pipeline.tables.columns import History
from pipeline.tables.findings import Finding
from pipeline.workflow.columnar import ENDINGS
from pipeline.workflow.contributions import write_contributions
from pipeline.workflow.hands import HERE, Hands
from pipeline.workflow.places import Places
from pipeline.workflow.schema import Progress, quiet, read_for, sentence
from pipeline.workflow.written import WRITERS, write_scores


def as_of_instant(workspace: Workspace, text: str | None) -> int:
    """When to score: `text` in the workspace's zone, by default the export's instant; never after it.

    WorkspaceError where `text` is no such moment, and where the workspace has an `order`: without the dates of outcomes
    a lead that had ended would count as open.
    """
    if text is None:
        return workspace.data_until
    if workspace.order is not None:
        raise WorkspaceError(
            f"--as-of: `order: {workspace.order}` says that outcomes are not dated, so that nothing tells which were "
            "known at an earlier time; leave it out"
        )
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


def score_leads(
    workspace: Workspace,
    as_of: str | None = None,
    output: Path | None = None,
    progress: Progress = quiet,
    hands: Hands = HERE,
) -> tuple[dict[str, Any], list[Score], History]:
    """Score every open lead and write them as the output's ending says; section 9's JSON, the scores, the data.

    SchemaDriftError where the columns are not those that the champion was trained with.
    """
    instant = as_of_instant(workspace, as_of)
    if output is not None and output.suffix not in WRITERS:
        raise WorkspaceError(f"-o {output.name}: expected a name that ends in {', '.join(WRITERS)}")
    bundle = load_champion(Places(workspace.root).models)
    export = read_for(bundle, workspace, progress, hands.read)
    history = export.history
    rows = np.flatnonzero(history.leads.created_at < instant)
    rows = rows[is_open(history, rows, np.full(len(rows), instant))]
    progress(f"scoring {len(rows):,} open leads")
    scores = hands.score(bundle, history, instant, rows)
    if output is not None:
        progress("writing")
        write_scores(scores, output)
    return _summary(len(scores), instant, bundle, output, export.told), scores, history


def score_contributions(
    workspace: Workspace,
    as_of: str | None = None,
    output: Path | None = None,
    progress: Progress = quiet,
    top: int = 0,
) -> tuple[dict[str, Any], list[Score], History]:
    """As `score_leads`, into a file with a column for each criterion's contribution instead of reasons.

    The scores that come back are the `top` best alone.
    """
    instant = as_of_instant(workspace, as_of)
    if output is None or output.suffix not in ENDINGS:
        named = "-o" if output is None else f"-o {output.name}"
        raise WorkspaceError(f"{named}: --contributions needs a name that ends in {' or '.join(ENDINGS)}")
    bundle = load_champion(Places(workspace.root).models)
    found = write_contributions(bundle, workspace, instant, output, progress, top)
    return _summary(found.scored, instant, bundle, output, found.told), found.best, found.history


def _summary(scored: int, as_of: int, bundle: Bundle, output: Path | None, told: Sequence[Finding]) -> dict[str, Any]:
    summary: dict[str, Any] = {
        "scored": scored,
        "as_of": iso(as_of),
        "model_version": bundle.version,
        "output": None if output is None else str(output),
    }
    if told:
        summary["warnings"] = [sentence(finding) for finding in told]
    return summary


def explain_lead(workspace: Workspace, lead: str, as_of: str | None = None, progress: Progress = quiet) -> Score:
    """One lead's score with every criterion; SchemaDriftError as in `score_leads`."""
    instant = as_of_instant(workspace, as_of)
    bundle = load_champion(Places(workspace.root).models)
    export = read_for(bundle, workspace, progress)
    history, aside = export.history, export.account.leads
    if lead in aside:
        raise WorkspaceError(f"{lead}: this lead is set aside: {aside[lead]}")
    if lead not in history.leads.id.words:
        source = workspace.sources.leads
        known = f"; correct it: ids are those of column {source.id} in {source.from_.shown}" if source.id else ""
        raise WorkspaceError(f"{lead}: the leads of {workspace.name} have no such id{known}")
    row = int(np.flatnonzero(history.leads.id.codes == history.leads.id.words.index(lead))[0])
    try:
        found = score(bundle, history, instant, [row])[0]
    except ValueError as error:
        raise WorkspaceError(str(error)) from None
    return replace(found, warnings=(*found.warnings, *map(sentence, export.told)))


def names_of(history: History, scores: Sequence[Score]) -> dict[str, str]:
    """What people call the scored leads: the displayed columns, where the workspace names any. For the screen alone."""
    shown = [column for name, column in history.leads.display.items() if "phone" not in name and "mail" not in name][:2]
    wanted = {score.lead_id for score in scores}
    names = {}
    for row, lead in enumerate(history.leads.id.values()):
        if lead in wanted and shown:
            names[str(lead)] = ", ".join(str(column[row]) for column in shown if column[row] is not None)
    return names

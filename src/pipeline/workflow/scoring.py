"""score and explain: the champion's answers for the export's leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.workspace import Workspace, WorkspaceError
from pipeline.definitions.zones import iso, parse_instant
from pipeline.features.observations import is_open
from pipeline.learning.bundle import Bundle
from pipeline.reasons.language import Language
from pipeline.reasons.scored import Scorer
from pipeline.reasons.scores import Score, in_words, score
from pipeline.tables.columns import History
from pipeline.tables.findings import Finding
from pipeline.workflow.acting import Audience, audience_of, load_acting
from pipeline.workflow.changing import change_since, reachable
from pipeline.workflow.columnar import ENDINGS
from pipeline.workflow.contributions import write_contributions
from pipeline.workflow.hands import HERE, Hands
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
    audience: str | None = None,
    words: Language | None = None,
) -> tuple[dict[str, Any], list[Score], History]:
    """Score every open lead and write them as the output's ending says; section 9's JSON, the scores, the data.

    With `audience`, one of the workspace's or a condition, only its leads. SchemaDriftError where the columns are not
    those that the champion was trained with.
    """
    instant = as_of_instant(workspace, as_of)
    if output is not None and output.suffix not in WRITERS:
        raise WorkspaceError(f"-o {output.name}: expected a name that ends in {', '.join(WRITERS)}")
    bundle, said = load_acting(workspace)
    wanted = None if audience is None else audience_of(workspace, audience, bundle.definition)
    export = read_for(bundle, workspace, progress, hands.read)
    history = export.history
    rows = np.flatnonzero(history.leads.created_at < instant)
    rows = rows[is_open(history, rows, np.full(len(rows), instant))]
    progress(f"scoring {len(rows):,} open leads")
    scores = (
        hands.score(bundle, history, instant, rows, language=words)
        if wanted is None
        else _of(wanted, bundle, history, instant, rows, words)
    )
    if output is not None:
        progress("writing")
        write_scores(scores, output)
    return _summary(len(scores), instant, bundle, output, export.told, said, wanted), scores, history


def _of(
    wanted: Audience, bundle: Bundle, history: History, as_of: int, rows: NDArray[np.int64], words: Language | None
) -> list[Score]:
    """The scores of those of the leads that belong to an audience."""
    scorer = Scorer(bundle, history, as_of)
    scored = scorer.score(rows)
    found = wanted.members(history, rows, as_of, bundle.definition, scored, scorer.ledger)
    return in_words(scorer, scored, np.flatnonzero(found), language=words)


def score_contributions(
    workspace: Workspace,
    as_of: str | None = None,
    output: Path | None = None,
    progress: Progress = quiet,
    top: int = 0,
    audience: str | None = None,
    words: Language | None = None,
) -> tuple[dict[str, Any], list[Score], History]:
    """As `score_leads`, into a file with a column for each criterion's contribution instead of reasons.

    The scores that come back are the `top` best alone.
    """
    instant = as_of_instant(workspace, as_of)
    if output is None or output.suffix not in ENDINGS:
        named = "-o" if output is None else f"-o {output.name}"
        raise WorkspaceError(f"{named}: --contributions needs a name that ends in {' or '.join(ENDINGS)}")
    bundle, said = load_acting(workspace)
    wanted = None if audience is None else audience_of(workspace, audience, bundle.definition)
    found = write_contributions(bundle, workspace, instant, output, progress, top, wanted, words)
    return _summary(found.scored, instant, bundle, output, found.told, said, wanted), found.best, found.history


def _summary(
    scored: int,
    as_of: int,
    bundle: Bundle,
    output: Path | None,
    told: Sequence[Finding],
    said: Sequence[str],
    audience: Audience | None,
) -> dict[str, Any]:
    summary: dict[str, Any] = {
        "scored": scored,
        "as_of": iso(as_of),
        "model_version": bundle.version,
        "output": None if output is None else str(output),
    }
    if audience is not None:
        summary["audience"] = audience.named
    if told or said:
        summary["warnings"] = [*map(sentence, told), *said]
    return summary


@dataclass(frozen=True)
class Explained:
    """One lead's score with every criterion; `within_reach` is what would matter, `changed` what did since then."""

    score: Score
    within_reach: list[dict[str, Any]]
    changed: dict[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """Section 9's JSON: the score, and what goes with it."""
        plain = self.score.to_json() | {"within_reach": self.within_reach}
        return plain if self.changed is None else plain | {"changed": self.changed}


def explain_lead(
    workspace: Workspace,
    lead: str,
    as_of: str | None = None,
    progress: Progress = quiet,
    *,
    since: str | None = None,
    model: str | None = None,
    words: Language | None = None,
) -> Explained:
    """One lead explained, in a language; with `since` also what changed from then on, by the model that served then.

    SchemaDriftError as in `score_leads`; WorkspaceError where there is no such lead, or nothing to compare it with.
    """
    instant = as_of_instant(workspace, as_of)
    bundle, said = load_acting(workspace)
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
        found = score(bundle, history, instant, [row], language=words)[0]
    except ValueError as error:
        raise WorkspaceError(str(error)) from None
    found = replace(found, warnings=(*found.warnings, *map(sentence, export.told), *said))
    moved = None if since is None else change_since(workspace, history, bundle, row, since, instant, model, words)
    return Explained(found, reachable(history, bundle, row, instant, words), moved)


def names_of(history: History, scores: Sequence[Score]) -> dict[str, str]:
    """What people call the scored leads: the displayed columns, where the workspace names any. For the screen alone."""
    shown = [column for name, column in history.leads.display.items() if "phone" not in name and "mail" not in name][:2]
    wanted = {score.lead_id for score in scores}
    names = {}
    for row, lead in enumerate(history.leads.id.values()):
        if lead in wanted and shown:
            names[str(lead)] = ", ".join(str(column[row]) for column in shown if column[row] is not None)
    return names

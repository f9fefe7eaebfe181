"""explain: one lead's score with what changed since an earlier instant, and what would matter now."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.champions.promotion import HELD, read_promotions
from pipeline.definitions.workspace import Workspace, WorkspaceError
from pipeline.definitions.zones import iso, parse_instant
from pipeline.learning.bundle import Bundle, BundleError, bundle_path
from pipeline.reasons.changed import changed
from pipeline.reasons.language import Language, language
from pipeline.reasons.reach import reach
from pipeline.reasons.scored import Scorer
from pipeline.reasons.told import what_changed, within_reach
from pipeline.tables.columns import History
from pipeline.workflow.places import Places
from pipeline.workflow.versions import side_of


def earlier_instant(workspace: Workspace, text: str) -> int:
    """The instant of `--since`; WorkspaceError where it is none."""
    if workspace.order is not None:
        raise WorkspaceError(
            f"--since: `order: {workspace.order}` says that outcomes are not dated, so that nothing tells which were "
            "known at an earlier time; leave it out"
        )
    try:
        return parse_instant(text, workspace.timezone)
    except (ValueError, OverflowError) as error:
        raise WorkspaceError(f"--since: {error}") from None


def model_at(places: Places, instant: int, today: Bundle, asked: str | None = None) -> Bundle:
    """The model that served at an instant by the record of promotions, or the one `asked` for; today's where none did.

    A version whose bundle is no longer there cannot say anything: today's model speaks in its place.
    """
    version = asked
    if version is None:
        moves = [entry for entry in read_promotions(places.models) if entry.action != HELD]
        served = [entry.version for entry in moves if parse_instant(entry.at, "UTC") <= instant]
        version = served[-1] if served else None
    if version is None or version == today.version:
        return today
    if asked is not None:
        return side_of(places, asked).served
    try:
        return Bundle.load(bundle_path(places.models, version))
    except BundleError:
        return today


def change_since(
    workspace: Workspace,
    history: History,
    today: Bundle,
    row: int,
    since: str,
    as_of: int,
    model: str | None = None,
    words: Language | None = None,
) -> dict[str, Any]:
    """What changed of a lead (a row of the history's); WorkspaceError says why nothing can be compared."""
    instant = earlier_instant(workspace, since)
    before = model_at(Places(workspace.root), instant, today, model)
    lead = str(history.leads.id.take(np.array([row])).values()[0])
    try:
        found = changed((before, today), history, np.array([row]), instant, as_of)
    except ValueError as error:
        raise WorkspaceError(f"--since {iso(instant)}: lead {lead}: {error}") from None
    return what_changed(found, 0, words or language(), today.definition.timezone)


def reachable(
    history: History, today: Bundle, row: int, as_of: int, words: Language | None = None
) -> list[dict[str, Any]]:
    """What would raise a lead's score most if it happened now."""
    scorer = Scorer(today, history, as_of)
    scored = scorer.score(np.array([row]))
    return within_reach(reach(scorer, scored), scored, 0, words or language())

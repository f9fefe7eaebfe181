"""report: everything that there is to say of a version, gathered for one page; what is missing says why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.champions.promotion import HELD, read_promotions
from pipeline.champions.signing import sign_offs
from pipeline.definitions.rules import SCORED
from pipeline.definitions.workspace import Workspace, WorkspaceError
from pipeline.features.training_set import TrainingSet
from pipeline.learning.bundle import BundleError, read_champion
from pipeline.reasons.language import Language, language
from pipeline.reasons.scores import score
from pipeline.tables.columns import LOST, History
from pipeline.workflow import stages
from pipeline.workflow.acting import Audience, audience_of
from pipeline.workflow.channelled import channel_figures
from pipeline.workflow.explained import Explained, explained, turned_since
from pipeline.workflow.judging import backtested
from pipeline.workflow.places import Places, check_key, read_summary
from pipeline.workflow.schema import Progress, quiet, read_for
from pipeline.workflow.versions import Side, side_of

DEPENDENCES = 8
"""Criteria whose dependence is drawn: those that count most."""
EACH = {"high": 3, "low": 2, "high_lost": 3, "low_won": 2}
"""How many leads of each role are explained: ten."""


def gather(
    workspace: Workspace,
    version: str | None = None,
    *,
    audience: str | None = None,
    periods: int = 6,
    words: Language | None = None,
    progress: Progress = quiet,
) -> dict[str, Any]:
    """What `views.report.page.report_html` shows of a version, the champion by default; plain JSON.

    What takes long and stands already (the check, the training set, the test's figures) is taken as it stands if it is
    of these inputs. WorkspaceError where no model serves, or none of that name is registered.
    """
    places = Places(workspace.root)
    side = side_of(places, version or "champion")
    if audience is not None:
        # Refused before anything is computed: the backtest alone takes minutes.
        _check_audience(audience_of(workspace, audience, side.served.definition))
    stages.features(workspace, None, progress)
    rows = TrainingSet.load(places.training)
    progress("check")
    standing = read_summary(places.check)
    fresh = standing is not None and standing.get("inputs") == check_key(workspace)
    check = standing if fresh else stages.check(workspace, None, progress)
    return {
        "name": workspace.name,
        "language": (words or language()).code,
        "version": side.served.version,
        "kind": side.served.model.kind,
        "until": "the end of the file" if workspace.order == "file" else workspace.data_until_text,
        "horizon": side.served.definition.horizon,
        "audience": audience,
        "serves": read_champion(places.models) == side.served.version,
        "promotion": _promotion(places, side.served.version),
        "evaluation": _evaluation(places, side),
        "check": check,
        "suspects": [dict(one) for one in rows.suspects],
        "backtest": _backtest(workspace, periods, progress),
        "channels": _channels(workspace, audience, progress),
        **_explained(workspace, side, audience, words or language(), progress),
        "turned": _turned(workspace, side, progress),
        "card": dict(side.served.card),
        "signed": [
            {"at": one.at, "reviewer": one.reviewer, "verdict": one.verdict, "notes": one.notes}
            for one in sign_offs(places.models, side.served.version)
        ],
    }


def _check_audience(wanted: Audience) -> None:
    """WorkspaceError where an audience is of scores: leads that converted have none, and would be in no audience."""
    scored = [name for name in wanted.condition.names if name in SCORED]
    if scored:
        raise WorkspaceError(
            f"--audience: {scored[0]} is known of open leads alone, and a report is of all; take it out of "
            f"{wanted.condition.text!r}"
        )


def _promotion(places: Places, version: str) -> str | None:
    """What was said when the version was promoted last."""
    moves = [one for one in read_promotions(places.models) if one.version == version and one.action != HELD]
    return moves[-1].reason if moves else None


def _evaluation(places: Places, side: Side) -> dict[str, Any] | None:
    """The test's figures: all of them where the last evaluation is of this version, else those of its card."""
    judged = read_summary(places.evaluation / "evaluation.json")
    if judged is not None and judged.get("model_version") == side.served.version:
        return judged
    card = side.served.card
    if "test" not in card:
        return None
    return {name: card[name] for name in ("test", "by_age", "baselines", "verdict") if name in card}


def _backtest(workspace: Workspace, periods: int, progress: Progress) -> dict[str, Any] | str:
    if periods < 1:
        return "The backtest was left out."
    try:
        return backtested(workspace, periods, None, progress)
    except WorkspaceError as error:
        return f"There is no backtest: {error}"


def _channels(workspace: Workspace, audience: str | None, progress: Progress) -> dict[str, Any] | str:
    try:
        return channel_figures(workspace, audience=audience, progress=progress)
    except WorkspaceError as error:
        return f"Channels cannot be told: {str(error).removeprefix('channels: ')}"


def _turned(workspace: Workspace, side: Side, progress: Progress) -> dict[str, Any] | None:
    """What turned since the champion before, or against the champion; None where no other model can be compared."""
    if side.served.model.kind == "base rate":
        return None
    try:
        found = turned_since(workspace, side.served.version, progress=progress)
    except (BundleError, WorkspaceError):
        return None
    return None if found["before"] is None else found


def _explained(
    workspace: Workspace, side: Side, audience: str | None, words: Language, progress: Progress
) -> dict[str, Any]:
    """Criteria over many leads, and ten leads; for either a sentence where there is nothing to explain."""
    if side.served.model.kind == "base rate":
        told = "The base rate serves: it has no criteria and gives every lead the same probability."
        return {"explained": told, "leads": told}
    try:
        found = explained(workspace, side.served.version, progress=progress)
    except WorkspaceError as error:
        return {"explained": f"Nothing can be explained: {error}", "leads": f"No lead can be shown: {error}"}
    history = read_for(found.bundle, workspace, progress).history
    row_of = {str(name): row for row, name in enumerate(history.leads.id.values())}
    if audience is not None:
        wanted = audience_of(workspace, audience, found.bundle.definition)
        lead = np.array([row_of[str(name)] for name in found.lead_id.values()], dtype=np.int64)
        found = found.take(np.flatnonzero(wanted.members(history, lead, found.cutoff, found.bundle.definition)))
        if not len(found):
            told = "No observation of the test belongs to the audience."
            return {"explained": told, "leads": told}
    importance = found.importance(words.code)
    first = [one["criterion"] for one in importance if one["importance"]["value"]][:DEPENDENCES]
    many = {
        "observations": len(found),
        "importance": importance,
        "families": found.families(),
        "dependence": [found.dependence(name) for name in first],
    }
    progress("ten leads")
    return {"explained": many, "leads": _leads(found, history, row_of, words)}


def _leads(found: Explained, history: History, row_of: Mapping[str, int], words: Language) -> list[dict[str, Any]]:
    """Leads of the test, each at the observation that makes it what it is shown as; ties by id."""
    names = [str(name) for name in found.lead_id.values()]
    shown: list[dict[str, Any]] = []
    taken: set[str] = set()
    for role, places in _ranked(found, history, names, row_of).items():
        mine: list[int] = []
        for place in places:
            if len(mine) < EACH[role] and names[place] not in taken:
                taken.add(names[place])
                mine.append(place)
        for place in mine:
            (told,) = score(found.bundle, history, int(found.cutoff[place]), [row_of[names[place]]], language=words)
            if told.probability is not None:
                shown.append({"role": role, "score": told.to_json()})
    return shown


def _ranked(
    found: Explained, history: History, names: Sequence[str], row_of: Mapping[str, int]
) -> dict[str, list[int]]:
    """Of each role the observations that may stand for it, the clearest first."""
    lost = set(history.owner[history.deals.outcome == LOST].tolist())
    won = found.label == 1
    gone = np.array([row_of[name] in lost for name in names]) & ~won
    order = np.lexsort((np.array(names), found.probability))
    high = order[::-1]

    def chosen(rows: NDArray[np.int64], which: NDArray[np.bool_]) -> list[int]:
        picked: list[int] = rows[which[rows]].tolist()
        return picked

    return {
        "high": chosen(high, won),
        "low": chosen(order, ~won),
        "high_lost": chosen(high, gone),
        "low_won": chosen(order, won),
    }

"""compare: two versions side by side, or two training sets; what sets them apart, and which one is better."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.champions.verdict import WON_NEEDED
from pipeline.definitions.workspace import Workspace, WorkspaceError
from pipeline.definitions.zones import iso, parse_instant
from pipeline.features.training_set import TrainingSet
from pipeline.learning.bundle import Bundle
from pipeline.learning.folds import won_leads
from pipeline.learning.metrics import mean_figure, paired_log_loss, quality
from pipeline.tables.columns import Floats
from pipeline.workflow.beside import EXPLAINED, alike, by_criterion, matrix_for, sampled
from pipeline.workflow.data_versions import compare_data
from pipeline.workflow.differences import definitions_apart, settings_apart
from pipeline.workflow.places import Places
from pipeline.workflow.schema import Progress, SchemaDriftError, quiet
from pipeline.workflow.versions import side_of, training_folder

Indices = NDArray[np.int64]


def compare(workspace: Workspace, a: str, b: str, progress: Progress = quiet) -> dict[str, Any]:
    """Two versions side by side, as plain JSON.

    `a` and `b` are `champion`, `candidate`, a registered version or the folder of a bundle; or both are folders of
    training sets, as `features -o` writes them.

    Returns
    -------
    `a` and `b` (what each is, with the figures of its own test), `settings` and `definition` (what differs),
    `same_data`, `importance` (mean absolute contribution of each criterion, with its interval), and two comparisons on
    the same observations, `as_tested` and `as_served`. Each of these says from which cutoff on (`from`): neither of the
    two has learnt from anything known later. It has both `figures`, the difference in `log_loss` (b minus a: below 0, b
    is better), the `explanation`'s stability, and a sentence; or `why` there is none. `said` are sentences for people.

    Raises
    ------
    WorkspaceError
        If a name is no version and no folder of either kind, or the two are of different kinds.
    """
    places = Places(workspace.root)
    mine, theirs = (training_folder(places, name) for name in (a, b))
    if mine is not None and theirs is not None:
        sets = compare_data(mine, theirs)
        return sets | {"a": sets["a"] | {"asked": a}, "b": sets["b"] | {"asked": b}}
    if mine is not None or theirs is not None:
        raise WorkspaceError(f"{a} and {b}: one is a training set and the other a model; compare two of a kind")
    one, other = side_of(places, a), side_of(places, b)
    rows = TrainingSet.load(places.training) if (places.training / "training.json").exists() else None
    result: dict[str, Any] = {
        "kind": "models",
        "a": one.told,
        "b": other.told,
        "settings": settings_apart(one.served.card, other.served.card),
        "definition": definitions_apart(one.served.definition, other.served.definition),
        "same_data": one.served.card.get("data_hash") == other.served.card.get("data_hash"),
    }
    if workspace.order == "file":
        # The instants of rows without dates are places in the file; nobody should read them as days.
        for side in (result["a"], result["b"]):
            side |= {"data_until": None, "knows_until": None}
    seen = _Seen(workspace, rows, progress)
    progress("as tested")
    result["as_tested"] = seen.paired(one.tested, other.tested, "tested version")
    progress("as served")
    result["as_served"] = seen.paired(one.served, other.served, "served model")
    result["importance"] = seen.importance(one.served, other.served)
    result["said"] = _said(result)
    return result


class _Seen:
    """Two models on the observations of the training set that stands."""

    def __init__(self, workspace: Workspace, rows: TrainingSet | None, progress: Progress) -> None:
        self.workspace, self.rows, self.progress = workspace, rows, progress

    def paired(self, a: Bundle | None, b: Bundle | None, what: str) -> dict[str, Any]:
        """Both on the mature observations that neither has learnt from; or why not."""
        if a is None or b is None:
            return {"why": f"one of the two has no {what} beside it"}
        rows = self.rows
        if rows is None:
            return {"why": "there is no training set to compare on; run `leadlight features`"}
        horizons = {a.definition.horizon, b.definition.horizon, rows.definition.horizon}
        if len(horizons) > 1:
            return {"why": "the two, or the training set that stands, have different horizons: their labels differ"}
        start = max(_fresh_from(bundle, what) for bundle in (a, b))
        chosen = np.flatnonzero(rows.mature & (rows.cutoff >= start))
        since = None if self.workspace.order == "file" else iso(start)
        if not len(chosen):
            where = "later rows of the file" if since is None else f"cutoffs from {since[:10]} on"
            return {
                "from": since,
                "why": f"no outcome is known yet of {where}, and of earlier ones a {what} has learnt",
            }
        try:
            x_a, x_b = self._matrices(a, b, chosen)
        except SchemaDriftError as error:
            return {"from": since, "why": str(error)}
        label, group = rows.label[chosen], rows.group[chosen]
        p_a, p_b = a.model.probability(x_a), b.model.probability(x_b)
        won = won_leads(rows.lead_id.codes[chosen], label)
        figures = {
            side: {name: figure.to_json() for name, figure in quality(label, p, group).items()}
            for side, p in (("a", p_a), ("b", p_b))
        }
        difference = paired_log_loss(label, p_b, p_a, group).to_json()
        return {
            "from": since,
            "n": len(chosen),
            "won": int(label.sum()),
            "won_leads": won,
            "figures": figures,
            "log_loss": difference,
            "explanation": alike(b, x_b, a, x_a, rows, chosen).to_json(),
            "sentence": _concluded(difference, won),
        }

    def importance(self, a: Bundle, b: Bundle) -> list[dict[str, Any]]:
        """Criterion -> mean absolute contribution to the newest test's observations, the largest first."""
        rows = self.rows
        if rows is None:
            return []
        chosen = np.flatnonzero(rows.test if rows.test.any() else rows.mature)
        chosen = chosen[sampled(rows.group[chosen], EXPLAINED)]
        try:
            matrices = self._matrices(a, b, chosen)
        except SchemaDriftError:
            return []
        sides: list[dict[str, Any]] = []
        for bundle, X in zip((a, b), matrices, strict=True):
            parts = by_criterion(bundle, X)
            sides.append({name: mean_figure(np.abs(part), rows.group[chosen]) for name, part in parts.items()})
        names = {
            name: max(side[name].value or 0.0 for side in sides if name in side) for name in {*sides[0], *sides[1]}
        }
        return [
            {"criterion": name}
            | {key: side[name].to_json() if name in side else None for key, side in zip("ab", sides, strict=True)}
            for name in sorted(names, key=lambda name: (-names[name], name))
        ]

    def _matrices(self, a: Bundle, b: Bundle, chosen: Indices) -> tuple[Floats, Floats]:
        first = self._matrix(a, chosen)
        return first, first if a.definition.fingerprint == b.definition.fingerprint else self._matrix(b, chosen)

    def _matrix(self, bundle: Bundle, chosen: Indices) -> Floats:
        rows = self.rows
        if rows is None:
            raise ValueError("there is no training set")
        if bundle.definition.fingerprint == rows.definition.fingerprint:
            return rows.X[chosen]
        return matrix_for(bundle, rows, chosen, self.workspace, self.progress)


def _fresh_from(bundle: Bundle, what: str) -> int:
    """The first cutoff of which a model knows no outcome and, as tested, from which on it was to be judged."""
    known = parse_instant(str(bundle.card["knows_until"]), "UTC")
    start = bundle.card.get("tested", {}).get("start")
    return max(known, int(start)) if what == "tested version" and start is not None else known


def _concluded(difference: Mapping[str, Any], won: int) -> str:
    if won < WON_NEEDED:
        return f"too few to conclude from: {won} won leads, {WON_NEEDED} are needed"
    if difference["low"] is None:
        return f"the difference has no interval ({difference.get('why')})"
    if difference["high"] < 0:
        return "b is better beyond the interval"
    if difference["low"] > 0:
        return "a is better beyond the interval"
    return "neither is better beyond the interval"


def _said(result: Mapping[str, Any]) -> list[str]:
    said = []
    if result["a"]["version"] == result["b"]["version"]:
        said.append("Both names stand for the same version.")
    for key, words in (("as_tested", "As tested"), ("as_served", "As served")):
        one = result[key]
        if "why" in one:
            said.append(f"{words}, they cannot be compared: {one['why']}.")
            continue
        loss = one["log_loss"]
        between = "" if loss["low"] is None else f" [{loss['low']:+.4f} to {loss['high']:+.4f}]"
        since = "" if one["from"] is None else f" from {one['from'][:10]} on"
        said.append(
            f"{words}, on {one['n']:,} observations ({one['won_leads']:,} won leads){since} that neither has learnt "
            f"from: log loss of b minus a {loss['value']:+.4f}{between}; {one['sentence']}."
        )
    return said

"""A version's explanations of the test: what it says of each observation, and why, for whoever looks at many leads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.champions.promotion import earlier_champions
from pipeline.definitions.criteria import Criterion
from pipeline.definitions.maps import OTHER
from pipeline.definitions.workspace import Workspace, WorkspaceError
from pipeline.features.training_set import TrainingSet
from pipeline.learning.bundle import Bundle
from pipeline.learning.model import logistic
from pipeline.reasons import many
from pipeline.reasons.depends import Values
from pipeline.reasons.explain import add_up
from pipeline.tables.columns import Floats, Instants, Texts
from pipeline.workflow.beside import EXPLAINED, matrix_for, newest_of, sampled
from pipeline.workflow.places import Places
from pipeline.workflow.schema import Progress, quiet
from pipeline.workflow.versions import side_of

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Explained:
    """n observations explained by one model, in calibrated log-odds: base + measures.sum(axis=1) = log_odds to 1e-9.

    Attributes
    ----------
    bundle : the model
    tested : whether it is the tested half of its version, which has not learnt from these observations
    lead_id, cutoff, label, group : of the observations (n,); the label is 0 or 1, those of one group share a fate
    X : (n, p) what the model saw, categories as codes
    measures, criteria : contributions (n, p) by column, and (n, criteria) summed
    """

    bundle: Bundle
    tested: bool
    lead_id: Texts
    cutoff: Instants
    label: NDArray[np.int8]
    group: NDArray[np.int64]
    X: Floats
    base: float
    measures: Floats
    criteria: Floats

    def __len__(self) -> int:
        return len(self.label)

    def take(self, rows: NDArray[np.int64]) -> Explained:
        """The given observations, in that order."""
        own = {name: getattr(self, name)[rows] for name in ("cutoff", "label", "group", "X", "measures", "criteria")}
        return replace(self, lead_id=self.lead_id.take(rows), **own)

    @cached_property
    def log_odds(self) -> Floats:
        """What the model says, (n,)."""
        return self.bundle.model.log_odds(self.X)

    @property
    def probability(self) -> Floats:
        """Calibrated probabilities (n,)."""
        return logistic(self.log_odds)

    @cached_property
    def newest(self) -> Mask:
        """Each lead's newest observation, (n,)."""
        return newest_of(self.lead_id.codes, self.cutoff)

    @property
    def definition(self) -> tuple[Criterion, ...]:
        """The criteria, in order."""
        return self.bundle.definition.criteria

    def criterion(self, name: str) -> int:
        """The place of a criterion; ValueError names those there are."""
        names = [criterion.name for criterion in self.definition]
        if name not in names:
            raise ValueError(f"{name!r} is no criterion of model {self.bundle.version}; there are {', '.join(names)}")
        return names.index(name)

    def numbers(self, column: str) -> Floats:
        """What the model saw in a column (n,): numbers, and codes of categories."""
        seen: Floats = self.X[:, self.bundle.definition.columns.index(column)]
        return seen

    def values(self, column: str) -> Values:
        """What people read in a column (n,): numbers, or words with `other` for what has no code of its own."""
        seen, words = self.numbers(column), self.bundle.definition.vocabularies.get(column)
        if words is None:
            return seen
        named = (*words, OTHER)
        return [None if np.isnan(code) else named[int(code)] for code in seen.tolist()]

    def leading(self, name: str) -> str:
        """The column of a criterion whose contributions are the largest: the value that stands for the criterion."""
        place = self.criterion(name)
        mine = [column for column, of in enumerate(self.bundle.definition.criterion_of) if of == place]
        sizes = [float(np.abs(self.measures[:, column]).sum()) for column in mine]
        return self.bundle.definition.columns[mine[int(np.argmax(sizes))]]

    def importance(self, language: str = "en") -> list[dict[str, Any]]:
        """`many.importance` of these observations."""
        return many.importance(self.criteria, self.definition, self.group, language=language)

    def families(self) -> list[dict[str, Any]]:
        """`many.families` of these observations."""
        return many.families(self.criteria, self.definition, self.group)

    def sides(self) -> list[dict[str, Any]]:
        """`many.sides` of these observations."""
        return many.sides(self.criteria, self.definition, self.group)

    def by_segment(self, column: str) -> dict[str, list[dict[str, Any]]]:
        """`many.importance_by` of the values of a categorical criterion."""
        values = self.values(self.leading(column))
        if isinstance(values, np.ndarray):
            raise ValueError(f"{column}: it holds numbers, and segments are words; name a categorical criterion")
        return many.importance_by(self.criteria, self.definition, self.group, values)

    def dependence(self, name: str, column: str | None = None) -> dict[str, Any]:
        """`many.dependence` of a criterion on one of its columns, its leading one by default; with both names."""
        place = self.criterion(name)
        column = column or self.leading(name)
        if column not in self.definition[place].columns:
            known = ", ".join(self.definition[place].columns)
            raise ValueError(f"{column!r} is no column of {name}; there are {known}")
        label = {"criterion": name, "label": self.definition[place].title(), "column": column}
        return label | many.dependence(self.criteria[:, place], self.values(column), self.group)


def explained(
    workspace: Workspace,
    version: str | None = None,
    *,
    served: bool = False,
    most: int = EXPLAINED,
    progress: Progress = quiet,
) -> Explained:
    """The test's observations explained by a version, the champion by default; whole groups by lot beyond `most`.

    The version's tested half explains them, which has not learnt from them; `served` asks for the half that serves.
    WorkspaceError where there is no training set, no such version or nothing in the test.
    """
    places = Places(workspace.root)
    side = side_of(places, version or "champion")
    tested = side.tested is not None and not served
    bundle = side.tested if side.tested is not None and not served else side.served
    rows = TrainingSet.load(places.training)
    chosen = _of_test(rows, most)
    return _explain(bundle, tested, rows, chosen, workspace, progress)


def turned_since(
    workspace: Workspace, version: str | None = None, before: str | None = None, progress: Progress = quiet
) -> dict[str, Any]:
    """What turned between a version (the champion) and an earlier one (the champion before it), both as they serve.

    `{"version", "before", "turned": [row of many.turned]}`; `before` is None, with "why", where there is no other.
    """
    places = Places(workspace.root)
    side = side_of(places, version or "champion")
    earlier = before or next((name for name in reversed(earlier_champions(places.models))), None)
    if version is not None and before is None:
        # A challenger is held against what serves.
        champion = side_of(places, "champion").served.version
        earlier = champion if champion != side.served.version else earlier
    if earlier is None:
        why = "no other model served before"
        return {"version": side.served.version, "before": None, "turned": [], "why": why}
    rows = TrainingSet.load(places.training)
    chosen = _of_test(rows, EXPLAINED)
    now, was = (
        _explain(one.served, False, rows, chosen, workspace, progress) for one in (side, side_of(places, earlier))
    )
    values = {criterion.name: now.values(now.leading(criterion.name)) for criterion in now.definition}
    return {
        "version": side.served.version,
        "before": was.bundle.version,
        "turned": many.turned(_named(was), _named(now), values, now.group),
    }


def _named(found: Explained) -> dict[str, Floats]:
    return {criterion.name: found.criteria[:, place] for place, criterion in enumerate(found.definition)}


def _of_test(rows: TrainingSet, most: int) -> NDArray[np.int64]:
    test = np.flatnonzero(rows.test)
    if not len(test):
        raise WorkspaceError("the test holds no observation whose outcome is known; nothing can be explained")
    return test[sampled(rows.group[test], most)]


def _explain(
    bundle: Bundle,
    tested: bool,
    rows: TrainingSet,
    chosen: NDArray[np.int64],
    workspace: Workspace,
    progress: Progress,
) -> Explained:
    definition = bundle.definition
    same = definition.fingerprint == rows.definition.fingerprint
    X = rows.X[chosen] if same else matrix_for(bundle, rows, chosen, workspace, progress)
    progress(f"explaining {len(chosen):,} observations")
    base, parts = bundle.model.contributions(X)
    return Explained(
        bundle=bundle,
        tested=tested,
        lead_id=rows.lead_id.take(chosen),
        cutoff=rows.cutoff[chosen],
        label=rows.label[chosen],
        group=rows.group[chosen],
        X=X,
        base=base,
        measures=parts,
        criteria=add_up(parts, definition.criterion_of, len(definition.criteria)),
    )

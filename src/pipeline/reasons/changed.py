"""What changed between two scores of a lead: the difference in log-odds, split exactly and in a fixed order.

1. Time passed: the facts known at the earlier instant, measured at the later one, by the earlier model.
2. The lead's new facts, by the earlier model.
3. The model retrained: the later model instead of the earlier one, on everything.

Each step is the difference of two sums of contributions, so that all parts add up to the difference of the two scores.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.criteria import Criterion
from pipeline.features.ledgers import Whole
from pipeline.features.measures import measure_all
from pipeline.learning.bundle import Bundle
from pipeline.reasons import explain
from pipeline.reasons.scored import Scored, Scorer
from pipeline.tables.columns import Floats, History, Texts

Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]
Columns = Mapping[str, Floats | Texts]


@dataclass(frozen=True)
class Changed:
    """n leads at `since` and later at `as_of` (UTC microseconds), open at both.

    `earlier` and `later` are the two scores, `between` the earlier model's at `as_of`; where one model gave both scores
    `later` is `between`. `aged` are the columns of what was known at `since`, measured at `as_of`. `time` and `facts`
    (n, criteria of the earlier model) and `model` (n, `criteria`) are in calibrated log-odds, `base` is the later
    model's base less the earlier one's: the sums of all of them are `later.log_odds - earlier.log_odds`, to 1e-9.
    """

    since: int
    as_of: int
    earlier: Scored
    between: Scored
    later: Scored
    models: tuple[Bundle, Bundle]
    aged: Columns
    time: Floats
    facts: Floats

    @property
    def retrained(self) -> bool:
        """Whether two models gave the two scores."""
        return self.later is not self.between

    @cached_property
    def criteria(self) -> tuple[Criterion, ...]:
        """The criteria of `model`: the later model's, then those that only the earlier one has."""
        before, after = (bundle.definition.criteria for bundle in self.models)
        names = {criterion.name for criterion in after}
        return (*after, *(criterion for criterion in before if criterion.name not in names))

    @cached_property
    def model(self) -> Floats:
        """What another model makes of the same facts, (n, `criteria`)."""
        places = {criterion.name: place for place, criterion in enumerate(self.criteria)}
        found = np.zeros((len(self.time), len(places)))
        for sign, scored, bundle in ((1, self.later, self.models[1]), (-1, self.between, self.models[0])):
            for column, criterion in enumerate(bundle.definition.criteria):
                found[:, places[criterion.name]] += sign * scored.contributions[:, column]
        return found

    @property
    def base(self) -> float:
        """What another model takes for usual, instead of the earlier one."""
        return self.later.base - self.between.base

    @property
    def total(self) -> Floats:
        """The difference of the two scores in log-odds, (n,)."""
        difference: Floats = self.later.log_odds - self.earlier.log_odds
        return difference


def changed(
    models: tuple[Bundle, Bundle],
    history: History,
    lead: Indices,
    since: int,
    as_of: int,
    *,
    ready: Whole | None = None,
) -> Changed:
    """What changed of leads (rows of the history's) from `since` to `as_of`, by the model of then and the model of now.

    Raises
    ------
    ValueError
        if `since` is not before `as_of`, or a lead was not there at `since`, or is closed at one of the two
    """
    if not since < as_of:
        raise ValueError("the earlier instant is not before the later one")
    before, after = models
    if (history.leads.created_at[lead] >= since).any():
        raise ValueError("the lead was not created before the earlier instant: nothing was known of it then")
    earlier = Scorer(before, history, since).score(lead)
    between = Scorer(before, history, as_of).score(lead)
    for scored, when in ((earlier, "at the earlier instant"), (between, "at the later instant")):
        if not scored.open.all():
            raise ValueError(f"the lead was closed {when} and has no probability")
    later = between if before.version == after.version else Scorer(after, history, as_of).score(lead)
    aged = _aged(before, history, lead, earlier.columns, since, as_of, ready)
    matrix, _ = before.definition.matrix(aged)
    _, parts = before.model.contributions(matrix)
    old = explain.add_up(parts, before.definition.criterion_of, len(before.definition.criteria))
    return Changed(
        since,
        as_of,
        earlier,
        between,
        later,
        models,
        aged,
        time=old - earlier.contributions,
        facts=between.contributions - old,
    )


def _aged(
    bundle: Bundle, history: History, lead: Indices, known: Columns, since: int, as_of: int, ready: Whole | None
) -> Columns:
    """What was known at `since`, measured at `as_of`. An attribute is what it was: no time changes it, only a fact."""
    definition = bundle.definition
    whole = ready or Whole(history, definition.excluded_kinds, definition.excluded_columns)
    columns = measure_all(
        history,
        lead,
        np.full(len(lead), as_of, dtype=np.int64),
        definition,
        ledger_of=lambda entity: whole.ledger(entity).known_before(since),
    )
    standing = [c.name for c in definition.criteria if not c.measures and c.built_in is None]
    return {**columns, **{name: known[name] for name in standing}}


def strongest(parts: Floats, criteria: Sequence[Criterion]) -> Indices:
    """The order of one lead's parts (criteria,), by their size, without those that are nothing."""
    order = explain.strongest_first(parts[None, :], [criterion.name for criterion in criteria])[0]
    return np.asarray(order[parts[order] != 0], dtype=np.int64)

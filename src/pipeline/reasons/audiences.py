"""Audiences: which leads a condition holds of, by attributes, measures, what is visible of them, and their scores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.conditions import Condition
from pipeline.definitions.rules import BEFORE, DEFAULT, FACTS, SCORED, Rules
from pipeline.features.ledger import Ledger
from pipeline.features.matrix import Definition
from pipeline.features.measures import measure_all
from pipeline.reasons.bound import Facts, bind, told
from pipeline.reasons.scored import Scored
from pipeline.reasons.stages import said_of_scores
from pipeline.tables.columns import Floats, History, Instants, Texts

Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]


def members(
    condition: Condition,
    history: History,
    lead: Indices,
    as_of: int | Instants,
    definition: Definition,
    scored: Scored | None = None,
    *,
    rules: Rules | None = None,
    ledger_of: Callable[[str], Ledger] | None = None,
) -> Mask:
    """Of which leads the condition holds, (n,), by what is visible before `as_of`.

    Parameters
    ----------
    lead : rows of the history's leads, (n,)
    as_of : UTC microseconds, one for all or one of each lead, (n,)
    definition : whose criteria the names are; every other name is an attribute
    scored : the scores of these leads, in this order and at this instant; what they measured is not measured again
    rules : where there are no scores, what counts as `interested`; by default as it ships
    ledger_of : gives the ledger of an entity, by default built from the history

    Raises
    ------
    ValueError
        If the condition asks for what only a score says, and there is none; or for the grade before.
    """
    asked = [name for name in condition.names if name in SCORED]
    if asked and scored is None:
        raise ValueError(f"{asked[0]} is known of scored leads alone: take it out of {condition.text!r}")
    if BEFORE in condition.names:
        raise ValueError(f"{BEFORE} is for `actions` alone: take it out of {condition.text!r}")
    rules = scored.standing.rules if scored is not None else rules or DEFAULT
    facts = rules.facts if any(name in FACTS for name in condition.names) else ()
    bound = bind(condition.names, definition.criteria)
    columns: dict[str, Floats | Texts] = {} if scored is None else dict(scored.columns)
    known = {name: criterion for criterion in definition.criteria for name in criterion.columns}
    own = (known[column] for column in bound.column.values() if column in known)
    criteria = dict.fromkeys((*facts, *bound.criteria, *own))
    missing = tuple(each for each in criteria if not all(name in columns for name in each.columns))
    if missing:
        cutoff = np.broadcast_to(np.asarray(as_of, dtype=np.int64), len(lead)).copy()
        columns |= measure_all(history, lead, cutoff, replace(definition, criteria=missing), ledger_of=ledger_of)
    values = told(condition.names, bound, columns, Facts.read(columns) if facts else None)
    if scored is not None:
        numbers = {name: getattr(scored, name) for name in ("probability", "score", "percentile", "fit", "intent")}
        values |= said_of_scores(condition.names, scored.standing.grade, scored.standing.stage, numbers)
    return condition.holds(values, len(lead))

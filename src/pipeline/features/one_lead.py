"""One lead from plain Python values to its measures: no tables, no history, the same ledger and the same kernel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from pipeline.definitions.criteria import Criterion
from pipeline.features.kernel import measure_ledger
from pipeline.features.ledger import Ledger
from pipeline.tables.columns import FLOWS, NEVER, Floats, Interactions, Texts, nowhen
from pipeline.tables.facts import fact_order, take, visible_at

LEAD = np.zeros(1, dtype=np.int64)
NO_PAIRS = np.empty(0, dtype=np.int64)
NONE: Mapping[str, Sequence[None]] = {}


def measure_one(
    criteria: Sequence[Criterion],
    cutoff: int,
    at: Sequence[int],
    kind: Sequence[str],
    flow: Sequence[str | None] | None = None,
    *,
    numbers: Mapping[str, Sequence[float | None]] = NONE,
    texts: Mapping[str, Sequence[str | None]] = NONE,
    id: Sequence[str | None] | None = None,
    known_at: Sequence[int | None] | None = None,
    timezone: str = "UTC",
) -> dict[str, Floats | Texts]:
    """The measures of `criteria` over a lead's own n interactions at a cutoff, each a column of one value.

    The interactions may come in any order; their ids are different. The bits are those of the same lead in an export.

    Parameters
    ----------
    cutoff, at, known_at : UTC microseconds; an interaction that says nothing of `known_at` is known when it happens
    flow : "inbound", "outbound" or None each; None for no flow at all
    numbers, texts : by name a value, or None, for each interaction

    >>> calls = Criterion.from_json({"name": "calls", "family": "engagement", "when": {"kind": ["call"]},
    ...     "measures": ["count", "total duration"]})
    >>> found = measure_one([calls], 10, [5, 9, 20], ["call", "visit", "call"], numbers={"duration": [30.0, None, 1.0]})
    >>> {name: column.tolist() for name, column in found.items()}
    {'calls.count': [1.0], 'calls.total_duration': [30.0]}
    """
    size = len(at)
    instants, kinds = np.array(at, dtype=np.int64), Texts.of(kind)
    known = None
    if known_at is not None:
        known = np.array([NEVER if one is None else one for one in known_at], dtype=np.int64)
    flows = np.zeros(size, np.int8) if flow is None else np.array([FLOWS[one] for one in flow], dtype=np.int8)
    measured: Mapping[str, Floats] = {name: np.array(column, dtype=np.float64) for name, column in numbers.items()}
    written: Mapping[str, Texts] = {name: Texts.of(column) for name, column in texts.items()}
    if not (instants[1:] > instants[:-1]).all():
        whose = np.zeros(size, dtype=np.int32)
        ids, when = Texts.missing(size) if id is None else Texts.of(id), nowhen(size) if known is None else known
        table = Interactions("lead", Texts(whose, ("",)), instants, kinds, ids, when, flows, measured, written)
        table = take(table, fact_order(table, whose))
        instants, kinds, flows, measured, written = table.at, table.kind, table.flow, table.numbers, table.texts
        known = None if known is None else table.known_at
    seen = instants if known is None else visible_at(instants, known)
    ledger = Ledger("lead", LEAD, np.array((0, size)), instants, seen, kinds, flows, written, measured, NO_PAIRS)
    return measure_ledger(ledger, criteria, LEAD, np.array((cutoff,)), timezone)

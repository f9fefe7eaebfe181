"""The kernel: every measure of DESIGN section 4, computed from a ledger for any number of observations.

The walk over facts and cutoffs is compiled (`native/kernel.c`, which says its steps); here a ledger and observations
are made ready for it, and threads share the observations.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.criteria import Criterion
from pipeline.definitions.zones import local_day
from pipeline.features.ledger import Ledger
from pipeline.features.plan import FLOW_CODES, FLOW_WORDS, LATEST_TEXT, Plan, PlanFields, plan_of
from pipeline.native import library
from pipeline.tables.columns import Codes, Floats, Instants, Texts

Indices = NDArray[np.int64]

INT64, INT32, INT8, FLOAT64 = map(np.dtype, (np.int64, np.int32, np.int8, np.float64))

FACTS_A_THREAD = 200_000
"""With fewer facts to walk a second thread costs more than it gives."""


class LedgerFields(ctypes.Structure):
    """`struct ledger` of kernel.c."""

    _fields_ = (
        *((name, ctypes.c_void_p) for name in ("offsets", "at", "seen", "class_of", "flow", "own")),
        *((name, ctypes.c_int64) for name in ("facts", "owned")),
    )


class RowsFields(ctypes.Structure):
    """`struct rows` of kernel.c."""

    _fields_ = (
        *((name, ctypes.c_void_p) for name in ("lead", "entity", "cutoff", "out")),
        *((name, ctypes.c_int64) for name in ("begin", "end", "stride")),
    )


def measure_ledger(
    ledger: Ledger,
    criteria: Sequence[Criterion],
    lead: Indices,
    cutoff: Instants,
    timezone: str,
    threads: int | None = None,
) -> dict[str, Floats | Texts]:
    """The columns of `criteria` (all `of` this ledger) at n observations; missing is NaN in floats, -1 in texts.

    `lead` are rows of the history's leads, `cutoff` UTC microseconds; days are calendar days of `timezone`. Threads (by
    default one for each core, where there is enough to do) share the observations and change no bit.
    """
    plan = plan_of(criteria)
    if not plan.names:
        return {}
    entity = ledger.of_lead[lead]
    order = None
    if len(entity) > 1 and not _in_order(entity, cutoff):
        order = np.lexsort((cutoff, entity))
        lead, entity, cutoff = lead[order], entity[order], cutoff[order]
    out = np.empty((len(plan.names), len(cutoff)))
    words = _run(plan, ledger, timezone, np.array((lead, entity, cutoff), dtype=np.int64), out, threads)
    if order is not None:
        sorted_, out = out, np.empty_like(out)
        out[:, order] = sorted_
    columns: dict[str, Floats | Texts] = dict(zip(plan.names, out, strict=True))
    for place, known in words.items():
        columns[plan.names[place]] = Texts(out[place].astype(np.int32), known)
    return columns


def _in_order(entity: Indices, cutoff: Instants) -> bool:
    step = np.diff(entity)
    return bool(((step > 0) | (step == 0) & (cutoff[1:] >= cutoff[:-1])).all())


def _whole(values: NDArray[Any], kind: np.dtype[Any] = INT64) -> NDArray[Any]:
    if values.dtype == kind and values.flags.c_contiguous:
        return values
    return np.ascontiguousarray(values, dtype=kind)


def _address(values: NDArray[Any] | None) -> Any:
    if values is None:
        return None
    try:
        # NumPy's own way takes three times as long, and of one lead's measures that is a fifth.
        return ctypes.addressof(ctypes.c_char.from_buffer(values.data))
    except (TypeError, ValueError):
        # It may not be written to, or is empty.
        return values.ctypes.data


def _run(
    plan: Plan,
    ledger: Ledger,
    timezone: str,
    rows: Indices,
    out: Floats,
    threads: int | None,
) -> dict[int, tuple[str, ...]]:
    """Fill `out` (m, n) for `rows` (3, n): lead, entity and cutoff; of text measures the words of their codes."""
    facts = len(ledger)
    class_of, class_start, class_choice = plan.classes([_field(ledger, name) for name in plan.fields], facts)
    columns, word, looked, words = _columns(plan, ledger, timezone)
    for place, column in columns.items():
        looked[0, place] = _address(column)
    seen = None if ledger.seen is ledger.at else _whole(ledger.seen)
    # Every array stands in a name until the last thread is done: C holds addresses alone.
    kept: tuple[NDArray[Any] | None, ...] = (
        _whole(ledger.offsets),
        _whole(ledger.at),
        seen,
        class_of,
        _whole(ledger.flow, INT8),
        _whole(ledger.own) if len(ledger.own) else None,
    )
    facts_of = LedgerFields(*map(_address, kept), facts, len(ledger.own))
    plan_fields = PlanFields.from_buffer_copy(plan.laid_out)
    plan_fields.class_start, plan_fields.class_choice = _address(class_start), _address(class_choice)
    if word is not plan.word:
        plan_fields.word = _address(word)
    size, row, of_measures = 8 * rows.shape[1], _address(rows), _address(looked)
    plan_fields.column, plan_fields.codes = of_measures, of_measures + 8 * len(plan.names)
    where = _address(out)

    def part(begin: int, end: int) -> None:
        given = RowsFields(row, row + size, row + 2 * size, where, begin, end, rows.shape[1])
        if not library().leadlight_measure(ctypes.byref(facts_of), ctypes.byref(plan_fields), ctypes.byref(given)):
            raise MemoryError("the measures of these observations do not fit into memory")

    edges = _edges(ledger, rows.shape[1], threads)
    if len(edges) == 2:
        part(*edges)
    else:
        with ThreadPoolExecutor(len(edges) - 1) as pool:
            list(pool.map(part, edges[:-1], edges[1:]))
    return words


def _edges(ledger: Ledger, rows: int, threads: int | None) -> list[int]:
    """Where the threads' shares of the observations begin and end."""
    if len(ledger) < FACTS_A_THREAD:
        return [0, rows]
    shares = min(threads or os.cpu_count() or 1, 1 + len(ledger) // FACTS_A_THREAD, max(1, rows))
    edges = [rows * share // shares for share in range(shares + 1)]
    return [edge for edge, before in zip(edges, [-1, *edges[:-1]], strict=True) if edge > before] if rows else [0, 0]


def _field(ledger: Ledger, name: str) -> tuple[Sequence[str], Codes]:
    if name == "flow":
        return FLOW_WORDS, FLOW_CODES[ledger.flow]
    column = ledger.kind if name == "kind" else ledger.texts.get(name, Texts.missing(len(ledger)))
    return column.words, column.codes


def _columns(
    plan: Plan, ledger: Ledger, timezone: str
) -> tuple[dict[int, NDArray[Any]], Codes, Indices, dict[int, tuple[str, ...]]]:
    """Of measures that look at one their column; of all their words, and room for addresses above how many codes there
    are (2, m); of texts what their codes stand for.
    """
    columns: dict[int, NDArray[Any]] = {}
    word, looked = plan.word, np.zeros((2, len(plan.word)), dtype=np.int64)
    codes = looked[1]
    words: dict[int, tuple[str, ...]] = {}
    days: Codes | None = None
    for place, measure in plan.looking:
        name = measure.column
        if name is None:
            days = _days(ledger, timezone) if days is None else days
            columns[place] = days
            codes[place] = int(days.max()) + 1 if len(days) else 0
        elif name in ledger.texts:
            texts = ledger.texts[name]
            columns[place] = _whole(texts.codes, INT32)
            codes[place] = len(texts.words)
            if measure.word != "distinct":
                word = word.copy() if word is plan.word else word
                word[place], words[place] = LATEST_TEXT, texts.words
        elif measure.word == "distinct":
            columns[place] = np.full(len(ledger), -1, dtype=np.int32)
        elif name in ledger.numbers:
            columns[place] = _whole(ledger.numbers[name], FLOAT64)
        else:
            columns[place] = np.full(len(ledger), np.nan)
    return columns, word, looked, words


def _days(ledger: Ledger, timezone: str) -> Codes:
    """Each fact's calendar day in the zone, from the ledger's first."""
    day = local_day(ledger.at, timezone)
    return (day - (day.min() if len(day) else 0)).astype(np.int32)

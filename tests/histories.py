"""Cases in the format of `tests/golden/` as the pipeline's tables and criteria, and the pipeline's answers to them.

The answers have the shape of the oracle's, so that a test compares two lists. A case may carry one key more than the
worked histories do: `table` (a whole number) of an interaction, for a case with several tables.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.definitions.criteria import BUILT_IN, Criterion, Measure
from pipeline.definitions.settings import Observe
from pipeline.features.attributes import recorded_attributes
from pipeline.features.measures import measure
from pipeline.features.observations import observe
from pipeline.tables.account import Account
from pipeline.tables.columns import FLOWS, NEVER, OUTCOMES, Changes, Deals, Floats, History, Interactions, Leads, Texts
from pipeline.tables.contracts import sift
from tests.oracle_rows import instant, span

Plain = dict[str, Any]

GOLDEN: list[Plain] = json.loads((Path(__file__).parent / "golden" / "cases.json").read_text(encoding="utf-8"))


def iso(at: int) -> str:
    """An instant as the cases write it."""
    return str(np.datetime64(at, "us")) + "Z"


def _instants(rows: Sequence[Plain], key: str) -> np.ndarray[Any, np.dtype[np.int64]]:
    given = [row.get(key) for row in rows]
    return np.array([NEVER if text is None else instant(text) for text in given], dtype=np.int64)


def _objects(values: Iterable[object]) -> np.ndarray[Any, np.dtype[np.object_]]:
    listed = list(values)
    column = np.empty(len(listed), dtype=object)
    column[:] = listed
    return column


def _leads(rows: Sequence[Plain]) -> Leads:
    attributes = sorted({name for row in rows for name in row.get("attributes", {})})
    entities = sorted({name for row in rows for name in row.get("entities", {})})
    return Leads(
        id=Texts.of(row.get("id") for row in rows),
        created_at=_instants(rows, "created_at"),
        attributes={name: _objects(row.get("attributes", {}).get(name) for row in rows) for name in attributes},
        entities={name: Texts.of(row.get("entities", {}).get(name) for row in rows) for name in entities},
    )


def _interactions(rows: Sequence[Plain]) -> list[Interactions]:
    """One table for each table of the case and type of entity, in the order of their first rows."""
    tables: dict[tuple[int, str], list[Plain]] = {}
    for row in rows:
        tables.setdefault((row.get("table", 0), row.get("entity", "lead")), []).append(row)
    return [_facts(entity, own) for (_, entity), own in tables.items()]


def _facts(entity: str, rows: Sequence[Plain]) -> Interactions:
    numbers = sorted({name for row in rows for name in row.get("numbers", {})})
    texts = sorted({name for row in rows for name in row.get("texts", {})})
    given = {name: [row.get("numbers", {}).get(name) for row in rows] for name in numbers}
    return Interactions(
        entity=entity,
        entity_id=Texts.of(row["entity_id"] for row in rows),
        at=_instants(rows, "at"),
        kind=Texts.of(row["kind"] for row in rows),
        id=Texts.of(row.get("id") for row in rows),
        known_at=_instants(rows, "known_at"),
        flow=np.array([FLOWS[row.get("flow")] for row in rows], dtype=np.int8),
        numbers={
            name: np.array([np.nan if value is None else value for value in column], dtype=np.float64)
            for name, column in given.items()
        },
        texts={name: Texts.of(row.get("texts", {}).get(name) for row in rows) for name in texts},
    )


def _deals(rows: Sequence[Plain]) -> Deals:
    return Deals(
        lead_id=Texts.of(row["lead"] for row in rows),
        id=Texts.of(row.get("deal_id") for row in rows),
        outcome=np.array([OUTCOMES[row.get("outcome") or "open"] for row in rows], dtype=np.int8),
        closed_at=_instants(rows, "closed_at"),
        known_at=_instants(rows, "known_at"),
        opened_at=_instants(rows, "opened_at"),
        reopened_at=_instants(rows, "reopened_at"),
        amount=np.full(len(rows), np.nan),
    )


def _changes(rows: Sequence[Plain]) -> Changes:
    return Changes(
        lead_id=Texts.of(row["lead"] for row in rows),
        at=_instants(rows, "at"),
        known_at=_instants(rows, "known_at"),
        attribute=Texts.of(row["attribute"] for row in rows),
        value=_objects(row["value"] for row in rows),
        old=_objects(row.get("old") for row in rows),
        has_old=np.array(["old" in row for row in rows], dtype=np.bool_),
    )


def read(case: Plain) -> tuple[History, Account]:
    """The case through the contracts, as every history goes."""
    return sift(
        _leads(case["leads"]),
        _interactions(case.get("interactions", [])),
        _deals(case.get("deals", [])),
        _changes(case.get("changes", [])),
        instant(case["data_until"]),
        case.get("timezone", "UTC"),
    )


def criterion(plain: Plain) -> Criterion:
    """One measure of a case as a criterion of its own, of the same name."""
    name, word = plain["name"], plain["word"]
    if word == "attribute":
        return Criterion(name, "demographics", attribute=plain["column"], values="categorical")
    if word in BUILT_IN:
        return Criterion(name, "timing", built_in=word)
    parts = [plain.get(key) for key in ("word", "column", "window", "short", "long")]
    return Criterion(
        name,
        "behaviour",
        measures=(Measure.parse(" ".join(part for part in parts if part)),),
        of=plain.get("of", "lead"),
        when=tuple(
            (field, (patterns,) if isinstance(patterns, str) else tuple(patterns))
            for field, patterns in sorted(plain.get("when", {}).items())
        ),
    )


def measures(
    case: Plain, history: History, pairs: Sequence[tuple[str, int]], recorded: Mapping[str, bool] | None = None
) -> list[Plain]:
    """What the kernel answers at each pair (lead, cutoff): the case's measures by name, None where missing."""
    row_of = {lead: row for row, lead in enumerate(history.leads.id.values())}
    criteria = [criterion(plain) for plain in case.get("measures", [])]
    columns = measure(
        history,
        np.array([row_of[lead] for lead, _ in pairs], dtype=np.int64),
        np.array([cutoff for _, cutoff in pairs], dtype=np.int64),
        criteria,
        recorded_attributes(history) if recorded is None else recorded,
    )
    plain = {one.name: plain_values(columns[one.columns[0]]) for one in criteria}
    return [{name: values[row] for name, values in plain.items()} for row in range(len(pairs))]


def plain_values(column: Floats | Texts) -> list[Any]:
    """A column as plain values, None where missing."""
    if isinstance(column, Texts):
        return column.values()
    return [None if math.isnan(value) else value for value in column.tolist()]


def answer(case: Plain) -> tuple[list[Plain], Plain]:
    """The pipeline's observations with their measures, and the leads set aside: what the oracle answers too."""
    history, account = read(case)
    found = observe(history, Observe.model_validate(case["observe"]), span(case["horizon"]))
    leads = history.leads.id.values()
    pairs = [(str(leads[row]), cutoff) for row, cutoff in zip(found.lead.tolist(), found.cutoff.tolist(), strict=True)]
    labels = [int(label) if mature else None for label, mature in zip(found.label, found.mature, strict=True)]
    observations = [
        {"lead": lead, "cutoff": cutoff, "mature": bool(mature), "label": label, "measures": values}
        for (lead, cutoff), mature, label, values in zip(
            pairs, found.mature, labels, measures(case, history, pairs), strict=True
        )
    ]
    return sorted(observations, key=lambda one: (one["lead"], one["cutoff"])), dict(account.leads)


def exact(value: Any) -> Any:
    """A value such that equality is equality to the bit: numbers by their hexadecimal form, observations by theirs."""
    if isinstance(value, dict):
        return {key: exact(part) for key, part in value.items()}
    if isinstance(value, list):
        return [exact(part) for part in value]
    return float(value).hex() if isinstance(value, float | int) and not isinstance(value, bool) else value


def grouped(criteria: Sequence[Criterion]) -> list[Criterion]:
    """Measures of facts that share their choice as one criterion, as an analyst writes them."""
    groups: dict[tuple[Any, ...], list[Criterion]] = {}
    for one in criteria:
        if one.measures:
            groups.setdefault((one.of, one.when), []).append(one)
    return [
        replace(own[0], measures=tuple(dict.fromkeys(measure for one in own for measure in one.measures)))
        for own in groups.values()
    ]


def like(expected: Sequence[Plain]) -> list[Plain]:
    """The worked observations such that equality is equality to 1e-12, relative; in the order of the answers."""
    close = [
        one
        | {"cutoff": instant(one["cutoff"])}
        | {"measures": {name: _close(value) for name, value in one["measures"].items()}}
        for one in expected
    ]
    return sorted(close, key=lambda one: (one["lead"], one["cutoff"]))


def _close(value: Any) -> Any:
    return pytest.approx(value, rel=1e-12, abs=0.0) if isinstance(value, float | int) else value

"""The training set: every observation's measures as Parquet, beside the definition that made them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipeline.definitions.workspace import Workspace
from pipeline.definitions.yaml_lines import WorkspaceError
from pipeline.features.amounts import Amounts
from pipeline.features.define import define as defined
from pipeline.features.ledgers import Ledgers, Whole, by_part
from pipeline.features.matrix import Definition
from pipeline.features.measures import measure_all, standing_values
from pipeline.features.observations import Observations, observe
from pipeline.features.schema import Entry, schema_of
from pipeline.features.seen import Seen, in_order, observed, split, training_rows
from pipeline.features.written import Written
from pipeline.tables.bar import Bar, Progress
from pipeline.tables.columns import FLOWS, Floats, History, Instants, Texts
from pipeline.tables.files import arriving
from pipeline.tables.frame import to_texts

Mask = NDArray[np.bool_]

Parts = Iterator[tuple[slice, dict[str, Floats | Texts]]]
"""Ranges of observations, one after the other, with their columns."""

Suspects = Sequence[Mapping[str, str]]
"""What was left out because a check of leakage suspects it: `{"column" or "kind": name, "why"}`."""


@dataclass(frozen=True)
class TrainingSet:
    """n observations with their matrix (n, p). Instants are UTC microseconds; `label` is -1 where immature.

    `group` is the coarsest entity that observations share (account, else contact, else lead): what intervals resample.
    `schema` says what was read of each table, `decimals` with which marks its numbers were written, `suspects` what was
    left out as suspected of leaking.
    """

    name: str
    lead_id: Texts
    cutoff: Instants
    created_at: Instants
    mature: Mask
    label: NDArray[np.int8]
    group: NDArray[np.int64]
    X: Floats
    definition: Definition
    test_from: int
    data_hash: str
    data_until: int
    kinds: tuple[str, ...]
    flows: Mapping[str, str]
    schema: tuple[Entry, ...] = ()
    decimals: Mapping[str, str] = field(default_factory=dict)
    suspects: Suspects = ()

    @cached_property
    def test(self) -> Mask:
        """Mature observations at or after the start of the test."""
        return self.mature & (self.cutoff >= self.test_from)

    @cached_property
    def training(self) -> Mask:
        """Mature observations whose label was known before the test: `cutoff + horizon <= test_from`."""
        return training_rows(self.cutoff, self.mature, self.definition.horizon, self.test_from)

    @classmethod
    def load(cls, folder: str | Path) -> TrainingSet:
        """Read what `build_training_set` wrote; WorkspaceError if it is not there."""
        folder = Path(folder)
        try:
            plain = json.loads((folder / "training.json").read_text(encoding="utf-8"))
            definition = Definition.from_json(json.loads((folder / "definition.json").read_text(encoding="utf-8")))
            table = pq.read_table(folder / "observations.parquet")
        except FileNotFoundError as error:
            raise WorkspaceError(
                f"{folder}: {Path(error.filename).name} is missing; run `leadlight features`"
            ) from None
        columns = {name: _read_column(table.column(name)) for name in definition.columns}
        matrix, _ = definition.matrix(columns)
        return cls(
            name=plain["name"],
            lead_id=to_texts(table.column("lead_id").combine_chunks()),
            cutoff=_instants(table, "cutoff"),
            created_at=_instants(table, "created_at"),
            mature=table.column("mature").to_numpy(),
            label=table.column("label").fill_null(-1).to_numpy().astype(np.int8),
            group=table.column("group").to_numpy(),
            X=matrix,
            definition=definition,
            test_from=plain["test_from"],
            data_hash=plain["data_hash"],
            data_until=plain["data_until"],
            kinds=tuple(plain["kinds"]),
            flows=plain["flows"],
            schema=tuple(plain.get("schema", ())),
            decimals=plain.get("decimals", {}),
            suspects=tuple(plain.get("suspects", ())),
        )


def read_texts(folder: str | Path, definition: Definition) -> dict[str, Texts]:
    """The categorical columns of a training set as they were read, without a vocabulary's limits."""
    names = [name for name in definition.columns if name in definition.vocabularies]
    table = pq.read_table(Path(folder) / "observations.parquet", columns=names)
    columns = {name: _read_column(table.column(name)) for name in names}
    return {name: column for name, column in columns.items() if isinstance(column, Texts)}


def build_training_set(
    history: History,
    workspace: Workspace,
    folder: str | Path,
    inputs: str | None = None,
    progress: Progress = lambda _: None,
    decimals: Mapping[str, str] | None = None,
    *,
    observe: Callable[..., Observations] = observe,
    define: Callable[..., Definition] = defined,
    measure: Callable[..., dict[str, Floats | Texts]] = measure_all,
    suspects: Suspects = (),
) -> dict[str, Any]:
    """The training set of a history that is in memory, as `write_training_set` writes it; whole or not at all.

    `observe`, `define` and `measure` look at the facts: this process by default, or others that have them.
    """
    ledgers = Whole(history, workspace.excluded_kinds, workspace.excluded_columns)
    rows = observe(history, workspace.observed, workspace.horizon, workspace.excluded_kinds)
    seen = split(in_order(rows, history, workspace), history, workspace)

    def parts(ledgers: Ledgers, rows: Observations, definition: Definition, progress: Progress) -> Parts:
        if measure is measure_all:
            return measured_parts(ledgers, rows, definition, progress)
        return iter([(slice(0, len(rows)), measure(history, rows.lead, rows.cutoff, definition))])

    with arriving(Path(folder)) as target:
        return write_training_set(
            *(ledgers, workspace, target, inputs, progress, decimals, seen),
            define=define,
            measured=parts,
            suspects=suspects,
        )


def write_training_set(
    ledgers: Ledgers,
    workspace: Workspace,
    folder: Path,
    inputs: str | None = None,
    progress: Progress = lambda _: None,
    decimals: Mapping[str, str] | None = None,
    seen: Seen | None = None,
    *,
    define: Callable[..., Definition] | None = None,
    measured: Callable[..., Parts] | None = None,
    suspects: Suspects = (),
) -> dict[str, Any]:
    """Observe, measure and write `observations.parquet`, `definition.json`, `training.json` into an empty `folder`.

    Where amounts of won deals are known they stand in `amounts.parquet`, which no model learns from.

    A few parts of the ledgers are measured at a time, and written before the next. `inputs` is a hash of what went in,
    kept in `training.json` so that a later run can tell whether anything changed; `decimals` are the marks with which
    the tables' numbers were written, so that a later export is read as this one. `seen` are the observations, where
    somebody asked for them already; `define` and `measured` are who looks at the facts, by default this process.
    `suspects` are what the workspace leaves out because a check suspects it, kept for the model's card.
    """
    history = ledgers.history
    if seen is None:
        seen = split(observed(history, workspace, ledgers), history, workspace)
    rows, test_from, training = seen.rows, seen.test_from, seen.training
    progress("criteria")
    learnt = rows.lead[training], rows.cutoff[training]
    if define is None:
        bare = defined(history, workspace, *learnt, ledgers, seen.criteria)
    else:
        bare = define(history, workspace, *learnt)
    written = Written(folder / "observations.parquet", history, rows, training)
    with written:
        for part, columns in (measured or measured_parts)(ledgers, rows, bare, progress):
            written.add(part, columns)
    definition = Definition.from_json(bare.to_json() | {"vocabularies": written.vocabularies(bare)})
    # Now that every part was read.
    history = ledgers.history
    summary = {
        "inputs": inputs,
        "name": workspace.name,
        "test_from": test_from,
        "data_until": history.data_until,
        "data_hash": written.data_hash(),
        "kinds": sorted({word for table in history.interactions for word in table.kind.words}),
        "flows": _flows(history),
        "schema": schema_of(workspace, history, definition),
        "decimals": dict(decimals or {}),
        "suspects": [dict(each) for each in suspects],
        "observations": len(rows),
        "mature": int(rows.mature.sum()),
        "training": int(training.sum()),
        "test": int((rows.mature & (rows.cutoff >= test_from)).sum()),
        "leads": int((np.bincount(rows.lead) > 0).sum()),
        "columns": len(definition.columns),
    }
    _write_json(folder / "definition.json", definition.to_json())
    _write_json(folder / "training.json", summary)
    Amounts.of(history).write(folder)
    return summary


def measured_parts(
    ledgers: Ledgers, rows: Observations, definition: Definition, progress: Progress = lambda _: None
) -> Parts:
    """The columns of each part's observations, in the order of `rows`; parts are worked on by as many threads as cores.

    A single part is shared by the threads instead. The bits are the same.
    """
    history, threads = ledgers.history, os.cpu_count() or 1
    parts = list(ledgers.parts(rows.lead))
    standing = standing_values(history, definition)
    bar = Bar(progress, "measures", "observations", len(rows))

    def measured(part: int, where: slice) -> dict[str, Floats | Texts]:
        ledger = ledgers.ledger("lead", part)
        return measure_all(
            history,
            rows.lead[where],
            rows.cutoff[where],
            definition,
            ledger_of=lambda entity: ledger if entity == "lead" else ledgers.ledger(entity, part),
            standing=standing,
            threads=threads if len(parts) == 1 else 1,
        )

    for where, columns in by_part(parts, measured, threads):
        yield where, columns
        bar.more(where.stop - where.start)


def _flows(history: History) -> dict[str, str]:
    """The kinds whose facts all flow one way: what a request that says nothing of the flow is taken to mean."""
    seen: dict[str, set[int]] = {}
    for table in history.interactions:
        for code, word in enumerate(table.kind.words):
            flows = np.unique(table.flow[table.kind.codes == code])
            seen.setdefault(word, set()).update(flows.tolist())
    names = {code: name for name, code in FLOWS.items() if name is not None}
    return {word: names[min(flows)] for word, flows in sorted(seen.items()) if len(flows) == 1 and min(flows) in names}


def _read_column(column: pa.ChunkedArray) -> Floats | Texts:
    if pa.types.is_dictionary(column.type) or pa.types.is_string(column.type):
        whole = column.combine_chunks()
        return to_texts(whole.dictionary_decode() if pa.types.is_dictionary(whole.type) else whole)
    values: Floats = column.cast(pa.float64()).to_numpy()
    return values


def _instants(table: pa.Table, name: str) -> Instants:
    values: Instants = table.column(name).cast(pa.int64()).to_numpy()
    return values


def _write_json(path: Path, plain: Any) -> None:
    path.write_text(json.dumps(plain, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")

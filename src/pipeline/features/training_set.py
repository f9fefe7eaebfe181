"""The training set: every observation's measures as Parquet, beside the definition that made them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipeline.definitions.workspace import Workspace
from pipeline.definitions.yaml_lines import DataError, WorkspaceError
from pipeline.definitions.zones import iso
from pipeline.features.define import define
from pipeline.features.matrix import Definition, vocabulary
from pipeline.features.measures import measure_all
from pipeline.features.observations import FOREVER, Observations, observe, start_of_test
from pipeline.features.schema import Entry, schema_of
from pipeline.tables.columns import FLOWS, Floats, History, Instants, Texts
from pipeline.tables.files import arriving
from pipeline.tables.frame import to_texts

Mask = NDArray[np.bool_]
Progress = Callable[[str], None]


@dataclass(frozen=True)
class TrainingSet:
    """n observations with their matrix (n, p). Instants are UTC microseconds; `label` is -1 where immature.

    `group` is the coarsest entity that observations share (account, else contact, else lead): what intervals resample.
    `schema` says what was read of each table, `decimals` with which marks its numbers were written.
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
        )


def training_rows(cutoff: Instants, mature: Mask, horizon: int | None, test_from: int) -> Mask:
    """Which observations a model may learn from before the test."""
    known = cutoff if horizon is None else cutoff + horizon
    return mature & (known <= test_from) & (cutoff < test_from)


def build_training_set(
    history: History,
    workspace: Workspace,
    folder: str | Path,
    inputs: str | None = None,
    progress: Progress = lambda _: None,
    decimals: Mapping[str, str] | None = None,
    *,
    observe: Callable[..., Observations] = observe,
    define: Callable[..., Definition] = define,
    measure: Callable[..., dict[str, Floats | Texts]] = measure_all,
) -> dict[str, Any]:
    """Observe, measure and write `observations.parquet`, `definition.json`, `training.json`; all of them or none.

    `inputs` is a hash of what went in, kept in `training.json` so that a later run can tell whether anything changed;
    `decimals` are the marks with which the tables' numbers were written, so that a later export is read as this one.
    `observe`, `define` and `measure` look at the facts: this process by default, or others that have them.
    """
    progress("observations")
    rows = observe(history, workspace.observed, workspace.horizon, workspace.excluded_kinds)
    if workspace.order != "file":
        # The order of a table's rows means nothing, and a database keeps none: the same rows, the same training set.
        rows = rows.take(np.lexsort((rows.cutoff, history.leads.id.codes[rows.lead])))
    if len(rows) == 0:
        raise DataError(
            "no observation: no lead was open at a cutoff; check data_until, created_at and observe in the workspace"
        )
    test_from = start_of_test(rows, workspace.test.share, workspace.test_from)
    training = training_rows(rows.cutoff, rows.mature, workspace.horizon, test_from)
    if not training.any():
        newest = iso(int(rows.cutoff.max()))
        raise DataError(
            "no observation to learn from: none has cutoff + horizon before the test starts "
            f"({'never' if test_from == FOREVER else iso(test_from)}; newest cutoff {newest}, data_until "
            f"{iso(history.data_until)}); export a longer history, or set a shorter goal.horizon or a later test.from"
        )
    progress("criteria")
    bare = define(history, workspace, rows.lead[training], rows.cutoff[training])
    progress("measures")
    columns = measure(history, rows.lead, rows.cutoff, bare)
    vocabularies = {
        name: vocabulary(column.take(training)) for name, column in columns.items() if isinstance(column, Texts)
    }
    definition = Definition.from_json(bare.to_json() | {"vocabularies": vocabularies})
    progress("writing")
    table = _table(history, rows, columns)
    kinds = sorted({word for part in history.interactions for word in part.kind.words})
    matrix, _ = definition.matrix(columns)
    summary = {
        "inputs": inputs,
        "name": workspace.name,
        "test_from": test_from,
        "data_until": history.data_until,
        "data_hash": _hash(table, matrix),
        "kinds": kinds,
        "flows": _flows(history),
        "schema": schema_of(workspace, history, definition),
        "decimals": dict(decimals or {}),
        "observations": len(rows),
        "mature": int(rows.mature.sum()),
        "training": int(training.sum()),
        "test": int((rows.mature & (rows.cutoff >= test_from)).sum()),
        "leads": len(np.unique(rows.lead)),
        "columns": len(definition.columns),
    }
    with arriving(Path(folder)) as target:
        pq.write_table(table, target / "observations.parquet")
        _write_json(target / "definition.json", definition.to_json())
        _write_json(target / "training.json", summary)
    return summary


def _flows(history: History) -> dict[str, str]:
    """The kinds whose facts all flow one way: what a request that says nothing of the flow is taken to mean."""
    seen: dict[str, set[int]] = {}
    for table in history.interactions:
        for code, word in enumerate(table.kind.words):
            flows = np.unique(table.flow[table.kind.codes == code])
            seen.setdefault(word, set()).update(flows.tolist())
    names = {code: name for name, code in FLOWS.items() if name is not None}
    return {word: names[min(flows)] for word, flows in sorted(seen.items()) if len(flows) == 1 and min(flows) in names}


def groups(history: History, lead: NDArray[np.int64]) -> NDArray[np.int64]:
    """The coarsest entity shared, as a number for each observation: account, else contact, else the lead itself."""
    leads = history.leads
    group = leads.id.codes.astype(np.int64)
    for entity in ("contact", "account"):
        if entity in leads.entities:
            codes = leads.entities[entity].codes.astype(np.int64)
            # Numbers of entities stand apart from those of leads and of the other entity.
            base = (1 + ("contact", "account").index(entity)) * (1 << 40)
            group = np.where(codes >= 0, base + codes, group)
    return np.unique(group, return_inverse=True)[1][lead].astype(np.int64)


def _table(history: History, rows: Observations, columns: dict[str, Floats | Texts]) -> pa.Table:
    stamp = pa.timestamp("us", "UTC")
    data: dict[str, pa.Array] = {
        "lead_id": _dictionary(history.leads.id.take(rows.lead)),
        "cutoff": pa.array(rows.cutoff).cast(stamp),
        "created_at": pa.array(history.leads.created_at[rows.lead]).cast(stamp),
        "mature": pa.array(rows.mature),
        "label": pa.array(rows.label, mask=~rows.mature),
        "group": pa.array(groups(history, rows.lead)),
    }
    for name, column in columns.items():
        data[name] = _dictionary(column) if isinstance(column, Texts) else pa.array(column, from_pandas=True)
    return pa.table(data)


def _dictionary(column: Texts) -> pa.Array:
    # Of the words only those that are there: which others the tables hold says nothing of these observations.
    used = np.unique(column.codes[column.codes >= 0])
    rank = np.searchsorted(used, column.codes).astype(np.int32)
    words = pa.array([column.words[code] for code in used.tolist()], type=pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(rank, mask=column.codes < 0), words)


def _read_column(column: pa.ChunkedArray) -> Floats | Texts:
    if pa.types.is_dictionary(column.type) or pa.types.is_string(column.type):
        whole = column.combine_chunks()
        return to_texts(whole.dictionary_decode() if pa.types.is_dictionary(whole.type) else whole)
    values: Floats = column.cast(pa.float64()).to_numpy()
    return values


def _instants(table: pa.Table, name: str) -> Instants:
    values: Instants = table.column(name).cast(pa.int64()).to_numpy()
    return values


def _hash(table: pa.Table, matrix: Floats) -> str:
    digest = hashlib.sha256()
    for name in ("lead_id", "cutoff", "created_at", "mature", "label", "group"):
        column = table.column(name)
        plain = (
            "\n".join(column.to_pylist()).encode()
            if name == "lead_id"
            else np.asarray(column.cast(pa.int64()).fill_null(-1)).tobytes()
        )
        digest.update(plain)
    digest.update(np.ascontiguousarray(matrix).tobytes())
    return digest.hexdigest()


def _write_json(path: Path, plain: Any) -> None:
    path.write_text(json.dumps(plain, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")

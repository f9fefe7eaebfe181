"""Out of core: facts read in pieces and measured in parts give the training set of facts that are read at once."""

from __future__ import annotations

import json
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.definitions.workspace import Workspace, load_workspace
from pipeline.definitions.yaml_lines import DataError, WorkspaceError
from pipeline.features.stage import Stage
from pipeline.features.training_set import build_training_set
from pipeline.tables.sources import read_history
from pipeline.workflow import stages
from pipeline.workflow.places import features_key
from tests.distributed import drawn
from tests.worlds import worlds

FEWER = 5
"""A world is written as nine files and read twice: a fifth of the usual number."""

GROUP = 3
"""So many observations are a group of the written file: a part ends within one."""

STAMPS = pa.timestamp("us", "UTC")

Files = dict[str, bytes]


def at_once(workspace: Workspace, folder: Path) -> Files | str:
    """The files of the training set of a history in memory, or what is wrong with it."""
    history, account = read_history(workspace)
    try:
        with patch("pipeline.features.written.ROWS_A_GROUP", GROUP):
            build_training_set(history, workspace, folder, decimals=account.decimals)
    except DataError as error:
        return str(error)
    return files(folder)


def in_parts(workspace: Workspace, folder: Path, facts: int = 2, piece: int = 3, memory: int = 0) -> Files | str:
    """The same, with so many facts a part, so many rows a piece, and so many bytes in memory."""
    sizes = (
        patch("pipeline.features.parts.FACTS_A_PART", facts),
        patch("pipeline.tables.reader.PIECE", piece),
        patch("pipeline.tables.row_groups.PIECE", piece),
        patch("pipeline.features.stage.IN_MEMORY", memory),
        patch("pipeline.features.written.ROWS_A_GROUP", GROUP),
    )
    with ExitStack() as patched:
        for size in sizes:
            patched.enter_context(size)
        try:
            stages.out_of_core(workspace, folder, lambda: None, stages.quiet)
        except DataError as error:
            return str(error)
    return files(folder)


def files(folder: Path) -> Files:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@settings(max_examples=max(15, settings().max_examples // FEWER))
@given(worlds, st.sampled_from([1, 2, 5]), st.sampled_from([0, 300]), st.booleans())
def test_a_world_in_parts_is_the_same_world(case: dict[str, Any], facts: int, memory: int, auto: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        workspace = drawn.workspace(case, folder / "world", auto=auto)
        whole = at_once(workspace, folder / "whole")
        assert in_parts(workspace, folder / "parts", facts, 3, memory) == whole


ROWS = [
    ("e1", "L1", "2026-01-05 10:00:00", "call", "12,5", "/a"),
    ("e2", " L2 ", "2026-01-05", "visit", "1.234", ""),
    ("e2", "L2", "2026-01-06 11:00:00", "visit", "7", "/b"),
    ("", "L3", "2026-01-07 11:00:00", "VISIT", "NULL", "/b"),
    ("e3", "L9", "2026-01-07 11:00:00", "call", "1", "/a"),
    ("e4", "L1", "", "call", "1", "/a"),
    ("e5", "L1", "2026-01-09 11:00:00", "", "1", "/a"),
    ("e6", "L1", "2026-01-09 11:00:00", "call", "2", "/c"),
    ("e7", "L1", "2026-01-09 11:00:00", "call", "1", "/c"),
    ("e8", "L3", "2026-02-09 11:00:00", "contract", "1", "/c"),
]
"""Facts as an export of texts writes them: commas among numbers, days among instants, ids twice, strangers, gaps."""


def crm(folder: Path, facts: pa.Table, ending: str, **more: Any) -> Workspace:
    """A workspace over three leads, whose interactions stand in a file of the given kind."""
    folder.mkdir()
    (folder / "leads.csv").write_text("id,created,country\nL1,2026-01-01,FR\nL2,2026-01-02,DE\nL3,2026-01-03,\n")
    (folder / "deals.csv").write_text("lead,closed,outcome\nL1,2026-03-01,won\nL2,2026-03-05,lost\n")
    if ending == "csv":
        pyarrow.csv.write_csv(facts, folder / "facts.csv")
    else:
        pq.write_table(facts, folder / "facts.parquet", row_group_size=4)
    source = {"from": f"facts.{ending}", "entity_id": "lead", "at": "at", "kind": "kind"}
    source |= {"id": "id", "numbers": ["size"], "texts": ["page"], "flow": {"outbound": ["call"]}}
    plain = {
        "name": "small",
        "timezone": "Europe/Paris",
        "data_until": "2026-06-30T00:00:00Z",
        "sources": {
            "leads": {"from": "leads.csv", "id": "id", "created_at": "created", "attributes": ["country"]},
            "interactions": [source | more],
            "deals": {"from": "deals.csv", "lead_id": "lead", "closed_at": "closed", "outcome": "outcome"},
        },
        "goal": {"horizon": "30d"},
        "observe": {"every": "7d", "until": "180d"},
        "exclude": [{"kind": "contract", "why": "it announces the outcome"}],
        "criteria": "auto",
    }
    (folder / "leadlight.yaml").write_text(yaml.safe_dump(plain))
    return load_workspace(folder / "leadlight.yaml")


def texts(rows: list[tuple[str, ...]] = ROWS) -> pa.Table:
    return pa.table(
        dict(zip(("id", "lead", "at", "kind", "size", "page"), map(list, zip(*rows, strict=True)), strict=True))
    )


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_texts_are_read_in_pieces_as_in_one(tmp_path: Path, ending: str) -> None:
    workspace = crm(tmp_path / "crm", texts(), ending)
    assert in_parts(workspace, tmp_path / "parts") == at_once(workspace, tmp_path / "whole")


def test_days_alone_are_read_in_pieces_as_in_one(tmp_path: Path) -> None:
    workspace = crm(tmp_path / "crm", texts([(*row[:2], row[2][:10], *row[3:]) for row in ROWS]), "csv")
    assert in_parts(workspace, tmp_path / "parts") == at_once(workspace, tmp_path / "whole")


@pytest.mark.parametrize("observe", [{"after": "interaction"}, {"ages": ["1d", "30d"]}])
def test_observations_of_every_kind_come_from_parts_too(tmp_path: Path, observe: dict[str, Any]) -> None:
    workspace = crm(tmp_path / "crm", texts(), "parquet", repeats="drop")
    workspace = workspace.model_copy(update={"observe": workspace.observed.model_validate(observe)})
    assert in_parts(workspace, tmp_path / "parts") == at_once(workspace, tmp_path / "whole")


@pytest.mark.parametrize(
    "rows",
    [
        [(row[0], f"{row[1].strip()[1:]}.0", *row[2:]) for row in ROWS],
        [(*row[:4], "true" if row[0] == "e1" else row[4], row[5]) for row in ROWS],
    ],
    ids=["ids that were floats", "a truth value among numbers"],
)
def test_what_needs_its_whole_is_read_at_once(tmp_path: Path, rows: list[tuple[str, ...]]) -> None:
    workspace = crm(tmp_path / "crm", texts(rows), "csv")
    with pytest.raises(stages.NotInPieces):
        in_parts(workspace, tmp_path / "parts")
    assert list(tmp_path.iterdir()) == [tmp_path / "crm"]


def test_words_of_a_dictionary_that_no_row_has_are_no_kinds(tmp_path: Path) -> None:
    kinds = pa.DictionaryArray.from_arrays(
        pa.array([1, 0, 0, 1, 3, None, 1, 0, 1, 0]), ["call", "visit", "fax", "mail"]
    )
    table = texts()
    at = pa.array([f"2026-01-{day:02d}T10:00:00" for day in range(1, 11)]).cast(pa.timestamp("us")).cast(STAMPS)
    table = table.set_column(3, "kind", kinds).set_column(2, "at", at)
    workspace = crm(tmp_path / "crm", table, "parquet")
    found = in_parts(workspace, tmp_path / "parts")
    assert found == at_once(workspace, tmp_path / "whole")
    assert not isinstance(found, str)
    assert json.loads(found["training.json"])["kinds"] == ["call", "mail", "visit"]


@pytest.mark.parametrize("column", ["lead", "kind", "id", "page", "at", "size"])
def test_bytes_that_are_no_text_are_told_where_the_table_is_read_at_once(tmp_path: Path, column: str) -> None:
    table = texts()
    values = [b"L\xff\xfe7", *(value.encode() for value in table.column(column).to_pylist()[1:])]
    place = table.column_names.index(column)
    table = table.set_column(place, column, pa.array(values, pa.binary()).view(pa.string()))
    workspace = crm(tmp_path / "crm", table, "parquet")
    with pytest.raises(stages.NotInPieces):
        in_parts(workspace, tmp_path / "parts")
    with pytest.raises(WorkspaceError, match="interactions"):
        stages.features(workspace, tmp_path / "whole")


def test_a_day_and_a_clock_of_any_type_of_text_are_one_instant(tmp_path: Path) -> None:
    midnights = pa.array([f"2026-01-{day:02d}T23:00:00" for day in range(4, 14)]).cast(pa.timestamp("us")).cast(STAMPS)
    clocks = [f"{hour:02d}:30:00" for hour in range(10)]
    found = {}
    for name, day, clock in (
        ("stamps", midnights, pa.array(clocks, pa.large_string())),
        ("nanoseconds", midnights.cast(pa.timestamp("ns", "UTC")), pa.array(clocks)),
        ("texts", pa.array([f"2026-01-{day:02d}" for day in range(5, 15)], pa.large_string()), pa.array(clocks)),
    ):
        table = texts().append_column("clock", clock).set_column(2, "at", day)
        workspace = crm(tmp_path / name, table, "parquet", at={"date": "at", "time": "clock"})
        found[name] = in_parts(workspace, tmp_path / f"{name} parts")
        assert found[name] == at_once(workspace, tmp_path / f"{name} whole")
    hashes = {json.loads(files["training.json"])["data_hash"] for files in found.values() if not isinstance(files, str)}
    assert len(hashes) == 1 and len(found) == 3


def test_a_file_that_was_replaced_while_it_was_read_is_no_reason_to_keep_the_result(tmp_path: Path) -> None:
    workspace = crm(tmp_path / "crm", texts(), "parquet")
    deals = tmp_path / "crm" / "deals.csv"

    def late(workspace: Workspace) -> str | None:
        deals.write_text(deals.read_text().replace("lost", "won"))
        return features_key(workspace)

    with patch("pipeline.workflow.stages.features_key", late):
        assert stages.features(workspace, tmp_path / "out")["inputs"] is None
    assert not stages.features(workspace, tmp_path / "out")["unchanged"]
    assert stages.features(workspace, tmp_path / "out")["unchanged"]


def test_a_part_of_a_stage_has_its_rows_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    for memory in (0, 1 << 20):
        with patch("pipeline.features.stage.IN_MEMORY", memory):
            stage = Stage(tmp_path, 3)
            ids = np.array([b"a", b"bcd", b"", b"e"])
            stage.add(np.array([2, 0, 2, 1]), {"at": np.arange(4), "id": ids})
            stage.add(np.array([0, 2]), {"at": np.array([9, 8]), "id": np.array([b"longer than four", b"z"])})
            assert [stage.part(part)["at"].tolist() for part in range(3)] == [[1, 9], [3], [0, 2, 8]]
            assert stage.part(2)["id"].tolist() == [b"a", b"", b"z"]
            assert stage.part(0)["id"].tolist() == [b"bcd", b"longer than four"]
            stage.close()
    assert list(tmp_path.iterdir()) == []

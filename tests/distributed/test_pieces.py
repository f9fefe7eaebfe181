"""Pieces of a table are the table: cut where rows end, and of the types that it has as a whole."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.definitions.sources import InteractionsSource
from pipeline.distributed.pieces import cut, opened
from pipeline.tables.reader import Reader

ROWS = [
    f"{row},2026-01-0{1 + row % 9},{kind}" for row, kind in enumerate(["call", '"a, ""b"""', '"two\nlines"', "é"] * 9)
]
TEXTS = {
    "plain": "id,at,kind\n" + "\n".join(ROWS) + "\n",
    "no line end at the end": "id,at,kind\n" + "\n".join(ROWS),
    "a mark": "\ufeffid,at,kind\n" + "\n".join(ROWS) + "\n",
    "inches": "id,at,kind\n" + "\n".join(f'{row},2026-01-01,5" pipe' for row in range(30)) + "\n",
    "Excel's line": "sep=;\nid;at;kind\n" + "\n".join(row.replace(",", ";") for row in ROWS[::4]) + "\n",
    "a header of two lines": 'id,at,"kind"\n' + "\n".join(ROWS[::4]) + "\n",
    "no row": "id,at,kind\n",
}


def source(file: str) -> InteractionsSource:
    return InteractionsSource.model_validate({"from": file, "entity_id": "id", "at": "at", "kind": "kind"})


def read(folder: Path, file: str, width: int) -> tuple[list[pa.Table], pa.Table]:
    """The pieces, and the whole."""
    named = source(file)
    with Reader(folder) as reader:
        found = cut(reader, "web", named, (), width)
        pieces = []
        for parcel in found.parcels:
            with opened(parcel, "web", ["id", "at", "kind"], ()) as frame:
                pieces.append(frame.read(["id", "at", "kind"]))
        whole = reader.frame("web", named.from_, ["id", "at", "kind"]).read(["id", "at", "kind"])
        assert found.empty.schema.types == whole.schema.types
    return pieces, whole


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_pieces_of_a_text_file_are_the_file(name: str, encoding: str, tmp_path: Path) -> None:
    text = TEXTS[name].replace("\ufeff", "") if encoding == "cp1252" else TEXTS[name]
    (tmp_path / "web.csv").write_bytes(text.encode(encoding))
    pieces, whole = read(tmp_path, "web.csv", 5)
    assert pa.concat_tables(pieces).to_pylist() == whole.to_pylist()


def test_a_large_text_file_is_cut(tmp_path: Path) -> None:
    (tmp_path / "web.csv").write_text(TEXTS["plain"], encoding="utf-8")
    pieces, _ = read(tmp_path, "web.csv", 4)
    assert len(pieces) >= 3
    assert all(len(piece) for piece in pieces)


def test_pieces_of_parquet_have_the_types_of_all_files(tmp_path: Path) -> None:
    one = {"id": [1, 2, 3], "at": ["2026-01-01"] * 3, "kind": ["call"] * 3, "more": [1.5] * 3}
    other = {"kind": ["visit", "30.0"], "at": ["2026-01-02", None], "id": ["x", "4"]}
    pq.write_table(pa.table(one), tmp_path / "web-1.parquet", row_group_size=1)
    pq.write_table(pa.table(other), tmp_path / "web-2.parquet")
    pieces, whole = read(tmp_path, "web-*.parquet", 3)
    assert len(pieces) == 3
    assert {piece.schema for piece in pieces} == {whole.schema}
    assert pa.concat_tables(pieces).to_pylist() == whole.to_pylist()

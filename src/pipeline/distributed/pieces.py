"""Tables of interactions cut into pieces that workers read by themselves, each as the whole would be read.

Parquet is cut between rows and text files between lines; what comes from SQL, a sheet or a database is read by the
driver and dealt out.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.definitions.places import Place
from pipeline.definitions.sources import InteractionsSource
from pipeline.definitions.yaml_lines import WorkspaceError
from pipeline.distributed.parcels import Parcel
from pipeline.tables.asked import of_interactions
from pipeline.tables.delimited import caseless, quoted, read_header
from pipeline.tables.endings import ends
from pipeline.tables.frame import Frame
from pipeline.tables.lines import encoding_of, look_through, quotation_open
from pipeline.tables.reader import Reader, files_of

ROWS, BYTES = 1_000_000, 64_000_000
"""No piece is larger, as far as it can be cut."""


@dataclass(frozen=True)
class Cut:
    """The pieces of a table in the order of its rows, its columns without a row, and the files that it is in.

    `header_lines` is known where the driver has read the table.
    """

    parcels: Sequence[Parcel]
    empty: pa.Table
    files: Sequence[str] = ()
    header_lines: int | None = None


def cut(reader: Reader, table: str, source: InteractionsSource, excluded: Sequence[str], width: int) -> Cut:
    """The pieces of a table: at least `width` where there are rows enough."""
    place, names = source.from_, of_interactions(table, source, excluded).names
    if place.file is not None and not ends(place.file, ".xlsx"):
        path = place.file if Path(place.file).is_absolute() else str(reader.root / place.file)
        files = [str(Path(file).resolve()) for file in files_of(path)]
        if ends(files[0], ".parquet"):
            return _of_parquet(reader, files, names, width)
        size = max(1, min(BYTES, sum(Path(file).stat().st_size for file in files) // width))
        parcels = [Parcel(piece) for file in files for piece in _of_text(Path(file), place, size)]
        return Cut(parcels, pa.table({name: pa.array([], pa.string()) for name in names}), files)
    frame = reader.frame(table, place, names)
    whole = frame.read(names)
    size = max(1, min(ROWS, -(-frame.rows // width)))
    parcels = [Parcel({}, {"rows": whole.slice(start, size)}) for start in range(0, max(frame.rows, 1), size)]
    return Cut(parcels, whole.slice(0, 0), (), frame.header_lines)


def _of_parquet(reader: Reader, files: Sequence[str], names: Sequence[str], width: int) -> Cut:
    """Ranges of rows; every column has the type that it has among all files."""
    listed = ", ".join(quoted(escape(file)) for file in files)
    every = f"from read_parquet([{listed}], union_by_name = true)"
    described = Place(sql=f"select column_name, column_type from (describe select * {every})")
    told = reader.frame("types", described, ["column_name", "column_type"])
    types = dict(zip(*(told.chunks(name).to_pylist() for name in told.columns), strict=True))
    rows = [pq.read_metadata(file).num_rows for file in files]
    size = max(1, min(ROWS, -(-sum(rows) // width)))
    parcels = [
        Parcel({"file": file, "start": start, "stop": min(start + size, count), "types": types})
        for file, count in zip(files, rows, strict=True)
        for start in range(0, max(count, 1), size)
    ]
    return Cut(parcels, reader.frame("types", Place(sql=f"select * {every} limit 0"), names).read(names), files, 0)


def _of_text(path: Path, place: Place, size: int) -> Iterator[dict[str, Any]]:
    """Ranges of bytes of about that size, none of which ends within a line or a quotation.

    A file that DuckDB would not read as it stands is a piece by itself.
    """
    whole = {"file": str(path), "place": place.model_dump(mode="json")}
    found, even = look_through(path)
    separator, _ = read_header(path, place)
    with path.open("rb") as lines:
        header = next(lines, b"")
        plain = place.header == 1 and not header.lower().startswith((b"sep=", b'"sep='))
        if not (plain and even and encoding_of(found, place.encoding) == "utf-8") or ends(path.name, ".gz"):
            yield whole
            return
        if quotation_open(header.decode(), separator):
            yield whole
            return
        at = last = len(header)
        within = False
        for line in lines:
            at += len(line)
            # Most lines hold no quotation mark, and need no closer look.
            if within or b'"' in line:
                text = line.decode()
                within = quotation_open(f'"{text}' if within else text, separator)
            if at - last >= size and not within:
                yield whole | {"separator": separator, "start": last, "stop": at}
                last = at
    if at > last or last == len(header):
        yield whole | {"separator": separator, "start": last, "stop": at}


@contextmanager
def opened(parcel: Parcel, table: str, names: Sequence[str], missing: Sequence[str]) -> Iterator[Frame]:
    """A piece as a frame with the named columns."""
    plain = parcel.plain
    if "rows" in parcel.tables:
        yield Frame.of(table, "", parcel.tables["rows"].select(list(names)), 0, missing)
        return
    if not Path(plain["file"]).is_file():
        raise WorkspaceError(f"{table}: a worker finds no file {plain['file']}; workers need it under the same path")
    with tempfile.TemporaryDirectory(prefix="leadlight-piece-") as scratch, Reader(Path(scratch), missing) as reader:
        yield reader.frame(table, _place(plain, names, Path(scratch)), names)


def _place(plain: Mapping[str, Any], names: Sequence[str], scratch: Path) -> Place:
    if "types" in plain:
        return Place(sql=_rows(plain, names))
    place = Place.model_validate(plain["place"])
    if "start" not in plain:
        return place.model_copy(update={"file": plain["file"]})
    target = scratch / "piece.csv"
    with Path(plain["file"]).open("rb") as file, target.open("wb") as piece:
        piece.write(file.readline())
        file.seek(plain["start"])
        piece.write(file.read(plain["stop"] - plain["start"]))
    return place.model_copy(update={"file": str(target), "separator": plain["separator"]})


def _rows(plain: Mapping[str, Any], names: Sequence[str]) -> str:
    """The query for a range of rows of one Parquet file; a column that another file has is missing in this one."""
    there = {caseless(name) for name in pq.read_schema(plain["file"]).names}
    columns = [
        f"cast({_name(name) if caseless(name) in there else 'null'} as {plain['types'][name]}) as {_name(name)}"
        for name in names
    ]
    return (
        f"select {', '.join(columns)} from read_parquet({quoted(escape(plain['file']))}, file_row_number = true) "
        f"where file_row_number >= {plain['start']} and file_row_number < {plain['stop']}"
    )


def _name(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'

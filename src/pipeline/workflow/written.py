"""Scores as a file: csv, parquet, JSON or xlsx, a row a lead; ids and every other text stay texts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from pipeline.definitions.yaml_lines import DataError
from pipeline.reasons.scores import Score
from pipeline.tables.files import arriving_file

SHEET_ROWS = 1_048_576
"""Rows of a sheet, its header included."""

Rows = list[dict[str, Any]]


def write_scores(scores: Sequence[Score], output: Path) -> None:
    """The scores as a table, whole or not at all; `output` ends as one of WRITERS.

    In parquet and JSON the reasons are nested; in csv and xlsx they are JSON in a cell.
    """
    plain = [score.to_json() for score in scores]
    with arriving_file(output) as partial:
        WRITERS[output.suffix](plain, partial)


def _csv(plain: Rows, path: Path) -> None:
    pyarrow.csv.write_csv(_table(list(map(_flat, plain)), nested=False), path)


def _parquet(plain: Rows, path: Path) -> None:
    pq.write_table(_table(plain, nested=True), path)


def _json(plain: Rows, path: Path) -> None:
    """One array with an object a line."""
    lines = ",\n".join(json.dumps(row, ensure_ascii=False, allow_nan=False) for row in plain)
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def _xlsx(plain: Rows, path: Path) -> None:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    if len(plain) >= SHEET_ROWS:
        raise DataError(f"{len(plain):,} scores are more than a sheet holds ({SHEET_ROWS - 1:,}); write csv or parquet")
    book = Workbook(write_only=True)
    sheet = book.create_sheet("scores")
    names = _schema(nested=False).names
    whole = BytesIO()
    try:
        sheet.append(names)
        for row in map(_flat, plain):
            cells = [WriteOnlyCell(sheet, value=row[name]) for name in names]
            for cell in cells:
                if isinstance(cell.value, str):
                    # A text that begins like a formula is still a text, and an id is never a number.
                    cell.data_type = "s"
            sheet.append(cells)
        book.save(whole)
    except OSError:
        # Where there is no room for the sheet's own file, its writer would complain once more when it is thrown away.
        with suppress(Exception):
            sheet.close()
        raise
    # Through memory, since an archive that cannot be ended on a full disk complains in the same way.
    path.write_bytes(whole.getvalue())


WRITERS: Mapping[str, Callable[[Rows, Path], None]] = {
    ".csv": _csv,
    ".parquet": _parquet,
    ".json": _json,
    ".xlsx": _xlsx,
}
"""Ending of a file -> what writes it."""


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """A score whose every value fits a cell."""
    reasons = json.dumps(row["reasons"], ensure_ascii=False)
    return row | {"reasons": reasons, "warnings": " ".join(row["warnings"])}


def _table(plain: Rows, *, nested: bool) -> pa.Table:
    schema = _schema(nested)
    return pa.table({field.name: pa.array([row[field.name] for row in plain], field.type) for field in schema}, schema)


def _schema(nested: bool) -> pa.Schema:
    text, number = pa.string(), pa.float64()
    reason = pa.struct(
        [
            ("criterion", text),
            ("family", text),
            ("side", text),
            ("label", text),
            ("contribution", number),
            ("points", number),
            ("sign", text),
            ("evidence", text),
            ("text", text),
        ]
    )
    return pa.schema(
        [
            ("lead_id", text),
            ("as_of", text),
            ("probability", number),
            ("log_odds", number),
            ("score", pa.int64()),
            ("percentile", number),
            ("grade", text),
            ("stage", text),
            ("action", text),
            ("rule", text),
            ("fit", number),
            ("intent", number),
            ("base", number),
            ("reasons", pa.list_(reason) if nested else text),
            ("model_version", text),
            ("warnings", pa.list_(text) if nested else text),
        ]
    )

"""What the files themselves say of a column: what it may be called now, and where a value stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import pyarrow as pa

from pipeline.definitions.workspace import Workspace
from pipeline.definitions.yaml_lines import WorkspaceError
from pipeline.tables.asked import Asked, holds_values, near_name
from pipeline.tables.frame import Frame, shown
from pipeline.tables.reader import Reader
from pipeline.tables.values import attributes

SAMPLE = 1_000
"""So many rows tell what a column holds."""

MOST_NAMES = 3
"""More columns that could be the missing one are no hint."""

_TIME = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ].*)?")
FITS = {"number": ("number",), "text": ("text",), "time": ("time",), "id": ("text", "number")}
"""What a column must hold to stand for one that held ids, times, numbers or texts."""


class Files:
    """The workspace's files, opened again for a question. Queries are not asked twice: of them it knows nothing."""

    def __init__(self, workspace: Workspace) -> None:
        self.root, self.missing = workspace.root, workspace.missing

    def renamed(self, table: Asked, name: str, type_: str, candidates: Sequence[str]) -> str:
        """Which of the candidates a column is by its spelling, else by what it holds: `Renamed to land? `, or ""."""
        if holds_values(candidates):
            return ""
        near = near_name(name, candidates)
        likely = [near] if near is not None else self._fitting(table, type_, candidates)
        if not likely or len(likely) > MOST_NAMES:
            return ""
        return f"Renamed to {' or '.join(likely)}? "

    def _fitting(self, table: Asked, type_: str, candidates: Sequence[str]) -> list[str]:
        if table.place.file is None or not candidates:
            return []
        try:
            with Reader(self.root, self.missing) as reader:
                frame = reader.whole(table.table, table.place, SAMPLE)
                return [
                    name for name in candidates if name in frame.columns and _holds(frame, name) in FITS.get(type_, ())
                ]
        except WorkspaceError:
            return []

    def first(self, table: Asked, name: str, wanted: Callable[[object], bool], *, commas: bool) -> str:
        """The first value for which something holds, as `, the first 'ten' in row 3`; nothing where it is not known."""
        if table.place.file is None:
            return ""
        with Reader(self.root, self.missing) as reader:
            values = attributes(reader.frame(table.table, table.place, [name]), name, commas=commas)
        row = next((row for row, value in enumerate(values.tolist()) if value is not None and wanted(value)), None)
        if row is None:
            return ""
        value = values[row]
        plain = int(value) if isinstance(value, float) and value.is_integer() else value
        return f", the first {shown(plain)} in row {row + 1}"


def _holds(frame: Frame, name: str) -> str:
    """What a column holds: "time", "number" or "text"; "" where it is empty, or no plain values."""
    try:
        kind = frame.column(name).type
        values: Sequence[object] = [value for value in attributes(frame, name).tolist() if value is not None]
    except WorkspaceError:
        return ""
    if not values:
        return ""
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return "time"
    if all(isinstance(value, float | int) for value in values):
        return "number"
    return "time" if all(_TIME.fullmatch(str(value)) for value in values) else "text"

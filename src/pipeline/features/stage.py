"""Rows of facts on their way from the order of arrival into parts: in memory while they are few, else in one file."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from pipeline.native import library

Column = NDArray[Any]

IN_MEMORY = 640 << 20
"""Bytes of rows that are kept in memory; what comes after them goes to the disk."""


@dataclass(frozen=True)
class _Laid:
    """Rows of one piece by part: part p stands at `edges[p]:edges[p + 1]` of each column."""

    edges: NDArray[np.int64]
    columns: Mapping[str, Column]
    places: Mapping[str, int]


class Stage:
    """Pieces of rows, taken apart by part as they come, and put together again part by part.

    A part's rows keep the order in which they came. The file has no name that outlives a killed run's folder.
    """

    def __init__(self, folder: Path, parts: int, name: str = "facts") -> None:
        """Rows of `parts` parts; a file in `folder` takes what is too much for the memory."""
        self.parts = parts
        self._path = folder / name
        self._file: BinaryIO | None = None
        self._laid: list[_Laid] = []
        self._bytes = 0

    def add(self, part: NDArray[np.integer], columns: Mapping[str, Column]) -> None:
        """Rows of a piece, each with the part that it belongs to."""
        rows = len(part)
        edges, place = np.empty(self.parts + 1, dtype=np.int64), np.empty(rows, dtype=np.int32)
        whole = np.ascontiguousarray(part, dtype=np.int32)
        library().leadlight_parts(whole.ctypes.data, rows, self.parts, edges.ctypes.data, place.ctypes.data)
        sorted_ = {name: _laid(np.ascontiguousarray(column), place) for name, column in columns.items()}
        size = sum(column.nbytes for column in sorted_.values())
        if self._bytes + size <= IN_MEMORY:
            self._bytes += size
            self._laid.append(_Laid(edges, sorted_, {}))
            return
        if self._file is None:
            self._file = self._path.open("w+b")
        places = {}
        for name, column in sorted_.items():
            places[name] = self._file.tell()
            self._file.write(np.ascontiguousarray(column).view(np.uint8).data)
        self._file.flush()
        # A slice of no rows would keep the whole column.
        empty = {name: np.empty(0, dtype=column.dtype) for name, column in sorted_.items()}
        self._laid.append(_Laid(edges, empty, places))

    def part(self, part: int) -> dict[str, Column]:
        """The rows of one part; nothing where no piece came."""
        pieces = [self._read(laid, int(laid.edges[part]), int(laid.edges[part + 1])) for laid in self._laid]
        if not pieces:
            return {}
        return {name: _joined([piece[name] for piece in pieces]) for name in pieces[0]}

    def rows(self) -> NDArray[np.int64]:
        """How many rows each part has."""
        return sum((np.diff(laid.edges) for laid in self._laid), np.zeros(self.parts, dtype=np.int64))

    def _read(self, laid: _Laid, begin: int, end: int) -> dict[str, Column]:
        if not laid.places:
            return {name: column[begin:end] for name, column in laid.columns.items()}
        assert self._file is not None
        found = {}
        for name, place in laid.places.items():
            kind = laid.columns[name].dtype
            raw = os.pread(self._file.fileno(), (end - begin) * kind.itemsize, place + begin * kind.itemsize)
            found[name] = np.frombuffer(raw, dtype=kind)
        return found

    def close(self) -> None:
        """Free the memory and the disk."""
        self._laid.clear()
        if self._file is not None:
            self._file.close()
            self._path.unlink(missing_ok=True)


def _laid(column: Column, place: NDArray[np.int32]) -> Column:
    laid = np.empty_like(column)
    library().leadlight_scatter(column.ctypes.data, column.itemsize, place.ctypes.data, len(column), laid.ctypes.data)
    return laid


def _joined(columns: Sequence[Column]) -> Column:
    return columns[0] if len(columns) == 1 else np.concatenate(columns)

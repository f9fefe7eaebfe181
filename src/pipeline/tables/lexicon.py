"""Texts of long columns as codes, piece by piece: found among known ones, or given a code when they are first met.

The search is compiled (`native/lookup.c`) and looks at Arrow's own bytes: no text becomes a Python object but once.
"""

from __future__ import annotations

import threading

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.native import library
from pipeline.tables.columns import Codes
from pipeline.tables.index import STRANGE, Index, as_bytes

GROWTH = 1.5
"""The table of words is laid out anew when there are so many times as many."""


class Lexicon:
    """Words in the order in which they are met, each with a code for good; threads may meet them together."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self._code: dict[str, int] = {}
        self._index = Index(())
        self._indexed = 0
        self._lock = threading.Lock()

    def codes(self, column: pa.Array) -> Codes:
        """The code of each text of a piece, MISSING for a null."""
        found = self._index.find(column)
        strange = np.flatnonzero(found == STRANGE)
        if len(strange) == 0:
            return found
        met = column.take(pa.array(strange)).dictionary_encode()
        with self._lock:
            own = [self._code_of(word) for word in met.dictionary.to_pylist()]
            if len(self.words) > GROWTH * self._indexed:
                self._index, self._indexed = Index(self.words), len(self.words)
        found[strange] = np.array(own, dtype=np.int32)[met.indices.to_numpy()]
        return found

    def _code_of(self, word: str) -> int:
        if word not in self._code:
            self._code[word] = len(self.words)
            self.words.append(word)
        return self._code[word]


def fixed(column: pa.Array, width: int) -> NDArray[np.bytes_]:
    """Texts (nulls as empty) of at most `width` bytes as an array of them, whose order is that of their code points."""
    out = np.zeros(len(column), dtype=f"S{max(width, 1)}")
    if len(column):
        _, offsets, data = column.buffers()
        wide = pa.types.is_large_string(column.type)
        starts = np.frombuffer(offsets, dtype=np.int64 if wide else np.int32)[column.offset :]
        content = as_bytes(data)
        library().leadlight_fixed(
            content.ctypes.data, starts.ctypes.data, int(wide), len(column), out.itemsize, out.ctypes.data
        )
    return out

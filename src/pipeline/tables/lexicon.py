"""Texts of long columns as codes, piece by piece: found among known ones, or given a code when they are first met.

The search is compiled (`native/facts.c`) and looks at Arrow's own bytes: no text becomes a Python object but once.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.native import library
from pipeline.tables.columns import Codes

MISSING, STRANGE = -1, -2

GROWTH = 1.5
"""The table of words is laid out anew when there are so many times as many."""


class Index:
    """Different texts in their places, to find other texts among them."""

    def __init__(self, words: Sequence[str]) -> None:
        """Lay the table out; `words` are different, the place of each is its answer."""
        texts = pa.array(list(words), type=pa.large_string())
        self._size = 1 << max(4, (2 * len(texts)).bit_length())
        self._table = np.empty(self._size, dtype=np.uint64)
        offsets, data = texts.buffers()[1:]
        self._offsets = np.frombuffer(offsets, dtype=np.int64, count=len(texts) + 1)
        self._data = _bytes(data)
        library().leadlight_index(
            self._data.ctypes.data, self._offsets.ctypes.data, len(texts), self._table.ctypes.data, self._size
        )

    def find(self, column: pa.Array) -> Codes:
        """The place of each text: MISSING for a null, STRANGE for none of these."""
        found = np.empty(len(column), dtype=np.int32)
        if len(column) == 0:
            return found
        validity, offsets, data = column.buffers()
        wide = pa.types.is_large_string(column.type)
        bits = None if validity is None or column.null_count == 0 else _bytes(validity)
        starts = np.frombuffer(offsets, dtype=np.int64 if wide else np.int32)[column.offset :]
        content = _bytes(data)
        library().leadlight_find(
            self._data.ctypes.data,
            self._offsets.ctypes.data,
            self._table.ctypes.data,
            self._size,
            content.ctypes.data,
            starts.ctypes.data,
            int(wide),
            None if bits is None else bits.ctypes.data,
            column.offset,
            len(column),
            found.ctypes.data,
        )
        return found


def _bytes(buffer: pa.Buffer | None) -> NDArray[np.uint8]:
    return np.zeros(1, dtype=np.uint8) if buffer is None or not buffer.size else np.frombuffer(buffer, dtype=np.uint8)


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
        content = _bytes(data)
        library().leadlight_fixed(
            content.ctypes.data, starts.ctypes.data, int(wide), len(column), out.itemsize, out.ctypes.data
        )
    return out

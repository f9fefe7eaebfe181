"""Texts found among known ones: the search is compiled (`native/lookup.c`) and looks at Arrow's own bytes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.native import library

Codes = NDArray[np.int32]

MISSING, STRANGE = -1, -2

MOST_WORDS = 5
"""Texts shorter than so many times eight bytes stand in the table itself: a salesforce id, a UUID."""


class Index:
    """Different texts in their places, to find other texts among them."""

    def __init__(self, words: Sequence[str]) -> None:
        """Lay the table out; `words` are different, the place of each is its answer."""
        self.of = words
        texts = pa.array(list(words), type=pa.large_string())
        self._size = 1 << max(4, (2 * len(texts)).bit_length())
        offsets, data = texts.buffers()[1:]
        starts, content = np.frombuffer(offsets, dtype=np.int64, count=len(texts) + 1), as_bytes(data)
        longest = int(np.diff(starts).max()) if len(texts) else 0
        self._words = longest // 8 + 1
        given = content.ctypes.data, starts.ctypes.data, len(texts)
        if self._words <= MOST_WORDS:
            self._table = np.empty(self._size * (self._words + 1), dtype=np.uint64)
            library().leadlight_keys(*given, self._words, self._table.ctypes.data, self._size)
        else:
            self._table = np.empty(self._size, dtype=np.uint64)
            self._texts = content, starts
            library().leadlight_index(*given, self._table.ctypes.data, self._size)

    def find(self, column: pa.Array) -> Codes:
        """The place of each text: MISSING for a null, STRANGE for none of these."""
        found = np.empty(len(column), dtype=np.int32)
        if len(column) == 0:
            return found
        validity, offsets, data = column.buffers()
        wide = pa.types.is_large_string(column.type)
        bits = None if validity is None or column.null_count == 0 else as_bytes(validity)
        starts = np.frombuffer(offsets, dtype=np.int64 if wide else np.int32)[column.offset :]
        content = as_bytes(data)
        rows = (
            content.ctypes.data,
            starts.ctypes.data,
            int(wide),
            None if bits is None else bits.ctypes.data,
            column.offset,
            len(column),
            found.ctypes.data,
        )
        table = self._table.ctypes.data, self._size
        if self._words <= MOST_WORDS:
            library().leadlight_find_keys(*table, self._words, *rows)
        else:
            library().leadlight_find(*(array.ctypes.data for array in self._texts), *table, *rows)
        return found


_latest: list[Index] = []
"""The last long vocabularies that were laid out: they are looked into again and again."""

KEPT = 2


def index_of(words: Sequence[str]) -> Index:
    """The index of a vocabulary; that of the very same object is laid out once. UnicodeEncodeError as UTF-8 has it."""
    for known in tuple(_latest):
        if known.of is words:
            return known
    index = Index(words)
    _latest[:] = [index, *_latest[: KEPT - 1]]
    return index


def as_bytes(buffer: pa.Buffer | None) -> NDArray[np.uint8]:
    """A buffer of Arrow's as an array, which is never empty."""
    return np.zeros(1, dtype=np.uint8) if buffer is None or not buffer.size else np.frombuffer(buffer, dtype=np.uint8)

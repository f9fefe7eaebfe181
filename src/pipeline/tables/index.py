"""Texts found among known ones: the search is compiled (`native/lookup.c`) and looks at Arrow's own bytes.

Of Arrow nothing is imported: what serves requests looks texts up too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
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
        content, starts = laid_out(words)
        self._size = 1 << max(4, (2 * len(words)).bit_length())
        longest = int(np.diff(starts).max()) if len(words) else 0
        self._words = longest // 8 + 1
        given = content.ctypes.data, starts.ctypes.data, len(words)
        if self._words <= MOST_WORDS:
            self._table = np.empty(self._size * (self._words + 1), dtype=np.uint64)
            library().leadlight_keys(*given, self._words, self._table.ctypes.data, self._size)
        else:
            self._table = np.empty(self._size, dtype=np.uint64)
            self._texts = content, starts
            library().leadlight_index(*given, self._table.ctypes.data, self._size)

    def find(self, column: Any) -> Codes:
        """The place of each text of an Arrow array: MISSING for a null, STRANGE for none of these."""
        if len(column) == 0:
            return np.empty(0, dtype=np.int32)
        validity, offsets, data = column.buffers()
        wide = str(column.type) == "large_string"
        bits = None if validity is None or column.null_count == 0 else as_bytes(validity)
        starts: Any = np.frombuffer(offsets, dtype=np.int64 if wide else np.int32)[column.offset :]
        return self._search(as_bytes(data), starts, len(column), bits, column.offset)

    def find_texts(self, words: Sequence[str]) -> Codes:
        """The place of each text, STRANGE for none of these."""
        return self._search(*laid_out(words), len(words))

    def _search(
        self,
        content: NDArray[np.uint8],
        starts: NDArray[np.int64] | NDArray[np.int32],
        size: int,
        bits: NDArray[np.uint8] | None = None,
        first: int = 0,
    ) -> Codes:
        found = np.empty(size, dtype=np.int32)
        rows = (
            content.ctypes.data,
            starts.ctypes.data,
            int(starts.dtype == np.int64),
            None if bits is None else bits.ctypes.data,
            first,
            size,
            found.ctypes.data,
        )
        table = self._table.ctypes.data, self._size
        if self._words <= MOST_WORDS:
            library().leadlight_find_keys(*table, self._words, *rows)
        else:
            library().leadlight_find(*(array.ctypes.data for array in self._texts), *table, *rows)
        return found


def laid_out(words: Sequence[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Texts as bytes one after the other, and where each begins and the last ends."""
    content = np.frombuffer(("\0".join(words) + "\0").encode(), dtype=np.uint8)
    ends = np.flatnonzero(content == 0)
    if len(ends) == len(words):
        return as_bytes(content[content != 0]), np.append(0, ends + 1) - np.arange(len(words) + 1)
    encoded = [word.encode() for word in words]
    starts = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
    return as_bytes(np.frombuffer(b"".join(encoded), dtype=np.uint8)), starts


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


def as_bytes(buffer: Any) -> NDArray[np.uint8]:
    """A buffer of Arrow's, or an array, as an array that is never empty."""
    if buffer is None or not buffer.size:
        return np.zeros(1, dtype=np.uint8)
    return buffer if isinstance(buffer, np.ndarray) else np.frombuffer(buffer, dtype=np.uint8)

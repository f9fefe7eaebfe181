"""A column of very many different texts, its words kept as Arrow keeps them: ids of facts by the million.

Such words are hardly ever looked at, since their codes tell their order; as Python texts they would fill the memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.tables.columns import Texts

AT_ONCE = 1 << 20
"""Rows that are compared in one piece."""


class Words(Sequence[str]):
    """Sorted words: those of an Arrow array that stand at `places`; to the rest of the code a tuple of texts."""

    def __init__(self, array: pa.Array, places: NDArray[np.int32]) -> None:
        self._array, self._places = array, places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[str, ...]: ...
    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, slice):
            return tuple(self._array.take(pa.array(self._places[place])).to_pylist())
        return self._array[int(self._places[place])].as_py()

    def __iter__(self) -> Iterator[str]:
        for start in range(0, len(self), 65_536):
            yield from self[start : start + 65_536]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(str.__eq__, self, other))

    def __hash__(self) -> int:
        return hash((len(self), self[:8]))


class Counted(Sequence[str]):
    """Words that nobody will look at: how many there are. What stands for one has its place in the order."""

    def __init__(self, size: int) -> None:
        self._size = size

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[str, ...]: ...
    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, slice):
            return tuple(f"{number:010d}" for number in range(*place.indices(self._size)))
        return f"{range(self._size)[place]:010d}"


def without_words(column: Texts) -> Texts:
    """The column's codes alone, where their order is all that anyone needs."""
    words: Any = Counted(len(column.words))
    return Texts(column.codes, words)


def many_texts(column: pa.ChunkedArray) -> Texts:
    """Texts of which hardly two are alike as codes: sorted and told apart in pieces, without a table of them all."""
    array = column.combine_chunks() if column.num_chunks else pa.array([], column.type)
    order = pc.array_sort_indices(array).to_numpy()[: len(array) - array.null_count].astype(np.int32)
    new = np.ones(len(order), dtype=np.bool_)
    for start in range(0, len(order) - 1, AT_ONCE):
        piece = array.take(pa.array(order[start : start + AT_ONCE + 1]))
        new[start + 1 : start + len(piece)] = pc.not_equal(piece[1:], piece[:-1]).to_numpy(zero_copy_only=False)
    codes = np.full(len(array), -1, dtype=np.int32)
    codes[order] = np.cumsum(new, dtype=np.int32) - np.int32(1)
    words: Any = Words(array, order[new])
    return Texts(codes, words)

"""Which texts, and which objects, of long columns are the same: found by compiled code, and kept to be asked again."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from pipeline.native import library
from pipeline.tables.index import MISSING, Codes, index_of

Objects = NDArray[np.object_]

_known: list[tuple[Sequence[str], Sequence[str], Codes]] = []
"""The last few tables of `places` between long vocabularies, which are the same ones again and again."""


def places(own: Sequence[str], words: Sequence[str]) -> Codes:
    """The place of each of `own` among `words`, -1 for none, and -1 once more for a missing text."""
    for one, other, table in tuple(_known):
        if one is own and other is words:
            return table
    table = np.append(_found(own, words), np.int32(-1))
    if len(own) + len(words) > MANY:
        _known[:] = [(own, words, table), *_known[:2]]
    return table


MANY = 1 << 14
"""So many words are looked up by compiled code."""


def _found(sought: Sequence[str], words: Sequence[str]) -> Codes:
    """The place of each text among other words, -1 where they lack it."""
    if min(len(sought), len(words)) >= MANY:
        try:
            return np.maximum(index_of(words).find_texts(sought), np.int32(MISSING))
        except UnicodeEncodeError:
            # Half of a surrogate pair, as a request's JSON may hold.
            pass
    index = dict(zip(words, range(len(words)), strict=True))
    return np.fromiter(map(index.get, sought, repeat(-1)), dtype=np.int32, count=len(sought))


FEW = 64
"""So few objects are looked at one by one."""


class _Addresses:
    """Where the objects of an array are: two that are at one address are one object."""

    def __init__(self, values: Objects) -> None:
        address, _ = values.__array_interface__["data"]
        self.values = values
        self.__array_interface__ = {"version": 3, "data": (address, True), "shape": values.shape, "typestr": "=u8"}


def distinct(values: Objects) -> tuple[Objects, Codes]:
    """The different objects of a column, and of each row which it holds; of equal objects each may be there.

    Where hardly two are one, that is all of them. A column that was read has one object for all rows of a value.

    >>> names = np.array(["Anna", None], dtype=object)
    >>> objects, codes = distinct(names[np.arange(100) % 2])
    >>> objects.tolist(), codes[:4].tolist()
    (['Anna', None], [0, 1, 0, 1])
    """
    size = len(values)
    codes = np.arange(size, dtype=np.int32)
    if size <= FEW:
        return values, codes
    whole = np.ascontiguousarray(values)
    most = size // 4
    first, where = np.empty(most, dtype=np.int64), np.asarray(_Addresses(whole))
    found = library().leadlight_distinct(where.ctypes.data, size, most, first.ctypes.data, codes.ctypes.data)
    if found < 0:
        return values, np.arange(size, dtype=np.int32)
    return whole[first[:found]], codes

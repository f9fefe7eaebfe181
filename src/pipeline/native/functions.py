"""Every C function that Python calls, with the types of its arguments: the only place that declares them."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from typing import Any

FOREST_ARRAYS: Mapping[str, str] = {
    "column": "int32",
    "kind": "int32",
    "first_threshold": "int64",
    "thresholds": "float64",
    "used": "int32",
    "first_node": "int64",
    "first_category": "int64",
    "first_turn": "int64",
    "first_group": "int64",
    "code": "int32",
    "shift": "uint16",
    "limit": "uint16",
    "listed_at": "int64",
    "listed": "uint8",
    "category": "int32",
    "turn": "int32",
    "turn_place": "int32",
    "turn_bit": "uint8",
    "place": "int32",
    "above": "int32",
    "inside": "int32",
    "bits": "int32",
    "width": "int32",
    "table_at": "int64",
    "first_feature": "int64",
    "feature": "int32",
    "first_leaf": "int64",
    "first_condition": "int64",
    "condition": "int32",
    "part": "int32",
    "value": "float64",
    "first_factor": "int64",
    "position": "int32",
    "mask": "int32",
    "want": "int32",
    "ratio": "float64",
    "points": "float64",
    "tables": "float64",
}
"""The arrays of a `Forest` of treeshap.h, in its order, with the types of their values."""

ADDRESS = ctypes.c_void_p
"""Of the first value of an array: whoever passes it has made sure of type, order and length."""

NUMBER = ctypes.c_int64


class Forest(ctypes.Structure):
    """The trees of a model as treeshap.c reads them; treeshap.h says what each field is."""

    _fields_ = (
        *((name, ctypes.c_int64) for name in ("trees", "columns", "features", "nodes", "wide")),
        *((name, ADDRESS) for name in FOREST_ARRAYS),
    )


SIGNATURES: Mapping[str, tuple[Any, list[Any]]] = {
    # facts.c
    "leadlight_order": (NUMBER, [ADDRESS, ADDRESS, NUMBER, NUMBER, ADDRESS, ADDRESS, ADDRESS]),
    "leadlight_index": (None, [ADDRESS, ADDRESS, NUMBER, ADDRESS, NUMBER]),
    "leadlight_keys": (None, [ADDRESS, ADDRESS, NUMBER, NUMBER, ADDRESS, NUMBER]),
    "leadlight_find_keys": (
        NUMBER,
        [ADDRESS, NUMBER, NUMBER, ADDRESS, ADDRESS, ctypes.c_int, ADDRESS, NUMBER, NUMBER, ADDRESS],
    ),
    "leadlight_find": (
        NUMBER,
        [ADDRESS, ADDRESS, ADDRESS, NUMBER, ADDRESS, ADDRESS, ctypes.c_int, ADDRESS, NUMBER, NUMBER, ADDRESS],
    ),
    "leadlight_numbers": (NUMBER, [ADDRESS, ADDRESS, NUMBER, NUMBER, ctypes.c_double, ADDRESS]),
    "leadlight_parts": (None, [ADDRESS, NUMBER, NUMBER, ADDRESS, ADDRESS]),
    "leadlight_scatter": (None, [ADDRESS, NUMBER, ADDRESS, NUMBER, ADDRESS]),
    "leadlight_fixed": (None, [ADDRESS, ADDRESS, ctypes.c_int, NUMBER, NUMBER, ADDRESS]),
    # kernel.c
    "leadlight_measure": (ctypes.c_int, [ADDRESS, ADDRESS, ADDRESS]),
    # library.c
    "leadlight_digest": (ctypes.c_char_p, []),
    # repeats.c
    "leadlight_repeated": (NUMBER, [ADDRESS, ADDRESS, NUMBER, NUMBER, ADDRESS]),
    "leadlight_distinct": (NUMBER, [ADDRESS, NUMBER, NUMBER, ADDRESS, ADDRESS]),
    # treeshap.c: the rows, their number, the number of columns, the contributions
    "treeshap_rows": (ctypes.c_int, [ctypes.POINTER(Forest), ADDRESS, ctypes.c_int64, ctypes.c_int64, ADDRESS]),
    "treeshap_tables": (None, [ctypes.POINTER(Forest), ADDRESS]),
}
"""Name -> (what it returns, the types of its arguments)."""

"""Every C function that Python calls, with the types of its arguments: the only place that declares them."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from typing import Any

ADDRESS = ctypes.c_void_p
"""Of the first value of an array: whoever passes it has made sure of type, order and length."""

NUMBER = ctypes.c_int64

SIGNATURES: Mapping[str, tuple[Any, list[Any]]] = {
    # facts.c
    "leadlight_order": (NUMBER, [ADDRESS, ADDRESS, NUMBER, NUMBER, ADDRESS, ADDRESS, ADDRESS]),
    "leadlight_index": (None, [ADDRESS, ADDRESS, NUMBER, ADDRESS, NUMBER]),
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
}
"""Name -> (what it returns, the types of its arguments)."""

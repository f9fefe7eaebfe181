"""What pays to be compiled: C functions over NumPy arrays, in one shared library that is built at install.

`library()` loads it. A call releases Python's lock, so threads share the work.
"""

from __future__ import annotations

import ctypes
from functools import cache

from pipeline.native.functions import SIGNATURES
from pipeline.native.sources import LIBRARY, digest, sources

REMEDY = (
    "Build it with 'make', with 'python hatch_build.py' in a checkout, or by installing the package again; each needs "
    "a C compiler (apt-get install gcc libc6-dev)."
)


@cache
def library() -> ctypes.CDLL:
    """The compiled functions, loaded once; ImportError says the remedy where they are not built, or outdated."""
    if not LIBRARY.exists():
        raise ImportError(f"Leadlight's compiled library is missing: {LIBRARY}. {REMEDY}")
    try:
        loaded = ctypes.CDLL(str(LIBRARY))
    except OSError as error:
        raise ImportError(f"Leadlight's compiled library cannot be loaded: {error}. {REMEDY}") from error
    # Asked first: a library of older sources may lack what the table names.
    declare(loaded, "leadlight_digest")
    if sources() and loaded.leadlight_digest().decode() != digest():
        raise ImportError(f"Leadlight's compiled library is not of the C files beside it: {LIBRARY}. {REMEDY}")
    for name in SIGNATURES:
        declare(loaded, name)
    return loaded


def declare(loaded: ctypes.CDLL, name: str) -> None:
    """Tell ctypes what a function takes and returns."""
    function = getattr(loaded, name)
    function.restype, function.argtypes = SIGNATURES[name]

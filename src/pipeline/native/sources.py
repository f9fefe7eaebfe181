"""Which C files make the library, where it stands, and the digest that ties it to them.

The standard library alone: the build reads this file before anything is installed.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent

LIBRARY = FOLDER / ("_leadlight.dll" if sys.platform == "win32" else "_leadlight.so")
"""Built beside its sources, once, when the package is installed; nothing is written later."""


def sources() -> list[Path]:
    """Every C file and header, in the order of their names."""
    return sorted(path for path in FOLDER.iterdir() if path.suffix in (".c", ".h"))


def digest() -> str:
    """Hash of the C files as they are now: names and contents."""
    whole = hashlib.sha256()
    for path in sources():
        whole.update(path.name.encode())
        whole.update(path.read_bytes())
    return whole.hexdigest()

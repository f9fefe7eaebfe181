"""A full disk, told in one sentence: what Python, pyarrow, SQLite and DuckDB say of it, and which disk it is."""

from __future__ import annotations

import errno
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
"""A full disk, a used-up quota, a file larger than this user's files may be."""

SAYINGS = (
    "no space left on device",
    "database or disk is full",
    "disk quota exceeded",
    "file too large",
    "max_temp_directory_size",
    "no usable temporary directory",
    "disk i/o error",
)
"""What libraries say in errors that carry no number. SQLite's last one is a quota's, or a disk that is breaking."""

NEARLY_NOTHING = 1 << 20
"""Bytes. A disk with less than that left is the one that is full."""


class NoSpaceError(OSError):
    """The disk that a command writes to is full; the sentence names the place and what to do."""


def full_disk(error: BaseException, place: Path) -> NoSpaceError | None:
    """The sentence on a full disk, if one is behind an error: the error itself, or one that it came from.

    It names `place`, which was being written, or the folder of temporary files where that one has no room; an error
    further down that names its own place is given as it is.

    >>> full_disk(OSError(errno.ENOENT, "No such file"), Path("models")) is None
    True
    """
    seen: set[int] = set()
    behind: BaseException | None = error
    full = False
    while behind is not None and id(behind) not in seen:
        seen.add(id(behind))
        if isinstance(behind, NoSpaceError):
            return behind
        number = behind.errno if isinstance(behind, OSError) else None
        said = str(behind).lower() if number in (None, errno.ENOENT) else ""
        full = full or number in FULL or any(saying in said for saying in SAYINGS)
        behind = behind.__cause__ or behind.__context__
    return _no_space(place) if full else None


def _no_space(place: Path) -> NoSpaceError:
    temporary = Path(tempfile.gettempdir()) if tempfile.tempdir else Path("/tmp")
    if _free(place) > NEARLY_NOTHING > _free(temporary):
        place = temporary
    return NoSpaceError(
        f"{place}: no space left on its disk, or this user's quota is used up. Free some, or move to another disk, and "
        "run the command again; what stood there before is unchanged."
    )


@contextmanager
def room(place: Path) -> Iterator[None]:
    """Whatever tells of a full disk in the block becomes NoSpaceError for `place`; all else passes as it is.

    The outermost block has the last word: it knows what people call the place, and those inside only its parts.
    """
    try:
        yield
    except Exception as error:
        if full_disk(error, place) is None:
            raise
        raise _no_space(place) from error


def _free(place: Path) -> int:
    there = next((folder for folder in (place, *place.absolute().parents) if folder.exists()), Path("/"))
    return shutil.disk_usage(there).free

"""Files and folders that arrive whole or not at all, whatever instant the run is killed at."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from glob import escape
from pathlib import Path

from pipeline.tables.disk import room

PARTIAL = ".partial"
"""How the name of something unfinished ends; it starts with a dot."""

LOOK, TELL = 0.2, 60.0
"""Seconds between two looks at a lock that is waited for, and between two words about it."""

_told: ContextVar[Callable[[str], None] | None] = ContextVar("_told", default=None)
"""Who is told that a lock is waited for; None: nobody waits."""

_held: set[tuple[Path, int]] = set()
"""Folder and thread of the locks this program holds."""


class BusyError(RuntimeError):
    """Another run is at work in the folder."""


@contextmanager
def patient(told: Callable[[str], None]) -> Iterator[None]:
    """In the block, and in this thread, a lock that another run holds is waited for; `told` hears whose and how long.

    For whoever stands at the edge, where somebody watches and can stop it: what is below takes locks and does not know.
    """
    before = _told.set(told)
    try:
        yield
    finally:
        _told.reset(before)


@contextmanager
def lock(folder: Path) -> Iterator[None]:
    """Only one run at a time writes to `folder`; a second gets BusyError at once, or waits where `patient` says so.

    The system frees a killed run's lock. Within a thread it may be taken again: what promotes takes it, and so does the
    training that promotes. Whoever needs two takes `data/work` before `models`, so that no two wait for each other.
    """
    folder.mkdir(parents=True, exist_ok=True)
    key = (folder.resolve(), threading.get_ident())
    if key in _held:
        yield
        return
    handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o666)
    try:
        _take(handle, folder)
        _held.add(key)
        try:
            yield
        finally:
            _held.discard(key)
    finally:
        os.close(handle)


def _take(handle: int, folder: Path) -> None:
    """The lock, and this program's number in its file for whoever comes next."""
    begun = told_at = time.monotonic()
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(handle, 32, 0).decode("ascii", "replace").strip() or "unknown"
            told, passed = _told.get(), time.monotonic()
            if told is None:
                raise BusyError(f"Another run (process {holder}) is at work in {folder}. Wait until it ends.") from None
            if begun == told_at or passed - told_at >= TELL:
                told(f"waiting for another run (process {holder}) that is at work in {folder}")
                told_at = passed
            time.sleep(LOOK)
            continue
        try:
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"{os.getpid()}\n".encode("ascii"), 0)
        except OSError:
            pass  # who holds it is a courtesy: a full disk must not keep anybody from rolling back
        return


def beside(path: Path, use: str = "") -> Path:
    """A hidden name next to `path` that no other run writes under, until it takes the place of `path`.

    What killed runs left under such names of theirs is removed: their number says that they are gone.
    """
    for leftover in path.parent.glob(f".{escape(path.name)}.*{PARTIAL}"):
        found = re.fullmatch(r"(\d+)-\d+.*", leftover.name[len(path.name) + 2 :])
        if found and int(found[1]) != os.getpid() and not _alive(int(found[1])):
            _remove(leftover)
    return path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}{use}{PARTIAL}")


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _remove(path: Path) -> None:
    """A file or a folder that need not be there; gone already is good."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def arriving(folder: Path) -> Iterator[Path]:
    """An empty sibling to write into, which becomes `folder` by one rename when the block ends well.

    What a killed run left under the sibling's name is swept away first. An older `folder` is moved aside before: a kill
    in that instant leaves none, which no reader takes for a bundle.
    """
    partial, old = beside(folder), beside(folder, ".old")
    for leftover in (partial, old):
        shutil.rmtree(leftover, ignore_errors=True)
    try:
        with room(folder):
            partial.mkdir(parents=True)
            yield partial
            sync_folder(partial)
            if folder.exists():
                os.replace(folder, old)
            os.replace(partial, folder)
    except BaseException:
        if old.exists() and not folder.exists():
            os.replace(old, folder)
        shutil.rmtree(partial, ignore_errors=True)
        raise
    sync_folder(folder.parent)
    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def arriving_file(path: Path) -> Iterator[Path]:
    """A name beside `path` to write a file under, which becomes `path` by one rename when the block ends well."""
    partial = beside(path)
    try:
        with room(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            yield partial
            os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def passing(path: Path) -> Iterator[Path]:
    """An empty folder beside `path`, hidden, for what is not needed any more when the block ends."""
    folder = beside(path, ".passing")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        with room(path):
            folder.mkdir(parents=True)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_text(path: Path, text: str) -> None:
    """Write a file through to the disk; line ends as they are."""
    with room(path):
        _write_through(path, text)


def _write_through(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def replace_text(path: Path, text: str) -> None:
    """Write a small file at once: a reader, or a kill, sees the old text or the new one."""
    partial = beside(path)
    try:
        with room(path):
            _write_through(partial, text)
            os.replace(partial, path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the renames inside a folder last, should the power fail."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep(folder: Path) -> None:
    """Remove what killed runs left unfinished inside a folder. For the holder of the lock only."""
    for leftover in folder.glob(f".*{PARTIAL}"):
        _remove(leftover)

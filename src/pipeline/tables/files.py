"""Files and folders that arrive whole or not at all, whatever instant the run is killed at."""

from __future__ import annotations

import fcntl
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PARTIAL = ".partial"
"""How the name of something unfinished ends; it starts with a dot."""

_held: set[tuple[Path, int]] = set()
"""Folder and thread of the locks this program holds."""


class BusyError(RuntimeError):
    """Another run is at work in the folder."""


@contextmanager
def lock(folder: Path) -> Iterator[None]:
    """Only one run at a time writes to `folder`; a second gets BusyError at once. The system frees a killed run's lock.

    Within a thread it may be taken again: what promotes takes it, and so does the training that promotes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    key = (folder.resolve(), threading.get_ident())
    if key in _held:
        yield
        return
    with (folder / ".lock").open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise BusyError(f"Another run (process {holder}) is at work in {folder}. Wait until it ends.") from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        _held.add(key)
        try:
            yield
        finally:
            _held.discard(key)


@contextmanager
def arriving(folder: Path) -> Iterator[Path]:
    """An empty sibling to write into, which becomes `folder` by one rename when the block ends well.

    What a killed run left under the sibling's name is swept away first. An older `folder` is moved aside before: a kill
    in that instant leaves none, which no reader takes for a bundle.
    """
    partial, old = (folder.with_name(f".{folder.name}{ending}") for ending in (PARTIAL, f".old{PARTIAL}"))
    for leftover in (partial, old):
        shutil.rmtree(leftover, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
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
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}{PARTIAL}")
    try:
        yield partial
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def passing(path: Path) -> Iterator[Path]:
    """An empty folder beside `path`, hidden, for what is not needed any more when the block ends."""
    folder = path.with_name(f".{path.name}.passing{PARTIAL}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_text(path: Path, text: str) -> None:
    """Write a file through to the disk; line ends as they are."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def replace_text(path: Path, text: str) -> None:
    """Write a small file at once: a reader, or a kill, sees the old text or the new one."""
    partial = path.with_name(f".{path.name}{PARTIAL}")
    try:
        write_text(partial, text)
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
        if leftover.is_dir():
            shutil.rmtree(leftover)
        else:
            leftover.unlink()

"""Files arrive whole or not at all, from two runs at once, after a kill, and on a disk that is full."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.tables import files
from pipeline.tables.disk import NoSpaceError, full_disk, room
from pipeline.tables.files import (
    PARTIAL,
    BusyError,
    arriving,
    arriving_file,
    beside,
    lock,
    passing,
    patient,
    replace_text,
    sweep,
    sync_folder,
    write_text,
)
from tests.quotas import no_file_above


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def gone() -> int:
    """The number of a process that has ended."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


# Two at once


def test_two_writers_of_one_file_do_not_meet(tmp_path: Path) -> None:
    """Each in a thread, both half-way at the same moment: the last to end is there, whole."""
    half = threading.Barrier(2)

    def write(text: str) -> None:
        with arriving_file(tmp_path / "scores.csv") as partial:
            partial.write_text(text[:5])
            half.wait(5)
            partial.write_text(text)

    texts = ["first" * 100, "second" * 100]
    threads = [threading.Thread(target=write, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tmp_path / "scores.csv").read_text() in texts
    assert names(tmp_path) == ["scores.csv"]


def test_what_a_killed_run_left_beside_is_removed_and_what_a_living_one_writes_is_not(
    tmp_path: Path, gone: int
) -> None:
    left = tmp_path / f".model.{gone}-1{PARTIAL}"
    left.mkdir()
    (left / "half").write_text("half")
    living = tmp_path / f".model.{os.getppid()}-1{PARTIAL}"
    living.mkdir()
    with arriving(tmp_path / "model") as partial:
        (partial / "whole").write_text("whole")
    assert names(tmp_path) == [living.name, "model"]
    sweep(tmp_path)
    assert names(tmp_path) == ["model"]


def test_names_beside_are_hidden_and_differ_by_use(tmp_path: Path) -> None:
    found = {beside(tmp_path / "a").name, beside(tmp_path / "a", ".old").name, beside(tmp_path / "b").name}
    assert len(found) == 3
    assert all(name.startswith(".") and name.endswith(PARTIAL) for name in found)


def test_a_passing_folder_is_gone_afterwards(tmp_path: Path) -> None:
    with passing(tmp_path / "scores.csv") as folder:
        (folder / "piece").write_text("piece")
    assert names(tmp_path) == []


# Locks

HOLDER = """
import sys, time
from pathlib import Path
from pipeline.tables.files import lock
with lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def test_who_is_patient_waits_for_the_other_run_and_says_whose_turn_it_is(tmp_path: Path) -> None:
    told: list[str] = []
    with subprocess.Popen([sys.executable, "-c", HOLDER, tmp_path, "0.5"], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(BusyError, match=f"process {holder.pid}"), lock(tmp_path):
            pass
        with patient(told.append), lock(tmp_path):
            assert holder.wait(5) == 0
    assert told == [f"waiting for another run (process {holder.pid}) that is at work in {tmp_path}"]


def test_a_long_wait_is_told_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LOOK", 0.01)
    monkeypatch.setattr(files, "TELL", 0.05)
    told: list[str] = []
    begun = threading.Event()

    def hold() -> None:
        with lock(tmp_path):
            begun.set()
            time.sleep(0.3)

    thread = threading.Thread(target=hold)
    thread.start()
    begun.wait()
    with patient(told.append), lock(tmp_path):
        thread.join()
    assert 2 <= len(told) <= 7


def test_patience_ends_with_its_block(tmp_path: Path) -> None:
    with patient(lambda text: None):
        pass
    begun, done = threading.Event(), threading.Event()

    def hold() -> None:
        with lock(tmp_path):
            begun.set()
            done.wait(5)

    thread = threading.Thread(target=hold)
    thread.start()
    begun.wait()
    with pytest.raises(BusyError), lock(tmp_path):
        pass
    done.set()
    thread.join()


def test_a_lock_can_be_taken_on_a_full_disk(tmp_path: Path) -> None:
    with no_file_above(0), lock(tmp_path):
        pass
    with lock(tmp_path), lock(tmp_path):
        assert (tmp_path / ".lock").read_text() == f"{os.getpid()}\n"


# A full disk

BIG = "x" * 100_000


def _text(path: Path) -> None:
    replace_text(path, BIG)


def _through(path: Path) -> None:
    with arriving_file(path) as partial:
        write_text(partial, BIG)


def _table(path: Path) -> None:
    with arriving_file(path) as partial:
        pq.write_table(pa.table({"a": [os.urandom(8).hex() for _ in range(5000)]}), partial)


def _folder(path: Path) -> None:
    with arriving(path) as partial:
        (partial / "big").write_text(BIG)


WRITERS = {"text": _text, "through": _through, "table": _table, "folder": _folder}


@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk_is_one_sentence_that_names_the_place_and_leaves_what_stood(name: str, tmp_path: Path) -> None:
    place = tmp_path / "it"
    if name == "folder":
        place.mkdir()
    else:
        place.write_text("before")
    before = place.is_dir() or place.read_text()
    with no_file_above(1000), pytest.raises(NoSpaceError) as raised:
        WRITERS[name](place)
    assert str(raised.value).startswith(f"{place}: no space left on its disk")
    assert "Free some" in str(raised.value)
    assert names(tmp_path) == ["it"]
    assert (place.is_dir() or place.read_text()) == before
    WRITERS[name](place)
    assert place.is_dir() or place.read_bytes() != b"before"


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EDQUOT, "Disk quota exceeded"),
        OSError(errno.EFBIG, "File too large"),
        OSError("[Errno 28] Error writing bytes to file. Detail: [errno 28] No space left on device"),
        FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp']"),
        RuntimeError("(sqlite3.OperationalError) database or disk is full"),
        RuntimeError("IO Error: Could not write to file '.tmp/x': No space left on device"),
        RuntimeError("failed to offload data block (max_temp_directory_size)"),
    ],
    ids=str,
)
def test_every_way_of_saying_that_the_disk_is_full_is_understood(error: Exception, tmp_path: Path) -> None:
    assert str(full_disk(error, tmp_path)).startswith(f"{tmp_path}: no space left")
    wrapped = ValueError("something else")
    wrapped.__cause__ = error
    assert full_disk(wrapped, tmp_path) is not None
    told = full_disk(error, tmp_path / "first")
    later = RuntimeError("after it")
    later.__context__ = told
    assert full_disk(later, tmp_path / "second") is told


@pytest.mark.parametrize(
    "error",
    [ValueError("no"), FileNotFoundError(errno.ENOENT, "No such file"), PermissionError(errno.EACCES, "Denied")],
)
def test_what_is_no_full_disk_passes_as_it_is(error: Exception, tmp_path: Path) -> None:
    assert full_disk(error, tmp_path) is None
    with pytest.raises(type(error)) as raised, room(tmp_path):
        raise error
    assert raised.value is error


def test_renames_last(tmp_path: Path) -> None:
    sync_folder(tmp_path)
    with pytest.raises(OSError, match="No such file"):
        sync_folder(tmp_path / "none")


def test_a_failed_block_leaves_the_older_folder(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "old").write_text("old")

    def fail(make: Callable[[Path], object]) -> None:
        with arriving(tmp_path / "model") as partial:
            make(partial / "new")
            raise KeyError

    with pytest.raises(KeyError):
        fail(lambda path: path.write_text("new"))
    assert names(tmp_path) == ["model"]
    assert names(tmp_path / "model") == ["old"]

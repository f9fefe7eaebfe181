"""A PostgreSQL of the tests' own: made in a temporary folder, on loopback and a free port, gone at the end."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

NEEDED = "no PostgreSQL server here; on Debian: apt-get install --no-install-recommends postgresql"
"""Why a test of PostgreSQL is skipped."""

GUARDED = "guarded"
"""The one role that the server asks for a password; it is the test's to create. All others are trusted."""

# The data is thrown away: nothing has to outlive a power cut.
SETTINGS = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_wal_size=4GB -c shared_buffers=256MB"

# A server that has not started or stopped by then never will, in seconds.
PATIENCE = 60


def binaries() -> Path | None:
    """The folder of `initdb` and `pg_ctl`: Debian's newest, which is not on the path, else the path's; None is none."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name))
    on_path = shutil.which("pg_ctl")
    for folder in [*reversed(debian), *([Path(on_path).resolve().parent] if on_path else [])]:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    return None


@contextmanager
def server() -> Iterator[str]:
    """The URL of a server that lives as long as the block, with the superuser `postgres` and an empty database.

    FileNotFoundError says what to install where there is none.
    """
    programs = binaries()
    if programs is None:
        raise FileNotFoundError(NEEDED)
    # In /tmp whatever TMPDIR says: the server's own user has to reach it, and a socket's path must be short.
    folder = Path(tempfile.mkdtemp(prefix="leadlight-pg-", dir="/tmp"))
    data = folder / "data"
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        _run(programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
        hosts = data / "pg_hba.conf"
        hosts.write_text(f"host all {GUARDED} 127.0.0.1/32 scram-sha-256\n" + hosts.read_text())
        port = _start(programs, folder, data)
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        finally:
            _stop(programs, data)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(programs: Path, folder: Path, data: Path) -> int:
    """Start the server, at once again where somebody took the port between its finding and its use; gives the port."""
    for attempt in range(3):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        options = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} {SETTINGS}"
        try:
            _run(programs / "pg_ctl", "-D", data, "-l", folder / "log", "-w", "-t", PATIENCE, "-o", options, "start")
            return port
        except RuntimeError:
            if attempt == 2:
                raise
    raise AssertionError


def _stop(programs: Path, data: Path) -> None:
    pid = int((data / "postmaster.pid").read_text().split()[0])
    try:
        _run(programs / "pg_ctl", "-D", data, "-w", "-t", 20, "-m", "immediate", "stop")
    except (RuntimeError, subprocess.TimeoutExpired):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _run(*command: object) -> None:
    """Run one of the server's programs; as user `postgres` where we are root, whom they refuse."""
    root = os.geteuid() == 0
    done = subprocess.run(
        [str(part) for part in command],
        cwd="/",
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
        # The server inherits these, so no pipe: it would stay open as long as the server lives.
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=PATIENCE + 20,
        check=False,
        user="postgres" if root else None,
        group="postgres" if root else None,
        extra_groups=[] if root else None,
    )
    if done.returncode:
        raise RuntimeError(f"{Path(str(command[0])).name} ended with {done.returncode}")

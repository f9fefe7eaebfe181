"""Where proofs are run: copies of the project in temporary folders, with the demo CRM made and trained once."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Ran:
    """A finished command: its exit code, what it printed, and how long it took."""

    code: int
    out: str
    err: str
    seconds: float

    def json(self) -> Any:
        """Standard output as one JSON object."""
        return json.loads(self.out)


def run(
    *command: object, cwd: Path = ROOT, check: bool = True, env: Mapping[str, str] | None = None, timeout: float = 3600
) -> Ran:
    """Run a command to its end; RuntimeError with the end of its output where it fails and `check` is set."""
    start = time.monotonic()
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment() | dict(env or {}),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    ran = Ran(done.returncode, done.stdout, done.stderr, time.monotonic() - start)
    if check and ran.code:
        raise RuntimeError(f"{' '.join(map(str, command))}: exit {ran.code}\n{(ran.out + ran.err)[-3000:]}")
    return ran


def environment() -> dict[str, str]:
    """This process's environment, with the project's commands first on the path and one thread a process."""
    path = f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**os.environ, "PATH": path, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fetch(url: str, body: object | None = None, timeout: float = 120) -> Any:
    """The JSON that `url` answers; with a body it is posted."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=timeout) as answer:
        return json.loads(answer.read())


@contextmanager
def server(*command: object, cwd: Path, ready: str, env: Mapping[str, str] | None = None) -> Iterator[None]:
    """A server process, from its first answer at `ready` to its end. Its output is shown where it does not come up."""
    log = cwd / "server.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=cwd,
            env=environment() | dict(env or {}),
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _await(process, ready, log)
            yield
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _await(process: subprocess.Popen[bytes], ready: str, log: Path, patience: float = 120) -> None:
    until = time.monotonic() + patience
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(ready, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError(f"no answer at {ready}:\n{log.read_text()[-3000:]}")


@dataclass(frozen=True)
class Workshop:
    """A temporary folder for one run of the proofs. `quick` asks for small counts, to try a line while writing it."""

    folder: Path
    quick: bool = False

    def count(self, full: int, quick: int) -> int:
        """The full count, or the small one."""
        return quick if self.quick else full

    def copy(self, name: str) -> Path:
        """A new copy of the project's files as they stand, without data, models and environment."""
        target = self.folder / name
        for listed in run("git", "ls-files", "-co", "--exclude-standard").out.splitlines():
            source = ROOT / listed
            if source.is_file():
                (target / listed).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target / listed)
        return target

    @cached_property
    def demo(self) -> Path:
        """A copy of the project with the demo CRM simulated, its stages run, and the champion trained."""
        folder = self.copy("demo")
        run("leadlight", "demo", *(["--leads", 2000] if self.quick else []), cwd=folder)
        run("dvc", "repro", "-q", cwd=folder)
        run("leadlight", "train", cwd=folder)
        return folder

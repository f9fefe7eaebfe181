"""Compiles the C files of `src/pipeline/native/` into one shared library beside them, when the package is installed.

`python hatch_build.py` does the same by hand, after an edit of the C files or in a fresh worktree.
"""

from __future__ import annotations

import os
import runpy
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
ROOM = ROOT / "src" / "pipeline" / "native"

# The bits of a result must not depend on the machine: no fused multiplication, no reordered sums, no -march=native.
FLAGS = ["-std=c11", "-O3", "-fPIC", "-shared", "-fvisibility=hidden", "-ffp-contract=off", "-Wall", "-Wextra"]

REMEDY = "Install one: apt-get install gcc libc6-dev."


class Compiled(BuildHookInterface[Any]):
    """A wheel holds the library and is tagged by its platform; an editable install finds it in the checkout."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile before anything is packed; `version` is "standard" or "editable"."""
        library = build()
        build_data["pure_python"] = False
        # The library knows nothing of Python's own interface: one wheel a platform serves every Python.
        build_data["tag"] = f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"
        if version != "editable":
            build_data["force_include"][str(library)] = library.relative_to(ROOT / "src").as_posix()


def build() -> Path:
    """Compile all C files into the library, replaced in one step; where it stands. SystemExit says what is missing."""
    room = runpy.run_path(str(ROOM / "sources.py"))
    library = Path(room["LIBRARY"])
    arriving = library.with_name(f"arriving-{os.getpid()}{library.suffix}")
    files = [str(path) for path in room["sources"]() if path.suffix == ".c"]
    define = f'-DLEADLIGHT_DIGEST="{room["digest"]()}"'
    command = [*compiler(), *FLAGS, define, "-o", str(arriving), *files, "-lm"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(
                f"{shlex.join(command)}\n{done.stderr}\nThe C files of {ROOM} do not compile. If a header of the "
                "system is missing: apt-get install gcc libc6-dev."
            )
        arriving.replace(library)
    finally:
        arriving.unlink(missing_ok=True)
    return library


def compiler() -> list[str]:
    """The first that is there: what $CC says, cc, gcc, clang."""
    for said in (os.environ.get("CC", ""), "cc", "gcc", "clang"):
        words = shlex.split(said)
        if words and shutil.which(words[0]):
            return words
    raise SystemExit(f"Leadlight is built with a C compiler, and none is on the path. {REMEDY}")


if __name__ == "__main__":
    sys.stdout.write(f"{build()}\n")

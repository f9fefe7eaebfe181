"""The compiled library: built of the sources beside it, each function declared once, and a sentence where it is not."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import pipeline.native as room
from pipeline.native.functions import SIGNATURES
from pipeline.native.sources import FOLDER, LIBRARY, digest, sources

ROOT = Path(__file__).parents[2]

EXPORTED = re.compile(r"^LEADLIGHT_EXPORT\s[^;{]*?(\w+)\s*\(([^)]*)\)\s*\{", re.MULTILINE)


def exported() -> dict[str, int]:
    """What the C files give to Python: name -> how many arguments."""
    found = {}
    for path in sources():
        for name, arguments in EXPORTED.findall(path.read_text(encoding="utf-8")):
            found[name] = 0 if arguments.strip() == "void" else arguments.count(",") + 1
    return found


def test_the_library_is_built_of_the_sources_beside_it() -> None:
    assert room.library().leadlight_digest().decode() == digest()


def test_every_exported_function_is_declared_with_its_arguments() -> None:
    assert exported() == {name: len(arguments) for name, (_, arguments) in SIGNATURES.items()}
    for name, (result, arguments) in SIGNATURES.items():
        function = getattr(room.library(), name)
        assert (function.restype, function.argtypes) == (result, arguments)


def test_arguments_are_declared_in_one_place() -> None:
    declaring = [
        path.relative_to(FOLDER.parents[1]).as_posix()
        for path in sorted(FOLDER.parents[1].rglob("*.py"))
        if re.search(r"\bargtypes\b|\bCDLL\(", path.read_text(encoding="utf-8"))
    ]
    assert declaring == ["pipeline/native/__init__.py"]


def test_a_missing_library_says_how_to_build_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(room, "LIBRARY", tmp_path / LIBRARY.name)
    with pytest.raises(ImportError, match=r"missing: .* 'make'.*apt-get install gcc libc6-dev"):
        room.library.__wrapped__()


def test_a_library_of_other_sources_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "digest", lambda: "another")
    with pytest.raises(ImportError, match=r"not of the C files beside it.*hatch_build\.py"):
        room.library.__wrapped__()


def test_what_is_no_library_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / LIBRARY.name
    broken.write_text("no library")
    monkeypatch.setattr(room, "LIBRARY", broken)
    with pytest.raises(ImportError, match="cannot be loaded"):
        room.library.__wrapped__()


def test_without_a_compiler_the_build_says_what_to_install(tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, ROOT / "hatch_build.py"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 1
    assert "apt-get install gcc libc6-dev" in built.stderr

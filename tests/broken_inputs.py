"""Broken inputs as data, one YAML file a defect in `tests/data/broken/`; the tests and the proof run the same ones.

A file says `what` is wrong, what is changed in the sound workspace of `tests/sound_inputs.py`, the `command` that is
run there (default `train`), and `says`: patterns that the one error must contain. A change is one of

    replace: [{file, old, new}]     text that stands once (or `times`) becomes another
    write: {file: text}             a file of this text
    build: name                     a builder of `BUILDERS`, for what is no text

`needs: champion` asks for a trained model; `hides` are patterns that the error must not contain, beside those of the
people in the sound tables, which no error may.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.broken_builders import BUILDERS
from tests.sound_inputs import PEOPLE, sound

FOLDER = Path(__file__).parent / "data" / "broken"

KEYS = {"what", "replace", "write", "build", "command", "says", "hides", "needs"}


@dataclass(frozen=True)
class BrokenInput:
    """One defect, read from its file."""

    name: str
    what: str
    says: tuple[str, ...]
    replace: tuple[Mapping[str, Any], ...] = ()
    write: tuple[tuple[str, str], ...] = ()
    build: str | None = None
    command: tuple[str, ...] = ("train",)
    hides: tuple[str, ...] = ()
    needs: str | None = None

    @classmethod
    def read(cls, path: Path) -> BrokenInput:
        """Read a file; ValueError where a key is unknown or nothing is changed."""
        plain: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        unknown = sorted(set(plain) - KEYS)
        if unknown:
            raise ValueError(f"{path.name}: no key {unknown[0]!r}")
        return cls(
            name=path.stem,
            what=plain["what"],
            says=tuple(plain["says"]),
            replace=tuple(plain.get("replace", ())),
            write=tuple(plain.get("write", {}).items()),
            build=plain.get("build"),
            command=tuple(map(str, plain.get("command", ["train"]))),
            hides=tuple(plain.get("hides", ())),
            needs=plain.get("needs"),
        )

    def make(self, folder: Path) -> None:
        """Write the sound workspace and then the defect; ValueError where there is nothing to break."""
        sound(folder)
        for change in self.replace:
            path, times = folder / change["file"], change.get("times", 1)
            text = path.read_text(encoding="utf-8")
            if text.count(change["old"]) != times:
                raise ValueError(f"{path.name} holds {change['old']!r} {text.count(change['old'])} times, not {times}")
            path.write_text(text.replace(change["old"], change["new"]), encoding="utf-8")
        for name, text in self.write:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        if self.build is not None:
            BUILDERS[self.build](folder)

    def faults(self, code: int, out: str, err: str, written: set[str]) -> list[str]:
        """What is not as it must be: named, in a few sentences, on standard error alone, and nothing written."""
        found = [f"does not say {pattern!r}" for pattern in self.says if not re.search(pattern, err)]
        found += [f"shows {pattern!r}" for pattern in (*PEOPLE, *self.hides) if re.search(pattern, err)]
        said = "\n".join(line for line in err.splitlines() if not re.fullmatch(r"  .* \.\.\. \(\d+ s\)", line))
        if code not in (1, 2):
            found.append(f"exit {code}")
        if "Traceback" in out + err or "unforeseen" in err:
            found.append("is not foreseen")
        if len(said) > LONGEST:
            found.append(f"says {len(said)} characters")
        if out:
            found.append("says something on standard output")
        if written:
            found.append(f"wrote {sorted(written)}")
        return found


LONGEST = 700
"""Characters of an error: a sentence or a few."""


def broken_inputs() -> list[BrokenInput]:
    """Every defect, in the order of the files."""
    return [BrokenInput.read(path) for path in sorted(FOLDER.glob("*.yaml"))]

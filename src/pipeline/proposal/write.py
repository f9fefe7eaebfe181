"""A workspace as text: keys in order, with what is known and what is doubted as comments above them."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

WIDTH = 118
DOUBT = "?"
"""How the comment of a doubt begins."""


@dataclass
class Block:
    """Keys with their values in order: a block, a list of blocks, or plain data. Notes stand above keys."""

    items: list[tuple[str, Any]] = field(default_factory=list)
    notes: dict[str, list[str]] = field(default_factory=dict)

    def put(self, key: str, value: Any, *notes: str) -> None:
        """Add a key, unless its value is None, with its notes."""
        if value is not None:
            self.items.append((key, value))
        for note in notes:
            self.note(key, note)

    def note(self, key: str, text: str) -> None:
        """Add a comment to a key that is there, or will be."""
        self.notes.setdefault(key, []).append(text)

    def all_notes(self) -> list[str]:
        """Every note, blocks below included."""
        found = [note for notes in self.notes.values() for note in notes]
        for _, value in self.items:
            for block in value if isinstance(value, list) else [value]:
                if isinstance(block, Block):
                    found += block.all_notes()
        return found

    def lines(self, indent: str = "") -> Iterator[str]:
        """The block as lines of YAML; notes of keys that are not there stand where they were added last."""
        for key, value in self.items:
            yield from _comments(self.notes.get(key, ()), indent)
            yield from _entry(key, value, indent)
        there = {key for key, _ in self.items}
        for key, notes in self.notes.items():
            if key not in there:
                yield from _comments(notes, indent)


def _comments(notes: Sequence[str], indent: str) -> Iterator[str]:
    for note in notes:
        for line in textwrap.wrap(note, WIDTH - len(indent) - 2, break_long_words=False, break_on_hyphens=False):
            yield f"{indent}# {line}"


def _entry(key: str, value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, Block):
        yield f"{indent}{key}:"
        yield from value.lines(indent + "  ")
        return
    if isinstance(value, list) and value and all(isinstance(item, Block) for item in value):
        yield f"{indent}{key}:"
        for block in value:
            body = list(block.lines(indent + "    "))
            first = next(place for place, line in enumerate(body) if not line.lstrip().startswith("#"))
            yield from (line[2:] for line in body[:first])
            yield f"{indent}  - {body[first].strip()}"
            yield from body[first + 1 :]
        return
    if isinstance(value, dict) and any(isinstance(item, str) and "\n" in item for item in value.values()):
        yield f"{indent}{key}:"
        for name, item in value.items():
            if isinstance(item, str) and "\n" in item:
                yield f"{indent}  {name}: >-"
                yield from (f"{indent}    {line}" for line in item.splitlines())
            else:
                yield f"{indent}  {name}: {plain(item)}"
        return
    line = f"{indent}{key}: {plain(value)}"
    if isinstance(value, list) and len(line) > WIDTH:
        yield f"{indent}{key}:"
        yield from (f"{indent}  - {plain(item)}" for item in value)
        return
    yield line


def plain(value: Any) -> str:
    """A value on one line.

    >>> plain(["Closed Won", "yes", 3]), plain({"column": "a: b"})
    ('[Closed Won, "yes", 3]', '{column: "a: b"}')
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"{plain(key)}: {plain(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(plain, value)) + "]"
    if isinstance(value, bool) or value is None or isinstance(value, int | float):
        return json.dumps(value)
    text = str(value)
    words = re.fullmatch(r"[^\W\d_][\w./%()€$+ -]*[\w./%()€$+]|[^\W\d_]|\d{4}-\d\d-\d\d(T[\d:.]+Z)?|\d+[dhm]", text)
    # YAML 1.1 takes these words for truth values; other readers of the file should not.
    return (
        text
        if words and text.lower() not in {"yes", "no", "on", "off", "true", "false", "null", "y", "n"}
        else _quoted(text)
    )


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)

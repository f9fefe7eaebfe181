"""YAML with the line of every key, duplicates refused, and texts left as texts.

YAML 1.1 reads `NO` as false and a date as an object; a workspace means what it says, so only true, false, null and
numbers are anything but text.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

KeyPath = tuple[str | int, ...]
"""Where a key or an item stands: keys, and positions from 0."""


class WorkspaceError(ValueError):
    """A workspace or a table is wrong: the sentence names file, place, value and what was expected."""


class DataError(ValueError):
    """The data was found wanting: it can be read, and no honest model can come of it. The sentence says why."""


class _Loader(yaml.SafeLoader):
    """Resolves only what YAML 1.2's core schema does."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"true|false|True|False", "tfTF"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("null", r"~|null|Null|", "~nN\0"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), [*_first, ""])


def read_yaml(path: Path) -> tuple[Any, dict[KeyPath, int]]:
    """The file's plain data and the line (from 1) of every key and item; WorkspaceError says what is wrong where."""
    try:
        loader = _Loader(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise WorkspaceError(
            f"{path}: there is no such file; `leadlight demo` writes one to start from, or name yours with -c"
        ) from None
    except (UnicodeDecodeError, yaml.YAMLError, IsADirectoryError) as error:
        raise WorkspaceError(f"{path}: not a text file in UTF-8 ({type(error).__name__})") from None
    try:
        node = loader.get_single_node()
        lines: dict[KeyPath, int] = {(): 1}
        if node is not None:
            _collect(node, (), lines, path)
        return (None if node is None else loader.construct_document(node)), lines
    except RecursionError:
        raise WorkspaceError(f"{path}: something in it holds itself or is nested too deep; write it flat") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        remedy = "; indent by spaces, not by a tab" if r"'\t'" in str(error.problem) else ""
        raise WorkspaceError(f"{path}, line {line}: not readable as YAML: {error.problem}{remedy}") from None
    finally:
        loader.dispose()


def _collect(node: yaml.Node, place: KeyPath, lines: dict[KeyPath, int], path: Path) -> None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            below = (*place, str(key.value))
            line = key.start_mark.line + 1
            if below in lines:
                raise WorkspaceError(
                    f"{path}, line {line}: {dotted(below)} stands twice (first in line {lines[below]}); keep one"
                )
            lines[below] = line
            _collect(value, below, lines, path)
    elif isinstance(node, yaml.SequenceNode):
        for position, item in enumerate(node.value):
            lines[(*place, position)] = item.start_mark.line + 1
            _collect(item, (*place, position), lines, path)


def dotted(place: KeyPath) -> str:
    """A place as people write it: `sources.interactions[0].at`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return text.removeprefix(".")

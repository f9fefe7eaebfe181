"""What is wrong with a workspace file, in sentences: file, line, key, value and what was expected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pipeline.definitions.yaml_lines import KeyPath, dotted

MEANT = {
    "a valid tuple": "a list",
    "a valid dictionary": "keys and their values",
    "a valid boolean, unable to interpret input": "true or false",
}
"""What a type is to who writes YAML."""


def sentences(error: ValidationError, plain: Any, lines: Mapping[KeyPath, int], path: Path) -> Iterator[str]:
    """A sentence for each fault; `plain` is the file's data and `lines` the line of every key and item."""
    for item in error.errors():
        context = item.get("ctx", {})
        place = tuple(item["loc"])
        if context.get("place"):
            place = (*place, *context["place"])
        elif "key" in context:
            place = (*place, context["key"])
        while place not in lines and place[:-1] in lines and item["type"] != "missing":
            place = place[:-1]
        known = place
        while known not in lines:
            known = known[:-1]
        if item["type"] == "missing":
            yield f"{path}, line {lines[known]}: {dotted(place)} is missing; it is required"
            continue
        value = _at(plain, known)
        shown = f" is {value!r}" if isinstance(value, str | int | float | bool) else ""
        message = item["msg"].removeprefix("Value error, ").replace("Input should be", "expected")
        for named, meant in MEANT.items():
            message = message.replace(named, meant)
        message = message.removeprefix(f"{dotted(known[-1:])}: {value!r}; ")
        yield f"{path}, line {lines[known]}: {dotted(known) or 'the workspace'}{shown}: {message}"


def _at(plain: Any, place: KeyPath) -> Any:
    for part in place:
        plain = (
            plain[int(part)] if isinstance(plain, list) else next(v for k, v in plain.items() if str(k) == str(part))
        )
    return plain

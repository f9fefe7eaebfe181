"""What can be wrong with a request, in words: the place, what is wrong there, what to do. Never the value.

A request is about people. What it holds is shown to nobody but the model, so a fault names its place by a JSON Pointer
(RFC 6901) built from names that we know, and its message from this file alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

FAULTS: Mapping[str, tuple[str, str]] = {
    "json": ("is no valid JSON in UTF-8", "Send one JSON object, as in the example of /openapi.json."),
    "missing": ("is required", "Give it."),
    "extra_forbidden": (
        "has a field that is not known here",
        "Remove it or correct it; /openapi.json lists the fields.",
    ),
    "model_type": ("must be an object", "Send a JSON object with the documented fields."),
    "list_type": ("must be a list", "Send a JSON list; an empty one is fine."),
    "too_short": ("is empty", "Send at least one lead."),
    "string_type": ("must be a text", "Send a JSON string; ids of digits, too, are texts: in quotes."),
    "string_too_short": ("is empty", "Send at least one character, or leave the field out where it is optional."),
    "string_too_long": ("is too long", "Send at most 200 characters."),
    "string_pattern_mismatch": ("is blank or holds a null character", "Give it without."),
    "literal_error": ("is none of the words that may stand here", "Send one of the documented words, in lower case."),
    "time": ("must be a time in ISO 8601", "Send a text such as 2026-06-30T09:15:00Z."),
    "time_without_zone": ("has no zone", "Add the offset from UTC, as in 2026-06-30T09:15:00Z or +02:00."),
    "time_range": ("is outside the years 1900 to 2199", "Correct the time; leave it out where it is optional."),
    "object": ("must be an object of names and values", "Send a JSON object; an empty one is fine."),
    "name": ("has a name that is empty, too long, or holds a null character", "Use names of 1 to 200 characters."),
    "attribute": ("must be a text, a number, true, false or null", "Send one value a name."),
    "number": ("must be a number or null", "Send a JSON number without quotes, or null where it is missing."),
    "text": ("must be a text or null", "Send a JSON string, or null where it is missing."),
    "float_type": ("must be a number or null", "Send a JSON number without quotes, or null where it is missing."),
    "finite_number": ("is no finite number of usual size", "Send a number between -1e18 and 1e18, or null."),
    "greater_than_equal": ("is no finite number of usual size", "Send a number between -1e18 and 1e18, or null."),
    "less_than_equal": ("is no finite number of usual size", "Send a number between -1e18 and 1e18, or null."),
    "number_range": ("is no finite number of usual size", "Send a number between -1e18 and 1e18, or null."),
}
"""Type of a fault -> what is wrong, what to do."""

UNKNOWN = ("is not valid", "Compare it with the example of /openapi.json.")
MOST = 1_000
"""More faults than these are not looked at one by one."""
SHOWN = 20
"""Faults named in an answer."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a request: `pointer` is "" for the body as a whole."""

    pointer: str
    message: str
    remedy: str


class RequestError(ValueError):
    """A request that cannot be scored, with every fault found."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


def fault(kind: str, place: Sequence[str | int] = ()) -> Fault:
    """The fault of a type at a place.

    >>> fault("time_without_zone", ("leads", 0, "created_at"))
    Fault(pointer='/leads/0/created_at', message='has no zone', remedy='Add the offset ... +02:00.')
    """
    message, remedy = FAULTS.get(kind, UNKNOWN)
    return Fault(pointer(place), message, remedy)


def pointer(place: Sequence[str | int]) -> str:
    """A JSON Pointer.

    >>> pointer(("leads", 0, "attributes", "size/site"))
    '/leads/0/attributes/size~1site'
    """
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in place)


def faults_of(error: ValidationError, known: Collection[str]) -> tuple[Fault, ...]:
    """What pydantic found, without a word of the input: names that are not `known` are left out of the place."""
    if error.error_count() > MOST:
        return (Fault("", f"has {error.error_count()} faults", "Compare it with the example of /openapi.json."),)
    found: dict[Fault, None] = {}
    for each in error.errors(include_url=False, include_input=False):
        kind = str(each["type"])
        if kind == "json_invalid":
            return (fault("json"),)
        place = [part for part in each["loc"] if isinstance(part, int) or part in known]
        name = each.get("ctx", {}).get("name")
        if isinstance(name, str) and name in known:
            place.append(name)
        found[fault(kind, place)] = None
    return tuple(found)

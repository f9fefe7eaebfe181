"""The types of fields in a request, read strictly from JSON: instants, ids, numbers, objects of names and values.

Nothing is guessed: a time has a zone, an id is a text, a number is a number. What is wrong is a type of
`faults.FAULTS`, so that no message can repeat the input.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field, PlainValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from pipeline.definitions.zones import instant

LARGEST = 1e18
"""Beyond any number of a CRM; sums of as many as a request can hold stay finite."""

NAME_LENGTH = 200
EARLIEST = instant(datetime.fromisoformat("1900-01-01T00:00:00Z"))
LATEST = instant(datetime.fromisoformat("2200-01-01T00:00:00Z"))

Value = str | float | None


def _refused(kind: str, name: str | None = None) -> PydanticCustomError:
    return PydanticCustomError(kind, "refused", None if name is None else {"name": name})


def read_instant(value: object) -> int:
    """UTC microseconds of ISO 8601 with a zone, in the years 1900 to 2199.

    >>> read_instant("1970-01-01T01:00:00.000001+01:00")
    1
    """
    if not isinstance(value, str):
        raise _refused("time")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise _refused("time") from None
    if moment.tzinfo is None:
        raise _refused("time_without_zone")
    at = instant(moment)
    if not EARLIEST <= at < LATEST:
        raise _refused("time_range")
    return at


def _read_id(value: str) -> str:
    """Without outer blanks, which say nothing in a file either; what is nothing but blanks is refused."""
    if not (text := value.strip()):
        raise _refused("string_pattern_mismatch")
    return text


def _read_text(value: object, name: str) -> Value:
    if isinstance(value, str):
        # A blank is missing and blanks around a text say nothing, as in a file.
        return value.strip() or None
    if value is None:
        return None
    raise _refused("text", name)


def _read_number(value: object, name: str) -> Value:
    if value is None:
        return None
    # A bool is an int to Python, and is no number here. Comparing refuses NaN, and whole numbers too large for a float.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _refused("number", name)
    if not -LARGEST <= value <= LARGEST:
        raise _refused("number_range", name)
    return float(value)


def _read_attribute(value: object, name: str) -> Value:
    if isinstance(value, bool):
        # The words that yes and no are read as from a file.
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _read_number(value, name)
    if value is None or isinstance(value, str):
        return _read_text(value, name)
    raise _refused("attribute", name)


def _named(read: Callable[[object, str], Value]) -> Callable[[object], dict[str, Value]]:
    """A reader of an object of names and values; blanks around a name say nothing, as in the header of a file."""

    def read_all(value: object) -> dict[str, Value]:
        if not isinstance(value, dict):
            raise _refused("object")
        for name in value:
            if not 0 < len(name.strip()) <= len(name) <= NAME_LENGTH or "\0" in name:
                raise _refused("name")
        return {name.strip(): read(item, name) for name, item in value.items()}

    return read_all


def _schema(*types: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "object", "additionalProperties": {"type": [*types, "null"]}})


Instant = Annotated[int, PlainValidator(read_instant), WithJsonSchema({"type": "string", "format": "date-time"})]
Id = Annotated[
    str,
    StringConstraints(min_length=1, max_length=NAME_LENGTH, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$"),
    AfterValidator(_read_id),
]
Amount = Annotated[float, Field(ge=-LARGEST, le=LARGEST, allow_inf_nan=False)]
Attributes = Annotated[
    dict[str, Value], PlainValidator(_named(_read_attribute)), _schema("string", "number", "boolean")
]
Numbers = Annotated[dict[str, float | None], PlainValidator(_named(_read_number)), _schema("number")]
Words = Annotated[dict[str, str | None], PlainValidator(_named(_read_text)), _schema("string")]
AttributeValue = Annotated[
    Value,
    PlainValidator(lambda value: _read_attribute(value, "")),
    WithJsonSchema({"type": ["string", "number", "boolean", "null"]}),
]

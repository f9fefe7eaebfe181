"""The shape of every part of the workspace: frozen, and a key it does not know is refused with what was meant."""

from __future__ import annotations

import difflib
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from pipeline.definitions.yaml_lines import KeyPath


class Strict(BaseModel):
    """Frozen, and a key it does not know is refused with what was meant."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, plain: Any, info: ValidationInfo) -> Any:
        if not isinstance(plain, dict):
            raise wrong(f"expected keys and values: {', '.join(cls._keys())}")
        for key in plain:
            if key not in cls._keys():
                near = difflib.get_close_matches(str(key), cls._keys(), n=1)
                hint = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(cls._keys())}"
                raise PydanticCustomError("leadlight_key", "no such key; {hint}", {"hint": hint, "key": key})
        return plain

    @classmethod
    def _keys(cls) -> list[str]:
        return [field.alias or name for name, field in cls.model_fields.items()]


def wrong(expected: str, key: str | None = None, place: KeyPath = ()) -> PydanticCustomError:
    """The error of one part, in words; `key` or `place` says where below it."""
    context: dict[str, Any] = {"expected": expected, "place": place}
    if key is not None:
        context["key"] = key
    return PydanticCustomError("leadlight", "{expected}", context)


def named(key: str) -> BeforeValidator:
    """A plain text stands for the mapping with that one key."""
    return BeforeValidator(lambda plain: {key: plain} if isinstance(plain, str | int | float) else plain)


def _text(plain: Any) -> Any:
    if isinstance(plain, bool):
        # The words that a column of truth values is read as.
        return "true" if plain else "false"
    return str(plain) if isinstance(plain, int | float) else plain


def _texts(plain: Any) -> Any:
    return [_text(item) for item in plain] if isinstance(plain, list) else [_text(plain)]


Name = Annotated[str, BeforeValidator(_text)]
Names = Annotated[tuple[Name, ...], BeforeValidator(_texts)]

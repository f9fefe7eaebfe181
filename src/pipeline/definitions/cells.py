"""How the values of one column are read: instants and numbers as an export writes them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from pipeline.definitions.strict import Name, Names, Strict, named, wrong


class TimeColumn(Strict):
    """A column of instants, or one of days and one of clock times; how their texts are read.

    `format` holds formats that are tried in order. `precision: day` says that there are days only.
    """

    column: Name | None = None
    date: Name | None = None
    time: Name | None = None
    format: Names = ()
    dayfirst: bool = False
    precision: Literal["instant", "day"] | None = None

    @model_validator(mode="after")
    def _one(self) -> TimeColumn:
        if (self.column is None) == (self.date is None) or (self.date is None) != (self.time is None):
            raise wrong("expected a column, or {date: ..., time: ...} where day and clock stand in two")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns to read."""
        return tuple(name for name in (self.column, self.date, self.time) if name is not None)


Time = Annotated[TimeColumn, named("column")]


class NumberColumn(Strict):
    """A column of numbers; `decimal` is the mark before the fraction, by default as the column's values show."""

    column: Name
    decimal: Literal[".", ","] | None = None


Number = Annotated[NumberColumn, named("column")]


def _listed(plain: Any) -> Any:
    return plain if isinstance(plain, list | tuple) else [plain]


Numbers = Annotated[tuple[Number, ...], BeforeValidator(_listed), Field()]

"""Where a table is: a file with its sheet, separator or encoding, DuckDB SQL over files, or a database."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator, model_validator

from pipeline.definitions.strict import Name, Strict, named, wrong

SEPARATORS = (",", ";", "\t", "|")
"""What may stand between the fields of a text file."""


class Place(Strict):
    """Exactly one of `file` (a name or glob), `sql` (DuckDB over files) and `url` (with `query` or `table`).

    `sheet` and `header` (the row, from 1, with the columns' names) say where the table is in a file; `separator` and
    `encoding` how a text file is written, where looking at it does not tell. A `url` may be `env:NAME`.
    """

    file: Name | None = None
    sheet: Name | None = None
    header: int = Field(1, ge=1, le=10_000)
    separator: str | None = None
    encoding: Name | None = None
    sql: Name | None = None
    url: Name | None = None
    query: Name | None = None
    table: Name | None = None

    @model_validator(mode="after")
    def _one(self) -> Place:
        if sum(part is not None for part in (self.file, self.sql, self.url)) != 1:
            raise wrong("expected a file, a glob, {sql: ...}, or {url: ..., table: ...}")
        if self.file is None and (self.sheet, self.separator, self.encoding, self.header) != (None, None, None, 1):
            raise wrong("sheet, header, separator and encoding belong to a file")
        if self.url is None and (self.query, self.table) != (None, None):
            raise wrong("query and table belong to a url")
        if self.url is not None and (self.query is None) == (self.table is None):
            raise wrong("a url needs a query or a table, and not both")
        return self

    @field_validator("separator")
    @classmethod
    def _single(cls, separator: str | None) -> str | None:
        if separator is not None and separator not in SEPARATORS:
            raise wrong('expected one of , ; | or a tab (written "\\t")')
        return separator

    @field_validator("encoding")
    @classmethod
    def _known(cls, encoding: str | None) -> str | None:
        if encoding is not None:
            try:
                # A codec that is known may still turn no bytes into text, as hex does not: this tells them apart.
                "a".encode(encoding)
            except (LookupError, ValueError):
                raise wrong("expected the name of an encoding, as in utf-8, cp1252 or utf-16") from None
        return encoding

    @property
    def shown(self) -> str:
        """The place for people, without what a database's address may hide."""
        if self.file is not None:
            return f"{self.file}, sheet {self.sheet}" if self.sheet else self.file
        return "sql" if self.sql is not None else f"database, {'query' if self.table is None else self.table}"


From = Annotated[Place, named("file")]

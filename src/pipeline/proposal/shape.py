"""A table as it has to be read: as it stands, or by a query that joins, filters or computes what is not in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pipeline.proposal.links import Way
from pipeline.proposal.tables import Table


@dataclass
class Shaped:
    """The making of one table's `from`: it stays plain until something is added that only SQL can say."""

    table: Table
    selected: list[str] = field(default_factory=list)
    joined: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)

    @property
    def able(self) -> bool:
        """Whether SQL can read the table at all."""
        return self.table.sql is not None

    def column(self, expression: str, name: str) -> str:
        """Add a computed column and give its name, which no column of the table has."""
        taken = {column.lower() for column in self.table.columns}
        while name.lower() in taken:
            name = f"its_{name}"
        self.selected.append(f"{expression} as {quote(name)}")
        return name

    def lead_of(self, ways: list[Way]) -> str:
        """Add the lead that a row belongs to, by the first of the ways that finds one; the column's name."""
        found = []
        for way in ways:
            link, to = way.link, way.to
            alias = f"l{len(self.joined)}"
            mine = _unpointed(f"t.{quote(link.column)}", self.table.columns[link.column].pointed)
            theirs = _unpointed(quote(link.key), to.columns[link.key].pointed)
            if link.several:
                # A row a part: the table itself is widened, and joined by the part.
                self.joined.append(f"cross join unnest(string_split(cast({mine} as varchar), ';')) as p{alias}(part)")
                mine = f"trim(p{alias}.part)"
            if link.bare:
                mine, theirs = _bare(mine), _bare(theirs)
            if link.folded:
                mine, theirs = f"lower({mine})", f"lower({theirs})"
            lead = _unpointed(quote(way.lead), to.columns[way.lead].pointed)
            keys = f"(select {theirs} as k, min({lead}) as lead from {to.sql} group by 1)"
            self.joined.append(f"left join {keys} {alias} on {alias}.k = {mine}")
            found.append(f"{alias}.lead")
        return self.column(found[0] if len(found) == 1 else f"coalesce({', '.join(found)})", "lead_id")

    def keep(self, condition: str) -> None:
        """Add a condition that every row must meet."""
        self.kept.append(condition)

    def place(self) -> Any:
        """What stands under `from`."""
        place = self.table.place
        if not (self.selected or self.joined or self.kept):
            return plain_place(self.table)
        lines = [f"select {', '.join(['t.*', *self.selected])} from {self.table.sql} t", *self.joined]
        if self.kept:
            lines.append("where " + " and ".join(self.kept))
        text = "\n".join(lines)
        return {"sql": text} if place.url is None else {"url": place.url, "query": text}


def plain_place(table: Table) -> Any:
    """A table's place as short as the workspace allows."""
    place = table.place
    if place.sql is not None:
        return {"sql": place.sql}
    if place.url is not None:
        return {"url": place.url, "table": place.table}
    plain = {"file": place.file, "sheet": place.sheet, "header": place.header if place.header > 1 else None}
    named = {key: value for key, value in plain.items() if value is not None}
    return place.file if set(named) == {"file"} else named


def quote(name: str) -> str:
    """A column's name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def _unpointed(expression: str, pointed: bool) -> str:
    return f"regexp_replace({expression}, '[.]0$', '')" if pointed else expression


def _bare(expression: str) -> str:
    return f"regexp_replace({expression}, '^[A-Za-z]+_', '')"

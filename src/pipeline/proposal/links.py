"""Which column of one table names rows of another: found by the values they share, not by their names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.proposal.columns import Column
from pipeline.proposal.tables import Table
from pipeline.proposal.vocabulary import fits

ENOUGH = 0.05
"""A link that reaches a smaller share of the rows is none."""

_PREFIX = re.compile(r"^[A-Za-z]+_(?=\d{6,}$)")
"""What some exports write before a long number and some do not."""


@dataclass(frozen=True)
class Link:
    """Rows of a table point by `column` to rows of another with the same value in `key`.

    `share` of the rows that have a value point to one that is there, `reach` of all rows. `several` says that one value
    names several, between semicolons; `bare` that the two agree without the prefix before the number; `folded` that
    they are addresses of people, which agree in lower case.
    """

    column: str
    key: str
    share: float
    reach: float
    several: bool = False
    bare: bool = False
    folded: bool = False

    @property
    def plain(self) -> bool:
        """Whether the values are the same as they stand."""
        return not (self.several or self.bare or self.folded)


@dataclass(frozen=True)
class Way:
    """How a row reaches its lead: by a link to a table, the leads' own or the deals', that names leads in `lead`."""

    link: Link
    to: Table
    lead: str


def links(table: Table, target: Table, keys: Iterable[Column] | None = None) -> list[Link]:
    """The links from `table` to `target`, by the reach of each; the first of `target`'s keys wins a tie."""
    found = []
    for place, key in enumerate(target.keys if keys is None else keys):
        for column in table.columns.values():
            if (table is target and column is key) or not _able(column) or column.lost is not None:
                continue
            if fits(column.name, "columns", "owner") and not fits(key.name, "columns", "owner"):
                continue
            link = _link(column, key)
            if link is not None:
                found.append((-round(link.reach, 3), place, link))
    return [link for _, _, link in sorted(found, key=lambda item: item[:2])]


def _able(column: Column) -> bool:
    return column.kind in ("text", "number") and column.distinct >= 2


def _link(column: Column, key: Column) -> Link | None:
    mine, theirs = column.counts, set(key.texts.words)
    rows, filled = len(column), sum(mine.values())
    if _mail(column) != _mail(key):
        return None
    attempts = (
        ("plain", lambda word: [word], theirs),
        ("folded", lambda word: [word.lower()], {word.lower() for word in theirs}) if _mail(key) else None,
        ("several", _parts, theirs) if any(";" in word for word in column.texts.words[:5000]) else None,
        ("bare", lambda word: [_PREFIX.sub("", word)], {_PREFIX.sub("", word) for word in theirs}),
    )
    best: Link | None = None
    for attempt in attempts:
        if attempt is None:
            continue
        how, parts, known = attempt
        hit = sum(count for word, count in mine.items() if any(part in known for part in parts(word)))
        share = hit / filled if filled else 0.0
        if hit < ENOUGH * rows or (best is not None and share < best.share + 0.02):
            continue
        best = Link(column.name, key.name, share, hit / rows, **{} if how == "plain" else {how: True})
    # Small whole numbers meet by chance: counts are no ids.
    chance = column.kind == "number" and max(map(len, column.texts.words)) < 4
    return None if best is None or (chance and not fits(column.name, "columns", "id")) else best


def _parts(word: str) -> list[str]:
    return [part.strip() for part in word.split(";")]


def _mail(column: Column) -> bool:
    return "@" in column.texts.words[0] if column.distinct else False

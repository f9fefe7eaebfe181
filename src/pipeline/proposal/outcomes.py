"""Which column says how a deal ended, and which of its values mean won and lost."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.proposal.columns import Column
from pipeline.proposal.tables import Table
from pipeline.proposal.vocabulary import fits, rank, words

MOST_VALUES = 60
"""A column of more different values is no outcome."""


@dataclass(frozen=True)
class Outcome:
    """A column with the values that mean won and lost; every other value is an open deal."""

    column: str
    won: tuple[str, ...]
    lost: tuple[str, ...]
    known: float
    """The share of the rows with a value that one of these words reads."""
    by_name: bool


def outcome_of(table: Table) -> Outcome | None:
    """The column of a table that tells outcomes best, None where none has a value that means won."""
    found = [outcome for column in table.columns.values() if (outcome := _read(column)) is not None]

    def order(outcome: Outcome) -> tuple[float, ...]:
        named = rank(outcome.column, words("columns", "outcome"))
        return (not outcome.lost, not outcome.by_name, 99 if named is None else named, -outcome.known)

    return min(found, key=order, default=None)


def _read(column: Column) -> Outcome | None:
    if column.kind not in ("text", "boolean", "number") or not 1 < column.distinct <= MOST_VALUES:
        return None
    named = fits(column.name, "columns", "outcome") or fits(column.name, "columns", "target")
    target = fits(column.name, "columns", "target") and column.distinct == 2
    if target and {word.casefold() for word in column.texts.words} <= {
        *words("outcomes", "yes"),
        *words("outcomes", "no"),
    }:
        won = tuple(word for word in column.texts.words if word.casefold() in words("outcomes", "yes"))
        lost = tuple(word for word in column.texts.words if word not in won)
        return Outcome(column.name, won, lost, 1.0, True) if won and lost else None
    if column.kind != "text":
        return None
    won = tuple(word for word in column.texts.words if rank(word, words("outcomes", "won")) is not None)
    lost = tuple(word for word in column.texts.words if rank(word, words("outcomes", "lost")) is not None)
    won = tuple(word for word in won if word not in lost)
    if not won or (not named and not lost):
        return None
    counts = column.counts
    return Outcome(column.name, won, lost, sum(counts[word] for word in (*won, *lost)) / sum(counts.values()), named)

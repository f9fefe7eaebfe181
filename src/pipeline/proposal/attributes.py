"""What is known of a lead besides its history: which columns may be learnt from, are shown, or tell the future."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.terms import means_yes
from pipeline.proposal.columns import Column
from pipeline.proposal.endings import Ended
from pipeline.proposal.tables import Table
from pipeline.proposal.vocabulary import fits, plain_name, rank, why_late, words
from pipeline.tables.columns import Instants

LATE_SHARE = 0.5
"""A column filled for so much more of the won leads than of the others was filled in because they were won."""

PURE = 0.98
"""A value so large a share of whose leads was won announces the outcome, where it covers much of what was won."""

RANKS = 0.9
"""A number that alone ranks the leads so well knows how they ended."""

MOST_SHOWN = 3

NO = ("false", "no", "n", "non", "nein", "0", "0.0", "faux", "f")
"""Texts that mean no, in any case."""


@dataclass
class Sorted:
    """The columns of a table of leads, contacts or accounts by what becomes of them."""

    attributes: list[Column] = field(default_factory=list)
    late: dict[str, str] = field(default_factory=dict)
    shown: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    @property
    def named(self) -> list[str]:
        """What stands under `attributes`: the late ones too, since `exclude` says why they are left out."""
        return [column.name for column in self.attributes] + list(self.late)


def sort_columns(
    table: Table, used: set[str], ended: Ended, created: Instants | None, row_of: NDArray[np.int64]
) -> Sorted:
    """Sort the columns that have no other role. `row_of` (n leads) is each lead's row in the table, -1 for none."""
    found = Sorted()
    shown: list[tuple[int, str]] = []
    for column in table.columns.values():
        if column.name in used:
            continue
        place = rank(column.name, words("columns", "shown"))
        if place is not None and column.kind == "text":
            shown.append((place, column.name))
            continue
        reason = _useless(column)
        if reason is not None:
            found.left.append(f"{column.name} ({reason})")
            continue
        why = why_late(column.name)
        told = _tells(column, ended, created, row_of)
        if why is not None or told is not None:
            found.late[column.name] = "; ".join(part for part in (told, why) if part)
        else:
            found.attributes.append(column)
    found.shown = [name for _, name in sorted(shown)[:MOST_SHOWN]]
    return found


def _useless(column: Column) -> str | None:
    if column.kind == "empty":
        return "empty"
    if column.kind in ("time", "clock"):
        return "a time"
    if column.personal:
        return "personal"
    if column.distinct < 2:
        return "one value"
    if fits(column.name, "columns", "owner"):
        return "who works on it"
    if fits(column.name, "columns", "technical"):
        return "technical"
    number = column.kind == "number"
    named = re.search(r"\bids?$", plain_name(column.name)) is not None
    if named or (column.unique and (not number or fits(column.name, "columns", "id"))):
        return "an id"
    return "free text" if column.long else None


def _tells(column: Column, ended: Ended, created: Instants | None, row_of: NDArray[np.int64]) -> str | None:
    """What the column itself shows of having been filled in late, with figures; None if nothing."""
    there = np.append(column.there, False)[row_of]
    won, rest = ended.won, ~ended.won
    if won.sum() < 10 or rest.sum() < 10:
        return None
    with_, without = float(there[won].mean()), float(there[rest].mean())
    if abs(with_ - without) >= LATE_SHARE:
        return f"filled for {with_:.0%} of the won leads and {without:.0%} of the others"
    if column.numbers is not None:
        ranked = _auc(np.append(column.numbers, np.nan)[row_of], won)
        if ranked >= RANKS:
            return f"it alone tells won leads from others with an AUC of {ranked:.2f}"
    codes = np.append(column.texts.codes, -1)[row_of]
    if column.distinct <= 50:
        for code, word in enumerate(column.texts.words):
            mine = codes == code
            share = float(won[mine].mean()) if mine.sum() >= 20 else 0.0
            if share >= PURE and won[mine].sum() >= 0.3 * won.sum():
                shown = "one value" if column.personal else repr(word)
                return f"{share:.0%} of the {int(mine.sum()):,} leads with {shown} were won"
    if created is not None:
        order = np.argsort(created, kind="stable")
        tenth = max(len(order) // 10, 1)
        young, old = float(there[order[-tenth:]].mean()), float(there[order[:-tenth]].mean())
        if len(order) >= 100 and old - young >= LATE_SHARE:
            return f"filled for {old:.0%} of the older leads and {young:.0%} of the youngest tenth"
    return None


def _auc(values: NDArray[np.float64], won: NDArray[np.bool_]) -> float:
    """How well a number alone tells won from others, whichever way; a missing one is the smallest."""
    filled = np.where(np.isnan(values), -np.inf, values)
    order = np.unique(filled, return_inverse=True)[1]
    counts = np.bincount(order)
    middle = np.cumsum(counts) - (counts - 1) / 2
    n, m = int(won.sum()), int((~won).sum())
    found = (middle[order][won].sum() - n * (n + 1) / 2) / (n * m)
    return float(max(found, 1 - found))


def opted_out(table: Table) -> str | None:
    """The column of the leads that says who wants to be left alone; None where none says yes and no of it."""
    named = [
        (place, column.name)
        for column in table.columns.values()
        if (place := rank(column.name, words("columns", "opted_out"))) is not None
        and column.texts.words
        and all(means_yes(word) or word.strip().lower() in NO for word in column.texts.words)
    ]
    return min(named)[1] if named else None


def family_of(name: str) -> str | None:
    """The family of an attribute that says how a lead came; None for the usual one."""
    return "acquisition" if fits(name, "columns", "acquisition") else None

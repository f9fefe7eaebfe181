"""Columns and kinds that know the outcome: too much told by one alone, or there only since the end."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pipeline.quality.leakage.clocks import clock
from pipeline.quality.leakage.levels import Column, levels
from pipeline.quality.leakage.looked import Look
from pipeline.quality.leakage.odds import area
from pipeline.quality.leakage.said import Found, Unable
from pipeline.quality.leakage.separates import grouped, shares
from pipeline.quality.leakage.suspicion import Suspicion, suspicion
from pipeline.quality.leakage.timing import THERE, Level

UNDATED, BEYOND = 0.75, 0.03
"""Without dates a column is suspect that surely tells so much alone, and so much more than all others together."""

NO_DATES = "outcomes have no dates, so nobody can see what came before them"

KEEP = 'If it is known before the outcome, keep it: `keep: {%s: "your reason"}`.'
SEPARATES = "Find out when it is filled in. %s"
LATER = "Export its changes, so that it is known as it was; or leave it out. %s"
BACKDATED = "Find out when such facts are written down, and export that as known_at. %s"
FOR_ALL = "A model learns from it as older leads have it: export its changes, or know that young leads lack it."


def undated(look: Look) -> Iterator[Found | Unable]:
    """`separates` where outcomes have no dates: by how much more a column tells than all others together."""
    if look.dated:
        return
    yield Unable("filled-later", NO_DATES)
    if look.too_few:
        yield Unable("separates", look.too_few)
        return
    rows = np.flatnonzero(look.judged)
    won = look.ends.won[rows]
    usable = [column for column in look.columns if column.filled.any() and clock(column, look.time) is None]
    scores = {}
    for column in usable:
        chance = shares(grouped(column)[rows], won)
        scores[column.name] = np.log(np.clip(chance, 1e-4, 1 - 1e-4)) - np.log1p(-np.clip(chance, 1e-4, 1 - 1e-4))
    for name, own in scores.items():
        auc, error = area(own, won)
        low, high = auc - 1.96 * error, auc + 1.96 * error
        others = sum((score for other, score in scores.items() if other != name), np.zeros(len(rows)))
        rest, _ = area(others, won)
        if low >= UNDATED and low >= rest + BEYOND:
            evidence = (
                f"Alone it tells won leads from lost with an AUC of {auc:.2f} ({low:.2f} to {high:.2f}), all other "
                f"columns together with {rest:.2f}."
            )
            told = _keep(SEPARATES, name)
            yield Found("separates", "warning", look.table_of(name), name, "column", evidence, told, True)


def of_attributes(look: Look) -> Iterator[Found | Unable]:
    """`separates` and `filled-later` of attributes that stand as they are today."""
    if not look.dated:
        return
    if look.too_few:
        yield Unable("separates", look.too_few)
        yield Unable("filled-later", look.too_few)
        return
    if look.clockwork.not_applicable is not None:
        yield Unable("filled-later", look.clockwork.not_applicable)
    for column in look.columns:
        if column.name in look.recorded or not column.filled.any():
            continue
        found = _timed(look, column)
        if found is not None:
            yield _found(found, look.table_of(column.name), column.name, "column", LATER)


def of_facts(look: Look) -> Iterator[Found | Unable]:
    """The same of kinds and of numbers and texts of interactions: dated back, or written on older facts later."""
    if not look.dated or look.too_few:
        return
    size = len(look.ends)
    always = np.zeros(size)
    for facts in look.facts():
        if facts.table.entity != "lead":
            continue
        for kind in facts.kinds():
            first = kind.first(size)
            before = look.separation((first < look.ends.lasts).astype(np.int32), np.ones(size, dtype=np.bool_))
            found = suspicion(kind.name, [Level(THERE, first, always)], look.clockwork, before)
            if found is not None:
                yield _found(found, facts.name, kind.name, "kind", BACKDATED)
        for column in facts.columns():
            found = _timed(look, column)
            if found is not None and found.suspect:
                yield _found(found, facts.name, column.name, "column", LATER)


def _timed(look: Look, column: Column) -> Suspicion | None:
    """What timing and separation say of a column."""
    separation = look.separation(grouped(column), np.isfinite(column.since))
    return suspicion(column.name, levels(column), look.clockwork, separation)


def _found(found: Suspicion, table: str, name: str, about: str, remedy: str) -> Found:
    if not found.suspect:
        return Found(found.code, "note", table, name, about, found.evidence, FOR_ALL)
    told = _keep(SEPARATES if found.code == "separates" else remedy, name)
    return Found(found.code, "warning", table, name, about, found.evidence, told, True)


def _keep(remedy: str, name: str) -> str:
    return remedy % (KEEP % name)

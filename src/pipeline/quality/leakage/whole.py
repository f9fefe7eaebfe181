"""Checks of the export as a whole: columns that tell the time, cohorts, people twice, effort that follows a score."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pipeline.quality.leakage.clocks import clock
from pipeline.quality.leakage.looked import Look
from pipeline.quality.leakage.population import followed, jump, twins
from pipeline.quality.leakage.said import Found, Unable, share

CLOCK = (
    "A model takes it for a property of leads, and has not seen the values of the next period: the test, which is one, "
    "shows what that costs. Exclude it if it does."
)
CUT = "Find out which leads the export leaves out, or since when it is complete; begin there."
TWINS = "Give the same person one id under sources.leads.entities (contact): intervals and histories then know of it."
FEEDBACK = "Exclude it, or know that a model learns whom the older score sent people to, and will seem to confirm it."
ACROSS = 0.01
"""A share of the test's leads from which on twins before it are a warning."""


def disguises(look: Look) -> Iterator[Found | Unable]:
    """`in-disguise`: attributes that tell the time and not the lead. Kept: a note."""
    if len(look.ends) < 100:
        yield Unable("in-disguise", f"{len(look.ends)} leads are too few to see an order in")
        return
    for column in look.columns:
        found = clock(column, look.time)
        if found is not None:
            told = f"It is {found.what}: {found.evidence}."
            yield Found("in-disguise", "note", look.table_of(column.name), column.name, "column", told, CLOCK)


def cohorts(look: Look) -> Iterator[Found | Unable]:
    """`cohort`: conversion that jumps between leads created one after the other."""
    if not look.dated:
        yield Unable("cohort", "outcomes have no dates, so cohorts cannot be followed for the same time")
        return
    found = jump(look.ends)
    if isinstance(found, str):
        yield Unable("cohort", found)
    elif found is not None:
        yield Found("cohort", "warning", "leads", None, None, found.evidence, CUT)


def people(look: Look) -> Iterator[Found | Unable]:
    """`twins`: the same person under ids of different contacts."""
    created = look.history.leads.created_at
    if look.workspace.test_from is not None:
        begins = look.workspace.test_from
    else:
        begins = int(np.quantile(created, 1 - look.workspace.test.share)) if len(created) else 0
    found = twins(look.history, begins)
    if isinstance(found, str):
        yield Unable("twins", found)
    elif found is not None:
        told = (
            f"{found.leads:,} leads share {found.by} with a lead of another contact; of {found.tested:,} leads created "
            f"in the test {found.across:,} ({share(found.across, found.tested)}) have one created before it."
        )
        severity = "warning" if found.across >= ACROSS * max(1, found.tested) else "note"
        yield Found("twins", severity, "leads", None, None, told, TWINS)


def efforts(look: Look) -> Iterator[Found | Unable]:
    """`feedback`: outbound facts of the first 30 days that follow a column named like a score."""
    if not look.dated or look.no_facts:
        yield Unable("feedback", look.no_facts or "nothing has a date")
        return
    found = followed(look.history, list(look.columns), look.ends)
    if isinstance(found, str):
        yield Unable("feedback", found)
        return
    for name, correlation, leads in found:
        told = f"Outbound facts of the first 30 days go with it (rank correlation {correlation:.2f}, {leads:,} leads)."
        yield Found("feedback", "note", look.table_of(name), name, "column", told, FEEDBACK)

"""Facts and changes by how they stand to the end: announcing it, and dated after it."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.quality.leakage.announces import announced
from pipeline.quality.leakage.columns import NO_DATES
from pipeline.quality.leakage.facts import changes
from pipeline.quality.leakage.looked import Look
from pipeline.quality.leakage.said import Found, Unable, share

ANNOUNCES = 'Leave it out; if it is known well before the outcome, keep it: `keep: {%s: "your reason"}`.'
KNOWN = "Nothing: its changes are recorded, so a model sees what it was at each moment."
AFTER = "Nothing sees them in training. If the outcome is dated too early, export the date on which it was known."
MOST_NAMED = 3
LATE_CHANGES = 0.5
TOLD_FROM = 0.005
"""A share of the facts of ended leads from which on facts after the end are told of."""


def announcing(look: Look) -> Iterator[Found | Unable]:
    """`announces`: kinds of interactions, and numbers that hardly a fact carries, that go with the outcome."""
    unable = look.no_facts if look.dated else NO_DATES
    if unable or look.too_few:
        yield Unable("announces", unable or look.too_few or "")
        return
    for facts in look.facts():
        for about, kinds in (("kind", facts.kinds()), ("column", facts.filled())):
            for kind in kinds:
                found = announced(kind, look.ends)
                if found is not None:
                    remedy = ANNOUNCES % kind.name
                    yield Found("announces", "warning", facts.name, kind.name, about, found.evidence, remedy, True)


def changing(look: Look) -> Iterator[Found | Unable]:
    """`changes-after-outcome`: attributes whose recorded changes come with the outcome, or after it."""
    if not look.dated or look.too_few or not len(look.history.changes):
        why = NO_DATES if not look.dated else look.too_few or "no changes of attributes are recorded"
        yield Unable("changes-after-outcome", why)
        return
    code = "changes-after-outcome"
    for kind in changes(look.history, look.ends):
        whole, late = len(kind.age), int((kind.age >= look.ends.lasts[kind.lead]).sum())
        found = announced(kind, look.ends)
        if found is not None and found.after < LATE_CHANGES * found.near:
            remedy = ANNOUNCES % kind.name
            yield Found(code, "warning", "changes", kind.name, "column", found.evidence, remedy, True)
        elif whole and late >= LATE_CHANGES * whole:
            told = f"{late:,} of {whole:,} changes ({share(late, whole)}) come with the outcome or after it."
            yield Found(code, "note", "changes", kind.name, "column", told, KNOWN)


def after_outcome(look: Look) -> Iterator[Found | Unable]:
    """`after-outcome`: facts dated after the end of their lead, counted by kind."""
    unable = look.no_facts if look.dated else NO_DATES
    if unable:
        yield Unable("after-outcome", unable)
        return
    for facts in look.facts():
        whole = late = 0
        by_kind: list[tuple[int, str]] = []
        for kind in facts.kinds():
            lasts = look.ends.lasts[kind.lead]
            after = kind.age > lasts
            whole += int((lasts < float("inf")).sum())
            late += int(after.sum())
            if after.any():
                by_kind.append((int(after.sum()), kind.name))
        if late and late >= TOLD_FROM * whole:
            most = ", ".join(f"{name} ({count:,})" for count, name in sorted(by_kind, reverse=True)[:MOST_NAMED])
            part = f"{late:,} of {whole:,} facts of ended leads ({share(late, whole)})"
            told = f"{part} are dated after the end, most: {most}."
            yield Found("after-outcome", "note", facts.name, None, None, told, AFTER)

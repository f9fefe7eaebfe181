"""Line 3: what one lead costs, from Python objects to its measures."""

from __future__ import annotations

from statistics import median

from benchmarks.one_lead import one_lead
from benchmarks.proofs.line import Check, below
from benchmarks.proofs.workshop import Workshop

SHORT, LONG = (50, 0.1e-3), (5_000, 3e-3)
"""Interactions, and the seconds in which they are measured."""


def measured_alone(workshop: Workshop) -> list[Check]:
    """The median of calls in a row, in this process."""
    checks = []
    for (count, limit), calls in ((SHORT, 2_000), (LONG, 200)):
        seconds = one_lead(count, workshop.count(calls, 20))
        checks.append(below(f"{count} interactions, 40 measures: median seconds", median(seconds), limit))
    return checks

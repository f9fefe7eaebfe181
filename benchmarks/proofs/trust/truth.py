"""Line 2: the demo CRM against its truth, closer than the path asked."""

from __future__ import annotations

from benchmarks.proofs.line import Check, at_most
from benchmarks.proofs.path import truth
from benchmarks.proofs.workshop import Workshop

GAIN, BEHIND = 0.85, 0.015


def close_to_the_truth(workshop: Workshop) -> list[Check]:
    """The path's line with a higher bound, and how far our AUC is behind the truth's."""
    checks = truth.close_to_the_truth(workshop, GAIN)
    found = next(check.value for check in checks if check.name == "AUC: ours, truth")
    assert isinstance(found, list)
    return [*checks, at_most("AUC of the truth less ours", found[1] - found[0], BEHIND)]

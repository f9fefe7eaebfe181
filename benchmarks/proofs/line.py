"""What a line of proof is: a claim, how it is run, and what was found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.proofs.workshop import Workshop


@dataclass(frozen=True)
class Check:
    """One figure of a line, and whether it is as claimed. `bound` says in words what was asked."""

    name: str
    value: Any
    bound: str
    passed: bool


@dataclass(frozen=True)
class Line:
    """A claim, the command that a person would type, and the function that measures it."""

    number: int
    claim: str
    command: str
    measure: Callable[[Workshop], list[Check]]


def below(name: str, value: float, limit: float) -> Check:
    """A figure that must be less than `limit`."""
    return Check(name, float(f"{value:.6g}"), f"< {limit:g}", bool(value < limit))


def at_most(name: str, value: float, limit: float) -> Check:
    """A figure that must be `limit` or less."""
    return Check(name, float(f"{value:.6g}"), f"<= {limit:g}", bool(value <= limit))


def said(name: str, value: Any) -> Check:
    """A figure that is told and not judged."""
    return Check(name, value, "said", True)


def at_least(name: str, value: float, limit: float) -> Check:
    """A figure that must be `limit` or more."""
    return Check(name, float(f"{value:.6g}"), f">= {limit:g}", bool(value >= limit))


def equal(name: str, value: object, expected: object) -> Check:
    """A figure that must be exactly as expected."""
    return Check(name, value, f"= {expected}", bool(value == expected))


def contains(name: str, figure: Mapping[str, Any], point: float) -> Check:
    """An interval that must contain a point."""
    low, high = figure["low"], figure["high"]
    return Check(
        name, [low, high], f"contains {point:g}", low is not None and high is not None and bool(low <= point <= high)
    )

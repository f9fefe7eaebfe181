"""Work measured in turns, A B A B, so that a slow minute slows both; ratios within a turn, with their spread."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any

Seconds = Mapping[str, Sequence[float]]
"""Who -> seconds of each turn."""


def in_turns(works: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Each work once a turn, in an order that moves on by one; each says its own seconds."""
    names, found = list(works), {name: [] for name in works}
    for turn in range(rounds):
        first = turn % len(names)
        for name in (*names[first:], *names[:first]):
            found[name].append(works[name]())
    return found


def timed(work: Callable[[], object], calls: int = 1) -> Callable[[], float]:
    """The work as one that says its seconds a call, of several calls in a row."""

    def seconds() -> float:
        start = time.perf_counter()
        for _ in range(calls):
            work()
        return (time.perf_counter() - start) / calls

    return seconds


def spread(values: Sequence[float]) -> dict[str, Any]:
    """The median of the turns, the least and the most, and how many there were."""
    return {"median": median(values), "min": min(values), "max": max(values), "runs": len(values)}


def ratio(above: Sequence[float], below: Sequence[float]) -> dict[str, Any]:
    """The ratios within each turn; where one side had fewer turns, to the other's median."""
    if len(above) == len(below):
        return spread([one / other for one, other in zip(above, below, strict=True)])
    middle = median(below)
    return spread([one / middle for one in above]) if len(above) > 1 else spread([above[0] / each for each in below])


def shown(figure: Mapping[str, Any], unit: str, scale: float = 1) -> str:
    """`2.31 s (2.20..2.90)`."""
    middle, low, high = (f"{figure[name] * scale:,.3g}" for name in ("median", "min", "max"))
    return f"{middle} {unit} ({low}..{high})" if figure["runs"] > 1 else f"{middle} {unit}"


def line(what: str, value: str) -> None:
    """One row of what is printed."""
    print(f"  {what:<72} {value:>32}", flush=True)

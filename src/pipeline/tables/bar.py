"""Progress of long work in words: how far, how fast, how long still."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

Progress = Callable[[str], None]

WIDTH = 20
PAUSE = 0.25
"""Seconds between two words about the same work."""


class Bar:
    """Says every now and then how much of some work is done; `whole` is None where nobody knows how much there is."""

    def __init__(self, progress: Progress, what: str, unit: str, whole: int | None) -> None:
        """Say that the work begins."""
        self._progress, self._what, self._unit, self._whole = progress, what, unit, whole
        self._done = 0
        self._lock = threading.Lock()
        self._start = self._said = time.perf_counter()
        progress(what)

    def more(self, count: int) -> None:
        """So much more is done."""
        with self._lock:
            self._done += count
            now = time.perf_counter()
            if now - self._said >= PAUSE:
                self._said = now
                self._progress(said(self._what, self._unit, self._done, self._whole, now - self._start))


def said(what: str, unit: str, done: int, whole: int | None, seconds: float) -> str:
    """Work in words.

    >>> said("interactions", "rows", 2_500_000, 10_000_000, 0.5)
    'interactions ━━━━━─────────────── 25 %, 5.0 M rows/s, 2 s left'
    >>> said("interactions", "rows", 2_500_000, None, 0.5)
    'interactions: 2,500,000 rows, 5.0 M rows/s'
    """
    rate = done / max(seconds, 1e-9)
    speed = f"{rate / 1e6:.1f} M" if rate >= 1e6 else f"{rate:,.0f}"
    if not whole:
        return f"{what}: {done:,} {unit}, {speed} {unit}/s"
    share = min(done / whole, 1.0)
    full = int(share * WIDTH)
    left = round((whole - done) / max(rate, 1e-9))
    bar = "━" * full + "─" * (WIDTH - full)
    return f"{what} {bar} {share:.0%}, {speed} {unit}/s, {max(left, 0)} s left".replace("%", " %", 1)

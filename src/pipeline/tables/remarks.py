"""What readers of tables have to say to a person beside what they read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Remark:
    """Something that was read in a way that a person should know of; `column` is None where it is about the whole."""

    table: str
    column: str | None
    title: str
    evidence: str
    remedy: str

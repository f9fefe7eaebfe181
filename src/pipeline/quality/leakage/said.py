"""What the checks of leakage are called, and what each answers: found, nothing, or not applicable and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipeline.tables.findings import Finding

FEWEST_WON = 20
"""Won leads below which nothing can be told from how outcomes and columns go together."""

TITLES = {
    "separates": "One column alone tells won from lost",
    "filled-later": "Filled in after the fact",
    "changes-after-outcome": "Changes when the outcome comes, or after it",
    "announces": "A kind of interaction that goes with the outcome",
    "after-outcome": "Facts dated after the outcome",
    "in-disguise": "A date, an id or the order of rows in disguise",
    "cohort": "Conversion jumps with the date of creation",
    "twins": "The same person under two ids",
    "feedback": "The effort follows an older score",
}
"""Code -> title: every check there is, in the order in which they are told."""


@dataclass(frozen=True)
class Found:
    """One thing that a check found. `about` is "column" or "kind" where `name` is one that can be left out.

    A suspect is a warning and is left out; `suspect` is False for what is only to be known.
    """

    code: str
    severity: str
    table: str
    name: str | None
    about: str | None
    evidence: str
    remedy: str
    suspect: bool = False

    @property
    def finding(self) -> Finding:
        """As `check` tells it, under the check's title."""
        told = f"{self.evidence} It is left out of features and models." if self.suspect else self.evidence
        return Finding(
            self.code, TITLES[self.code], self.severity, self.table, self.name, told, self.remedy, self.suspect
        )

    @property
    def why(self) -> str:
        """Why it is left out, for the model's card."""
        return f"suspected: {TITLES[self.code].lower()} ({self.code}). {self.evidence}"


@dataclass(frozen=True)
class Unable:
    """A check that could not look, and why."""

    code: str
    why: str


@dataclass(frozen=True)
class Suspect:
    """A column or a kind that is left out because it is suspected of leaking, and why. `about`: "column" or "kind"."""

    about: str
    name: str
    why: str

    def to_json(self) -> dict[str, str]:
        """`{"column" or "kind": name, "why"}`, as an entry of the workspace's `exclude`."""
        return {self.about: self.name, "why": self.why}


@dataclass(frozen=True)
class Answer:
    """What one check has to say: that it found something, that it found nothing, or why it could not look."""

    code: str
    found: bool
    why: str | None = None

    def to_json(self) -> dict[str, Any]:
        """`{"code", "title", "outcome", "why"}`; outcome is "found", "nothing" or "not applicable"."""
        outcome = "found" if self.found else "not applicable" if self.why is not None else "nothing"
        return {"code": self.code, "title": TITLES[self.code], "outcome": outcome, "why": self.why}


def share(part: float, whole: float) -> str:
    """A share for people, as a percentage without more digits than it has.

    >>> share(1, 3), share(0, 12), share(999, 1000), share(3, 1000)
    ('33 %', '0 %', '99.9 %', '0.3 %')
    """
    if not whole:
        return "none"
    value = 100 * part / whole
    return f"{value:.1f} %" if 0 < value < 1 or 99 < value < 100 else f"{value:.0f} %"

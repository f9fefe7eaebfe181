"""Every check of leakage on one history, and the suspects that follow: what is left out unless the analyst keeps it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pipeline.definitions.workspace import Workspace
from pipeline.quality.leakage.columns import of_attributes, of_facts, undated
from pipeline.quality.leakage.events import after_outcome, announcing, changing
from pipeline.quality.leakage.looked import Look
from pipeline.quality.leakage.said import TITLES, Answer, Found, Suspect
from pipeline.quality.leakage.whole import cohorts, disguises, efforts, people
from pipeline.tables.bar import Progress
from pipeline.tables.columns import History
from pipeline.tables.findings import Finding

CHECKS = (undated, of_attributes, of_facts, changing, announcing, after_outcome, disguises, cohorts, people, efforts)
"""Each gives what it found, and an `Answer` for each code of which it says that it cannot look."""

ORDER = ("announces", "changes-after-outcome", "filled-later", "separates", *TITLES)
"""Of several findings on one suspect the first of these says most plainly how it knows the outcome."""


@dataclass(frozen=True)
class Leaks:
    """What the checks found, what each answers, and who is suspect: left out of features and models."""

    findings: tuple[Finding, ...]
    suspects: tuple[Suspect, ...]
    answers: tuple[Answer, ...]

    def to_json(self) -> dict[str, Any]:
        """`{"suspects": [{"column" or "kind", "why"}], "checks": [{"code", "title", "outcome", "why"}]}`."""
        return {
            "suspects": [suspect.to_json() for suspect in self.suspects],
            "checks": [answer.to_json() for answer in self.answers],
        }


def find_leaks(
    workspace: Workspace,
    history: History,
    progress: Progress = lambda _: None,
    without_facts: str | None = None,
) -> Leaks:
    """Look for leakage in what a workspace's models would see; what it excludes is not in the history.

    `without_facts` says why the interactions cannot be looked at, where the history does not have them. A column or
    kind under the workspace's `keep` is no suspect: its finding becomes a note with the analyst's reason.
    """
    progress("leakage")
    found: list[Found] = []
    unable: dict[str, str] = {}
    look = Look(workspace, history, without_facts)
    for check in CHECKS:
        for each in check(look):
            if isinstance(each, Found):
                found.append(each)
            else:
                unable.setdefault(each.code, each.why)
    found = list(_once(found))
    told = [_kept(each, workspace.keep) for each in found]
    suspects = {(each.about, each.name): each for each in told if each.suspect}
    return Leaks(
        tuple(each.finding for each in told),
        tuple(Suspect(str(about), str(name), each.why) for (about, name), each in suspects.items()),
        tuple(Answer(code, any(each.code == code for each in found), unable.get(code)) for code in TITLES),
    )


def _once(found: list[Found]) -> Iterator[Found]:
    """Of a suspect the first finding of the checks in order, and no note beside it; notes of one code and name once."""
    suspects = {(each.about, each.name) for each in found if each.suspect}
    seen: set[tuple[str | None, ...]] = set()
    for each in sorted(found, key=lambda each: (not each.suspect, ORDER.index(each.code))):
        if each.name is None:
            yield each
            continue
        key = (each.about, each.name) if each.suspect else (each.about, each.name, each.code)
        if key not in seen and (each.suspect or (each.about, each.name) not in suspects):
            seen.add(key)
            yield each


def _kept(found: Found, keep: Mapping[str, str]) -> Found:
    if not found.suspect or found.name is None or found.name not in keep:
        return found
    return replace(
        found,
        suspect=False,
        severity="note",
        evidence=f"{found.evidence} It stays, as `keep` says: {keep[found.name]}",
        remedy="Take it out of `keep` if that is not so.",
    )

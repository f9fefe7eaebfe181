"""A small company whose leads come and end at random, and histories of it with columns and facts of one's choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.spans import DAY
from pipeline.definitions.workspace import Workspace
from pipeline.quality.leakage.find import Leaks, find_leaks
from pipeline.tables.columns import LOST, NEVER, WON, Changes, Deals, History, Interactions, Leads, Texts, no_changes

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

UNTIL = 600.0
"""Days from the company's first to the export."""


@dataclass
class Company:
    """n leads: days of creation and until their end, whether they win, and what drives it."""

    created: Floats
    lasts: Floats
    wins: Mask
    interest: Floats
    random: np.random.Generator
    attributes: dict[str, NDArray[np.object_]] = field(default_factory=dict)
    facts: list[tuple[NDArray[np.int64], Floats, str]] = field(default_factory=list)
    numbers: Floats | None = None

    @property
    def ended(self) -> Mask:
        return self.created + self.lasts < UNTIL

    @property
    def won(self) -> Mask:
        return self.ended & self.wins

    @property
    def lost(self) -> Mask:
        return self.ended & ~self.wins

    def chance(self, won: float, lost: float, other: float) -> Mask:
        """True for so large shares of the won, the lost and the open leads."""
        found: Mask = self.random.random(len(self.created)) < np.select([self.won, self.lost], [won, lost], other)
        return found

    def add(self, lead: NDArray[np.int64], age: Floats, kind: str) -> None:
        """Facts of a kind at ages of their leads, in days."""
        self.facts.append((lead, age, kind))


def company(size: int = 2_500, seed: int = 1, pull: float = 1.0) -> Company:
    """`pull` is how much `interest` decides."""
    random = np.random.default_rng(seed)
    interest = random.normal(size=size)
    win = 40 * random.weibull(1.2, size) * np.exp(1.6 - pull * interest)
    lose = 50 * random.weibull(1.2, size)
    lose[random.random(size) < 0.1] = 1e6
    return Company(np.sort(random.random(size)) * UNTIL, np.minimum(win, lose) + 0.2, win < lose, interest, random)


def texts(values: Sequence[str | None] | NDArray[np.object_]) -> NDArray[np.object_]:
    return np.array(list(values), dtype=object)


def history(
    of: Company,
    *,
    display: Mapping[str, NDArray[np.object_]] | None = None,
    entities: Mapping[str, Texts] | None = None,
    changes: Changes | None = None,
    flow: int = 0,
) -> History:
    size = len(of.created)
    ids = [f"L{row:05d}" for row in range(size)]
    created = (of.created * DAY).astype(np.int64)
    deals = np.flatnonzero(of.ended)
    never = np.full(len(deals), NEVER)
    interactions = ()
    if of.facts:
        lead = np.concatenate([lead for lead, _, _ in of.facts])
        age = np.concatenate([age for _, age, _ in of.facts])
        kind = np.concatenate([np.full(len(lead), kind, dtype=object) for lead, _, kind in of.facts])
        at = created[lead] + (age * DAY).astype(np.int64)
        keep = at < int(UNTIL * DAY)
        numbers = {} if of.numbers is None else {"value": of.numbers[keep]}
        interactions = (
            Interactions(
                "lead",
                Texts.of([ids[row] for row in lead[keep]]),
                at[keep],
                Texts.of(kind[keep].tolist()),
                Texts.missing(int(keep.sum())),
                np.full(int(keep.sum()), NEVER),
                np.full(int(keep.sum()), flow, dtype=np.int8),
                numbers,
            ),
        )
    return History(
        Leads(Texts.of(ids), created, of.attributes, entities or {}, display or {}),
        interactions,
        Deals(
            Texts.of([ids[row] for row in deals]),
            Texts.missing(len(deals)),
            np.where(of.wins[deals], WON, LOST).astype(np.int8),
            created[deals] + (of.lasts[deals] * DAY).astype(np.int64),
            *(never, never, never),
            np.full(len(deals), np.nan),
        ),
        changes or no_changes(),
        int(UNTIL * DAY),
    )


def workspace(**more: object) -> Workspace:
    plain = {
        "name": "company",
        "data_until": "2026-01-01T00:00:00Z",
        "sources": {
            "leads": {"from": "leads.csv", "id": "id", "created_at": "created"},
            "deals": {"from": "deals.csv", "lead_id": "id", "closed_at": "closed", "outcome": "outcome"},
        },
    }
    return Workspace.model_validate(plain | more)


def leaks(of: Company, keep: Mapping[str, str] | None = None) -> Leaks:
    return find_leaks(workspace(keep=dict(keep or {})), history(of))


def suspects(found: Leaks) -> dict[str, str]:
    """Name -> the code that it is suspected by."""
    return {str(each.column): each.code for each in found.findings if each.suspect}


def outcome(found: Leaks, code: str) -> tuple[str, str | None]:
    plain = next(answer.to_json() for answer in found.answers if answer.code == code)
    return plain["outcome"], plain["why"]

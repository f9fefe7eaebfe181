"""Three leads of the demo that everybody has an opinion of: what happened to them, for the model and for the simulator.

The same days stand in the request that a CRM would send and in the state that the simulator goes on from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchmarks.proofs.reasons.true_game import Known, terms_of
from pipeline.definitions.zones import iso
from pipeline.demo import world
from pipeline.demo.state import State, profile
from pipeline.demo.truth import advance

DAY = world.DAYS
"""Scored on the morning after the last day simulated."""

_NOON = 12 * 3_600_000_000


@dataclass(frozen=True)
class Worked:
    """A lead `age` days old. `facts`: (kind, days ago, texts); `state` is what they come to in the simulator's words.

    `first` names the criteria of which the strongest reason must be one, `sign` the way it must speak.
    """

    name: str
    attributes: Mapping[str, str | None]
    age: int
    facts: tuple[tuple[str, int, Mapping[str, str]], ...]
    state: Mapping[str, int]
    first: tuple[str, ...]
    sign: str

    def request(self) -> dict[str, Any]:
        """The lead as a CRM would send it."""
        return {
            "id": self.name,
            "created_at": _noon(self.age),
            "attributes": dict(self.attributes),
            "interactions": [{"at": _noon(ago), "kind": kind, "texts": dict(texts)} for kind, ago, texts in self.facts],
        }

    @property
    def known(self) -> Known:
        """What the simulator knows of it, one row."""
        attributes = {name: [self.attributes.get(name)] for name in _PROFILE}
        plain = State.new(1)
        given = {"age": self.age, **self.state}
        told = {name: np.array([value], getattr(plain, name).dtype) for name, value in given.items()}
        return Known(terms_of(attributes), profile(attributes), replace(plain, **told), np.array([DAY]))

    def true_probability(self, runs: int = 4000) -> float:
        """The chance that the simulator gives it within the horizon."""
        known = self.known
        return float(advance(known.profile, known.state, DAY, runs).probability[0])


_PROFILE = ("job_title", "sector", "company_size", "country", "source", "campaign")


def _noon(days_ago: int) -> str:
    return iso(int(world.MIDNIGHTS[DAY - days_ago]) + _NOON)


BUYER = Worked(
    "purchasing manager with a demo request",
    {"job_title": "Purchasing Manager", "sector": "manufacturing", "company_size": "51-200", "country": "FR",
     "source": "organic", "campaign": None, "buying_timeframe": "unknown"},
    age=9,
    facts=(("page_view", 9, {"page": "/product"}), ("page_view", 2, {"page": "/pricing"}), ("demo_request", 2, {})),
    state={"visits": 0b1_0000_0010, "prices": 0b10, "demos": 1, "since_demo": 2, "since_inbound": 2},
    first=("demo_requests", "job_function"),
    sign="+",
)  # fmt: skip
STUDENT = Worked(
    "student with a white paper",
    {"job_title": "Student", "sector": "education", "company_size": "1000+", "country": "FR",
     "source": "content", "campaign": "white_paper_costs", "buying_timeframe": "unknown"},
    age=5,
    facts=(("page_view", 5, {"page": "/resources"}), ("download", 5, {"asset": "white_paper"})),
    state={"visits": 0b1_0000, "downloads": 1},
    first=("job_function",),
    sign="-",
)  # fmt: skip
IGNORING = Worked(
    "perfect profile with five unanswered attempts",
    {"job_title": "Directeur des achats", "sector": "manufacturing", "company_size": "51-200", "country": "FR",
     "source": "referral", "campaign": None, "buying_timeframe": "unknown"},
    age=30,
    facts=(
        ("page_view", 30, {"page": "/product"}), ("call", 25, {}), ("email_sent", 20, {}), ("call", 14, {}),
        ("email_sent", 8, {}), ("call", 3, {}),
    ),
    state={"visits": 1 << 29, "unanswered": 5, "since_outbound": 3},
    first=("responsiveness",),
    sign="-",
)  # fmt: skip
WORKED = (BUYER, STUDENT, IGNORING)

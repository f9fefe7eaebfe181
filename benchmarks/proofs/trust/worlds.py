"""Companies drawn at random, each with columns and kinds that leak and with honest ones that look like it.

Nothing here knows how leaks are found. A lead comes with some honest attributes, its history goes on day by day, and
both decide when it ends and how; an export is taken in the middle of it, so the newest leads are mostly open. Leaks
are then made as companies make them: a field filled in with the order, a grade given at the close, a word replaced, a
kind of fact that is logged with the outcome. Beside them stands what an honest company has: a strong attribute, one
that a provider fills in weeks later for everybody alike, words that come and go with the season, gaps that mean
something.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from benchmarks.proofs.trust.lived import COLUMNS, facts_of, known, live
from benchmarks.proofs.trust.planted import LEAKS

END = pd.Timestamp("2026-06-30", tz="UTC")

_LEADS = {"from": "leads.parquet", "id": "lead_id", "created_at": "created_at"}
_INTERACTIONS = {
    "from": "interactions.parquet",
    "entity_id": "lead_id",
    "at": "at",
    "kind": "kind",
    "flow": {"outbound": ["call", "mail_sent"], "inbound": ["reply", "demo_request"]},
}
_DEALS = {
    "from": "deals.parquet",
    "lead_id": "lead_id",
    "closed_at": "closed_at",
    "outcome": "outcome",
    "won": ["won"],
    "lost": ["lost"],
}


@dataclass
class World:
    """An export, and which of its columns and kinds leak; all others are clean. `how` says of each leak what it is."""

    leads: pd.DataFrame
    interactions: pd.DataFrame
    deals: pd.DataFrame
    numbers: list[str]
    leaks: dict[str, str] = field(default_factory=dict)

    @property
    def attributes(self) -> list[str]:
        """The columns of leads beside their id and creation."""
        return [name for name in self.leads.columns if name not in ("lead_id", "created_at")]

    @property
    def clean(self) -> list[str]:
        """Columns, kinds and numbers that do not leak."""
        kinds = sorted(set(self.interactions["kind"]))
        return [name for name in (*self.attributes, *kinds, *self.numbers) if name not in self.leaks]

    def write(self, folder: Path) -> Path:
        """The export as Parquet and its workspace; gives the workspace file."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("leads", "interactions", "deals"):
            getattr(self, name).to_parquet(folder / f"{name}.parquet", index=False)
        plain = {
            "name": "world",
            "data_until": END.isoformat(),
            "sources": {
                "leads": dict(_LEADS, attributes=self.attributes),
                "interactions": [dict(_INTERACTIONS, numbers=self.numbers)],
                "deals": _DEALS,
            },
            "goal": {"horizon": "30d"},
            "criteria": "auto",
        }
        path = folder / "leadlight.yaml"
        path.write_text(yaml.safe_dump(plain, sort_keys=False), encoding="utf-8")
        return path


def draw(seed: int) -> World:
    """One company of 800 to 4,000 leads with one to three leaks."""
    random = np.random.default_rng(seed)
    honest, risk = known(random)
    leads = live(honest, risk, random)
    table = {name: make(leads, random) for name, make in _shuffled(COLUMNS, random)}
    columns = {name: values for name, (values, _) in honest.items()} | table
    facts = facts_of(leads, random)
    numbers = {"duration": facts.pop("duration")}
    leaks: dict[str, str] = {}
    for name in random.choice(sorted(LEAKS), size=random.integers(1, 4), replace=False).tolist():
        leaks |= LEAKS[name](leads, columns, facts, numbers, random)
    order = random.permutation(len(leads))
    ids = np.array([f"L{number:05d}" for number in random.permutation(len(leads))], dtype=object)
    start = END - pd.Timedelta(days=leads.until)
    deals = np.flatnonzero(leads.ended)
    return World(
        leads=pd.DataFrame(
            {"lead_id": ids, "created_at": start + pd.to_timedelta(leads.created, "D").round("s"), **columns}
        ).iloc[order],
        interactions=pd.DataFrame(
            {
                "lead_id": ids[facts["lead"]],
                "at": start + pd.to_timedelta(facts["at"], "D").round("s"),
                "kind": facts["kind"],
                **numbers,
            }
        ),
        deals=pd.DataFrame(
            {
                "lead_id": ids[deals],
                "closed_at": start + pd.to_timedelta((leads.created + leads.lasts)[deals], "D").round("s"),
                "outcome": np.where(leads.wins[deals], "won", "lost"),
            }
        ),
        numbers=list(numbers),
        leaks=leaks,
    )


def _shuffled(makers: dict[str, Any], random: np.random.Generator) -> list[tuple[str, Any]]:
    """Most of the makers: companies differ in what they record."""
    return [(name, maker) for name, maker in makers.items() if random.random() < 0.8]

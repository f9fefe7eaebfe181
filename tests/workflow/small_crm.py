"""A small made-up CRM in csv or parquet, and its workspace: quick to train on and to change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

LEADS = 260
TABLES = ("leads", "contacts", "interactions", "deals", "changes")

WORKSPACE = """\
name: small
timezone: Europe/Paris
data_until: 2026-06-30T00:00:00Z
sources:
  leads:
    from: leads.{end}
    id: lead_id
    created_at: created_at
    attributes: [country, employees, band, plan]
    entities: {{contact: contact_id}}
    display: [company]
  contacts: {{from: contacts.{end}, id: contact_id, attributes: [sector]}}
  interactions:
    - from: interactions.{end}
      entity_id: lead_id
      at: occurred_at
      kind: type
      flow: {{outbound: [call], inbound: [reply]}}
      numbers: [duration]
      texts: [page]
  deals:
    from: deals.{end}
    lead_id: lead_id
    closed_at: closed_at
    outcome: deal_status
  changes: {{from: changes.{end}}}
goal: {{horizon: 30d}}
observe: {{every: 14d, until: 60d}}
model: {{trees: 20, leaves: 7, depth: 3, learning_rate: 0.1, seed: 7, refit: true}}
criteria:
  - {{name: country, attribute: country}}
  - {{name: employees, attribute: employees}}
  - {{name: band, attribute: band}}
  - {{name: plan, attribute: plan, values: categorical}}
  - {{name: sector, attribute: sector}}
  - name: calls
    family: engagement
    when: {{kind: call}}
    measures: [count 7d, count, total duration, days_since_last]
  - name: prices
    when: {{kind: visit, page: "/prices*"}}
    measures: [count]
"""


def write(folder: Path, end: str) -> None:
    """Write the workspace and its tables, typed where `end` is parquet."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "leadlight.yaml").write_text(WORKSPACE.format(end=end), encoding="utf-8")
    for name, table in tables().items():
        save(table, folder / f"{name}.{end}")


def tables() -> dict[str, pd.DataFrame]:
    """Leads from France who were called often are won; a quarter of the others is, too."""
    random = np.random.default_rng(3)
    start = datetime(2025, 10, 1, 9)
    created = [start + timedelta(hours=21 * row) for row in range(LEADS)]
    ids = [f"L{row:04d}" for row in range(LEADS)]
    country = random.choice(["FR", "DE", "NO", "33"], LEADS)
    leads = pd.DataFrame(
        {
            "lead_id": ids,
            "created_at": created,
            "country": country,
            "employees": random.integers(1, 400, LEADS),
            "band": random.choice(["1-10", "11-50", "51-200"], LEADS),
            "plan": random.choice([101, 102, 203], LEADS),
            "contact_id": [f"C{row // 2:04d}" for row in range(LEADS)],
            "company": [f"Company {row}" for row in range(LEADS)],
        }
    )
    contacts = pd.DataFrame({"contact_id": leads["contact_id"].unique()})
    contacts["sector"] = random.choice(["retail", "building", "software"], len(contacts))
    calls = random.poisson(np.where(country == "FR", 5, 2))
    facts = [
        {
            "lead_id": ids[row],
            "occurred_at": created[row] + timedelta(days=1 + step, minutes=step),
            "type": ("call", "visit", "reply")[step % 3],
            "duration": float(30 + 7 * step) if step % 3 == 0 else np.nan,
            "page": ("/prices/one" if step % 2 else "/about") if step % 3 == 1 else None,
        }
        for row in range(LEADS)
        for step in range(int(calls[row]))
    ]
    won = random.random(LEADS) < np.where((country == "FR") & (calls > 3), 0.8, 0.25)
    deals = pd.DataFrame(
        {
            "lead_id": ids,
            "closed_at": [moment + timedelta(days=25) for moment in created],
            "deal_status": np.where(won, "won", "lost"),
        }
    )
    changes = pd.DataFrame(
        [
            {
                "lead_id": ids[row],
                "at": created[row] + timedelta(days=5),
                "attribute": "country",
                "value": country[row],
                "old": "DE",
            }
            for row in range(0, LEADS, 10)
        ]
    )
    deals = deals[deals["closed_at"] < datetime(2026, 5, 25)]
    return {
        "leads": leads,
        "contacts": contacts,
        "interactions": pd.DataFrame(facts),
        "deals": deals,
        "changes": changes,
    }


def save(table: pd.DataFrame, path: Path) -> None:
    """A table as csv or parquet."""
    if path.suffix == ".csv":
        table.to_csv(path, index=False)
    else:
        table.to_parquet(path, index=False)


def change(folder: Path, table: str, how: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    """Write one table anew as `how` makes it; csv is read and written as texts."""
    (path,) = folder.glob(f"{table}.*")
    read = pd.read_csv(path, dtype="str") if path.suffix == ".csv" else pd.read_parquet(path)
    save(how(read), path)


def edit(folder: Path, old: str, new: str) -> None:
    """Replace what stands once in the workspace file."""
    path = folder / "leadlight.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, (old, text.count(old))
    path.write_text(text.replace(old, new), encoding="utf-8")

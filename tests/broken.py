"""Ten broken workspaces and tables, one defect each, for the tests and for `make prove WHAT=path`.

`sound` writes a workspace that passes `leadlight check`; each `Broken` changes one thing and lists what the error must
name: the table or the line, the column or the key, the row, the value, and what to do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

WORKSPACE = """\
name: small
timezone: Europe/Paris
data_until: 2026-06-30T00:00:00Z
sources:
  leads:
    from: leads.csv
    id: lead_id
    created_at: created_at
    attributes: [country]
  interactions:
    - from: interactions.csv
      entity_id: lead_id
      at: occurred_at
      kind: type
      numbers: [duration]
  deals:
    from: deals.csv
    lead_id: lead_id
    closed_at: closed_at
    outcome: deal_status
goal: {horizon: 30d}
observe: {every: 7d, until: 60d}
model: {trees: auto, leaves: 15, depth: 4, learning_rate: 0.05, seed: 7, refit: true}
criteria:
  - name: calls
    family: engagement
    when: {kind: call}
    measures: [count 7d, days_since_last]
"""

LEADS = 12
"""Rows of leads.csv; each lead has two calls and every third a won deal."""


def sound(folder: Path) -> None:
    """Write the workspace and its three tables."""
    folder.mkdir(parents=True, exist_ok=True)
    leads, calls, deals = ["lead_id,created_at,country"], ["lead_id,occurred_at,type,duration"], []
    for number in range(1, LEADS + 1):
        leads.append(f"L{number},2026-01-{number:02d} 09:00,{'FR' if number % 2 else 'DE'}")
        calls += [f"L{number},2026-02-{number:02d} {hour}:00,call,{5 * number}" for hour in (10, 15)]
        if number % 3 == 0:
            deals.append(f"L{number},2026-03-{number:02d} 12:00,won")
    (folder / "leadlight.yaml").write_text(WORKSPACE)
    (folder / "leads.csv").write_text("\n".join(leads) + "\n")
    (folder / "interactions.csv").write_text("\n".join(calls) + "\n")
    (folder / "deals.csv").write_text("\n".join(["lead_id,closed_at,deal_status", *deals]) + "\n")


@dataclass(frozen=True)
class Broken:
    """A defect, and the patterns that the error must contain."""

    name: str
    file: str
    old: str
    new: str
    says: tuple[str, ...]

    def build(self, folder: Path) -> None:
        """Write the sound workspace, then the defect; ValueError where there is nothing to break."""
        sound(folder)
        path = folder / self.file
        text = path.read_text()
        if text.count(self.old) != 1:
            raise ValueError(f"{self.file} holds {self.old!r} {text.count(self.old)} times, not once")
        path.write_text(text.replace(self.old, self.new))

    def missing_words(self, error: str) -> list[str]:
        """Which patterns the error lacks."""
        return [pattern for pattern in self.says if not re.search(pattern, error)]


BROKEN = (
    Broken("a key that does not exist", "leadlight.yaml", "goal:", "gaol:", ("line 21", "gaol", "did you mean goal")),
    Broken(
        "a span without a unit",
        "leadlight.yaml",
        "{horizon: 30d}",
        "{horizon: 30}",
        ("line 21", r"goal\.horizon", "30", "expected a whole number and a unit", "7d"),
    ),
    Broken(
        "a time zone that does not exist",
        "leadlight.yaml",
        "Europe/Paris",
        "Europe/Pariss",
        ("line 2", "timezone", "Europe/Pariss", "expected a time zone"),
    ),
    Broken(
        "an export date that is no date",
        "leadlight.yaml",
        "2026-06-30T00:00:00Z",
        "30 June 2026",
        ("line 3", "data_until", "30 June 2026", "expected ISO 8601"),
    ),
    Broken(
        "a measure that does not exist",
        "leadlight.yaml",
        "count 7d",
        "coutn 7d",
        ("line 2[5-8]", "criteria", "coutn", "expected one of count"),
    ),
    Broken(
        "a file that is not there",
        "leadlight.yaml",
        "from: deals.csv",
        "from: deal.csv",
        ("deals", r"deal\.csv", "no such file", "correct `from`"),
    ),
    Broken(
        "a column that is not there",
        "leads.csv",
        "lead_id,created_at,country",
        "lead_id,created,country",
        ("leads", r"leads\.csv", "created_at", r"lead_id, created, country|did you mean"),
    ),
    Broken(
        "a time that is no time",
        "interactions.csv",
        "L3,2026-02-03 15:00",
        "L3,2026-02-30 15:00",
        ("interactions", "occurred_at", "row 6|line 7", "2026-02-30 15:00", "format|ISO 8601"),
    ),
    Broken(
        "a number that is no number",
        "interactions.csv",
        "L2,2026-02-02 10:00,call,10",
        "L2,2026-02-02 10:00,call,ten",
        ("interactions", "duration", "row 3|line 4", "ten", "number"),
    ),
    Broken(
        "a row with too many fields",
        "deals.csv",
        "L6,2026-03-06 12:00,won",
        "L6,2026-03-06 12:00,won,1200,EUR",
        ("deals", r"deals\.csv", r"row 2 \(line 3\)", "L6", "not the 3 fields", "correct it"),
    ),
)
"""One defect each."""

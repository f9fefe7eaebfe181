"""Tables as dirty as exports are, every cell a text, and the workspace that names their columns."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from tests.draws import Draw, pick, rarely

Row = dict[str, str]
Tables = dict[str, list[Row]]

UNTIL = "2026-06-30 00:00"
COLUMNS = {
    "leads": ("lead", "created", "country", "contact", "account"),
    "contacts": ("contact", "job"),
    "accounts": ("account", "sector"),
    "interactions": ("id", "lead", "at", "known", "kind", "duration"),
    "interactions[1]": ("contact", "at", "kind", "page"),
    "deals": ("deal", "lead", "opened", "closed", "known", "outcome", "amount"),
    "changes": ("lead", "at", "attribute", "value", "old"),
    "spend": ("day", "source", "cost"),
}
FILES = {name: f"{name.replace('[1]', '_of_contacts')}.csv" for name in COLUMNS}

WORKSPACE = f"""\
name: dirty
data_until: {UNTIL.replace(" ", "T")}:00Z
sources:
  leads:
    from: leads.csv
    id: lead
    created_at: created
    attributes: [country]
    entities: {{contact: contact, account: account}}
  contacts: {{from: contacts.csv, id: contact, attributes: [job]}}
  accounts: {{from: accounts.csv, id: account, attributes: [sector]}}
  interactions:
    - {{from: interactions.csv, id: id, entity_id: lead, at: at, known_at: known, kind: kind, numbers: [duration]}}
    - from: interactions_of_contacts.csv
      entity: contact
      entity_id: contact
      at: at
      kind: kind
      texts: [page]
      repeats: drop
  deals:
    from: deals.csv
    id: deal
    lead_id: lead
    opened_at: opened
    closed_at: closed
    known_at: known
    outcome: outcome
    amount: amount
  changes: {{from: changes.csv, lead_id: lead}}
  spend: {{from: spend.csv, at: day, channel: source, amount: cost}}
exclude: [{{kind: "secret*"}}]
"""

# Empty, blank, and three of the texts that mean no value.
NOTHING = ("", "  ", "NULL", "n/a", "-")
TIMES = ("2026-01-05 09:00", "2026-01-05 09:00", "2026-02-01 12:30", "2026-03-15 23:59", UNTIL)
LATE = ("2026-06-30 00:01", "2027-01-01 00:00", "9999-12-31 00:00")


def write(folder: Path, tables: Mapping[str, list[Row]]) -> Path:
    """Write the workspace and every table as csv; gives the workspace's path."""
    for name, rows in tables.items():
        with (folder / FILES[name]).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS[name], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    path = folder / "leadlight.yaml"
    path.write_text(WORKSPACE, encoding="utf-8")
    return path


def tables(draw: Draw) -> Tables:
    """Small tables in which every kind of dirt is there sooner or later, and whole rows repeat."""

    def nothing(options: tuple[str, ...], one_in: int = 6) -> str:
        return pick(draw, NOTHING) if rarely(draw, one_in) else pick(draw, options)

    def time() -> str:
        return pick(draw, LATE) if rarely(draw, 7) else nothing(TIMES)

    def value(table: str, column: str) -> str:
        if column in ("created", "at", "closed", "day"):
            return time()
        if column in ("known", "opened"):
            return time() if draw(3) else ""
        return nothing(VALUES.get((table, column)) or VALUES["", column])

    made: Tables = {}
    for name, columns in COLUMNS.items():
        rows: list[Row] = []
        for _ in range(draw(9)):
            if rows and rarely(draw, 4):
                rows.append(dict(pick(draw, rows)))
            else:
                rows.append({column: value(name, column) for column in columns})
        made[name] = rows
    return made


_LEADS = ("a", "b", "c", "d", "e", " a", "f", "g")
VALUES: dict[tuple[str, str], tuple[str, ...]] = {
    ("", "lead"): (*_LEADS, "nobody"),
    ("leads", "lead"): _LEADS,
    ("", "contact"): ("k1", "k2", "k3", "stranger"),
    ("", "account"): ("m1", "m2", "stranger"),
    ("", "country"): ("FR", "DE"),
    ("", "job"): ("buyer", "engineer"),
    ("", "sector"): ("retail", "building"),
    ("", "id"): ("i1", "i2", "i3", ""),
    ("", "kind"): ("call", "visit", "secret", "secret note"),
    ("", "duration"): ("5", "12.5", "-3"),
    ("", "page"): ("/a", "/b"),
    ("", "deal"): ("d1", "d2", "d3", "d4", "d5"),
    ("", "outcome"): ("won", "lost", "talking"),
    ("", "amount"): ("100", "2500.5"),
    ("", "attribute"): ("country", "job"),
    ("", "value"): ("FR", "buyer"),
    ("", "old"): ("DE",),
    ("", "source"): ("search", "fair"),
    ("", "cost"): ("10", "12.5"),
}

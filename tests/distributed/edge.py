"""A CRM of odd tables, for which whoever looks at a part of the rows alone would read or measure something else.

Ids with `.0` behind them, decimal commas that only one file shows, days beside instants, truth values beside words,
facts twice or recorded late, contacts and accounts that several leads share, deals of two leads, four kinds of sources.
"""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

LEADS = 180
START = datetime(2025, 9, 1, 9, tzinfo=UTC)

WORKSPACE = """\
name: edge
timezone: Europe/Paris
data_until: 2026-06-30T00:00:00Z
sources:
  leads:
    from: leads.csv
    id: lead
    created_at: created
    attributes: [country, employees, band]
    entities: {contact: contact, account: account}
    display: [person]
  accounts: {from: accounts.parquet, id: account, attributes: [sector]}
  interactions:
    - from: web-*.csv
      entity_id: lead
      id: visit
      at: at
      known_at: seen
      kind: {column: type, prefix: web_}
      numbers: [seconds, score]
      texts: [page, robot]
    - from: calls.parquet
      entity: contact
      entity_id: contact
      id: call
      at: at
      known_at: known
      kind: kind
      flow: way
      numbers: [seconds]
      texts: [result]
    - from: {sql: "select * from 'mails.csv' where subject is not null"}
      entity: account
      entity_id: account
      at: day
      repeats: drop
      kind: {value: mail}
      flow: {column: sent, outbound: ["true"], inbound: ["false"]}
      texts: [subject]
  deals:
    from: deals.csv
    id: deal
    lead_id: lead
    opened_at: opened
    closed_at: closed
    known_at: known
    outcome: state
    won: [won]
    lost: [lost]
  changes: {from: changes.csv, known_at: known}
goal: {horizon: 30d}
observe: {every: 7d, until: 60d}
model: {trees: 12, leaves: 7, depth: 3, learning_rate: 0.1, seed: 7, refit: true}
exclude: [{kind: "web_spam*"}, {column: score}]
criteria: auto
"""

WRITTEN = """\
criteria:
  - name: pages
    when: {kind: "web_*"}
    measures: [latest page, distinct page, latest robot, mean seconds, largest seconds, total seconds 30d, share 7d]
  - name: calls
    of: contact
    family: engagement
    when: {kind: call}
    measures: [latest result, unanswered, trend 7d 28d, days_since_first, total seconds, count]
  - name: mails
    of: account
    measures: [count 30d, latest subject, active_days, unanswered]
  - {name: won_with_account, of: account, when: {kind: deal_won}, measures: [count, days_since_last]}
  - {name: lost_with_contact, of: contact, when: {kind: deal_lost}, measures: [count]}
  - {name: country, attribute: country}
  - {name: size, attribute: band, values: bands}
  - {name: sector, attribute: sector}
"""


def write(folder: Path, *, written: bool = False) -> None:
    """Write the workspace and its tables; with criteria that are `written`, leads are looked at after interactions."""
    folder.mkdir(parents=True)
    text = WORKSPACE
    if written:
        text = text.replace("criteria: auto\n", WRITTEN).replace("{every: 7d, until: 60d}", "{after: interaction}")
    (folder / "leadlight.yaml").write_text(text, encoding="utf-8")
    random = np.random.default_rng(11)
    created = [START + timedelta(hours=31 * row) for row in range(LEADS)]
    warm = random.random(LEADS) < 0.5
    _leads(folder, created, random)
    _web(folder, created, warm, random)
    _calls(folder, created, warm, random)
    _mails(folder, created, random)
    _deals(folder, created, warm, random)


def _id(row: int) -> str:
    return str(1001 + row)


def _csv(path: Path, rows: list[dict[str, Any]], **how: Any) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n", **how)
        writer.writeheader()
        writer.writerows(rows)


def _leads(folder: Path, created: list[datetime], random: np.random.Generator) -> None:
    rows = [
        {
            "lead": _id(row),
            "created": f"{at:%Y-%m-%d %H:%M}",
            "country": ("FR", "DE", "NO")[row % 3],
            "employees": int(random.integers(1, 300)),
            "band": ("1-10", "11-50", "51-200", "")[row % 4],
            "contact": "" if row % 13 == 0 else f"C{row // 2}",
            "account": _account(row),
            "person": f"Person {row}",
        }
        for row, at in enumerate(created)
    ]
    rows += [rows[5], rows[6] | {"lead": ""}, rows[7] | {"lead": "9999", "created": "2026-12-01 10:00"}]
    _csv(folder / "leads.csv", rows)
    accounts = {"account": [f"A{n}" for n in range(23)], "sector": ["retail", "software", None] * 7 + ["retail"] * 2}
    pq.write_table(pa.table(accounts), folder / "accounts.parquet")


def _web(folder: Path, created: list[datetime], warm: Any, random: np.random.Generator) -> None:
    """Two files. What tells how a column is read stands in the second one, at its end."""
    first: list[dict[str, Any]] = []
    for row, at in enumerate(created):
        for step in range(int(random.poisson(9 if warm[row] else 4))):
            moment = at + timedelta(hours=7 * step)
            page = ("/prices", '/about "us"', "/a,\nb", "", "/Prices")[step % 5]
            first.append(
                {
                    "lead": f"{_id(row)}.0",
                    "visit": f"{10 * row + step % 6}",
                    "at": f"{moment:%Y-%m-%d}",
                    "seen": f"{moment + timedelta(days=3):%Y-%m-%d}" if step % 4 == 3 else "",
                    "type": ("visit", "demo_request", "spam", "30.0")[step % 4],
                    "seconds": "1.234" if step % 3 else f"{step + 1}.500",
                    "score": "1",
                    "page": page,
                    "robot": "True" if step % 2 else "False",
                }
            )
    last = first[-1]
    second = [
        row | {"seconds": "2,5", "robot": "True", "at": f"{row['at']}"} for row in first[::9] if row["type"] == "visit"
    ]
    second += [
        last | {"lead": "77777.0"},
        last | {"lead": ""},
        last | {"lead": "9999.0", "visit": "a"},
        last | {"at": "2026-11-01", "visit": ""},
        last | {"at": "", "visit": ""},
        last | {"at": "2026-03-02 10:15", "visit": "", "robot": "perhaps", "type": ""},
    ]
    _csv(folder / "web-1.csv", first)
    _csv(folder / "web-2.csv", second)


def _calls(folder: Path, created: list[datetime], warm: Any, random: np.random.Generator) -> None:
    """Typed, of contacts; some are there twice, the second time known earlier, and some contacts nobody knows."""
    calls: list[dict[str, Any]] = []
    for contact in range(LEADS // 2 + 3):
        for step in range(int(random.poisson(5))):
            at = created[min(2 * contact, LEADS - 1)] + timedelta(days=step, minutes=contact)
            call = {
                "contact": f"C{contact}",
                "call": f"k{contact}-{step % 3}" if step % 2 else None,
                "at": at,
                "known": at + timedelta(days=5) if step % 3 == 0 else None,
                "kind": ("call", "meeting")[step % 2],
                "way": ("inbound", "outbound", None)[step % 3],
                "seconds": None if step == 4 else float(random.integers(10, 900)) / 7,
                "result": ("reached", "12", "12.5")[step % 3],
            }
            calls += [call, call] if step == 1 else [call]
    # Far from the first, where another worker reads.
    calls += calls[::7]
    pq.write_table(pa.Table.from_pylist(calls), folder / "calls.parquet", row_group_size=100)


def _mails(folder: Path, created: list[datetime], random: np.random.Generator) -> None:
    rows = []
    for account in range(25):
        for step in range(6):
            at = created[account * 7 % LEADS] + timedelta(days=4 * step)
            mail = {
                "account": f"A{account}",
                "day": f"{at:%Y-%m-%d}",
                "sent": ("True", "False")[step % 2],
                "subject": ("Offer", "Re: Offer")[step % 2] if step else "",
            }
            rows += [mail, mail] if step == 2 else [mail]
    rows += rows[::11]
    _csv(folder / "mails.csv", rows)


def _account(row: int) -> str:
    # A contact's two leads are often of different accounts.
    return "" if row % 11 == 0 else f"A{(row + row // 7) % 23}"


def _through_a_third(deals: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows that make two deals of one account also those of a lead of another, which so hides one from the other."""
    found = []
    own = {int(deal["lead"]) - 1001: deal for deal in deals if deal["deal"] and deal["state"] != "open"}
    for one, deal in own.items():
        for two, other in own.items():
            # The second lead is open when the first one's deal closes; the third is older than both.
            if one % 3 == 0 and one < two <= one + 25 and _account(one) == _account(two) != "":
                others = [row for row in range(one) if _account(row) not in ("", _account(one))]
                found += [each | {"lead": _id(row)} for row in others[-1:] for each in (deal, other)]
    return found


def _deals(folder: Path, created: list[datetime], warm: Any, random: np.random.Generator) -> None:
    deals: list[dict[str, Any]] = []
    for row, at in enumerate(created):
        if row % 5 == 0:
            continue
        closed = at + timedelta(days=20 + row % 19)
        deal = {
            "deal": "" if row % 8 == 1 else f"D{row}",
            "lead": _id(row),
            "opened": f"{at + timedelta(days=1):%Y-%m-%d %H:%M}",
            "closed": f"{closed:%Y-%m-%d %H:%M}" if closed < datetime(2026, 6, 1, tzinfo=UTC) else "",
            "known": f"{closed + timedelta(days=2):%Y-%m-%d %H:%M}" if row % 6 == 0 else "",
            "state": "open" if closed >= datetime(2026, 6, 1, tzinfo=UTC) else "won" if warm[row] else "lost",
        }
        deals.append(deal)
        if row % 17 == 2 and deal["deal"]:
            # The deal is another lead's too, in another account.
            deals.append(deal | {"lead": _id(row - 2)})
    deals += _through_a_third(deals)
    deals.append(deals[0] | {"lead": "424242"})
    _csv(folder / "deals.csv", deals)
    changes = [
        {
            "lead_id": _id(row),
            "at": f"{created[row] + timedelta(days=day):%Y-%m-%d %H:%M}",
            "attribute": ("country", "band")[day % 2],
            "value": ("BE", "11-50")[day % 2],
            "old": ("FR", "")[day % 2],
            "known": f"{created[row] + timedelta(days=day + 1):%Y-%m-%d %H:%M}" if row % 4 == 0 else "",
        }
        for row in range(0, LEADS, 3)
        for day in (2, 5, 9)
    ]
    _csv(folder / "changes.csv", changes)

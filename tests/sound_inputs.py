"""A sound workspace with every kind of table, as csv, xlsx and parquet: what the broken inputs break one thing of."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

LEADS = 60
START = datetime(2026, 1, 5, 9)

NAMES = ("Ada Sample", "Ben Sample", "Cleo Sample", "Dan Sample")
PEOPLE = ("Sample", r"example\.com", "0033", "55 01")
"""Patterns of what is somebody's in these tables: no error may hold any."""

WORKSPACE = """\
name: sound
timezone: Europe/Paris
data_until: 2026-06-30T00:00:00Z
sources:
  leads:
    from: leads.csv
    id: lead_id
    created_at: created_at
    attributes: [country, employees]
    entities: {contact: contact_id, account: account_id}
    display: [full_name, email, phone]
  contacts:
    from: {file: contacts.xlsx, sheet: Contacts, header: 3}
    id: contact_id
    attributes: [job_title]
  accounts:
    from: accounts.parquet
    id: account_id
    attributes: [sector, revenue]
  interactions:
    - from: calls.csv
      entity_id: lead_id
      id: call_id
      at: called_at
      kind: {value: call}
      flow: direction
      numbers: [duration]
      texts: [result]
    - from: visits.csv
      entity: contact
      entity_id: contact_id
      at: {column: day, dayfirst: true}
      kind: type
      texts: [page]
  deals:
    from: deals.csv
    id: deal_id
    lead_id: lead_id
    opened_at: {column: opened_at, format: "%d.%m.%Y"}
    closed_at: closed_at
    outcome: stage
    won: [Closed Won]
    lost: [Closed Lost]
    amount: amount
  changes: {from: changes.csv}
  spend: {from: spend.csv, at: day, channel: source, campaign: campaign, amount: cost}
goal: {horizon: 30d}
observe: {every: 7d, until: 60d}
test: {share: 0.2}
model: {trees: 20, leaves: 7, depth: 3, learning_rate: 0.1, seed: 7, refit: true}
criteria:
  - name: country
    attribute: country
  - name: function
    attribute: job_title
    map: job_function
  - name: calls
    family: engagement
    when: {kind: call}
    measures: [count 7d, total duration, days_since_last]
  - name: prices
    of: contact
    when: {kind: visit, page: "/prices*"}
    measures: [count]
"""


def sound(folder: Path) -> None:
    """Write the workspace and its tables."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "leadlight.yaml").write_text(WORKSPACE, encoding="utf-8")
    for name, lines in _texts().items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    _contacts(folder / "contacts.xlsx")
    _accounts(folder / "accounts.parquet")


def _texts() -> dict[str, list[str]]:
    """Lead 1 to 60, three every two days; each is called twice, and two of three end after 25 days, every third won."""
    leads = ["lead_id,created_at,country,employees,contact_id,account_id,full_name,email,phone"]
    calls = ["call_id,lead_id,called_at,direction,duration,result"]
    visits = ["contact_id;day;type;page"]
    deals = ["deal_id;lead_id;opened_at;closed_at;stage;amount"]
    changes = ["lead_id,at,attribute,value,old"]
    for number in range(1, LEADS + 1):
        created = START + timedelta(hours=16 * number)
        person = NAMES[number % len(NAMES)]
        leads.append(
            f"L{number},{created:%Y-%m-%d %H:%M},{'FR' if number % 2 else 'DE'},{10 + number},K{number},A{number % 5},"
            f"{person},{person.split()[0].lower()}{number}@example.com,0033 1 55 01 {number:02d} 00"
        )
        for call, (days, way) in enumerate(((2, "outbound"), (4, "inbound"))):
            at = created + timedelta(days=days)
            calls.append(f"C{number}{call},L{number},{at:%Y-%m-%d %H:%M},{way},{5 * number},reached")
        visits.append(f"K{number};{created + timedelta(days=3):%d/%m/%Y};visit;/prices/{number}")
        if number % 3:
            stage = "Closed Won" if number % 3 == 1 else "Closed Lost"
            closed = created + timedelta(days=25)
            deals.append(f"D{number};L{number};{created:%d.%m.%Y};{closed:%Y-%m-%d %H:%M};{stage};1 {number:03d},50")
        if number % 10 == 0:
            changes.append(f"L{number},{created + timedelta(days=1):%Y-%m-%d %H:%M},country,DE,BE")
    days = (date(2026, 1, 1) + timedelta(days=day) for day in range(10))
    spend = ["day,source,campaign,cost", *(f"{day},search,spring,{40 + day.day}" for day in days)]
    return {"leads": leads, "calls": calls, "visits": visits, "deals": deals, "changes": changes, "spend": spend}


def _contacts(path: Path) -> None:
    """Two rows of title above the header, as a report has them."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Contacts"
    sheet.append(["Contacts of the sales team"])
    sheet.append([])
    sheet.append(["contact_id", "full_name", "email", "job_title"])
    for number in range(1, LEADS + 1):
        person = NAMES[number % len(NAMES)]
        email = f"{person.split()[0].lower()}{number}@example.com"
        sheet.append([f"K{number}", person, email, ("Buyer", "Engineer", "Office assistant")[number // 2 % 3]])
    book.create_sheet("Notes").append(["Made for the tests"])
    book.save(path)


def _accounts(path: Path) -> None:
    ids = [f"A{number}" for number in range(5)]
    sectors = ["retail", "software", "building", None, "retail"]
    table = {"account_id": ids, "sector": sectors, "revenue": [1.5e6, 2e5, None, 4e4, 9e5]}
    pq.write_table(pa.table(table), path)

"""Line 6: five million interactions in PostgreSQL are read, checked and measured in less than a gigabyte."""

from __future__ import annotations

from adbc_driver_postgresql import dbapi

from benchmarks.measured import measured
from benchmarks.proofs.data.postgres import LEADS, fill_interactions
from benchmarks.proofs.line import Check, at_least, below, equal
from benchmarks.proofs.workshop import Workshop
from tests.postgres import server

MILLIONS, LIMIT = 5, 1_000_000_000

# The ids that the interactions have; leads come over fourteen months, the first before the first interaction.
CRM = f"""
create unlogged table leads as select
  (case when i % 2 = 0 then 100000000000000000 else 9007199254740993000 end + i)::text as lead_id,
  timestamptz '2025-02-28 00:00:00Z' + i * interval '180 seconds' as created_at,
  (array['FR', 'DE', 'ES', 'IT'])[1 + i * 7 % 4] as country,
  (i * 13 % 500)::double precision as employees
from generate_series(0::bigint, {LEADS - 1}) as series(i);
create unlogged table deals as select
  lead_id, created_at + interval '50 days' + abs(hashtext(lead_id)) / 2 % 40 * interval '1 day' as closed_at,
  case when abs(hashtext(lead_id)) / 100 % 3 = 0 then 'won' else 'lost' end as stage
from leads where hashtext(lead_id) % 2 = 0
"""

WORKSPACE = """\
name: large
data_until: 2026-06-30T00:00:00Z
sources:
  leads:
    from: {url: env:CRM_URL, table: leads}
    id: lead_id
    created_at: created_at
    attributes: [country, employees]
  interactions:
    - from: {url: env:CRM_URL, table: interactions}
      entity_id: lead_id
      id: id
      at: occurred_at
      kind: kind
      flow: {outbound: [call, email_sent], inbound: [email_reply, demo_request, quote_request]}
      numbers: [duration]
      texts: [page]
  deals:
    from: {url: env:CRM_URL, table: deals}
    lead_id: lead_id
    closed_at: closed_at
    outcome: stage
goal: {horizon: 30d}
observe: {ages: [30d]}
criteria:
  - name: country
    attribute: country
  - name: calls
    family: engagement
    when: {kind: call}
    measures: [count 30d, total duration, days_since_last]
  - name: demo_requests
    when: {kind: demo_request}
    measures: [count 7d, count]
  - name: first_pages
    when: {kind: page_view, page: "/page/1*"}
    measures: [count 30d]
"""


def memory(workshop: Workshop) -> list[Check]:
    """`leadlight check` and `leadlight features` as processes, on an own server."""
    folder = workshop.folder / "memory"
    folder.mkdir(parents=True)
    (folder / "leadlight.yaml").write_text(WORKSPACE, encoding="utf-8")
    with server() as url:
        rows = fill_interactions(url, workshop.count(MILLIONS * 10, 2) / 10)
        with dbapi.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
            for statement in CRM.split(";\n"):
                cursor.execute(statement)
        checked, built = (
            measured("leadlight", command, "--json", cwd=folder, env={"CRM_URL": url})
            for command in ("check", "features")
        )
    tables = checked.said["tables"]
    assert isinstance(tables, dict)
    used = {name: [table["used"], table["rows"]] for name, table in tables.items()}
    return [
        equal("interactions, all of them accounted for", tables["interactions"]["rows"], rows),
        Check("used, of rows", used, "said", True),
        equal("check finds no error", checked.said["ok"], True),
        below("check: peak memory, bytes", checked.peak, LIMIT),
        below("features: peak memory, bytes", built.peak, LIMIT),
        Check("check, features: seconds", [round(checked.seconds, 1), round(built.seconds, 1)], "said", True),
        at_least("observations", float(str(built.said["observations"])), 1),
    ]

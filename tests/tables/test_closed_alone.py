"""An export without its open leads is told: the newest of it are those that closed quickly."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.definitions.workspace import load_workspace
from pipeline.tables.findings import Finding, find
from pipeline.tables.sources import read_history

WORKSPACE = """
name: small
data_until: 2026-06-30
sources:
  leads: {from: leads.csv, id: id, created_at: created}
  deals: {from: leads.csv, lead_id: id, closed_at: closed, outcome: outcome, won: ["yes"], lost: ["no"]}
"""


def found(folder: Path, closed: list[str], day: str = "2026-06-15") -> list[Finding]:
    rows = [f"L{row},{day},{at},{'yes' if row % 3 else 'no'}" for row, at in enumerate(closed)]
    rows = [row.removesuffix("yes").removesuffix("no") if ",," in row else row for row in rows]
    (folder / "leads.csv").write_text("\n".join(["id,created,closed,outcome", *rows, ""]))
    (folder / "leadlight.yaml").write_text(WORKSPACE)
    workspace = load_workspace(folder / "leadlight.yaml")
    return [finding for finding in find(workspace, *read_history(workspace)) if finding.code == "closed-alone"]


def test_young_leads_that_have_all_ended_are_a_warning_with_their_number(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, ["2026-06-20"] * 40)
    assert finding.severity == "warning"
    assert "All 40 leads created in the last 30 days" in finding.evidence
    assert "open leads" in finding.remedy


@pytest.mark.parametrize(
    ("closed", "day"),
    [
        (["2026-06-20"] * 39 + [""], "2026-06-15"),  # one is open
        (["2026-06-20"] * 20, "2026-06-15"),  # too few to tell
        (["2026-04-20"] * 40, "2026-03-15"),  # none is young
    ],
)
def test_nothing_is_said_where_a_lead_is_open_or_few_or_none_are_young(
    tmp_path: Path, closed: list[str], day: str
) -> None:
    assert found(tmp_path, closed, day) == []

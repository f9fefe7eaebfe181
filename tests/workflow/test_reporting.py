"""The report of workspaces that lack something: it is written, says what is missing, and draws no empty chart."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from pipeline.definitions.workspace import load_workspace
from pipeline.views.report.page import report_html
from pipeline.workflow.reporting import gather
from pipeline.workflow.train import train
from tests.workflow.test_fallback import few_deals

UNDATED = """\
name: calls
order: file
sources:
  leads: {from: leads.csv, id: id, attributes: [age, sector]}
  deals: {from: leads.csv, lead_id: id, outcome: status}
model: {trees: 10}
"""


def drawn(report: dict[str, Any]) -> tuple[str, int]:
    """The page without its program, and how many charts have a place and marks' data each."""
    html = report_html(report)
    places = re.findall(r'id="chart-(\d+)"', html)
    specs = json.loads(html.split('id="specs">')[1].split("</script>")[0])
    assert places == [str(number) for number in range(len(specs))]
    for spec in specs:
        sets = [spec.get("data"), *(layer.get("data") for layer in spec.get("layer", ()))]
        assert all(data["values"] for data in sets if data is not None)
        assert any(sets)
    return html.split("<script")[0], len(specs)


def test_a_base_rate_is_reported_as_one(tmp_path: Path) -> None:
    workspace = few_deals(tmp_path)
    train(workspace, tmp_path / "leadlight.yaml", workspace.data_until)
    report = gather(workspace, periods=1)
    page, _ = drawn(report)
    assert "The base rate serves alone" in page
    assert "Too few to judge" in page
    assert "gives every lead the same probability" in page
    assert report_html(gather(workspace, periods=1)) == report_html(report)


def test_a_scorecard_alone_has_criteria_and_leads(tmp_path: Path) -> None:
    workspace = few_deals(tmp_path, "scorecard: {country: {FR: 20}}\n")
    train(workspace, tmp_path / "leadlight.yaml", workspace.data_until)
    page, charts = drawn(gather(workspace, periods=0))
    assert "The scorecard serves alone" in page
    assert "The backtest was left out" in page
    assert charts >= 1


def test_rows_without_dates_and_without_spend_are_reported(tmp_path: Path) -> None:
    rows = [f"L{row},{row % 50},{'ab'[row % 2]},{'won' if (row * 7) % 50 > 30 else 'lost'}" for row in range(400)]
    (tmp_path / "leads.csv").write_text("\n".join(["id,age,sector,status", *rows]) + "\n")
    (tmp_path / "leadlight.yaml").write_text(UNDATED)
    workspace = load_workspace(tmp_path / "leadlight.yaml")
    train(workspace, tmp_path / "leadlight.yaml", 0)
    page, charts = drawn(gather(workspace, periods=2))
    assert "the newest rows of the file" in page
    assert "Channels cannot be told" in page
    assert charts >= 6
    assert not re.search(r"\b(?:None|nan|1970)\b", re.sub(r"<[^>]+>", " ", page.split("</style>")[1]))

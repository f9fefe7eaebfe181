"""Every workspace of docs/your-data.md fits the export it is written for, and a check accepts it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml

from pipeline.definitions.workspace import load_workspace
from pipeline.workflow.stages import check
from tests.exports import CRMS, Export

pytestmark = pytest.mark.xdist_group("exports")

DOCUMENT = (Path(__file__).parents[1] / "docs" / "your-data.md").read_text(encoding="utf-8")
WORKSPACES = {str(yaml.safe_load(block)["name"]): block for block in re.findall(r"(?ms)^```yaml\n(.*?)^```$", DOCUMENT)}
NAMES = {
    "hubspot": "HubSpot",
    "salesforce": "Salesforce",
    "dynamics": "Microsoft Dynamics 365 Sales",
    "pipedrive": "Pipedrive",
    "zoho": "Zoho CRM",
    "odoo": "Odoo",
}


def test_every_crm_has_its_section_and_its_workspace() -> None:
    assert list(WORKSPACES) == [crm.name for crm in CRMS] == list(NAMES)
    for name, block in WORKSPACES.items():
        assert block.startswith(f"# {NAMES[name]}\n")
        assert f"\n## {NAMES[name]}\n" in DOCUMENT


@pytest.mark.parametrize("crm", CRMS, ids=[crm.name for crm in CRMS])
def test_a_check_accepts_the_workspace_and_uses_the_export(
    crm: Export, exports: dict[str, Path], tmp_path: Path
) -> None:
    shutil.copytree(exports[crm.name], tmp_path, dirs_exist_ok=True)
    (tmp_path / "leadlight.yaml").write_text(WORKSPACES[crm.name], encoding="utf-8")
    result = check(load_workspace(tmp_path / "leadlight.yaml"))
    assert result["ok"], result["findings"]
    assert [finding for finding in result["findings"] if finding["severity"] == "error"] == []
    for name, table in result["tables"].items():
        assert table["used"] >= 0.9 * table["rows"] > 0, (name, table)
    read = dict.fromkeys(("won", "lost", "open"), 0)
    for outcome in result["outcomes"].values():
        read[outcome["read_as"]] += outcome["rows"]
    assert min(read["won"], read["lost"]) > 20
    assert read["open"] > 0


def test_the_document_is_narrow_enough_to_read() -> None:
    assert [line for line in DOCUMENT.splitlines() if len(line) > 125] == []

"""`init` on the exports of six CRMs and six odd ones: what it proposes, and that `check` accepts it unchanged."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.definitions.workspace import Workspace, WorkspaceError, load_workspace
from pipeline.proposal.propose import Proposed, propose
from pipeline.workflow.stages import check
from tests.exports import EXPORTS, Export

# Twelve proposals take a while: one worker makes them, and has all of these tests.
pytestmark = pytest.mark.xdist_group("exports")

BY_NAME = {export.name: export for export in EXPORTS}
PERSONAL = ("first name", "last name", "firstname", "lastname", "e-mail", "email", "phone", "nom", "contact person")


def proposed(export: Export, written: Path, folder: Path) -> tuple[Proposed, Path]:
    shutil.copytree(written, folder, dirs_exist_ok=True)
    output = folder / "leadlight.yaml"
    files = [str(folder / name) for name in export.arguments]
    return propose(files, output), output


@pytest.fixture(scope="module")
def written(exports: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Proposed, Path]]:
    """Every export with its proposal."""
    return {
        export.name: proposed(export, exports[export.name], tmp_path_factory.mktemp("proposed")) for export in EXPORTS
    }


def workspace(written: dict[str, tuple[Proposed, Path]], name: str) -> Workspace:
    return load_workspace(written[name][1])


@pytest.mark.parametrize("export", [e for e in EXPORTS if not e.wants], ids=lambda export: export.name)
def test_check_accepts_the_proposal_and_uses_the_rows(
    export: Export, written: dict[str, tuple[Proposed, Path]]
) -> None:
    result = check(workspace(written, export.name))
    assert result["ok"], result["findings"]
    for name, table in result["tables"].items():
        assert table["used"] >= 0.9 * table["rows"], (name, table)
    assert sum(reading["rows"] for reading in result["outcomes"].values() if reading["read_as"] == "won") > 40
    assert sum(reading["rows"] for reading in result["outcomes"].values() if reading["read_as"] == "lost") > 40


@pytest.mark.parametrize("export", [e for e in EXPORTS if e.wants], ids=lambda export: export.name)
def test_what_is_missing_is_named_in_the_file_and_by_check(
    export: Export, written: dict[str, tuple[Proposed, Path]]
) -> None:
    said, path = written[export.name]
    comments = [line for line in path.read_text(encoding="utf-8").splitlines() if line.lstrip().startswith("#")]
    assert said.missing
    assert all(any(word in comment for comment in comments) for word in export.wants)
    with pytest.raises(WorkspaceError, match="deals"):
        load_workspace(path)


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_what_belongs_to_a_person_is_no_attribute(name: str, written: dict[str, tuple[Proposed, Path]]) -> None:
    plain = yaml.safe_load(written[name][1].read_text(encoding="utf-8"))
    tables = [plain["sources"].get(table) for table in ("leads", "contacts", "accounts")]
    named = [column for table in tables if table for column in table.get("attributes", ())]
    assert named
    assert [column for column in named if column.lower() in PERSONAL or "mail" in column.lower()] == []


LATE = {
    "hubspot": {"Lead Status", "HubSpot Score", "Recent Deal Amount", "Number of Associated Deals"},
    "salesforce": {"Status", "Rating", "IsConverted"},
    "dynamics": {"Status", "Rating", "Lead Score"},
    "pipedrive": {"Deal - Probability", "Deal - Lost reason", "Person - Won deals"},
    "zoho": {"Lead Status", "Rating", "Visitor Score", "Is Converted"},
    "odoo": {"probability", "automated_probability", "lost_reason_id", "priority", "expected_revenue"},
}


@pytest.mark.parametrize("name", sorted(LATE))
def test_what_tells_the_future_is_excluded_with_its_reason(
    name: str, written: dict[str, tuple[Proposed, Path]]
) -> None:
    proposal = workspace(written, name)
    read = {*proposal.sources.leads.attributes}
    for table in (proposal.sources.contacts, proposal.sources.accounts):
        read |= {*(table.attributes if table is not None else ())}
    assert (LATE[name] & read) <= {*proposal.excluded_columns}
    assert all(item.why for item in proposal.exclude)


def sources(written: dict[str, tuple[Proposed, Path]], name: str) -> Any:
    return workspace(written, name).sources


def test_a_deal_that_only_its_lead_names_is_joined(written: dict[str, tuple[Proposed, Path]]) -> None:
    deals = sources(written, "salesforce").deals
    assert "ConvertedOpportunityId" in (deals.from_.sql or "")
    assert deals.won == ("Closed Won",) and deals.lost == ("Closed Lost",)


def test_activities_under_several_keys_reach_their_leads(written: dict[str, tuple[Proposed, Path]]) -> None:
    task = next(table for table in sources(written, "salesforce").interactions if "Task.csv" in (table.from_.sql or ""))
    assert all(key in (task.from_.sql or "") for key in ("ConvertedContactId", "WhoId"))


def test_an_address_joins_where_there_is_no_id(written: dict[str, tuple[Proposed, Path]]) -> None:
    forms = [t for t in sources(written, "hubspot").interactions if "form-submissions.csv" in (t.from_.sql or "")]
    assert len(forms) == 1 and "lower" in (forms[0].from_.sql or "")


def test_what_is_no_longer_active_is_lost_where_no_stage_says_so(written: dict[str, tuple[Proposed, Path]]) -> None:
    deals = sources(written, "odoo").deals
    assert "active" in (deals.from_.sql or "")
    assert deals.lost == ("lost",) and deals.won == ("Won",)


def test_a_deal_is_the_lead_where_there_is_no_other(written: dict[str, tuple[Proposed, Path]]) -> None:
    found = sources(written, "pipedrive")
    assert found.leads.from_ == found.deals.from_
    assert found.leads.id == "Deal - ID" and found.leads.entities == {"contact": "Person - ID"}


def test_two_formats_are_listed_and_doubted(written: dict[str, tuple[Proposed, Path]]) -> None:
    said, _ = written["two_date_formats"]
    assert set(sources(written, "two_date_formats").leads.created_at.format) == {"%Y-%m-%d", "%d/%m/%Y"}
    assert any("2 formats" in doubt for doubt in said.doubts)


def test_a_title_above_the_table_is_no_header(written: dict[str, tuple[Proposed, Path]]) -> None:
    assert {
        table.from_.header for table in (sources(written, "title_rows").leads, sources(written, "title_rows").deals)
    } == {3}


def test_calls_of_a_contact_stay_the_contacts(written: dict[str, tuple[Proposed, Path]]) -> None:
    found = sources(written, "float_ids")
    assert [table.entity for table in found.interactions] == ["contact", "lead"]
    assert found.leads.entities == {"contact": "contact_id"}


def test_criteria_are_written_out_and_job_titles_read_by_the_maps(written: dict[str, tuple[Proposed, Path]]) -> None:
    criteria = workspace(written, "hubspot").criteria
    assert criteria != "auto"
    assert {c.map for c in criteria if c.map} == {"job_function", "job_rank"}
    assert {c.family for c in criteria} >= {"engagement", "demographics", "acquisition"}


def test_the_export_ends_after_its_newest_fact_and_not_with_what_is_planned(
    written: dict[str, tuple[Proposed, Path]],
) -> None:
    for name, export in BY_NAME.items():
        if not export.wants:
            assert "2026-06-2" < str(workspace(written, name).data_until_text) <= "2026-07-02", name

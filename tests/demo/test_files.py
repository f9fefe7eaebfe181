"""The demo CRM's files: deterministic, dirty as listed, and read by its workspace."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline.definitions.workspace import load_workspace
from pipeline.demo import words, world
from pipeline.demo.simulate import WON
from pipeline.demo.workspace import demo_workspace
from pipeline.demo.write import FILES, PLANTED, write_demo
from pipeline.tables.sources import read_history
from tests.demo.company import LEADS, SEED, Demo

ROOT = Path(__file__).parents[2]


def test_the_same_seed_gives_the_same_files_and_another_seed_another_company(demo: Demo, tmp_path: Path) -> None:
    write_demo(tmp_path / "again", LEADS, SEED)
    write_demo(tmp_path / "other", LEADS, SEED + 1)
    for name in (*(f"{name}.parquet" for name in FILES), PLANTED):
        assert (tmp_path / "again" / name).read_bytes() == (demo.folder / name).read_bytes()
    assert (tmp_path / "other" / "leads.parquet").read_bytes() != (demo.folder / "leads.parquet").read_bytes()


def test_what_is_said_of_the_files_is_what_they_hold(demo: Demo) -> None:
    assert demo.said["rows"] == {name: pq.read_metadata(demo.folder / f"{name}.parquet").num_rows for name in FILES}
    assert demo.said["data_until"] == "2026-06-30T00:00:00Z"


def test_every_kind_of_lead_contact_and_account_is_there(demo: Demo) -> None:
    leads, deals = demo.table("leads"), demo.table("deals")
    assert {"closed_won", "closed_lost", "open"} == set(deals["deal_status"])
    assert len(set(leads["lead_id"])) > len(set(leads["contact_id"])) > len(set(leads["account_id"]))
    assert set(deals["lead_id"]) < set(leads["lead_id"])
    assert 0.05 < float((demo.simulated.outcome == WON).mean()) < 0.25
    won = [a for a, status in zip(deals["amount"], deals["deal_status"], strict=True) if status == "closed_won"]
    assert all(amount is not None and amount > 0 for amount in won)


def test_phones_are_of_the_ranges_for_fiction_and_addresses_of_the_domain_for_examples(demo: Demo) -> None:
    leads = demo.table("leads")
    assert {phone[:8] for phone in leads["phone"] if phone} <= set(words.PHONE_STARTS)
    assert all(address.endswith(".example") for address in leads["email"] if address)


def _counted(demo: Demo) -> dict[str, int]:
    """The planted dirt as found in the files, by its name: plain counts that know nothing of how it was planted."""
    leads, deals, facts = demo.table("leads"), demo.table("deals"), demo.table("interactions")
    events = [event for event in facts["event_id"] if event is not None]
    nameless = [row for row in zip(*facts.values(), strict=True) if row[0] is None]
    created = dict(zip(leads["lead_id"], leads["created_at"], strict=True))
    closes = list(zip(deals["lead_id"], deals["deal_status"], deals["closed_at"], strict=True))
    until = world.DATA_UNTIL // 1_000_000
    early = [
        (lead, at) for lead, status, at in closes
        if status != "open" and at is not None and created[lead] is not None and at < created[lead]
    ]  # fmt: skip
    return {
        "contract_announces_the_win": facts["type"].count("contract_sent"),
        "late_filled_column": LEADS - leads["budget_confirmed"][:LEADS].count(None),
        "grade_after_the_fact": LEADS - leads["rep_grade"][:LEADS].count(None),
        "won_without_a_date": sum(status == "closed_won" and at is None for _, status, at in closes),
        "closed_before_created": len(early),
        "two_outcomes": len(deals["deal_id"]) - len(set(deals["deal_id"])),
        "no_creation_time": leads["created_at"].count(None),
        "repeated_lead_id": len(leads["lead_id"]) - len(set(leads["lead_id"])),
        "created_in_the_future": sum(at is not None and at.timestamp() > until for at in leads["created_at"]),
        "repeated_event_id": len(events) - len(set(events)),
        "no_event_id": len(nameless),
        "exact_repeat_without_id": len(nameless) - len(set(map(str, nameless))),
        "after_data_until": sum(at.timestamp() > until for at in facts["occurred_at"]),
    }


def test_the_dirt_listed_is_the_dirt_found(demo: Demo) -> None:
    assert {name: item["rows"] for name, item in demo.planted.items()} == _counted(demo)


def test_every_planted_item_names_a_column_that_exists_and_says_how_and_why(demo: Demo) -> None:
    for item in demo.planted.values():
        assert item["column"] in demo.table(item["table"])
        assert item["how"]
        assert item["why"]
        assert item["rows"] > 0


def test_the_workspace_excludes_every_planted_leak_by_name_and_reason(demo: Demo) -> None:
    workspace = load_workspace(demo.folder.parents[1] / "leadlight.yaml")
    leaks = [item for item in demo.planted.values() if item["leak"]]
    columns = {item["column"] for item in leaks} - {"type"}
    assert columns == set(workspace.excluded_columns) == {"budget_confirmed", "rep_grade"}
    assert set(workspace.excluded_kinds) == {"contract_sent"}
    assert all(item.why for item in workspace.exclude)
    assert workspace.data_until == world.DATA_UNTIL


def test_the_workspace_at_the_root_is_the_demos() -> None:
    assert demo_workspace() == (ROOT / "leadlight.yaml").read_text(encoding="utf-8")


def test_the_account_of_rows_sets_aside_what_was_planted_and_no_more(demo: Demo) -> None:
    _, account = read_history(load_workspace(demo.folder.parents[1] / "leadlight.yaml"))
    rows = {name: item["rows"] for name, item in demo.planted.items()}
    assert account.tables["leads"].set_aside == {
        "repeated id": 2 * rows["repeated_lead_id"],
        "no creation time": rows["no_creation_time"],
        "after data_until": rows["created_in_the_future"],
        "outcome without a date": rows["won_without_a_date"],
        "closed before created": rows["closed_before_created"],
        "two outcomes": rows["two_outcomes"],
    }
    facts = account.tables["interactions"].set_aside
    assert set(facts) <= {"excluded kind", "lead set aside", "after data_until", "repeated id"}
    assert facts["after data_until"] <= rows["after_data_until"]
    assert facts["repeated id"] <= rows["repeated_event_id"]


def test_a_folder_that_holds_anything_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("a,b\n")
    with pytest.raises(ValueError, match=r"holds mine\.csv, which is no file of a demo CRM"):
        write_demo(tmp_path, LEADS)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.csv"]


def test_too_few_leads_for_a_company_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected 200 or more"):
        write_demo(tmp_path / "demo", 10)


def test_progress_is_told_to_the_last_day(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    write_demo(tmp_path / "demo", 200, progress=lambda *step: told.append(step))
    assert told[-1] == ("days", world.DAYS, world.DAYS)

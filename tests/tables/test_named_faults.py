"""What analysts do to files is answered by name and remedy; months that come first are never read as days."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.definitions.workspace import WorkspaceError, load_workspace
from pipeline.tables.asked import holds_values
from pipeline.tables.databases.addresses import Address
from pipeline.tables.sources import read_history
from tests.sound_inputs import sound


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_url_of_a_database_may_stand_in_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CRM_DB_URL", "sqlite:///crm.db")
    assert Address.of("env:CRM_DB_URL", tmp_path).database == "crm.db"


@pytest.mark.parametrize("value", [None, ""])
def test_a_variable_without_a_url_is_named(value: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CRM_DB_URL", raising=False)
    if value is not None:
        monkeypatch.setenv("CRM_DB_URL", value)
    with pytest.raises(WorkspaceError, match="environment variable CRM_DB_URL is not set"):
        Address.of("env:CRM_DB_URL", tmp_path)


@pytest.mark.parametrize(
    ("header", "values"),
    [
        (["lead_id", "E-Mail", "Phone 1", "2025", "Q1/2026", "1/2/3 star"], False),
        (["L1", "2026-01-05 09:00", "FR"], True),
        (["L1", "05.01.2026"], True),
        (["L1", "5/1/26", "FR"], True),
        (["L1", "jane@example.com"], True),
        (["L1", "0033 6 39 98 12 34"], True),
    ],
)
def test_a_row_of_values_is_told_from_a_header(header: list[str], values: bool) -> None:
    assert holds_values(header) is values


def test_interactions_of_contacts_need_the_leads_contacts(tmp_path: Path) -> None:
    sound(tmp_path)
    edit(tmp_path / "leadlight.yaml", "{contact: contact_id, account: account_id}", "{account: account_id}")
    with pytest.raises(
        WorkspaceError, match=r"line 30: sources\.interactions\[1\]\.entity is 'contact': sources\.leads"
    ):
        load_workspace(tmp_path / "leadlight.yaml")


@pytest.mark.parametrize("written", ["02/13/2026", "2-13-2026", "02.13.2026 10:00"])
def test_a_month_in_the_place_of_the_day_is_refused_and_not_turned_round(written: str, tmp_path: Path) -> None:
    sound(tmp_path)
    edit(tmp_path / "visits.csv", "K2;09/01/2026", f"K2;{written}")
    with pytest.raises(WorkspaceError, match=rf"visits\.csv\), column day, row 2 \(line 3\): '{written}' is no time"):
        read_history(load_workspace(tmp_path / "leadlight.yaml"))

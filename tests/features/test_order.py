"""Data without dates: the order of its rows, or the leads' creation alone, stands for time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.definitions.workspace import Workspace, WorkspaceError, load_workspace
from pipeline.definitions.zones import iso
from pipeline.features.training_set import TrainingSet, build_training_set
from pipeline.tables.account import Account
from pipeline.tables.columns import History
from pipeline.tables.sources import read_history

ROWS = 120
COUNTRIES = ("FR", "DE", "NO")

FILE = """\
name: rows
order: file
sources:
  leads: {from: leads.csv, id: id, attributes: [country, size]}
  deals: {from: leads.csv, lead_id: id, outcome: status}
"""
DATED = """\
name: dated
timezone: Europe/Paris
data_until: 2026-06-30
order: created_at
sources:
  leads: {from: leads.csv, id: id, created_at: created, attributes: [country, size]}
  deals: {from: leads.csv, lead_id: id, outcome: status}
"""


def rows() -> list[list[str]]:
    """id, created, country, size, status; every tenth has no outcome."""
    draw = np.random.default_rng(3)
    return [
        [
            f"L{number}",
            f"2026-0{1 + number // 30}-{1 + number % 28:02d} 10:00",
            str(draw.choice(COUNTRIES)),
            str(draw.integers(1, 500)),
            "" if number % 10 == 9 else str(draw.choice(["won", "lost"])),
        ]
        for number in range(ROWS)
    ]


def build(
    folder: Path, text: str = FILE, lines: list[list[str]] | None = None
) -> tuple[Workspace, History, Account, TrainingSet]:
    table = [["id", "created", "country", "size", "status"], *(lines or rows())]
    (folder / "leads.csv").write_text("".join(",".join(line) + "\n" for line in table))
    (folder / "leadlight.yaml").write_text(text)
    workspace = load_workspace(folder / "leadlight.yaml")
    history, account = read_history(workspace)
    build_training_set(history, workspace, folder / "training")
    return workspace, history, account, TrainingSet.load(folder / "training")


def by_lead(found: TrainingSet) -> dict[str, tuple[list[float], int]]:
    labels, leads = found.label.tolist(), found.lead_id.values()
    return {
        str(lead): (row, label)
        for lead, row, label in zip(leads, np.nan_to_num(found.X, nan=-1).tolist(), labels, strict=True)
    }


@pytest.mark.parametrize("text", [FILE, DATED])
def test_every_lead_is_looked_at_once_and_labelled_by_its_outcome(tmp_path: Path, text: str) -> None:
    _, _, account, found = build(tmp_path, text)
    assert len(found.cutoff) == ROWS
    assert account.tables["leads"].used == ROWS
    said = {line[0]: {"won": 1, "lost": 0, "": -1}[line[4]] for line in rows()}
    assert {lead: label for lead, (_, label) in by_lead(found).items()} == said


@pytest.mark.parametrize("text", [FILE, DATED])
def test_a_lead_without_an_outcome_is_unknown_and_left_out_of_training_and_test(tmp_path: Path, text: str) -> None:
    _, _, _, found = build(tmp_path, text)
    unknown = found.label < 0
    assert unknown.sum() == ROWS // 10
    assert not (found.mature & unknown).any()
    assert not ((found.training | found.test) & unknown).any()
    assert (found.training | found.test).sum() == ROWS - ROWS // 10


def test_rows_in_order_are_a_microsecond_apart_and_looked_at_before_anything_is_known(tmp_path: Path) -> None:
    _, history, _, found = build(tmp_path)
    assert found.lead_id.values() == [line[0] for line in rows()]
    assert np.diff(history.leads.created_at).tolist() == [1] * (ROWS - 1)
    assert (found.cutoff == found.created_at + 1).all()
    assert found.cutoff.max() < history.deals.closed_at[history.deals.outcome > 0].min()


def test_a_dated_lead_is_looked_at_when_it_came(tmp_path: Path) -> None:
    _, history, _, found = build(tmp_path, DATED)
    assert iso(int(found.created_at[0])) == "2026-01-01T09:00:00Z"
    assert (found.cutoff == found.created_at + 1).all()
    assert (history.deals.closed_at[history.deals.outcome > 0] > found.cutoff.max()).all()


@pytest.mark.parametrize(("text", "timing"), [(FILE, []), (DATED, ["created_weekday", "created_hour"])])
def test_only_the_timing_that_is_known_is_a_criterion(tmp_path: Path, text: str, timing: list[str]) -> None:
    workspace, _, _, found = build(tmp_path, text)
    assert [c.built_in for c in found.definition.criteria if c.built_in] == timing
    assert {c.attribute for c in found.definition.criteria if c.attribute} == {"country", "size"}
    assert workspace.horizon is None
    assert found.definition.horizon is None


@pytest.mark.parametrize("text", [FILE, DATED])
def test_no_lead_sees_how_another_one_ended(tmp_path: Path, text: str) -> None:
    """Leads of one account: the other's deal would be a fact of the account if it were known."""
    lines = rows()
    shared = text.replace("attributes: [country, size]", "attributes: [size], entities: {account: country}")
    before = by_lead(build(tmp_path, shared, lines)[3])
    ends = {"won": "lost", "lost": "won", "": ""}
    after = by_lead(build(tmp_path, shared, [[*line[:4], ends[line[4]]] for line in lines])[3])
    assert {lead: row for lead, (row, _) in after.items()} == {lead: row for lead, (row, _) in before.items()}
    assert all(after[lead][1] == 1 - label for lead, (_, label) in before.items() if label >= 0)


@pytest.mark.parametrize(("text", "later"), [(FILE, range(90, 120)), (DATED, range(90, 120))])
def test_the_test_is_the_newest_share_in_order(tmp_path: Path, text: str, later: range) -> None:
    _, _, _, found = build(tmp_path, text + "test: {share: 0.25}\n")
    tested = {lead for lead, here in zip(found.lead_id.values(), found.test.tolist(), strict=True) if here}
    known = [line for line in rows() if line[4]]
    order = known if text == FILE else sorted(known, key=lambda line: line[1])
    assert tested == {line[0] for line in order[-len(tested) :]}
    assert 0.25 * len(known) <= len(tested) <= 0.25 * len(known) + 3
    assert found.cutoff[found.training].max() < found.cutoff[found.test].min()


@pytest.mark.parametrize("text", [FILE, DATED])
def test_what_comes_later_changes_nothing_of_what_came_earlier(tmp_path: Path, text: str) -> None:
    lines = rows()
    before = by_lead(build(tmp_path, text, lines)[3])
    turned = [*lines[:110], *([*line[:2], "XX", "9", "won"] for line in lines[:109:-1])]
    after = by_lead(build(tmp_path, text, turned)[3])
    assert all(after[f"L{number}"] == before[f"L{number}"] for number in range(110))


def test_leads_without_ids_are_called_by_their_rows(tmp_path: Path) -> None:
    text = FILE.replace(" id: id,", "").replace(" lead_id: id,", "")
    _, history, _, found = build(tmp_path, text)
    assert found.lead_id.values() == [str(number) for number in range(1, ROWS + 1)]
    said = build(tmp_path)[3]
    assert np.array_equal(found.X, said.X, equal_nan=True)
    assert found.label.tolist() == said.label.tolist()
    assert history.deals.lead_id.values() == found.lead_id.values()


def test_a_lead_that_came_when_the_export_was_taken_is_no_fault_of_its_outcome(tmp_path: Path) -> None:
    lines = rows()
    lines[5][1], lines[6][1] = "2026-06-30 00:00", "2026-06-30 00:00:01"
    _, _, account, _ = build(tmp_path, DATED, lines)
    assert "closed before created" not in account.tables["leads"].set_aside
    assert account.leads["L6"] == "after data_until"


INTERACTIONS = "  interactions: {from: f.csv, entity_id: id, at: at, kind: kind}\n"
WITH_COLUMN = "outcome: status, {}: day"


@pytest.mark.parametrize(
    ("text", "old", "new", "line", "said"),
    [
        (FILE, "outcome: status}", f"outcome: status}}\n{INTERACTIONS}", 6, "sources.interactions: needs dates"),
        (DATED, "outcome: status}", f"outcome: status}}\n{INTERACTIONS}", 8, "sources.interactions: needs dates"),
        (FILE, "outcome: status}", "outcome: status}\n  changes: {from: c.csv}", 6, "sources.changes: needs dates"),
        (FILE, "outcome: status", WITH_COLUMN.format("closed_at"), 5, "sources.deals.closed_at is 'day': needs dates"),
        (DATED, "outcome: status", WITH_COLUMN.format("closed_at"), 7, "sources.deals.closed_at is 'day': needs dates"),
        (DATED, "outcome: status", WITH_COLUMN.format("known_at"), 7, "sources.deals.known_at is 'day': needs dates"),
        (DATED, "outcome: status", WITH_COLUMN.format("opened_at"), 7, "sources.deals.opened_at is 'day': needs dates"),
        (FILE, "outcome: status", WITH_COLUMN.format("reopened_at"), 5, "reopened_at is 'day': needs dates"),
        (FILE, "id: id, a", "id: id, created_at: day, a", 4, "created_at is replaced by the rows' order: take it out"),
        (DATED, " created_at: created,", "", 6, "created_at is missing"),
        (DATED, "data_until: 2026-06-30\n", "", 1, "data_until is missing; it is required"),
        (FILE, "sources:", "test: {from: 2026-01-01}\nsources:", 3, "test.from is '2026-01-01': needs dates"),
        (FILE, "sources:", "observe: {ages: [0d, 1d]}\nsources:", 3, "leaves one moment to look at a lead: {ages: "),
        (DATED, "sources:", "observe: {every: 7d, until: 9d}\nsources:", 5, "leaves one moment to look at a lead"),
        (FILE, "sources:", "criteria: [{name: a, measures: [count]}]\nsources:", 3, "measures of facts need dates"),
        (FILE, "sources:", "criteria: [{name: a, built_in: age}]\nsources:", 3, "criteria"),
        (FILE, "outcome: status}", "outcome: status}\n  spend: {from: s, at: d, channel: c, amount: a}", 6, "spend"),
        (FILE, "lead_id: id, ", "", 5, "name the ids of leads in both tables, or in none"),
        (FILE, "from: leads.csv, id: id,", "from: other.csv,", 4, "id is missing; it is required: name the column"),
        (DATED, " id: id,", "", 6, "id is missing; it is required: name the column"),
        (FILE, "order: file", "order: rows", 2, "order is 'rows': expected 'file' or 'created_at'"),
        (FILE, "order: file\n", "", 1, "data_until is missing; it is required"),
    ],
)  # fmt: skip
def test_what_only_dates_can_answer_is_refused(
    tmp_path: Path, text: str, old: str, new: str, line: int, said: str
) -> None:
    assert old in text
    (tmp_path / "leadlight.yaml").write_text(text.replace(old, new, 1))
    with pytest.raises(WorkspaceError) as caught:
        load_workspace(tmp_path / "leadlight.yaml")
    assert f"line {line}: " in str(caught.value), str(caught.value)
    assert said in str(caught.value), str(caught.value)


def test_one_moment_may_be_said(tmp_path: Path) -> None:
    assert len(build(tmp_path, FILE + "observe: {ages: [0d]}\n")[3].cutoff) == ROWS

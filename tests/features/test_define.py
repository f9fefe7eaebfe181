"""What a model's inputs are, from exports whose columns and kinds have odd names."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.definitions.workspace import Workspace, WorkspaceError, load_workspace
from pipeline.features.define import define
from pipeline.features.matrix import Definition
from pipeline.features.observations import observe
from pipeline.tables.sources import read_history

WORKSPACE = """\
name: odd
data_until: 2026-06-30
sources:
  leads: {from: leads.csv, id: id, created_at: created, attributes: [age]}
  interactions: {from: facts.csv, entity_id: id, at: at, kind: kind, numbers: [call duration, call_duration]}
  deals: {from: deals.csv, lead_id: id, closed_at: closed, outcome: {value: won}}
"""
FACTS = """\
id,at,kind,call duration,call_duration
L1,2026-01-03,age,5,1
L1,2026-01-04,call out,7,
"""


def odd(folder: Path, more: str = "") -> Definition:
    (folder / "leads.csv").write_text("id,created,age\nL1,2026-01-02,30\n")
    (folder / "facts.csv").write_text(FACTS)
    (folder / "deals.csv").write_text("id,closed\nL1,2026-03-01\n")
    (folder / "leadlight.yaml").write_text(WORKSPACE + more)
    workspace: Workspace = load_workspace(folder / "leadlight.yaml")
    history, _ = read_history(workspace)
    rows = observe(history, workspace.observe, workspace.horizon)
    return define(history, workspace, rows.lead, rows.cutoff)


def test_numbers_whose_names_hold_blanks_are_measured_and_kept(tmp_path: Path) -> None:
    definition = odd(tmp_path)
    assert {"call_out.mean_call duration", "age_2.mean_call_duration"} <= set(definition.columns)
    assert Definition.from_json(definition.to_json()).columns == definition.columns


def test_every_criterion_has_a_name_of_its_own(tmp_path: Path) -> None:
    names = [criterion.name for criterion in odd(tmp_path).criteria]
    assert len(set(names)) == len(names)


def test_an_excluded_column_takes_no_kind_of_its_name_with_it(tmp_path: Path) -> None:
    criteria = odd(tmp_path, "exclude: [{column: age}]\n").criteria
    assert [criterion.when for criterion in criteria if "age" in criterion.name][:1] == [(("kind", ("age",)),)]
    assert "age" not in [criterion.built_in for criterion in criteria]


def test_a_workspace_that_excludes_everything_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="none is left to learn from"):
        odd(tmp_path, "exclude: [age, created_weekday, created_hour, call out]\n")

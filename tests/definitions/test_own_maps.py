"""Maps of a workspace's own: their rules, beside and before those that ship, kept with the model."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.definitions.maps import apply_map, shipped_map
from pipeline.definitions.workspace import Workspace, WorkspaceError, load_workspace
from pipeline.features.define import define
from pipeline.features.matrix import Definition
from pipeline.features.measures import measure_all
from pipeline.features.observations import observe
from pipeline.tables.columns import Texts
from pipeline.tables.sources import read_history

WORKSPACE = """\
name: acme
data_until: 2026-06-30
sources:
  leads: {from: leads.csv, id: id, created_at: created, attributes: [title]}
  deals: {from: deals.csv, lead_id: id, closed_at: closed, outcome: {value: won}}
"""
OWN = """\
map:
  trade:
    - {value: roofer, patterns: ["*roof*", "*couvreur*"]}
    - {value: any roof, patterns: "roof*"}
    - {value: 7, patterns: [seven, 8]}
"""
CRITERION = "criteria:\n  - {{name: title, attribute: title, map: {}}}\n"
TITLES = ("Roofer", "Maître COUVREUR", "Roof", "seven", "8", "Pilot", "")


def read(folder: Path, more: str) -> Workspace:
    (folder / "leadlight.yaml").write_text(WORKSPACE + more, encoding="utf-8")
    return load_workspace(folder / "leadlight.yaml")


def defined(folder: Path, more: str) -> tuple[Definition, list[str | None]]:
    """The definition, and what it makes of the titles."""
    lines = "".join(f'L{row},2026-01-05,"{title}"\n' for row, title in enumerate(TITLES))
    (folder / "leads.csv").write_text(f"id,created,title\n{lines}", encoding="utf-8")
    (folder / "deals.csv").write_text("id,closed\nL0,2026-03-01\n")
    workspace = read(folder, more)
    history, _ = read_history(workspace)
    rows = observe(history, workspace.observed, workspace.horizon)
    definition = define(history, workspace, rows.lead, rows.cutoff)
    column = measure_all(history, rows.lead, rows.cutoff, definition)["title"]
    assert isinstance(column, Texts)
    found = dict(zip(rows.lead.tolist(), column.values(), strict=True))
    return definition, [found[row] for row in range(len(TITLES))]


def test_the_first_own_rule_that_matches_gives_the_value(tmp_path: Path) -> None:
    _, found = defined(tmp_path, OWN + CRITERION.format("trade"))
    assert found == ["roofer", "roofer", "roofer", "7", "7", "other", None]


def test_own_rules_stand_before_those_that_ship_under_the_same_name(tmp_path: Path) -> None:
    own = "map: {job_function: [{value: roof, patterns: ['*roof*']}, {value: student, patterns: ['*buyer*']}]}\n"
    workspace = read(tmp_path, own)
    titles = ["Roof buyer", "Buyer", "Purchasing manager", "Pilot"]
    assert apply_map(workspace.rules("job_function"), titles)[:3] == ["roof", "student", "purchasing"]
    assert workspace.rules("job_rank") == shipped_map("job_rank")
    definition, found = defined(tmp_path, own + CRITERION.format("job_function"))
    assert found[0] == "roof"
    assert definition.maps["job_function"] == workspace.rules("job_function")


def test_a_map_that_nobody_uses_is_not_kept(tmp_path: Path) -> None:
    definition, _ = defined(tmp_path, OWN + CRITERION.format("job_rank"))
    assert list(definition.maps) == ["job_rank"]


def test_a_definition_keeps_the_rules_it_was_made_with(tmp_path: Path) -> None:
    definition, _ = defined(tmp_path, OWN + CRITERION.format("trade"))
    again = Definition.from_json(definition.to_json())
    assert again.maps == definition.maps == {"trade": read(tmp_path, OWN).rules("trade")}
    assert again.fingerprint == definition.fingerprint
    other, _ = defined(tmp_path, OWN.replace("couvreur", "zinc") + CRITERION.format("trade"))
    assert other.fingerprint != definition.fingerprint


def test_an_unknown_map_is_answered_with_own_and_shipped_ones(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError) as caught:
        read(tmp_path, OWN + CRITERION.format("trades"))
    said = str(caught.value)
    assert "line 12: criteria[0].map is 'trades'" in said
    assert all(name in said for name in ("trade,", "job_function", "job_rank", "`map`"))


SHAPE = "expected a list of {value: ..., patterns: [...]}"


@pytest.mark.parametrize(
    ("written", "line", "said"),
    [
        ("map: [trade]", 6, "map: expected names and their rules, as in {my_map: "),
        ("map:", 6, "map: expected names and their rules"),
        ("map:\n  trade: roofer", 7, f"map.trade is 'roofer': {SHAPE}"),
        ("map:\n  trade:", 7, f"map.trade: {SHAPE}"),
        ("map:\n  trade: {value: roofer, patterns: [a]}", 7, f"map.trade: {SHAPE}"),
        ("map:\n  good: [{value: a, patterns: [b]}]\n  trade: [{value: roofer}]", 8, f"map.trade: {SHAPE}"),
        ("map:\n  trade: [{patterns: [a]}]", 7, f"map.trade: {SHAPE}"),
        ("map:\n  trade: [roofer]", 7, f"map.trade: {SHAPE}"),
        ("map:\n  trade: []", 7, f"map.trade: {SHAPE}"),
        ("map:\n  trade: [{value: a, patterns: []}]", 7, f"map.trade: {SHAPE}"),
        ("map:\n  trade: [{value: a, patterns: {b: c}}]", 7, f"map.trade: {SHAPE}"),
        ("map:\n  trade: [{value: a, patterns: [[b]]}]", 7, f"map.trade: {SHAPE}"),
        ("map:\n  trade: [{value: a, patterns: [null]}]", 7, f"map.trade: {SHAPE}"),
        ("map:\n  trade: [{value: null, patterns: [b]}]", 7, f"map.trade: {SHAPE}"),
        ("map:\n  trade: [{value: a, patterns: [b], pattern: c}]", 7, f"map.trade: {SHAPE}"),
    ],
)
def test_rules_of_a_wrong_shape_are_refused_with_their_line(tmp_path: Path, written: str, line: int, said: str) -> None:
    with pytest.raises(WorkspaceError) as caught:
        read(tmp_path, written + "\n")
    assert f"line {line}: " in str(caught.value)
    assert said in str(caught.value)


def test_a_map_of_a_wrong_shape_is_not_refused_a_second_time_where_it_is_used(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError) as caught:
        read(tmp_path, "map:\n  trade: [{value: a}]\n" + CRITERION.format("trade"))
    assert len(str(caught.value).splitlines()) == 1

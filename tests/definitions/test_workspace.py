"""The workspace file: what it means, and what a wrong one is answered with."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.definitions.workspace import Workspace, WorkspaceError, load_workspace
from pipeline.definitions.zones import iso

WORKSPACE = """\
name: acme
timezone: Europe/Paris
data_until: 2026-06-30
sources:
  leads:
    from: leads.csv
    id: lead_id
    created_at: {column: created_at, precision: day}
    attributes: [country]
    entities: {contact: contact_id}
  interactions:
    - from: interactions.csv
      entity_id: lead_id
      at: occurred_at
      kind: type
      flow: {outbound: [call], inbound: [reply]}
  deals:
    from: deals.csv
    lead_id: lead_id
    closed_at: closed_at
    outcome: status
    won: [NO, 1]
exclude: [owner, {kind: contract_sent, why: "sent when won"}]
criteria:
  - name: demos
    when: {kind: demo_request}
    measures: [count 7d, days_since_last]
"""


def read(folder: Path, text: str) -> Workspace:
    path = folder / "leadlight.yaml"
    path.write_text(text, encoding="utf-8")
    return load_workspace(path)


def test_a_date_means_its_local_start(tmp_path: Path) -> None:
    assert iso(read(tmp_path, WORKSPACE).data_until) == "2026-06-29T22:00:00Z"


def test_texts_stay_texts(tmp_path: Path) -> None:
    assert read(tmp_path, WORKSPACE).sources.deals.won == ("NO", "1")


def test_defaults_are_those_of_the_design(tmp_path: Path) -> None:
    workspace = read(tmp_path, WORKSPACE)
    day = 86_400_000_000
    assert workspace.horizon == 30 * day
    assert (workspace.observe.every, workspace.observe.until) == (7 * day, 180 * day)
    assert workspace.test.share == 0.2
    model = workspace.model
    assert (model.trees, model.leaves, model.depth, model.learning_rate, model.seed) == ("auto", 15, 2, 0.05, 7)


def test_a_plain_exclusion_is_a_column_and_a_kind(tmp_path: Path) -> None:
    workspace = read(tmp_path, WORKSPACE)
    assert workspace.excluded_kinds == ("contract_sent", "owner")
    assert workspace.excluded_columns == ("owner",)


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    workspace = read(tmp_path, WORKSPACE)
    with pytest.raises(ValueError, match="frozen"):
        workspace.name = "other"


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("timezone: Europe/Paris", "timezone: Europe/Pari", 2, ("timezone", "'Europe/Pari'", "IANA")),
        ("data_until: 2026-06-30", "data_until: 30.06.2026", 3, ("data_until", "'30.06.2026'", "ISO 8601")),
        ("count 7d", "coutn 7d", 25, ("criteria[0]", "'coutn'", "count")),
        ("lead_id: lead_id", "lead: lead_id", 19, ("sources.deals.lead", "did you mean lead_id")),
        ("kind: type", "kind: {a: b}", 15, ("sources.interactions[0].kind.a", "column, prefix, value")),
        ("exclude:", "modl: 1\nexclude:", 23, ("modl", "did you mean model")),
        ("exclude:", "goal: {horizon: 30}\nexclude:", 23, ("goal.horizon", "30", "7d")),
        ("exclude:", "goal: {horizon: 0d}\nexclude:", 23, ("goal.horizon", "0d", "more than nothing")),
        ("exclude:", "observe: {every: 12h, until: 3d}\nexclude:", 23, ("observe.every", "12h", "whole days")),
        ("exclude:", "observe: {every: 7d}\nexclude:", 23, ("observe", "until")),
        ("exclude:", "model: {trees: 0}\nexclude:", 23, ("model.trees", "0", "auto")),
        ("exclude:", "test: {share: 2}\nexclude:", 23, ("test.share", "2", "less than 1")),
        ("exclude:", "test: {from: soon}\nexclude:", 23, ("test.from", "soon", "ISO 8601")),
        ("exclude:", "name: b\nexclude:", 23, ("name", "stands twice", "line 1")),
        ("  deals:\n", "  dealz:\n", 17, ("sources.dealz", "did you mean deals")),
        ("    when: {kind: demo_request}", "    map: nothing", 26, ("criteria[0].map", "job_function")),
        ("exclude:", "actions: call\nexclude:", 23, ("actions", "'call'", "expected a list")),
        ("exclude:", "audiences: [big]\nexclude:", 23, ("audiences", "expected keys and their values")),
        ("exclude:", "gates: {sign_off: maybe}\nexclude:", 23, ("gates.sign_off", "'maybe'", "expected true or false")),
        ("[country", "[country: [", 10, ("not readable as YAML",)),
    ],
)
def test_a_wrong_file_is_answered_with_line_key_and_what_was_expected(
    tmp_path: Path, old: str, new: str, line: int, said: tuple[str, ...]
) -> None:
    assert old in WORKSPACE
    with pytest.raises(WorkspaceError) as caught:
        read(tmp_path, WORKSPACE.replace(old, new, 1))
    sentence = str(caught.value)
    assert f"line {line}:" in sentence
    assert all(part in sentence for part in said), sentence


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="leadlight demo"):
        load_workspace(tmp_path / "leadlight.yaml")


def test_two_criteria_of_one_name_are_refused(tmp_path: Path) -> None:
    again = "  - name: demos\n    attribute: country\n"
    with pytest.raises(WorkspaceError, match="name of its own"):
        read(tmp_path, WORKSPACE + again)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("scorecard: {demo: 3}", "scorecard.demo is 3: no criterion has this name; did you mean demos?"),
        ("scorecard: {demos: many}", "scorecard: demos: 'many' is no number of points"),
        ("scorecard: 3", "scorecard is 3: expected criteria and their points"),
        ("monotone: {demo: up}", "no criterion has this name; did you mean demos?"),
        ("monotone: {demos: more}", "monotone.demos is 'more': expected 'up' or 'down'"),
        ("monotone: {place: up}", "its values are words, which have no order"),
    ],
)
def test_points_and_directions_that_name_nothing_are_refused_with_their_line(
    tmp_path: Path, settings: str, said: str
) -> None:
    text = f"{WORKSPACE}  - {{name: place, attribute: country, values: categorical}}\n{settings}\n"
    with pytest.raises(WorkspaceError) as caught:
        read(tmp_path, text)
    assert said in str(caught.value)
    assert f"leadlight.yaml, line {len(text.splitlines())}:" in str(caught.value)

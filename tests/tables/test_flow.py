"""Which way a fact went: by a column, by a column whose values are listed, by its kind."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from pipeline.definitions.workspace import WorkspaceError, load_workspace
from pipeline.tables.columns import FLOWS
from pipeline.tables.sources import read_history

WORKSPACE = """\
name: flows
data_until: 2026-06-30
sources:
  leads: {from: leads.csv, id: id, created_at: created}
  interactions:
    - from: facts.csv
      entity_id: id
      at: at
      kind: {column: kind, prefix: web_}
      flow: FLOW
  deals: {from: deals.csv, lead_id: id, closed_at: closed, outcome: status}
"""
NAMES = {code: name for name, code in FLOWS.items()}


def flows(folder: Path, flow: str, column: list[str | None], kinds: list[str | None] | None = None) -> list[str | None]:
    (folder / "leads.csv").write_text("id,created\nL1,2026-01-05\n")
    (folder / "deals.csv").write_text("id,closed,status\n")
    size = len(column)
    facts = {"id": ["L1"] * size, "at": ["2026-01-06"] * size, "kind": kinds or ["call"] * size, "way": column}
    pd.DataFrame(facts).to_csv(folder / "facts.csv", index=False)
    (folder / "leadlight.yaml").write_text(WORKSPACE.replace("FLOW", flow))
    history, _ = read_history(load_workspace(folder / "leadlight.yaml"))
    return [NAMES[code] for code in history.interactions[0].flow.tolist()]


def test_a_column_says_the_flow(tmp_path: Path) -> None:
    values = ["inbound", " outbound ", None, "#N/A", "inbound"]
    expected = ["inbound", "outbound", None, None, "inbound"]
    for written in ("way", "{column: way}"):
        assert flows(tmp_path, written, values) == expected


def test_a_word_that_is_no_flow_is_named_where_no_values_are_listed(tmp_path: Path) -> None:
    with pytest.raises(
        WorkspaceError, match=r"interactions \(facts.csv\), column way, row 2 \(line 3\): 'Sent' is no flow"
    ):
        flows(tmp_path, "way", ["inbound", "Sent", "Sent"])


def test_listed_values_of_a_column_say_the_flow_and_the_others_move_nobody(tmp_path: Path) -> None:
    flow = "{column: way, outbound: [Sent, 1], inbound: Received}"
    values = ["Sent", "Received", "1", "Draft", None, " Sent", "sent"]
    assert flows(tmp_path, flow, values) == ["outbound", "inbound", "outbound", None, None, "outbound", None]


def test_one_direction_listed_leaves_the_other_values_without_one(tmp_path: Path) -> None:
    flow = "{column: way, outbound: [out]}"
    assert flows(tmp_path, flow, ["out", "in", "inbound"]) == ["outbound", None, None]


@pytest.mark.parametrize("flow", ["{column: way, outbound: ['true'], inbound: ['false']}"])
@pytest.mark.parametrize("words", [("True", "False"), ("TRUE", "FALSE"), ("true", "false")])
def test_truth_values_may_say_the_flow_however_they_are_written(
    tmp_path: Path, flow: str, words: tuple[str, str]
) -> None:
    assert flows(tmp_path, flow, [*words, None]) == ["outbound", "inbound", None]


def test_kinds_say_the_flow_with_their_prefix(tmp_path: Path) -> None:
    flow = "{outbound: [web_call, web_mail], inbound: [web_reply]}"
    kinds: list[str | None] = ["call", "reply", "visit", "mail"]
    assert flows(tmp_path, flow, [None] * 4, kinds) == ["outbound", "inbound", None, "outbound"]


def test_kinds_have_no_say_where_a_column_is_named(tmp_path: Path) -> None:
    flow = "{column: way, outbound: [web_call], inbound: [in]}"
    assert flows(tmp_path, flow, ["in", None], ["call", "call"]) == ["inbound", None]


def test_without_a_word_nothing_has_a_flow(tmp_path: Path) -> None:
    assert flows(tmp_path, "{}", ["inbound", "outbound"]) == [None, None]


def test_a_flow_that_is_listed_both_ways_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"line 10: sources\.interactions\[0\]\.flow"):
        flows(tmp_path, "{outbound: [web_call], inbound: [web_call]}", ["x"])


def test_a_column_of_flows_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"interactions \(facts.csv\): no column 'wey'; did you mean way\?"):
        flows(tmp_path, "wey", ["inbound"])

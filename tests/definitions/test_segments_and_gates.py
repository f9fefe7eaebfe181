"""What judges parts of the test and holds a challenger, as an analyst writes it; what is wrong is answered in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.definitions.settings import Gates, Segment
from pipeline.definitions.workspace import Workspace, WorkspaceError, load_workspace

WORKSPACE = """\
name: acme
order: file
sources:
  leads: {from: calls.csv, attributes: [job]}
  deals: {from: calls.csv, outcome: y, won: ["yes"]}
"""


def load(folder: Path, text: str) -> Workspace:
    (folder / "leadlight.yaml").write_text(f"{WORKSPACE}{text}\n", encoding="utf-8")
    return load_workspace(folder / "leadlight.yaml")


def test_a_name_is_a_column_and_bands_are_numbers(tmp_path: Path) -> None:
    found = load(tmp_path, "segments: [source, {column: company_size, bands: [50, 200.5]}]").segments
    assert found == (Segment(column="source"), Segment(column="company_size", bands=(50.0, 200.5)))


def test_without_settings_nothing_is_judged_and_no_gate_holds(tmp_path: Path) -> None:
    plain = load(tmp_path, "")
    assert plain.segments == ()
    assert plain.gates == Gates(rank_correlation=None, reasons_changed=None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("segments: [{column: size, bands: [200, 50]}]", "each above the one before"),
        ("segments: [{column: size, bands: [50, 50]}]", "each above the one before"),
        ("segments: [{colum: size}]", "did you mean column"),
        ("segments: [{bands: [1]}]", "column is missing"),
        ("gates: {reasons_changed: 50}", "gates.reasons_changed is 50: expected less than or equal to 1"),
        ("gates: {rank_correlation: -2}", "expected greater than or equal to -1"),
        ("gates: {correlation: 0.7}", "did you mean rank_correlation"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(WorkspaceError, match=r"line 6") as found:
        load(tmp_path, text)
    assert said in str(found.value)

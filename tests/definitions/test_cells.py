"""How a column's values are read: what a workspace may say of times and numbers, and how it is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.definitions.cells import NumberColumn, TimeColumn
from pipeline.definitions.criteria import Criterion
from pipeline.definitions.workspace import Workspace, WorkspaceError, load_workspace

WORKSPACE = """\
name: acme
data_until: 2026-06-30
sources:
  leads: {{from: leads.csv, id: lead_id, created_at: created_at, attributes: [budget]}}
  interactions:
    - from: facts.csv
      entity_id: lead_id
      kind: type
      at: {at}
      numbers: {numbers}
  deals:
    from: deals.csv
    lead_id: lead_id
    closed_at: closed_at
    outcome: status
    amount: {amount}
criteria:
  - {criterion}
"""


def read(folder: Path, **written: str) -> Workspace:
    usual = {"at": "at", "numbers": "[]", "amount": "amount", "criterion": "{name: budget, attribute: budget}"}
    path = folder / "leadlight.yaml"
    path.write_text(WORKSPACE.format(**usual | written), encoding="utf-8")
    return load_workspace(path)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("at", TimeColumn(column="at")),
        ("2026", TimeColumn(column="2026")),
        ("{column: at, format: '%d/%m/%Y'}", TimeColumn(column="at", format=["%d/%m/%Y"])),
        ("{column: at, format: ['%d/%m/%Y', '%Y-%m-%d']}", TimeColumn(column="at", format=["%d/%m/%Y", "%Y-%m-%d"])),
        ("{column: at, dayfirst: true, precision: day}", TimeColumn(column="at", dayfirst=True, precision="day")),
        ("{date: day, time: clock}", TimeColumn(date="day", time="clock")),
    ],
)
def test_a_time_is_what_is_written(tmp_path: Path, written: str, expected: TimeColumn) -> None:
    assert read(tmp_path, at=written).sources.interactions[0].at == expected


def test_a_time_names_the_columns_to_read() -> None:
    assert TimeColumn(column="at").columns == ("at",)
    assert TimeColumn(date="day", time="clock").columns == ("day", "clock")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("[]", ()),
        ("duration", (NumberColumn(column="duration"),)),
        ("{column: cost, decimal: ','}", (NumberColumn(column="cost", decimal=","),)),
        (
            "[duration, {column: cost, decimal: ','}]",
            (NumberColumn(column="duration"), NumberColumn(column="cost", decimal=",")),
        ),
    ],
)
def test_numbers_are_what_is_written(tmp_path: Path, written: str, expected: tuple[NumberColumn, ...]) -> None:
    assert read(tmp_path, numbers=written).sources.interactions[0].numbers == expected


BOTH = "expected a column, or {date: ..., time: ...} where day and clock stand in two"


@pytest.mark.parametrize(
    ("part", "written", "line", "said"),
    [
        ("at", "{date: day}", 9, f"at: {BOTH}"),
        ("at", "{time: clock}", 9, f"at: {BOTH}"),
        ("at", "{}", 9, f"at: {BOTH}"),
        ("at", "{column: at, date: day, time: clock}", 9, f"at: {BOTH}"),
        ("at", "{column: at, time: clock}", 9, f"at: {BOTH}"),
        ("at", "{column: at, precision: hour}", 9, "at.precision is 'hour': expected 'instant' or 'day'"),
        ("at", "{colum: at}", 9, "at.colum is 'at': no such key; did you mean column?"),
        ("at", "[day, clock]", 9, "at: expected keys and values: column, date, time, format, dayfirst, precision"),
        ("numbers", "[{column: cost, decimal: ';'}]", 10, "numbers[0].decimal is ';': expected '.' or ','"),
        ("numbers", "[cost, {decimal: ','}]", 10, "numbers[1].column is missing; it is required"),
        ("numbers", "[{colum: cost}]", 10, "numbers[0].colum is 'cost': no such key; did you mean column?"),
        ("amount", "{column: amount, decimal: 0}", 16, "amount.decimal is 0: expected '.' or ','"),
        ("amount", "[amount]", 16, "amount: expected keys and values: column, decimal"),
        ("criterion", "{name: b, attribute: budget, decimal: ','}", 18, "and values: numeric beside it"),
        ("criterion", "{name: b, attribute: budget, values: bands, decimal: ','}", 18, "and values: numeric beside it"),
        (
            "criterion",
            "{name: b, attribute: budget, values: numeric, decimal: ';'}",
            18,
            "expected . or ,",
        ),
    ],
)
def test_a_wrong_cell_is_refused_with_its_line(tmp_path: Path, part: str, written: str, line: int, said: str) -> None:
    with pytest.raises(WorkspaceError) as caught:
        read(tmp_path, **{part: written})
    sentence = str(caught.value)
    assert f"line {line}: " in sentence
    assert said in sentence, sentence


def test_a_criterion_keeps_its_decimal_mark(tmp_path: Path) -> None:
    workspace = read(tmp_path, criterion="{name: b, attribute: budget, values: numeric, decimal: ','}")
    assert workspace.criteria != "auto"
    (criterion,) = workspace.criteria
    assert criterion.decimal == ","
    assert Criterion.from_json(criterion.to_json()) == criterion

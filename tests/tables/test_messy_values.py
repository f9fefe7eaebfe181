"""Values as exports hold them: texts that mean none, blanks, decimal commas, truth values, floats that are whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from pipeline.definitions.cells import NumberColumn, TimeColumn
from pipeline.definitions.settings import MISSING
from pipeline.definitions.workspace import WorkspaceError, load_workspace
from pipeline.features.attributes import read_values
from pipeline.features.define import define
from pipeline.features.observations import observe
from pipeline.tables.columns import NEVER, History
from pipeline.tables.frame import Frame
from pipeline.tables.sources import read_history
from pipeline.tables.times import instants
from pipeline.tables.values import attributes, ids, numbers, texts

WORKSPACE = """\
name: messy
data_until: 2026-06-30
sources:
  leads: {from: leads.csv, id: id, created_at: created, attributes: [country, budget], entities: {contact: contact}}
  contacts: {from: contacts.csv, id: contact, attributes: [title]}
  interactions: {from: facts.csv, entity_id: id, id: fact, at: at, kind: kind, numbers: [minutes], texts: [page]}
  deals: {from: deals.csv, id: deal, lead_id: id, closed_at: closed, outcome: status, amount: amount}
"""
FILES = {
    "leads.csv": "id,created,country,budget,contact\n"
    "L1,2026-01-05,FR,10,k1\n L2 ,2026-01-06, FR ,#REF!,NULL\nL3,2026-01-07,Select,20,#N/A\nNULL,2026-01-08,DE,30,\n",
    "contacts.csv": "contact,title\nk1, N/A \n#N/A,Buyer\n",
    "facts.csv": "fact,id,at,kind,minutes,page\n"
    "#N/A, L1,2026-01-08 10:00,call,#DIV/0!,-\n#N/A,L1,2026-01-09 10:00, call ,5, /a \n"
    "f3,L2,NULL,call,1,/b\nf4,L2,2026-01-09 11:00,null,1,/b\nf5,-,2026-01-09 11:00,call,1,/b\n",
    "deals.csv": "deal,id,closed,status,amount\n,L1,2026-02-01, won ,#VALUE!\n--,L2,#N/A,None,12\n",
}


def history(folder: Path, workspace: str = WORKSPACE, **files: str) -> History:
    for name, text in {**FILES, **{f"{name}.csv": text for name, text in files.items()}}.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "leadlight.yaml").write_text(workspace, encoding="utf-8")
    return read_history(load_workspace(folder / "leadlight.yaml"))[0]


def frame(values: Any, missing: tuple[str, ...] = MISSING) -> Frame:
    array = values if isinstance(values, pa.Array) else pa.array(values)
    return Frame.of("deals", "deals.csv", pa.table({"c": array}), 1, missing)


def read_numbers(values: Any, decimal: Any = None) -> list[float | None]:
    found = numbers(frame(values), NumberColumn(column="c", decimal=decimal))
    return [None if np.isnan(value) else value for value in found.tolist()]


def test_texts_that_mean_no_value_are_none_in_every_table(tmp_path: Path) -> None:
    found = history(tmp_path)
    leads = found.leads
    assert leads.id.values() == ["L1", "L2", "L3"]
    assert leads.attributes["country"].tolist() == ["FR", "FR", None]
    assert leads.attributes["budget"].tolist() == [10.0, None, 20.0]
    assert leads.attributes["title"].tolist() == [None, None, None]
    assert leads.entities["contact"].values() == ["k1", None, None]
    (facts,) = found.interactions
    assert facts.entity_id.values() == ["L1", "L1"]
    assert facts.id.values() == [None, None]
    assert np.array_equal(facts.numbers["minutes"], [np.nan, 5.0], equal_nan=True)
    assert facts.texts["page"].values() == [None, "/a"]
    assert facts.kind.values() == ["call", "call"]
    assert found.deals.outcome.tolist() == [1, 0]
    assert found.deals.id.values() == [None, None]
    assert found.deals.closed_at.tolist()[1] == NEVER
    assert np.array_equal(found.deals.amount, [np.nan, 12.0], equal_nan=True)


def test_a_workspaces_own_texts_replace_the_usual_ones(tmp_path: Path) -> None:
    leads = (
        "id,created,country,budget,contact\nL1,2026-01-05,FR,k.A.,\nL2,2026-01-06,k.A.,5,\nL3,2026-01-07,Select,7,\n"
    )
    found = history(
        tmp_path,
        WORKSPACE + "missing: [k.A., '#REF!', '#N/A', 'NULL', 'null', '-', '#DIV/0!', '#VALUE!']\n",
        leads=leads,
    )
    assert found.leads.attributes["country"].tolist() == ["FR", None, "Select"]
    assert found.leads.attributes["budget"].tolist() == [None, 5.0, 7.0]


def test_without_any_missing_text_only_what_is_empty_is_missing(tmp_path: Path) -> None:
    leads = "id,created,country,budget,contact\nNULL,2026-01-05,-,1,\nL2,2026-01-06,,2,\n"
    facts, deals = "fact,id,at,kind,minutes,page\n", "deal,id,closed,status,amount\n"
    found = history(tmp_path, WORKSPACE + "missing: []\n", leads=leads, facts=facts, deals=deals)
    assert found.leads.id.values() == ["NULL", "L2"]
    assert found.leads.attributes["country"].tolist() == ["-", None]


@pytest.mark.parametrize("typed", [pa.int64(), pa.float64(), pa.string()])
def test_a_missing_text_means_none_whatever_the_columns_type(typed: pa.DataType) -> None:
    column = frame(pa.array([-1, 5]).cast(typed), ("-1",))
    assert attributes(column, "c").tolist() == [None, 5.0]
    assert texts(column, "c").values() == [None, "5"]
    assert np.array_equal(numbers(column, NumberColumn(column="c")), [np.nan, 5.0], equal_nan=True)
    assert ids(frame(pa.array([-1, 5]).cast(typed), ("-1",)), "c").values() == [None, "5"]


def test_a_missing_text_is_no_time() -> None:
    days = frame(["2026-01-05", "#REF!", " - "])
    assert (instants(days, TimeColumn(column="c"), "UTC") == NEVER).tolist() == [False, True, True]


@pytest.mark.parametrize("blank", [" {} ", "\t{}", "{}\u00a0", "\u2003{} \n"])
def test_blanks_around_a_text_say_nothing(blank: str) -> None:
    column = frame([blank.format("FR"), "FR", blank.format("#N/A"), blank.format("")])
    assert texts(column, "c").values() == ["FR", "FR", None, None]
    assert ids(column, "c").values() == ["FR", "FR", None, None]
    assert attributes(column, "c").tolist() == ["FR", "FR", None, None]
    assert read_numbers([blank.format("5"), "5"]) == [5.0, 5.0]


def test_a_word_that_is_no_number_is_named_with_what_to_do() -> None:
    with pytest.raises(WorkspaceError, match=r"deals \(deals.csv\), column c, row 2 \(line 3\): '#BAD!' is no number"):
        read_numbers(["1", "#BAD!"])
    with pytest.raises(WorkspaceError, match=r"'1\.5' is no number; .*`missing`"):
        read_numbers(["1.5"], ",")


@pytest.mark.parametrize(
    ("values", "decimal", "read"),
    [
        (["1,5", None, "1.234,5"], None, [1.5, None, 1234.5]),
        (["1.234", "12,5"], None, [1234.0, 12.5]),
        (["1.234"], ",", [1234.0]),
        (["1.234"], ".", [1.234]),
        (["1,234"], None, [1234.0]),
        (["1,234"], ",", [1.234]),
        (["€1,234.50", "-"], None, [1234.5, None]),
        (["1 234,50 €", "-5 €"], None, [1234.5, -5.0]),
        ([1.5, None], ",", [1.5, None]),
        (pa.array(["1.50", None]).cast(pa.decimal128(9, 2)), None, [1.5, None]),
        ([True, False, None], None, [1.0, 0.0, None]),
    ],
)
def test_numbers_are_read_as_their_column_writes_them(values: Any, decimal: Any, read: list[float | None]) -> None:
    assert read_numbers(values, decimal) == read


def test_declared_decimal_marks_reach_every_number_of_the_workspace(tmp_path: Path) -> None:
    workspace = WORKSPACE.replace("numbers: [minutes]", "numbers: [{column: minutes, decimal: ','}]")
    workspace = workspace.replace("amount: amount", "amount: {column: amount, decimal: ','}")
    found = history(
        tmp_path,
        workspace,
        facts="fact,id,at,kind,minutes,page\nf1,L1,2026-01-08,call,1.234,/a\n",
        deals="deal,id,closed,status,amount\n,L1,2026-02-01,won,2.345\n",
    )
    assert found.interactions[0].numbers["minutes"].tolist() == [1234.0]
    assert found.deals.amount.tolist() == [2345.0]


@pytest.mark.parametrize("declared", ["", ", decimal: ','"])
def test_one_value_alone_is_read_as_it_was_among_the_others(tmp_path: Path, declared: str) -> None:
    """In a request there is one value: 1.234 alone says nothing of its mark."""
    criteria = f"criteria: [{{name: budget, attribute: budget, values: numeric{declared}}}]\n"
    leads = (
        'id,created,country,budget,contact\nL1,2026-01-05,FR,1.234,\nL2,2026-01-06,FR,"12,5",\nL3,2026-01-07,FR,7,\n'
    )
    found = history(tmp_path, WORKSPACE + criteria, leads=leads)
    workspace = load_workspace(tmp_path / "leadlight.yaml")
    rows = observe(found, workspace.observed, workspace.horizon)
    (budget,) = [c for c in define(found, workspace, rows.lead, rows.cutoff).criteria if c.name == "budget"]
    assert budget.decimal == ","
    for text, value in zip(found.leads.attributes["budget"], [1234.0, 12.5, 7.0], strict=True):
        alone = read_values(np.array([text], dtype=object), budget.values, None, budget.decimal)
        assert isinstance(alone, np.ndarray)
        assert alone.tolist() == [value]


@pytest.mark.parametrize("values", [["1.234", "2.500"], ["1.234", None, "7"]])
def test_a_declared_comma_is_followed_where_no_value_shows_it(tmp_path: Path, values: list[str | None]) -> None:
    criteria = "criteria: [{name: budget, attribute: budget, values: numeric, decimal: ','}]\n"
    rows = "".join(f"L{n},2026-01-05,FR,{value or ''},\n" for n, value in enumerate(values))
    found = history(tmp_path, WORKSPACE + criteria, leads=f"id,created,country,budget,contact\n{rows}")
    assert read_values(found.leads.attributes["budget"], "numeric", None, ",")[0] == 1234.0


TRUTH = (pa.array([True, False, None]), ["True", "False", ""], ["TRUE", "FALSE", None], ["true", "false", None])


@pytest.mark.parametrize("values", TRUTH)
def test_a_truth_value_is_the_same_word_however_it_is_written(values: Any) -> None:
    assert texts(frame(values), "c").values() == ["true", "false", None]
    assert attributes(frame(values), "c").tolist() == ["true", "false", None]


def test_truth_values_among_other_words_stay_as_they_are() -> None:
    assert texts(frame(["True", "Maybe"]), "c").values() == ["True", "Maybe"]


@pytest.mark.parametrize("values", [[30.0, 2.5, None], ["30.0", "2.5", None], pa.array([30, 2.5, None], pa.float32())])
def test_a_whole_float_is_the_same_text_and_number_from_every_file(values: Any) -> None:
    assert texts(frame(values), "c").values() == ["30", "2.5", None]
    assert attributes(frame(values), "c").tolist() == [30.0, 2.5, None]
    assert read_numbers(values) == [30.0, 2.5, None]


def test_whole_numbers_are_the_same_text_and_number_from_every_file() -> None:
    for values in ([30, 2, None], ["30", "2", None]):
        assert texts(frame(values), "c").values() == ["30", "2", None]
        assert attributes(frame(values), "c").tolist() == [30.0, 2.0, None]


def test_codes_with_leading_zeros_are_texts() -> None:
    assert attributes(frame(["01000", "75001", None]), "c").tolist() == ["01000", "75001", None]
    assert attributes(frame(["0", "0.5", "10"]), "c").tolist() == [0.0, 0.5, 10.0]


@pytest.mark.parametrize("words", [("True", "False"), ("TRUE", "FALSE"), ("true", "false"), ("1.0", "0.0"), ("1", "0")])
def test_an_outcome_is_named_as_the_file_shows_it(tmp_path: Path, words: tuple[str, str]) -> None:
    won, lost = words
    workspace = WORKSPACE.replace("outcome: status,", f"outcome: status, won: ['{won}'], lost: ['{lost}'],")
    deals = f"deal,id,closed,status,amount\n,L1,2026-02-01,{won},\n,L2,2026-02-01,{lost},\n"
    assert history(tmp_path, workspace, deals=deals).deals.outcome.tolist() == [1, 2]


def test_truth_values_need_no_quotes_in_the_workspace(tmp_path: Path) -> None:
    workspace = WORKSPACE.replace("outcome: status,", "outcome: status, won: true, lost: [false],")
    deals = "deal,id,closed,status,amount\n,L1,2026-02-01,true,\n,L2,2026-02-01,false,\n"
    assert history(tmp_path, workspace, deals=deals).deals.outcome.tolist() == [1, 2]


@pytest.mark.parametrize("values", TRUTH[:-1])
def test_truth_values_are_the_same_numbers_from_every_file(values: Any) -> None:
    assert read_numbers(values) == [1.0, 0.0, None]

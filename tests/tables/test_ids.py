"""Ids are texts: no digit is lost on the way, and what has lost some is refused by name."""

from __future__ import annotations

import gzip
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.definitions.places import Place
from pipeline.definitions.workspace import WorkspaceError, load_workspace
from pipeline.tables.reader import Reader
from pipeline.tables.sources import read_history
from pipeline.tables.values import Frame, ids

LONG = ("9007199254740993001", "9007199254740993002", "9223372036854775807")
ZEROS = ("0042", "42", "000")

Rows = tuple[str, ...]


def csv(folder: Path, values: Rows) -> Place:
    (folder / "leads.csv").write_text("\n".join(["id,x", *(f"{value},1" for value in values)]) + "\n")
    return Place(file="leads.csv")


def zipped(folder: Path, values: Rows) -> Place:
    csv(folder, values)
    (folder / "leads.csv.gz").write_bytes(gzip.compress((folder / "leads.csv").read_bytes()))
    return Place(file="leads.csv.gz")


def parquet(folder: Path, values: Rows) -> Place:
    pq.write_table(pa.table({"id": list(values)}), folder / "leads.parquet")
    return Place(file="leads.parquet")


def integers(folder: Path, values: Rows) -> Place:
    pq.write_table(pa.table({"id": [int(value) for value in values]}), folder / "leads.parquet")
    return Place(file="leads.parquet")


def xlsx(folder: Path, values: Rows) -> Place:
    book = openpyxl.Workbook()
    for line in [("id", "x"), *((value, 1) for value in values)]:
        book.active.append(line)
    book.save(folder / "leads.xlsx")
    return Place(file="leads.xlsx")


def sqlite(folder: Path, values: Rows, type_: str = "text") -> Place:
    with sqlite3.connect(folder / "crm.db") as connection:
        connection.execute(f"create table leads (id {type_})")
        connection.executemany("insert into leads values (?)", [(value,) for value in values])
    connection.close()
    return Place(url="sqlite:///crm.db", table="leads")


def sqlite_integers(folder: Path, values: Rows) -> Place:
    return sqlite(folder, values, "integer")


def sql(folder: Path, values: Rows) -> Place:
    csv(folder, values)
    return Place(sql="select * from 'leads.csv'")


def sql_join(folder: Path, values: Rows) -> Place:
    csv(folder, values)
    parquet(folder, values)
    return Place(sql="select p.id from 'leads.csv' as c join 'leads.parquet' as p on c.id = p.id")


def sql_xlsx(folder: Path, values: Rows) -> Place:
    xlsx(folder, values)
    return Place(sql="select * from 'leads.xlsx'")


def sql_in_double_quotes(folder: Path, values: Rows) -> Place:
    csv(folder, values)
    return Place(sql='select * from "leads.csv"')


def sql_function(folder: Path, values: Rows) -> Place:
    csv(folder, values)
    return Place(sql="select id from read_csv('leads.csv')")


def read(folder: Path, place: Place) -> list[str | None]:
    with Reader(folder) as reader:
        return ids(reader.frame("leads", place, ["id"]), "id").values()


TEXTS = [csv, zipped, parquet, xlsx, sqlite, sql, sql_join, sql_xlsx, sql_in_double_quotes, sql_function]


@pytest.mark.parametrize("write", [*TEXTS, integers, sqlite_integers])
def test_ids_of_nineteen_digits_are_whole(tmp_path: Path, write: Callable[..., Place]) -> None:
    assert sorted(filter(None, read(tmp_path, write(tmp_path, LONG)))) == sorted(LONG)


@pytest.mark.parametrize("write", TEXTS)
def test_leading_zeros_stay(tmp_path: Path, write: Callable[..., Place]) -> None:
    assert sorted(filter(None, read(tmp_path, write(tmp_path, ZEROS)))) == sorted(ZEROS)


@pytest.mark.parametrize("odd", [("12E4", "13E4"), ("true", "false"), ("2026-01-05",), ("1.50", "1.5"), ("7", "07")])
@pytest.mark.parametrize("write", [csv, xlsx, sql, sql_in_double_quotes, sql_function])
def test_ids_that_look_like_something_else_are_texts(tmp_path: Path, write: Callable[..., Place], odd: Rows) -> None:
    assert sorted(filter(None, read(tmp_path, write(tmp_path, odd)))) == sorted(odd)


def one(folder: Path, column: Any) -> list[str | None]:
    pq.write_table(pa.table({"id": column}), folder / "leads.parquet")
    return read(folder, Place(file="leads.parquet"))


@pytest.mark.parametrize(
    "column",
    [
        [123.0, None, 124.0],
        pa.array([123, None, 124], pa.int32()),
        ["123", None, "124"],
        ["123.0", None, "124.0"],
        ["123.0", "", "124.00"],
        pa.array(["123", None, "124"]).cast(pa.decimal128(9, 0)),
        pa.array(["123", None, "124"]).dictionary_encode(),
        pa.array(["123", None, "124"], pa.large_string()),
    ],
)
def test_a_whole_number_is_one_id_however_a_column_holds_it(tmp_path: Path, column: Any) -> None:
    assert one(tmp_path, column) == ["123", None, "124"]


def test_a_point_among_other_ids_stays() -> None:
    frame = Frame.of("leads", "leads.csv", pa.table({"id": ["123.0", "1.5", "A.0"]}))
    assert ids(frame, "id").values() == ["123.0", "1.5", "A.0"]


@pytest.mark.parametrize(
    "column",
    [
        [1.0, float(2**53)],
        [1.0, -float(2**53)],
        [1.0, 1.5],
        [1.0, float("inf")],
        ["12", "1.23E+18"],
        ["12", "1,23E+18"],
        ["12", "1.23457e+18"],
        ["12", "9E+15"],
        ["12.0", "9007199254740992.0"],
        ["12.0", "1234567890123456789.0"],
    ],
)
def test_an_id_that_may_have_lost_digits_is_refused_by_table_column_and_row(tmp_path: Path, column: Any) -> None:
    with pytest.raises(WorkspaceError, match=r"leads \(leads.parquet\), column id, row 2: .*digits; export the ids"):
        one(tmp_path, column)


def test_a_cell_of_a_sheet_that_may_have_lost_digits_is_refused(tmp_path: Path) -> None:
    for values in ((1, 9007199254740993001), ("A", 9007199254740993001)):
        with pytest.raises(WorkspaceError, match=r"leads \(leads.xlsx\), column id, row . \(line .\): .*lost digits"):
            read(tmp_path, xlsx(tmp_path, values))


def test_the_largest_float_that_is_exact_is_an_id(tmp_path: Path) -> None:
    assert one(tmp_path, [float(2**53 - 1)]) == ["9007199254740991"]
    assert one(tmp_path, ["900719925474099.0"]) == ["900719925474099"]


WORKSPACE = """\
name: joined
data_until: 2026-06-30
sources:
  leads: {from: leads.parquet, id: id, created_at: created, entities: {contact: contact}}
  contacts: {from: contacts.csv, id: contact, attributes: [title]}
  interactions: {from: facts.csv, entity_id: id, at: at, kind: kind}
  deals: {from: deals.csv, lead_id: id, closed_at: closed, outcome: status}
"""


def test_ids_join_whatever_type_each_table_gives_them(tmp_path: Path) -> None:
    leads = {"id": [1, 2], "created": ["2026-01-05"] * 2, "contact": [np.nan, 7.0]}
    pq.write_table(pa.table(leads), tmp_path / "leads.parquet")
    (tmp_path / "contacts.csv").write_text("contact,title\n7,Buyer\n")
    (tmp_path / "facts.csv").write_text("id,at,kind\n1.0,2026-01-08,call\n,2026-01-08,call\n2.0,2026-01-08,call\n")
    (tmp_path / "deals.csv").write_text("id,closed,status\n 2 ,2026-02-01,won\n")
    (tmp_path / "leadlight.yaml").write_text(WORKSPACE)
    history, account = read_history(load_workspace(tmp_path / "leadlight.yaml"))
    assert history.leads.attributes["title"].tolist() == [None, "Buyer"]
    assert history.interactions[0].entity_id.values() == ["1", "2"]
    assert history.deals.lead_id.values() == ["2"]
    assert account.tables["interactions"].set_aside == {"no lead": 1}

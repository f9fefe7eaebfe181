"""Where a table is: what a workspace may say of it, and in which words and line it is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.definitions.places import SEPARATORS, Place
from pipeline.definitions.workspace import WorkspaceError, load_workspace

WORKSPACE = """\
name: acme
data_until: 2026-06-30
sources:
  leads:
    id: lead_id
    created_at: created_at
    from: {place}
  deals: {{from: deals.csv, lead_id: lead_id, closed_at: closed_at, outcome: status}}
"""


def place(folder: Path, written: str) -> Place:
    path = folder / "leadlight.yaml"
    path.write_text(WORKSPACE.format(place=written), encoding="utf-8")
    return load_workspace(path).sources.leads.from_


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("leads.csv", Place(file="leads.csv")),
        ("'exports/*.csv.gz'", Place(file="exports/*.csv.gz")),
        ("2026.csv", Place(file="2026.csv")),
        ("{file: e.xlsx, sheet: Leads, header: 3}", Place(file="e.xlsx", sheet="Leads", header=3)),
        ("{file: e.xlsx, sheet: 2026}", Place(file="e.xlsx", sheet="2026")),
        ('{file: l.csv, separator: ";", encoding: cp1252}', Place(file="l.csv", separator=";", encoding="cp1252")),
        ('{file: l.csv, separator: "\\t"}', Place(file="l.csv", separator="\t")),
        ('{sql: "select 1"}', Place(sql="select 1")),
        ("{url: env:CRM, query: select 1}", Place(url="env:CRM", query="select 1")),
        ("{url: 'sqlite:///crm.db', table: leads}", Place(url="sqlite:///crm.db", table="leads")),
    ],
)
def test_a_place_is_what_is_written(tmp_path: Path, written: str, expected: Place) -> None:
    assert place(tmp_path, written) == expected


ONE = "expected a file, a glob, {sql: ...}, or {url: ..., table: ...}"
OF_A_FILE = "sheet, header, separator and encoding belong to a file"
OF_A_URL = "query and table belong to a url"
ONE_OF_TWO = "a url needs a query or a table, and not both"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{}", ONE),
        ("{file: a.csv, sql: select 1}", ONE),
        ("{file: a.csv, url: env:CRM, table: t}", ONE),
        ("{sheet: Leads}", ONE),
        ("{query: select 1}", ONE),
        ("{sql: select 1, sheet: Leads}", OF_A_FILE),
        ("{sql: select 1, header: 2}", OF_A_FILE),
        ("{url: env:CRM, table: t, separator: ';'}", OF_A_FILE),
        ("{url: env:CRM, table: t, encoding: utf-8}", OF_A_FILE),
        ("{file: a.csv, query: select 1}", OF_A_URL),
        ("{sql: select 1, table: t}", OF_A_URL),
        ("{url: env:CRM}", ONE_OF_TWO),
        ("{url: env:CRM, query: select 1, table: t}", ONE_OF_TWO),
        ("{file: a.csv, separator: x}", ".separator is 'x': expected one of , ; | or a tab"),
        ("{file: a.csv, separator: tab}", ".separator is 'tab': expected one of , ; | or a tab"),
        ("{file: a.csv, separator: ';;'}", ".separator is ';;': expected one of"),
        ("{file: a.csv, separator: ''}", ".separator is '': expected one of"),
        ("{file: a.csv, encoding: klingon}", ".encoding is 'klingon': expected the name of an encoding"),
        ("{file: a.csv, encoding: hex}", ".encoding is 'hex': expected the name of an encoding"),
        ("{file: a.xlsx, header: 0}", ".header is 0: expected greater than or equal to 1"),
        ("{file: a.xlsx, header: two}", ".header is 'two'"),
        ("{file: a.xlsx, sheat: Leads}", ".sheat is 'Leads': no such key; did you mean sheet?"),
        (
            "[a.csv, b.csv]",
            "expected keys and values: file, sheet, header, separator, encoding, sql, url, query, table",
        ),
    ],
)
def test_a_wrong_place_is_refused_with_its_line(tmp_path: Path, written: str, said: str) -> None:
    with pytest.raises(WorkspaceError) as caught:
        place(tmp_path, written)
    sentence = str(caught.value)
    assert "line 7: sources.leads.from" in sentence
    assert said in sentence, sentence
    assert "\n" not in sentence


def test_a_wrong_part_is_refused_in_the_line_where_it_stands(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"line 10: sources\.leads\.from\.separator is 'x'"):
        place(tmp_path, "\n      file: a.csv\n      header: 2\n      separator: x")


@pytest.mark.parametrize("separator", SEPARATORS)
def test_every_separator_that_is_found_may_be_declared(separator: str) -> None:
    assert Place(file="a.csv", separator=separator).separator == separator


@pytest.mark.parametrize(
    ("there", "shown"),
    [
        (Place(file="a.xlsx", sheet="Leads"), "a.xlsx, sheet Leads"),
        (Place(file="a.csv"), "a.csv"),
        (Place(sql="select * from 'a.csv'"), "sql"),
        (Place(url="postgresql://jane:secret@db.example.com/crm", table="leads"), "database, leads"),
        (Place(url="postgresql://jane:secret@db.example.com/crm", query="select 1"), "database, query"),
    ],
)
def test_a_place_is_shown_without_what_its_address_may_hide(there: Place, shown: str) -> None:
    assert there.shown == shown

"""Files as programs and people leave them: separators, encodings, line ends, sheets, several files of one table."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipeline.definitions.places import Place
from pipeline.definitions.workspace import WorkspaceError
from pipeline.tables.reader import Reader
from pipeline.tables.sheets import sheet_names

Columns = dict[str, list[Any]]


def read(folder: Path, file: str = "", /, **said: Any) -> Columns:
    with Reader(folder) as reader:
        frame = reader.whole("leads", Place(**({"file": file} if file else {}), **said))
        return {name: frame.column(name).to_pylist() for name in frame.columns}


def refusal(folder: Path, file: str = "", /, **said: Any) -> str:
    with pytest.raises(WorkspaceError) as caught:
        read(folder, file, **said)
    assert str(folder) not in str(caught.value)
    return str(caught.value)


def write(path: Path, text: str | bytes, encoding: str = "utf-8") -> None:
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))


PLAIN = {"id": ["1", "2"], "name": ["René", "Zoë, €"]}


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize("end", ["csv", "tsv", "txt", "csv.gz"])
def test_a_separator_is_found_or_declared(tmp_path: Path, separator: str, declared: bool, end: str) -> None:
    text = f'id{separator}name\n1{separator}René\n2{separator}"Zoë, €"\n'.encode()
    write(tmp_path / f"leads.{end}", gzip.compress(text) if end == "csv.gz" else text)
    assert read(tmp_path, f"leads.{end}", **({"separator": separator} if declared else {})) == PLAIN


def test_a_separator_inside_quotes_separates_nothing(tmp_path: Path) -> None:
    write(tmp_path / "leads.csv", '"Amount, in EUR";"Lead, id";x\n5;L1;"a;b"\n')
    assert read(tmp_path, "leads.csv") == {"Amount, in EUR": ["5"], "Lead, id": ["L1"], "x": ["a;b"]}


def test_a_declared_separator_stands_above_the_most_frequent_mark(tmp_path: Path) -> None:
    write(tmp_path / "leads.csv", "id;a,b,c\n1;x\n")
    assert read(tmp_path, "leads.csv", separator=";") == {"id": ["1"], "a,b,c": ["x"]}


def test_quotes_hold_separators_quotes_and_line_ends(tmp_path: Path) -> None:
    write(tmp_path / "leads.csv", 'id,name\n1,"a, ""b""\nc"\n2,O\'Neill\n3,5" pipe\n4,\n5,""\n')
    assert read(tmp_path, "leads.csv")["name"] == ['a, "b"\nc', "O'Neill", '5" pipe', None, None]


def test_a_line_end_in_the_header_belongs_to_the_name(tmp_path: Path) -> None:
    write(tmp_path / "leads.csv", 'id,"full\nname",x\n1,a,b\n')
    assert read(tmp_path, "leads.csv") == {"id": ["1"], "full\nname": ["a"], "x": ["b"]}


TEXT = 'id;name\r\n1;René\r\n2;"Zoë, €"\r\n'
MIXED = "id;name\n1;René\n".encode() + '2;"Zoë, €"\n'.encode("cp1252")


@pytest.mark.parametrize(
    ("content", "declared"),
    [
        (TEXT.encode(), None),
        (TEXT.encode("utf-8-sig"), None),
        (TEXT.encode("cp1252"), None),
        (TEXT.encode("utf-16"), None),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), None),
        (MIXED, None),
        (b"\xef\xbb\xbf" + MIXED, None),
        (TEXT.encode(), "utf8"),
        (TEXT.encode("utf-8-sig"), "utf-8"),
        (TEXT.encode("cp1252"), "cp1252"),
        (TEXT.encode("utf-16"), "utf-16"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.replace("€", "E").encode("latin-1"), "latin-1"),
    ],
)
@pytest.mark.parametrize("zipped", [False, True])
def test_an_encoding_is_found_or_declared(tmp_path: Path, content: bytes, declared: str | None, zipped: bool) -> None:
    file = "leads.csv.gz" if zipped else "leads.csv"
    write(tmp_path / file, gzip.compress(content) if zipped else content)
    found = read(tmp_path, file, **({"encoding": declared} if declared else {}))
    assert found == PLAIN | ({"name": ["René", "Zoë, E"]} if declared == "latin-1" else {})


def test_a_mark_before_a_header_that_is_no_utf_8_belongs_to_no_name(tmp_path: Path) -> None:
    write(tmp_path / "leads.csv", b"\xef\xbb\xbf" + "id;prénom\n1;a\n".encode("cp1252"))
    assert read(tmp_path, "leads.csv") == {"id": ["1"], "prénom": ["a"]}


def test_an_encoding_that_does_not_fit_is_named(tmp_path: Path) -> None:
    write(tmp_path / "leads.csv", TEXT.encode("cp1252"))
    assert "leads (leads.csv): cannot be read: it is no text in utf-16" in refusal(
        tmp_path, "leads.csv", encoding="utf-16"
    )
    assert "utf-8" in refusal(tmp_path, "leads.csv", encoding="utf-8").lower()


@pytest.mark.parametrize(
    "text", ["id,name\r\n1,a\n2,b\r\n", "id,name\n1,a\r\n2,b\n", "id,name\r1,a\r2,b\r", "id,name\r\n1,a\r\n2,b"]
)
def test_lines_may_end_as_any_program_ends_them(tmp_path: Path, text: str) -> None:
    write(tmp_path / "leads.csv", text)
    assert read(tmp_path, "leads.csv") == {"id": ["1", "2"], "name": ["a", "b"]}


@pytest.mark.parametrize(
    "above", ["Report\n\n", "Report;of;2026;;;\n\n", 'Report "of\n2026\n', '"Report\nof 2026"\n', "\n\n"]
)
def test_lines_above_the_header_are_passed_over(tmp_path: Path, above: str) -> None:
    write(tmp_path / "leads.csv", f"{above}id,name\n1,a\n2,b\n")
    assert read(tmp_path, "leads.csv", header=above.count("\n") + 1) == {"id": ["1", "2"], "name": ["a", "b"]}


def test_blank_lines_are_no_rows(tmp_path: Path) -> None:
    write(tmp_path / "leads.csv", "id,name\n1,a\n\n2,b\n\n\n")
    assert read(tmp_path, "leads.csv") == {"id": ["1", "2"], "name": ["a", "b"]}


def test_a_header_alone_is_a_table_without_rows_and_an_empty_file_is_none(tmp_path: Path) -> None:
    write(tmp_path / "leads.csv", "id,name\n")
    assert read(tmp_path, "leads.csv") == {"id": [], "name": []}
    write(tmp_path / "leads.csv", "")
    assert refusal(tmp_path, "leads.csv").endswith("it is empty; the first line must name the columns")
    write(tmp_path / "leads.csv", "id\n")
    assert refusal(tmp_path, "leads.csv", header=3).endswith("it is empty; line 3 must name the columns")


@pytest.mark.parametrize("row", ["3", "3,c,d"])
def test_a_row_of_other_fields_is_named_with_its_line(tmp_path: Path, row: str) -> None:
    write(tmp_path / "leads.csv", f"x\nid,name\n1,a\n2,b\n{row}\n")
    assert "row 3 (line 5), which begins with '3': not the 2 fields" in refusal(tmp_path, "leads.csv", header=2)


def test_a_name_that_stands_twice_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "leads.csv", "id,name,id\n1,a,2\n")
    assert "its header names the column 'id' twice; rename one" in refusal(tmp_path, "leads.csv")
    write(tmp_path / "leads.csv", "id,name,ID\n1,a,2\n")
    assert "its header names the column" in refusal(tmp_path, "leads.csv")


def test_several_files_are_one_table(tmp_path: Path) -> None:
    for month, text in (("01", "id,name\n1,a\n"), ("02", "name;id\nb;2\n"), ("03", "id\n3\n")):
        write(tmp_path / f"leads-{month}.csv", text)
    assert read(tmp_path, "leads-*.csv") == {"id": ["1", "2", "3"], "name": ["a", "b", None]}
    assert "leads (deals-*.csv): no file matches" in refusal(tmp_path, "deals-*.csv")


def test_a_file_whose_name_looks_like_a_glob_is_that_file(tmp_path: Path) -> None:
    write(tmp_path / "leads[1].csv", "id\n1\n")
    assert read(tmp_path, "leads[1].csv") == {"id": ["1"]}


def test_capitals_in_an_ending_change_nothing(tmp_path: Path) -> None:
    write(tmp_path / "LEADS.CSV", "id\n1\n")
    assert read(tmp_path, "LEADS.CSV") == {"id": ["1"]}


def test_what_is_no_table_is_named(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").mkdir()
    assert "leads (leads.csv): is a folder; name its files, as in leads.csv/*.csv" in refusal(tmp_path, "leads.csv")
    write(tmp_path / "leads.xlsx", "id\n1\n")
    assert "leads (leads.xlsx): cannot be read: it is no xlsx workbook" in refusal(tmp_path, "leads.xlsx")
    write(tmp_path / "leads.pdf", "")
    assert "expected a file that ends in .csv, " in refusal(tmp_path, "leads.pdf")


def test_a_file_named_in_a_query_is_a_table_and_one_that_is_a_value_stays_one(tmp_path: Path) -> None:
    write(tmp_path / "web.csv", "id,day\n0042,1\n")
    one = "select id, 'web.csv' as origin from 'web.csv'"
    assert read(tmp_path, sql=one) == {"id": ["0042"], "origin": ["web.csv"]}
    assert read(tmp_path, sql="select id from 'web.csv' where 'a.csv' <> id") == {"id": ["0042"]}
    assert "leads (sql): cannot be read" in refusal(tmp_path, sql="selec 1")


def book(path: Path, **sheets: Sequence[Sequence[Any]]) -> None:
    """A workbook; a sheet whose name begins with Hidden is hidden."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, lines in sheets.items():
        sheet = made.create_sheet(name)
        sheet.sheet_state = "hidden" if name.startswith("Hidden") else "visible"
        for line in lines:
            sheet.append(line)
    made.save(path)


LINES = [["id", "name", "n"], ["1", "a", 2.0], ["2", "b", None]]
SHEET = {"id": ["1", "2"], "name": ["a", "b"], "n": [2.0, None]}


def test_the_first_visible_sheet_is_read_and_any_by_its_name(tmp_path: Path) -> None:
    book(tmp_path / "e.xlsx", Hidden=[["x"], ["y"]], Leads=LINES, Deals=[["deal"], ["d1"]])
    assert sheet_names(tmp_path / "e.xlsx") == ["Leads", "Deals"]
    assert read(tmp_path, "e.xlsx") == SHEET
    assert read(tmp_path, "e.xlsx", sheet="Deals") == {"deal": ["d1"]}
    assert read(tmp_path, "e.xlsx", sheet="Hidden") == {"x": ["y"]}
    said = refusal(tmp_path, "e.xlsx", sheet="Lead")
    assert said.startswith("leads (e.xlsx, sheet Lead): cannot be read: no sheet 'Lead'; it has Leads, Deals")


def test_a_table_below_a_title_is_read_from_its_header_on(tmp_path: Path) -> None:
    book(tmp_path / "e.xlsx", Leads=[["Leads of June"], [], *LINES, [None, None, None], ["", " ", None]])
    assert read(tmp_path, "e.xlsx", header=3) == SHEET
    assert "row 2 must name the columns" in refusal(tmp_path, "e.xlsx", header=2)
    assert "row 9 must name the columns" in refusal(tmp_path, "e.xlsx", header=9)


def test_a_table_that_does_not_begin_in_the_corner_has_its_own_columns(tmp_path: Path) -> None:
    book(tmp_path / "e.xlsx", Leads=[[], [None, "id", "name"], [None, "1", "a"]])
    assert read(tmp_path, "e.xlsx", header=2) == {"column 1": [None], "id": ["1"], "name": ["a"]}


def test_an_empty_sheet_is_named_and_a_header_alone_has_no_rows(tmp_path: Path) -> None:
    book(tmp_path / "e.xlsx", Notes=[], Leads=[["id", "name"]])
    assert "leads (e.xlsx): cannot be read: it is empty" in refusal(tmp_path, "e.xlsx")
    assert read(tmp_path, "e.xlsx", sheet="Leads") == {"id": [], "name": []}


def test_a_row_of_totals_is_a_row_whose_words_make_its_columns_texts(tmp_path: Path) -> None:
    book(tmp_path / "e.xlsx", Leads=[["id", "n", "day"], [1, 2, "2026-01-05"], ["Total", 2, None]])
    assert read(tmp_path, "e.xlsx") == {"id": ["1", "Total"], "n": [2.0, 2.0], "day": ["2026-01-05", None]}


def test_several_workbooks_are_one_table_whatever_the_types_of_their_columns(tmp_path: Path) -> None:
    book(tmp_path / "a1.xlsx", S=[["id", "n"], [1, 2]])
    book(tmp_path / "a2.xlsx", S=[["id", "n"], ["A", None]])
    assert read(tmp_path, "a*.xlsx") == {"id": ["1", "A"], "n": [2.0, None]}

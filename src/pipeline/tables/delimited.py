"""csv files as DuckDB reads them: separator and columns come from the header line, never from a guess over rows.

A guess that fails takes the whole line for one column, or skips rows, and blames neither.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from glob import escape
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from pipeline.definitions.places import SEPARATORS, Place
from pipeline.tables.lines import alike, encoding_of, look_through, quotation_open, text_lines, unquoted

MOST_LINES = 100
"""Lines that a header may go on for; where a quotation mark in it is never closed, it would be all of the file."""

_MARKS = ("\ufeff", "ï»¿")
"""The mark that tells an encoding, as text, and as it is read where it stands before what is no UTF-8."""


class Header(NamedTuple):
    """What a header says: the separator, the columns, and how many lines there are up to its end.

    `plain` says whether DuckDB, too, takes it for one record of one line.
    """

    separator: str
    columns: list[str]
    lines: int
    plain: bool


def csv_query(path: Path, place: Place, scratch: Path, told: Callable[[int], None] = lambda _: None) -> tuple[str, int]:
    r"""SQL that reads the file's columns as text, and how many lines stand before its first row.

    What DuckDB does not read as it stands is written anew into the folder `scratch` first: in UTF-8, every line outside
    of quotations ended by \n, and those up to the header's end left blank, so that a line keeps its number. DuckDB
    passes over records and not over lines: a quotation mark in a title would take rows along. `told` hears how many
    lines were of no encoding that the file declares, and were read as Windows' western one.

    ValueError says what is wrong with the header, or that the file is not in the encoding that is declared.
    """
    found, even = look_through(path)
    encoding = encoding_of(found, place.encoding)
    with closing(text_lines(path, encoding)) as lines:
        header = _header(lines, place)
    if not (encoding == "utf-8" and even and header.plain and header.lines == 1):
        copy = scratch / "lines.csv"
        with copy.open("w", encoding="utf-8", newline="") as written:
            rows = islice(text_lines(path, encoding, told), header.lines, None)
            written.writelines(chain(["\n"] * header.lines, alike(rows, header.separator)))
        path = copy
    declared = ", ".join(f"{quoted(column)}: 'VARCHAR'" for column in header.columns)
    # A file whose name looks like a glob is that file, and not those that it would match.
    return (
        f"select * from read_csv({quoted(escape(str(path)))}, auto_detect = false, header = false, "
        f"skip = {header.lines}, nullstr = '', delim = {quoted(header.separator)}, quote = '\"', escape = '\"', "
        f"columns = {{{declared}}})"
    ), header.lines


def read_header(path: Path, place: Place | None = None) -> tuple[str, list[str]]:
    """The separator, declared or the most frequent one of the header, and the columns; ValueError as `csv_query`."""
    place = place or Place(file=str(path))
    with closing(text_lines(path, encoding_of(look_through(path)[0], place.encoding))) as lines:
        return _header(lines, place)[:2]


def _header(lines: Iterator[str], place: Place) -> Header:
    first = next(lines, "")
    for mark in _MARKS:
        first = first.removeprefix(mark)
    # Excel writes, and reads, the separator in a line of its own above the header, and does not show it.
    said = re.fullmatch(r'"?sep=([^\w"\r\n])"?[\r\n]*', first, re.IGNORECASE)
    number = max(place.header, 2 if said else 1)
    record = first if number == 1 else next(islice(lines, number - 2, None), "")
    if not record.strip():
        which = "the first line" if number == 1 else f"line {number}"
        raise ValueError(f"it is empty; {which} must name the columns")
    last = number
    declared = place.separator or (said[1] if said else None)
    while quotation_open(record, declared):
        more = next(lines, None)
        if more is None or last - number == MOST_LINES:
            raise ValueError(f"a quotation mark in its header (line {number}) is not closed; correct it")
        record, last = record + more, last + 1
    separator = declared or max(SEPARATORS, key=unquoted(record, None).count)
    names, plain = _fields(record, separator)
    return Header(separator, column_names(names), last, plain)


def _fields(record: str, separator: str) -> tuple[list[str], bool]:
    """The fields of a record, and whether its quotation marks stand where they should."""
    try:
        return next(csv.reader([record], delimiter=separator, strict=True)), '"' not in unquoted(record, separator)
    except csv.Error:
        pass
    try:
        return next(csv.reader([record], delimiter=separator)), False
    except csv.Error as error:
        raise ValueError(f"its header cannot be split into columns ({error}); correct it") from None


def column_names(names: list[str]) -> list[str]:
    """The columns' names; a row number written beside a table has none and is called by its place.

    ValueError where two are one name, also where capitals alone differ: DuckDB does not tell these apart.
    """
    # A name is the same whichever program ended its lines.
    columns = [
        name.strip().replace("\r\n", "\n") or f"column {position}" for position, name in enumerate(names, start=1)
    ]
    seen: dict[bytes, str] = {}
    for column in columns:
        other = seen.setdefault(caseless(column), column)
        if other != column:
            raise ValueError(f"its header names the columns {other!r} and {column!r}: only capitals differ; rename one")
        if columns.count(column) > 1:
            raise ValueError(f"its header names the column {column!r} twice; rename one")
    return columns


def caseless(name: str) -> bytes:
    """A name as DuckDB compares it: only of the letters from A to Z it does not tell the capitals.

    >>> caseless("ID") == caseless("id"), caseless("É") == caseless("é")
    (True, False)
    """
    return name.encode().lower()


def row_fault(error: str) -> str | None:
    r"""The sentence for a row that DuckDB could not split as the header says; None where the error is another one.

    >>> row_fault("CSV Error on Line: 3\nOriginal Line: L6,won,1\nExpected Number of Columns: 2 Found: 3")
    "row 2 (line 3), which begins with 'L6': not the 2 fields of the header; correct it, or quote what splits it"
    """
    line = re.search(r"CSV Error on Line: (\d+)\s+Original Line: ?([^\n]*)", error)
    if line is None:
        return None
    # How it read the file stands below: a header, and what it passed over above it or with it.
    how = re.search(r"\bheader = (true|false).*?\bskip_rows = (\d+)", error.rpartition("Possible fixes")[2], re.DOTALL)
    above = int(how[2]) + (how[1] == "true") if how else 1
    number, begins = int(line[1]), re.split(r"[,;\t|]", line[2])[0]
    # An id tells which row; anything else may be somebody's name.
    begins = f"begins with {begins!r}" if re.fullmatch(r"(?=.*\d)(?!.*\d{9})[\w-]{1,40}", begins) else "is not shown"
    expected = re.search(r"Expected Number of Columns: (\d+)", error)
    if expected:
        fault = f"not the {expected[1]} fields of the header; correct it, or quote what splits it"
    elif re.search(r"^Invalid unicode", error, re.MULTILINE):
        fault = "it is no text in UTF-8; say its `encoding`, or save the file as UTF-8"
    else:
        fault = "it cannot be split into fields; a quotation mark is not closed: correct it"
    return f"row {number - above} (line {number}), which {begins}: {fault}"


def quoted(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"

"""csv files as DuckDB reads them: separator and columns come from the header line, never from a guess over rows.

A guess that fails takes the whole line for one column, or skips rows, and blames neither.
"""

from __future__ import annotations

import csv
import gzip
import re
from pathlib import Path

SEPARATORS = (",", ";", "\t", "|")


def csv_query(path: Path) -> str:
    """SQL that reads the file's columns as text; ValueError says what is wrong with its header."""
    separator, columns = read_header(path)
    declared = ", ".join(f"{_quoted(column)}: 'VARCHAR'" for column in columns)
    return (
        f"select * from read_csv({_quoted(str(path))}, auto_detect = false, header = true, nullstr = '', "
        f"delim = {_quoted(separator)}, quote = '\"', escape = '\"', columns = {{{declared}}})"
    )


def read_header(path: Path) -> tuple[str, list[str]]:
    """The separator, which is the most frequent one of the header line, and the columns."""
    opened = gzip.open if path.name.endswith(".gz") else open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
        try:
            line = file.readline()
        except UnicodeDecodeError:
            raise ValueError("it is no text in UTF-8; save it as such") from None
        if not line.strip():
            raise ValueError("it is empty; the first line must name the columns")
        separator = max(SEPARATORS, key=line.count)
        columns = next(csv.reader([line], delimiter=separator))
    # A row number written beside a table has no name.
    columns = [column or f"column {position}" for position, column in enumerate(columns, start=1)]
    twice = sorted({column for column in columns if columns.count(column) > 1})
    if twice:
        raise ValueError(f"its header names the column {twice[0]!r} twice; rename one")
    return separator, columns


def row_fault(error: str) -> str | None:
    r"""The sentence for a row that DuckDB could not split as the header says; None where the error is another one.

    >>> row_fault("CSV Error on Line: 3\nOriginal Line: L6,won,1\nExpected Number of Columns: 2 Found: 3")
    "row 2 (line 3), which begins with 'L6': not the 2 fields of the header; correct it, or quote what splits it"
    """
    line = re.search(r"CSV Error on Line: (\d+)\s+Original Line: ?([^\n]*)", error)
    if line is None:
        return None
    number, begins = int(line[1]), re.split(r"[,;\t|]", line[2])[0]
    # An id tells which row; anything else may be somebody's name.
    begins = f"begins with {begins!r}" if re.fullmatch(r"(?=.*\d)(?!.*\d{9})[\w-]{1,40}", begins) else "is not shown"
    expected = re.search(r"Expected Number of Columns: (\d+)", error)
    wrong = f"not the {expected[1]} fields of the header" if expected else "it cannot be split into fields"
    remedy = "correct it, or quote what splits it" if expected else "a quotation mark is not closed: correct it"
    return f"row {number - 1} (line {number}), which {begins}: {wrong}; {remedy}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

"""SQL over files as texts: which files a query names, and its `read_csv` told to leave texts as they are.

By itself DuckDB would take 0042 for a number.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable

from pipeline.tables.endings import DELIMITED, ends

_TOKEN = re.compile(
    r"""
      (?P<quoted> '(?:[^']|'')*' | "(?:[^"]|"")*" )
    | -- [^\n]* | /\* .*? \*/ | \$(?P<tag>\w*)\$ .*? \$(?P=tag)\$   # comments and texts in dollars hold no names
    | (?P<call> \b read_csv (?:_auto)? \s* \( )
    | (?P<open> \( )
    | (?P<close> \) )
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)


def named_files(sql: str) -> list[str]:
    """The text files and workbooks that stand in quotation marks, each once; some may be mere values.

    >>> named_files("select 'web.csv' as origin from 'Leads.XLSX' -- not 'b.csv'")
    ['web.csv', 'Leads.XLSX']
    """
    texts = [_plain(match["quoted"]) for match in _TOKEN.finditer(sql) if match["quoted"]]
    return list(dict.fromkeys(text for text in texts if ends(text, (*DELIMITED, ".xlsx"))))


def missing_file(absent: Iterable[str], error: str) -> str | None:
    """Which of the names that are no file DuckDB missed; None where it met another fault."""
    # Only its first line says so: the others repeat the query, with whatever it names.
    said = error.partition("\n")[0]
    for name in absent:
        # Of a workbook that is not there DuckDB says nothing but that it has no reader for one.
        if f'"{name}"' in said or f" {name} " in said or (ends(name, ".xlsx") and "'excel" in said):
            return name
    return None


def with_texts(sql: str, views: Container[str]) -> str:
    """The query with every `read_csv` reading texts.

    A call that only names a file becomes the view of that name, if there is one (`views` are in small letters). One
    with options keeps them, and its columns are texts except where it says otherwise.

    >>> print(with_texts("from read_csv('a.csv') join read_csv('b.csv', delim = ';') using (id)", {"a.csv"}))
    from "a.csv" join read_csv('b.csv', delim = ';', all_varchar = true) using (id)
    """
    edits: list[tuple[int, int, str]] = []
    calls: list[re.Match[str] | None] = []
    for token in _TOKEN.finditer(sql):
        if token["call"] or token["open"]:
            calls.append(token if token["call"] else None)
        elif token["close"] and calls and (call := calls.pop()) is not None:
            given = sql[call.end() : token.start()].strip()
            name = _plain(given) if re.fullmatch(r"'(?:[^']|'')*'", given) else None
            if name is not None and name.lower() in views:
                doubled = name.replace('"', '""')
                edits.append((call.start(), token.end(), f'"{doubled}"'))
            elif given and not re.search(r"\ball_varchar\b", given, re.IGNORECASE):
                edits.append((token.start(), token.start(), ", all_varchar = true"))
    for start, end, text in reversed(edits):
        sql = sql[:start] + text + sql[end:]
    return sql


def _plain(literal: str) -> str:
    mark = literal[0]
    return literal[1:-1].replace(mark * 2, mark)

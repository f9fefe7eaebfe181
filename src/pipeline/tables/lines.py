"""Text files as lines: how their bytes are encoded, where their lines end, and where a quotation is still open."""

from __future__ import annotations

import codecs
import gzip
import io
import re
from collections.abc import Callable, Generator, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import IO, cast

from pipeline.definitions.places import SEPARATORS
from pipeline.tables.endings import ends

CHUNK = 1 << 20
"""Bytes read at once while a file is looked through."""

FALLBACK = "cp1252"
"""How a line is read that is no UTF-8: what Windows writes in the west."""


def look_through(path: Path) -> tuple[str, bool]:
    r"""The encoding, and whether all lines end alike, in \n or in \r\n (only said of UTF-8).

    The encoding is `utf-8`, `utf-16` by its mark, or "mixed": not all of it is UTF-8.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    returns = feeds = pairs = 0
    before = b""
    with opened(path) as file:
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16", False
        file.seek(0)
        try:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
                returns, feeds = returns + chunk.count(b"\r"), feeds + chunk.count(b"\n")
                pairs += chunk.count(b"\r\n") + (before + chunk[:1] == b"\r\n")
                before = chunk[-1:]
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "mixed", False
    return "utf-8", returns == 0 or returns == feeds == pairs


def encoding_of(found: str, declared: str | None) -> str:
    """The encoding to read in; ValueError where UTF-8 is declared of a file that was found to be none."""
    if declared is None:
        return found
    if codecs.lookup(declared).name not in ("utf-8", "utf-8-sig"):
        return declared
    if found != "utf-8":
        raise ValueError(_no_text(declared))
    return found


def text_lines(path: Path, encoding: str, told: Callable[[int], None] = lambda _: None) -> Generator[str, None, None]:
    r"""The lines with their ends, which may be \n, \r\n or \r; ValueError where `encoding` does not fit.

    Where it is "mixed" each line is read by itself; `told` hears at the end how many were no UTF-8.
    """
    if encoding != "mixed":
        try:
            with opened(path) as binary, io.TextIOWrapper(binary, encoding=encoding, newline="") as text:
                yield from text
        except UnicodeError:
            raise ValueError(_no_text(encoding)) from None
        return
    strange = 0
    with opened(path) as binary:
        for line in (part for whole in binary for part in whole.splitlines(keepends=True)):
            try:
                yield line.decode("utf-8")
            except UnicodeDecodeError:
                strange += 1
                yield line.decode(FALLBACK, errors="replace")
    told(strange)


def alike(lines: Iterable[str], separator: str) -> Iterator[str]:
    r"""The lines, each ended by \n; what a quotation holds keeps its own ends, for they belong to the value."""
    within = False
    for line in lines:
        # Most lines hold no quotation mark, and need no closer look.
        if within or '"' in line:
            within = quotation_open(f'"{line}' if within else line, separator)
        yield line if within else line.rstrip("\r\n") + "\n"


def quotation_open(text: str, separator: str | None) -> bool:
    """Whether the last field of a text, which begins with a field, is quoted and goes on in the next line.

    >>> quotation_open('1,"a, ""b""', ","), quotation_open('1,5" pipe', ",")
    (True, False)
    """
    return any(not match["closed"] for match in _quotations(separator).finditer(text))


def unquoted(text: str, separator: str | None) -> str:
    """A text without its quoted fields: what separates fields is counted in the rest.

    >>> unquoted('"Amount, in EUR";id', None)
    ';id'
    """
    return _quotations(separator).sub("", text)


@cache
def _quotations(separator: str | None) -> re.Pattern[str]:
    # A mark opens a quotation only where a field begins: 5" is five inches.
    apart = re.escape(separator or "".join(SEPARATORS))
    return re.compile(rf'(?<![^{apart}])"[^"]*+(?:""[^"]*+)*+(?P<closed>"?)')


def opened(path: Path) -> IO[bytes]:
    """The bytes of a file, compressed or not."""
    return cast("IO[bytes]", gzip.open(path, "rb")) if ends(path.name, ".gz") else path.open("rb")


def _no_text(encoding: str) -> str:
    return f"it is no text in {encoding}, as its `encoding` says; correct that, or leave it out"

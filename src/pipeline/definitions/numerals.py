"""Numbers as people and programs write them: decimal commas, thousand separators, currency signs.

A column's decimal mark is found once from all of its values, so that one value alone is read as among the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

_PLAIN = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
_CODES = (
    "EUR USD GBP CHF SEK NOK DKK ISK PLN CZK HUF RON BGN RSD UAH RUB TRY ILS AED SAR QAR EGP MAD TND ZAR NGN KES "
    "CAD AUD NZD JPY CNY RMB HKD TWD SGD MYR THB IDR PHP VND KRW INR PKR BDT BRL MXN ARS CLP COP PEN UYU"
)
_SIGN = "[$€£¥₹₽₺₩₪¢]"
_CURRENCY = rf"(?:[A-Z]{{1,3}}?{_SIGN}|{_SIGN}|{_CODES.replace(' ', '|')}|Fr\.?|kr\.?|zł|%)"
_AROUND = re.compile(rf"(?:{_CURRENCY}\s*)?([-+]?)\s*(?:{_CURRENCY}\s*)?(.*?)\s*{_CURRENCY}?")
_SPACES = re.compile("(?<=\\d)[\\s\u00a0\u2009\u202f'’](?=\\d{3}(?!\\d))")
_MARKED = re.compile(r"[-+]?[\d.,]*\d[\d.,]*(?:[eE][-+]?\d+)?")


def read_number(text: str, decimal: str = ".") -> float:
    """The number that a text means, with `decimal` ("." or ",") before its fraction; NaN where it means none.

    >>> read_number("1 234,50 €", ","), read_number("$1,234.5"), read_number("(12)"), read_number("12 %")
    (1234.5, 1234.5, -12.0, 12.0)
    >>> read_number("12,5"), read_number("twelve"), read_number("1e999")
    (nan, nan, nan)
    """
    core = _core(text)
    if not _PLAIN.fullmatch(core) or decimal == ",":
        thousands = "," if decimal == "." else "."
        if thousands in core:
            whole, _, fraction = core.partition(decimal)
            if thousands in fraction or not re.fullmatch(rf"[-+]?\d{{1,3}}(\{thousands}\d{{3}})+", whole):
                return np.nan
            core = core.replace(thousands, "")
        core = core.replace(decimal, ".")
    value = float(core) if _PLAIN.fullmatch(core) else np.nan
    return value if np.isfinite(value) else np.nan


def _core(text: str) -> str:
    """Digits, marks and sign, without what stands around them."""
    text = text.strip().replace("\u2212", "-")
    negative = text.startswith("(") and text.endswith(")")
    found = _AROUND.fullmatch(text[1:-1].strip() if negative else text)
    sign, core = (found[1], found[2]) if found else ("", text)
    core = _SPACES.sub("", core)
    return f"-{core}" if (negative and not sign) or sign == "-" else core


def decimal_of(texts: Iterable[str]) -> str:
    """The decimal mark that a column's texts show, "." where nothing tells.

    One mark with three digits after it may be either; two kinds of marks, several of one, or another number of digits
    decide.

    >>> decimal_of(["1.234", "12,5"]), decimal_of(["1,234", "999"]), decimal_of(["1.234.567"])
    (',', '.', ',')
    """
    votes = {".": 0, ",": 0}
    for text in texts:
        core = _core(text)
        if not _MARKED.fullmatch(core):
            continue
        marks = [mark for mark in core if mark in ".,"]
        if not marks:
            continue
        last, other = marks[-1], "," if marks[-1] == "." else "."
        if other in marks:
            votes[last] += 1
        elif len(marks) > 1:
            votes[other] += 1
        elif not re.fullmatch(r"[-+]?[1-9]\d{0,2}[.,]\d{3}", core):
            votes[last] += 1
    return "," if votes[","] > votes["."] else "."


def lower_bound_of(text: str) -> float:
    """The lower bound of a band as people write it; NaN where the text is no band.

    >>> lower_bound_of("11-50"), lower_bound_of("200+"), lower_bound_of("< 10"), lower_bound_of("retail")
    (11.0, 200.0, 0.0, nan)
    """
    text = re.sub(r"(?<=\d)[\s,'](?=\d{3})", "", text.strip())
    match = re.match(r"(<)?[>≥]?\s*(\d+(?:\.\d+)?)\s*(?:\+|-|–|—|to\b|à\b|$|\w+$)", text)
    if match is None:
        return np.nan
    return 0.0 if match[1] else float(match[2])

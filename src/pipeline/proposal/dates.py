"""How a column of texts writes its times: the formats, and whether the day or the month comes first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST_UNREADABLE = 0.05
"""Above this share of rows that no format reads, a column is no time."""

FEW_UNREADABLE = 8
"""More different texts that are not of the kind are no stand-ins for a missing value."""

_CLOCK = r"(?P<clock>[T ]\s?\d{1,2}:\d{2}(?P<seconds>:\d{2}(?P<fraction>\.\d{1,9})?)?\s?(?P<half>[AaPp]\.?[Mm]\.?)?)?"
_ZONE = r"(?P<zone>\s?(Z|[+-]\d{2}:?\d{2}))?"
_YEAR_FIRST = re.compile(rf"(?P<year>\d{{4}})(?P<mark>[-/.])(?P<a>\d{{1,2}})(?P=mark)(?P<b>\d{{1,2}}){_CLOCK}{_ZONE}")
_YEAR_LAST = re.compile(
    rf"(?P<a>\d{{1,2}})(?P<mark>[-/.])(?P<b>\d{{1,2}})(?P=mark)(?P<year>\d{{4}}|\d{{2}}),?{_CLOCK}{_ZONE}"
)
_NAMED = re.compile(
    rf"(?P<a>\d{{1,2}})(?P<mark>[- ])(?P<month>[A-Za-z]{{3,9}})(?P=mark)(?P<year>\d{{4}}),?{_CLOCK}{_ZONE}"
)
_MONTH_FIRST = re.compile(rf"(?P<month>[A-Za-z]{{3,9}}) (?P<a>\d{{1,2}}), (?P<year>\d{{4}}),?{_CLOCK}{_ZONE}")
_COMPACT = re.compile(r"(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
CLOCK_ALONE = re.compile(r"\d{1,2}:\d{2}(:\d{2})?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONG = (
    "january",
    "february",
    "march",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)


@dataclass(frozen=True)
class Written:
    """How times are written: `spec` are the keys of a time column besides its name; `unreadable` the words left over.

    `dayfirst` is None where nothing tells the day from the month, and then `spec` took the day.
    """

    spec: Mapping[str, Any]
    unreadable: tuple[str, ...]
    dayfirst: bool | None = True
    shapes: int = 1


def written(words: Mapping[str, int], dayfirst: bool | None = None) -> Written | None:
    """How these texts (each with how many rows have it) write times; None if they are none.

    `dayfirst` is what other columns of the export show, for a column that does not.
    """
    shapes: Counter[str] = Counter()
    unreadable: list[str] = []
    first = second = 0
    for word, rows in words.items():
        shape, a, b = _shape(word)
        if shape is None:
            unreadable.append(word)
            continue
        shapes[shape] += rows
        first, second = max(first, a), max(second, b)
    rows = sum(words.values())
    if (
        not shapes
        or len(unreadable) > FEW_UNREADABLE
        or sum(words[word] for word in unreadable) > MOST_UNREADABLE * rows
    ):
        return None
    if all("%y" in shape for shape in shapes) and _year_leads(list(words)):
        formats = [re.sub(r"\{a\}(\W)\{b\}\W%y", r"%y\1%m\1%d", shape) for shape in shapes]
        return Written({"format": formats[0] if len(formats) == 1 else formats}, tuple(unreadable), True, len(formats))
    swapped = any("{a}" in shape for shape in shapes)
    found = dayfirst if not swapped or (first <= 12 and second <= 12) else first > 12 or second <= 12
    formats = [shape for shape, _ in shapes.most_common()]
    if all(shape.startswith("%Y-%m-%d") for shape in formats):
        return Written({}, tuple(unreadable), True)
    day, month = ("%d", "%m") if found in (True, None) else ("%m", "%d")
    listed = [shape.replace("{a}", day).replace("{b}", month) for shape in formats]
    if swapped and first > 12 and second > 12:
        # Both orders stand in one column: what only the other one reads is read by it.
        listed += [shape.replace("{a}", month).replace("{b}", day) for shape in formats if "{a}" in shape]
    # Where both orders stand in one column, the days up to the twelfth could be of either.
    ambiguous = swapped and (first > 12) == (second > 12) and (dayfirst is None or first > 12)
    listed = list(dict.fromkeys(listed))
    spec = {"format": listed[0] if len(listed) == 1 else listed}
    return Written(spec, tuple(unreadable), None if ambiguous else found if swapped else True, len(listed))


def _year_leads(words: Sequence[str]) -> bool:
    """Whether of two-digit years, months and days the year stands first: few and close together, and days last."""
    parts = [match for word in words if (match := _YEAR_LAST.fullmatch(word)) is not None]
    first = {int(match["a"]) for match in parts}
    last = {int(match["year"]) for match in parts if len(match["year"]) == 2}
    return max(first) - min(first) <= 10 and len(last) > 12 and min(last) >= 1 and max(last) <= 31 and min(first) > 12


def _shape(word: str) -> tuple[str | None, int, int]:
    """The format of one text, with {a} and {b} where day and month could be swapped, and the two numbers."""
    for pattern, build in (
        (_YEAR_FIRST, _year_first),
        (_YEAR_LAST, _year_last),
        (_NAMED, _named),
        (_MONTH_FIRST, _named),
    ):
        match = pattern.fullmatch(word)
        if match is not None:
            return build(match, _clock(match))
    if _COMPACT.fullmatch(word):
        return "%Y%m%d", 0, 0
    return None, 0, 0


def _clock(match: re.Match[str]) -> str:
    if not match["clock"]:
        return ""
    between = match["clock"][0]
    hour = "%I:%M" if match["half"] else "%H:%M"
    seconds = ":%S" if match["seconds"] else ""
    fraction = ".%f" if match["fraction"] else ""
    half = (" %p" if " " in match["clock"].strip() else "%p") if match["half"] else ""
    zone = ("%z" if match["zone"][0] != " " else " %z") if match["zone"] else ""
    return f"{between}{hour}{seconds}{fraction}{half}{zone}"


def _year_first(match: re.Match[str], clock: str) -> tuple[str | None, int, int]:
    if not (1 <= int(match["a"]) <= 12 and 1 <= int(match["b"]) <= 31):
        return None, 0, 0
    return f"%Y{match['mark']}%m{match['mark']}%d{clock}", 0, 0


def _year_last(match: re.Match[str], clock: str) -> tuple[str | None, int, int]:
    a, b = int(match["a"]), int(match["b"])
    if not (1 <= a <= 31 and 1 <= b <= 31 and min(a, b) <= 12):
        return None, 0, 0
    year = "%Y" if len(match["year"]) == 4 else "%y"
    comma = "," if "," in match[0] else ""
    return f"{{a}}{match['mark']}{{b}}{match['mark']}{year}{comma}{clock}", a, b


def _named(match: re.Match[str], clock: str) -> tuple[str | None, int, int]:
    month = match["month"].lower()
    if month not in _MONTHS and month not in _LONG:
        return None, 0, 0
    name = "%b" if month in _MONTHS else "%B"
    comma = "," if re.search(r"\d{4},", match[0]) else ""
    day = f"{name} %d, %Y" if match.re is _MONTH_FIRST else f"%d{match['mark']}{name}{match['mark']}%Y"
    return f"{day}{comma}{clock}", 0, 0


def clock_alone(words: Sequence[str]) -> bool:
    """Whether texts are times of the day."""
    return bool(words) and all(CLOCK_ALONE.fullmatch(word) for word in words)

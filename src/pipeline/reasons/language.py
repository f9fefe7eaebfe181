"""The words of a language: messages of a catalogue, plurals, numbers, percentages and dates as its readers write them.

Messages are English in the code; `locale/<code>.po` holds their translations. Catalogues are text and are read once.
"""

from __future__ import annotations

import gettext
import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

LANGUAGES = ("en", "fr")
"""Those that Leadlight speaks; the first is what it speaks when nothing else is asked for."""
MINUS = "−"
CATALOGUES = Path(__file__).parent / "locale"


class Gender:
    """A noun's gender within a message, which holds the words for each: masculine, feminine, and where it is not known.

    >>> "{gender:le dernier|la dernière|dernière fois} hier".format(gender=FEMININE)
    'la dernière hier'
    """

    def __init__(self, place: int) -> None:
        self.place = place

    def __format__(self, spec: str) -> str:
        return spec.split("|")[self.place]


MASCULINE, FEMININE, UNTOLD = Gender(0), Gender(1), Gender(2)


def message(english: str) -> str:
    """The message itself: it marks one that stands in a table and is said later."""
    return english


class Language:
    """Says things in one language. Made by `language`; two of one code say the same.

    >>> language("en").count("{n} demo request", "{n} demo requests", 1200)
    '1,200 demo requests'
    >>> language("fr").number(2.5)
    '2,5'
    """

    def __init__(self, code: str) -> None:
        self.code = code
        self.locale = Locale.parse(code)

    @cached_property
    def _catalogue(self) -> tuple[Mapping[str, str | tuple[str, ...]], Callable[[int], int]]:
        path = CATALOGUES / f"{self.code}.po"
        if not path.exists():
            return {}, lambda n: int(n != 1)
        with path.open("rb") as file:
            catalogue = read_po(file, locale=self.code)
        found: dict[str, str | tuple[str, ...]] = {}
        for message in catalogue:
            if message.id and message.string and not message.fuzzy:
                key = message.id if isinstance(message.id, str) else message.id[0]
                found[key] = message.string if isinstance(message.string, str) else tuple(message.string)
        return found, gettext.c2py(catalogue.plural_expr)

    def text(self, message: str, /, **values: object) -> str:
        """A message, with its places filled; English where the catalogue lacks it."""
        found = self._catalogue[0].get(message, message)
        said = found if isinstance(found, str) else found[0]
        return said.format(**values) if values else said

    def count(self, one: str, many: str, n: int, /, **values: object) -> str:
        """A message in the number that `n` asks for; `{n}` in it is the number as it is written."""
        known, plural = self._catalogue
        found = known.get(one)
        forms = found if isinstance(found, tuple) else (one, many)
        place = plural(n) if isinstance(found, tuple) else int(n != 1)
        return forms[min(place, len(forms) - 1)].format(n=self.number(n), **values)

    def number(self, value: float) -> str:
        """A number without digits that mean nothing: 1,200, 340, 2.5, 0.031."""
        return _number(self.code, value)

    def fixed(self, value: float, digits: int = 2) -> str:
        """A number with so many digits after its mark, whatever its size."""
        return _decimal(self.code, round(value, digits), f"#,##0.{'0' * digits}")

    def signed(self, value: float) -> str:
        """A difference with its sign and two digits; nothing is -0.00."""
        shown = self.fixed(abs(value))
        return shown if round(abs(value), 2) == 0 else f"{'+' if value > 0 else MINUS}{shown}"

    def percent(self, probability: float) -> str:
        """A probability, with more digits near 0 and 1."""
        if probability < 0.001:
            return self.text("under {n} %", n=self.number(0.1))
        if probability > 0.999:
            return self.text("over {n} %", n=self.number(99.9))
        digits = 1 if probability < 0.0995 or probability > 0.99 else 0
        return self.text("{n} %", n=_decimal(self.code, round(100 * probability, digits), f"0.{'0' * digits}"))

    def date(self, microseconds: int, timezone: str = "UTC") -> str:
        """The local day of an instant: "3 June 2026"."""
        day = datetime.fromtimestamp(microseconds / 1e6, tz=UTC).astimezone(ZoneInfo(timezone))
        return format_date(day, "d MMMM y", locale=self.locale)


@lru_cache(maxsize=65536)
def _number(code: str, value: float) -> str:
    if not math.isfinite(value) or abs(value) >= 1e15:
        return f"{value:g}"
    if value == round(value) or abs(value) >= 100:
        return _decimal(code, round(value), "#,##0")
    if abs(value) >= 1:
        return _decimal(code, value, "#,##0.#")
    return _decimal(code, float(f"{value:.2g}"), "#,##0.##########")


@lru_cache(maxsize=65536)
def _decimal(code: str, value: float, pattern: str) -> str:
    return str(format_decimal(value, format=pattern.rstrip("."), locale=code))


_KNOWN = {code: Language(code) for code in LANGUAGES}


def language(code: str | None = None) -> Language:
    """The language of a code such as "fr" or "fr-CA"; ValueError names those that there are.

    >>> language("fr-CA").code, language().code
    ('fr', 'en')
    """
    if code is None:
        return _KNOWN[LANGUAGES[0]]
    found = _KNOWN.get(code.strip().replace("_", "-").split("-")[0].lower())
    if found is None:
        raise ValueError(f"{code!r} is no language that Leadlight speaks; expected one of {', '.join(LANGUAGES)}")
    return found


def preferred(header: str | None) -> Language:
    """The language that an Accept-Language header likes best of those that there are; the first where it likes none.

    >>> preferred("de, fr;q=0.8, en;q=0.5").code, preferred("*").code, preferred("fr;q=0").code, preferred(None).code
    ('fr', 'en', 'en', 'en')
    """
    best, most = _KNOWN[LANGUAGES[0]], 0.0
    for part in (header or "")[:1000].split(","):
        tag, *parameters = (piece.strip() for piece in part.split(";"))
        found = _KNOWN.get(tag.split("-")[0].lower())
        weight = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip() == "q":
                try:
                    weight = float(value)
                except ValueError:
                    weight = 0.0
        if found is not None and most < weight <= 1:
            best, most = found, weight
    return best

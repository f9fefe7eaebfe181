"""A measure's value as a phrase: the words of each measure word, in a language."""

from __future__ import annotations

import re
from collections.abc import Callable

from pipeline.definitions.criteria import Measure
from pipeline.definitions.spans import DAY
from pipeline.reasons.french_nouns import french_noun
from pipeline.reasons.language import UNTOLD, Gender, Language, message
from pipeline.reasons.nouns import Noun, noun
from pipeline.reasons.wording import LONGEST_VALUE, line, plain, span, within

NOUNS: dict[str, Callable[[str], Noun | None]] = {"en": noun, "fr": french_noun}
"""Language -> what reads a label as a noun."""
COLUMNS = {
    "amount": message("amount"),
    "asset": message("asset"),
    "campaign": message("campaign"),
    "duration": message("duration"),
    "page": message("page"),
    "subject": message("subject"),
}
"""Columns of interactions that many a CRM has; the name of any other is said as it stands."""
WEEKDAYS = (
    message("created on a Monday"),
    message("created on a Tuesday"),
    message("created on a Wednesday"),
    message("created on a Thursday"),
    message("created on a Friday"),
    message("created on a Saturday"),
    message("created on a Sunday"),
)
BUILT_IN = {
    "age": message("age not known"),
    "created_weekday": message("weekday of creation not known"),
    "created_hour": message("hour of creation not known"),
}
PICKING_UP, STEADY = 1.25, 0.8
"""Paces against the longer window from which on they are said to rise, and to stay."""


def column_words(column: str | None, words: Language) -> str:
    """A column's name inside a sentence."""
    name = (column or "").replace("_", " ")
    return words.text(COLUMNS[name]) if name in COLUMNS else name


def gender_of(name: str, words: Language) -> Gender:
    """The gender of a name that may be a noun."""
    found = NOUNS[words.code](name)
    return found.gender if found else UNTOLD


def value_words(value: str | float, words: Language) -> str:
    """A value of the CRM as it stands; one that is written like a name of a program, in words.

    >>> from pipeline.reasons.language import language
    >>> value_words("this_quarter", language()), value_words("A_ACCEPTED", language()), value_words(1200.0, language())
    ('this quarter', 'A_ACCEPTED', '1,200')
    """
    if not isinstance(value, str):
        return words.number(value)
    shown = plain(value, words)
    return shown.replace("_", " ") if re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)+", shown) else shown


def interactions(words: Language) -> Noun:
    """Facts of every kind."""
    return NOUNS[words.code](words.text("Interactions")) or Noun("", "")


def unanswered(count: int, window: int | None, words: Language) -> str:
    """Attempts that nobody answered."""
    said = (
        words.count("{n} attempt unanswered", "{n} attempts unanswered", count)
        if count
        else words.text("no attempt unanswered")
    )
    return windowed(said, window, words)


def windowed(said: str, window: int | None, words: Language) -> str:
    """A phrase with the window it is about."""
    return f"{said} {within(window, words)}" if window else said


def measured(measure: Measure, value: float, words: Language) -> str:
    """A measure other than a count or a time ago."""
    word, window = measure.word, measure.window
    if word == "trend":
        return _trend(measure, value, words)
    if word == "distinct":
        return windowed(_distinct(measure, int(value), words), window, words)
    if word == "unanswered":
        return unanswered(int(value), window, words)
    if word == "active_days":
        return _active(int(value), window, words)
    if word == "share":
        said = words.text("{percent} of all interactions", percent=_share(value, words))
        return windowed(said, window, words)
    said = {
        "total": message("total {column} {number}"),
        "mean": message("average {column} {number}"),
        "largest": message("largest {column} {number}"),
        "latest": message("latest {column} {number}"),
    }[word]
    column = column_words(measure.column, words)
    phrase = words.text(said, column=column, number=words.number(value), gender=gender_of(column, words))
    return f"{phrase} {words.text('over {span}', span=span(window, words))}" if window else phrase


def latest_text(measure: Measure, value: str, words: Language) -> str:
    """The newest text of a column."""
    column = column_words(measure.column, words)
    return words.text(
        "latest {column}: {value}", column=column, value=plain(value, words), gender=gender_of(column, words)
    )


def days_on(days: int, words: Language) -> str:
    """On how many days, behind a count of the same window."""
    return words.count("on {n} day", "on {n} days", days)


def built_in(name: str, value: float | None, words: Language) -> str:
    """What the creation of the lead tells: its age in whole hours (as a number of days), weekday or hour."""
    if value is None:
        return words.text(BUILT_IN[name])
    if name == "created_weekday":
        return words.text(WEEKDAYS[int(value) - 1])
    if name == "created_hour":
        return words.text("created between {hour}:00 and {next}:00", hour=int(value), next=int(value) + 1)
    hours = int(value * 24 + 1e-6)
    if not hours:
        return words.text("the lead is less than an hour old")
    if hours < 24:
        return words.count("the lead is {n} hour old", "the lead is {n} hours old", hours)
    return words.count("the lead is {n} day old", "the lead is {n} days old", hours // 24)


def quoted(name: str, words: Language) -> str:
    """What is no noun of the language, in its quotation marks."""
    return words.text("“{name}”", name=line(name)[:LONGEST_VALUE])


def _share(value: float, words: Language) -> str:
    if 0 < value < 0.005:
        return words.text("under {n} %", n=words.number(1))
    return words.text("{n} %", n=words.number(round(100 * value)))


def _active(days: int, window: int | None, words: Language) -> str:
    if window and window % DAY == 0 and window > DAY:
        of = words.number(window // DAY)
        return words.count("active on {n} of the last {of} days", "active on {n} of the last {of} days", days, of=of)
    return windowed(words.count("active on {n} day", "active on {n} days", days), window, words)


def _distinct(measure: Measure, count: int, words: Language) -> str:
    column = column_words(measure.column, words)
    things = NOUNS[words.code](column)
    if things is None or (things.gender is UNTOLD and words.code != "en"):
        known = words.count("{n} different value", "{n} different values", count)
        return words.text("{thing}: {value}", thing=quoted(column, words), value=known)
    if count < 2:
        return things.counted(count, words)
    return words.text("{n} different {things}", n=words.number(count), things=things.many, gender=things.gender)


def _trend(measure: Measure, value: float, words: Language) -> str:
    if value == 0:
        return windowed(words.text("gone quiet"), measure.window, words)
    if STEADY <= value <= PICKING_UP:
        return words.text("at a steady pace")
    rising = message("picking up, {times} times the pace of the last {long}")
    falling = message("slowing down, {times} times the pace of the last {long}")
    long = span(measure.long or DAY, words)
    return words.text(rising if value > PICKING_UP else falling, times=words.number(value), long=long)

"""Reasons in words: what a criterion's measures show, as a sales person would say it.

Every word comes from the measures that the model saw, nothing else. The phrases stand in one table, apart from the code
that chooses among them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from pipeline.definitions.criteria import Criterion, Measure
from pipeline.reasons.nouns import Noun, in_sentence, noun
from pipeline.reasons.wording import Today, number, plain, span

Value = float | str | None
"""A measure's value for one lead; None or NaN is missing."""

WEIGHTS = ((0.7, "A strong point {side}."), (0.2, "A point {side}."), (0.02, "A small point {side}."))
"""From this |contribution| in log-odds on: 0.7 doubles or halves the odds."""
NO_WEIGHT = "Of no weight here."

PHRASES = {
    "so far": "{things} so far",
    "times": "{thing} {times}",
    "within": "in the last {span}",
    "over": "over {span}",
    "latest": "the latest {ago}",
    "latest thing": "{thing}: {ago}",
    "first": "the first {ago}",
    "in all": "{count} in all",
    "none since": "none {window}",
    "not since": "not {window}",
    "active": "active on {days} {window}",
    "on": "on {days}",
    "share": "{percent} % of all interactions {window}",
    "quiet": "gone quiet {window}",
    "picking up": "picking up, {times} times the pace of the last {long}",
    "slowing down": "slowing down, {times} times the pace of the last {long}",
    "steady": "at a steady pace",
    "unanswered": "{attempts} unanswered {window}",
    "total": "total {column} {number} {over}",
    "mean": "average {column} {number} {over}",
    "largest": "largest {column} {number} {over}",
    "latest value": "latest {column} {number}",
    "latest text": "latest {column}: {value}",
    "unknown": "{thing} not known",
    "known": "{thing}: {value}",
    "at least": "{value} or more",
    "age": "the lead is {span} old",
    "new": "less than an hour",
    "created_weekday": "created on a {weekday}",
    "created_hour": "created between {hour}:00 and {next}:00",
}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ENTITY = {"contact": " with the contact", "account": " at the account"}
INTERACTIONS = Noun("interaction", "interactions")
ATTEMPTS = Noun("attempt", "attempts")
DAYS = Noun("day", "days")
HOURS = Noun("hour", "hours")
TIMES = {1: "once", 2: "twice"}
"""How often, in a word; above that "3 times"."""

EMPTY_AT_ZERO = {"share", "total", "distinct", "active_days", "unanswered"}
"""Measures whose zero says nothing that the count has not said."""


def reason_text(evidence: str, contribution: float) -> str:
    """The whole reason: its evidence, then how much it counts.

    >>> reason_text("2 demo requests in the last 7 days, the latest yesterday", 1.3)
    '2 demo requests in the last 7 days, the latest yesterday. A strong point in favour.'
    """
    side = "in favour" if contribution > 0 else "against"
    weight = next((words for least, words in WEIGHTS if abs(contribution) >= least), NO_WEIGHT)
    return f"{evidence[:1].upper()}{evidence[1:]}. {weight.format(side=side)}"


class Speaker:
    """Says what one criterion's measures show; made once a criterion, used for every lead.

    >>> demos = Criterion("demo_requests", "behaviour", (Measure.parse("count 7d"), Measure.parse("days_since_last")),
    ...                   when=(("kind", ("demo_request",)),))
    >>> Speaker(demos, Today(as_of=1_750_000_000_000_000)).evidence([2.0, 1.1])
    '2 demo requests in the last 7 days, the latest yesterday'
    """

    def __init__(self, criterion: Criterion, today: Today) -> None:
        self.criterion = criterion
        self.today = today
        self.title = plain(criterion.title("en"))
        # A label like "Account: deals won" says the entity in front; a sentence says it behind.
        before, _, name = self.title.partition(": ")
        name = name if before.lower() == criterion.of else self.title
        entity = "" if criterion.of in name.lower() else ENTITY.get(criterion.of, "")
        things = noun(name) if criterion.when else INTERACTIONS
        self.things = Noun(things.one + entity, things.many + entity) if things else None
        self.thing = things.one + entity if things else f"“{name}”{entity}"
        places = [place for place, measure in enumerate(criterion.measures) if measure.word == "count"]
        self.counts = sorted(places, key=lambda place: criterion.measures[place].window or math.inf)
        # Most leads share what they show of most criteria: nothing.
        self._said: dict[tuple[Value, ...], str] = {}
        self.last = next((place for place, m in enumerate(criterion.measures) if m.word == "days_since_last"), None)

    def evidence(self, values: Sequence[Value]) -> str:
        """One phrase, without a capital or a full stop; `values` are in the order of the criterion's columns."""
        known = tuple(None if isinstance(value, float) and math.isnan(value) else value for value in values)
        if known not in self._said:
            self._said[known] = self._say(known)
        return self._said[known]

    def _say(self, known: Sequence[Value]) -> str:
        if self.criterion.built_in is not None:
            return _built_in(self.criterion.built_in, known[0])
        if self.criterion.attribute is not None:
            return self._attribute(known[0])
        numbers = [value if isinstance(value, float) else None for value in known]
        said = [*self._counted(numbers)]
        said += self._others(known, just_said=said[-1] if said else "")
        return ", ".join(said) if said else self._nothing(self.criterion.measures[0])

    def _attribute(self, value: Value) -> str:
        thing = in_sentence(self.title)
        if value is None:
            return PHRASES["unknown"].format(thing=thing)
        words = plain(value) if isinstance(value, str) else number(value)
        if self.criterion.values == "bands":
            words = PHRASES["at least"].format(value=words)
        return PHRASES["known"].format(thing=thing, value=words)

    def _count(self, count: int) -> str:
        if self.things is not None:
            return self.things.counted(count)
        if count == 0:
            return f"no {self.thing}"
        return PHRASES["times"].format(thing=self.thing, times=TIMES.get(count) or f"{count:,} times")

    def _counted(self, numbers: Sequence[float | None]) -> Iterator[str]:
        """Counts and the latest fact: the shortest window that holds a fact, the widest count, how long ago."""
        counts = [(self.criterion.measures[place].window, int(numbers[place] or 0)) for place in self.counts]
        days = None if self.last is None else numbers[self.last]
        if self.last is not None and days is None:
            yield PHRASES["so far"].format(things=self._count(0))
            return
        ago = None if days is None else self.today.ago(days)
        if not counts:
            if ago is not None:
                yield PHRASES["latest thing"].format(thing=self.thing, ago=ago)
            return
        widest, most = counts[-1]
        window, count = next((pair for pair in counts if pair[1]), counts[-1])
        once = widest is None and most == 1
        if once and ago is not None:
            yield f"{self._count(1)}, {ago}"
            return
        empty = [within for within, facts in counts if within is not None and facts == 0]
        phrase = f"{self._count(count)} {_within(window)}".strip()
        if window is None and ago is None and not (count and empty):
            phrase = PHRASES["so far"].format(things=phrase)
        if most > count:
            rest = f"{most:,} {_within(widest)}" if widest else PHRASES["in all"].format(count=f"{most:,}")
            phrase += f" ({rest})"
        yield phrase
        if ago is not None:
            yield PHRASES["latest"].format(ago=ago)
        elif window is None and count and empty:
            yield PHRASES["not since" if once else "none since"].format(window=_within(empty[-1]))

    def _others(self, values: Sequence[Value], just_said: str) -> Iterator[str]:
        """What the other measures add; nothing for one that is missing or, where that says no more, zero."""
        for measure, value in zip(self.criterion.measures, values, strict=True):
            if measure.word in ("count", "days_since_last") or value is None:
                continue
            if isinstance(value, str):
                yield PHRASES["latest text"].format(column=_words(measure.column), value=plain(value))
            elif measure.word == "days_since_first":
                yield PHRASES["first"].format(ago=self.today.ago(value))
            elif value and measure.word == "active_days" and just_said.endswith(_within(measure.window) or "so far"):
                yield PHRASES["on"].format(days=DAYS.counted(int(value)))
            elif value or measure.word not in EMPTY_AT_ZERO:
                yield _measured(measure, value)

    def _nothing(self, measure: Measure) -> str:
        """What is said where no measure shows anything."""
        if measure.word in ("mean", "largest", "latest"):
            return PHRASES["unknown"].format(thing=_words(measure.column))
        if measure.word == "unanswered":
            return PHRASES["unanswered"].format(attempts=ATTEMPTS.counted(0), window=_within(measure.window)).strip()
        if measure.word in ("share", "trend"):
            widest = measure.long or measure.window
            return (
                f"{INTERACTIONS.counted(0)} {_within(widest)}"
                if widest
                else PHRASES["so far"].format(things=INTERACTIONS.counted(0))
            )
        return (
            f"{self._count(0)} {_within(measure.window)}"
            if measure.window
            else PHRASES["so far"].format(things=self._count(0))
        )


def _within(window: int | None) -> str:
    return "" if window is None else PHRASES["within"].format(span=span(window))


def _words(column: str | None) -> str:
    return (column or "").replace("_", " ")


def _measured(measure: Measure, value: float) -> str:
    """A measure other than a count or a time ago, in words."""
    word, column = measure.word, _words(measure.column)
    if word == "trend":
        word = "quiet" if value == 0 else "picking up" if value > 1.25 else "steady" if value >= 0.8 else "slowing down"
    if word == "distinct":
        things = noun(column) or Noun(column, column)
        different = Noun(things.one, f"different {things.many}").counted(int(value))
        return f"{different} {_within(measure.window)}".strip()
    key = "latest value" if word == "latest" else "active" if word == "active_days" else word
    count = int(value) if word in ("unanswered", "active_days") else 0
    phrase = PHRASES[key].format(
        attempts=ATTEMPTS.counted(count),
        column=column,
        days=DAYS.counted(count),
        long=span(measure.long) if measure.long else "",
        number=number(value),
        over=PHRASES["over"].format(span=span(measure.window)) if measure.window else "",
        percent="under 1" if 0 < value < 0.005 else f"{100 * value:.0f}",
        times=number(value),
        window=_within(measure.window),
    )
    return phrase.strip()


def _built_in(name: str, value: Value) -> str:
    if not isinstance(value, float):
        return PHRASES["unknown"].format(thing=name.replace("_", " "))
    if name == "created_weekday":
        return PHRASES[name].format(weekday=WEEKDAYS[int(value) - 1])
    if name == "created_hour":
        return PHRASES[name].format(hour=int(value), next=int(value) + 1)
    hours = int(value * 24)
    age = DAYS.counted(hours // 24) if hours >= 24 else HOURS.counted(hours) if hours else PHRASES["new"]
    return PHRASES["age"].format(span=age)

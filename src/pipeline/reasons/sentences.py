"""Reasons in words: what a criterion's measures show, as a sales person would say it.

Every word comes from the measures that the model saw, and from what is usual among the leads it learned from; nothing
else. The phrases of single measures are `phrases`, what is usual is `usually`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pipeline.definitions.criteria import Criterion, Measure
from pipeline.reasons.language import UNTOLD, Language, language, message
from pipeline.reasons.nouns import in_sentence
from pipeline.reasons.persona import persona_text
from pipeline.reasons.phrases import (
    NOUNS,
    built_in,
    column_words,
    days_on,
    gender_of,
    interactions,
    latest_text,
    measured,
    quoted,
    unanswered,
    value_words,
    windowed,
)
from pipeline.reasons.usually import NO_BAND, Usually
from pipeline.reasons.wording import Ago, Today, plain, within

Value = float | str | None
"""A measure's value for one lead; None or NaN is missing."""
Read = float | str | Ago | None
"""A value as far as a sentence tells it: what reads alike is said alike, and made once."""
Told = tuple[Any, ...]
"""All that a sentence tells of one lead: its age band, then each value as Read."""

ENTITY = {"contact": message(" with the contact"), "account": message(" at the account")}
BEFORE = {"contact": ("contact",), "account": ("account", "compte")}
"""How a label may say the entity in front of a colon."""
TIMES = {1: message("once"), 2: message("twice")}
"""How often, in a word; above that "3 times"."""
KEPT = 20_000
"""Sentences of one criterion that are kept; then it starts anew."""
EMPTY_AT_ZERO = {"share", "total", "distinct", "active_days", "unanswered"}
"""Measures whose zero says nothing that the count has not said."""
SINCE = ("days_since_first", "days_since_last")
WHOLE = ("count", "distinct", "active_days", "unanswered")


class Speaker:
    """Says what one criterion's measures show; made once a criterion, used for every lead.

    With `usual`, what a card keeps of the training observations, a sentence ends in what is usual at the lead's age.

    >>> demos = Criterion("demo_requests", "behaviour", (Measure.parse("count 7d"), Measure.parse("days_since_last")),
    ...                   when=(("kind", ("demo_request",)),))
    >>> Speaker(demos, Today(as_of=1_750_000_000_000_000)).evidence([2.0, 1.1])
    '2 demo requests in the last 7 days, the latest yesterday'
    """

    def __init__(
        self,
        criterion: Criterion,
        today: Today,
        words: Language | None = None,
        usual: Mapping[str, Any] | None = None,
        vocabularies: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.criterion, self.today, self.words = criterion, today, words or language()
        words = self.words
        self.title = plain(criterion.title(words.code), words)
        # A label like "Account: deals won" says the entity in front; a sentence says it behind.
        before, _, name = self.title.partition(": ")
        name = name if before.strip().lower() in BEFORE.get(criterion.of, ()) else self.title
        said = any(entity in name.lower() for entity in BEFORE.get(criterion.of, ()))
        entity = "" if said or criterion.of not in ENTITY else words.text(ENTITY[criterion.of])
        # A label in another language than the sentence is quoted, not counted.
        spoken = words.code in criterion.label or (words.code == "en" and not criterion.label)
        things = NOUNS[words.code](name) if spoken else None
        things = interactions(words) if criterion.measures and not criterion.when else things
        self.things = things.of(entity) if things else None
        self.thing = self.things.one if self.things else quoted(name, words) + entity
        self.gender = self.things.gender if self.things else UNTOLD
        places = [place for place, measure in enumerate(criterion.measures) if measure.word == "count"]
        self.counts = sorted(places, key=lambda place: criterion.measures[place].window or math.inf)
        since = {measure.word: place for place, measure in enumerate(criterion.measures) if measure.word in SINCE}
        self.last, self.first = since.get("days_since_last"), since.get("days_since_first")
        self.usually = Usually.of(criterion, words, self.gender, usual, vocabularies or {})
        # Most leads share what they show of most criteria: nothing.
        self._said: dict[Told, str] = {}

    def evidence(self, values: Sequence[Value], age: float | None = None) -> str:
        """One phrase, without a capital or a full stop; `values` are in the order of the criterion's columns.

        With the lead's `age` in days it ends in what is usual at that age, where the model's card tells.
        """
        (said,) = self.tell([[value] for value in values], [self.usually.band(age)])
        return said

    def tell(self, columns: Sequence[Sequence[Value]], bands: Sequence[int], today: Today | None = None) -> list[str]:
        """The phrases of n leads, from the criterion's columns and the leads' age bands, each n long.

        `today` is the moment of scoring, where it is another than the speaker's.
        """
        readers = [_reader(measure, today or self.today) for measure in self.criterion.measures]
        readers = readers or [_age if self.criterion.built_in == "age" else shown] * len(columns)
        told = [
            [None if _missing(value) else reader(value) for value in column]
            for reader, column in zip(readers, columns, strict=True)
        ]
        shown_at = bands if self.usually.known else [NO_BAND] * len(bands)
        return [self._phrase(key) for key in zip(shown_at, *told, strict=True)]

    def _phrase(self, told: Told) -> str:
        said = self._said.get(told)
        if said is None:
            band, *values = told
            if len(self._said) >= KEPT:
                self._said.clear()
            said = self._said[told] = self._say(values) + self.usually.text(values, band)
        return said

    def _say(self, read: Sequence[Read]) -> str:
        criterion, words = self.criterion, self.words
        if criterion.built_in is not None:
            return built_in(criterion.built_in, read[0] if isinstance(read[0], float) else None, words)
        if criterion.persona:
            return persona_text(criterion, read, words)
        if criterion.attribute is not None:
            return self._attribute(read[0])
        said = [*self._counted(read)]
        once = bool(self.counts) and criterion.measures[self.counts[-1]].window is None
        once = once and _whole(read[self.counts[-1]]) == 1
        said += self._others(read, said[-1] if said else "", once=once)
        return ", ".join(said) if said else self._nothing(criterion.measures[0])

    def _attribute(self, value: Read) -> str:
        thing, words = in_sentence(self.title), self.words
        if not isinstance(value, str | float):
            return words.text("{thing} not known", thing=thing, gender=self.gender)
        known = value_words(value, words)
        if self.criterion.values == "bands":
            known = words.text("{value} or more", value=known)
        return words.text("{thing}: {value}", thing=thing, value=known)

    def _count(self, count: int) -> str:
        words = self.words
        if self.things is not None:
            return self.things.counted(count, words)
        if count == 0:
            return words.text("no {thing}", thing=self.thing)
        times = words.text(TIMES[count]) if count in TIMES else words.count("{n} time", "{n} times", count)
        return f"{self.thing} {times}"

    def _so_far(self, count: int) -> str:
        return self.words.text("{things} so far", things=self._count(count))

    def _counted(self, read: Sequence[Read]) -> Iterator[str]:
        """Counts and the latest fact: the shortest window that holds a fact, the widest count, how long ago."""
        words = self.words
        counts = [(self.criterion.measures[place].window, _whole(read[place])) for place in self.counts]
        elapsed = None if self.last is None else read[self.last]
        if self.last is not None and elapsed is None:
            yield self._so_far(0)
            return
        if self.first is not None and counts and counts[-1] == (None, 1) and elapsed is None:
            # The only one is the latest, too.
            elapsed = read[self.first]
        ago = elapsed.text(words) if isinstance(elapsed, Ago) else None
        if not counts:
            if ago is not None:
                yield words.text("{thing}: {ago}", thing=self.thing, ago=ago)
            return
        widest, most = counts[-1]
        window, count = next((pair for pair in counts if pair[1]), counts[-1])
        once = widest is None and most == 1
        if once and ago is not None:
            yield f"{self._count(1)}, {ago}"
            return
        empty = [wide for wide, facts in counts if wide is not None and facts == 0]
        phrase = windowed(self._count(count), window, words)
        if window is None and ago is None and not (count and empty):
            phrase = self._so_far(count)
        if most > count:
            rest = windowed(words.number(most), widest, words)
            phrase += f" ({rest if widest else words.text('{n} in all', n=rest)})"
        yield phrase
        if ago is not None:
            yield words.text("the latest {ago}", ago=ago, gender=self.gender)
        elif window is None and count and empty:
            none = message("not {window}") if once else message("none {window}")
            yield words.text(none, window=within(empty[-1], words), gender=self.gender)

    def _others(self, read: Sequence[Read], just_said: str, *, once: bool) -> Iterator[str]:
        """What the other measures add; nothing for one that is missing or, where that says no more, zero."""
        words = self.words
        for measure, value in zip(self.criterion.measures, read, strict=True):
            if measure.word in ("count", "days_since_last") or value is None:
                continue
            if isinstance(value, str):
                yield latest_text(measure, value, words)
            elif isinstance(value, Ago):
                if once:
                    continue
                yield words.text("the first {ago}", ago=value.text(words), gender=self.gender)
            elif value and measure.word == "active_days" and just_said.endswith(self._ending(measure.window)):
                yield days_on(int(value), words)
            elif value or measure.word not in EMPTY_AT_ZERO:
                yield measured(measure, value, words)

    def _ending(self, window: int | None) -> str:
        """How a count of that window ends; one without a window ends as no other phrase does."""
        return within(window, self.words) if window else self._so_far(1).removeprefix(self._count(1))

    def _nothing(self, measure: Measure) -> str:
        """What is said where no measure shows anything."""
        words = self.words
        if measure.word in ("mean", "largest", "latest"):
            column = column_words(measure.column, words)
            return words.text("{thing} not known", thing=column, gender=gender_of(column, words))
        if measure.word == "unanswered":
            return unanswered(0, measure.window, words)
        if measure.word in ("share", "trend"):
            none, widest = interactions(words).counted(0, words), measure.long or measure.window
            return windowed(none, widest, words) if widest else words.text("{things} so far", things=none)
        return windowed(self._count(0), measure.window, words) if measure.window else self._so_far(0)


def shown(value: Any) -> Any:
    """A value with the digits that a sentence shows; a text as it is.

    >>> shown(340.44), shown(2.53), shown(0.03127), shown("/pricing")
    (340.0, 2.5, 0.031, '/pricing')
    """
    if not isinstance(value, float) or not math.isfinite(value):
        return value
    size = abs(value)
    return float(round(value)) if size >= 100 else round(value, 1) if size >= 1 else float(f"{value:.2g}")


def _age(days: float) -> float:
    """An age in whole hours, as days."""
    return math.floor(days * 24) / 24


def _reader(measure: Measure, today: Today) -> Callable[[Any], Read]:
    """What of a measure's value a sentence tells."""
    if measure.word in SINCE:
        return lambda days: today.elapsed(days) if isinstance(days, float) else None
    return _itself if measure.word in WHOLE else shown


def _missing(value: Value) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _itself(value: Read) -> Read:
    return value


def _whole(value: Read) -> int:
    return int(value) if isinstance(value, float) else 0

"""What is usual, at the end of a sentence: how many of the leads that the model learned from show as much.

It reads what the card keeps of the training observations (`learning.usual`); a card without it says nothing.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.definitions.criteria import Criterion
from pipeline.reasons.language import UNTOLD, Gender, Language, message
from pipeline.reasons.wording import within

LEADS = (
    message("{percent} of leads in their first week"),
    message("{percent} of leads in their first month"),
    message("{percent} of leads in their first three months"),
    message("{percent} of leads older than three months"),
)
"""A message an age band of `learning.usual.BANDS`."""
COUNTED = ("count", "distinct", "active_days", "unanswered")
"""Words whose values are whole numbers, of which "2 or more" can be said."""
TELLING = ("count", "days_since_last", "days_since_first", "active_days", "distinct", "unanswered")
"""Words that tell whether there was any fact, those first that tell it best."""
NO_BAND = -1
FEW = 0.2
"""A share from which on "have one" is no news of a lead that has several."""


@dataclass(frozen=True)
class Usually:
    """What is usual of one criterion, in one language; `place` is the measure that it is about, -1 for none."""

    criterion: Criterion
    words: Language
    gender: Gender = UNTOLD
    place: int = -1
    bands: tuple[float, ...] = ()
    known: Mapping[str, Any] | None = None
    vocabulary: Sequence[str] = ()

    @classmethod
    def of(
        cls,
        criterion: Criterion,
        words: Language,
        gender: Gender,
        usual: Mapping[str, Any] | None,
        vocabularies: Mapping[str, Sequence[str]],
    ) -> Usually:
        """The measure that tells best, of a card's `usual`; nothing where the card does not know it."""
        columns = (usual or {}).get("columns", {})
        place = _telling(criterion)
        if usual is None or place < 0 or criterion.columns[place] not in columns:
            return cls(criterion, words)
        name = criterion.columns[place]
        return cls(criterion, words, gender, place, tuple(usual["bands"]), columns[name], vocabularies.get(name, ()))

    def band(self, age: float | None) -> int:
        """The age band of a lead that many days old; NO_BAND where nothing is said."""
        return NO_BAND if self.known is None or age is None else bisect_left(self.bands, age)

    def text(self, read: Sequence[Any], band: int) -> str:
        """The end of the sentence, with the mark before it; nothing where nothing is known."""
        if self.known is None or band == NO_BAND:
            return ""
        if "at_least" in self.known:
            said = self._facts(read[self.place], band)
        elif "deciles" in self.known:
            said = self._among(read[self.place])
        else:
            said = self._alike(read[self.place])
        return self.words.text("; {usual}", usual=said) if said else ""

    def _facts(self, value: Any, band: int) -> str:
        known: Mapping[str, Sequence[float | None]] = (self.known or {})["at_least"]
        count = int(value) if isinstance(value, float) and self.criterion.measures[self.place].word in COUNTED else 1
        least = 1
        if count > 1 and (known["1"][band] or 0.0) >= FEW:
            least = max(int(k) for k in known if int(k) <= count)
        share = known[str(least)][band]
        if share is None:
            return ""
        words, window = self.words, self.criterion.measures[self.place].window
        leads = words.text(LEADS[band], percent=_percent(share, words))
        if least > 1:
            k = words.number(least)
            if window:
                return words.text("{leads} have {k} or more {window}", leads=leads, k=k, window=within(window, words))
            return words.text("{leads} have {k} or more", leads=leads, k=k, gender=self.gender)
        if window:
            return words.text(
                "{leads} have one {window}", leads=leads, window=within(window, words), gender=self.gender
            )
        return words.text("{leads} have one", leads=leads, gender=self.gender)

    def _among(self, value: Any) -> str:
        """Where a number stands among all leads that have one."""
        if not isinstance(value, float) or not math.isfinite(value):
            return ""
        words, deciles = self.words, (self.known or {})["deciles"]
        below = sum(decile < value for decile in deciles)
        above = sum(decile > value for decile in deciles)
        if below >= 6:
            return words.text("more than for {percent} of leads", percent=_percent(below / 10, words))
        if above >= 6:
            return words.text("less than for {percent} of leads", percent=_percent(above / 10, words))
        return words.text("near the middle of all leads")

    def _alike(self, value: Any) -> str:
        """How many leads have the same value, or none either."""
        known: Mapping[str, Any] = self.known or {}
        if value is None:
            share = known.get("missing")
        elif isinstance(value, str):
            place = self.vocabulary.index(value) if value in self.vocabulary else -1
            share = known["values"][place] if 0 <= place < len(known.get("values", ())) else None
        else:
            share = next((part for number, part in known.get("numbers", ()) if number == value), None)
        if share is None:
            return ""
        return self.words.text("true of {percent} of leads", percent=_percent(share, self.words))


def _percent(share: float, words: Language) -> str:
    """A share as one says it: 4 %, 0.4 %, 61 %."""
    if share < 0.001:
        return words.percent(share)
    return words.text("{n} %", n=words.number(round(100 * share, 0 if share >= 0.01 else 1)))


def _telling(criterion: Criterion) -> int:
    """The measure of a criterion that what is usual is about: whether there was any fact, or the value itself."""
    if criterion.persona or criterion.built_in == "age":
        return -1
    if not criterion.measures:
        return 0
    ranked = [
        (TELLING.index(measure.word) if not measure.window else len(TELLING) - (measure.window / 1e20), place)
        for place, measure in enumerate(criterion.measures)
        if measure.word in TELLING
    ]
    if ranked:
        return min(ranked)[1]
    return next((place for place, m in enumerate(criterion.measures) if m.word in ("mean", "largest", "latest")), -1)

"""What a person should know before believing a score: its warnings.

They name attributes, criteria and kinds of interactions, never a lead's own values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.criteria import Criterion, Measure
from pipeline.definitions.spans import DAY
from pipeline.learning.bundle import Bundle
from pipeline.learning.model import BASE_RATE, SCORECARD
from pipeline.reasons.language import Language, language, message
from pipeline.reasons.wording import plain, span
from pipeline.tables.columns import Floats, History, Texts

KINDS_NAMED = 10
"""So many unknown kinds are looked for one by one; more, all at once and unnamed."""

CLOSED = message("The lead is closed: it has a stage and no probability.")
BASE_RATE_ONLY = message("The model knows no more than the base rate: every lead gets the same probability.")
SCORECARD_ONLY = message("The scorecard alone speaks here: there were too few deals to learn more from.")
OLD = message("The lead is older than {span}, the oldest that the model has learned from.")
UNSEEN_WORD = message("{thing}: the model does not know this value of {name} and reads it as “other”.")
UNSEEN_NUMBER = message("{thing}: the model does not know this value of {name} and reads it as missing.")
KIND = message(
    "The model does not know interactions of the kind “{kind}”: they count at most as interactions in general."
)
KINDS = message("The model does not know some kinds of interactions: they count at most as interactions in general.")


@dataclass(frozen=True)
class Caveat:
    """One warning before it is said: a message, and what stands in its places."""

    message: str
    window: int | None = None
    criterion: Criterion | None = None
    name: str = ""

    def text(self, words: Language) -> str:
        """The sentence in a language."""
        return words.text(
            self.message,
            span=span(self.window, words) if self.window else "",
            thing=plain(self.criterion.title(words.code), words) if self.criterion else "",
            name=self.name,
            kind=self.name,
        )


@dataclass(frozen=True)
class Warned:
    """The warnings of n leads: `of_lead` (n,) says which of `sets` each lead has."""

    sets: tuple[tuple[Caveat, ...], ...]
    of_lead: NDArray[np.int64]

    def said(self, words: Language | None = None) -> list[tuple[str, ...]]:
        """The sets as sentences in a language, by default English."""
        return [tuple(caveat.text(words or language()) for caveat in caveats) for caveats in self.sets]

    def lists(self, words: Language | None = None) -> list[tuple[str, ...]]:
        """The warnings of one lead after the other."""
        said = self.said(words)
        return [said[code] for code in self.of_lead.tolist()]


@dataclass(frozen=True)
class Caveats:
    """The warnings of one model for leads of one history.

    `kinds` maps each criterion that counts facts of an unknown kind to its caveat.
    """

    bundle: Bundle
    kinds: Mapping[Criterion, Caveat]

    @classmethod
    def of(cls, bundle: Bundle, history: History) -> Caveats:
        """Unknown are the kinds that the card does not list; a card without the list knows all."""
        known = bundle.card.get("kinds")
        kinds: dict[Criterion, Caveat] = {}
        for entity in dict.fromkeys(table.entity for table in history.interactions if known is not None):
            words = {word for table in history.interactions if table.entity == entity for word in table.kind.words}
            unknown = sorted(words.difference(known or ()))
            if len(unknown) > KINDS_NAMED:
                kinds[_counting(entity, unknown)] = Caveat(KINDS)
            else:
                kinds |= {_counting(entity, [kind]): _kind(kind) for kind in unknown}
        return cls(bundle, kinds)

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """What has to be measured with the model's own criteria."""
        return tuple(self.kinds)

    def warnings(
        self,
        columns: Mapping[str, Floats | Texts],
        unseen: Mapping[str, NDArray[np.bool_]],
        age: Floats,
        open_: NDArray[np.bool_],
    ) -> Warned:
        """The warnings of n leads; `unseen` is the matrix's, `age` in days, `open_` says which leads are scored."""
        found: list[tuple[Caveat, ...]] = [(), (Caveat(CLOSED),)]
        of_lead = np.where(open_, 0, 1)
        for caveat, rows in self._findings(columns, unseen, age):
            warned = rows & open_
            if not warned.any():
                continue
            # A number for every set of warnings that was there before, and another for it with this one.
            used, of_lead = np.unique(2 * of_lead + warned, return_inverse=True)
            found = [
                (*found[code >> 1], caveat) if code & 1 and caveat not in found[code >> 1] else found[code >> 1]
                for code in used.tolist()
            ]
        return Warned(tuple(found), of_lead)

    def _findings(
        self, columns: Mapping[str, Floats | Texts], unseen: Mapping[str, NDArray[np.bool_]], age: Floats
    ) -> list[tuple[Caveat, NDArray[np.bool_]]]:
        findings = []
        if self.bundle.model.kind == BASE_RATE:
            findings.append((Caveat(BASE_RATE_ONLY), np.ones(len(age), dtype=np.bool_)))
        if self.bundle.model.kind == SCORECARD:
            findings.append((Caveat(SCORECARD_ONLY), np.ones(len(age), dtype=np.bool_)))
        until = self.bundle.card.get("until")
        if until is not None:
            findings.append((Caveat(OLD, window=until), age > until / DAY))
        findings += [(self._unseen(name), rows) for name, rows in unseen.items()]
        for criterion, caveat in self.kinds.items():
            count = columns[criterion.columns[0]]
            findings.append((caveat, np.asarray(count) > 0))
        return findings

    def _unseen(self, column: str) -> Caveat:
        definition = self.bundle.definition
        criterion = definition.criteria[definition.criterion_of[definition.columns.index(column)]]
        measured = dict(zip(criterion.columns, criterion.measures, strict=False)).get(column)
        name = criterion.attribute or (measured.column if measured else None) or criterion.name
        return Caveat(UNSEEN_WORD if column in definition.vocabularies else UNSEEN_NUMBER, None, criterion, name)


def _counting(entity: str, kinds: list[str]) -> Criterion:
    # Names with a space cannot be a workspace's own.
    name = f"unknown kind {kinds[0]}" if len(kinds) == 1 else "unknown kinds"
    return Criterion(f"{name} of {entity}", "behaviour", (Measure("count"),), of=entity, when=(("kind", tuple(kinds)),))


def _kind(kind: str) -> Caveat:
    """The caveat for one kind; a text that could be somebody's address or number is not repeated."""
    fine = re.fullmatch(r"[A-Za-z](?:[\w /-](?!\d{4})){0,39}", kind)
    return Caveat(KIND, name=kind) if fine else Caveat(KINDS)

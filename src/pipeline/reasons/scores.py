"""The score of a lead: probability, stage, action, reasons. The one way to it, for command line and service alike."""

from __future__ import annotations

import gc
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.rules import LETTERS, STAGES
from pipeline.definitions.zones import iso
from pipeline.learning.bundle import Bundle
from pipeline.reasons import explain
from pipeline.reasons.language import Language
from pipeline.reasons.language import language as speech
from pipeline.reasons.persona import labelled, spoken
from pipeline.reasons.scored import Scored, Scorer
from pipeline.reasons.sentences import Speaker, Value
from pipeline.reasons.usually import NO_BAND
from pipeline.reasons.weights import WEIGHTS, grades, reason_text
from pipeline.reasons.wording import Today
from pipeline.tables.columns import Floats, History, Texts

Indices = NDArray[np.int64]

REST = "everything else"
"""What stands for a criterion's name where all that are not shown stand together; none has a blank in its name."""


class Reason(NamedTuple):
    """One criterion's part in a score: its contribution in calibrated log-odds, its share, its words.

    A tuple, for there are as many as leads times criteria.
    """

    criterion: str
    family: str
    side: str
    label: str
    contribution: float
    points: float
    sign: str
    evidence: str
    text: str

    def to_json(self) -> dict[str, Any]:
        """Plain data, fields in order."""
        return self._asdict()


@dataclass(frozen=True, slots=True)
class Score:
    """A lead at an instant (UTC microseconds). What a closed lead does not have is None.

    base + fit + intent = base + the reasons' contributions = log_odds, to 1e-9; probability = 1 / (1 + exp(-log_odds)).
    `rule` is the condition that chose the action, as it is written.
    """

    lead_id: str
    as_of: int
    probability: float | None
    log_odds: float | None
    score: int | None
    percentile: float | None
    grade: str | None
    stage: str
    action: str
    rule: str
    fit: float | None
    intent: float | None
    base: float | None
    reasons: tuple[Reason, ...]
    model_version: str
    warnings: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain data, fields in order; `as_of` as ISO 8601."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        plain |= {"as_of": iso(self.as_of), "warnings": list(self.warnings)}
        plain["reasons"] = [reason.to_json() for reason in self.reasons]
        return plain


def score(
    bundle: Bundle,
    history: History,
    as_of: int,
    leads: Sequence[int] | Indices | None = None,
    reasons: int | None = None,
    *,
    language: Language | None = None,
) -> list[Score]:
    """Scores at `as_of` of the leads given as rows of `history.leads`, in that order.

    Parameters
    ----------
    as_of : UTC microseconds; only what is visible before it counts
    leads : None scores every lead created before `as_of`
    reasons : that many, the strongest first, and one more for everything else; None keeps one a criterion
    language : of the reasons and warnings, by default English

    Raises
    ------
    ValueError
        if a lead was created at or after `as_of`: nothing was known of it then
    """
    created = history.leads.created_at
    rows = np.flatnonzero(created < as_of) if leads is None else np.asarray(leads, dtype=np.int64)
    late = rows[created[rows] >= as_of]
    if len(late):
        raise ValueError(
            f"lead {history.leads.id.take(late[:1]).values()[0]!r} was created at {iso(int(created[late[0]]))}, not "
            f"before {iso(as_of)}: nothing was known of it then. Leave it out, or score at a later time."
        )
    if not len(rows):
        return []
    scorer = Scorer(bundle, history, as_of)
    return in_words(scorer, scorer.score(rows), reasons=reasons, language=language)


def in_words(
    scorer: Scorer,
    scored: Scored,
    rows: Indices | None = None,
    reasons: int | None = None,
    *,
    language: Language | None = None,
) -> list[Score]:
    """Scores as people read them, by default all, else the given rows; `reasons` and `language` as in `score`."""
    chosen = scored if rows is None else scored.take(rows)
    bundle, standing = scorer.bundle, chosen.standing
    words = language or speech()
    written = _Writer(bundle, chosen, Today(chosen.as_of, bundle.definition.timezone), reasons, words)
    ids, warned = scorer.history.leads.id.take(chosen.lead).values(), chosen.warned.lists(words)
    numbers = [
        [None if math.isnan(value) else value for value in column.tolist()]
        for column in (chosen.probability, chosen.log_odds, chosen.percentile, chosen.score, chosen.fit, chosen.intent)
    ]
    scores: list[Score] = []
    with _uncollected():
        for row, (open_, *answers) in enumerate(zip(chosen.open.tolist(), *numbers, strict=True)):
            probability, log_odds, percentile, hundredth, fit, intent = answers
            scores.append(
                Score(
                    lead_id=str(ids[row]),
                    as_of=chosen.as_of,
                    probability=probability,
                    log_odds=log_odds,
                    score=None if hundredth is None else int(hundredth),
                    percentile=percentile,
                    grade=LETTERS[standing.grade[row]] if open_ else None,
                    stage=STAGES[standing.stage[row]],
                    action=standing.rules.words[standing.action[row]],
                    rule=standing.rules.texts[standing.rule[row]],
                    fit=fit,
                    intent=intent,
                    base=chosen.base if open_ else None,
                    reasons=written.reasons(row) if open_ else (),
                    model_version=bundle.version,
                    warnings=warned[row],
                )
            )
    return scores


class _Writer:
    """Writes the reasons of one lead after the other; what all leads share is made once."""

    def __init__(self, bundle: Bundle, scored: Scored, today: Today, most: int | None, words: Language) -> None:
        self.criteria, self.words = bundle.definition.criteria, words
        self.speakers, usual = _speakers(_One(bundle), words.code), bundle.card.get("usual")
        columns, parts = scored.columns, scored.contributions
        bands = _bands(columns.get("age"), (usual or {}).get("bands"), len(parts))
        self.evidence = [
            speaker.tell([_listed(columns[name]) for name in spoken(criterion, columns)], bands, today)
            for speaker, criterion in zip(self.speakers, self.criteria, strict=True)
        ]
        order = explain.strongest_first(parts, [criterion.name for criterion in self.criteria])
        self.order, self.rest = order[:, :most].tolist(), order[:, most:].tolist() if most is not None else []
        self.parts, self.points, self.grades = parts.tolist(), explain.points(parts).tolist(), grades(parts).tolist()
        self.weights = [words.text(weight) for weight in WEIGHTS]

    def reasons(self, row: int) -> tuple[Reason, ...]:
        """The reasons of the lead in a row; where some are asked for, all others together come last."""
        parts, points, weights = self.parts[row], self.points[row], self.grades[row]
        found = []
        for place in self.order[row]:
            criterion, speaker, contribution = self.criteria[place], self.speakers[place], parts[place]
            evidence = self.evidence[place][row]
            found.append(
                Reason(
                    criterion.name,
                    criterion.family,
                    criterion.side,
                    speaker.title,
                    contribution,
                    points[place],
                    explain.sign(contribution),
                    evidence,
                    f"{evidence[:1].upper()}{evidence[1:]}. {self.weights[weights[place]]}",
                )
            )
        if self.rest and self.rest[row]:
            found.append(self._rest(self.rest[row], parts, points))
        return tuple(found)

    def _rest(self, places: Sequence[int], parts: Sequence[float], points: Sequence[float]) -> Reason:
        """Everything else, so that what is shown adds up."""
        contribution = math.fsum(parts[place] for place in places)
        evidence = self.words.count("{n} other criterion", "{n} other criteria", len(places))
        return Reason(
            criterion=REST,
            family="",
            side="",
            label=self.words.text("Everything else"),
            contribution=contribution,
            points=math.fsum(points[place] for place in places),
            sign=explain.sign(contribution),
            evidence=evidence,
            text=reason_text(evidence, contribution, self.words),
        )


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without looking for cycles while texts are made: they have none, and looking would take a third of the time."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


class _One:
    """A bundle that equals itself alone."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _One) and other.bundle is self.bundle

    def __hash__(self) -> int:
        return id(self.bundle)


@lru_cache(maxsize=8)
def _speakers(of: _One, code: str) -> list[Speaker]:
    """A speaker a criterion, which keeps its sentences from one call to the next."""
    bundle, words = of.bundle, speech(code)
    criteria, usual, vocabularies = bundle.definition.criteria, bundle.card.get("usual"), bundle.definition.vocabularies
    today = Today(0, bundle.definition.timezone)
    return [Speaker(labelled(each, criteria), today, words, usual, vocabularies) for each in criteria]


def _bands(age: Floats | Texts | None, bands: Sequence[float] | None, size: int) -> list[int]:
    """The age band of each lead, where the model measures its age and its card has bands."""
    if bands is None or age is None or isinstance(age, Texts):
        return [NO_BAND] * size
    found: list[int] = np.searchsorted(bands, age, side="left").tolist()
    return found


def _listed(column: Floats | Texts) -> Sequence[Value]:
    values: Sequence[Value] = column.values() if isinstance(column, Texts) else column.tolist()
    return values

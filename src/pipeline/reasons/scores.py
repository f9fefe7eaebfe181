"""The score of a lead: probability, stage, action, reasons. The one way to it, for command line and service alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.zones import iso
from pipeline.learning.bundle import Bundle
from pipeline.reasons import explain
from pipeline.reasons.scored import Scored, Scorer
from pipeline.reasons.sentences import Speaker, Value, reason_text
from pipeline.reasons.stages import ACTIONS, LETTERS, STAGES
from pipeline.reasons.wording import Today
from pipeline.tables.columns import Floats, History, Texts

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Reason:
    """One criterion's part in a score: its contribution in calibrated log-odds, its share, its words."""

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
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Score:
    """A lead at an instant (UTC microseconds). What a closed lead does not have is None.

    base + fit + intent = base + the reasons' contributions = log_odds, to 1e-9; probability = 1 / (1 + exp(-log_odds)).
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
) -> list[Score]:
    """Scores at `as_of` of the leads given as rows of `history.leads`, in that order.

    Parameters
    ----------
    as_of : UTC microseconds; only what is visible before it counts
    leads : None scores every lead created before `as_of`
    reasons : keep that many, the strongest first; None keeps one a criterion

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
    return in_words(scorer, scorer.score(rows), reasons=reasons)


def in_words(scorer: Scorer, scored: Scored, rows: Indices | None = None, reasons: int | None = None) -> list[Score]:
    """Scores as people read them, by default all, else the given rows of them; `reasons` as in `score`."""
    chosen = scored if rows is None else scored.take(rows)
    bundle, standing = scorer.bundle, chosen.standing
    written = _Writer(bundle, chosen, Today(chosen.as_of, bundle.definition.timezone), reasons)
    ids, warned = scorer.history.leads.id.take(chosen.lead).values(), chosen.warned.lists()
    numbers = [
        [None if math.isnan(value) else value for value in column.tolist()]
        for column in (chosen.probability, chosen.log_odds, chosen.percentile, chosen.score, chosen.fit, chosen.intent)
    ]
    scores = []
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
                action=ACTIONS[standing.action[row]],
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

    def __init__(self, bundle: Bundle, scored: Scored, today: Today, most: int | None) -> None:
        self.criteria = bundle.definition.criteria
        self.speakers = [Speaker(criterion, today) for criterion in self.criteria]
        self.values = [[_listed(scored.columns[name]) for name in criterion.columns] for criterion in self.criteria]
        parts = scored.contributions
        order = explain.strongest_first(parts, [criterion.name for criterion in self.criteria])[:, :most]
        self.order = order.tolist()
        self.parts, self.points = parts.tolist(), explain.points(parts).tolist()

    def reasons(self, row: int) -> tuple[Reason, ...]:
        """The reasons of the lead in a row."""
        return tuple(
            self._reason(place, row, self.parts[row][place], self.points[row][place]) for place in self.order[row]
        )

    def _reason(self, place: int, row: int, contribution: float, points: float) -> Reason:
        criterion, speaker = self.criteria[place], self.speakers[place]
        evidence = speaker.evidence([column[row] for column in self.values[place]])
        return Reason(
            criterion=criterion.name,
            family=criterion.family,
            side=criterion.side,
            label=speaker.title,
            contribution=contribution,
            points=points,
            sign=explain.sign(contribution),
            evidence=evidence,
            text=reason_text(evidence, contribution),
        )


def _listed(column: Floats | Texts) -> Sequence[Value]:
    values: Sequence[Value] = column.values() if isinstance(column, Texts) else column.tolist()
    return values

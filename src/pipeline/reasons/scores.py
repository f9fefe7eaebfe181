"""The score of a lead: probability, stage, action, reasons. The one way to it, for command line and service alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.spans import DAY
from pipeline.definitions.zones import iso
from pipeline.features.measures import measure_all
from pipeline.features.observations import is_open
from pipeline.learning.bundle import Bundle
from pipeline.learning.model import logistic
from pipeline.reasons import explain, stages
from pipeline.reasons.caveats import Caveats
from pipeline.reasons.sentences import Speaker, Value, reason_text
from pipeline.reasons.wording import Today
from pipeline.tables.columns import Floats, History, Texts

Indices = NDArray[np.int64]
Columns = dict[str, Floats | Texts]


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
    definition, caveats = bundle.definition, Caveats.of(bundle, history)
    asked = replace(definition, criteria=(*definition.criteria, *stages.FACTS, *caveats.criteria))
    cutoff = np.full(len(rows), as_of, dtype=np.int64)
    columns = measure_all(history, rows, cutoff, asked)
    open_ = is_open(history, rows, cutoff)
    matrix, unseen = definition.matrix(columns)
    answers = _Answers.of(bundle, matrix[open_])
    place = np.where(open_, np.cumsum(open_) - 1, -1)
    standing = stages.standing(bundle, history, as_of, rows, columns, answers.spread(open_))
    written = _Writer(bundle, columns, Today(as_of, definition.timezone), answers, reasons)
    warned = caveats.warnings(columns, unseen, (cutoff - created[rows]) / DAY, open_)
    ids = history.leads.id.take(rows).values()
    scores = []
    for row, at in enumerate(place.tolist()):
        numbers: Mapping[str, Any] = answers.numbers(at) if at >= 0 else NOT_SCORED
        scores.append(
            Score(
                lead_id=str(ids[row]),
                as_of=as_of,
                grade=standing[row].grade,
                stage=standing[row].stage,
                action=standing[row].action,
                reasons=written.reasons(row, at) if at >= 0 else (),
                model_version=bundle.version,
                warnings=warned[row],
                **numbers,
            )
        )
    return scores


NOT_SCORED = dict.fromkeys(("probability", "log_odds", "score", "percentile", "fit", "intent", "base"))


@dataclass(frozen=True)
class _Answers:
    """What the model says of m open leads: arrays of m rows, plain lists where they are read one by one."""

    log_odds: list[float]
    probability: list[float]
    percentile: list[float | None]
    base: float
    contributions: Floats
    fit: list[float]
    intent: list[float]

    @classmethod
    def of(cls, bundle: Bundle, matrix: Floats) -> _Answers:
        definition = bundle.definition
        log_odds = bundle.model.log_odds(matrix)
        probability = logistic(log_odds)
        base, columns = bundle.model.contributions(matrix)
        contributions = explain.add_up(columns, definition.criterion_of, len(definition.criteria))
        fit, intent = explain.by_side(contributions, definition.criteria)
        return cls(
            log_odds.tolist(),
            probability.tolist(),
            percentiles(bundle.reference, probability),
            base,
            contributions,
            fit.tolist(),
            intent.tolist(),
        )

    def spread(self, open_: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """Log-odds and fit of all n leads, NaN where a lead is closed."""
        log_odds, fit = np.full(len(open_), np.nan), np.full(len(open_), np.nan)
        log_odds[open_], fit[open_] = self.log_odds, self.fit
        return log_odds, fit

    def numbers(self, at: int) -> dict[str, Any]:
        percentile = self.percentile[at]
        return {
            "probability": self.probability[at],
            "log_odds": self.log_odds[at],
            "score": None if percentile is None else round(100 * percentile),
            "percentile": percentile,
            "fit": self.fit[at],
            "intent": self.intent[at],
            "base": self.base,
        }


def percentiles(reference: Floats, probability: Floats) -> list[float | None]:
    """The share of the sorted reference below each probability, ties counting half; None without a reference.

    >>> percentiles(np.array([0.1, 0.2, 0.2, 0.4]), np.array([0.2, 0.5]))
    [0.5, 1.0]
    """
    if not len(reference):
        return [None] * len(probability)
    below, upto = (np.searchsorted(reference, probability, side=side) for side in ("left", "right"))
    shares: list[float | None] = ((below + upto) / (2 * len(reference))).tolist()
    return shares


class _Writer:
    """Writes the reasons of one lead after the other; what all leads share is made once."""

    def __init__(self, bundle: Bundle, columns: Columns, today: Today, answers: _Answers, most: int | None) -> None:
        self.criteria = bundle.definition.criteria
        self.speakers = [Speaker(criterion, today) for criterion in self.criteria]
        self.values = [[_listed(columns[name]) for name in criterion.columns] for criterion in self.criteria]
        parts = answers.contributions
        order = explain.strongest_first(parts, [criterion.name for criterion in self.criteria])[:, :most]
        self.order = order.tolist()
        self.parts, self.points = parts.tolist(), explain.points(parts).tolist()

    def reasons(self, row: int, at: int) -> tuple[Reason, ...]:
        """The reasons of the lead whose measures stand in `row` and whose contributions stand at `at`."""
        return tuple(
            self._reason(place, row, self.parts[at][place], self.points[at][place]) for place in self.order[at]
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

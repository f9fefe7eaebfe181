"""Scores as columns: what the model says of many leads of one history, before anybody puts it into words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.spans import DAY
from pipeline.features.ledger import Ledger
from pipeline.features.ledgers import Whole
from pipeline.features.matrix import Definition
from pipeline.features.measures import measure_all, standing_values
from pipeline.learning.bundle import Bundle
from pipeline.learning.model import logistic
from pipeline.reasons import explain
from pipeline.reasons.caveats import Caveats, Warned
from pipeline.reasons.persona import traits_apart
from pipeline.reasons.stages import Ends, Standing, acting_of, standing
from pipeline.tables.columns import Floats, History, Texts

Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]
Columns = Mapping[str, Floats | Texts]


@dataclass(frozen=True)
class Scored:
    """n leads at `as_of`, a row each: `lead` are rows of the history's leads, `columns` what was measured of them.

    `contributions` (n, criteria) are in calibrated log-odds: base + their sum = log_odds to 1e-9. What a closed lead
    does not have is NaN; so is `percentile` where the model has no reference.
    """

    lead: Indices
    as_of: int
    open: Mask
    columns: Columns
    probability: Floats
    log_odds: Floats
    percentile: Floats
    fit: Floats
    intent: Floats
    base: float
    contributions: Floats
    standing: Standing
    warned: Warned

    @property
    def score(self) -> Floats:
        """The percentile of a hundred, whole; NaN without one."""
        return np.rint(100 * self.percentile)

    def take(self, rows: Indices) -> Scored:
        """The given rows, in that order."""
        columns = {
            name: column.take(rows) if isinstance(column, Texts) else column[rows]
            for name, column in self.columns.items()
        }
        names = ("lead", "open", "probability", "log_odds", "percentile", "fit", "intent", "contributions")
        own = {name: getattr(self, name)[rows] for name in names}
        warned = Warned(self.warned.sets, self.warned.of_lead[rows])
        return replace(self, columns=columns, standing=self.standing.take(rows), warned=warned, **own)


class Scorer:
    """Scores leads of one history at one instant (UTC microseconds): what they share is made once, then for all.

    Only what is visible before the instant counts. Leads may be scored together or apart, by several threads: the bits
    are the same.
    """

    def __init__(self, bundle: Bundle, history: History, as_of: int) -> None:
        """`history` has all that is known; who has its facts elsewhere gives ledgers to `score`."""
        self.bundle, self.history, self.as_of = bundle, history, as_of
        definition, self.caveats = bundle.definition, Caveats.of(bundle, history)
        self.acting = acting_of(bundle)
        self.definition = replace(
            definition,
            criteria=(
                *definition.criteria,
                *self.acting.criteria,
                *traits_apart(definition.criteria),
                *self.caveats.criteria,
            ),
        )
        self.ends = Ends(history, as_of)
        self._whole = Whole(history, definition.excluded_kinds, definition.excluded_columns)
        self._standing: dict[str, Floats | Texts] | None = None

    def ledger(self, entity: str) -> Ledger:
        """All facts about the entities of one type, as the model may see them."""
        return self._whole.ledger(entity)

    def ready(self) -> None:
        """Make now what would else be made when it is first needed: for many leads, before threads begin."""
        self._standing = standing_values(self.history, self.definition)
        ends, history = self.ends, self.history
        for needed in (ends.open, ends.open_before, ends.won, history.changed, history.changes.order):
            del needed
        self.bundle.model.ready()

    def score(
        self, lead: Indices, ledger_of: Callable[[str], Ledger] | None = None, threads: int | None = None
    ) -> Scored:
        """The leads given as rows of the history's, all created before the instant, in that order."""
        definition, model = self.bundle.definition, self.bundle.model

        def measured(lead: Indices, at: int, definition: Definition) -> dict[str, Floats | Texts]:
            return measure_all(
                self.history,
                lead,
                np.full(len(lead), at, dtype=np.int64),
                definition,
                ledger_of=ledger_of or self._whole.ledger,
                standing=self._standing,
                threads=threads,
            )

        columns = measured(lead, self.as_of, self.definition)
        matrix, unseen = definition.matrix(columns)
        open_ = self.ends.open[lead]
        known = matrix if open_.all() else matrix[open_]
        log_odds = model.log_odds(known)
        probability = logistic(log_odds)
        base, parts = model.contributions(known, threads)
        contributions = explain.add_up(parts, definition.criterion_of, len(definition.criteria))
        fit, intent = explain.by_side(contributions, definition.criteria)
        answers = (_spread(column, open_) for column in (probability, log_odds, fit, intent, contributions))
        probability, log_odds, fit, intent, contributions = answers
        percentile = percentiles(self.bundle.reference, probability)
        numbers = {
            "log_odds": log_odds,
            "probability": probability,
            "percentile": percentile,
            "score": np.rint(100 * percentile),
            "fit": fit,
            "intent": intent,
        }
        return Scored(
            lead=lead,
            as_of=self.as_of,
            open=open_,
            columns=columns,
            probability=probability,
            log_odds=log_odds,
            percentile=percentile,
            fit=fit,
            intent=intent,
            base=base,
            contributions=contributions,
            standing=standing(self.bundle, self.acting, self.ends, lead, columns, numbers, measured),
            warned=self.caveats.warnings(
                columns, unseen, (self.as_of - self.history.leads.created_at[lead]) / DAY, open_
            ),
        )


def _spread(column: Floats, open_: Mask) -> Floats:
    """A row for every lead, NaN where a lead is closed."""
    if len(column) == len(open_):
        return column
    spread = np.full((len(open_), *column.shape[1:]), np.nan)
    spread[open_] = column
    return spread


def percentiles(reference: Floats, probability: Floats) -> Floats:
    """The share of the sorted reference below each probability, ties counting half; NaN without a reference.

    >>> percentiles(np.array([0.1, 0.2, 0.2, 0.4]), np.array([0.2, 0.5, np.nan])).tolist()
    [0.5, 1.0, nan]
    """
    if not len(reference):
        return np.full(len(probability), np.nan)
    below, upto = (np.searchsorted(reference, probability, side=side) for side in ("left", "right"))
    shares: Floats = (below + upto) / (2 * len(reference))
    return np.where(np.isnan(probability), np.nan, shares)

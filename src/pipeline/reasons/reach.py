"""What would matter: facts within reach that would raise a lead's score most, if they happened now.

A fact is added to the lead's history just before the instant and the lead is scored again, by the same kernel and the
same model: every criterion that such a fact touches moves with it. What comes out is what the model has seen in other
leads, and no promise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.criteria import Criterion
from pipeline.definitions.maps import glob
from pipeline.features.kernel import measure_ledger
from pipeline.features.ledger import Ledger
from pipeline.learning.bundle import Bundle
from pipeline.learning.model import logistic
from pipeline.reasons.scored import Scored, Scorer
from pipeline.tables.columns import FLOWS, OUTBOUND, Codes, Floats, Texts

Indices = NDArray[np.int64]

FLOW = "flow"
KIND = "kind"
TOLD = {"count", "days_since_last", "active_days"}
"""Measures that tell a fact as such; a criterion of other measures (time on the phone) names it where no other does."""


@dataclass(frozen=True)
class Possible:
    """A fact that may happen, and the criterion that names it for people."""

    criterion: Criterion
    kind: str
    flow: int
    texts: Mapping[str, str]


@dataclass(frozen=True)
class Reach:
    """Of n leads the log-odds with each of the m possible facts, (n, m); NaN for a closed lead."""

    possible: tuple[Possible, ...]
    log_odds: Floats

    def best(self, row: int, standing: float, most: int) -> list[tuple[Possible, float]]:
        """The facts that would raise one lead's log-odds above `standing`, the most first; one a criterion."""
        found: dict[str, tuple[Possible, float]] = {}
        for place in np.argsort(-self.log_odds[row], kind="stable").tolist():
            fact, value = self.possible[place], float(self.log_odds[row, place])
            if value > standing:
                found.setdefault(fact.criterion.name, (fact, value))
        return list(found.values())[:most]


def possible_facts(bundle: Bundle) -> tuple[Possible, ...]:
    """What a lead may do that the model's criteria name: kinds it has seen in training, none of them outbound.

    A kind that several criteria choose is named by the one that counts facts and chooses the fewest kinds, so that a
    demo request is told as one and not as a sign of life. A bundle that does not list its kinds gives none.
    """
    kinds: Sequence[str] = bundle.card.get("kinds") or ()
    flows: Mapping[str, str | None] = bundle.card.get("flows") or {}
    found: dict[tuple[str, tuple[tuple[str, str], ...]], tuple[tuple[bool, int], Possible]] = {}
    for criterion in bundle.definition.criteria:
        if not criterion.measures or criterion.of != "lead" or KIND not in dict(criterion.when):
            continue
        chosen = [*_chosen(criterion, kinds, flows)]
        rank = not any(measure.word in TOLD for measure in criterion.measures), len(chosen)
        for fact in chosen:
            key = fact.kind, tuple(sorted(fact.texts.items()))
            if key not in found or rank < found[key][0]:
                found[key] = rank, fact
    return tuple(fact for _, fact in found.values())


def _chosen(criterion: Criterion, kinds: Sequence[str], flows: Mapping[str, str | None]) -> Iterator[Possible]:
    """The facts of a criterion's choice; none where a text it asks for cannot be told from its patterns."""
    when = dict(criterion.when)
    texts = {name: patterns[0].replace("*", "") for name, patterns in when.items() if name not in (KIND, FLOW)}
    for kind in sorted(kinds):
        flow = FLOWS.get(flows.get(kind), 0)
        wanted = flow != OUTBOUND and all(flows.get(kind) in patterns for patterns in [when.get(FLOW)] if patterns)
        if wanted and all(texts.values()) and any(glob(pattern).fullmatch(kind) for pattern in when[KIND]):
            yield Possible(criterion, kind, flow, texts)


def reach(scorer: Scorer, scored: Scored, possible: Sequence[Possible] | None = None) -> Reach:
    """The log-odds of scored leads with each possible fact added a microsecond before the instant.

    The other columns are what `scored` measured. Costs a score a fact: n leads and m facts are n * m leads.
    """
    bundle = scorer.bundle
    facts = possible_facts(bundle) if possible is None else tuple(possible)
    size, many = len(scored.lead), len(facts)
    open_ = np.flatnonzero(scored.open)
    found = np.full((size, many), np.nan)
    if not many or not len(open_):
        return Reach(facts, found)
    ledger = _with_facts(scorer.ledger("lead"), scored.lead[open_], facts, scored.as_of)
    definition = bundle.definition
    touched = [criterion for criterion in definition.criteria if criterion.measures and criterion.of == "lead"]
    rows = np.repeat(open_, many)
    new = measure_ledger(
        ledger, touched, np.arange(len(rows)), np.full(len(rows), scored.as_of, dtype=np.int64), definition.timezone
    )
    columns = {name: new[name] if name in new else _at(scored.columns[name], rows) for name in definition.columns}
    matrix, _ = definition.matrix(columns)
    found[open_] = bundle.model.log_odds(matrix).reshape(len(open_), many)
    return Reach(facts, found)


def probabilities(log_odds: Sequence[float]) -> list[float]:
    """Probabilities of log-odds, for people."""
    chances: list[float] = logistic(np.asarray(log_odds, dtype=np.float64)).tolist()
    return chances


def _at(column: Floats | Texts, rows: Indices) -> Floats | Texts:
    return column.take(rows) if isinstance(column, Texts) else column[rows]


def _with_facts(ledger: Ledger, lead: Indices, facts: Sequence[Possible], as_of: int) -> Ledger:
    """A ledger in which each of n leads stands m times, each time with one more fact at its end.

    Nothing visible is later than a microsecond before the instant, so that the fact comes last.
    """
    seen = ledger.known_before(as_of)
    many = len(facts)
    entity = np.repeat(ledger.of_lead[lead], many)
    there = entity >= 0
    begin = np.where(there, seen.offsets[entity], 0)
    length = np.where(there, seen.offsets[entity + 1] - begin, 0)
    offsets = np.append(0, np.cumsum(length + 1))
    total = int(offsets[-1])
    added = np.zeros(total, dtype=np.bool_)
    added[offsets[1:] - 1] = True
    # Where each place of the new ledger is taken from; an added fact is taken from nowhere.
    source = np.arange(total) - np.repeat(offsets[:-1] - begin, length + 1)
    source[added] = -1
    which = np.tile(np.arange(many), len(lead))

    def texts(column: Texts, words: Sequence[str | None]) -> Texts:
        known = (*column.words, *sorted({word for word in words if word is not None} - set(column.words)))
        place = {word: code for code, word in enumerate(known)}
        codes: Codes = np.full(total, -1, dtype=np.int32)
        codes[~added] = column.codes[source[~added]]
        codes[added] = np.array([-1 if word is None else place[word] for word in words], dtype=np.int32)[which]
        return Texts(codes, known)

    instants = np.full(total, as_of - 1, dtype=np.int64)
    at, visible = instants.copy(), instants
    at[~added], visible[~added] = seen.at[source[~added]], seen.seen[source[~added]]
    flow = np.zeros(total, dtype=np.int8)
    flow[~added] = seen.flow[source[~added]]
    flow[added] = np.array([fact.flow for fact in facts], dtype=np.int8)[which]
    numbers = {}
    for name, column in seen.numbers.items():
        numbers[name] = np.full(total, np.nan)
        numbers[name][~added] = column[source[~added]]
    named = sorted({*seen.texts, *(name for fact in facts for name in fact.texts)})
    nothing = Texts.missing(len(seen))
    return replace(
        seen,
        of_lead=np.arange(len(entity)),
        offsets=offsets,
        at=at,
        seen=visible,
        kind=texts(seen.kind, [fact.kind for fact in facts]),
        flow=flow,
        texts={name: texts(seen.texts.get(name, nothing), [fact.texts.get(name) for fact in facts]) for name in named},
        numbers=numbers,
        own=np.empty(0, dtype=np.int64),
    )

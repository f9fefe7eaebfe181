"""`criteria: auto`: what the training rows hold, counted, and the criteria that follow (DESIGN section 4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.criteria import TIMING, Criterion, Measure
from pipeline.definitions.rules import OPTED_OUT
from pipeline.features.attributes import as_text, leads_once, lower_bound
from pipeline.features.ledger import DEAL_KINDS, Ledger
from pipeline.features.ledgers import Ledgers
from pipeline.tables.columns import NEVER, Instants, Objects

Indices = NDArray[np.int64]

MOST_KINDS = 40

FAMILY_OF_KIND = {
    "engagement": ("*call*", "*email*", "*mail*", "*reply*", "*meeting*", "*sms*", "*chat*", "*note*", "*task*"),
    "acquisition": ("*ad_click*", "*campaign*", "*referral*", "*import*"),
}
"""The usual kinds; every other one is behaviour."""


@dataclass(frozen=True)
class Counts:
    """What the training rows' facts hold, by entity: kind -> facts, and (kind, number) -> facts that carry the number.

    A fact counts once for its entity, if it was visible at one of the training cutoffs of the entity's leads.
    """

    kinds: Mapping[str, Mapping[str, int]]
    numbers: Mapping[str, Mapping[tuple[str, str], int]]
    attributes: Mapping[str, str]


def count_training(
    ledgers: Ledgers,
    lead: Indices,
    cutoff: Instants,
    recorded: Mapping[str, bool],
    excluded_columns: Sequence[str] = (),
) -> Counts:
    """Count over the training observations (`lead`, `cutoff`); facts that only the test could see do not count."""
    history = ledgers.history
    kinds: dict[str, dict[str, int]] = {}
    numbers: dict[str, dict[tuple[str, str], int]] = {}
    for entity in ("lead", *history.leads.entities):
        of_kind: Counter[str] = Counter()
        carried: Counter[tuple[str, str]] = Counter()
        for part, rows in ledgers.parts(lead) if entity == "lead" else [(0, slice(0, len(lead)))]:
            _count(ledgers.ledger(entity, part), lead[rows], cutoff[rows], of_kind, carried)
        kinds[entity], numbers[entity] = dict(sorted(of_kind.items())), dict(carried)
    attributes = {
        name: how
        for name in history.leads.attributes
        if name not in (*excluded_columns, OPTED_OUT)
        and (how := values_of(leads_once(history, name, lead, cutoff, recorded)))
    }
    return Counts(kinds, numbers, attributes)


def _count(
    ledger: Ledger, lead: Indices, cutoff: Instants, kinds: Counter[str], numbers: Counter[tuple[str, str]]
) -> None:
    """Add what a ledger's facts hold that some of its leads' observations see."""
    seen = _seen(ledger, lead, cutoff)
    codes, words = ledger.kind.codes[seen], ledger.kind.words
    for code, count in enumerate(np.bincount(codes, minlength=len(words)).tolist()):
        if count:
            kinds[words[code]] += count
    for name, column in ledger.numbers.items():
        for code, count in enumerate(np.bincount(codes[~np.isnan(column[seen])], minlength=len(words)).tolist()):
            if count:
                numbers[words[code], name] += count


def _seen(ledger: Ledger, lead: Indices, cutoff: Instants) -> NDArray[np.bool_]:
    latest = np.full(len(ledger.offsets), NEVER)
    entity = ledger.of_lead[lead]
    np.maximum.at(latest, entity[entity >= 0], cutoff[entity >= 0])
    of_fact = np.repeat(np.arange(len(ledger.offsets) - 1), np.diff(ledger.offsets))
    visible: NDArray[np.bool_] = np.maximum(ledger.at, ledger.seen) < latest[of_fact]
    return visible


def values_of(values: Objects) -> str | None:
    """How an attribute is best read: "numeric", "bands" or "categorical"; None where every value is missing."""
    present = [value for value in values.tolist() if value is not None]
    if not present:
        return None
    if all(isinstance(value, float | int) for value in present):
        return "numeric"
    words = sorted({as_text(value) for value in present})
    if len(words) > 1 and not any(np.isnan(lower_bound(word)) or not _is_band(word) for word in words):
        return "bands"
    return "categorical"


def _is_band(word: str) -> bool:
    return any(mark in word for mark in "-–—+<>") or word.replace(" ", "").isdigit()


def criteria_from(counts: Counts) -> tuple[Criterion, ...]:
    """The criteria that the counts call for, each ledger's kinds by frequency, ties by name."""
    criteria: list[Criterion] = []
    for entity, kinds in counts.kinds.items():
        prefix = "" if entity == "lead" else f"{entity}_"
        frequent = sorted(
            (kind for kind in kinds if kind not in DEAL_KINDS.values()), key=lambda kind: (-kinds[kind], kind)
        )[:MOST_KINDS]
        for kind in frequent:
            measures = [Measure.parse(text) for text in ("count 7d", "count 30d", "count", "days_since_last")]
            for number in sorted(name for word, name in counts.numbers[entity] if word == kind):
                measures += [Measure("mean", column=number), Measure("largest", column=number)]
            criteria.append(_of_kind(prefix, entity, kind, measures))
        if frequent:
            texts = ["count 7d", "count 30d", "active_days 30d", "trend 7d 28d", "unanswered"]
            criteria.append(
                Criterion(
                    f"{prefix}activity",
                    "engagement",
                    tuple(Measure.parse(text) for text in texts),
                    of=entity,
                    label={"en": f"{entity.capitalize()} activity" if prefix else "All activity"},
                )
            )
        criteria += [
            _of_kind(prefix, entity, kind, [Measure("count"), Measure("days_since_last")])
            for kind in sorted(DEAL_KINDS.values())
            if kinds.get(kind)
        ]
    taken = {criterion.name for criterion in criteria} | {criterion.name for criterion in TIMING}
    for name, how in counts.attributes.items():
        safe = criterion_name(name)
        criteria.append(
            Criterion(safe if safe not in taken else f"attribute_{safe}", "demographics", attribute=name, values=how)
        )
    return tuple(_distinct_names(criteria))


def _of_kind(prefix: str, entity: str, kind: str, measures: Sequence[Measure]) -> Criterion:
    family = next(
        (family for family, patterns in FAMILY_OF_KIND.items() if any(_like(kind, pattern) for pattern in patterns)),
        "behaviour",
    )
    words = kind.replace("_", " ")
    label = f"{entity.capitalize()}: {words}" if prefix else words[:1].upper() + words[1:]
    # A kind may hold a star; as a pattern it still matches itself, and the export's other kinds are its own criteria.
    return Criterion(
        prefix + criterion_name(kind), family, tuple(measures), entity, (("kind", (kind,)),), label={"en": label}
    )


def _like(kind: str, pattern: str) -> bool:
    return pattern.strip("*") in kind.casefold()


def criterion_name(name: str) -> str:
    """What a criterion of a kind or attribute is called: its name, without blanks and points.

    >>> criterion_name("W_Valideren aanvraag")
    'W_Valideren_aanvraag'
    """
    return "_".join(name.replace(".", "_").split()) or "_"


def _distinct_names(criteria: Sequence[Criterion]) -> list[Criterion]:
    used = {criterion.name for criterion in TIMING}
    named = []
    for criterion in criteria:
        name, number = criterion.name, 2
        while name in used:
            name, number = f"{criterion.name}_{number}", number + 1
        used.add(name)
        named.append(replace(criterion, name=name))
    return named

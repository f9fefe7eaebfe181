"""What changed, and what would matter, for people and as plain JSON: of one lead, in a language."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from pipeline.definitions.criteria import Criterion
from pipeline.definitions.zones import iso
from pipeline.reasons.changed import Changed, strongest
from pipeline.reasons.language import Language
from pipeline.reasons.nouns import in_sentence
from pipeline.reasons.reach import Possible, Reach, probabilities
from pipeline.reasons.scored import Scored
from pipeline.reasons.sentences import Speaker, Value
from pipeline.reasons.wording import Today
from pipeline.tables.columns import Floats, Texts

Columns = Mapping[str, Floats | Texts]
Evidence = Callable[[Criterion], str]

MOST = 3
"""So many facts within reach are named."""


def what_changed(found: Changed, row: int, words: Language, timezone: str = "UTC") -> dict[str, Any]:
    """The split of one lead's difference as plain JSON; `said` is it in a sentence.

    `time`, `facts` and `model` list the parts of criteria that are not 0, the strongest first; they, and `base`, add up
    to `total`.
    """
    before = found.models[0].definition.criteria
    then = _evidence(before, found.earlier.columns, row, Today(found.since, timezone), words)
    aged = _evidence(before, found.aged, row, Today(found.as_of, timezone), words)
    now = _evidence(before, found.between.columns, row, Today(found.as_of, timezone), words)
    steps = (
        ("time", found.time, before, aged, then),
        ("facts", found.facts, before, now, aged),
    )
    parts: dict[str, list[dict[str, Any]]] = {
        name: [*_parts(contributions[row], criteria, words, said, earlier)]
        for name, contributions, criteria, said, earlier in steps
    }
    parts["model"] = [*_parts(found.model[row], found.criteria, words)]
    sides = {
        "before": _side(found.earlier, row, found.models[0].version),
        "after": _side(found.later, row, found.models[1].version),
    }
    sums = {
        "time": found.time[row].sum(),
        "facts": found.facts[row].sum(),
        "model": found.model[row].sum() + found.base,
    }
    said = words.text(
        "From {before} on {then} to {after} on {now}: {time} by the time that passed, {facts} by new facts",
        before=words.percent(sides["before"]["probability"]),
        after=words.percent(sides["after"]["probability"]),
        then=words.date(found.since, timezone),
        now=words.date(found.as_of, timezone),
        **{name: words.signed(float(value)) for name, value in sums.items() if name != "model"},
    )
    if found.retrained:
        said += words.text(", {model} by another model", model=words.signed(float(sums["model"])))
    return {
        "since": iso(found.since),
        "as_of": iso(found.as_of),
        **sides,
        **parts,
        "base": found.base,
        "total": float(found.total[row]),
        "said": words.text("{said} (in log-odds).", said=said),
    }


def within_reach(found: Reach, scored: Scored, row: int, words: Language, most: int = MOST) -> list[dict[str, Any]]:
    """The facts that would raise one lead's score most, as plain JSON with a sentence each; none for a closed lead."""
    if not scored.open[row]:
        return []
    standing = float(scored.log_odds[row])
    best = found.best(row, standing, most)
    chances = probabilities([standing, *(value for _, value in best)])
    return [
        _possible(fact, value - standing, chances[0], chance, words)
        for (fact, value), chance in zip(best, chances[1:], strict=True)
    ]


def _possible(fact: Possible, difference: float, before: float, after: float, words: Language) -> dict[str, Any]:
    label = fact.criterion.title(words.code)
    return {
        "criterion": fact.criterion.name,
        "label": label,
        "kind": fact.kind,
        "probability": after,
        "difference": difference,
        "text": words.text(
            "{label}: with one now, leads like this one convert at about {after} instead of {before}.",
            label=label,
            after=words.percent(after),
            before=words.percent(before),
        ),
    }


def _side(scored: Scored, row: int, version: str) -> dict[str, Any]:
    return {
        "probability": float(scored.probability[row]),
        "log_odds": float(scored.log_odds[row]),
        "model_version": version,
    }


def _parts(
    contributions: Floats,
    criteria: Sequence[Criterion],
    words: Language,
    said: Evidence | None = None,
    earlier: Evidence | None = None,
) -> Iterator[dict[str, Any]]:
    for place in strongest(contributions, criteria).tolist():
        criterion = criteria[place]
        label = criterion.title(words.code)
        text = ""
        if said is not None and earlier is not None:
            text, before = said(criterion), earlier(criterion)
            if before != text:
                text = words.text("{now}; before: {before}", now=text, before=in_sentence(before))
        yield {
            "criterion": criterion.name,
            "label": label,
            "contribution": float(contributions[place]),
            "text": text,
        }


def _evidence(criteria: Sequence[Criterion], columns: Columns, row: int, today: Today, words: Language) -> Evidence:
    def said(criterion: Criterion) -> str:
        values = [_value(columns[name], row) for name in criterion.columns]
        return Speaker(criterion, today, words).evidence(values)

    return said


def _value(column: Floats | Texts, row: int) -> Value:
    value: Value = column.take(np.array([row])).values()[0] if isinstance(column, Texts) else float(column[row])
    return value

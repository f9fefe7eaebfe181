"""The match with the ideal customer in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pipeline.definitions.criteria import Criterion
from pipeline.definitions.persona import apart
from pipeline.reasons.language import Language, language
from pipeline.reasons.nouns import in_sentence
from pipeline.tables.columns import Floats, Texts


def traits_apart(criteria: Sequence[Criterion]) -> tuple[Criterion, ...]:
    """What has to be measured beside the criteria to say which traits match."""
    return tuple(single for criterion in criteria for single in apart(criterion))


def labelled(criterion: Criterion, criteria: Sequence[Criterion]) -> Criterion:
    """A persona whose traits are called as the criteria of their names are; any other criterion as it is."""
    if not criterion.persona:
        return criterion
    labels = {other.name: other.label for other in criteria}
    traits = (replace(trait, label=labels.get(trait.name, trait.label)) for trait in criterion.persona)
    return replace(criterion, persona=tuple(traits))


def spoken(criterion: Criterion, columns: Mapping[str, Floats | Texts]) -> list[str]:
    """The columns that a criterion's sentence is made of: its own and, of a persona, each trait's where measured."""
    traits = [name for single in apart(criterion) for name in single.columns]
    return [*criterion.columns, *(traits if all(name in columns for name in traits) else ())]


def persona_text(criterion: Criterion, values: Sequence[object], words: Language | None = None) -> str:
    """How many traits match, and which, without a capital or a full stop; `values` are those of `spoken`.

    >>> from pipeline.definitions.traits import Trait
    >>> traits = (Trait("sector", "sector", ("food",)), Trait("company_size", "size", test=">= 50"))
    >>> persona_text(Criterion("persona", "demographics", persona=traits), [0.5, 1.0, 0.0])
    'matches 1 of 2 traits of the ideal customer: sector; not: company size'
    """
    words, traits = words or language(), criterion.persona
    share = values[0] if isinstance(values[0], float) else 0.0
    said = words.count(
        "matches {some} of {n} trait of the ideal customer",
        "matches {some} of {n} traits of the ideal customer",
        len(traits),
        some=words.number(round(share * len(traits))),
    )
    if len(values) == 1:
        return said
    titles = [in_sentence(trait.title(words.code)) for trait in traits]
    matching = [value == 1.0 for value in values[1:]]
    has = ", ".join(title for title, match in zip(titles, matching, strict=True) if match)
    lacks = ", ".join(title for title, match in zip(titles, matching, strict=True) if not match)
    if has and lacks:
        return words.text("{said}: {has}; not: {lacks}", said=said, has=has, lacks=lacks)
    if has:
        return words.text("{said}: {has}", said=said, has=has)
    return words.text("{said}; not: {lacks}", said=said, lacks=lacks)

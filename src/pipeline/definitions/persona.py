"""The ideal customer as a criterion: the share of its traits that a lead has."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from pipeline.definitions.criteria import Criterion
from pipeline.definitions.strict import wrong
from pipeline.definitions.traits import Trait

NAME = "persona"
LABEL = {"en": "Match with the ideal customer", "fr": "Ressemblance au client idéal"}


def persona_of(traits: Iterable[Trait], criteria: Sequence[Criterion], taken: Collection[str] = ()) -> Criterion | None:
    """The criterion of some traits; None without any. One named as a criterion over an attribute is read as that is.

    Its only column is the share of traits that match, from 0 to 1; a trait whose value is missing does not match.

    >>> function = Criterion("job_function", "demographics", attribute="job_title", map="job_function")
    >>> persona = persona_of([Trait("job_function", "job_function", ("purchasing",))], [function])
    >>> persona.columns, persona.persona[0].attribute, persona.persona[0].map
    (('persona',), 'job_title', 'job_function')
    """
    known = {criterion.name: criterion for criterion in criteria if criterion.attribute is not None}
    found = tuple(_read_as(trait, known.get(trait.name)) for trait in traits)
    name = NAME if NAME not in taken else f"{NAME}_match"
    return Criterion(name, "demographics", persona=found, label=LABEL) if found else None


def _read_as(trait: Trait, criterion: Criterion | None) -> Trait:
    if criterion is None or criterion.attribute is None:
        return trait
    return replace(
        trait,
        attribute=criterion.attribute,
        values=criterion.values if criterion.values == "numeric" else None,
        map=criterion.map,
        decimal=criterion.decimal,
        label=criterion.label,
    )


def reader(trait: Trait) -> Criterion:
    """The criterion by which a trait's attribute is read: as numbers to be compared, as words to be found."""
    read = "categorical" if trait.test is None else trait.values or "bands"
    decimal = trait.decimal if read == "numeric" else None
    name = f"{NAME} {trait.name}"
    return Criterion(name, "demographics", attribute=trait.attribute, values=read, map=trait.map, decimal=decimal)


def apart(criterion: Criterion) -> tuple[Criterion, ...]:
    """A criterion of each trait alone: which of them match. Names with a space cannot be a workspace's own."""
    return tuple(
        Criterion(f"{criterion.name} {trait.name}", criterion.family, persona=(trait,)) for trait in criterion.persona
    )


def check_traits(traits: Sequence[Trait], criteria: Sequence[Criterion], attributes: Collection[str]) -> None:
    """Refuse the first trait that is neither an attribute of the tables nor a criterion over one.

    One of words that is compared with a number is refused too.
    """
    known = {criterion.name: criterion for criterion in criteria}
    for trait in traits:
        criterion = known.get(trait.name)
        if criterion is not None and criterion.attribute is None:
            raise wrong("this criterion reads no attribute; expected one that does", place=(NAME, trait.name))
        if criterion is None and trait.name not in attributes:
            every = sorted({*attributes, *(c.name for c in criteria if c.attribute is not None)})
            near = difflib.get_close_matches(trait.name, every, n=1)
            hint = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(every)}"
            raise wrong(f"no attribute or criterion over one has this name; {hint}", place=(NAME, trait.name))
        if criterion is not None and trait.test is not None and (criterion.map or criterion.values == "categorical"):
            raise wrong("its values are words, which are not compared: name some", place=(NAME, trait.name))

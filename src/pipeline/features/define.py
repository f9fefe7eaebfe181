"""The definition of a model's inputs, frozen from the training rows: criteria written or counted, checked and fixed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.criteria import TIMING, Criterion
from pipeline.definitions.numerals import decimal_of
from pipeline.definitions.persona import persona_of, reader
from pipeline.definitions.undated import UNKNOWN_TIMING
from pipeline.definitions.workspace import Workspace
from pipeline.definitions.yaml_lines import WorkspaceError
from pipeline.features.attributes import leads_once, recorded_attributes
from pipeline.features.auto import count_training, criteria_from, values_of
from pipeline.features.ledgers import Ledgers, Whole
from pipeline.features.matrix import Definition
from pipeline.features.traits import matches, read_attribute
from pipeline.tables.columns import History, Instants
from pipeline.tables.matching import distinct, places

Indices = NDArray[np.int64]


def define(
    history: History,
    workspace: Workspace,
    lead: Indices,
    cutoff: Instants,
    ledgers: Ledgers | None = None,
    known: tuple[Criterion, ...] | None = None,
) -> Definition:
    """Criteria as written, or by what the training observations hold; vocabularies are still empty.

    `ledgers` are those of the history, by default built from it whole; then observations come by lead. `known` is what
    `settled` gave for the same observations.
    """
    recorded = recorded_attributes(history)
    kinds, columns = workspace.excluded_kinds, workspace.excluded_columns
    if workspace.criteria == "auto":
        written: tuple[Criterion, ...] = criteria_from(
            count_training(ledgers or Whole(history, kinds, columns), lead, cutoff, recorded, columns)
        )
    else:
        written = workspace.criteria
        check_criteria(written, history, columns)
    persona = workspace.persona_of(written)
    check_persona(persona, history, workspace)
    criteria = (*written, *persona, *_timing(workspace))
    if not criteria:
        raise WorkspaceError("criteria: none is left to learn from; name some, or take something from `exclude`")
    return Definition(
        criteria=known or _fixed(criteria, history, lead, cutoff, recorded),
        vocabularies={},
        recorded=recorded,
        timezone=workspace.timezone,
        horizon=workspace.horizon,
        excluded_kinds=kinds,
        excluded_columns=columns,
        maps={name: workspace.rules(name) for name in _maps(criteria)},
        missing=workspace.missing,
    )


def settled(history: History, workspace: Workspace, lead: Indices, cutoff: Instants) -> tuple[Criterion, ...] | None:
    """Criteria as written with how each attribute is read, which takes no interaction.

    None where they are not written, or where `define` has to say what is wrong with them.
    """
    if workspace.criteria == "auto":
        return None
    criteria = (*workspace.criteria, *workspace.persona_of(workspace.criteria), *_timing(workspace))
    if any(name not in history.leads.attributes for criterion in criteria for name in criterion.attributes):
        return None
    return _fixed(criteria, history, lead, cutoff, recorded_attributes(history))


def _maps(criteria: Sequence[Criterion]) -> list[str]:
    """The maps that criteria and traits are read by."""
    named = [name for c in criteria for name in (c.map, *(trait.map for trait in c.persona))]
    return [name for name in dict.fromkeys(named) if name is not None]


def _timing(workspace: Workspace) -> list[Criterion]:
    """The built-in measures of a lead's age and creation that a workspace has."""
    without = (*workspace.excluded_columns, *UNKNOWN_TIMING[workspace.order])
    return [criterion for criterion in TIMING if criterion.built_in not in without]


def check_criteria(criteria: Sequence[Criterion], history: History, excluded: Sequence[str]) -> None:
    """WorkspaceError where a criterion names an attribute, a text, a number or an entity that no table has."""
    attributes = set(history.leads.attributes)
    texts = {"kind", "flow"}.union(*(table.texts for table in history.interactions))
    numbers: set[str] = set().union(*(table.numbers for table in history.interactions))
    for criterion in criteria:
        if criterion.attribute is not None and criterion.attribute not in attributes:
            why = "it is excluded" if criterion.attribute in excluded else f"there are {', '.join(sorted(attributes))}"
            raise WorkspaceError(f"criteria, {criterion.name}: no attribute {criterion.attribute!r}; {why}")
        for name, _ in criterion.when:
            if name not in texts:
                raise WorkspaceError(
                    f"criteria, {criterion.name}: when names {name!r}; expected one of {', '.join(sorted(texts))}"
                )
        for measure in criterion.measures:
            if measure.column is not None and measure.column not in texts | numbers:
                raise WorkspaceError(
                    f"criteria, {criterion.name}: {measure.text!r} names no number or text of the interactions; "
                    f"expected one of {', '.join(sorted((texts | numbers) - {'kind', 'flow'})) or '(there are none)'}"
                )
        if criterion.of != "lead" and criterion.of not in history.leads.entities:
            raise WorkspaceError(
                f"criteria, {criterion.name}: of: {criterion.of}, but sources.leads.entities names no {criterion.of}"
            )


def check_persona(persona: Sequence[Criterion], history: History, workspace: Workspace) -> None:
    """WorkspaceError where a trait's attribute is in no table, not to be seen, or never what it has to be."""
    for trait in (trait for criterion in persona for trait in criterion.persona):
        if trait.attribute not in history.leads.attributes:
            known = ", ".join(sorted(history.leads.attributes))
            why = "it is excluded" if trait.attribute in workspace.excluded_columns else f"there are {known}"
            raise WorkspaceError(f"persona, {trait.name}: no attribute {trait.attribute!r}; {why}")
        values = distinct(history.leads.attributes[trait.attribute])[0]
        changed = history.changes.attribute.codes == places((trait.attribute,), history.changes.attribute.words)[0]
        values = np.concatenate([values, history.changes.value[changed], history.changes.old[changed]])
        maps = {trait.map: workspace.rules(trait.map)} if trait.map else {}
        if not matches(trait, read_attribute(values, reader(trait), maps)).any():
            raise WorkspaceError(
                f"persona, {trait.text}: no lead has it; values are compared as written, or as the map names them"
            )


def _fixed(
    criteria: Sequence[Criterion], history: History, lead: Indices, cutoff: Instants, recorded: Mapping[str, bool]
) -> tuple[Criterion, ...]:
    """Criteria with how each attribute is read fixed by the training rows, so that one value alone is read the same."""
    fixed: list[Criterion] = []
    for criterion in criteria:
        if criterion.attribute is None or criterion.map is not None:
            # Traits are read as the criteria of their names, which stand before.
            again = persona_of(criterion.persona, fixed) if criterion.persona else None
            fixed.append(replace(criterion, persona=again.persona) if again else criterion)
            continue
        values, _ = distinct(leads_once(history, criterion.attribute, lead, cutoff, recorded))
        read = replace(criterion, values=criterion.values or values_of(values) or "categorical")
        if read.values == "numeric" and read.decimal is None:
            written = sorted({value for value in values.tolist() if isinstance(value, str)})
            read = replace(read, decimal="," if decimal_of(written) == "," else None)
        fixed.append(read)
    return tuple(fixed)

"""The champion with the workspace's rules as they are now, and the audience that was asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.acting import check_condition
from pipeline.definitions.conditions import Condition, parse
from pipeline.definitions.rules import BEFORE, DEFAULT, FACTS, SCORED, Rules
from pipeline.definitions.workspace import Workspace, WorkspaceError
from pipeline.features.ledger import Ledger
from pipeline.features.matrix import Definition
from pipeline.learning.bundle import Bundle, load_champion
from pipeline.reasons.audiences import members
from pipeline.reasons.scored import Scored
from pipeline.tables.columns import History, Instants
from pipeline.workflow.places import Places

OTHER_RULES = (
    "The rules of the workspace (stages, grades, actions, audiences) are not those that model {version} was made with: "
    "these scores follow the workspace, the service follows the model. `leadlight train` makes one with today's rules."
)


def load_acting(workspace: Workspace) -> tuple[Bundle, list[str]]:
    """The model that serves, acting by the workspace's rules; and a sentence where it was made with others.

    WorkspaceError where a rule names what the model does not know.
    """
    bundle = load_champion(Places(workspace.root).models)
    check_known(workspace, bundle.definition)
    plain = workspace.acting.to_json()
    said = [] if bundle.card.get("rules", DEFAULT.to_json()) == plain else [OTHER_RULES.format(version=bundle.version)]
    return replace(bundle, card={**bundle.card, "rules": plain}), said


def check_known(workspace: Workspace, definition: Definition) -> None:
    """WorkspaceError where a rule for actions names what is no criterion of the definition and no attribute."""
    rules = workspace.acting
    for rule in rules.actions:
        words = (*FACTS, *SCORED, BEFORE)
        _known(f"actions: {rule.when.text!r}", rule.when, words, workspace, definition)


@dataclass(frozen=True)
class Audience:
    """Leads of which a condition holds; `named` is what was asked for: a name of the workspace's, or the condition."""

    named: str
    condition: Condition
    rules: Rules

    def members(
        self,
        history: History,
        lead: NDArray[np.int64],
        as_of: int | Instants,
        definition: Definition,
        scored: Scored | None = None,
        ledger_of: Callable[[str], Ledger] | None = None,
    ) -> NDArray[np.bool_]:
        """Which of the leads (rows of the history's) belong to it, (n,); WorkspaceError where it asks for scores."""
        try:
            return members(
                self.condition, history, lead, as_of, definition, scored, rules=self.rules, ledger_of=ledger_of
            )
        except ValueError as error:
            raise WorkspaceError(f"--audience: {error}") from None


def audience_of(workspace: Workspace, asked: str, definition: Definition | None = None) -> Audience:
    """The audience of that name, or of that condition.

    WorkspaceError where it is neither, or names what is no criterion of the definition and no attribute; without a
    definition the workspace's criteria count.
    """
    rules = workspace.acting
    try:
        condition = rules.audiences.get(asked.strip()) or parse(asked).using(rules.audiences)
    except ValueError as error:
        raise WorkspaceError(f"--audience {asked!r}: {error}") from None
    _known(f"--audience {asked!r}", condition, (*FACTS, *SCORED), workspace, definition)
    return Audience(asked.strip(), condition, rules)


def _known(
    place: str, condition: Condition, words: tuple[str, ...], workspace: Workspace, definition: Definition | None
) -> None:
    written = None if workspace.criteria == "auto" else workspace.criteria
    criteria = written if definition is None else definition.criteria
    left_out = () if definition is None else definition.excluded_columns
    attributes = [name for name in workspace.attributes if name not in left_out]
    try:
        check_condition(condition.names, words, workspace.acting, criteria, attributes)
    except ValueError as error:
        newer = {criterion.name for criterion in written or ()} - {criterion.name for criterion in criteria or ()}
        late = next((name for name in condition.names if name.partition(".")[0] in newer), None)
        said = f"; the model was made without {late}: train one with it" if late else ""
        raise WorkspaceError(f"{place}: {error}{said}") from None

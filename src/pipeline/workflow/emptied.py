"""What has no value any more that the champion was trained with: it can score, and its scores say less."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from pipeline.definitions.maps import glob
from pipeline.definitions.workspace import Workspace
from pipeline.features.schema import Entry, counted
from pipeline.learning.bundle import Bundle
from pipeline.tables.account import Account
from pipeline.tables.asked import asked
from pipeline.tables.columns import OPEN, History
from pipeline.tables.findings import Finding
from pipeline.workflow.retyped import STILL_KNOWN, attributes_now, facts_now
from pipeline.workflow.unread import HELD, entries, finding

MOST_WORDS = 5
"""So many words of a vocabulary are named."""


def emptied(bundle: Bundle, workspace: Workspace, history: History, account: Account) -> list[Finding]:
    """Columns that are empty now, numbers of which some cannot be read, and kinds, flows and outcomes all unknown."""
    return [
        *_empty(bundle, workspace, history),
        *_unreadable(bundle, workspace, history),
        *_kinds(bundle, workspace, history),
        *_outcomes(workspace, history, account),
    ]


def _empty(bundle: Bundle, workspace: Workspace, history: History) -> Iterator[Finding]:
    for entry in entries(bundle):
        column = history.leads.attributes.get(entry["column"]) if entry["role"] == "attribute" else None
        if column is not None and len(column) and not counted(column):
            yield _all_missing(bundle, entry, f"{len(column):,} leads")
    for entry, part in facts_now(bundle, workspace, history):
        number, text = part.numbers.get(entry["column"]), part.texts.get(entry["column"])
        missing = np.isnan(number) if number is not None else text.codes < 0 if text is not None else None
        if missing is not None and len(part) and missing.all():
            yield _all_missing(bundle, entry, f"{len(part):,} interactions")


def _all_missing(bundle: Bundle, entry: Entry, rows: str) -> Finding:
    return finding(
        "A column that the model reads is empty",
        entry["table"],
        entry["column"],
        f"It is empty for all {rows}; it held {HELD[entry['type']]} when model {bundle.version} was trained.",
        "Export its values, or check the join of the tables; until then the model takes all of them as missing.",
    )


def _unreadable(bundle: Bundle, workspace: Workspace, history: History) -> Iterator[Finding]:
    """Numbers of which some are none any more: too few for another type."""
    for seen in attributes_now(bundle, history):
        if seen.criterion.values != "numeric" or seen.entry["known"] < 1 or not STILL_KNOWN <= seen.known < 1:
            continue
        is_number = seen.knows
        first = seen.first(workspace, partial(_unlike, is_number))
        yield finding(
            "Values that the model cannot read",
            seen.entry["table"],
            seen.entry["column"],
            f"{seen.strange:,} of its {seen.values.total():,} values are no numbers{first}; all were when model "
            f"{bundle.version} was trained. The model takes each as missing.",
            "Correct them in the export, or name the texts that mean no value under `missing`.",
        )


def _unlike(usual: Callable[[object], bool], value: object) -> bool:
    return not usual(value)


def _kinds(bundle: Bundle, workspace: Workspace, history: History) -> Iterator[Finding]:
    out = [glob(pattern) for pattern in workspace.excluded_kinds]
    known = {kind for kind in bundle.card.get("kinds", ()) if not any(p.fullmatch(kind) for p in out)}
    here: set[str] = set()
    for part in history.interactions:
        here |= {part.kind.words[code] for code in np.unique(part.kind.codes[part.kind.codes >= 0]).tolist()}
    if not known:
        return
    flowing = set(bundle.card.get("flows", ()))
    if not here & known:
        yield finding(
            "No kind of interaction that the model knows",
            "interactions",
            _column(workspace, "interactions", "kind"),
            f"None of the {len(known)} kinds that model {bundle.version} was trained with is there: {_some(known)}. "
            f"Now there are: {_some(here)}.",
            "Export the kinds as they were, or retrain with `leadlight train`.",
        )
    elif here & flowing and not any(part.flow.any() for part in history.interactions):
        yield finding(
            "No interaction goes in or out",
            "interactions",
            _column(workspace, "interactions", "flow"),
            f"No interaction is inbound or outbound; when model {bundle.version} was trained these were: "
            f"{_some(flowing)}.",
            "Say under sources.interactions, flow, which kinds go where, or retrain with `leadlight train`.",
        )


def _outcomes(workspace: Workspace, history: History, account: Account) -> Iterator[Finding]:
    if not len(history.deals) or (history.deals.outcome != OPEN).any():
        return
    read = {value for value, (_, rows) in account.outcomes.items() if value and rows}
    if not read:
        # An export of open leads alone has no outcomes, and none that nobody knows.
        return
    yield finding(
        "No outcome that the workspace knows",
        "deals",
        _column(workspace, "deals", "outcome"),
        f"None of {len(history.deals):,} deals is read as won or lost, so that every lead counts as open. The values "
        f"are: {_some(read)}.",
        "Name the values that mean won and lost under sources.deals.",
    )


def _some(words: set[str]) -> str:
    """A few words of a vocabulary; a text that could be somebody's address or number is not repeated."""
    plain = [word for word in sorted(words) if len(word) <= 40 and "@" not in word and sum(map(str.isdigit, word)) < 7]
    more = len(words) - len(plain[:MOST_WORDS])
    return ", ".join([*plain[:MOST_WORDS], *([f"{more} more"] if more else [])]) or "none"


def _column(workspace: Workspace, table: str, role: str) -> str | None:
    named = (column for other in asked(workspace) if other.table == table for column in other.columns)
    return next((column.name for column in named if column.role == role), None)

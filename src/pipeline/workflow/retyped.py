"""Columns that are of another type than when the champion was trained, so that it knows their values no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from pipeline.definitions.criteria import Criterion
from pipeline.definitions.maps import glob
from pipeline.definitions.workspace import Workspace
from pipeline.features.schema import Entry, counted, knows, reader_of, share_known, type_of, type_of_texts
from pipeline.learning.bundle import Bundle
from pipeline.tables.asked import asked
from pipeline.tables.columns import History, Interactions
from pipeline.tables.findings import Finding
from pipeline.workflow.files import Files
from pipeline.workflow.unread import HELD, entries, finding, gives

STILL_KNOWN = 0.5
"""Less than this part of what the model knew in training is another type's doing."""

TITLE = "A column that the model reads is of another type"


@dataclass(frozen=True)
class Seen:
    """An attribute as it was, the values that it has now, and the criterion that says how the model reads them."""

    bundle: Bundle
    entry: Entry
    values: Counter[object]
    criterion: Criterion

    @property
    def knows(self) -> Callable[[object], bool]:
        """Whether a value means something to the model."""
        return knows(self.criterion, self.bundle.definition, self.entry.get("words", ()))

    @property
    def known(self) -> float:
        """The share of the values that do."""
        return share_known(self.values, self.criterion, self.bundle.definition, self.entry.get("words", ()))

    @property
    def strange(self) -> int:
        """How many of the values do not."""
        return self.values.total() - round(self.known * self.values.total())

    def first(self, workspace: Workspace, wanted: Callable[[object], bool]) -> str:
        """Where in the attribute's file the first such value stands; nothing where that is not known."""
        table = next((table for table in asked(workspace) if table.entity is None and gives(table, self.entry)), None)
        if table is None:
            return ""
        commas = self.criterion.decimal == ","
        return Files(workspace).first(table, self.entry["column"], wanted, commas=commas)


def attributes_now(bundle: Bundle, history: History) -> Iterator[Seen]:
    """The attributes that had values in training and have some now."""
    for entry in entries(bundle):
        criterion = reader_of(bundle.definition, entry["column"]) if entry["role"] == "attribute" else None
        column = history.leads.attributes.get(entry["column"])
        if criterion is not None and column is not None and (values := counted(column)):
            yield Seen(bundle, entry, values, criterion)


def facts_now(bundle: Bundle, workspace: Workspace, history: History) -> Iterator[tuple[Entry, Interactions]]:
    """Numbers and texts of interactions, each with the table that gives it now, where that is certain."""
    if set(workspace.excluded_kinds) - set(bundle.definition.excluded_kinds):
        # The facts of a kind that was excluded since are not among those read; what is left may well be empty.
        return
    tables = [table for table in asked(workspace) if table.entity is not None]
    parts = list(zip(tables, history.interactions, strict=True))
    for entry in entries(bundle):
        if entry["role"] not in ("number", "text") or "entity" not in entry:
            continue
        giving = [(table, part) for table, part in parts if table.entity == entry["entity"] and gives(table, entry)]
        own = [part for table, part in giving if table.table == entry["table"]]
        if own or len(giving) == 1:
            yield entry, own[0] if own else giving[0][1]


def retyped(bundle: Bundle, workspace: Workspace, history: History) -> list[Finding]:
    """Columns of another type than in training, of which the model knows less than half of what it did.

    Numbers that are categories it knows are no other type, nor is a number that is written as a text.
    """
    found = [_attribute(workspace, seen) for seen in attributes_now(bundle, history)]
    found += [_text(bundle, entry, part) for entry, part in facts_now(bundle, workspace, history)]
    return [each for each in found if each is not None]


def _attribute(workspace: Workspace, seen: Seen) -> Finding | None:
    entry, total = seen.entry, seen.values.total()
    type_ = type_of(seen.values, seen.criterion)
    if type_ == entry["type"] and seen.criterion.values != "numeric":
        return None
    if seen.known >= STILL_KNOWN * entry["known"]:
        return None
    is_usual, held = seen.knows, HELD["number" if seen.criterion.values == "numeric" else entry["type"]]
    if type_ == "text" and entry["type"] == "number":
        # A category that was a number may be unknown, and still be a number.
        is_usual = knows(replace(seen.criterion, values="numeric", map=None), seen.bundle.definition)
        strange = sum(count for value, count in seen.values.items() if not is_usual(value))
        said = f"{strange:,} of its {total:,} values are no numbers"
    elif type_ == "number":
        said = f"all of its {total:,} values are numbers, of which the model knows {total - seen.strange:,}"
    else:
        said = f"{seen.strange:,} of its {total:,} values are no numbers"
    first = seen.first(workspace, lambda value: not is_usual(value))
    return finding(
        TITLE,
        entry["table"],
        entry["column"],
        f"It held {held} when model {seen.bundle.version} was trained; now {said}{first}.",
        f"Export {held} as they were, or retrain with `leadlight train`.",
    )


def _text(bundle: Bundle, entry: Entry, part: Interactions) -> Finding | None:
    column = part.texts.get(entry["column"])
    if entry["role"] != "text" or entry["type"] != "text" or column is None or type_of_texts(column) != "number":
        return None
    words = [column.words[code] for code in np.unique(column.codes[column.codes >= 0]).tolist()]
    if any(_means_something(bundle, entry, word) for word in words):
        return None
    return finding(
        TITLE,
        entry["table"],
        entry["column"],
        f"It held texts when model {bundle.version} was trained; now all {int((column.codes >= 0).sum()):,} of its "
        "values are numbers, and the model knows none of them.",
        "Export texts as they were, or retrain with `leadlight train`.",
    )


def _means_something(bundle: Bundle, entry: Entry, word: str) -> bool:
    """Whether a criterion chooses facts by this text of theirs, or has a code for it."""
    for criterion in bundle.definition.criteria:
        if criterion.of != entry["entity"] or not criterion.measures:
            continue
        for field, patterns in criterion.when:
            if field == entry["column"] and any(glob(pattern).fullmatch(word) for pattern in patterns):
                return True
        for measure, column in zip(criterion.measures, criterion.columns, strict=True):
            if measure.column == entry["column"] and word in bundle.definition.vocabularies.get(column, ()):
                return True
    return False

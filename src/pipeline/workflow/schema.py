"""Schema drift: the export read with the champion in mind, and named what is not as it was when that was trained.

Columns are looked at before any row is read, and what they hold before anything is measured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from pipeline.definitions.workspace import Workspace, WorkspaceError
from pipeline.definitions.yaml_lines import DataError
from pipeline.learning.bundle import Bundle
from pipeline.tables.account import Account
from pipeline.tables.asked import Asked, Headers, absent, asked, holds_values, interactions_name, require
from pipeline.tables.columns import History
from pipeline.tables.findings import Finding
from pipeline.tables.frame import CellError
from pipeline.tables.history import InPieces, read_in_pieces
from pipeline.tables.pieces import NotInPieces
from pipeline.tables.sources import read_history
from pipeline.workflow.emptied import emptied
from pipeline.workflow.retyped import retyped
from pipeline.workflow.unread import HELD, entries, entry_for, lost, unread

Progress = Callable[[str], None]

Read = Callable[..., tuple[History, Account]]
"""What reads an export as `read_history` does."""


def quiet(_: str) -> None:
    """Progress for nobody."""


class SchemaDriftError(DataError):
    """The columns are not those that the model was trained with; a line names each, and what to do."""


@dataclass(frozen=True)
class Export:
    """What was read: the history and the account of rows, and `told`, which a model can score with and should say."""

    history: History
    account: Account
    told: tuple[Finding, ...] = ()


def drift(bundle: Bundle, workspace: Workspace, given: History | Headers) -> list[Finding]:
    """Every column that a model cannot do without and that drifted: by the files' columns, or by the values read."""
    if isinstance(given, History):
        return retyped(bundle, workspace, given)
    tables = asked(workspace)
    return [*lost(bundle, workspace, tables, given), *unread(bundle, workspace, tables, given)]


def read_for(bundle: Bundle, workspace: Workspace, progress: Progress = quiet, read: Read = read_history) -> Export:
    """The export as the model was trained to see it; SchemaDriftError if that cannot be, before anything is measured.

    It is without what was excluded then, and with what was excluded since.
    """
    seen = _as_trained(bundle, workspace)
    try:
        history, account = read(seen, progress, bundle.definition.criteria, partial(_refuse, bundle, seen))
    except CellError as error:
        held = _held(bundle, seen, error)
        if held is None:
            raise
        raise SchemaDriftError(f"{error}. {held}") from None
    return Export(history, account, _told(bundle, seen, history, account))


@dataclass(frozen=True)
class Pieces:
    """What `read_for` reads, in pieces: what it says of the values is known once every piece was."""

    bundle: Bundle
    workspace: Workspace
    read: InPieces

    def told(self, history: History) -> tuple[Finding, ...]:
        """What a model can score with and should say, of a history that stands for all that was read.

        NotInPieces where it would say, or refuse, something of interactions: only who has them all can count them.
        """
        try:
            told = _told(self.bundle, self.workspace, history, self.read.account)
        except SchemaDriftError:
            raise NotInPieces from None
        if any(finding.table.startswith("interactions") for finding in told):
            raise NotInPieces
        return told


@contextmanager
def pieces_for(
    bundle: Bundle, workspace: Workspace, progress: Progress = quiet, *, display: bool = True
) -> Iterator[Pieces]:
    """As `read_for`, but in pieces, which can be read while this is open; columns for people only with `display`.

    WorkspaceError where a cell cannot be read: then `read_for` says which.
    """
    full = seen = _as_trained(bundle, workspace)
    if not display:
        sources = {
            name: source.model_copy(update={"display": ()})
            for name in ("leads", "contacts", "accounts")
            if (source := getattr(seen.sources, name)) is not None
        }
        seen = seen.model_copy(update={"sources": seen.sources.model_copy(update=sources)})

    def look(_: Sequence[Asked], headers: Headers) -> None:
        _refuse(bundle, full, asked(full), headers)

    with read_in_pieces(seen, progress, bundle.definition.criteria, look) as pieces:
        yield Pieces(bundle, seen, pieces)


def _told(bundle: Bundle, seen: Workspace, history: History, account: Account) -> tuple[Finding, ...]:
    """What a model can score with and should say of the values read; SchemaDriftError where it cannot."""
    found = drift(bundle, seen, history)
    if found:
        raise SchemaDriftError(_refusal(bundle, map(sentence, found)))
    return tuple(emptied(bundle, seen, history, account) if entries(bundle) else ())


def read_beside(
    bundle: Bundle | None, workspace: Workspace, progress: Progress = quiet, read: Read = read_history
) -> Export:
    """The export as the workspace says; `told` is all that drifted since the model was trained, if there is one."""
    if bundle is None or not entries(bundle):
        return Export(*read(workspace, progress))
    found: list[Finding] = []
    try:
        history, account = read(workspace, progress, look=partial(_note, bundle, workspace, found))
    except CellError as error:
        raise WorkspaceError(". ".join(filter(None, (str(error), _held(bundle, workspace, error))))) from None
    found += drift(bundle, workspace, history)
    return Export(history, account, (*found, *emptied(bundle, workspace, history, account)))


def sentence(found: Finding) -> str:
    """A finding as people read it: where, what, and what to do."""
    column = "" if found.column is None else f", column {found.column}"
    return f"{found.table}{column}: {found.evidence} {found.remedy}"


def _as_trained(bundle: Bundle, workspace: Workspace) -> Workspace:
    """The workspace with what the model froze: what is left out, which texts mean no value, how numbers are written."""
    definition = bundle.definition
    seen = workspace.excluding(definition.excluded_kinds, definition.excluded_columns)
    # A bundle older than the list was trained with every text as a value; its own list is empty, and so it stays.
    seen = seen.model_copy(update={"missing": definition.missing})
    return _with_decimals(seen, bundle.card.get("decimals", {}))


def _with_decimals(workspace: Workspace, decimals: Mapping[str, str]) -> Workspace:
    """The marks before fractions as the training export showed them; what the workspace declares itself stands.

    A later export may hold 1.234 alone, which among 12,5 was a thousand.
    """
    tables = []
    for position, source in enumerate(workspace.sources.interactions):
        name = interactions_name(position)
        marks = [spec.decimal or decimals.get(f"{name}.{spec.column}") for spec in source.numbers]
        numbers = tuple(
            spec.model_copy(update={"decimal": mark}) for spec, mark in zip(source.numbers, marks, strict=True)
        )
        tables.append(source.model_copy(update={"numbers": numbers}))
    sources = workspace.sources.model_copy(update={"interactions": tuple(tables)})
    return workspace.model_copy(update={"sources": sources})


def _refuse(bundle: Bundle, workspace: Workspace, tables: Sequence[Asked], headers: Headers) -> None:
    found = drift(bundle, workspace, headers)
    if not found:
        require(tables, headers)
        return
    lines = [*map(sentence, found), *_others(found, tables, headers)]
    raise SchemaDriftError(_refusal(bundle, lines))


def _note(
    bundle: Bundle, workspace: Workspace, found: list[Finding], tables: Sequence[Asked], headers: Headers
) -> None:
    """A column that is named and not there is an error, the model's own with what is known of it; others are noted."""
    drifted = drift(bundle, _as_trained(bundle, workspace), headers)
    named = {(table.table, name) for table in tables for name in table.names if name not in headers[table.table]}
    gone = [each for each in drifted if (each.table, each.column) in named]
    lines = [*map(sentence, gone), *_others(gone, tables, headers)]
    if lines:
        raise WorkspaceError("\n".join(lines))
    found += drifted


def _others(found: Sequence[Finding], tables: Sequence[Asked], headers: Headers) -> list[str]:
    """Sentences for the missing columns that no finding is about."""
    said = {(each.table, each.column) for each in found}
    lines = []
    for table in tables:
        there = headers[table.table]
        missing = [name for name in table.names if name not in there and (table.table, name) not in said]
        if holds_values(there):
            missing = [] if table.table in {each.table for each in found} else missing[:1]
        lines += [absent(table.table, table.place, name, there, table.names) for name in missing]
    return lines


def _refusal(bundle: Bundle, lines: Iterable[str]) -> str:
    head = f"Model {bundle.version} cannot score this export: the columns are not as they were when it was trained."
    return "\n  ".join([head, *lines])


def _held(bundle: Bundle, workspace: Workspace, error: CellError) -> str | None:
    """What the model was trained with in a column that cannot be read; None where it does not read it."""
    for table in asked(workspace):
        for column in table.columns:
            if (table.table, column.name) == (error.table, error.column):
                entry = entry_for(bundle, table, column)
                if entry is not None:
                    held = f"It held {HELD[entry['type']]} when model {bundle.version} was trained"
                    return f"{held}: export them again, or retrain with `leadlight train` once it can be read."
    return None

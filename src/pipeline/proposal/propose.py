"""The proposal as a whole: tables looked at, roles given, a workspace written, tried, and its doubts told."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.definitions.settings import MISSING
from pipeline.definitions.workspace import load_workspace
from pipeline.definitions.yaml_lines import DataError, WorkspaceError
from pipeline.proposal.criteria import written_out
from pipeline.proposal.roles import Roles, assign
from pipeline.proposal.sections import Proposal, compose
from pipeline.proposal.tables import Table, gather, open_tables
from pipeline.proposal.write import DOUBT
from pipeline.tables.files import PARTIAL, write_text
from pipeline.tables.reader import Reader
from pipeline.tables.sources import read_history

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Proposed:
    """What was written: which table is what, the doubts, and what is missing for a model (empty if nothing is)."""

    output: Path
    tables: Mapping[str, str]
    doubts: Sequence[str]
    missing: Sequence[str]

    def to_json(self) -> dict[str, Any]:
        """Plain data, keys in order."""
        return {
            "output": str(self.output),
            "tables": dict(self.tables),
            "doubts": list(self.doubts),
            "missing": list(self.missing),
        }


def propose(
    files: Sequence[str],
    output: Path,
    chosen: Mapping[str, Sequence[str]] | None = None,
    timezone: str = "UTC",
    progress: Progress = lambda _: None,
) -> Proposed:
    """Look at files, folders or a database and write a workspace to `output`, which must not exist.

    `chosen` maps a role ("leads", "deals", "interactions") to arguments that a person gave for it. WorkspaceError where
    a file cannot be read, nothing is like a table of leads, or `output` is there already.
    """
    if output.exists():
        raise WorkspaceError(f"{output}: is there already, and nothing is written over; name another file with -o")
    root = output.resolve().parent
    asked = dict.fromkeys([*files, *(name for names in (chosen or {}).values() for name in names)])
    if not asked:
        raise WorkspaceError("no file to look at; name the files of the export, as in `leadlight init export/*.csv`")
    places = gather(list(asked), root)
    # The same file named twice, or reached through a folder and by itself, is one table.
    places = list({place.model_dump_json(): (name, place) for name, place in places}.values())
    with Reader(root, MISSING, progress) as reader:
        tables = open_tables(reader, places, timezone, progress)
        roles = assign(tables, _chosen_tables(tables, chosen or {}, root))
        progress("a workspace")
        proposal = compose(roles, root.name if output.stem == "leadlight" else output.stem, timezone)
    return _written(proposal, roles, output, progress)


def _chosen_tables(tables: Sequence[Table], chosen: Mapping[str, Sequence[str]], root: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for role, arguments in chosen.items():
        places = [place for argument in arguments for _, place in gather([argument], root)]
        found[role] = [table.name for table in tables if table.place in places]
    return found


def _written(proposal: Proposal, roles: Roles, output: Path, progress: Progress) -> Proposed:
    """Try the proposal as it stands, write its criteria out, and let it arrive under its name."""
    output.parent.mkdir(parents=True, exist_ok=True)
    partial = output.with_name(f".{output.name}{PARTIAL}")
    try:
        write_text(partial, proposal.text())
        if not proposal.missing:
            progress("criteria")
            _try(proposal, partial, roles)
        write_text(partial, proposal.text())
        # A link fails where the name was taken in the meantime; a rename would write over it.
        try:
            os.link(partial, output)
        except FileExistsError:
            raise WorkspaceError(f"{output}: is there already; name another file with -o") from None
    finally:
        partial.unlink(missing_ok=True)
    doubts = [note.removeprefix(f"{DOUBT} ") for note in proposal.notes() if note.startswith(DOUBT)]
    taken = roles_of(roles) | {name: f"not used: {why}" for name, why in proposal.left.items()}
    return Proposed(output, taken, doubts, proposal.missing)


def _try(proposal: Proposal, partial: Path, roles: Roles) -> None:
    """Read the tables as the proposal says; what is wrong with that becomes a doubt, and criteria stay `auto`."""
    try:
        workspace = load_workspace(partial)
        history, account = read_history(workspace)
        proposal.tell(account)
        proposal.criteria = written_out(history, workspace, _numeric(roles))
    except (WorkspaceError, DataError) as error:
        proposal.trouble = str(error).replace(f"{partial}, ", "")


def _numeric(roles: Roles) -> dict[str, str]:
    tables = [table for table in (roles.leads, roles.contacts, roles.accounts) if table is not None]
    return {column.name: column.decimal for table in tables for column in table.of("number")}


def roles_of(roles: Roles) -> dict[str, str]:
    """Table -> what it was taken for."""
    found = {roles.leads.shown: "leads"}
    if roles.deals is not None:
        found[roles.deals.shown] = "deals" if roles.deals is not roles.leads else "leads and deals"
    found |= {table.shown: "interactions" for table in roles.interactions}
    for role in ("contacts", "accounts", "changes", "spend"):
        table = getattr(roles, role)
        if table is not None:
            found[table.shown] = role
    return found | {table.shown: "not used" for table in roles.unused}

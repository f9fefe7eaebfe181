"""How a cluster reads a workspace: every table but those of interactions here, and those by the workers.

Twice they look at each piece: first for the cells that tell how its columns are read, then for the facts, which they
bring to the partitions of their leads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

import numpy as np
import pyarrow as pa

from pipeline.definitions.criteria import Criterion
from pipeline.definitions.workspace import Workspace
from pipeline.definitions.yaml_lines import WorkspaceError
from pipeline.distributed import pieces, totals, work
from pipeline.distributed.digest import digested
from pipeline.distributed.engine import Engine, Pile, Task, refusal
from pipeline.distributed.parcels import Parcel
from pipeline.distributed.spread import Spread
from pipeline.distributed.telling import beside, together, two_minded
from pipeline.tables.account import Account
from pipeline.tables.asked import Look, interactions_name, require
from pipeline.tables.columns import History, Interactions
from pipeline.tables.facts import take
from pipeline.tables.frame import Frame
from pipeline.tables.interactions import facts_of, read_interactions
from pipeline.tables.reader import Reader
from pipeline.tables.sources import Progress, read_history

FACTS_OF_A_PARTITION = 1_000_000
"""About so many; a partition has to fit into a worker several times."""


@dataclass(frozen=True, kw_only=True)
class Afar(History):
    """A history whose interactions are with the workers, in a pile by partition; those here are digests.

    `shared` is what every task has to know of the workspace.
    """

    engine: Engine
    pile: Pile
    spread: Spread
    shared: Mapping[str, Any]

    def within(
        self, task: Task, tables: Mapping[int, Mapping[str, pa.Table]], plain: Mapping[str, Any] | None = None
    ) -> dict[int, Parcel]:
        """The task's answers in the partitions for which it gets tables of its own."""
        parcels = {part: Parcel({}, {**self.spread.tables(part), **own}) for part, own in tables.items()}
        answers = self.engine.within(task, Parcel({**self.shared, **(plain or {})}), self.pile, parcels)
        refused = refusal(list(answers.values()))
        if refused is not None:
            raise WorkspaceError(refused)
        return answers


@dataclass
class _Survey:
    """What the workers saw of the tables of interactions before any fact was read."""

    tables: list[dict[str, Any]] = field(default_factory=list)
    parcels: list[Parcel] = field(default_factory=list)
    rows: int = 0


def read(
    engine: Engine,
    workspace: Workspace,
    progress: Progress = lambda _: None,
    criteria: Iterable[Criterion] | None = None,
    look: Look = require,
) -> tuple[Afar, Account]:
    """As `read_history`, with the interactions left to the workers."""
    found = _Survey()

    def facts(reader: Reader, workspace: Workspace, kinds: set[str], progress: Progress) -> Iterator[Interactions]:
        for position in range(len(workspace.sources.interactions)):
            progress(interactions_name(position))
            empty = _survey(engine, reader, workspace, position, found)
            kinds.update(empty.kind.words)
            yield empty

    history, account = read_history(workspace, progress, criteria, look, facts)
    progress(f"bringing {found.rows:,} interactions to their leads")
    return _sort(engine, workspace, history, account, found)


def _survey(engine: Engine, reader: Reader, workspace: Workspace, position: int, found: _Survey) -> Interactions:
    """The table's columns without a row, all its kinds known; how its texts are read is settled here."""
    source, excluded = workspace.sources.interactions[position], workspace.excluded_columns
    name = interactions_name(position)
    cut = pieces.cut(reader, name, source, excluded, engine.width)
    own = [replace(piece, plain={**piece.plain, "table": position, "piece": n}) for n, piece in enumerate(cut.parcels)]
    table: dict[str, Any] = {"name": name, "source": source.model_dump(mode="json", by_alias=True)}
    table["drop_repeats"] = source.repeats == "drop"
    found.tables.append(table)
    answers = engine.each(work.survey, Parcel(_settings(workspace) | {"tables": found.tables}), own)
    _accepted(workspace, position, answers)
    cells = together([answer.plain["cells"] for answer in answers], source, excluded)
    if (column := two_minded(cells, source)) is not None:
        raise WorkspaceError(
            f"{name} ({source.from_.shown}), column {column}: some numbers have a decimal point and some a decimal "
            f"comma, and no worker sees all of them; declare which it is, as in {{column: {column}, decimal: ','}}"
        )
    header = cut.header_lines
    if header is None:
        # Lines of several files have no number in common.
        header = answers[0].plain["header_lines"] if len(cut.files) == 1 else 0
    reader.places[name] = (source.from_.shown, header)
    frame = Frame.of(name, source.from_.shown, beside(cut.empty, cells), 0, workspace.missing)
    try:
        read = facts_of(
            replace(frame, remarks=reader.remarks, decimals=reader.decimals), source, excluded, workspace.timezone
        )
    except WorkspaceError as error:
        _refuse(workspace, position, str(error))
    empty = take(read, np.empty(0, np.int64))
    table |= {"cells": cells, "kinds": list(empty.kind.words)}
    table |= {"numbers": list(empty.numbers), "texts": list(empty.texts)}
    found.parcels += own
    found.rows += sum(answer.plain["rows"] for answer in answers)
    return empty


def _sort(
    engine: Engine, workspace: Workspace, history: History, account: Account, found: _Survey
) -> tuple[Afar, Account]:
    """The facts with their leads, the repeated ones found, and everything of them counted."""
    parts = max(engine.width, -(-found.rows // FACTS_OF_A_PARTITION))
    spread = Spread.of(history, min(parts, max(len(history.leads), 1)))
    routes = {f"route {entity}": spread.route(entity) for entity in ("lead", *history.leads.entities)}
    routes["aside"] = pa.table({"id": pa.array(list(account.leads), pa.string())})
    settings = _settings(workspace)
    pile, answers = engine.sort(
        work.sort, Parcel(settings | {"tables": found.tables}, routes), found.parcels, spread.parts
    )
    of_table = [parcel.plain["table"] for parcel in found.parcels]
    for answer, position in zip(answers, of_table, strict=True):
        _accepted(workspace, position, [answer])
    shared = settings | {"tables": [{k: v for k, v in table.items() if k != "cells"} for table in found.tables]}
    own = {name: getattr(history, name) for name in History.__dataclass_fields__}
    afar = Afar(**own, engine=engine, pile=pile, spread=spread, shared=shared)
    tallies = afar.within(work.tally, {part: {} for part in range(spread.parts)})
    tables, digests = dict(account.tables), []
    for position, empty in enumerate(history.interactions):
        mine = [answer.plain for answer, own in zip(answers, of_table, strict=True) if own == position]
        parts_of = [tallies[part].plain["tables"][position] for part in sorted(tallies)]
        whole, name = totals.account(mine, parts_of), interactions_name(position)
        tables[name] = replace(whole, file=tables[name].file, header_lines=tables[name].header_lines)
        digests.append(digested(empty, [part["digest"] for part in parts_of]))
    return replace(afar, interactions=tuple(digests)), replace(account, tables=tables)


def _settings(workspace: Workspace) -> dict[str, Any]:
    return {
        "timezone": workspace.timezone,
        "data_until": workspace.data_until,
        "missing": list(workspace.missing),
        "excluded_kinds": list(workspace.excluded_kinds),
        "excluded_columns": list(workspace.excluded_columns),
    }


def _accepted(workspace: Workspace, position: int, answers: Sequence[Parcel]) -> None:
    refused = refusal(answers)
    if refused is not None:
        _refuse(workspace, position, refused)


def _refuse(workspace: Workspace, position: int, said: str) -> NoReturn:
    """The error of what a worker found wrong: read once more here, where rows have their numbers."""
    source, excluded = workspace.sources.interactions[position], workspace.excluded_columns
    with Reader(workspace.root, workspace.missing) as reader:
        read_interactions(reader, interactions_name(position), source, excluded, workspace.timezone)
    raise WorkspaceError(said)

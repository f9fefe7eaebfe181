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
        refused = refusal([answer.plain for answer in answers.values()])
        if refused is not None:
            raise WorkspaceError(refused)
        return answers


@dataclass
class _Survey:
    """What the workers saw of the tables of interactions before any fact was read."""

    tables: list[dict[str, Any]] = field(default_factory=list)
    parcels: list[Parcel] = field(default_factory=list)
    answers: list[Parcel] = field(default_factory=list)

    def of(self, answers: Sequence[Parcel], position: int) -> list[Mapping[str, Any]]:
        """Of the answers to all pieces, those to one table's."""
        pairs = zip(self.parcels, answers, strict=True)
        return [answer.plain for parcel, answer in pairs if parcel.plain["table"] == position]

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(answer.plain["rows"] for answer in self.answers)


def read(
    engine: Engine,
    workspace: Workspace,
    progress: Progress = lambda _: None,
    criteria: Iterable[Criterion] | None = None,
    look: Look = require,
) -> tuple[Afar, Account]:
    """As `read_history`, with the interactions left to the workers."""
    survey = _Survey()

    def facts(reader: Reader, workspace: Workspace, kinds: set[str], progress: Progress) -> Iterator[Interactions]:
        progress("interactions")
        cuts = _survey(engine, reader, workspace, survey)
        for position, cut in enumerate(cuts):
            empty = _columns(reader, workspace, position, cut, survey)
            kinds.update(empty.kind.words)
            yield empty

    history, account = read_history(workspace, progress, criteria, look, facts)
    progress(f"bringing {survey.rows:,} interactions to their leads")
    return _sort(engine, workspace, history, account, survey)


def _survey(engine: Engine, reader: Reader, workspace: Workspace, survey: _Survey) -> list[pieces.Cut]:
    """Every table in pieces, and each piece looked at once."""
    cuts = []
    for position, source in enumerate(workspace.sources.interactions):
        name = interactions_name(position)
        cut = pieces.cut(reader, name, source, workspace.excluded_columns, engine.width)
        plain = source.model_dump(mode="json", by_alias=True)
        survey.tables.append({"name": name, "source": plain, "drop_repeats": source.repeats == "drop"})
        for number, piece in enumerate(cut.parcels):
            survey.parcels.append(replace(piece, plain={**piece.plain, "table": position, "piece": number}))
        cuts.append(cut)
    shared = Parcel(_settings(workspace) | {"tables": survey.tables})
    survey.answers = engine.each(work.survey, shared, survey.parcels)
    return cuts


def _columns(reader: Reader, workspace: Workspace, position: int, cut: pieces.Cut, survey: _Survey) -> Interactions:
    """A table's columns without a row, all its kinds known; how its texts are read is settled here."""
    source, excluded = workspace.sources.interactions[position], workspace.excluded_columns
    name, answers = interactions_name(position), survey.of(survey.answers, position)
    _accept(workspace, position, answers)
    cells = together([answer["cells"] for answer in answers], source, excluded)
    if (column := two_minded(cells, source)) is not None:
        said = (
            f"{name} ({source.from_.shown}), column {column}: some numbers have a decimal point and some a decimal "
            f"comma, and no worker sees all of them; declare which it is, as in {{column: {column}, decimal: ','}}"
        )
        _refuse(workspace, position, said)
    header = cut.header_lines
    if header is None:
        # Lines of several files have no number in common.
        header = answers[0]["header_lines"] if len(cut.files) == 1 else 0
    reader.places[name] = (source.from_.shown, header)
    frame = Frame.of(name, source.from_.shown, beside(cut.empty, cells), 0, workspace.missing)
    frame = replace(frame, remarks=reader.remarks, decimals=reader.decimals)
    try:
        found = facts_of(frame, source, excluded, workspace.timezone)
    except WorkspaceError as error:
        _refuse(workspace, position, str(error))
    empty = take(found, np.empty(0, np.int64))
    known = {"cells": cells, "kinds": list(empty.kind.words)}
    survey.tables[position] |= known | {"numbers": list(empty.numbers), "texts": list(empty.texts)}
    return empty


def _sort(
    engine: Engine, workspace: Workspace, history: History, account: Account, survey: _Survey
) -> tuple[Afar, Account]:
    """The facts with their leads, the repeated ones found, and everything of them counted."""
    # Two for each that can be at work: who has done with a small one takes another.
    parts = max(2 * engine.width, -(-survey.rows // FACTS_OF_A_PARTITION))
    spread = Spread.of(history, min(parts, max(len(history.leads), 1)))
    routes = {f"route {entity}": spread.route(entity) for entity in ("lead", *history.leads.entities)}
    routes["aside"] = pa.table({"id": pa.array(list(account.leads), pa.string())})
    settings, positions = _settings(workspace), range(len(survey.tables))
    known = Parcel(settings | {"tables": survey.tables}, routes)
    pile, answers = engine.sort(work.sort, known, survey.parcels, spread.parts)
    for position in positions:
        _accept(workspace, position, survey.of(answers, position))
    shared = settings | {"tables": [{k: v for k, v in table.items() if k != "cells"} for table in survey.tables]}
    own = {name: getattr(history, name) for name in History.__dataclass_fields__}
    afar = Afar(**own, engine=engine, pile=pile, spread=spread, shared=shared)
    tallies = afar.within(work.tally, {part: {} for part in range(spread.parts)})
    tables, digests = dict(account.tables), []
    for position, empty in enumerate(history.interactions):
        parts_of = [tallies[part].plain["tables"][position] for part in sorted(tallies)]
        whole, name = totals.account(survey.of(answers, position), parts_of), interactions_name(position)
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


def _accept(workspace: Workspace, position: int, answers: Sequence[Mapping[str, Any]]) -> None:
    refused = refusal(answers)
    if refused is not None:
        _refuse(workspace, position, refused)


def _refuse(workspace: Workspace, position: int, said: str) -> NoReturn:
    """The error of what a worker found wrong: read once more here, where rows have their numbers."""
    source, excluded = workspace.sources.interactions[position], workspace.excluded_columns
    with Reader(workspace.root, workspace.missing) as reader:
        read_interactions(reader, interactions_name(position), source, excluded, workspace.timezone)
    raise WorkspaceError(said)

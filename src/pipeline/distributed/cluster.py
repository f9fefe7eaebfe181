"""One training set and one set of scores from many workers: what `Hands` asks for, asked of a cluster.

The driver has leads, deals and changes, and decides what concerns all of them. What needs facts is asked of the workers
that have these, by the functions of one process, and what they answer is put together in the order of the question.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.definitions.criteria import Criterion
from pipeline.definitions.settings import Observe
from pipeline.definitions.workspace import Workspace
from pipeline.distributed import wire, work
from pipeline.distributed.engine import Engine
from pipeline.distributed.reading import Afar, read
from pipeline.distributed.spread import positions
from pipeline.features.attributes import recorded_attributes
from pipeline.features.auto import Counts, count_training, criteria_from
from pipeline.features.define import define
from pipeline.features.ledgers import Whole
from pipeline.features.matrix import Definition
from pipeline.features.observations import Observations, observe
from pipeline.learning.bundle import Bundle
from pipeline.reasons.language import Language
from pipeline.reasons.scores import Reason, Score
from pipeline.tables.account import Account
from pipeline.tables.asked import Look, require
from pipeline.tables.columns import NEVER, Floats, Instants, Texts
from pipeline.tables.sources import Progress

Indices = NDArray[np.int64]


class Cluster:
    """Reads, observes, defines, measures and scores by the workers of an engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def read(
        self,
        workspace: Workspace,
        progress: Progress = lambda _: None,
        criteria: Iterable[Criterion] | None = None,
        look: Look = require,
    ) -> tuple[Afar, Account]:
        """As `read_history`, with the interactions left to the workers."""
        return read(self.engine, workspace, progress, criteria, look)

    def observe(
        self, history: Afar, how: Observe, horizon: int | None, excluded_kinds: Sequence[str] = ()
    ) -> Observations:
        """As `observe`; where leads are observed after interactions, the workers know when."""
        if how.after is None:
            return observe(history, how, horizon, excluded_kinds)
        every: dict[int, dict[str, pa.Table]] = {part: {} for part in range(history.spread.parts)}
        answers = history.within(work.observe, every, {"horizon": horizon})
        rows = pa.concat_tables([answer.tables["observations"] for answer in answers.values()])
        lead, cutoff, mature, label = (rows.column(name).to_numpy() for name in ("lead", "cutoff", "mature", "label"))
        found = Observations(lead, cutoff, mature, label)
        return found.take(np.lexsort((cutoff, lead)))

    def define(self, history: Afar, workspace: Workspace, lead: Indices, cutoff: Instants) -> Definition:
        """As `define`; what criteria are found by counting is counted by the workers and added up."""
        if workspace.criteria == "auto":
            criteria = criteria_from(self.counts(history, workspace, lead, cutoff))
            workspace = workspace.model_copy(update={"criteria": criteria})
        return define(history, workspace, lead, cutoff)

    def counts(self, history: Afar, workspace: Workspace, lead: Indices, cutoff: Instants) -> Counts:
        """As `count_training`; each fact is counted in the one partition where it is at home."""
        spread, leads = history.spread, history.leads
        entities = ("lead", *leads.entities)
        seen: dict[int, dict[str, pa.Table]] = {part: {} for part in range(spread.parts)}
        for entity in entities:
            column = leads.id if entity == "lead" else leads.entities[entity]
            latest = np.full(len(column.words) + 1, NEVER)
            np.maximum.at(latest, column.codes[lead], cutoff)
            home = spread.homes(entity)
            rows = pa.table({"lead": home, "cutoff": latest[:-1]})
            places = dict(positions(spread.part[home]))
            for part, own in seen.items():
                own[f"seen {entity}"] = rows.take(pa.array(places.get(part, np.empty(0, np.int64))))
        answers = history.within(work.count, seen)
        kinds: dict[str, dict[str, int]] = {entity: {} for entity in entities}
        numbers: dict[str, dict[tuple[str, str], int]] = {entity: {} for entity in entities}
        for answer in answers.values():
            for entity, counted in answer.plain["counts"].items():
                for kind, held in counted["kinds"].items():
                    kinds[entity][kind] = kinds[entity].get(kind, 0) + held
                for kind, name, held in counted["numbers"]:
                    numbers[entity][kind, name] = numbers[entity].get((kind, name), 0) + held
        # Attributes are here, and facts are not.
        alone = replace(history, interactions=(), leads=replace(leads, entities={}))
        here = count_training(Whole(alone), lead, cutoff, recorded_attributes(history), workspace.excluded_columns)
        return Counts(kinds, numbers, here.attributes)

    def measure(
        self, history: Afar, lead: Indices, cutoff: Instants, definition: Definition
    ) -> dict[str, Floats | Texts]:
        """As `measure_all`, each lead's by the worker that has its facts."""
        places = dict(positions(history.spread.part[lead])) or {0: np.empty(0, dtype=np.int64)}
        rows = {part: {"rows": pa.table({"lead": lead[own], "cutoff": cutoff[own]})} for part, own in places.items()}
        answers = history.within(work.measure, rows, {"definition": definition.to_json()})
        whole = pa.concat_tables([answers[part].tables["measures"] for part in places])
        order = np.argsort(np.concatenate(list(places.values())), kind="stable")
        return wire.measures_in(whole.take(pa.array(order)), definition.columns)

    def score(
        self,
        bundle: Bundle,
        history: Afar,
        as_of: int,
        leads: Sequence[int] | Indices | None = None,
        *,
        language: Language | None = None,
    ) -> list[Score]:
        """As `score`, by workers who are given the texts of the bundle's files."""
        rows = np.flatnonzero(history.leads.created_at < as_of) if leads is None else np.asarray(leads, np.int64)
        places = dict(positions(history.spread.part[rows]))
        with tempfile.TemporaryDirectory(prefix="leadlight-bundle-") as folder:
            bundle.write(Path(folder))
            texts = {path.name: path.read_bytes().decode() for path in sorted(Path(folder).iterdir())}
        asked = {part: {"rows": pa.table({"lead": rows[own]})} for part, own in places.items()}
        said = {"bundle": texts, "as_of": as_of, "language": language and language.code}
        answers = history.within(work.score, asked, said)
        found: dict[int, Score] = {}
        for part, own in places.items():
            found |= dict(zip(own.tolist(), map(_score, answers[part].plain["scores"]), strict=True))
        return [found[place] for place in range(len(rows))]


def _score(plain: dict[str, Any]) -> Score:
    reasons = tuple(Reason(*reason) for reason in plain["reasons"])
    return Score(**plain | {"reasons": reasons, "warnings": tuple(plain["warnings"])})

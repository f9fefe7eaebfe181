"""Every open lead's score with each criterion's contribution, into a file: out of core, part by part."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from pipeline.definitions.workspace import Workspace, WorkspaceError
from pipeline.features.ledger import Ledger
from pipeline.features.ledgers import Ledgers, Whole, by_part
from pipeline.features.parts import in_parts
from pipeline.learning.bundle import Bundle
from pipeline.reasons.language import Language
from pipeline.reasons.scored import Scorer
from pipeline.reasons.scores import Score, in_words
from pipeline.tables.bar import Bar
from pipeline.tables.columns import History
from pipeline.tables.files import arriving_file, passing
from pipeline.tables.findings import Finding
from pipeline.tables.pieces import NotInPieces
from pipeline.workflow.acting import Audience
from pipeline.workflow.columnar import ContributionsFile
from pipeline.workflow.schema import Progress, pieces_for, quiet, read_for


@dataclass(frozen=True)
class Contributed:
    """How many leads were scored, `best` the best of them in words, and what is to be known of the data."""

    scored: int
    best: list[Score]
    history: History
    told: tuple[Finding, ...]


def write_contributions(
    bundle: Bundle,
    workspace: Workspace,
    as_of: int,
    output: Path,
    progress: Progress = quiet,
    top: int = 0,
    audience: Audience | None = None,
    language: Language | None = None,
) -> Contributed:
    """Score every lead that is open at `as_of`, or those of an audience, into `output`, csv or parquet, by their ids.

    The `top` best come back in words; `language` is theirs, and the warnings'. What is read and refused is what
    `read_for` reads and refuses; every number is that of `score`, to the bit.
    """
    with arriving_file(output) as partial:
        try:
            return _in_parts(bundle, workspace, as_of, partial, output, progress, top, audience, language)
        except (NotInPieces, WorkspaceError):
            # Read at once: what is wrong with a cell is then named by its row, and what only its whole tells is known.
            export = read_for(bundle, workspace, progress)
            left_out = bundle.definition.excluded_kinds, bundle.definition.excluded_columns
            whole = Whole(export.history, *left_out)
            scored, best = _written(bundle, whole, as_of, partial, output.suffix, progress, top, audience, language)
            return Contributed(scored, best, export.history, export.told)


def _in_parts(
    bundle: Bundle,
    workspace: Workspace,
    as_of: int,
    partial: Path,
    output: Path,
    progress: Progress,
    top: int,
    audience: Audience | None,
    language: Language | None,
) -> Contributed:
    """The interactions read in pieces and measured in parts; NotInPieces where that cannot be."""
    if workspace.order == "file":
        raise NotInPieces
    left_out = bundle.definition.excluded_kinds, bundle.definition.excluded_columns
    with (
        passing(output) as folder,
        pieces_for(bundle, workspace, progress, display=top > 0) as pieces,
        in_parts(pieces.read, folder, *left_out, progress) as parts,
    ):
        scored, best = _written(bundle, parts, as_of, partial, output.suffix, progress, top, audience, language)
        # Now that every part was read.
        history = parts.history
        return Contributed(scored, best, history, pieces.told(history))


def _written(
    bundle: Bundle,
    ledgers: Ledgers,
    as_of: int,
    path: Path,
    ending: str,
    progress: Progress,
    top: int,
    audience: Audience | None,
    language: Language | None,
) -> tuple[int, list[Score]]:
    """Score and write part by part, as many at a time as there are cores; how many leads, and the best."""
    progress("leads that are open")
    history, threads = ledgers.history, os.cpu_count() or 1
    scorer = Scorer(bundle, history, as_of)
    scorer.ready()
    lead = np.flatnonzero(scorer.ends.open)
    lead = lead[np.argsort(history.leads.id.codes[lead], kind="stable")]
    parts = list(ledgers.parts(lead))
    bar = Bar(progress, "scores", "leads", len(lead))

    with ContributionsFile(path, ending, scorer, language) as file:

        def work(part: int, where: slice) -> tuple[pa.Table, list[Score]]:
            ledger = ledgers.ledger("lead", part)

            def ledger_of(entity: str) -> Ledger:
                return ledger if entity == "lead" else ledgers.ledger(entity, part)

            scored = scorer.score(lead[where], ledger_of, threads if len(parts) == 1 else 1)
            if audience is not None:
                found = audience.members(history, lead[where], as_of, bundle.definition, scored, ledger_of)
                scored = scored.take(np.flatnonzero(found))
            best = np.argsort(-scored.probability, kind="stable")[:top]
            return file.table(scored), in_words(scorer, scored, best, language=language) if top else []

        best: list[Score] = []
        written = 0
        for where, (rows, words) in by_part(parts, work, threads):
            file.add(rows)
            written += len(rows)
            best += words
            bar.more(where.stop - where.start)
    return written, sorted(best, key=lambda score: (-(score.probability or 0), score.lead_id))[:top]

"""relaunch: today's list of leads to take up again, each with the content that was followed by a move most often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.rules import STAGES
from pipeline.definitions.settings import UNTIL
from pipeline.definitions.workspace import Workspace, WorkspaceError
from pipeline.definitions.zones import iso
from pipeline.features.measures import measure_all
from pipeline.features.written import groups
from pipeline.learning.bundle import Bundle
from pipeline.quality.worked import Cases, Worked, what_worked
from pipeline.reasons.bound import Facts
from pipeline.reasons.language import Language, language
from pipeline.reasons.relaunch import (
    LAST_CONTACT,
    RANK,
    WITHIN,
    Content,
    Ledgers,
    contents_of,
    facts_to_look_at,
    leads_at_any_time,
    listed,
    sentence,
    stood,
)
from pipeline.reasons.scored import Scored, Scorer
from pipeline.reasons.scores import Score, in_words
from pipeline.reasons.stages import acting_of
from pipeline.tables.columns import Floats, History, Instants
from pipeline.workflow.acting import audience_of, load_acting
from pipeline.workflow.relaunch_file import ENDINGS, write_list
from pipeline.workflow.schema import Progress, quiet, read_for
from pipeline.workflow.schema import sentence as said_of
from pipeline.workflow.scoring import as_of_instant, names_of

Indices = NDArray[np.int64]

REASONS = 3
NO_GRADE = -2
"""No lead has it: figures are of the stage alone."""


@dataclass(frozen=True)
class Tried:
    """What was looked at in the past: contents, the leads just after one, leads at any time and what they had."""

    contents: tuple[Content, ...]
    exposed: Cases
    content: NDArray[np.integer]
    others: Cases
    had: NDArray[np.bool_]

    def worked(self, stage: int, grade: int) -> list[Worked]:
        """What followed the contents among leads like those of a stage and grade, the best first."""
        return what_worked(self.exposed, self.content, self.others, self.had, stage, grade)


@dataclass(frozen=True)
class Relaunched:
    """Section 9's JSON and the list's rows; `history` is what they are of."""

    result: dict[str, Any]
    rows: list[dict[str, Any]]
    history: History
    scores: list[Score]

    def names(self, most: int) -> dict[str, str]:
        """What people call the first leads of the list. For the screen alone."""
        return names_of(self.history, self.scores[:most])


def relaunch(
    workspace: Workspace,
    as_of: str | None = None,
    output: Path | None = None,
    progress: Progress = quiet,
    words: Language | None = None,
    audience: str | None = None,
) -> Relaunched:
    """Today's list, which `output` gets as its ending says; `audience` names, or says, whose leads are wanted.

    WorkspaceError where outcomes are not dated, or the output's name ends in something else.
    """
    if workspace.order is not None:
        raise WorkspaceError(f"relaunch: `order: {workspace.order}` says that nothing is dated; it takes dated facts")
    if output is not None and output.suffix not in ENDINGS:
        raise WorkspaceError(f"-o {output.name}: expected a name that ends in {' or '.join(ENDINGS)}")
    instant, words = as_of_instant(workspace, as_of), words or language()
    bundle, said = load_acting(workspace)
    wanted = None if audience is None else audience_of(workspace, audience, bundle.definition)
    export = read_for(bundle, workspace, progress)
    history = export.history
    scorer = Scorer(bundle, history, instant)
    open_ = np.flatnonzero(scorer.ends.open)
    progress(f"scoring {len(open_):,} open leads")
    scored = scorer.score(open_)
    if wanted is not None:
        found = wanted.members(history, open_, instant, bundle.definition, scored, scorer.ledger)
        scored = scored.take(np.flatnonzero(found))
    chosen = scored.take(listed(scored))
    progress("looking at what followed which content")
    tried = tried_before(bundle, history, instant, scorer.ledger, workspace.observed.until or UNTIL)
    scores = in_words(scorer, chosen, reasons=REASONS, language=words)
    rows = list(_rows(scorer, chosen, scores, tried, words))
    if output is not None:
        progress("writing")
        write_list(rows, output)
    result: dict[str, Any] = {
        "listed": len(rows),
        "as_of": iso(instant),
        "model_version": bundle.version,
        "output": None if output is None else str(output),
        "by_action": dict(sorted(Counter(row["action"] for row in rows).items())),
        "by_stage": {stage: n for stage in STAGES if (n := sum(row["stage"] == stage for row in rows))},
        "opted_out": int(Facts.read(scored.columns).opted_out.sum()),
        "looked_at": {"after_content": len(tried.exposed), "at_any_time": len(tried.others)},
        "contents": _contents(tried, chosen),
    }
    if wanted is not None:
        result["audience"] = wanted.named
    if export.told or said:
        result["warnings"] = [*map(said_of, export.told), *said]
    return Relaunched(result, rows, history, scores)


def tried_before(bundle: Bundle, history: History, as_of: int, ledger_of: Ledgers, until: int) -> Tried:
    """What was tried and what followed, from facts before `as_of` alone (UTC microseconds), by today's model."""
    ledger = ledger_of("lead")
    contents, of_fact = contents_of(ledger, as_of, acting_of(bundle).rules)
    lead, after, content = facts_to_look_at(ledger, of_fact, history, as_of)
    exposed, keep, _ = _cases(bundle, history, lead, after, ledger_of, ())
    anybody, week = leads_at_any_time(history, as_of, until)
    others, _, counts = _cases(bundle, history, anybody, week, ledger_of, contents)
    return Tried(contents, exposed, content[keep], others, counts > 0)


def _cases(
    bundle: Bundle,
    history: History,
    lead: Indices,
    cutoff: Instants,
    ledger_of: Ledgers,
    contents: Sequence[Content],
) -> tuple[Cases, Indices, Floats]:
    """The open leads among those given and whether each moved, the places kept, and how often each had a content."""
    counted = [content.counted(place) for place, content in enumerate(contents)]
    before = stood(bundle, history, lead, cutoff, ledger_of, counted)
    keep = np.flatnonzero(before.open & ~before.opted_out)
    after = stood(bundle, history, lead[keep], cutoff[keep] + WITHIN, ledger_of)
    moved = RANK[after.stage] > RANK[before.stage[keep]]
    cases = Cases(lead[keep], groups(history, lead[keep]), before.stage[keep], before.grade[keep], moved)
    counts = np.empty((len(keep), len(contents)))
    for place, criterion in enumerate(counted):
        counts[:, place] = np.asarray(before.columns[criterion.columns[0]])[keep]
    return cases, keep, counts


def _rows(
    scorer: Scorer, chosen: Scored, scores: Sequence[Score], tried: Tried, words: Language
) -> Iterator[dict[str, Any]]:
    last, ever = _own_facts(scorer, chosen, tried.contents)
    best: dict[tuple[int, int], list[Worked]] = {}
    standing = chosen.standing
    for row, score in enumerate(scores):
        key = int(standing.stage[row]), int(standing.grade[row])
        if key not in best:
            best[key] = tried.worked(*key)
        # What a lead has read it need not be sent again; a call can be made twice.
        fitting = [one for one in best[key] if tried.contents[one.content].text is None or not ever[row, one.content]]
        yield _row(score, float(last[row]), fitting[0] if fitting else None, tried.contents, words)


def _own_facts(scorer: Scorer, chosen: Scored, contents: Sequence[Content]) -> tuple[Floats, Floats]:
    """Of each lead the days since the last contact, and how often it had each content."""
    counted = [content.counted(place) for place, content in enumerate(contents)]
    asked = replace(scorer.bundle.definition, criteria=(LAST_CONTACT, *counted))
    cutoff = np.full(len(chosen.lead), chosen.as_of, dtype=np.int64)
    columns = measure_all(scorer.history, chosen.lead, cutoff, asked, ledger_of=scorer.ledger)
    ever = np.zeros((len(chosen.lead), len(contents)))
    for place, criterion in enumerate(counted):
        ever[:, place] = np.asarray(columns[criterion.columns[1]])
    return np.asarray(columns[LAST_CONTACT.columns[0]]), ever


def _row(
    score: Score, last: float, worked: Worked | None, contents: Sequence[Content], words: Language
) -> dict[str, Any]:
    plain = score.to_json()
    row: dict[str, Any] = {name: plain.get(name) for name in ("lead_id", "stage", "action", "rule", "probability")}
    row |= {"grade": score.grade, "score": score.score}
    row["reasons"] = [reason.text for reason in score.reasons[:REASONS]]
    row["days_since_last_contact"] = None if np.isnan(last) else last
    names = ("content", "share", "without", "difference", "alike", "leads", "clear", "sentence")
    if worked is None:
        return row | dict.fromkeys(names)
    content = contents[worked.content]
    return row | figures_of(worked, content) | {"sentence": _sentence(worked, content, words)}


def _sentence(worked: Worked, content: Content, words: Language) -> str:
    shares = worked.share.to_json(), worked.without.to_json()
    return sentence(words, content, worked.level, worked.leads, shares, clear=worked.clear)


def figures_of(worked: Worked, content: Content) -> dict[str, Any]:
    """What followed a content as plain JSON; `alike` is how alike its leads are, `leads` how many had it."""
    figures = {name: getattr(worked, name).to_json() for name in ("share", "without", "difference")}
    return {"content": content.label, **figures, "alike": worked.level, "leads": worked.leads, "clear": worked.clear}


def _contents(tried: Tried, chosen: Scored) -> list[dict[str, Any]]:
    """What followed each content, for each stage that is on the list: of leads of that stage, whatever their grade."""
    return [
        {"stage": STAGES[stage], **figures_of(worked, tried.contents[worked.content])}
        for stage in np.unique(chosen.standing.stage).tolist()
        for worked in tried.worked(stage, NO_GRADE)
    ]

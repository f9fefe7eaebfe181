"""Lines 3 and 7: sentences that people say, in two languages, and what they cost."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from benchmarks.proofs.line import Check, at_least, at_most, equal, said
from benchmarks.proofs.workshop import Workshop
from pipeline.definitions.spans import DAY
from pipeline.definitions.workspace import load_workspace
from pipeline.learning.bundle import load_champion
from pipeline.reasons.language import LANGUAGES, language
from pipeline.reasons.scored import Scored, Scorer
from pipeline.reasons.scores import in_words
from pipeline.workflow.places import Places
from pipeline.workflow.schema import quiet, read_for
from tests.reasons.worked_sentences import SNAPSHOTS, machine_words, sentences

LEADS = 20_000
EVERY = 30 * DAY
ROUNDS = 3
BUDGET = 0.1
"""Milliseconds of a lead's sentences on top of its contributions."""


def reads_aloud(workshop: Workshop) -> list[Check]:
    """The snapshots of worked sentences: there, reproduced, and without a machine's words."""
    del workshop
    checks = []
    for code in LANGUAGES:
        kept = (SNAPSHOTS / f"{code}.txt").read_text(encoding="utf-8").splitlines()
        checks += [
            at_least(f"{code}: different sentences in the snapshot", len(set(kept)), 40),
            equal(
                f"{code}: sentences reproduced",
                sum(a == b for a, b in zip(sentences(code), kept, strict=True)),
                len(kept),
            ),
            equal(f"{code}: sentences with machine's words", sum(bool(machine_words(each, code)) for each in kept), 0),
            said(f"{code}: the longest", max(kept, key=len)),
        ]
    return checks


def costs_little(workshop: Workshop) -> list[Check]:
    """The time of all reasons of open leads at month's ends, in words, on top of what was scored already."""
    wanted = workshop.count(LEADS, 1000)
    crowds = [*_crowds(workshop, wanted)]
    leads = sum(len(scored.lead) for _, scored in crowds)
    checks = [at_least("leads put into words", leads, wanted)]
    for code in LANGUAGES:
        spoken = language(code)
        spoken.text("today")  # its catalogue is read once, before the first sentence
        times = []
        for _ in range(ROUNDS):
            start = time.process_time()
            for scorer, scored in crowds:
                in_words(scorer, scored, language=spoken)
            times.append(1000 * (time.process_time() - start) / leads)
        checks.append(at_most(f"{code}: ms a lead, all its reasons", min(times), BUDGET))
        checks.append(said(f"{code}: ms a lead, every round", [round(each, 4) for each in times]))
    return checks


def _crowds(workshop: Workshop, wanted: int) -> Iterator[tuple[Scorer, Scored]]:
    """The demo's open leads at one instant after the other, backwards from the export, scored; so many in all."""
    workspace = load_workspace(workshop.demo / "leadlight.yaml")
    bundle = load_champion(Places(workspace.root).models)
    history = read_for(bundle, workspace, quiet).history
    as_of, found = workspace.data_until, 0
    while found < wanted:
        scorer = Scorer(bundle, history, as_of)
        lead = np.flatnonzero(scorer.ends.open & (history.leads.created_at < as_of))[: wanted - found]
        if not len(lead):
            return
        yield scorer, scorer.score(lead)
        found += len(lead)
        as_of -= EVERY

"""Leads to take up again: who, in which order, with which content; and what stood before and after a content.

A content is what was sent to a lead or what it looked at: the outbound facts, and those of neither direction, by kind
and, where they have one, by text (a page, an asset). What a lead did by itself is no content; nor are kinds that are
interest in themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.criteria import Criterion, Measure
from pipeline.definitions.maps import glob
from pipeline.definitions.rules import ACTIONS, DEFAULT, STAGES, Rules
from pipeline.definitions.spans import DAY
from pipeline.features.ledger import Ledger
from pipeline.features.measures import measure_all
from pipeline.features.observations import is_open
from pipeline.learning.bundle import Bundle
from pipeline.reasons import explain
from pipeline.reasons.bound import Facts
from pipeline.reasons.language import Language
from pipeline.reasons.scored import Scored
from pipeline.reasons.stages import acting_of, first_won, grades, stages
from pipeline.tables.columns import INBOUND, OUTBOUND, Codes, Floats, History, Instants, Texts

Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]
Ledgers = Callable[[str], Ledger]

LISTED = ("relaunch", "nurture")
"""The actions whose leads are on the list."""
WITHIN = 14 * DAY
"""How long after a content a lead may take to move up a stage."""
LOOKED_BACK = 365 * DAY
"""Older facts say nothing of today's content."""
MOST_CONTENTS = 40
"""The contents with the most facts; the others are not looked at."""
MOST_CASES = 500
"""Of a content so many of its facts, drawn at random, are looked at, and ten times as many leads at any time."""
SEED = 7

RANK = np.array([("contact", "prospect", "qualified", "client").index(stage) for stage in STAGES])
"""How far each of STAGES is: a higher one is nearer to a deal."""

LAST_CONTACT = Criterion(
    "relaunch last contact", "engagement", (Measure("days_since_last"),), when=(("flow", ("outbound",)),)
)
"""When somebody last turned to the lead. A name with a space cannot be a workspace's own."""


@dataclass(frozen=True)
class Content:
    """Facts of one kind, flow and, where they carry one, text; `text` is (column, value)."""

    kind: str
    flow: str | None
    text: tuple[str, str] | None = None

    @property
    def label(self) -> str:
        """What people call it: the kind in words, and the text as it is written.

        >>> Content("white_paper_sent", "outbound").label, Content("download", None, ("asset", "checklist")).label
        ('White paper sent', 'Download: checklist')
        """
        words = self.kind.replace("_", " ").strip()
        said = words[:1].upper() + words[1:]
        return said if self.text is None else f"{said}: {self.text[1].replace('_', ' ')}"

    def counted(self, place: int) -> Criterion:
        """Its facts within the time that a move may take, and all of them, as a criterion of the kernel's."""
        when: dict[str, tuple[str, ...]] = {"kind": (self.kind,)}
        if self.flow is not None:
            when["flow"] = (self.flow,)
        if self.text is not None:
            when[self.text[0]] = (self.text[1],)
        measures = (Measure("count", WITHIN), Measure("count"))
        return Criterion(f"relaunch content {place}", "engagement", measures, when=tuple(sorted(when.items())))


def contents_of(ledger: Ledger, as_of: int, rules: Rules = DEFAULT) -> tuple[tuple[Content, ...], Codes]:
    """The contents among a ledger's facts of the time looked back, the most frequent first, and each fact's; -1: none.

    Only facts that are visible at `as_of` count; `rules` say which kinds are interest.
    """
    flow = ledger.flow
    usable = (flow != INBOUND) & (ledger.seen < as_of) & (ledger.at < as_of) & (ledger.at >= as_of - LOOKED_BACK)
    interest = [glob(pattern) for kinds, needed in rules.interest if needed is None for pattern in kinds]
    of_kind = np.array([any(p.fullmatch(word) for p in interest) for word in ledger.kind.words] + [True])
    usable &= ~of_kind[ledger.kind.codes]
    names = sorted(ledger.texts)
    # The first text that a fact carries, by the names of the columns.
    column = np.full(len(ledger), -1, dtype=np.int64)
    value = np.full(len(ledger), -1, dtype=np.int64)
    for place, name in reversed(list(enumerate(names))):
        there = ledger.texts[name].codes >= 0
        column[there], value[there] = place, ledger.texts[name].codes[there]
    rows = np.flatnonzero(usable)
    widths = (3, len(names) + 1, 1 + max((len(ledger.texts[name].words) for name in names), default=0))
    key = ledger.kind.codes[rows].astype(np.int64)
    parts: tuple[NDArray[np.integer], ...] = (flow[rows], column[rows] + 1, value[rows] + 1)
    for width, part in zip(widths, parts, strict=True):
        key = key * width + part
    unique, code, count = np.unique(key, return_inverse=True, return_counts=True)
    found = []
    for one in unique.tolist():
        rest, word = divmod(one, widths[2])
        rest, text = divmod(rest, widths[1])
        kind, way = divmod(rest, widths[0])
        written = None if text == 0 else (names[text - 1], ledger.texts[names[text - 1]].words[word - 1])
        found.append(Content(ledger.kind.words[kind], "outbound" if way == OUTBOUND else None, written))
    order = sorted(range(len(found)), key=lambda place: (-count[place], found[place].label, found[place].kind))
    order = order[:MOST_CONTENTS]
    place_of = np.full(len(found) + 1, -1, dtype=np.int32)
    place_of[order] = np.arange(len(order))
    of_fact = np.full(len(ledger), -1, dtype=np.int32)
    of_fact[rows] = place_of[code]
    return tuple(found[place] for place in order), of_fact


@dataclass(frozen=True)
class Stood:
    """Where n leads stood at instants of their own, each (n,): codes into LETTERS and STAGES; `columns` as measured."""

    open: Mask
    grade: Codes
    stage: Codes
    opted_out: Mask
    columns: Mapping[str, Floats | Texts]


def stood(
    bundle: Bundle,
    history: History,
    lead: Indices,
    cutoff: Instants,
    ledger_of: Ledgers,
    more: Sequence[Criterion] = (),
) -> Stood:
    """Stages and grades by the model given, from what was visible at each lead's cutoff (UTC microseconds)."""
    definition, model = bundle.definition, bundle.model
    rules = acting_of(bundle).rules
    asked = replace(definition, criteria=(*definition.criteria, *rules.facts, *more))
    columns = measure_all(history, lead, cutoff, asked, ledger_of=ledger_of)
    open_ = is_open(history, lead, cutoff)
    known = definition.matrix(columns)[0][open_]
    log_odds, fit = np.full(len(lead), np.nan), np.full(len(lead), np.nan)
    log_odds[open_] = model.log_odds(known)
    parts = explain.add_up(model.contributions(known)[1], definition.criterion_of, len(definition.criteria))
    fit[open_] = explain.by_side(parts, definition.criteria)[0]
    facts, grade = Facts.read(columns), grades(log_odds, float(bundle.card["base_rate"]), rules)
    stage = stages(first_won(history)[lead] < cutoff, facts.interested, grade, fit)
    return Stood(open_, grade, stage, facts.opted_out, columns)


def facts_to_look_at(ledger: Ledger, content: Codes, history: History, as_of: int) -> tuple[Indices, Instants, Codes]:
    """Lead, the instant after the fact, and content of facts whose time to move is over, at most MOST_CASES each."""
    after = np.maximum(ledger.at, ledger.seen) + 1
    lead_of = np.full(len(ledger.offsets) - 1, -1, dtype=np.int64)
    lead_of[ledger.of_lead] = np.arange(len(ledger.of_lead))
    lead = np.repeat(lead_of, np.diff(ledger.offsets))
    there = (content >= 0) & (after + WITHIN <= as_of) & (lead >= 0)
    there[there] = history.leads.created_at[lead[there]] < after[there]
    random = np.random.default_rng(SEED)
    chosen = []
    for place in range(int(content.max(initial=-1)) + 1):
        rows = np.flatnonzero(there & (content == place))
        chosen.append(np.sort(random.permutation(rows)[:MOST_CASES]))
    rows = np.concatenate(chosen) if chosen else np.empty(0, dtype=np.int64)
    return lead[rows], after[rows], content[rows]


def leads_at_any_time(history: History, as_of: int, until: int) -> tuple[Indices, Instants]:
    """Leads at instants of the time looked back, a week apart, while at most `until` old (microseconds)."""
    weeks = np.arange(as_of - WITHIN, as_of - LOOKED_BACK, -7 * DAY, dtype=np.int64)
    random = np.random.default_rng(SEED)
    created = history.leads.created_at
    some = np.flatnonzero((created < weeks[0]) & (created + until >= weeks[-1]))
    some = np.sort(random.permutation(some)[: 40 * MOST_CASES])
    born = created[some][:, None]
    place, week = np.nonzero((born < weeks[None, :]) & (born + until >= weeks[None, :]))
    rows = np.sort(random.permutation(len(place))[: 10 * MOST_CASES])
    return some[place[rows]], weeks[week[rows]]


def listed(scored: Scored) -> Indices:
    """Rows of the scored leads that are to be taken up again, by maturity: stage, then probability, then id.

    Never one that is closed or that opted out, whatever the rules of the workspace say.
    """
    standing = scored.standing
    wanted = np.isin(standing.action, [ACTIONS.index(action) for action in LISTED])
    wanted &= scored.open & ~Facts.read(scored.columns).opted_out
    rows = np.flatnonzero(wanted)
    order = np.lexsort((scored.lead[rows], -scored.probability[rows], -RANK[standing.stage[rows]]))
    return rows[order]


def _similar(words: Language, level: str, leads: int) -> str:
    if level == "grade":
        return words.count("Of {n} lead at this stage and grade", "Of {n} leads at this stage and grade", leads)
    if level == "stage":
        return words.count("Of {n} lead at this stage", "Of {n} leads at this stage", leads)
    return words.count("Of {n} open lead", "Of {n} open leads", leads)


def sentence(
    words: Language,
    content: Content,
    level: str,
    leads: int,
    shares: tuple[Mapping[str, Any], Mapping[str, Any]],
    *,
    clear: bool,
) -> str:
    """What followed a content, in words; `shares` are those with it and without it, as section 9's figures."""
    with_, without = (_figure(words, share) for share in shares)
    said = words.text(
        "{of} with “{content}”, {with_} moved up a stage within 14 days; without it {without}.",
        of=_similar(words, level, leads),
        content=content.label,
        with_=with_,
        without=without,
    )
    caution = (
        words.text("An association: these leads may have been closer to a deal already.")
        if clear
        else words.text("That is no clear difference: it may be chance.")
    )
    return f"{said} {caution}"


def _figure(words: Language, figure: Mapping[str, Any]) -> str:
    value, low, high = (figure[name] for name in ("value", "low", "high"))
    if low is None or high is None:
        return words.percent(value)
    return words.text(
        "{value} ({low} to {high})", value=words.percent(value), low=words.percent(low), high=words.percent(high)
    )

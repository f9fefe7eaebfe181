"""channels: leads by channel and campaign with what they cost, from the workspace's tables and the champion."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.definitions.settings import UNTIL
from pipeline.definitions.spans import DAY
from pipeline.definitions.workspace import Workspace, WorkspaceError
from pipeline.features.written import groups
from pipeline.learning.bundle import Bundle, read_champion
from pipeline.quality.channels import by_channel
from pipeline.quality.cohorts import Came, Periods, Spent
from pipeline.reasons.scored import Scorer
from pipeline.tables.columns import NEVER, WON, Floats, History, Instants, Texts
from pipeline.tables.facts import visible_at
from pipeline.tables.sources import read_history
from pipeline.tables.spend import spend_of
from pipeline.workflow.acting import audience_of, load_acting
from pipeline.workflow.places import Places
from pipeline.workflow.schema import Progress, quiet, read_for

PERIOD = 365 * DAY
CHANNEL, CAMPAIGN = "source", "campaign"
"""The attributes that are meant where no table of spend names any."""
NO_MODEL = "No model serves: conversions that are still to come are expected of nobody. Train one to see them."
WHOLE = "Leads are those of the audience, costs the channels' whole: no table says whom they were spent on."
_LATE = np.iinfo(np.int64).max


def channel_figures(
    workspace: Workspace,
    *,
    by: str | None = None,
    campaigns: bool = False,
    within: int | None = None,
    period: int | None = None,
    audience: str | None = None,
    progress: Progress = quiet,
) -> dict[str, Any]:
    """The JSON of docs/channels.md.

    Parameters
    ----------
    by : the attribute that is the channel; by default the one that the spend's table is joined by
    campaigns : a row for each campaign of each channel
    within, period : the time to convert that every lead is given, and the length of a period, in microseconds
    audience : only leads of this audience, one of the workspace's or a condition, by what was visible when their time
        to convert was over, or at `data_until`

    Raises
    ------
    WorkspaceError
        If no attribute is named so, the audience is none, or outcomes have no dates.
    """
    if workspace.order is not None:
        raise WorkspaceError(f"channels: `order: {workspace.order}` says that outcomes are not dated")
    bundle = None if read_champion(Places(workspace.root).models) is None else load_acting(workspace)[0]
    history = read_history(workspace, progress)[0] if bundle is None else read_for(bundle, workspace, progress).history
    channel, campaign = _names(workspace, history, by, campaigns)
    until, probability = workspace.data_until, None
    if bundle is not None:
        scorer = Scorer(bundle, history, until)
        rows = np.flatnonzero(scorer.ends.open)
        progress(f"scoring {len(rows):,} open leads")
        probability = np.full(len(history.leads), np.nan)
        probability[rows] = scorer.score(rows).probability
    periods = Periods(until, within or _observed(workspace), period or PERIOD)
    came = leads_that_came(history, channel, campaign, periods.within, probability)
    if audience is not None:
        came = came.take(_members(workspace, history, audience, bundle, periods))
    spend = spend_of(workspace)
    spent = None if spend is None else Spent(spend.at, spend.channel, spend.campaign, spend.amount)
    found = by_channel(came, spent, periods, campaigns=campaigns)
    if bundle is None:
        found["said"].append(NO_MODEL)
    if audience is not None and spent is not None:
        found["said"].append(WHOLE)
    horizon = None if bundle is None else bundle.definition.horizon
    found["latest"]["horizon_days"] = None if horizon is None else horizon / DAY
    return {"model_version": bundle and bundle.version, "by": channel, "audience": audience, **found}


def _observed(workspace: Workspace) -> int:
    """How long leads are observed: until the age that is said, or the last of the ages and its horizon."""
    observe, goal = workspace.observe, workspace.goal
    if observe.ages:
        return max(observe.ages) + goal.horizon
    return observe.until or UNTIL


def _names(workspace: Workspace, history: History, by: str | None, campaigns: bool) -> tuple[str, str | None]:
    """The attributes that are the channel and the campaign; None where there is no campaign and none is asked for."""
    spend, attributes = workspace.sources.spend, history.leads.attributes
    channel = by or (CHANNEL if spend is None else spend.channel)
    campaign = CAMPAIGN if spend is None or spend.campaign is None else spend.campaign
    for name in (channel, campaign) if campaigns else (channel,):
        if name not in attributes:
            known = ", ".join(sorted(attributes)) or "none"
            raise WorkspaceError(
                f"channels: {name} is no attribute of the leads, whose values tell channels apart; name it under "
                f"sources.leads.attributes, or another with --by (there are: {known})"
            )
    return channel, campaign if campaign in attributes else None


def _members(
    workspace: Workspace, history: History, audience: str, bundle: Bundle | None, periods: Periods
) -> NDArray[np.bool_]:
    """Which leads belong to an audience. Not by their scores: a converted lead has none, and would be in none."""
    if bundle is None:
        raise WorkspaceError(
            "--audience: its conditions are on what a model measures, and none serves; train one first"
        )
    wanted = audience_of(workspace, audience, bundle.definition)
    over = np.minimum(history.leads.created_at + periods.within, periods.until)
    return wanted.members(history, np.arange(len(history.leads)), over, bundle.definition)


def leads_that_came(
    history: History, channel: str, campaign: str | None, within: int, probability: Floats | None = None
) -> Came:
    """Every lead of the history and how it went on until `data_until`; `probability` (leads,) as in `Came`."""
    leads, deals, owner = history.leads, history.deals, history.owner
    closed = visible_at(deals.closed_at, deals.known_at)
    won = np.flatnonzero((deals.outcome == WON) & (owner >= 0) & (closed != NEVER) & (closed < history.data_until))
    whose, when = owner[won], closed[won]
    first = np.full(len(leads), _LATE, dtype=np.int64)
    np.minimum.at(first, whose, when)
    won_at = np.where(first == _LATE, NEVER, first)
    known = ~np.isnan(deals.amount[won]) & (when < leads.created_at[whose] + within)
    amount = np.full(len(leads), np.nan)
    amount[whose[known]] = 0.0
    np.add.at(amount, whose[known], deals.amount[won[known]])
    group = groups(history, np.arange(len(leads)))
    return Came(
        leads.created_at,
        _texts(history, channel),
        Texts.missing(len(leads)) if campaign is None else _texts(history, campaign),
        group,
        won_at,
        amount,
        _again(history, won_at, group, whose, when),
        probability,
    )


def _texts(history: History, name: str) -> Texts:
    return Texts.of([None if value is None else _word(value) for value in history.leads.attributes[name].tolist()])


def _word(value: object) -> str:
    """A number as the spend's table writes it: without the .0 of a float."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _again(
    history: History, won_at: Instants, group: NDArray[np.int64], whose: NDArray[np.int64], when: Instants
) -> Floats:
    """Of each won lead with a contact or account: whether that one won another deal after the lead's first."""
    shared = np.zeros(len(won_at), dtype=np.bool_)
    for entity in history.leads.entities.values():
        shared |= entity.codes >= 0
    last = np.full(int(group.max(initial=-1)) + 1, NEVER, dtype=np.int64)
    np.maximum.at(last, group[whose], when)
    return np.where((won_at != NEVER) & shared, (last[group] > won_at).astype(np.float64), np.nan)

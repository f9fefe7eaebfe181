"""What was spent a day, by channel and campaign: read beside the leads, and nothing that a model ever sees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.definitions.sources import SpendSource
from pipeline.definitions.workspace import Workspace
from pipeline.tables.account import Sieve, TableAccount
from pipeline.tables.asked import of_spend
from pipeline.tables.columns import NEVER, Floats, Instants, Texts
from pipeline.tables.reader import Reader
from pipeline.tables.times import instants
from pipeline.tables.values import numbers, texts


@dataclass(frozen=True)
class Spend:
    """One row an amount spent: when (UTC microseconds), on which channel and campaign (missing where not said)."""

    at: Instants
    channel: Texts
    campaign: Texts
    amount: Floats

    def __len__(self) -> int:
        return len(self.amount)


def read_spend(reader: Reader, workspace: Workspace, source: SpendSource) -> tuple[Spend, TableAccount]:
    """The rows that are used, in the order of the table, and the account of all."""
    frame = reader.frame("spend", source.from_, of_spend(source).names)
    at, amount = instants(frame, source.at, workspace.timezone), numbers(frame, source.amount)
    sieve = Sieve(len(at))
    sieve.aside("no time", at == NEVER)
    sieve.aside("after data_until", at > workspace.data_until)
    sieve.aside("no amount", np.isnan(amount))
    kept = np.flatnonzero(sieve.kept)
    campaign = Texts.missing(len(at)) if source.campaign is None else texts(frame, source.campaign)
    spend = Spend(at[kept], texts(frame, source.channel).take(kept), campaign.take(kept), amount[kept])
    return spend, sieve.account()


def spend_of(workspace: Workspace) -> Spend | None:
    """What the workspace's table says was spent; None where it names none."""
    if workspace.sources.spend is None:
        return None
    with Reader(workspace.root, workspace.missing, lambda _: None) as reader:
        return read_spend(reader, workspace, workspace.sources.spend)[0]

"""What the checks look at: a history's leads by their ends, its columns and facts; each made once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

import numpy as np

from pipeline.definitions.rules import OPTED_OUT
from pipeline.definitions.workspace import Workspace
from pipeline.features.attributes import recorded_attributes
from pipeline.quality.leakage.ends import Ends, Mask, ends
from pipeline.quality.leakage.facts import Facts
from pipeline.quality.leakage.levels import Column, attribute
from pipeline.quality.leakage.said import FEWEST_WON
from pipeline.quality.leakage.separates import Separation, separation
from pipeline.quality.leakage.timing import Clockwork
from pipeline.tables.columns import Codes, Floats, History


class Look:
    """A workspace and its history, for the checks. `no_facts`: why interactions cannot be looked at, or None."""

    def __init__(self, workspace: Workspace, history: History, without_facts: str | None = None) -> None:
        self.workspace = workspace
        self.history = history if without_facts is None else replace(history, interactions=())
        none = None if self.history.interactions else "there are no interactions"
        self.no_facts = without_facts or none

    @property
    def dated(self) -> bool:
        """Whether outcomes have dates."""
        return self.workspace.order is None

    @cached_property
    def ends(self) -> Ends:
        """The leads by how they stand."""
        return ends(self.history)

    @cached_property
    def clockwork(self) -> Clockwork:
        """What levels are timed with."""
        return Clockwork(self.ends)

    @cached_property
    def too_few(self) -> str | None:
        """Why nothing can be told of outcomes; None where enough leads are won."""
        won = int(self.ends.won.sum())
        return f"{won} leads are won, and under {FEWEST_WON} nothing can be told" if won < FEWEST_WON else None

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The attributes as they stand, those with a recorded history included; who opted out is none to learn from."""
        known = self.history.leads.attributes.items()
        return tuple(attribute(name, values) for name, values in known if name != OPTED_OUT)

    @cached_property
    def recorded(self) -> frozenset[str]:
        """The attributes whose changes are recorded: what they were is known."""
        return frozenset(recorded_attributes(self.history))

    @cached_property
    def judged(self) -> Mask:
        """Leads whose outcome can be asked for: those so old that 95 % of wins would be in; undated, those with one."""
        return self.ends.age > self.clockwork.whole if self.dated else ~self.ends.open

    @cached_property
    def time(self) -> Floats:
        """What the leads stand in order of: their creation, or their rows."""
        return np.arange(len(self.ends), dtype=float) if not self.dated else self.ends.created.astype(float)

    def facts(self) -> Iterator[Facts]:
        """The tables of interactions, one at a time."""
        for place in range(len(self.history.interactions)):
            yield Facts(self.history, place, self.ends)

    def separation(self, groups: Codes, rows: Mask) -> Separation:
        """How well groups of the leads tell won ones from others, among `rows` whose outcome can be asked for."""
        asked = self.judged & rows
        return separation(groups[asked], self.ends.won[asked])

    def table_of(self, name: str) -> str:
        """The table that an attribute is read from."""
        for table in ("contacts", "accounts"):
            source = getattr(self.workspace.sources, table)
            if source is not None and name in source.attributes:
                return table
        return "leads"

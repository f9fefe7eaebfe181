"""Who reads the interactions, measures, scores and grows trees: this process, unless a cluster was asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.features.define import define
from pipeline.features.matrix import Definition
from pipeline.features.measures import measure_all
from pipeline.features.observations import Observations, observe
from pipeline.learning.boosting import Forest, Grower
from pipeline.reasons.scores import Score, score
from pipeline.tables.account import Account
from pipeline.tables.columns import Floats, History, Texts
from pipeline.tables.sources import read_history


@dataclass(frozen=True)
class Hands:
    """Functions that look at every fact, and mean what the ones that stand here by default mean, to the bit.

    The trees of `grower` alone may be others: then `grown_by` says whose they are.
    """

    read: Callable[..., tuple[History, Account]] = read_history
    observe: Callable[..., Observations] = observe
    define: Callable[..., Definition] = define
    measure: Callable[..., dict[str, Floats | Texts]] = measure_all
    score: Callable[..., list[Score]] = score
    grower: Grower = Forest
    grown_by: str = ""


HERE = Hands()
"""This process."""

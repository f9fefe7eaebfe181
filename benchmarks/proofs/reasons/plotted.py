"""Line 4: shap draws our objects, and their numbers are ours."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.proofs.line import Check, at_least, below, equal
from benchmarks.proofs.workshop import Workshop
from pipeline.analysis import Leadlight
from pipeline.learning.bundle import load_champion
from pipeline.reasons.explain import by_family
from pipeline.views.shap_values import LEVELS

PLOTS: dict[str, Callable[[Any, Any], object]] = {
    "waterfall": lambda plots, found: plots.waterfall(found[0], show=False),
    "beeswarm": lambda plots, found: plots.beeswarm(found, show=False),
    "bar": lambda plots, found: plots.bar(found, show=False),
    "scatter": lambda plots, found: plots.scatter(found[:, 0], color=found, show=False),
    "heatmap": lambda plots, found: plots.heatmap(found[:200], show=False),
}
SMALLEST = 10_000
"""Bytes of a picture that shows something."""


def shap_draws(workshop: Workshop) -> list[Check]:
    """The demo CRM's champion: each plot at each level as a picture, and the numbers behind it."""
    door = Leadlight(workshop.demo / "leadlight.yaml")
    found = door.explained()
    definition = found.bundle.definition
    ours = {
        "measure": found.bundle.model.contributions(found.X)[1],
        "criterion": found.criteria,
        "family": np.column_stack([*by_family(found.criteria, definition.criteria).values()]),
    }
    checks: list[Check] = [at_least("observations explained", len(found), 500)]
    for level in LEVELS:
        object_ = door.explanation(level)
        total = object_.base_values + object_.values.sum(axis=1)
        checks += [
            equal(f"{level}: values that are not our contributions", int((object_.values != ours[level]).sum()), 0),
            below(f"{level}: base and values against the log-odds", float(np.abs(total - found.log_odds).max()), 1e-9),
        ]
        for name, plot in PLOTS.items():
            size, said = drawn(plot, object_, workshop.folder / f"{level}-{name}.png")
            checks += [
                at_least(f"{level}, {name}: bytes of the picture", size, SMALLEST),
                equal(f"{level}, {name}: warnings", said, []),
            ]
    return [*checks, *one_lead(door, workshop.folder)]


def one_lead(door: Leadlight, folder: Path) -> list[Check]:
    """The best open lead as it is served: the waterfall's numbers end at its log-odds."""
    lead = door.explain(str(door.scores()["lead_id"].iloc[0]))
    found = lead.explanation()
    size, said = drawn(lambda plots, one: plots.waterfall(one, show=False), found, folder / "lead.png")
    return [
        equal("one lead: the model that serves", lead.plain["model_version"], load_champion(door.models).version),
        below(
            "one lead: base and values against the log-odds",
            abs(float(found.base_values + found.values.sum()) - lead.plain["log_odds"]),
            1e-9,
        ),
        at_least("one lead, waterfall: bytes of the picture", size, SMALLEST),
        equal("one lead, waterfall: warnings", said, []),
    ]


class _Lines(logging.Handler):
    """What a library logs as a warning."""

    def __init__(self, level: int) -> None:
        super().__init__(level)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())

    @contextmanager
    def listening(self, name: str) -> Iterator[None]:
        """Hear a logger and those below it."""
        logger = logging.getLogger(name)
        logger.addHandler(self)
        try:
            yield
        finally:
            logger.removeHandler(self)


def drawn(plot: Callable[[Any, Any], object], found: Any, path: Path) -> tuple[int, list[str]]:
    """A plot into a file: its bytes, and what was warned of on the way."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt
    import shap

    logged = _Lines(logging.WARNING)
    with warnings.catch_warnings(record=True) as said, logged.listening("matplotlib"):
        # As a notebook shows them: what is meant for the authors of libraries is told to nobody.
        warnings.simplefilter("always")
        for category in (DeprecationWarning, PendingDeprecationWarning):
            warnings.simplefilter("ignore", category)
        plot(shap.plots, found)
        plt.savefig(path, dpi=80, bbox_inches="tight")
    plt.close("all")
    return path.stat().st_size, [*(f"{each.category.__name__}: {each.message}" for each in said), *logged.lines]

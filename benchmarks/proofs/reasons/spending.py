"""Line 8: what `channels` says a conversion costs, beside what it truly costs, over simulated years of the demo CRM.

A year is a demo CRM of its own seed, as large as the demo, through the whole product: its files with all that is wrong
in them, the demo's workspace, the demo's champion. The truth is that of the world it comes from, and no model's and no
file's: mean spend of a period over all years, divided by the mean conversions of its leads, won within the time given,
over other worlds of the same size, by what the simulator did and not by what its files say.

The export is dated a month before the last simulated day, so that what was expected of open leads is known as well.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import mean, median
from typing import Any

import numpy as np

from benchmarks.proofs.line import Check, at_least, said
from benchmarks.proofs.workshop import Workshop
from pipeline.definitions.spans import DAY
from pipeline.definitions.workspace import load_workspace
from pipeline.definitions.zones import iso
from pipeline.demo import world
from pipeline.demo.facts import tell
from pipeline.demo.people import people
from pipeline.demo.simulate import WON, simulate
from pipeline.demo.write import write_demo
from pipeline.quality.advice import SURE
from pipeline.quality.cohorts import Periods, during
from pipeline.workflow.channelled import channel_figures

YEARS, WORLDS = 100, 50
LEADS = 20_000
FIRST_YEAR, FIRST_WORLD = 1_000, 5_000
ASKED = 0.90
WITHIN = 180 * DAY
UNTIL = world.DATA_UNTIL - world.HORIZON_DAYS * DAY
PERIODS = Periods(UNTIL, WITHIN)
FIGURES = {"settled": "cost_per_conversion", "latest": "cost_per_expected_conversion"}

Rows = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Truth:
    """Conversions of a world by channel: settled, and latest with those of the month after."""

    settled: dict[str, float]
    latest: dict[str, float]


def costs_hold(workshop: Workshop) -> list[Check]:
    """Each channel's share of years whose interval holds its true cost per conversion."""
    count, worlds = workshop.count(YEARS, 4), workshop.count(WORLDS, 4)
    leads = workshop.count(LEADS, 2_000)
    truths = _spread(partial(true_conversions, leads), range(FIRST_WORLD, FIRST_WORLD + worlds))
    found: list[Rows] = _spread(
        partial(year, workshop.demo, workshop.folder, leads), range(FIRST_YEAR, FIRST_YEAR + count)
    )
    channels = sorted({name for rows in found for name, row in rows.items() if row["settled"]["cost"]})
    true = {
        period: {
            name: mean(rows[name][period]["cost"] for rows in found)
            / mean(getattr(one, period)[name] for one in truths)
            for name in channels
        }
        for period in FIGURES
    }
    checks = []
    for name in channels:
        cost = true["settled"][name]
        told = f"{name}: years of {count} whose interval holds the true cost of a conversion, {cost:.0f}"
        checks.append(at_least(told, _held(found, name, "settled", cost), int(ASKED * count)))
        figures = [rows[name]["settled"]["cost_per_conversion"] for rows in found]
        wide = [(one["high"] - one["low"]) / cost for one in figures if one["high"] is not None]
        checks.append(said("... median width of the interval, of the truth", round(median(wide), 3) if wide else None))
    expected = {name: _held(found, name, "latest", true["latest"][name]) for name in channels}
    checks.append(said(f"years of {count} whose interval holds the true cost of an expected conversion", expected))
    return [*checks, *_named(found, channels, true["settled"])]


def _held(found: list[Rows], name: str, period: str, cost: float) -> int:
    """Years whose interval holds a cost; one without an upper end reaches as far as it likes."""
    held = 0
    for rows in found:
        one = rows[name][period][FIGURES[period]]
        held += one["low"] is not None and one["low"] <= cost and (one["high"] is None or cost <= one["high"])
    return held


def _named(found: list[Rows], channels: list[str], true: dict[str, float]) -> list[Check]:
    """Whether a channel is called the cheapest, and whether it is."""
    best = min(channels, key=true.__getitem__)
    named = [name for rows in found for name in channels if (rows[name]["settled"]["cheapest"] or 0) >= SURE]
    return [
        said(f"years that name a channel for the next budget; the cheapest is {best}", len(named)),
        said("... and name another one", sum(name != best for name in named)),
    ]


def year(demo: Path, folder: Path, leads: int, seed: int) -> Rows:
    """What the product says of one simulated CRM: channel -> its row."""
    home = folder / f"year_{seed}"
    write_demo(home / "data" / "demo", leads, seed)
    text = (demo / "leadlight.yaml").read_text(encoding="utf-8")
    changed = text.replace(iso(world.DATA_UNTIL), iso(UNTIL))
    if changed == text:
        raise RuntimeError(f"the demo's workspace does not say data_until: {iso(world.DATA_UNTIL)}")
    (home / "leadlight.yaml").write_text(changed, encoding="utf-8")
    (home / "models").symlink_to(demo / "models")
    result = channel_figures(load_workspace(home / "leadlight.yaml"), within=WITHIN)
    shutil.rmtree(home)
    return {row["channel"]: row for row in result["channels"]}


def true_conversions(leads: int, seed: int) -> Truth:
    """What the simulator did in a world of its own, counted without any file."""
    streams = [np.random.default_rng([seed, stream]) for stream in range(3)]
    who = people(leads, streams[0])
    simulated = simulate(who, streams[1])
    closed = tell(who, simulated, streams[2]).closed_at
    won = simulated.outcome == WON
    settled = during(who.created_at, PERIODS.settled) & won & (closed < who.created_at + WITHIN)
    latest = during(who.created_at, PERIODS.latest) & won & (closed < UNTIL + world.HORIZON_DAYS * DAY)
    source = who.lead["source"]
    counted = [{name: float((mask & (source == name)).sum()) for name in world.SOURCES} for mask in (settled, latest)]
    return Truth(*counted)


def _spread(function: Callable[[int], Any], seeds: range) -> list[Any]:
    with ProcessPoolExecutor(os.cpu_count() or 1, mp_context=get_context("spawn")) as pool:
        return list(pool.map(function, seeds))

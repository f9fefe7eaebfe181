"""Features beside others: one and ten million interactions, one to twelve observations a lead; a hundred million."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.large.alike import differences
from benchmarks.large.contest import FASTEST, OURS, PANDAS, SCAN, USUAL, Contest, Entrant, contest, disagreements, told
from benchmarks.large.crm import Large, large
from benchmarks.large.measures import AGES
from benchmarks.measured import measured
from benchmarks.peers.environments import interpreter
from benchmarks.rounds import in_turns, line, ratio, shown, spread

MILLION = 1_000_000
ROUNDS = {1: 2, 2: 3, 4: 2, 12: 3}
"""Observations a lead -> turns."""

ONCE = {
    **{(MILLION, number): (PANDAS, *USUAL) for number in AGES},
    (MILLION, 2): (PANDAS, *USUAL, "duckdb first"),
    (10 * MILLION, 2): (PANDAS, *USUAL),
}
"""Interactions and observations a lead -> who else takes part, in one turn with ours."""

CUTOFFS = 1_000

ENGINES = {"dask": "distributed", "spark": "pyspark"}
"""Engine -> the module that it needs."""


def agreed(folder: Path) -> list[str]:
    """Where anybody's measures differ from ours on a small CRM."""
    found = [text for number in (2, 12) for text in disagreements(folder / "large", 100_000, number)]
    line("all measures of all formulations agree to 1e-9", "yes" if not found else "; ".join(found))
    return found


def features(folder: Path) -> list[dict[str, Any]]:
    """Everybody's fastest formulation in turns, the others once."""
    results = []
    for interactions in (MILLION, 10 * MILLION):
        for number in AGES:
            crm = large(folder / "large", interactions, number)
            print(f" {interactions // MILLION} M interactions, {number} observations a lead", flush=True)
            found = _compared(crm, (SCAN, *FASTEST[number]), ROUNDS[number])
            once = _compared(crm, ONCE.get((interactions, number), ()), 1)
            results.append(
                {
                    "interactions": interactions,
                    **{key: value for key, value in found.items() if not isinstance(value, dict)},
                    **{key: {**once[key], **value} for key, value in found.items() if isinstance(value, dict)},
                }
            )
    return results


def _compared(crm: Large, names: Iterable[str], rounds: int) -> dict[str, Any]:
    names = tuple(names)
    if not names:
        return {"seconds": {}, "whole_command_seconds": {}, "peak_bytes": {}, "over_ours": {}}
    found: Contest = contest(crm, names, rounds)
    told(found)
    return found.to_json()


def against_featuretools(folder: Path) -> dict[str, Any]:
    """A thousand cutoffs: featuretools with one window alone, we at all forty measures."""
    crm = large(folder / "large", CUTOFFS * 50, 1)
    ours = Entrant(OURS, crm)
    theirs = crm.folder / "featuretools.parquet"

    def month() -> float:
        module = ("-W", "ignore", "-m", "benchmarks.peers.by_featuretools", "month")
        ran = measured(interpreter("featuretools"), *module, crm.interactions, crm.observations, theirs)
        return float(str(ran.said["seconds"]))

    seconds = in_turns({OURS: ours}, 2) | in_turns({"featuretools": month}, 1)
    apart = differences(ours.output, theirs)
    figure = ratio(seconds["featuretools"], seconds[OURS])
    line("1,000 cutoffs, featuretools with one window alone / leadlight", shown(figure, "x"))
    return {
        "cutoffs": CUTOFFS,
        "seconds": {name: spread(turns) for name, turns in seconds.items()},
        "over_ours": figure,
        "disagreements": apart,
    }


def hundred_million(folder: Path) -> dict[str, Any]:
    """Time and memory, with ten million before and after; the bare scan, and once the others' fastest formulations."""
    hundred = large(folder / "large", 100 * MILLION, 2)
    entrants = {
        f"{name}, {crm_of} M": Entrant(name, large(folder / "large", crm_of * MILLION, 2))
        for crm_of in (10, 100)
        for name in (OURS, SCAN)
    }
    once = {f"{name}, 100 M": Entrant(name, hundred) for name in FASTEST[2]}
    once |= {
        f"{OURS}, 100 M, {number} observation{'s' if number > 1 else ''} a lead": Entrant(
            OURS, large(folder / "large", 100 * MILLION, number)
        )
        for number in (1, 12)
    }
    seconds = in_turns(entrants, 2) | in_turns(once, 1)
    entrants |= once
    for name, turns in seconds.items():
        line(name, f"{shown(spread(turns), 's')}  {entrants[name].peak / 1e9:.2f} GB")
    times = ratio(seconds[f"{OURS}, 100 M"], seconds[f"{OURS}, 10 M"])
    line("100 M / 10 M", shown(times, "x"))
    return {
        "observations": {name: entrants[name].rows() for name in seconds if name.startswith(OURS)},
        "seconds": {name: spread(turns) for name, turns in seconds.items()},
        "peak_bytes": {name: entrant.peak for name, entrant in entrants.items()},
        "over_ten_million": times,
    }


def steps(folder: Path) -> dict[str, Any]:
    """Processor seconds of each step of ours, at ten and a hundred million."""
    found = {}
    for millions in (10, 100):
        crm = large(folder / "large", millions * MILLION, 2)
        output = crm.folder / "results" / "steps"
        output.parent.mkdir(parents=True, exist_ok=True)
        ran = measured(sys.executable, "-m", "benchmarks.steps", crm.workspace, output)
        found[f"{millions} M"] = ran.said
        for step, seconds in ran.said["steps"].items():
            line(f"{millions} M, {step}", f"{seconds:.3g} s of a core")
    return found


def on_a_cluster(folder: Path) -> dict[str, Any]:
    """The whole command on two workers of this machine, started and stopped: one and ten million interactions."""
    found: dict[str, Any] = {}
    leadlight = Path(sys.executable).with_name("leadlight")
    for engine in (name for name, module in ENGINES.items() if find_spec(module)):
        for millions in (1, 10):
            crm = large(folder / "large", millions * MILLION, 2)
            output = crm.folder / "results" / engine
            shutil.rmtree(output, ignore_errors=True)
            output.parent.mkdir(parents=True, exist_ok=True)
            ran = measured(leadlight, "features", "-c", crm.workspace, "-o", output, "--engine", engine, "--json")
            alike = (output / "observations.parquet").read_bytes() == _ours(crm).read_bytes()
            found.setdefault(engine, {})[f"{millions} M"] = {
                "seconds": ran.seconds,
                "largest_process_bytes": ran.peak,
                "same_bytes_as_one_process": alike,
            }
            line(f"{engine}, {millions} M, two workers", f"{ran.seconds:.3g} s, the largest {ran.peak / 1e9:.2f} GB")
    return found


def _ours(crm: Large) -> Path:
    """The observations as one process writes them."""
    ours = Entrant(OURS, crm)
    ours.run()
    return ours.output / "observations.parquet"


def a_billion(folder: Path) -> dict[str, Any]:
    """Once, ours and the bare scan: 20 million leads. It takes 40 GB of disk and half an hour with the making."""
    crm = large(folder / "large", 1_000 * MILLION, 2)
    found = contest(crm, [SCAN], 1)
    told(found)
    return found.to_json()

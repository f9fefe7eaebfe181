"""Lines 1 and 2: ten million interactions against others, and a hundred million within a laptop's memory."""

from __future__ import annotations

from statistics import median

from benchmarks.large.contest import FASTEST, OURS, PANDAS, SCAN, USUAL, Contest, Entrant, contest, disagreements
from benchmarks.large.crm import large
from benchmarks.proofs.line import Check, at_least, at_most, below, equal, said
from benchmarks.proofs.workshop import Workshop
from benchmarks.rounds import ratio, spread

INTERACTIONS, SMALL = 10_000_000, 200_000
OBSERVATIONS = 400_000

OVER_FASTEST, OVER_PANDAS, OVER_FASTEST_AT_12, OF_SCAN = 2, 9, 12, 4.5
MEMORY, TIMES_AS_LONG = 3_000_000_000, 12


def against_others(workshop: Workshop) -> list[Check]:
    """Line 1. Every formulation of the others takes part in the small comparison for equality.

    What is judged are the fastest formulations that we found of both. The usual one (one join, a group for each
    observation, kind and window, a pivot) takes part too, and what it took is said.
    """
    folder = workshop.folder / "large"
    interactions = workshop.count(INTERACTIONS, SMALL)
    two = contest(large(folder, interactions, 2), [SCAN, *USUAL, *FASTEST[2]], workshop.count(5, 2))
    pandas = contest(two.crm, [PANDAS], 1)
    twelve = contest(large(folder, interactions, 12), [*USUAL, *FASTEST[12]], workshop.count(3, 1))
    rows = interactions // 50 * 2
    return [
        *(
            equal(f"results that differ, {number} observations a lead", disagreements(folder, 100_000, number), [])
            for number in (2, 12)
        ),
        equal("observations, 2 a lead", two.rows(), rows),
        *_told(two),
        at_least("the faster of DuckDB and Polars / Leadlight", _fastest(two, FASTEST[2]), OVER_FASTEST),
        said("the faster of both, grouped and pivoted / Leadlight", _fastest(two, USUAL)),
        at_least("pandas / Leadlight", pandas.over_ours(PANDAS)["median"], OVER_PANDAS),
        at_most("Leadlight / the bare scan and group", ratio(two.seconds[OURS], two.seconds[SCAN])["median"], OF_SCAN),
        *_told(pandas),
        *_told(twelve),
        at_least(
            "12 observations a lead: the faster of DuckDB and Polars / Leadlight",
            _fastest(twelve, FASTEST[12]),
            OVER_FASTEST_AT_12,
        ),
        said("12 observations a lead: the faster of both, grouped and pivoted / Leadlight", _fastest(twelve, USUAL)),
    ]


def _fastest(found: Contest, names: tuple[str, ...]) -> float:
    """The smallest of the peers' ratios to ours, each the median over turns."""
    return min(found.over_ours(name)["median"] for name in names)


def _told(found: Contest) -> list[Check]:
    number = found.crm.observations_a_lead
    return [
        said(
            f"{name}, {number} observations a lead: seconds and peak bytes",
            {**spread(turns), "peak": found.peaks[name]},
        )
        for name, turns in found.seconds.items()
    ]


def hundred_million(workshop: Workshop) -> list[Check]:
    """Line 2: in turns with ten million, so that both saw the same machine."""
    folder = workshop.folder / "large"
    interactions = workshop.count(INTERACTIONS, SMALL)
    small = Entrant(OURS, large(folder, interactions, 2))
    ten_times = Entrant(OURS, large(folder, 10 * interactions, 2))
    seconds = [small(), ten_times(), small()]
    return [
        equal("observations", ten_times.rows(), 10 * interactions // 50 * 2),
        said("seconds of both, in turns", [round(each, 2) for each in seconds]),
        said("peak memory of a tenth, bytes", small.peak),
        below("peak memory, bytes", ten_times.peak, MEMORY),
        at_most("as long as a tenth, times", seconds[1] / median([seconds[0], seconds[2]]), TIMES_AS_LONG),
    ]

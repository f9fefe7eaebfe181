"""The figures of docs/scale.md, made from docs/bench.json: each table stands between two marks of the page.

python -m benchmarks.page
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from benchmarks.large.contest import FASTEST, OURS, PANDAS, SCAN, USUAL
from benchmarks.proofs.workshop import ROOT
from benchmarks.steps import LIMITS

PAGE, BENCH = ROOT / "docs" / "scale.md", ROOT / "docs" / "bench.json"

MARK = re.compile(r"(<!-- figures: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)

Figure = Mapping[str, Any]


def filled(page: str, bench: Mapping[str, Any]) -> str:
    """The page with each table made anew; what was not measured is said to be so."""

    def table(match: re.Match[str]) -> str:
        name = match[2]
        section = bench.get(name)
        rows = TABLES[name](section["found"]) if section else ["Not measured yet."]
        measured = [f"\n{_about(section['measured'])}"] if section else []
        return "\n".join([match[1], *rows, *measured, "", match[3]])

    return MARK.sub(table, page)


def _about(measured: Figure) -> str:
    return f"Measured at {measured['at'][:10]} on {measured['machine']}, commit {measured['commit'][:8]}."


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    heads = list(heads)
    return [
        f"| {' | '.join(heads)} |",
        f"|{'---|' * len(heads)}",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]


def _seconds(figure: Figure | None, scale: float = 1) -> str:
    if figure is None:
        return "-"
    if figure["runs"] == 1:
        return f"{figure['median'] * scale:.3g}"
    return f"{figure['median'] * scale:.3g} ({figure['min'] * scale:.3g} to {figure['max'] * scale:.3g})"


def _times(figure: Figure | None) -> str:
    return "-" if figure is None else f"{figure['median']:.3g}x"


def _features(found: list[Figure]) -> list[str]:
    rows = []
    for each in found:
        seconds, over, number = each["seconds"], each["over_ours"], each["observations_a_lead"]
        cells = [_seconds(seconds[OURS])]
        cells += [
            f"{seconds[name]['median']:.3g} s, {_times(over[name])}" if name in seconds else "-"
            for name in (*FASTEST[number], *USUAL, PANDAS)
        ]
        cells += [f"{seconds[SCAN]['median']:.3g} s", f"{1 / over[SCAN]['median']:.3g}x"]
        rows.append([f"{each['interactions'] // 1_000_000} M", f"{number} ({each['observations']:,})", *cells])
    return _table(
        (
            *("interactions", "observations a lead (in all)", "Leadlight, s"),
            *(
                "DuckDB, fastest",
                "Polars, fastest",
                "DuckDB, as usual",
                "Polars, as usual",
                "pandas",
                "bare scan",
                "Leadlight / bare scan",
            ),
        ),
        rows,
    )


def _featuretools(found: Figure) -> list[str]:
    seconds = found["seconds"]
    return _table(
        ("cutoffs", "Leadlight, 40 measures, s", "featuretools, 12 measures of one window, s", "ratio"),
        [
            [
                f"{found['cutoffs']:,}",
                _seconds(seconds[OURS]),
                _seconds(seconds["featuretools"]),
                _times(found["over_ours"]),
            ]
        ],
    )


def _large(found: Figure) -> list[str]:
    rows = [[name, _seconds(each), f"{found['peak_bytes'][name] / 1e9:.2f}"] for name, each in found["seconds"].items()]
    rows.append(["100 M / 10 M", _times(found["over_ten_million"]), ""])
    return _table(("who, interactions", "seconds", "peak memory, GB"), rows)


def _one_lead(found: Figure) -> list[str]:
    rows = [[f"{int(count):,}", _seconds(figure, 1e3)] for count, figure in found.items()]
    return _table(("interactions of the lead", "ms"), rows)


def _contributions(found: Figure) -> list[str]:
    apart = found["largest_difference_from_pred_contrib"]
    rows = [
        [
            name,
            _seconds(figure, 1e3),
            _times(found["over_ours"].get(name)),
            f"{apart[name]:.1e}" if name in apart else "-",
        ]
        for name, figure in found["seconds_a_row"].items()
    ]
    return _table(("by", "ms a row", "times as long as Leadlight", "largest difference from pred_contrib"), rows)


def _served(found: Figure) -> list[str]:
    rows = [[name, _seconds(figure, 1e3)] for name, figure in found["seconds"].items()]
    return _table(("what", "ms"), rows)


def _steps(found: Mapping[str, Figure]) -> list[str]:
    sizes = list(found)
    rows = [[step, *(f"{found[size]['steps'][step]:.3g}" for size in sizes), limit] for step, limit in LIMITS.items()]
    rows.append(["all, seconds of a core", *(f"{found[size]['processor']:.3g}" for size in sizes), ""])
    rows.append(["all, seconds by the clock", *(f"{found[size]['seconds']:.3g}" for size in sizes), ""])
    return _table(("step", *sizes, "what limits it"), rows)


def _cluster(found: Mapping[str, Any]) -> list[str]:
    rows = []
    for engine, sizes in found.items():
        small, ten = (sizes[size] for size in ("1 M", "10 M"))
        rows.append(
            [
                engine,
                *(f"{each['seconds']:.3g}" for each in (small, ten)),
                f"{(ten['seconds'] - small['seconds']) / 9:.2g}",
                f"{ten['largest_process_bytes'] / 1e9:.2f}",
                "yes" if small["same_bytes_as_one_process"] and ten["same_bytes_as_one_process"] else "no",
            ]
        )
    heads = ("engine", "1 M, s", "10 M, s", "each further million, s", "largest process at 10 M, GB", "the same bytes")
    return _table(heads, rows)


def _billion(found: Figure) -> list[str]:
    rows = [[name, _seconds(each), f"{found['peak_bytes'][name] / 1e9:.3g}"] for name, each in found["seconds"].items()]
    return _table(("who", "seconds", "peak memory, GB"), rows)


TABLES = {
    "features": _features,
    "featuretools": _featuretools,
    "large": _large,
    "steps": _steps,
    "cluster": _cluster,
    "billion": _billion,
    "one_lead": _one_lead,
    "contributions": _contributions,
    "served": _served,
}


def main() -> None:
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), json.loads(BENCH.read_text(encoding="utf-8"))), "utf-8")


if __name__ == "__main__":
    main()

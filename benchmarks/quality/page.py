"""docs/peers.json, and from it the tables of docs/peers.md.

python -m benchmarks.quality.page
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks.proofs.workshop import ROOT
from benchmarks.prove import surroundings

OUTPUT, PAGE = ROOT / "docs" / "peers.json", ROOT / "docs" / "peers.md"
MARK = re.compile(r"(<!-- peers -->\n).*?(<!-- end -->)", re.DOTALL)
NAMES = {
    "leadlight": "Leadlight",
    "autogluon": "AutoGluon",
    "autogluon_ordered": "AutoGluon, ordered",
    "flaml": "FLAML",
    "catboost": "CatBoost",
    "catboost_ordered": "CatBoost, ordered",
    "lightgbm": "LightGBM",
    "lightgbm_ordered": "LightGBM, ordered",
}


def write(found: Mapping[str, Any], output: Path) -> None:
    """Keep what was measured, and make the page anew."""
    about = {key: value for key, value in surroundings().items() if key != "uncommitted"}
    whole = {"measured": about, "found": found}
    output.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), whole), encoding="utf-8")


def filled(page: str, whole: Mapping[str, Any]) -> str:
    """The page with its tables made anew."""
    at = whole["measured"]
    parts = [part for name, found in whole["found"].items() for part in (*_table(name, found), "")]
    parts.append(f"Measured at {at['at'][:10]} on {at['machine']}, commit {at['commit'][:8]}.")
    return MARK.sub(lambda match: "\n".join([match[1], *parts, "", match[2]]), page)


def _table(name: str, found: Mapping[str, Any]) -> list[str]:
    rows = [
        f"**{name.replace('_', ' ').capitalize()}**: {found['training']:,} rows to learn from, {found['columns']} "
        f"columns; {found['test']:,} to be judged on, {found['won']:,} won.",
        "",
        "| who | log loss | AUC | seconds |",
        "|---|---|---|---|",
    ]
    for who, shown in NAMES.items():
        runs = [run for run in found["runs"] if run["who"] == who]
        if runs:
            cells = (_spread(runs, "log_loss", 4), _spread(runs, "auc", 4), _spread(runs, "seconds", 1))
            rows.append(f"| {shown} | {' | '.join(cells)} |")
    rows += ["", "| seeds | ours | the best of the others | ours minus theirs (95 %) |", "|---|---|---|---|"]
    for row in found["compared"]:
        gap, words = row["difference"], "AUC" if row["figure"] == "auc" else "log loss"
        verdict = "" if row["no_worse"] else ", **worse**"
        seeds = ", ".join(map(str, row["seeds"]))
        rows.append(
            f"| {seeds} | {words} {row['ours']:.4f} | {NAMES[row['best']]} {row['theirs']:.4f} "
            f"| {gap['value']:+.4f} ({gap['low']:+.4f} to {gap['high']:+.4f}){verdict} |"
        )
    return rows


def _spread(runs: list[Mapping[str, Any]], key: str, digits: int) -> str:
    """The mean over seeds, and the least and the most."""
    values = [run[key] for run in runs]
    if len(values) == 1:
        return f"{values[0]:.{digits}f}"
    return f"{mean(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


if __name__ == "__main__":
    PAGE.write_text(
        filled(PAGE.read_text(encoding="utf-8"), json.loads(OUTPUT.read_text(encoding="utf-8"))), encoding="utf-8"
    )

"""What the proof holds of the contest: no worse than the best of the peers, in a tenth of AutoGluon's time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.proofs.line import Check, at_most
from benchmarks.proofs.workshop import Workshop
from benchmarks.quality.contest import OURS, SEEDS, SHARE_OF_TIME, contests, times
from benchmarks.quality.page import OUTPUT, write


def beside_peers(workshop: Workshop) -> list[Check]:
    """Ours against the best of the peers, set by set and seed by seed, in log loss, AUC and time."""
    found = contests(workshop, SEEDS[: workshop.count(len(SEEDS), 1)])
    if not workshop.quick:
        write(found, OUTPUT)
    return [check for name, one in found.items() for check in _checks(name, one)]


def _checks(name: str, found: dict[str, Any]) -> Iterator[Check]:
    seeds = sorted({run["seed"] for run in found["runs"]})
    for row in found["compared"]:
        gap = row["difference"]
        told = f"{row['ours']:.4f}; {row['best']} {row['theirs']:.4f}; "
        told += f"{gap['value']:+.4f} ({gap['low']:+.4f} to {gap['high']:+.4f})"
        words = row["figure"].replace("_", " ").replace("auc", "AUC")
        whole = len(row["seeds"]) == len(seeds)
        of = f"mean of {len(seeds)} seeds" if whole and len(seeds) > 1 else f"seed {row['seeds'][0]}"
        if row["judged"] and whole:
            yield Check(f"{name}, {words}, {of}", told, "no worse within the interval", row["no_worse"])
        else:
            newest = "" if row["judged"] else ", told which rows are the newest"
            yield Check(f"{name}, {words}, {of}{newest}", told, "said", True)
    for seed, share in times(found).items():
        yield at_most(f"{name}, time as a share of AutoGluon's, seed {seed}", share, SHARE_OF_TIME)
    for who in sorted({run["who"] for run in found["runs"]}):
        runs = [run for run in found["runs"] if run["who"] == who]
        reached = "; ".join(f"{run['log_loss']:.4f} / {run['auc']:.4f} in {run['seconds']:.1f} s" for run in runs)
        said = reached if who == OURS else f"{runs[0]['version']}: {reached}; {', '.join(runs[0]['took_part'])}"
        yield Check(f"{name}, {who}: log loss / AUC", said, "said", True)

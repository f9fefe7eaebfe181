"""Everyone at the same rows: each in a process of its own, one after the other, with all cores."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.environments import LOCKS, interpreter
from benchmarks.proofs.workshop import ROOT, Workshop, run
from benchmarks.prove import cores
from benchmarks.quality.judged import FIGURES, best, difference, figures, no_worse
from benchmarks.quality.sets import SETS, archived, in_time, made
from pipeline.features.training_set import TrainingSet

OURS = "leadlight"
SEEDS = (7, 8, 9)
SECONDS = {"autogluon": 120, "autogluon_ordered": 120, "flaml": 60}
"""What a peer that searches is given."""

AS_THEY_COME = ("autogluon", "flaml", "catboost", "lightgbm")
"""Those that ours is held against."""

PEERS = (*AS_THEY_COME, "catboost_ordered", "lightgbm_ordered")
"""An ordered one is told which rows are the newest: shown beside the others, and not judged by."""
ONCE = {"term_deposits": ("autogluon_ordered",)}
"""With the first seed only, for it takes minutes, and where the order of the rows matters most."""

SHARE_OF_TIME = 0.1
"""Of AutoGluon's time that ours may take."""


def contest(workshop: Workshop, name: str, seeds: tuple[int, ...] = SEEDS) -> dict[str, Any]:
    """One set: its size, what each peer reached with each seed, and ours beside the best of them."""
    folder = made(workshop, name)
    rows = TrainingSet.load(folder / "data" / "work" / "training")
    archived(rows, folder / "rows.npz")
    test = in_time(rows, rows.test)
    label, group = rows.label[test], rows.group[test]
    quick = {"autogluon": 20, "autogluon_ordered": 20, "flaml": 10} if workshop.quick else SECONDS
    runs: list[dict[str, Any]] = []
    answers: dict[str, dict[int, Any]] = {}
    for seed in seeds:
        for peer in (OURS, *PEERS, *(ONCE.get(name, ()) if seed == seeds[0] else ())):
            told, probability = _run(folder, peer, seed, quick.get(peer, 0))
            answers.setdefault(peer, {})[seed] = probability
            runs.append({"seed": seed, "who": peer, **told, **figures(label, probability, group)})
            _say(name, runs[-1])
    compared = list(_compared(runs, answers, label, group, seeds))
    if len(seeds) > 1:
        for seed in seeds:
            compared += _compared(runs, answers, label, group, (seed,))
    return {
        "training": int(rows.training.sum()),
        "test": len(label),
        "won": int(label.sum()),
        "groups": len(np.unique(group)),
        "columns": rows.X.shape[1],
        "runs": runs,
        "compared": compared,
    }


def _compared(
    runs: list[dict[str, Any]],
    answers: dict[str, dict[int, Any]],
    label: NDArray[np.int8],
    group: NDArray[np.int64],
    seeds: tuple[int, ...],
) -> Iterator[dict[str, Any]]:
    """Ours beside the best of those that answered with all of these seeds, by the mean over them."""
    there = {peer: of for peer, of in answers.items() if set(seeds) <= set(of)}
    means = {
        peer: {
            figure: float(np.mean([run[figure] for run in runs if run["who"] == peer and run["seed"] in seeds]))
            for figure in FIGURES
        }
        for peer in there
    }
    theirs = {peer: mean for peer, mean in means.items() if peer != OURS}
    for figure in FIGURES:
        judged = best({peer: theirs[peer] for peer in AS_THEY_COME}, figure)
        for rival in dict.fromkeys((judged, best(theirs, figure))):
            ours, other = ([there[who][seed] for seed in seeds] for who in (OURS, rival))
            gap = difference(figure, label, ours, other, group)
            row = {"seeds": list(seeds), "figure": figure, "best": rival, "ours": means[OURS][figure]}
            row |= {"theirs": theirs[rival][figure], "difference": gap.to_json()}
            yield row | {"no_worse": no_worse(figure, gap), "judged": rival == judged}


def contests(workshop: Workshop, seeds: tuple[int, ...] = SEEDS) -> dict[str, Any]:
    """All sets by name. What a peer raises ends it all: a peer that does not run is no peer that was beaten."""
    interpreter("quality")
    return {name: contest(workshop, name, seeds) for name in SETS}


def times(found: dict[str, Any]) -> dict[int, float]:
    """By seed: our seconds as a share of AutoGluon's on one set."""
    taken = {(run["seed"], run["who"]): run["seconds"] for run in found["runs"]}
    return {seed: taken[seed, OURS] / taken[seed, "autogluon"] for seed, who in taken if who == OURS}


def _run(folder: Path, peer: str, seed: int, seconds: int) -> tuple[dict[str, Any], Any]:
    """What a contestant prints and predicts; a peer that answered for these very rows before is not asked again."""
    output, kept = folder / f"{peer}.{seed}.npz", folder / f"{peer}.{seed}.json"
    asked = {"rows": _digest(folder / "rows.npz"), "peers": _digest(LOCKS / "quality.lock"), "limit": seconds}
    told: dict[str, Any] = {}
    if peer == OURS:
        done = run(sys.executable, "-m", "benchmarks.quality.ours", folder, output, seed)
        told = json.loads(done.out.strip().splitlines()[-1])
    elif kept.exists() and output.exists() and json.loads(kept.read_text(encoding="utf-8"))["asked"] == asked:
        told = json.loads(kept.read_text(encoding="utf-8"))["told"]
    else:
        script = ("-m", "benchmarks.peers.by_learners", peer, folder / "rows.npz", output, seed, seconds)
        # It may take all cores: what `run` says of threads is for ours.
        free = {"OMP_NUM_THREADS": str(cores()), "OPENBLAS_NUM_THREADS": str(cores()), "PYTHONDONTWRITEBYTECODE": "1"}
        done = run(interpreter("quality"), *script, cwd=ROOT, env=free)
        shutil.rmtree(folder / "catboost_info", ignore_errors=True)
        told = json.loads(done.out.strip().splitlines()[-1])
        kept.write_text(json.dumps({"asked": asked, "told": told}) + "\n", encoding="utf-8")
    with np.load(output) as held:
        return told, np.clip(held["probability"].astype(np.float64), 0.0, 1.0)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _say(name: str, row: dict[str, Any]) -> None:
    shown = f"log loss {row['log_loss']:.4f}, AUC {row['auc']:.4f}, {row['seconds']:.1f} s"
    print(f"   {name}, seed {row['seed']}: {row['who']:<18} {shown}", flush=True)

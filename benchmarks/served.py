"""Scores of a small demo: read, measured, explained, in a batch and over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.proofs.workshop import fetch, free_port, run, server
from benchmarks.rounds import in_turns, line, ratio, shown, spread, timed
from pipeline.definitions.workspace import load_workspace
from pipeline.features.measures import measure_all
from pipeline.features.observations import is_open
from pipeline.learning.bundle import load_champion
from pipeline.reasons.scores import score
from pipeline.tables.sources import read_history
from serving.client import score_request

LEADS = 3_000


def served(folder: Path) -> dict[str, Any]:
    """Milliseconds of each, and what reasons cost a batch."""
    if not (folder / "models" / "champion").exists():
        folder.mkdir(parents=True, exist_ok=True)
        run("leadlight", "demo", "--leads", LEADS, cwd=folder)
        run("leadlight", "train", cwd=folder)
    workspace = load_workspace(folder / "leadlight.yaml")
    history, _ = read_history(workspace)
    bundle = load_champion(folder / "models")
    as_of = workspace.data_until
    rows = np.flatnonzero(history.leads.created_at < as_of)
    rows = rows[is_open(history, rows, np.full(len(rows), as_of))]
    cutoffs = np.full(len(rows), as_of)

    def probabilities() -> object:
        matrix, _ = bundle.definition.matrix(measure_all(history, rows, cutoffs, bundle.definition))
        return bundle.model.probability(matrix)

    count = len(rows)
    batch = in_turns(
        {
            "measures": timed(lambda: measure_all(history, rows, cutoffs, bundle.definition)),
            "probabilities": timed(probabilities),
            "scores with reasons": timed(lambda: score(bundle, history, as_of, rows)),
        },
        5,
    )
    seconds = {
        "read the tables": spread(in_turns({"read": timed(lambda: read_history(workspace))}, 3)["read"]),
        **{f"{name}, a lead": spread([each / count for each in turns]) for name, turns in batch.items()},
        **_requests(folder, [score_request(history, rows[:size].tolist(), as_of) for size in (1, 50)]),
    }
    for name, figure in seconds.items():
        line(name, shown(figure, "ms", 1e3))
    reasons = ratio(batch["scores with reasons"], batch["probabilities"])
    line("scores with reasons / probabilities alone", shown(reasons, "x"))
    return {"leads": count, "seconds": seconds, "reasons_over_probabilities": reasons}


def _requests(folder: Path, bodies: list[dict[str, Any]]) -> dict[str, Any]:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with server("python", "-m", "serving", cwd=folder, ready=f"{address}/readyz", env={"LEADLIGHT_PORT": str(port)}):
        one, fifty = (timed(lambda body=body: fetch(f"{address}/v1/score", body)) for body in bodies)
        found = in_turns({"one": one, "fifty": fifty}, 30)
    return {
        "a request for one lead": spread(found["one"]),
        "a request for 50 leads, a lead": spread([each / 50 for each in found["fifty"]]),
    }

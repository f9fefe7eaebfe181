"""Line 5: the command line and the service give the same bits."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from benchmarks.proofs.line import Check, equal
from benchmarks.proofs.workshop import Workshop, fetch, free_port, run, server
from pipeline.definitions.workspace import load_workspace
from pipeline.tables.sources import read_history
from serving.client import score_request

LEADS = 1_000
BATCH = 50
SEED = 5


def offline_is_online(workshop: Workshop) -> list[Check]:
    """Scores of `leadlight score` against answers of `POST /v1/score`, by a process of its own on loopback."""
    folder = workshop.demo
    file = folder / "data" / "work" / "proof_scores.parquet"
    run("leadlight", "score", "-o", file, cwd=folder)
    by_command = {row["lead_id"]: row for row in pq.read_table(file).to_pylist() if row["probability"] is not None}

    workspace = load_workspace(folder / "leadlight.yaml")
    history, _ = read_history(workspace)
    row_of = {lead: row for row, lead in enumerate(history.leads.id.values())}
    open_leads = sorted(by_command)
    count = min(workshop.count(LEADS, 50), len(open_leads))
    chosen = np.random.default_rng(SEED).choice(len(open_leads), count, replace=False)
    leads = [open_leads[place] for place in sorted(chosen.tolist())]

    by_service: dict[str, Any] = {}
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with server("python", "-m", "serving", cwd=folder, ready=f"{address}/readyz", env={"LEADLIGHT_PORT": str(port)}):
        for start in range(0, count, BATCH):
            rows = [row_of[lead] for lead in leads[start : start + BATCH]]
            answer = fetch(f"{address}/v1/score", score_request(history, rows, workspace.data_until))
            by_service |= {score["lead_id"]: score for score in answer["scores"]}
    pairs = [(by_command[lead], by_service[lead]) for lead in leads]
    return [
        equal("leads scored both ways", len(pairs), workshop.count(LEADS, 50)),
        equal("same as_of and version", sum(_same_moment(*pair) for pair in pairs), len(pairs)),
        equal("same probability, to the last bit", sum(_same_bits(*pair, "probability") for pair in pairs), len(pairs)),
        equal("same log-odds, to the last bit", sum(_same_bits(*pair, "log_odds") for pair in pairs), len(pairs)),
        equal("same contributions, to the last bit", sum(_same_reasons(*pair) for pair in pairs), len(pairs)),
        _adds_up("base + contributions - log_odds, largest", [s for pair in pairs for s in pair], by_reason),
        _adds_up("base + fit + intent - log_odds, largest", [s for pair in pairs for s in pair], by_side),
        _adds_up("1 / (1 + exp(-log_odds)) - probability, largest", [s for pair in pairs for s in pair], by_logit),
    ]


def bits(value: float) -> bytes:
    """The eight bytes of a float."""
    return struct.pack("<d", value)


def reasons_of(score: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The reasons of a row of the file, or of an answer."""
    found = score["reasons"]
    reasons: list[Mapping[str, Any]] = json.loads(found) if isinstance(found, str) else found
    return reasons


def _same_moment(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    return bool(_moment(a) == _moment(b) and a["model_version"] == b["model_version"])


def _moment(score: Mapping[str, Any]) -> np.datetime64:
    at = score["as_of"]
    return np.datetime64(at.removesuffix("Z") if isinstance(at, str) else at.replace(tzinfo=None), "us")


def _same_bits(a: Mapping[str, Any], b: Mapping[str, Any], name: str) -> bool:
    return bits(a[name]) == bits(b[name])


def _same_reasons(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    ours, theirs = (
        [(reason["criterion"], bits(reason["contribution"])) for reason in reasons_of(score)] for score in (a, b)
    )
    return len(ours) > 0 and ours == theirs


def by_reason(score: Mapping[str, Any]) -> float:
    """How far base and contributions are from the log-odds."""
    return float(score["base"] + math.fsum(reason["contribution"] for reason in reasons_of(score)) - score["log_odds"])


def by_side(score: Mapping[str, Any]) -> float:
    """How far base and sides are from the log-odds."""
    return float(score["base"] + score["fit"] + score["intent"] - score["log_odds"])


def by_logit(score: Mapping[str, Any]) -> float:
    """How far the probability is from its log-odds."""
    return float(1 / (1 + math.exp(-score["log_odds"])) - score["probability"])


def _adds_up(name: str, scores: list[Mapping[str, Any]], difference: Any) -> Check:
    largest = max(abs(difference(score)) for score in scores)
    return Check(name, largest, "<= 1e-9", largest <= 1e-9)

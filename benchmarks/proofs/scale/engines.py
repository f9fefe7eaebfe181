"""One process, two processes, Dask, Spark: the same training set and scores, bit for bit; and Dask trains as well."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from benchmarks.proofs.data.same import different
from benchmarks.proofs.line import Check, at_least, equal
from benchmarks.proofs.workshop import Workshop, run
from pipeline.definitions.workspace import load_workspace
from pipeline.distributed.open import of
from pipeline.features.training_set import TrainingSet
from pipeline.learning.bundle import Bundle
from pipeline.learning.metrics import paired_log_loss
from pipeline.workflow.places import Places
from pipeline.workflow.scoring import score_leads
from pipeline.workflow.stages import features
from tests.distributed.processes import Processes

FILES = ("observations.parquet", "definition.json", "training.json")
CLUSTERS = ("dask", "spark")


def engines(workshop: Workshop) -> list[Check]:
    """`leadlight features`, `score` and `train` of the demo CRM, here and with `--engine`."""
    folder = workshop.demo
    made = folder / "data" / "work" / "engines"
    seconds: dict[str, float] = {}
    seconds["features, one process"] = run("leadlight", "features", "-o", made / "here", cwd=folder).seconds
    run("leadlight", "score", "-o", made / "here.parquet", cwd=folder)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        workspace, hands = load_workspace(folder / "leadlight.yaml"), of(Processes(2, pool.map))
        features(workspace, made / "two", hands=hands)
        score_leads(workspace, output=made / "two.parquet", hands=hands)
    for name in CLUSTERS:
        done = run("leadlight", "features", "-o", made / name, "--engine", name, cwd=folder)
        seconds[f"features, {name} started and stopped"] = done.seconds
        seconds[f"score, {name} started and stopped"] = run(
            "leadlight", "score", "-o", made / f"{name}.parquet", "--engine", name, cwd=folder
        ).seconds
    summary = _summary(made / "here")
    others = ("two", *CLUSTERS)
    scores = pq.read_table(made / "here.parquet")
    return [
        at_least("observations", summary["observations"], workshop.count(50_000, 1_000)),
        *(
            equal(f"files of {name}'s training set that differ in any byte", _differing(made, name), [])
            for name in others
        ),
        equal(
            "data_hash of each",
            {
                name: json.loads((made / name / "training.json").read_text(encoding="utf-8"))["data_hash"]
                for name in others
            },
            dict.fromkeys(others, summary["data_hash"]),
        ),
        at_least("leads scored", scores.num_rows, workshop.count(1_000, 50)),
        *(
            equal(
                f"columns of {name}'s scores, reasons included, that differ in any bit",
                different(scores, pq.read_table(made / f"{name}.parquet")),
                [],
            )
            for name in others
        ),
        *_training(folder, workshop.folder / "grown"),
        Check("seconds, two cores", {name: round(value, 1) for name, value in seconds.items()}, "said", True),
    ]


def _summary(folder: Path) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads((folder / "training.json").read_text(encoding="utf-8"))
    return plain


def _differing(made: Path, name: str) -> list[str]:
    return [file for file in FILES if (made / name / file).read_bytes() != (made / "here" / file).read_bytes()]


def _training(here: Path, there: Path) -> list[Check]:
    """The tested version of one process and of Dask, on the test's observations."""
    # The last command may have fitted with other settings than these: both candidates are of this training set.
    run("leadlight", "train", cwd=here)
    shutil.copytree(here, there)
    done = run("leadlight", "train", "--engine", "dask", "--json", cwd=there)
    told: dict[str, Any] = done.json()
    rows = TrainingSet.load(Places(here).training)
    ours, theirs = (
        Bundle.load(Places(folder).candidate / "tested").model.probability(rows.X[rows.test])
        for folder in (here, there)
    )
    difference = paired_log_loss(rows.label[rows.test], theirs, ours, rows.group[rows.test])
    low, high = difference.low, difference.high
    assert low is not None
    assert high is not None
    return [
        equal(
            "whose trees the candidate has", Bundle.load(Places(there).candidate / "tested").card["grown_by"], "dask"
        ),
        Check("train --engine dask: test log loss", told["test"]["log_loss"], "said", True),
        Check("its difference from the local model's", [difference.value, low, high], "low <= 0", low <= 0),
        Check("train --engine dask: seconds", round(done.seconds, 1), "said", True),
    ]

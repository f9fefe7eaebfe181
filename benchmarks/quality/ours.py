"""What `leadlight fit` makes of a training set, with another seed: the tested version's probabilities of the test.

python -m benchmarks.quality.ours FOLDER OUTPUT SEED
"""

from __future__ import annotations

import argparse
import json
import time
from importlib import metadata
from pathlib import Path

import numpy as np

from benchmarks.quality.sets import in_time
from pipeline.definitions.workspace import load_workspace
from pipeline.features.training_set import TrainingSet
from pipeline.learning.candidate import fit_candidate
from pipeline.workflow.fitting import estimator_of


def main() -> None:
    """Fit, and say how long it took from rows in memory to probabilities."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("output")
    parser.add_argument("seed", type=int)
    options = parser.parse_args()
    workspace = load_workspace(options.folder / "leadlight.yaml")
    rows = TrainingSet.load(options.folder / "data" / "work" / "training")
    test = in_time(rows, rows.test)
    start = time.perf_counter()
    estimator = estimator_of(workspace, rows.definition).set_params(seed=options.seed)
    found = fit_candidate(estimator, rows, refit=False)
    probability = found.tested_model.probability(rows.X[test])
    seconds = time.perf_counter() - start
    np.savez(options.output, probability=probability)
    told = {"seconds": round(seconds, 2), "version": metadata.version("leadlight"), "took_part": found.tested.said_}
    print(json.dumps(told))


if __name__ == "__main__":
    main()

"""Line 3: real data, the loan applications of the BPI Challenge 2012."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks.proofs.line import Check, at_least, equal
from benchmarks.proofs.workshop import ROOT, Workshop, run
from pipeline.features.training_set import TrainingSet

LOG = "bpic2012/BPI_Challenge_2012.xes.gz"
WEEK = 7 * 86_400_000_000


def real_data() -> Path:
    """The folder that holds the public data sets: `LEADLIGHT_DATA`, or `shared/data` beside the project."""
    return Path(os.environ.get("LEADLIGHT_DATA", ROOT.parent / "shared" / "data"))


def loan_applications(workshop: Workshop) -> list[Check]:
    """Prepare from the original log, train, and look at the observations that are seven days old."""
    folder = workshop.copy("loans") / "examples" / "loan_applications"
    run("python", "prepare.py", real_data() / LOG, cwd=folder)
    trained = run("leadlight", "train", "-c", "leadlight.yaml", "--json", cwd=folder).json()
    week = trained["by_age"]["7d"]

    training_set = TrainingSet.load(folder / "data" / "work" / "training")
    tested = training_set.test & (training_set.cutoff - training_set.created_at == WEEK)
    days = [_day(int(instant)) for instant in (training_set.cutoff[tested].min(), training_set.cutoff[tested].max())]
    return [
        equal("observations of the test at 7d", week["n"], 1129),
        equal("their base rate", round(week["base_rate"], 3), 0.373),
        equal("the same, counted from the training set", int(np.count_nonzero(tested)), 1129),
        equal("cutoffs", days, ["2012-01-14", "2012-02-13"]),
        at_least("AUC at 7d", week["auc"]["value"], 0.72),
        Check("AUC at 7d, 95 %", [round(week["auc"][end], 3) for end in ("low", "high")], "said", True),
        Check("log loss at 7d", round(week["log_loss"]["value"], 4), "by hand: 0.558", True),
        Check(
            "AUC of the logistic regression, all ages", trained["baselines"]["logistic"]["auc"]["value"], "said", True
        ),
        Check("AUC, all ages", trained["test"]["auc"]["value"], "said", True),
    ]


def _day(instant: int) -> str:
    return datetime.fromtimestamp(instant / 1e6, UTC).date().isoformat()

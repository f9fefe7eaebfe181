"""The whole path, from a CRM's history to a served score whose reasons add up: nine lines."""

from __future__ import annotations

from benchmarks.proofs.line import Line
from benchmarks.proofs.path.clone import fresh_clone
from benchmarks.proofs.path.correct import correct
from benchmarks.proofs.path.imports import no_pickle_and_light
from benchmarks.proofs.path.kills import killed_and_staged
from benchmarks.proofs.path.loans import loan_applications
from benchmarks.proofs.path.readme import readme_runs
from benchmarks.proofs.path.refusals import broken_inputs
from benchmarks.proofs.path.served import offline_is_online
from benchmarks.proofs.path.truth import close_to_the_truth

LINES = [
    Line(
        1,
        "In an empty directory, a fresh clone: make demo and make test succeed with nothing installed by hand. "
        "After installation the demo takes under 2 minutes on 2 cores, the suite under 5.",
        "git clone ...; make demo; make test",
        fresh_clone,
    ),
    Line(
        2,
        "All worked histories pass. 2,000 Hypothesis histories: kernel = oracle. Six planted bugs are each caught.",
        "pytest tests/features; python tests/planted_bugs.py",
        correct,
    ),
    Line(
        3,
        "Loan applications: at 7d the test has 1,129 observations and base rate 0.373 (cutoffs 2012-01-14 to "
        "2012-02-13, open applications only) and AUC 0.72 or more.",
        "python prepare.py; leadlight train",
        loan_applications,
    ),
    Line(
        4,
        "The demo CRM, test period: the share of the truth's gain over the base rate is 0.80 or more; the interval "
        "of the calibration slope contains 1 and of the intercept 0; calibration error exceeds what a perfectly "
        "calibrated model of that test size would show by at most 0.005.",
        "leadlight demo; leadlight train",
        close_to_the_truth,
    ),
    Line(
        5,
        "For 1,000 demo leads leadlight score and POST /v1/score give the same probability and contributions to "
        "the last bit; base + contributions = log_odds to 1e-9; base + fit + intent likewise.",
        "leadlight score; python -m serving; POST /v1/score",
        offline_is_online,
    ),
    Line(
        6,
        "No pickle, joblib or cloudpickle load in src/; import serving.app imports neither shap, mlflow, dvc, "
        "altair, matplotlib nor duckdb; mlflow models serve of the champion answers with the same probabilities.",
        "python -c 'import serving.app'; mlflow models serve --env-manager local",
        no_pickle_and_light,
    ),
    Line(
        7,
        "Ten broken workspaces and tables, one defect each, give ten errors that name table, column, row or line, "
        "value and remedy; no traceback, no output file.",
        "leadlight train",
        broken_inputs,
    ),
    Line(
        8,
        "kill -9 at ten random moments of leadlight train: the champion stands, nothing half-written passes for "
        "whole, the next run succeeds. dvc repro with nothing changed runs nothing; after changing model.trees "
        "only fit and evaluate run.",
        "leadlight train; kill -9; dvc repro",
        killed_and_staged,
    ),
    Line(
        9,
        "The README: three sentences, the two commands, a picture of a score with its reasons, your own CRM in "
        "five steps, the API by curl. Every command in it runs in the tests.",
        "pytest tests/test_readme.py",
        readme_runs,
    ),
]
"""In the order of the promise."""

"""Reasons that people read and act on: explanations, actions, channels, the report, notebooks: nine lines."""

from __future__ import annotations

from benchmarks.proofs.line import Line
from benchmarks.proofs.reasons.additive import adds_up
from benchmarks.proofs.reasons.against_truth import reasons_are_the_truths
from benchmarks.proofs.reasons.notebooks import notebooks_run
from benchmarks.proofs.reasons.plotted import shap_draws
from benchmarks.proofs.reasons.report import report_as_seen
from benchmarks.proofs.reasons.spending import costs_hold
from benchmarks.proofs.reasons.spoken import costs_little, reads_aloud
from benchmarks.proofs.reasons.standing import total

LINES: list[Line] = [
    Line(
        1,
        "500 random models with categoricals, missing values, scorecards and segments: base and contributions add up "
        "to the log-odds to 1e-9 at the level of measures, criteria, families and sides, and so do the parts of what "
        "changed between the scores of two of them.",
        "python -m benchmarks.prove reasons --only 1",
        adds_up,
    ),
    Line(
        2,
        "The demo CRM: rank correlation of the mean absolute contribution per criterion with the mean |Shapley value| "
        "of the simulator's own log-odds 0.8 or more; a purchasing manager with a demo request in the top decile, a "
        "student with a white paper in the bottom third, a perfect profile with five unanswered attempts below the "
        "base rate, and each one's first reason says so.",
        "leadlight demo; leadlight train",
        reasons_are_the_truths,
    ),
    Line(
        3,
        "40 sentences in each language as a snapshot: reproduced by the code, and none with an underscore, a measure's "
        "code, a gap, a missing value or, in French, an English word.",
        "python -m tests.reasons.worked_sentences; git diff --exit-code tests/reasons/snapshots",
        reads_aloud,
    ),
    Line(
        4,
        "shap.plots.waterfall, beeswarm, bar, scatter and heatmap draw our objects without a warning at the level of "
        "measures, criteria and families, and the numbers in them are ours: base and values add up to the log-odds to "
        "1e-9.",
        "python -m benchmarks.prove reasons --only 4",
        shap_draws,
    ),
    Line(
        5,
        "The report of the demo CRM and of loan applications in headless Chromium, on a desk, on a phone and on paper: "
        "nothing cut, no empty chart, no complaint in the console, no request to any address, under 5 MB.",
        "leadlight report",
        report_as_seen,
    ),
    Line(
        6,
        "The three notebooks run from a clean kernel in under 3 minutes together, in under 40 cells each, without an "
        "error or a warning, and need nothing outside the repository: no address but this machine's own is called.",
        "python -m benchmarks.notebooks",
        notebooks_run,
    ),
    Line(
        7,
        "Sentences cost at most 0.1 ms a lead on top of the contributions: every reason of 20,000 leads of the demo "
        "CRM, in English and in French.",
        "python -m benchmarks.prove reasons --only 7",
        costs_little,
    ),
    Line(
        8,
        "channels on the demo CRM: the true cost per conversion of each channel lies in its interval in at least 90 of "
        "100 simulated years.",
        "leadlight channels",
        costs_hold,
    ),
    Line(
        9,
        "1,000 random leads, open and closed, with and without deals, under random models (some without trees, some "
        "whose base rate is 0 or unknown) and random rules: each has exactly one stage and one action, and the rule "
        "that chose it is named; plain loops, row by row, find the same.",
        "python -m benchmarks.prove reasons --only 9",
        total,
    ),
]

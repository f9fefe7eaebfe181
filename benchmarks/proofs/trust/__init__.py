"""A model that an analyst can put their name under: leaks, quality with its uncertainty, few deals: eight lines."""

from __future__ import annotations

from benchmarks.proofs.line import Line
from benchmarks.proofs.trust.conventions import check_estimator_outcome
from benchmarks.proofs.trust.intervals import interval_covers
from benchmarks.proofs.trust.leaks import leaks_found
from benchmarks.proofs.trust.peers import beside_peers
from benchmarks.proofs.trust.promotions import promoted_rightly
from benchmarks.proofs.trust.small import never_worse
from benchmarks.proofs.trust.truth import close_to_the_truth
from benchmarks.proofs.trust.whole import whole_or_not_at_all

LINES = [
    Line(
        1,
        "50 random worlds (random leak mechanisms and strengths; honest strong columns and honest late-enriched ones "
        "among them): 95 % of the leaks found, at most 5 % of the clean columns suspected. Term deposits: duration as "
        "a leak, the five economic columns as clocks, at most one other. Loan applications with the outcome's kinds "
        "left in: all five named.",
        "leadlight check",
        leaks_found,
    ),
    Line(
        2,
        "The demo CRM, test period: the share of the truth's gain over the base rate is 0.85 or more; the interval of "
        "the calibration slope contains 1 and of the intercept 0; calibration error exceeds a perfect model's by at "
        "most 0.005; the truth's AUC minus ours is 0.015 or less.",
        "leadlight demo; leadlight train",
        close_to_the_truth,
    ),
    Line(
        3,
        "Learning curve on the demo CRM at 40, 80, 160, 320, 1,000 and 5,000 closed deals, 10 draws each: with a "
        "scorecard the median log loss is never more than 1 % worse than the better of scorecard alone and model "
        "without prior; as a picture in docs/small-data.md.",
        "python -m benchmarks.small_data",
        never_worse,
    ),
    Line(
        4,
        "Against AutoGluon (medium_quality, 120 s), FLAML (60 s), CatBoost and plain LightGBM on identical rows of "
        "loan applications, grocery campaigns and term deposits (economic columns excluded): log loss and AUC no worse "
        "than the best of them within the paired interval (over entities), in a tenth of AutoGluon's time.",
        "make bench-quality",
        beside_peers,
    ),
    Line(
        5,
        "In 200 simulated small exports the 95 % AUC interval contains the fitted model's large-sample AUC in 90-99 %.",
        "python -m benchmarks.prove trust --only 5",
        interval_covers,
    ),
    Line(
        6,
        "Promotion on simulated pairs, max_age aside: with no true difference at most 5 % promoted in a year of "
        "monthly looks; with a true gain of 5 % in log loss and 300 won leads a month at least 80 % promoted within "
        "three looks.",
        "python -m benchmarks.prove trust --only 6",
        promoted_rightly,
    ),
    Line(
        7,
        "Byte-equal bundles from 1 and 2 threads; ten concurrent trainings end with one champion and a sound registry; "
        "a full disk ends in a sentence.",
        "leadlight train",
        whole_or_not_at_all,
    ),
    Line(
        8,
        "check_estimator's outcome, each exception with its reason.",
        "sklearn.utils.estimator_checks.check_estimator",
        check_estimator_outcome,
    ),
]
"""In the order of the promise."""

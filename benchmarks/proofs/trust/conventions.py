"""Line 8: what scikit-learn's own checks say of the classifier, and why each one that does not pass does not."""

from __future__ import annotations

import warnings
from collections import Counter

from sklearn.exceptions import SkipTestWarning
from sklearn.utils.estimator_checks import check_estimator

from benchmarks.proofs.line import Check, at_least, equal, said
from benchmarks.proofs.workshop import Workshop
from pipeline.learning.estimator import LeadClassifier

EXPECTED_FAILURES: dict[str, str] = {}
"""Check -> why it fails, and is right to. There is none."""

LEAST = 50
"""Checks that pass: scikit-learn 1.9 makes 55 for a binary classifier, and other versions may leave some out."""

SKIPS = {
    "check_array_api_input": "needs SCIPY_ARRAY_API=1 in the environment, and asks for a support that is not claimed",
}
"""Check -> why scikit-learn skips it itself."""


def check_estimator_outcome(workshop: Workshop) -> list[Check]:
    """Every check, for the classifier as it is by default and with a fixed number of trees."""
    checks = []
    for name, estimator in (("by default", LeadClassifier()), ("with 20 trees", LeadClassifier(trees=20))):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SkipTestWarning)
            outcomes = check_estimator(estimator, expected_failed_checks=EXPECTED_FAILURES, on_fail=None, on_skip=None)
        counted = Counter(str(outcome["status"]) for outcome in outcomes)
        reasons = {**EXPECTED_FAILURES, **SKIPS}
        left = sorted({outcome["check_name"] for outcome in outcomes if outcome["status"] != "passed"})
        unexplained = [
            f"{outcome['check_name']}: {outcome['status']}: {outcome['exception']}"
            for outcome in outcomes
            if outcome["status"] == "failed" or (outcome["status"] != "passed" and outcome["check_name"] not in reasons)
        ]
        checks += [
            at_least(f"{name}: checks that pass, of {len(outcomes)}", counted["passed"], LEAST),
            said(f"{name}: outcomes", dict(sorted(counted.items()))),
            said(f"{name}: each exception with its reason", {one: reasons.get(one, "none") for one in left}),
            equal(f"{name}: without an explanation", unexplained, []),
        ]
    return checks

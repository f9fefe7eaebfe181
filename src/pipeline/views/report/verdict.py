"""The whole in a few sentences: whether the model is good, beside what, how sure that is, and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.views.palette import RIVALS
from pipeline.views.report.writing import esc, paragraph, share, three, within

Plain = Mapping[str, Any]

FEW = 10
"""Won leads below which a figure says little."""


def verdict(report: Plain) -> str:
    """What was found, and what follows from it, as two paragraphs."""
    judged = report["evaluation"]
    decision = _decision(report)
    if judged is None:
        found = "This version has no test figures here."
        remedy = "Run <code>leadlight train</code> to judge a model on the newest period."
        return f'<div class="verdict">{paragraph(found)}{paragraph(decision, remedy)}</div>'
    test = judged["test"]
    seen = [f"On {test['n']:,} observations that the model had not seen, {test['won_leads']:,} leads converted."]
    if test["won_leads"] < FEW:
        seen.append(f"<strong>Too few to judge:</strong> under {FEW} conversions no figure is worth a decision.")
        return f'<div class="verdict">{paragraph(*seen)}{paragraph(decision, "Wait for more outcomes.")}</div>'
    sound = calibrated(test)
    seen += _beside(judged)
    seen += _ranking(test)
    seen += _word(sound)
    return f'<div class="verdict">{paragraph(*seen)}{paragraph(decision, *_advice(judged, sound))}</div>'


def calibrated(test: Plain) -> bool | None:
    """Whether slope and intercept are a perfect model's as far as the test can tell; None where it cannot."""
    slope, level = test["calibration_slope"], test["calibration_intercept"]
    if slope["low"] is None or level["low"] is None:
        return None
    return bool(slope["low"] <= 1 <= slope["high"] and level["low"] <= 0 <= level["high"])


def _beside(judged: Plain) -> Iterator[str]:
    """The log loss beside that of simpler ones."""
    test, rivals = judged["test"], judged["baselines"]
    base = rivals["base_rate"]["log_loss"]["value"]
    own = test["log_loss"]["value"]
    if own is None or not base:
        return
    better = 1 - own / base
    others = [
        f"a {name} reaches {three(rivals[key]['log_loss']['value'])}"
        for key, name in RIVALS.items()
        if key != "base_rate" and key in rivals and rivals[key]["log_loss"]["value"] is not None
    ]
    yield (
        f"Its probabilities are {share(abs(better))} {'better' if better > 0 else 'worse'} than the base rate's by log "
        f"loss, {within(test['log_loss'])} against {three(base)}{'; ' if others else ''}{' and '.join(others)}."
    )


def _ranking(test: Plain) -> Iterator[str]:
    if test["auc"]["value"] is not None:
        yield (
            "Of a lead that converts and one that does not, it ranks the right one first in "
            f"{within(test['auc'], share)} of pairs."
        )
    if test["lift_10"]["value"] is not None:
        yield (
            f"The best tenth of the list holds {within(test['lift_10'], lambda x: f'{x:.1f}')} times as many "
            "conversions as a tenth at random."
        )


def _word(sound: bool | None) -> Iterator[str]:
    if sound is not None:
        yield (
            "A probability can be taken at its word: neither its level nor its spread differs from what came, as far "
            "as this test can tell."
            if sound
            else "Its probabilities are off as a whole."
        )


def _decision(report: Plain) -> str:
    if report["kind"] != "trees":
        return (
            f"<strong>The {esc(report['kind'])} serves alone:</strong> there were too few deals to learn more from."
            if report["serves"]
            else f"<strong>This version does not serve.</strong> It is the {esc(report['kind'])} alone."
        )
    judged = (report["evaluation"] or {}).get("verdict") or ""
    serves = "This version serves." if report["serves"] else "This version does not serve."
    return f"<strong>{serves}</strong> {esc(report.get('promotion') or judged)}"


def _advice(judged: Plain, sound: bool | None) -> Iterator[str]:
    """What to do with it: how to call, and whether to count on amounts."""
    if sound is False:
        yield "Use it to order the list, and see the calibration below before counting on its probabilities as amounts."
    calls = (judged.get("capacity") or {}).get("said") or []
    if calls:
        yield "Work the list from the top. " + esc(calls[0])

"""How good the model is: the verdict, its figures beside simpler ones, its curves, its past, what calls bring in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.views.palette import RIVALS
from pipeline.views.report import curves as drawings
from pipeline.views.report.verdict import FEW
from pipeline.views.report.writing import (
    NONE,
    Charts,
    amount,
    esc,
    figure,
    note,
    paragraph,
    share,
    table,
)

Plain = Mapping[str, Any]

FIGURES = {
    "auc": ("AUC", "ranking: 0.5 is chance, 1 is perfect"),
    "log_loss": ("log loss", "probabilities: less is better"),
    "average_precision": ("average precision", "how clean the top of the list is"),
    "brier": ("Brier score", "squared error: less is better"),
    "lift_10": ("lift at 10 %", "conversions in the best tenth, against random"),
    "calibration_error": ("calibration error", "from what was promised to what came, in bins"),
    "calibration_slope": ("calibration slope", "1: neither too bold nor too shy"),
    "calibration_intercept": ("calibration intercept", "0: neither too high nor too low"),
}


def figures(report: Plain, drawn: Charts) -> str:
    """The eight figures with intervals beside the scorecard, a logistic regression and the base rate; and by age."""
    judged = report["evaluation"]
    if judged is None:
        return note("There are no test figures of this version.")
    found = judged["baselines"]
    rivals = [
        name for name in RIVALS if name in found and any(found[name][key]["value"] is not None for key in FIGURES)
    ]
    rows = []
    for key, (name, meaning) in FIGURES.items():
        cells = [f"<strong>{name}</strong><small>{meaning}</small>", figure(judged["test"][key])]
        cells += [figure(judged["baselines"][rival][key]) for rival in rivals]
        rows.append(cells)
    test = judged["test"]
    period = (
        "the newest rows of the file" if test["from"] is None else f"cutoffs {test['from'][:10]} to {test['to'][:10]}"
    )
    whole = table(["figure", "model", *(RIVALS[name] for name in rivals)], rows)
    ages = [
        [
            esc(age),
            f"{one['n']:,}",
            f"{one['won_leads']:,}",
            share(one["base_rate"]),
            figure(one["auc"]),
            figure(one["log_loss"]),
        ]
        for age, one in judged["by_age"].items()
    ]
    by_age = table(["age of the lead", "observations", "won leads", "base rate", "AUC", "log loss"], ages)
    return (
        paragraph(
            f"The test is the newest period, {period}; nothing in it was learnt from. Intervals are 95 %, "
            "over accounts, "
            "contacts or leads, whichever several leads share."
        )
        + whole
        + "<h3>By age of the lead</h3>"
        + by_age
    )


def curves(report: Plain, drawn: Charts) -> str:
    """Reliability, gain, lift."""
    judged = report["evaluation"]
    if judged is None or not judged.get("curves"):
        return note("There are no curves: the test has no figures.")
    bins, points = judged["curves"]["reliability"], judged["curves"]["gain"]
    kept = [
        one
        for one in bins
        if one["won_share"]["low"] is not None
        and one["won_share"]["low"] <= one["mean_probability"] <= one["won_share"]["high"]
    ]
    told = f"{len(kept)} of {len(bins)} intervals hold the probability given"
    below = table(
        ["probability given", "observations", "won"],
        [[share(one["mean_probability"]), f"{one['n']:,}", figure(one["won_share"], share)] for one in bins],
    )
    caught = table(
        ["best share of the leads", "of the conversions"],
        [[share(one["share"]), figure(one["caught"], share)] for one in points],
    )
    pictures = [
        drawn.draw(drawings.reliability(bins), f"What was promised, and what came: {told}", below, small=True),
        drawn.draw(
            drawings.gain(points),
            "What the best leads catch of all conversions, with a band of 95 %",
            caught,
            small=True,
        ),
        drawn.draw(drawings.lift(points), "How many times as many conversions as at random", "", small=True),
    ]
    if not any(pictures):
        return note("There are no curves: nothing in the test was won, or everything was.")
    return f'<div class="row">{"".join(pictures)}</div>'


def backtest(report: Plain, drawn: Charts) -> str:
    """Training and test as it would have happened at each of the last periods."""
    found = report["backtest"]
    if isinstance(found, str):
        return note(esc(found))
    periods = found["periods"]
    names = [one["from"][:10] if one["from"] else f"part {place}" for place, one in enumerate(periods, start=1)]
    rows = [
        [
            name,
            f"{one['n']:,}",
            f"{one['won_leads']:,}",
            figure(one["figures"]["model"]["auc"]),
            figure(one["figures"]["model"]["log_loss"]),
            esc(one["verdict"]),
        ]
        for name, one in zip(names, periods, strict=True)
    ]
    below = table(["from", "observations", "won leads", "AUC", "log loss", "verdict"], rows, text=True)
    pictures = [
        drawn.draw(drawings.over_time(periods, names, "auc", "AUC"), "AUC by period: 0.5 is chance", below, small=True),
        drawn.draw(
            drawings.over_time(periods, names, "log_loss", "log loss"),
            "Log loss by period: less is better",
            "",
            small=True,
        ),
    ]
    told = "Each period was judged by a model that had seen only what was known before it."
    return paragraph(told, *(esc(one) for one in found["said"])) + f'<div class="row">{"".join(pictures)}</div>'


def capacity(report: Plain, drawn: Charts) -> str:
    """What so many calls a week would have caught, and which leads are safe to skip."""
    judged = report["evaluation"]
    found = (judged or {}).get("capacity")
    if not found or not found.get("table"):
        return note("There are no weekly lists in the test to say what calls bring in.")
    rows = [
        [
            f"{one['per_week']:,}",
            figure(one["caught"], amount),
            figure(one["expected"], amount),
            figure(one["missed"], amount),
            figure(one["precision"], share),
            figure(one["share"], share),
            figure(one["lift"], lambda x: f"{x:.1f}"),
        ]
        for one in found["table"]
    ]
    head = ["calls a week", "caught", "expected", "missed", "won per call", "of all", "lift"]
    skip = [
        [
            share(one["share"]),
            f"{one['leads_a_list']:,.0f}",
            share(one["conversions"]["value"]),
            share(one["conversions"]["high"]),
        ]
        for one in found["skip"]
        if one["conversions"]["high"] is not None
    ]
    told = paragraph(*(esc(one) for one in found["said"]))
    skipping = (
        "<h3>What can be skipped</h3>"
        + table(["the lowest", "leads a list", "of the conversions", "at most (95 %)"], skip)
        if skip
        else ""
    )
    return told + table(head, rows) + skipping


def segments(report: Plain, drawn: Charts) -> str:
    """Quality by segment, small groups marked."""
    judged = report["evaluation"]
    found = (judged or {}).get("segments") or {}
    if not found:
        return note("No segments are asked for: name them under <code>segments</code> in the workspace.")
    parts = []
    for column, groups in found.items():
        rows = []
        for value, one in groups.items():
            few = ' <span class="few">few</span>' if one["won_leads"] < FEW else ""
            rows.append(
                [
                    esc(value) + few,
                    f"{one['n']:,}",
                    f"{one['won_leads']:,}",
                    figure(one.get("auc")),
                    figure(one.get("log_loss")),
                    figure(one.get("mean_probability"), share),
                    share(one["base_rate"]) if one.get("base_rate") is not None else NONE,
                    figure(one.get("excess"), lambda x: f"{100 * x:+.1f} %"),
                ]
            )
        head = [column, "observations", "won leads", "AUC", "log loss", "promised", "won", "promised less won"]
        parts.append(table(head, rows))
    return "".join(parts)
